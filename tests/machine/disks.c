// SPDX-License-Identifier: GPL-2.0-only
/*
 * The disks of a machine under Linux's own driver: a file system from mkfs to
 * fsck, serial numbers and sizes, a copy of a host file, a read-only disk, the
 * throttle over five seconds, and disks whose backing file fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/fs.h>

#include <ktstr.h>

#define MIB		(1024 * 1024)
#define MNT		"/tmp/mnt"
#define NR_FILES	24
#define FILE_BYTES	(1024 * 1024 + 4097)
#define THROTTLE_MS	5000
#define THROTTLE_TRIES	3
#define THROTTLED_BYTES	65536

/* Runs a program of /files; its exit status, -1 when it died. */
static int run(const char *const argv[])
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		execv(argv[0], (char *const *)argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

#define RUN(...) run((const char *const[]){ __VA_ARGS__, NULL })

/* First word of a small file, "" when it cannot be read. */
static const char *word(const char *path)
{
	static char buf[64];
	FILE *f = fopen(path, "r");

	if (!f || fscanf(f, "%63s", buf) != 1)
		buf[0] = '\0';
	if (f)
		fclose(f);
	return buf;
}

/* What file @i has at word @at: neither zeroes nor the same twice. */
static uint32_t pattern(uint32_t i, uint32_t at)
{
	return (at + 1) * 2654435761u ^ i << 20;
}

static void fill(uint32_t i, uint32_t *buf)
{
	uint32_t at;

	for (at = 0; at < FILE_BYTES / sizeof(*buf); at++)
		buf[at] = pattern(i, at);
}

/* Writes file @i; 0 or errno. */
static int write_file(uint32_t i, const void *buf)
{
	char path[64];
	int fd, ret = 0;

	snprintf(path, sizeof(path), MNT "/file%u", i);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		return errno;
	if (write(fd, buf, FILE_BYTES) != FILE_BYTES || fsync(fd))
		ret = errno ? errno : EIO;
	close(fd);
	return ret;
}

static bool read_file(uint32_t i, void *got, const void *want)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), MNT "/file%u", i);
	fd = open(path, O_RDONLY);
	n = read(fd, got, FILE_BYTES);
	close(fd);
	return n == FILE_BYTES && !memcmp(got, want, FILE_BYTES);
}

static void drop_caches(struct ktstr_ctx *t)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);

	sync();
	KTSTR_EXPECT_EQ(t, write(fd, "3", 1), 1);
	close(fd);
}

KTSTR_TEST(file_system,
	   .desc = "ext4 from mkfs to fsck, with what was written read back from the disk",
	   .duration_ms = 20000, .files = KTSTR_ARGS("mke2fs", "e2fsck"),
	   .disks = KTSTR_DISKS({ .size_mib = 128, .serial = "0123456789abcdefghij" }))
{
	uint32_t *want = malloc(FILE_BYTES + 4), *got = malloc(FILE_BYTES + 4);
	uint32_t i;

	KTSTR_EXPECT_EQ(t, strcmp(word("/sys/block/vda/serial"),
				  "0123456789abcdefghij"), 0);
	KTSTR_EXPECT_EQ(t, atoi(word("/sys/block/vda/size")), 128 * MIB / 512);
	KTSTR_ASSERT(t, !RUN("/files/mke2fs", "-q", "-F", "-t", "ext4", "/dev/vda"));
	mkdir(MNT, 0700);
	KTSTR_ASSERT(t, !mount("/dev/vda", MNT, "ext4", 0, NULL));
	want[FILE_BYTES / 4] = 0;
	for (i = 0; i < NR_FILES; i++) {
		fill(i, want);
		KTSTR_EXPECT_EQ(t, write_file(i, want), 0);
	}
	drop_caches(t);
	for (i = 0; i < NR_FILES; i++) {
		fill(i, want);
		memset(got, 0, FILE_BYTES);
		KTSTR_EXPECT(t, read_file(i, got, want));
	}
	KTSTR_ASSERT(t, !umount(MNT));
	KTSTR_EXPECT_EQ(t, RUN("/files/e2fsck", "-f", "-n", "/dev/vda"), 0);
}

/* Whether /dev/@name begins with what is in @path, to its end. */
static bool same(const char *name, const char *path)
{
	static char a[65536], b[65536];
	int disk = open(name, O_RDONLY), file = open(path, O_RDONLY);
	bool ok = disk >= 0 && file >= 0;
	ssize_t n = 1;

	while (ok && n > 0) {
		n = read(file, a, sizeof(a));
		ok = n >= 0 && read(disk, b, n) == n && !memcmp(a, b, n);
	}
	close(disk);
	close(file);
	return ok;
}

