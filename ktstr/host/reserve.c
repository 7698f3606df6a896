// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPU reservations: all or nothing, tried again until the deadline.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/file.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "reserve.h"

#define RETRY_MS	50
#define SAY_AFTER_MS	1000

static int allowed_cpus(cpu_set_t *set)
{
	return sched_getaffinity(0, sizeof(*set), set) ? -errno : 0;
}

u32 kt_host_cpus(void)
{
	cpu_set_t set;

	return allowed_cpus(&set) ? 1 : CPU_COUNT(&set);
}

u32 kt_host_free_mib(void)
{
	unsigned long kib = 0;
	char *text, *line;

	if (kt_read_file("/proc/meminfo", 64 << 10, &text, NULL))
		return 0;
	line = strstr(text, "MemAvailable:");
	if (line)
		kib = strtoul(line + strlen("MemAvailable:"), NULL, 10);
	free(text);
	return kib / 1024;
}

void kt_reserve_release(struct kt_reservation *r)
{
	u32 i;

	for (i = 0; i < r->nr; i++)
		kt_close(&r->fds[i]);
	r->nr = 0;
}

static bool take_cpu(struct kt_reservation *r, u32 cpu)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u", cpu);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		kt_close(&fd);
		return false;
	}
	r->cpus[r->nr] = cpu;
	r->fds[r->nr++] = fd;
	return true;
}

static bool take_all(struct kt_reservation *r, const cpu_set_t *set, u32 nr)
{
	u32 cpu;

	for (cpu = 0; cpu < CPU_SETSIZE && r->nr < nr; cpu++)
		if (CPU_ISSET(cpu, set))
			take_cpu(r, cpu);
	if (r->nr == nr)
		return true;
	kt_reserve_release(r);
	return false;
}

int kt_reserve_cpus(struct kt_reservation *r, u32 nr, u64 deadline_ns,
		    int cancel_fd)
{
	u64 say_at = kt_now_ns() + SAY_AFTER_MS * KT_NSEC_PER_MSEC;
	cpu_set_t set;
	u64 now;
	int ret;

	memset(r, 0, sizeof(*r));
	ret = allowed_cpus(&set);
	if (ret)
		return ret;
	nr = min_t(u32, nr, CPU_COUNT(&set));
	nr = min_t(u32, nr, KT_MAX_RESERVED);
	while (!take_all(r, &set, nr)) {
		now = kt_now_ns();
		if (now >= deadline_ns)
			return -ETIMEDOUT;
		if (now >= say_at) {
			kt_info("waiting for %u host CPU%s that other runs hold",
				nr, nr == 1 ? "" : "s");
			say_at = KT_NO_DEADLINE;
		}
		if (kt_wait_readable(cancel_fd, now +
				     RETRY_MS * KT_NSEC_PER_MSEC) > 0)
			return -ECANCELED;
	}
	return 0;
}
