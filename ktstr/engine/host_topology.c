// SPDX-License-Identifier: GPL-2.0-only
/*
 * Host topology from sysfs.
 */
#include <ctype.h>
#include <stdio.h>

#include "../base/fd.h"
#include "host_topology.h"

#define LIST_MAX	4096	/* bytes of a list of CPUs */
#define PATH_BYTES	256
#define MAX_CACHES	8
#define MAX_NODES	1024

static bool take_number(const char **s, u32 *n)
{
	u32 v = 0;

	if (!isdigit((unsigned char)**s))
		return false;
	while (isdigit((unsigned char)**s) && v < CPU_SETSIZE)
		v = v * 10 + (*(*s)++ - '0');
	*n = v;
	return v < CPU_SETSIZE;
}

int kt_cpulist_parse(const char *s, cpu_set_t *set)
{
	u32 from, to;

	CPU_ZERO(set);
	while (*s) {
		if (!take_number(&s, &from))
			return -EINVAL;
		to = from;
		if (*s == '-') {
			s++;
			if (!take_number(&s, &to))
				return -EINVAL;
		}
		while (from <= to)
			CPU_SET(from++, set);
		if (!*s)
			break;
		/* and one more behind each comma */
		if (*s != ',' || !*++s)
			return -EINVAL;
	}
	return 0;
}

const char *kt_cpulist_str(const cpu_set_t *set, char *buf, size_t size)
{
	size_t len = 0;
	u32 cpu, last;

	buf[0] = '\0';
	for (cpu = 0; cpu < CPU_SETSIZE && len < size; cpu = last + 1) {
		last = cpu;
		if (!CPU_ISSET(cpu, set))
			continue;
		while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, set))
			last++;
		len += snprintf(buf + len, size - len, "%s%u", len ? "," : "",
				cpu);
		if (last > cpu && len < size)
			len += snprintf(buf + len, size - len, "-%u", last);
	}
	return buf;
}

/* A list in a file; false unless it can be read and has a CPU in it. */
static bool read_list(const char *dir, const char *name, cpu_set_t *set)
{
	char path[PATH_BYTES], text[LIST_MAX];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >=
	    sizeof(path) || kt_read_line(path, text, sizeof(text)))
		return false;
	return !kt_cpulist_parse(text, set) && CPU_COUNT(set);
}

static u32 first_of(const cpu_set_t *set)
{
	u32 cpu;

	for (cpu = 0; cpu < CPU_SETSIZE && !CPU_ISSET(cpu, set); cpu++)
		;
	return cpu;
}

/* The CPUs that share the cache of the highest level with this one. */
static bool read_llc(const char *dir, cpu_set_t *set)
{
	char name[64], path[PATH_BYTES], text[16];
	unsigned long level, highest = 0;
	cpu_set_t shared;
	u32 i;

	for (i = 0; i < MAX_CACHES; i++) {
		snprintf(path, sizeof(path), "%s/cache/index%u/level", dir, i);
		if (kt_read_line(path, text, sizeof(text)))
			continue;
		level = strtoul(text, NULL, 10);
		snprintf(name, sizeof(name), "cache/index%u/shared_cpu_list",
			 i);
		/* level 1 is a core's */
		if (level < 2 || level <= highest ||
		    !read_list(dir, name, &shared))
			continue;
		highest = level;
		*set = shared;
	}
	return highest;
}

static void read_cpu(struct kt_host_cpu *c, const char *sysfs)
{
	char dir[PATH_BYTES - 64];
	cpu_set_t set;
	u32 i;

	snprintf(dir, sizeof(dir), "%s/cpu/cpu%u", sysfs, c->id);
	c->core = c->id;
	if (read_list(dir, "topology/thread_siblings_list", &set) &&
	    CPU_ISSET(c->id, &set)) {
		c->core = first_of(&set);
		for (i = c->core; i < c->id; i++)
			c->thread += !!CPU_ISSET(i, &set);
	}
	if (read_llc(dir, &set) && CPU_ISSET(c->id, &set))
		c->llc = first_of(&set);
}

static void read_nodes(struct kt_host *h, const char *sysfs)
{
	char dir[PATH_BYTES - 64];
	cpu_set_t nodes, cpus;
	u32 node, i;

	snprintf(dir, sizeof(dir), "%s/node", sysfs);
	if (!read_list(dir, "online", &nodes))
		return;
	for (node = 0; node < MAX_NODES; node++) {
		if (!CPU_ISSET(node, &nodes))
			continue;
		snprintf(dir, sizeof(dir), "%s/node/node%u", sysfs, node);
		if (!read_list(dir, "cpulist", &cpus))
			continue;
		for (i = 0; i < h->nr; i++)
			if (CPU_ISSET(h->cpus[i].id, &cpus))
				h->cpus[i].node = node;
	}
}

void kt_host_read(struct kt_host *h, const char *sysfs,
		  const cpu_set_t *allowed)
{
	char dir[PATH_BYTES - 64];
	cpu_set_t online;
	u32 cpu;

	memset(h, 0, sizeof(*h));
	snprintf(dir, sizeof(dir), "%s/cpu", sysfs);
	if (!read_list(dir, "online", &online))
		online = *allowed;
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, allowed) || !CPU_ISSET(cpu, &online))
			continue;
		h->cpus[h->nr].id = cpu;
		read_cpu(&h->cpus[h->nr++], sysfs);
	}
	read_nodes(h, sysfs);
}
