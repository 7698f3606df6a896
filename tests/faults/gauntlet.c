// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases for a small gauntlet, for the script gauntlet-fails-by-its-cell: one
 * fails on machines of three LLCs, one is too large for any host, one fits none
 * of the presets that are run.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include <ktstr.h>

KTSTR_SCHED(simple, .binary = "scx_simple",
	    .flags = KTSTR_FLAGS({ .name = "fifo", .args = KTSTR_ARGS("-f") },
				 { .name = "verbose", .args = KTSTR_ARGS("-v"),
				   .requires = KTSTR_NAMES("fifo") }));

/* Tells by what arguments the scheduler of this case runs. */
static void note_arguments(struct ktstr_ctx *t)
{
	DIR *proc = opendir("/proc");
	char path[300], line[256];
	struct dirent *d;
	size_t n, i;
	FILE *f;

	while (proc && (d = readdir(proc))) {
		snprintf(path, sizeof(path), "/proc/%s/cmdline", d->d_name);
		f = fopen(path, "r");
		n = f ? fread(line, 1, sizeof(line) - 1, f) : 0;
		if (f)
			fclose(f);
		for (i = 0; i + 1 < n; i++)
			if (!line[i])
				line[i] = ' ';
		line[n] = '\0';
		if (strstr(line, "/scx_simple"))
			ktstr_note(t, "runs as %s.", line);
	}
	if (proc)
		closedir(proc);
}

KTSTR_TEST(two_llcs, .desc = "is right on two LLCs, and fails on three",
	   .sched = &simple, .not_flags = KTSTR_NAMES("fifo"),
	   .duration_ms = 200)
{
	KTSTR_EXPECT_LE(t, ktstr_nr_llcs(t), 2);
}

KTSTR_TEST(profiles, .desc = "runs by every profile of its scheduler",
	   .sched = &simple, .topology = "1n2l2c1t", .duration_ms = 200,
	   .needs = { .max_cpus = 4, .llcs = 2 })
{
	note_arguments(t);
	KTSTR_EXPECT_EQ(t, ktstr_nr_cpus(t), 4);
}

KTSTR_TEST(too_large, .desc = "needs more memory than any host has",
	   .memory_mib = 1u << 30, .duration_ms = 200,
	   .needs = { .max_cpus = 4 })
{
}

KTSTR_TEST(fits_none, .desc = "needs more LLCs than a small preset has",
	   .topology = "1n8l1c1t", .needs = { .llcs = 8 }, .duration_ms = 200)
{
}
