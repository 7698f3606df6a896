// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest memory in performance mode. Reserved huge pages are all taken at once:
 * one that is missing later would end this process by SIGBUS. A host's node is
 * preferred, not forced, for the same reason.
 */
#include <fcntl.h>
#include <linux/memfd.h>
#include <linux/mempolicy.h>
#include <linux/mman.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "performance.h"

#define THP_DIR		"/sys/kernel/mm/transparent_hugepage/"
#define HUGE_MIB	2
#define LONG_BITS	(8 * sizeof(unsigned long))
#define MAX_NODES	1024

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE	23
#endif

/* The word in brackets of a file of choices; "" when there is none. */
static void chosen(const char *path, char *word, size_t size)
{
	char text[128], *from, *to;

	word[0] = '\0';
	if (kt_read_line(path, text, sizeof(text)))
		return;
	from = strchr(text, '[');
	to = from ? strchr(from, ']') : NULL;
	if (to)
		snprintf(word, size, "%.*s", (int)(to - from - 1), from + 1);
}

/* There are not enough reserved ones. @path: whether there are others. */
static void refuse_huge(struct kt_performance *pf,
			const struct kt_machine_plan *plan, int err,
			const char *path)
{
	u32 nr = plan->memory_mib / HUGE_MIB;
	char mode[32];

	pf->no_huge = true;
	chosen(path, mode, sizeof(mode));
	if (!*mode || !strcmp(mode, "never") || !strcmp(mode, "deny"))
		kt_performance_refuse(pf, "huge pages refused: %u of 2 MiB: %s; reserve them (sysctl vm.nr_hugepages=%u), or have transparent ones (%s is \"%s\")",
				      nr, strerror(-err), nr, path, mode);
	else
		kt_performance_refuse(pf, "reserved huge pages refused: %u of 2 MiB: %s; reserve them (sysctl vm.nr_hugepages=%u). Transparent ones as the host finds them (%s is \"%s\")",
				      nr, strerror(-err), nr, path, mode);
}

static int bind_range(void *p, u64 size_bytes, int node)
{
	unsigned long mask[MAX_NODES / LONG_BITS] = {};

	mask[node / LONG_BITS] = 1ul << node % LONG_BITS;
	if (syscall(SYS_mbind, p, size_bytes, MPOL_PREFERRED, mask,
		    (unsigned long)MAX_NODES, 0))
		return -errno;
	return 0;
}

/* Nodes of memory alone have no CPUs to be near to. 0 or the first -errno. */
static int bind_nodes(const struct kt_performance *pf,
		      const struct kt_machine_plan *plan, char *base)
{
	int ret = 0, err;
	u32 i;

	for (i = 0; pf->placed && i < plan->topo.nodes; i++) {
		u64 size = kt_engine_node_bytes(plan, i);

		err = pf->place.node[i] < 0 ? 0 :
		      bind_range(base, size, pf->place.node[i]);
		ret = ret ? ret : err;
		base += size;
	}
	return ret;
}

static void say_nodes(struct kt_performance *pf, u32 nodes)
{
	u32 i;

	for (i = 0; i < nodes; i++)
		if (pf->place.node[i] >= 0)
			kt_performance_say(pf, "memory of node %u on host node %d",
					   i, pf->place.node[i]);
		else
			kt_performance_refuse(pf, "mbind of node %u's memory refused: its vCPUs are on several host nodes; take fewer CPUs in a node",
					      i);
}

static void say_bind(struct kt_performance *pf,
		     const struct kt_machine_plan *plan, int ret)
{
	if (!pf->placed)
		kt_performance_refuse(pf, "mbind refused: memory stays where it comes from: vCPUs are not pinned, so no host node is theirs");
	else if (ret)
		kt_performance_refuse(pf, "mbind refused: MPOL_PREFERRED: %s; the host's kernel needs CONFIG_NUMA, a container a filter that allows it (Docker's does with CAP_SYS_NICE)",
				      strerror(-ret));
	else
		say_nodes(pf, plan->topo.nodes);
}

static int map(void *base, u64 size_bytes, int flags)
{
	void *p = mmap(base, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE |
		       MAP_ANONYMOUS | MAP_FIXED | flags, -1, 0);

	return p == MAP_FAILED ? -errno : 0;
}

int kt_performance_map(struct kt_performance *pf,
		       const struct kt_machine_plan *plan, void *base)
{
	u64 size = (u64)plan->memory_mib << 20;
	int ret, bound = 0;

	if (!pf->asked)
		return 0;
	ret = map(base, size, MAP_HUGETLB | MAP_HUGE_2MB);
	if (!ret) {
		bound = bind_nodes(pf, plan, base);
		ret = madvise(base, size, MADV_POPULATE_WRITE) ? -errno : 0;
	}
	if (!ret) {
		kt_performance_say(pf, "%llu huge pages of 2 MiB, reserved ones",
				   (unsigned long long)plan->memory_mib / HUGE_MIB);
	} else {
		refuse_huge(pf, plan, ret, THP_DIR "enabled");
		ret = map(base, size, MAP_NORESERVE);
		if (ret)
			return kt_err(ret, "guest memory of %u MiB: %s",
				      plan->memory_mib, strerror(-ret));
		bound = bind_nodes(pf, plan, base);
	}
	say_bind(pf, plan, bound);
	return 0;
}

static int huge_file(const char *name, u64 size, int *fd)
{
	int ret = 0;

	*fd = memfd_create(name, MFD_HUGETLB | MFD_HUGE_2MB);
	if (*fd < 0)
		return -errno;
	if (ftruncate(*fd, size) || fallocate(*fd, 0, 0, size))
		ret = -errno;
	if (ret)
		kt_close(fd);
	return ret;
}

int kt_performance_file(struct kt_performance *pf,
			const struct kt_machine_plan *plan, u32 node, int *fd)
{
	u64 size = kt_engine_node_bytes(plan, node);
	char name[32];
	int ret;

	if (!pf->asked || pf->no_huge)
		return -ENODEV;
	snprintf(name, sizeof(name), "ktstr-node%u", node);
	ret = huge_file(name, size, fd);
	if (ret) {
		refuse_huge(pf, plan, ret, THP_DIR "shmem_enabled");
		return -ENODEV;
	}
	kt_performance_say(pf, "node %u: %llu huge pages of 2 MiB, reserved ones",
			   node, (unsigned long long)size >> 21);
	return 0;
}