/* Writes a sector of zeroes at @offset past the page cache; 0 or errno. */
static int write_sector(const char *disk, off_t offset)
{
	void *buf = aligned_alloc(4096, 4096);
	int fd = open(disk, O_WRONLY | O_DIRECT), ret;

	memset(buf, 0, 4096);
	ret = fd >= 0 && pwrite(fd, buf, 512, offset) == 512 ? 0 : errno;
	close(fd);
	free(buf);
	return ret;
}

/* Reads a sector past the page cache: the bytes read or -errno. */
static int read_sector(const char *disk, off_t offset)
{
	void *buf = aligned_alloc(4096, 4096);
	int fd = open(disk, O_RDONLY | O_DIRECT), ret;

	ret = fd >= 0 ? pread(fd, buf, 512, offset) : -1;
	if (ret < 0)
		ret = -errno;
	close(fd);
	free(buf);
	return ret;
}

static void check_read_only(struct ktstr_ctx *t, const char *disk)
{
	int err = write_sector(disk, 0);

	/* which of them it is the kernel decides by where it looks first */
	KTSTR_EXPECT(t, err == EPERM || err == EROFS || err == EACCES || err == EIO);
	mkdir(MNT, 0700);
	KTSTR_EXPECT_EQ(t, mount(disk, MNT, "ext4", 0, NULL), -1);
}

KTSTR_TEST(several,
	   .desc = "three disks in their order: zeroes, a copy of a file, one that is read-only",
	   .duration_ms = 5000, .files = KTSTR_ARGS("e2fsck"),
	   .disks = KTSTR_DISKS({ .size_mib = 1 },
				{ .size_mib = 9, .file = "e2fsck" },
				{ .size_mib = 3, .serial = "third", .read_only = true }))
{
	KTSTR_EXPECT_EQ(t, atoi(word("/sys/block/vda/size")), MIB / 512);
	KTSTR_EXPECT_EQ(t, atoi(word("/sys/block/vdb/size")), 9 * MIB / 512);
	KTSTR_EXPECT_EQ(t, atoi(word("/sys/block/vdc/size")), 3 * MIB / 512);
	KTSTR_EXPECT_EQ(t, strcmp(word("/sys/block/vda/serial"), "ktstr-vda"), 0);
	KTSTR_EXPECT_EQ(t, strcmp(word("/sys/block/vdb/serial"), "ktstr-vdb"), 0);
	KTSTR_EXPECT_EQ(t, strcmp(word("/sys/block/vdc/serial"), "third"), 0);
	KTSTR_EXPECT(t, same("/dev/vdb", "/files/e2fsck"));
	/* ours to write, and not the file that it was */
	KTSTR_EXPECT_EQ(t, write_sector("/dev/vdb", 0), 0);
	KTSTR_EXPECT(t, !same("/dev/vdb", "/files/e2fsck"));
	KTSTR_EXPECT_EQ(t, atoi(word("/sys/block/vdc/ro")), 1);
	KTSTR_EXPECT_EQ(t, read_sector("/dev/vdc", 0), 512);
	check_read_only(t, "/dev/vdc");
	/* its last sector, and beyond */
	KTSTR_EXPECT_EQ(t, read_sector("/dev/vda", MIB - 512), 512);
	KTSTR_EXPECT_EQ(t, write_sector("/dev/vda", MIB - 512), 0);
	KTSTR_EXPECT_EQ(t, read_sector("/dev/vda", MIB), 0);
	KTSTR_EXPECT_EQ(t, write_sector("/dev/vda", MIB), ENOSPC);
}

KTSTR_TEST(on_q35,
	   .desc = "two disks on PCI, where a machine has several LLCs or nodes",
	   .duration_ms = 5000, .topology = "2n2l1c1t", .memory_mib = 512,
	   .files = KTSTR_ARGS("mke2fs", "e2fsck"),
	   .disks = KTSTR_DISKS({ .size_mib = 16 }, { .size_mib = 32 }))
{
	KTSTR_EXPECT_EQ(t, strcmp(word("/sys/block/vda/serial"), "ktstr-vda"), 0);
	KTSTR_EXPECT_EQ(t, strcmp(word("/sys/block/vdb/serial"), "ktstr-vdb"), 0);
	KTSTR_EXPECT_EQ(t, atoi(word("/sys/block/vdb/size")), 32 * MIB / 512);
	KTSTR_EXPECT_EQ(t, RUN("/files/mke2fs", "-q", "-F", "-t", "ext4", "/dev/vdb"), 0);
	drop_caches(t);
	KTSTR_EXPECT_EQ(t, RUN("/files/e2fsck", "-f", "-n", "/dev/vdb"), 0);
}

