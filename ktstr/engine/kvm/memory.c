// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest memory, and where it lies for the guest.
 */
#include <fcntl.h>
#include <linux/bits.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../base/fd.h"
#include "../../base/log.h"
#include "../saved_memory.h"
#include "memory.h"
#include "x86/layout.h"

#define HUGE_PAGE	(2ULL << 20)

/* Documentation/admin-guide/mm/pagemap.rst */
#define PM_ENTRIES	512
#define PM_PRESENT	BIT_ULL(63)
#define PM_SWAPPED	BIT_ULL(62)
#define PM_FILE	BIT_ULL(61)

static void set_regions(const struct kt_kvm_memory *mem,
			struct kt_region *regions, u32 *nr)
{
	u64 low = min_t(u64, mem->size_bytes, KT_X86_HOLE_START);

	*nr = 1;
	regions[0] = (struct kt_region){ 0, low, mem->base };
	if (low == mem->size_bytes)
		return;
	*nr = 2;
	regions[1] = (struct kt_region){ KT_X86_HIGH_START,
					 mem->size_bytes - low,
					 (char *)mem->base + low };
}

/*
 * Address space of @mem's size that begins where a huge page may, so that KVM
 * maps guest memory in huge pages, too.
 */
static void *reserve(u64 size_bytes)
{
	u64 room = size_bytes + HUGE_PAGE, front;
	char *p;

	p = mmap(NULL, room, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	front = -(uintptr_t)p & (HUGE_PAGE - 1);
	if (front)
		munmap(p, front);
	munmap(p + front + size_bytes, room - front - size_bytes);
	return p + front;
}

/* No child of ours shares it, a core dump of ours is not the guest's. */
static void keep_ours(const struct kt_kvm_memory *mem)
{
	madvise(mem->base, mem->size_bytes, MADV_DONTFORK);
	madvise(mem->base, mem->size_bytes, MADV_DONTDUMP);
}

int kt_kvm_memory_map(struct kt_kvm_memory *mem,
		      const struct kt_machine_plan *plan,
		      struct kt_performance *pf, struct kt_region *regions,
		      u32 *nr)
{
	int ret;

	mem->size_bytes = (u64)plan->memory_mib << 20;
	mem->base = reserve(mem->size_bytes);
	if (!mem->base)
		return kt_err(-errno, "guest memory of %u MiB: %s",
			      plan->memory_mib, strerror(errno));
	ret = kt_performance_map(pf, plan, mem->base);
	if (ret) {
		kt_kvm_memory_unmap(mem);
		return ret;
	}
	/* where the host has none to give, pages of 4 KiB do */
	madvise(mem->base, mem->size_bytes, MADV_HUGEPAGE);
	keep_ours(mem);
	set_regions(mem, regions, nr);
	return 0;
}

void kt_kvm_memory_unmap(struct kt_kvm_memory *mem)
{
	if (mem->base)
		munmap(mem->base, mem->size_bytes);
	mem->base = NULL;
}

/* What becomes of each page of a guest's memory, in this process. */
struct walk {
	int fd;			/* /proc/self/pagemap */
	const struct kt_kvm_memory *mem;
	u64 page_nr;		/* of @entries[0] */
	u32 nr;
	u64 entries[PM_ENTRIES];
};

static int walk_begin(struct walk *w, const struct kt_kvm_memory *mem)
{
	w->fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	w->mem = mem;
	w->page_nr = 0;
	w->nr = 0;
	return w->fd < 0 ? -errno : 0;
}

/* 1, or 0 at the end, or -errno. */
static int walk_next(struct walk *w)
{
	u64 first = (uintptr_t)w->mem->base / KT_SAVED_PAGE;
	ssize_t n;

	w->page_nr += w->nr;
	w->nr = min_t(u64, w->mem->size_bytes / KT_SAVED_PAGE - w->page_nr,
		      PM_ENTRIES);
	if (!w->nr)
		return 0;
	n = pread(w->fd, w->entries, w->nr * sizeof(u64),
		  (first + w->page_nr) * sizeof(u64));
	if (n == (ssize_t)(w->nr * sizeof(u64)))
		return 1;
	return n < 0 ? -errno : -ENODATA;
}

static bool is_there(u64 entry)
{
	return entry & (PM_PRESENT | PM_SWAPPED);
}

/* Runs of pages that were ever touched: to look at others would touch them. */
static int save_pages(const struct walk *w, struct kt_saved *saved)
{
	u32 i, begin = 0;
	int ret = 0;

	for (i = 0; i <= w->nr && !ret; i++) {
		u64 at = (w->page_nr + begin) * KT_SAVED_PAGE;

		if (i < w->nr && is_there(w->entries[i]))
			continue;
		if (i > begin)
			ret = kt_saved_write(saved->memory_fd,
					     saved->memory_at + at,
					     (u8 *)w->mem->base + at,
					     (i - begin) * KT_SAVED_PAGE,
					     w->page_nr + begin,
					     &saved->memory_sum);
		begin = i + 1;
	}
	return ret;
}

int kt_kvm_memory_save(const struct kt_kvm_memory *mem, struct kt_saved *saved)
{
	struct walk w;
	int ret = walk_begin(&w, mem);

	saved->memory_sum = 0;
	while (!ret && (ret = walk_next(&w)) > 0)
		ret = save_pages(&w, saved);
	kt_close(&w.fd);
	return ret;
}

/*
 * A page of zeroes that all share looks like one of our own: the guest has read
 * there and never written. There are few of them.
 */
static void count_pages(const struct walk *w, struct kt_machine_memory *count)
{
	u32 i;

	for (i = 0; i < w->nr; i++) {
		if (!is_there(w->entries[i]))
			continue;
		if (w->entries[i] & PM_FILE)
			count->shared_bytes += KT_SAVED_PAGE;
		else
			count->own_bytes += KT_SAVED_PAGE;
	}
}

int kt_kvm_memory_count(const struct kt_kvm_memory *mem,
			struct kt_machine_memory *count)
{
	struct walk w;
	int ret = walk_begin(&w, mem);

	*count = (struct kt_machine_memory){};
	while (!ret && (ret = walk_next(&w)) > 0) {
		count_pages(&w, count);
		ret = 0;
	}
	kt_close(&w.fd);
	return ret;
}

/* Behind the end of a file there is nothing to be mapped. */
static int check(const struct kt_kvm_memory *mem, const struct kt_saved *saved)
{
	struct stat st;
	u64 sum = 0;
	int ret;

	if (fstat(saved->memory_fd, &st))
		return -errno;
	if ((u64)st.st_size < saved->memory_at + mem->size_bytes)
		return -ENODATA;
	if (saved->trusted)
		return 0;
	ret = kt_saved_sum(saved->memory_fd, saved->memory_at, mem->size_bytes,
			   &sum);
	return ret || sum == saved->memory_sum ? ret : -EBADMSG;
}

int kt_kvm_memory_load(struct kt_kvm_memory *mem, const struct kt_saved *saved)
{
	int ret = check(mem, saved);

	if (ret)
		return ret;
	if (mmap(mem->base, mem->size_bytes, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, saved->memory_fd,
		 saved->memory_at) == MAP_FAILED)
		return -errno;
	keep_ours(mem);
	return 0;
}

u32 kt_kvm_memory_ranges(const struct kt_machine_plan *plan,
			 struct kt_node_range *ranges)
{
	u64 split = KT_X86_HOLE_START, at = 0;
	u32 node, nr = 0;

	for (node = 0; node < kt_topology_all_nodes(&plan->topo); node++) {
		u64 left = kt_engine_node_bytes(plan, node);

		while (left) {
			bool low = at < split;
			u64 part = low ? min_t(u64, left, split - at) : left;

			ranges[nr++] = (struct kt_node_range){
				.gpa = low ? at : at - split + KT_X86_HIGH_START,
				.size_bytes = part, .node = node,
			};
			at += part;
			left -= part;
		}
	}
	return nr;
}
