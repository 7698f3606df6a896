/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What something in the guest was, one value after another: a thread of the
 * test's process looks at it all the time, at a priority above the workers'.
 * For asserting after the steps what happened during them.
 */
#ifndef TESTS_MACHINE_HISTORY_H
#define TESTS_MACHINE_HISTORY_H

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ktstr.h>

#define HISTORY_VALUES	64
#define HISTORY_BYTES	96
#define HISTORY_LOOK_NS	2000000
#define HISTORY_PRIO	98

struct history {
	/* the case's: the value into @buf of HISTORY_BYTES; "" is left out */
	void (*look)(char *buf, const char *arg);
	const char *arg;
	/* what it was */
	uint32_t nr;
	char values[HISTORY_VALUES][HISTORY_BYTES];
};

static struct {
	struct history *set;
	uint32_t nr;
	atomic_bool stop;
	pthread_t thread;
} watcher;

static void history_look(struct history *h)
{
	char now[HISTORY_BYTES] = "";

	h->look(now, h->arg);
	if (!now[0] || h->nr == HISTORY_VALUES ||
	    (h->nr && !strcmp(h->values[h->nr - 1], now)))
		return;
	memcpy(h->values[h->nr++], now, sizeof(now));
}

static void *history_thread(void *unused)
{
	const struct timespec ts = { .tv_nsec = HISTORY_LOOK_NS };
	bool last;
	uint32_t i;

	do {
		last = atomic_load(&watcher.stop);
		for (i = 0; i < watcher.nr; i++)
			history_look(&watcher.set[i]);
		if (!last)
			nanosleep(&ts, NULL);
	} while (!last);
	return unused;
}

/* All of them from now on, until history_end(). One set at a time. */
static inline void history_begin(struct ktstr_ctx *t, struct history *set,
				 uint32_t nr)
{
	struct sched_param param = { .sched_priority = HISTORY_PRIO };

	watcher.set = set;
	watcher.nr = nr;
	atomic_store(&watcher.stop, false);
	KTSTR_ASSERT(t, !pthread_create(&watcher.thread, NULL, history_thread,
					NULL));
	KTSTR_ASSERT(t, !pthread_setschedparam(watcher.thread, SCHED_FIFO,
					       &param));
}

static inline void history_end(void)
{
	atomic_store(&watcher.stop, true);
	pthread_join(watcher.thread, NULL);
}

static inline const char *history_text(const struct history *h, char *buf,
				       size_t size)
{
	size_t len = 0;
	uint32_t i;

	buf[0] = '\0';
	for (i = 0; i < h->nr && len < size; i++)
		len += snprintf(buf + len, size - len, "%s%s", i ? " | " : "",
				h->values[i]);
	return buf;
}

/* Expects the values "a | b | c", and notes what they were if not. */
static inline void history_expect(struct ktstr_ctx *t, const struct history *h,
				  const char *want)
{
	char seen[1024];

	history_text(h, seen, sizeof(seen));
	if (!KTSTR_EXPECT(t, !strcmp(seen, want)))
		ktstr_note(t, "%.60s: \"%.200s\", not \"%.200s\"", h->arg, seen,
			   want);
}

/* @want is among them. */
static inline void history_has(struct ktstr_ctx *t, const struct history *h,
			       const char *want)
{
	char seen[1024];
	uint32_t i;

	for (i = 0; i < h->nr; i++)
		if (!strcmp(h->values[i], want))
			break;
	if (!KTSTR_EXPECT(t, i < h->nr))
		ktstr_note(t, "%.60s: \"%.300s\" without \"%.60s\"", h->arg,
			   history_text(h, seen, sizeof(seen)), want);
}

/* The first line of a file. */
static inline void look_file(char *buf, const char *path)
{
	FILE *f = fopen(path, "re");

	if (f && fgets(buf, HISTORY_BYTES, f))
		buf[strcspn(buf, "\n")] = '\0';
	if (f)
		fclose(f);
}

/* What follows @key in the first lines of a file. */
static inline void look_key(char *buf, const char *path, const char *key)
{
	char line[256];
	FILE *f = fopen(path, "re");

	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, key, strlen(key)))
			continue;
		snprintf(buf, HISTORY_BYTES, "%.90s",
			 line + strlen(key) + strspn(line + strlen(key), ": \t"));
		buf[strcspn(buf, "\n")] = '\0';
		break;
	}
	if (f)
		fclose(f);
}

/* The first process of the cgroup whose directory is @dir; 0: none. */
static inline int first_of(const char *dir)
{
	char path[256], buf[HISTORY_BYTES] = "";

	snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
	look_file(buf, path);
	return atoi(buf);
}

/* How many processes are in the cgroup @dir. */
static inline void look_nr_procs(char *buf, const char *dir)
{
	char path[256], line[32];
	uint32_t nr = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
	f = fopen(path, "re");
	if (!f)
		return;
	while (fgets(line, sizeof(line), f))
		nr++;
	fclose(f);
	snprintf(buf, HISTORY_BYTES, "%u", nr);
}

/* The CPUs that its first process may use. */
static inline void look_allowed(char *buf, const char *dir)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/status", first_of(dir));
	look_key(buf, path, "Cpus_allowed_list");
}

#endif /* TESTS_MACHINE_HISTORY_H */