KTSTR_TEST(many_nodes,
	   .desc = "two disks, more nodes than a table of vhost-user has regions",
	   .duration_ms = 5000, .topology = "12n12l1c1t", .memory_mib = 512,
	   .files = KTSTR_ARGS("mke2fs", "e2fsck"),
	   .disks = KTSTR_DISKS({ .size_mib = 16 }, { .size_mib = 32 }))
{
	KTSTR_EXPECT_EQ(t, RUN("/files/mke2fs", "-q", "-F", "-t", "ext4", "/dev/vdb"), 0);
	drop_caches(t);
	KTSTR_EXPECT_EQ(t, RUN("/files/e2fsck", "-f", "-n", "/dev/vdb"), 0);
}

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}

/* Reads of @bytes past the page cache, one behind the other; how many a second. */
static uint32_t rate(struct ktstr_ctx *t, const char *disk, uint32_t bytes,
		     uint32_t for_ms)
{
	uint64_t from = now_ms(), ms = 0, nr = 0, size = 8 * MIB;
	void *buf = aligned_alloc(4096, bytes);
	int fd = open(disk, O_RDONLY | O_DIRECT);

	KTSTR_ASSERT(t, fd >= 0);
	while (ms < for_ms) {
		if (pread(fd, buf, bytes, nr * bytes % size) != bytes)
			break;
		nr++;
		ms = now_ms() - from;
	}
	KTSTR_EXPECT_GE(t, ms, for_ms);
	close(fd);
	free(buf);
	ktstr_note(t, "%s: %llu reads of %u bytes in %llu ms", disk,
		   (unsigned long long)nr, bytes, (unsigned long long)ms);
	return nr * 1000 / ms;
}

/*
 * Never faster than @limit; as fast, where a free disk is faster by far, once in a
 * few tries: a busy host keeps the machine from asking.
 */
static void near_limit(struct ktstr_ctx *t, const char *disk, uint32_t bytes,
		       uint32_t limit)
{
	uint32_t free_rate = rate(t, "/dev/vdc", bytes, THROTTLE_MS / 10);
	uint32_t least = limit / 10 * 9, seen = 0;
	int i;

	for (i = 0; i < THROTTLE_TRIES && seen < least; i++) {
		seen = rate(t, disk, bytes, THROTTLE_MS);
		KTSTR_EXPECT_LE(t, seen, limit / 10 * 11);
	}
	if (free_rate >= 4 * limit)
		KTSTR_EXPECT_GE(t, seen, least);
	else
		ktstr_note(t, "the machine is too slow for the limit of %s to be met: a free disk reads %u in a second",
			   disk, free_rate);
}

KTSTR_TEST(throttled,
	   .desc = "requests and bytes per second, within a tenth over five seconds",
	   .duration_ms = 40000,
	   .disks = KTSTR_DISKS({ .size_mib = 8, .iops = 100 },
				{ .size_mib = 8,
				  .bytes_per_s = 40 * THROTTLED_BYTES },
				{ .size_mib = 8 }))
{
	near_limit(t, "/dev/vda", 512, 100);
	near_limit(t, "/dev/vdb", THROTTLED_BYTES, 40);
}

/*
 * /dev/full takes no byte (ENOSPC) and reads as zeroes. The first page of this
 * process is never mapped, so reading its memory there is EIO.
 */
KTSTR_TEST(failing,
	   .desc = "a full backing file and one that cannot be read: I/O errors, and nothing else",
	   .duration_ms = 10000, .files = KTSTR_ARGS("mke2fs", "e2fsck"),
	   .disks = KTSTR_DISKS({ .size_mib = 16, .file = "/dev/full", .shared = true },
				{ .size_mib = 1, .file = "/proc/self/mem",
				  .shared = true, .read_only = true },
				{ .size_mib = 16 }))
{
	KTSTR_EXPECT_EQ(t, read_sector("/dev/vda", 4096), 512);
	KTSTR_EXPECT_EQ(t, write_sector("/dev/vda", 4096), EIO);
	KTSTR_EXPECT(t, RUN("/files/mke2fs", "-q", "-F", "-t", "ext4", "/dev/vda"));
	KTSTR_EXPECT_EQ(t, read_sector("/dev/vda", 4096), 512);
	KTSTR_EXPECT_EQ(t, read_sector("/dev/vdb", 0), -EIO);
	KTSTR_EXPECT_EQ(t, read_sector("/dev/vdb", 512), -EIO);
	KTSTR_EXPECT_EQ(t, RUN("/files/mke2fs", "-q", "-F", "-t", "ext4", "/dev/vdc"), 0);
	KTSTR_EXPECT_EQ(t, RUN("/files/e2fsck", "-f", "-n", "/dev/vdc"), 0);
}

