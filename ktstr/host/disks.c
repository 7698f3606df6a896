// SPDX-License-Identifier: GPL-2.0-only
/*
 * Disks from their declarations. A disk of the run's own is a file without a
 * name in $TMPDIR (/tmp), or in memory where that cannot be; a copy shares its
 * blocks with the original where the file system can do that, and keeps its
 * holes where not.
 */
#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/fs.h>

#include "../base/fd.h"
#include "../base/fnv.h"
#include "../base/log.h"
#include "disks.h"
#include "find.h"

#define MIB		0x100000ULL
#define SIZE_MIB_MAX	(16u << 20)	/* 16 TiB: what ext4 and others hold */

static bool is_end(const struct ktstr_disk *d)
{
	return !d->size_mib && !d->file;
}

/* The end has nothing else set, or it was meant to be a disk. */
static const char *end_fault(const struct ktstr_disk *d)
{
	if (d->serial || d->read_only || d->iops || d->bytes_per_s || d->shared)
		return "a disk has neither .size_mib nor .file";
	return NULL;
}

static const char *serial_fault(const char *s)
{
	if (s && (!*s || strlen(s) > KT_BLOCK_ID_BYTES))
		return "a disk's .serial is empty or longer than 20 characters";
	for (; s && *s; s++)
		if (!isgraph((unsigned char)*s))
			return "a disk's .serial has a character that is not printable";
	return NULL;
}

static const char *disk_fault(const struct ktstr_disk *d)
{
	if (d->size_mib > SIZE_MIB_MAX)
		return "a disk's .size_mib is more than 16 TiB";
	if (d->shared && !d->file)
		return "a disk is .shared and has no .file";
	return serial_fault(d->serial);
}

const char *kt_disks_fault(const struct ktstr_disk *declared)
{
	const struct ktstr_disk *d = declared;
	const char *fault = NULL;

	for (; d && !fault && !is_end(d); d++) {
		if (d - declared == KT_MAX_DISKS)
			return "there are more than 4 disks";
		fault = disk_fault(d);
	}
	return fault || !d ? fault : end_fault(d);
}

void kt_disks_init(struct kt_disks *d, const struct ktstr_disk *declared)
{
	memset(d, 0, sizeof(*d));
	d->declared = declared;
	for (; declared && !is_end(declared); declared++) {
		struct kt_disk *disk = &d->disks[d->nr];

		disk->fd = -1;
		disk->capacity_bytes = declared->size_mib * MIB;
		disk->read_only = declared->read_only;
		disk->iops = declared->iops;
		disk->bytes_per_s = declared->bytes_per_s;
		if (declared->serial)
			snprintf(disk->serial, sizeof(disk->serial), "%s",
				 declared->serial);
		else
			snprintf(disk->serial, sizeof(disk->serial),
				 "ktstr-vd%c", 'a' + d->nr);
		d->nr++;
	}
}

/* A file of @size_bytes that has no name and goes with its last descriptor. */
static int open_scratch(u64 size_bytes)
{
	const char *dir = getenv("TMPDIR");
	int fd, ret;

	fd = open(dir && *dir ? dir : "/tmp",
		  O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		fd = memfd_create("ktstr-disk", MFD_CLOEXEC);
	if (fd < 0)
		return kt_err(-errno, "a disk's file: %s", strerror(errno));
	if (!ftruncate(fd, size_bytes))
		return fd;
	ret = kt_err(-errno, "a disk of %llu MiB: %s; set TMPDIR to where it fits",
		     (unsigned long long)(size_bytes / MIB), strerror(errno));
	close(fd);
	return ret;
}

static int copy_range(int from, int to, off_t at, off_t end)
{
	ssize_t n;

	if (lseek(from, at, SEEK_SET) < 0 || lseek(to, at, SEEK_SET) < 0)
		return -errno;
	while (at < end) {
		n = copy_file_range(from, NULL, to, NULL, end - at, 0);
		/* other file systems, old kernels */
		if (n < 0)
			return kt_copy_fd(to, from, end - at);
		if (!n)
			return -EIO;	/* it became shorter */
		at += n;
	}
	return 0;
}

/* The first @bytes of @from, holes left out. */
static int copy_sparse(int from, int to, off_t bytes)
{
	off_t data = 0, hole;
	int ret = 0;

	while (!ret && data < bytes) {
		data = lseek(from, data, SEEK_DATA);
		if (data < 0)
			return errno == ENXIO ? 0 : -errno;
		hole = lseek(from, data, SEEK_HOLE);
		if (hole < 0)
			return -errno;
		ret = copy_range(from, to, data, min_t(off_t, hole, bytes));
		data = hole;
	}
	return ret;
}

static int clone_or_copy(int from, int to, u64 file_bytes, u64 disk_bytes)
{
	u64 bytes = min(file_bytes, disk_bytes);

	if (!ioctl(to, FICLONE, from))
		return ftruncate(to, disk_bytes) ? -errno : 0;
	return copy_sparse(from, to, bytes);
}

/* A shared one may be a device as well, which has to be named by its path. */
static int find(const struct ktstr_disk *d, char *path, size_t size)
{
	struct stat st;

	if (d->shared && strchr(d->file, '/') && !stat(d->file, &st) &&
	    (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)) &&
	    strlen(d->file) < size) {
		strcpy(path, d->file);
		return 0;
	}
	return kt_find_file(d->file, path, size);
}

