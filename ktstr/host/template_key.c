// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a template is known by. The engine's own command says most of it; the
 * rest is what the command only names, and what it runs on.
 */
#include <ctype.h>
#include <stdio.h>
#include <sys/stat.h>

#include "../base/fd.h"
#include "template.h"

#define CPUINFO_MAX	(4u << 20)

/* The host's clock rate, measured anew each time: the file has it. */
static const char *const measured[] = { "tsc_early_khz=", "lpj=" };

/* The digits behind its first @word, which is the engine's own, go. */
static void forget_number(char *text, const char *word)
{
	char *at = strstr(text, word), *end;

	if (!at)
		return;
	at += strlen(word);
	end = at + strspn(at, "0123456789");
	memmove(at, end, strlen(end) + 1);
}

static int add_command(const struct kt_session *s,
		       const struct kt_machine_plan *mp, struct kt_strbuf *key)
{
	char *text;
	size_t i;
	int ret;

	ret = s->engine->describe(mp, &text);
	if (ret)
		return ret;
	for (i = 0; i < ARRAY_SIZE(measured); i++)
		forget_number(text, measured[i]);
	kt_strbuf_addf(key, "command %s\n", text);
	free(text);
	return 0;
}

static int add_file(struct kt_strbuf *key, const char *what, const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return -errno;
	kt_strbuf_addf(key, "%s %s: %llu bytes of %lld.%09ld, inode %llu on %llu\n",
		       what, path, (unsigned long long)st.st_size,
		       (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
		       (unsigned long long)st.st_ino,
		       (unsigned long long)st.st_dev);
	return 0;
}

/* The first CPU's; all others are taken to be the same. */
static void add_host_cpu(struct kt_strbuf *key)
{
	static const char *const fields[] = { "model name", "stepping",
					      "microcode", "flags" };
	char *text, *line;
	size_t i;

	if (kt_read_file("/proc/cpuinfo", CPUINFO_MAX, &text, NULL))
		return;
	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		line = strstr(text, fields[i]);
		if (line)
			kt_strbuf_addf(key, "host %.*s\n",
				       (int)strcspn(line, "\n"), line);
	}
	free(text);
}

int kt_template_key(const struct kt_session *s,
		    const struct kt_machine_plan *mp, u64 initramfs,
		    const struct kt_disks *disks, struct kt_strbuf *key)
{
	int ret;

	kt_strbuf_addf(key, "engine %s, %s\n", s->engine->name,
		       s->caps.version);
	kt_strbuf_addf(key, "initramfs %016llx\n",
		       (unsigned long long)initramfs);
	ret = add_file(key, "kernel", mp->kernel);
	if (!ret)
		ret = add_command(s, mp, key);
	kt_disks_identify(disks, key);
	add_host_cpu(key);
	if (!ret && key->overflow)
		ret = -E2BIG;
	return ret;
}