/* Writes @nr pieces of 64 KiB and reads them back; whether all came back. */
static bool write_and_read(const char *disk, uint32_t nr)
{
	uint32_t *buf = aligned_alloc(4096, 65536), at, i;
	int fd = open(disk, O_RDWR | O_DIRECT);
	bool ok = fd >= 0;

	for (i = 0; ok && i < nr; i++) {
		for (at = 0; at < 65536 / 4; at++)
			buf[at] = pattern(i, at);
		ok = pwrite(fd, buf, 65536, i * 65536) == 65536;
	}
	for (i = 0; ok && i < nr; i++) {
		ok = pread(fd, buf, 65536, i * 65536) == 65536;
		for (at = 0; ok && at < 65536 / 4; at++)
			ok = buf[at] == pattern(i, at);
	}
	return ok;
}

/* Freezes while the disk is busy lose nothing and do nothing twice. */
KTSTR_TEST(frozen,
	   .desc = "written and read back while the machine is frozen over and over",
	   .duration_ms = 2000,
	   .disks = KTSTR_DISKS({ .size_mib = 32, .iops = 1000 }))
{
	uint32_t nr = 0;
	pid_t pid, done;
	int status;

	pid = fork();
	if (!pid)
		_exit(!write_and_read("/dev/vda", 512));
	do {
		done = waitpid(pid, &status, WNOHANG);
		nr += !done && ktstr_capture(t, "busy");
	} while (!done);
	KTSTR_EXPECT_EQ(t, status, 0);
	KTSTR_EXPECT_GE(t, nr, 3);
}

/* Field @nr of the disk's statistics: 0 reads, 4 writes, 15 flushes done. */
static unsigned long disk_stat(uint32_t nr)
{
	unsigned long v = 0;
	FILE *f = fopen("/sys/block/vda/stat", "r");

	for (uint32_t i = 0; f && i <= nr; i++)
		if (fscanf(f, "%lu", &v) != 1)
			v = 0;
	if (f)
		fclose(f);
	return v;
}

/* The page cache and the file system may merge what is asked of the disk. */
KTSTR_TEST(work,
	   .desc = "work types that read and write do so on a disk that is mounted for them",
	   .topology = "1n1l4c1t", .duration_ms = 1500,
	   .files = KTSTR_ARGS("mke2fs"),
	   .disks = KTSTR_DISKS({ .size_mib = 32 }))
{
	unsigned long writes, flushes, reads;

	KTSTR_ASSERT(t, !RUN("/files/mke2fs", "-q", "-F", "-t", "ext4", "/dev/vda"));
	mkdir(MNT, 0700);
	KTSTR_ASSERT(t, !mount("/dev/vda", MNT, "ext4", 0, NULL));
	KTSTR_ASSERT(t, !setenv("TMPDIR", MNT, 1));
	reads = disk_stat(0);
	writes = disk_stat(4);
	flushes = disk_stat(15);
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "write", .workers = 1,
			       .work = { KTSTR_IO_SYNC_WRITE, .size_kib = 64 } },
			     { .name = "read", .workers = 1,
			       .work = { KTSTR_IO_RAND_READ, .size_kib = 1024 } },
			     { .name = "convoy", .workers = 2,
			       .work = { KTSTR_IO_CONVOY, .size_kib = 32 } }));

	KTSTR_EXPECT_GE(t, disk_stat(0), reads + 10);
	KTSTR_EXPECT_GE(t, disk_stat(4), writes + 10);
	KTSTR_EXPECT_GE(t, disk_stat(15), flushes + 3);
	KTSTR_EXPECT_GE(t, ktstr_cgroup_stats(t, "write").iterations, 1);
	KTSTR_EXPECT_GE(t, ktstr_cgroup_stats(t, "read").iterations, 10);
	KTSTR_EXPECT_GE(t, ktstr_cgroup_stats(t, "convoy").iterations, 2);
	KTSTR_ASSERT(t, !umount(MNT));
}