/* 0 when there is no knowing, as for a character device. */
static u64 file_size(int fd)
{
	struct stat st;
	u64 bytes;

	if (fstat(fd, &st))
		return 0;
	if (S_ISBLK(st.st_mode))
		return ioctl(fd, BLKGETSIZE64, &bytes) ? 0 : bytes;
	return st.st_size;
}

/* The disk's size is the declared one, or the file's without what is over. */
static int take_size(const struct ktstr_disk *d, struct kt_disk *disk,
		     const char *path, u64 file_bytes)
{
	if (!disk->capacity_bytes)
		disk->capacity_bytes = file_bytes / KT_BLOCK_SECTOR *
				       KT_BLOCK_SECTOR;
	if (!disk->capacity_bytes)
		return kt_err(-EINVAL, "disk %s: its file has no size; give .size_mib",
			      path);
	if (!d->shared && d->size_mib && disk->capacity_bytes < file_bytes)
		return kt_err(-EFBIG, "disk %s: the file has %llu bytes, which do not fit %u MiB",
			      path, (unsigned long long)file_bytes,
			      d->size_mib);
	return 0;
}

/* By its name, place, size and times, not by what is in it. */
static u64 source_of(const char *path, int fd)
{
	struct stat st;
	char text[128];
	u64 hash = kt_fnv64_str(KT_FNV64_INIT, path);

	if (fstat(fd, &st))
		return hash;
	snprintf(text, sizeof(text), " %lld %lld.%ld %llu %llu",
		 (long long)st.st_size, (long long)st.st_mtim.tv_sec,
		 st.st_mtim.tv_nsec, (unsigned long long)st.st_ino,
		 (unsigned long long)st.st_dev);
	return kt_fnv64_str(hash, text);
}

static int open_file(const struct ktstr_disk *d, struct kt_disk *disk,
		     u64 *source)
{
	char path[PATH_MAX];
	u64 bytes;
	int fd, ret;

	ret = find(d, path, sizeof(path));
	if (ret)
		return ret;
	fd = open(path, O_CLOEXEC |
		  (d->shared && !d->read_only ? O_RDWR : O_RDONLY));
	if (fd < 0)
		return kt_err(-errno, "disk %s: %s", path, strerror(errno));
	*source = source_of(path, fd);
	bytes = file_size(fd);
	ret = take_size(d, disk, path, bytes);
	if (ret || d->shared) {
		disk->fd = fd;
		return ret;
	}
	disk->fd = open_scratch(disk->capacity_bytes);
	ret = disk->fd < 0 ? disk->fd :
	      clone_or_copy(fd, disk->fd, bytes, disk->capacity_bytes);
	close(fd);
	return ret && disk->fd >= 0 ?
	       kt_err(ret, "copying disk %s: %s", path, strerror(-ret)) : ret;
}

int kt_disks_open(struct kt_disks *d)
{
	u32 i;
	int ret = 0;

	for (i = 0; !ret && i < d->nr; i++) {
		struct kt_disk *disk = &d->disks[i];

		if (d->declared[i].file) {
			ret = open_file(&d->declared[i], disk, &d->sources[i]);
		} else {
			disk->fd = open_scratch(disk->capacity_bytes);
			ret = min(disk->fd, 0);
		}
	}
	return ret;
}

void kt_disks_close(struct kt_disks *d)
{
	u32 i;

	for (i = 0; i < d->nr; i++)
		kt_close(&d->disks[i].fd);
}

void kt_disks_identify(const struct kt_disks *d, struct kt_strbuf *text)
{
	u32 i;

	for (i = 0; i < d->nr; i++)
		kt_strbuf_addf(text, "disk vd%c: %llu bytes%s, serial %s, file %016llx\n",
			       'a' + i, (unsigned long long)
			       d->disks[i].capacity_bytes,
			       d->disks[i].read_only ? ", read-only" : "",
			       d->disks[i].serial,
			       (unsigned long long)d->sources[i]);
}

bool kt_disks_shared(const struct kt_disks *d)
{
	u32 i;

	for (i = 0; i < d->nr; i++)
		if (d->declared[i].shared)
			return true;
	return false;
}

void kt_disks_count(struct kt_disks *d, const struct kt_machine *m)
{
	u32 i;

	for (i = 0; i < m->nr_disks && i < d->nr; i++)
		kt_block_counters(m->disks[i], &d->counters[i]);
}

void kt_disks_report(FILE *out, const struct kt_disks *d)
{
	u32 i;

	for (i = 0; i < d->nr; i++) {
		const struct kt_block_counters *c = &d->counters[i];

		fprintf(out,
			"disk vd%c: %llu reads (%llu bytes), %llu writes (%llu bytes), %llu flushes, %llu I/O errors, %llu throttled, %llu poisoned\n",
			'a' + i, (unsigned long long)c->reads,
			(unsigned long long)c->read_bytes,
			(unsigned long long)c->writes,
			(unsigned long long)c->write_bytes,
			(unsigned long long)c->flushes,
			(unsigned long long)c->io_errors,
			(unsigned long long)c->throttled,
			(unsigned long long)c->poisoned);
	}
}
