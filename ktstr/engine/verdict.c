// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file of a verdict. It is read by whoever runs a test, so it is replaced
 * whole.
 */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/strbuf.h"
#include "../base/xdg.h"
#include "payload.h"
#include "verdict.h"

#define FILE_MAX	(KT_VERDICT_KEY_MAX + 1024)
#define LINES		4

void kt_verdict_key(const char *path, int who, char *key, size_t size)
{
	char boot_id[64] = "";
	struct stat st = {};
	size_t payload_bytes;

	kt_payload_code(&payload_bytes);
	kt_read_line("/proc/sys/kernel/random/boot_id", boot_id,
		     sizeof(boot_id));
	if (*path && stat(path, &st))
		st = (struct stat){};
	snprintf(key, size, "%s %s %lld %lld %d %zu", boot_id, path,
		 (long long)st.st_mtime, (long long)st.st_size, who,
		 payload_bytes);
}

static bool file_path(const char *engine, char *path, size_t size)
{
	char dir[PATH_MAX];

	if (kt_cache_dir("probe", dir, sizeof(dir)))
		return false;
	return (size_t)snprintf(path, size, "%s/%s", dir, engine) < size;
}

/* Takes @text apart; false unless all lines are there. */
static bool split(char *text, char *line[LINES])
{
	char *end;
	u32 i;

	for (i = 0; i < LINES; i++) {
		line[i] = text;
		end = strchr(text, '\n');
		if (!end)
			return false;
		*end = '\0';
		text = end + 1;
	}
	return true;
}

static bool take(char *line[LINES], struct kt_engine_caps *caps)
{
	u32 watchpoints, nested, max_vcpus;

	if (sscanf(line[3], "watchpoints=%u nested=%u max_vcpus=%u",
		   &watchpoints, &nested, &max_vcpus) != 3)
		return false;
	kt_utf8_copy(caps->version, sizeof(caps->version), line[1]);
	kt_utf8_copy(caps->why_not, sizeof(caps->why_not), line[2]);
	caps->usable = !*line[2];
	caps->watchpoints = watchpoints;
	caps->nested = nested;
	caps->max_vcpus = max_vcpus;
	return true;
}

bool kt_verdict_load(const char *engine, const char *key,
		     struct kt_engine_caps *caps)
{
	char path[PATH_MAX], *text, *line[LINES];
	bool found;

	if (!file_path(engine, path, sizeof(path)) ||
	    kt_read_file(path, FILE_MAX, &text, NULL))
		return false;
	found = split(text, line) && !strcmp(line[0], key) && take(line, caps);
	free(text);
	return found;
}

void kt_verdict_store(const char *engine, const char *key,
		      const struct kt_engine_caps *caps)
{
	char path[PATH_MAX], tmp[PATH_MAX + 32];
	FILE *f;

	if (!file_path(engine, path, sizeof(path)))
		return;
	snprintf(tmp, sizeof(tmp), "%s.%d", path, getpid());
	f = fopen(tmp, "we");
	if (!f)
		return;
	fprintf(f, "%s\n%s\n%s\nwatchpoints=%u nested=%u max_vcpus=%u\n", key,
		caps->version, caps->why_not, caps->watchpoints, caps->nested,
		caps->max_vcpus);
	if (fclose(f) || rename(tmp, path))
		unlink(tmp);
}
