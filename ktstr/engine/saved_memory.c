// SPDX-License-Identifier: GPL-2.0-only
/*
 * The copy is a read into a buffer that the cache holds, a look at it, and a
 * write of what is not zero. That is as fast as to let the kernel copy, which
 * spends its time on the new pages; the sum is a tenth of it.
 */
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "saved_memory.h"

#define CHUNK_PAGES	32
#define CHUNK_BYTES	(CHUNK_PAGES * KT_SAVED_PAGE)
#define PAGE_WORDS	(KT_SAVED_PAGE / sizeof(u64))
#define NOWHERE		INT_MIN	/* only the sum is wanted */

static bool is_zero(const u64 *page)
{
	return !page[0] && !memcmp(page, page + 1, KT_SAVED_PAGE - sizeof(u64));
}

static int write_at(int fd, const void *data, size_t len_bytes, u64 at)
{
	const u8 *p = data;

	while (len_bytes) {
		ssize_t n = pwrite(fd, p, len_bytes, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -ENOSPC;
		p += n;
		at += n;
		len_bytes -= n;
	}
	return 0;
}

static int read_at(int fd, void *data, size_t len_bytes, u64 at)
{
	u8 *p = data;

	while (len_bytes) {
		ssize_t n = pread(fd, p, len_bytes, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -ENODATA;
		p += n;
		at += n;
		len_bytes -= n;
	}
	return 0;
}

/* Writes the runs of pages in @chunk that are not zero; none to NOWHERE. */
static int write_runs(int dst, u64 dst_at, const u64 *chunk, u32 nr_pages,
		      u64 page_nr, u64 *sum)
{
	u32 i, begin = 0;
	int ret = 0;

	for (i = 0; i <= nr_pages && !ret; i++) {
		const u64 *page = chunk + i * PAGE_WORDS;

		if (i < nr_pages && !is_zero(page)) {
			*sum += XXH3_64bits_withSeed(page, KT_SAVED_PAGE,
						     page_nr + i);
			continue;
		}
		if (i > begin && dst != NOWHERE)
			ret = write_at(dst, chunk + begin * PAGE_WORDS,
				       (i - begin) * KT_SAVED_PAGE,
				       dst_at + (u64)begin * KT_SAVED_PAGE);
		begin = i + 1;
	}
	return ret;
}

/* @len_bytes of data, or of what the file system takes for it. */
static int copy_data(int dst, u64 dst_at, int src, u64 src_at, u64 len_bytes,
		     u64 page_nr, u64 *sum)
{
	u64 chunk[CHUNK_BYTES / sizeof(u64)];
	int ret = 0;

	while (!ret && len_bytes) {
		size_t n = min_t(u64, len_bytes, sizeof(chunk));

		ret = read_at(src, chunk, n, src_at);
		if (!ret)
			ret = write_runs(dst, dst_at, chunk,
					 n / KT_SAVED_PAGE, page_nr, sum);
		dst_at += n;
		src_at += n;
		page_nr += n / KT_SAVED_PAGE;
		len_bytes -= n;
	}
	return ret;
}

/* The next data in [@at, @end) by whole pages; an empty one: there is none. */
static int next_data(int src, u64 src_at, u64 at, u64 end, u64 *from, u64 *to)
{
	off_t data = lseek(src, src_at + at, SEEK_DATA), hole;

	*from = end;
	*to = end;
	if (data < 0)
		return errno == ENXIO ? 0 : -errno;
	if ((u64)data >= src_at + end)
		return 0;
	hole = lseek(src, data, SEEK_HOLE);
	if (hole < 0)
		return -errno;
	*from = (data - src_at) / KT_SAVED_PAGE * KT_SAVED_PAGE;
	*to = min_t(u64, (hole - src_at + KT_SAVED_PAGE - 1) /
		    KT_SAVED_PAGE * KT_SAVED_PAGE, end);
	return 0;
}

int kt_saved_copy(int dst, u64 dst_at, int src, u64 src_at, u64 len_bytes,
		  u64 page_nr, u64 *sum)
{
	u64 at = 0, from, to;
	struct stat st;
	int ret = 0;

	if (len_bytes % KT_SAVED_PAGE)
		return -EINVAL;
	if (fstat(src, &st))
		return -errno;
	if ((u64)st.st_size < src_at + len_bytes)
		return -ENODATA;
	while (!ret && at < len_bytes) {
		ret = next_data(src, src_at, at, len_bytes, &from, &to);
		if (!ret)
			ret = copy_data(dst, dst_at + from, src, src_at + from,
					to - from,
					page_nr + from / KT_SAVED_PAGE, sum);
		at = to;
	}
	return ret;
}

int kt_saved_write(int dst, u64 dst_at, const void *src, u64 len_bytes,
		   u64 page_nr, u64 *sum)
{
	const u8 *p = src;
	u64 at, n;
	int ret = 0;

	if (len_bytes % KT_SAVED_PAGE)
		return -EINVAL;
	for (at = 0; at < len_bytes && !ret; at += n) {
		n = min_t(u64, len_bytes - at, CHUNK_BYTES);
		ret = write_runs(dst, dst_at + at, (const u64 *)(p + at),
				 n / KT_SAVED_PAGE,
				 page_nr + at / KT_SAVED_PAGE, sum);
	}
	return ret;
}

int kt_saved_sum(int src, u64 src_at, u64 len_bytes, u64 *sum)
{
	return kt_saved_copy(NOWHERE, 0, src, src_at, len_bytes, 0, sum);
}
