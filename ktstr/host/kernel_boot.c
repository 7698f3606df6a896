// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cache of boot images: vmlinux files of other people's builds, stripped.
 * A file is named by path, size, time and inode of the one it was made from. It
 * appears by rename; the directory's lock keeps two from making the same one.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "../base/proc.h"
#include "../base/xdg.h"
#include "dir_lock.h"
#include "../base/fnv.h"
#include "kernel_boot.h"
#include "kernel_cache.h"
#include "pathf.h"

#define KEEP_IMAGES	8
#define STRIP_MS	120000
#define LOCK_MS		(2 * STRIP_MS)
#define TMP_PREFIX	".tmp-"

int kt_kernel_strip(const char *vmlinux, const char *out)
{
	static const char *const tools[] = { "strip", "llvm-strip" };
	struct kt_proc_opts po = KT_PROC_OPTS_INIT;
	int ret = -ENOENT;
	size_t i;

	/* the second one may do what the first complains about */
	po.stderr_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	for (i = 0; i < ARRAY_SIZE(tools); i++) {
		const char *const argv[] = {
			tools[i], "-s", "-o", out, vmlinux, NULL
		};

		ret = kt_proc_run(argv, &po, STRIP_MS, NULL);
		if (!ret)
			break;
		unlink(out);
		if (ret > 0)
			ret = -EIO;
	}
	kt_close(&po.stderr_fd);
	return ret;
}

/* A name made of what tells one vmlinux from another. */
static int image_name(const char *vmlinux, char *name, size_t size)
{
	char text[PATH_MAX + 128];
	struct stat st;

	if (stat(vmlinux, &st))
		return -errno;
	snprintf(text, sizeof(text), "%s %lld %llu %lld.%09ld", vmlinux,
		 (long long)st.st_size, (unsigned long long)st.st_ino,
		 (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	snprintf(name, size, "vmlinux-%016llx",
		 (unsigned long long)kt_fnv64_str(KT_FNV64_INIT, text));
	return 0;
}

/*
 * Removes what a killed process left, and returns how many images there are,
 * the one used longest ago in @oldest.
 */
static u32 survey(const char *dir, char *oldest)
{
	struct timespec oldest_at = {};
	struct dirent *de;
	u32 nr = 0;
	DIR *d = opendir(dir);

	while (d && (de = readdir(d))) {
		char path[PATH_MAX];
		struct stat st;

		if (kt_pathf(path, "%s/%s", dir, de->d_name) ||
		    lstat(path, &st) || !S_ISREG(st.st_mode))
			continue;
		if (!strncmp(de->d_name, TMP_PREFIX, strlen(TMP_PREFIX))) {
			unlink(path);
			continue;
		}
		if (!nr++ || st.st_atim.tv_sec < oldest_at.tv_sec ||
		    (st.st_atim.tv_sec == oldest_at.tv_sec &&
		     st.st_atim.tv_nsec < oldest_at.tv_nsec)) {
			oldest_at = st.st_atim;
			kt_pathf(oldest, "%s", path);
		}
	}
	if (d)
		closedir(d);
	return nr;
}

/* Makes @image; the directory is locked. */
static int make_image(const char *dir, const char *vmlinux, const char *image)
{
	char tmp[PATH_MAX], oldest[PATH_MAX];
	int ret;

	while (survey(dir, oldest) >= KEEP_IMAGES && !unlink(oldest))
		;
	ret = kt_pathf(tmp, "%s/%s%d", dir, TMP_PREFIX, getpid());
	if (!ret)
		ret = kt_kernel_strip(vmlinux, tmp);
	if (!ret && rename(tmp, image)) {
		ret = -errno;
		unlink(tmp);
	}
	return ret;
}

/*
 * There: its time of use is set, by which the oldest is found. That of its
 * making stands: with it a template knows its kernel.
 */
static bool use_image(const char *image)
{
	const struct timespec times[] = {
		{ .tv_nsec = UTIME_NOW }, { .tv_nsec = UTIME_OMIT },
	};

	return !utimensat(AT_FDCWD, image, times, 0);
}

static int cached_image(const char *vmlinux, char *image)
{
	char dir[PATH_MAX], name[64];
	int fd, ret;

	ret = image_name(vmlinux, name, sizeof(name));
	if (!ret)
		ret = kt_cache_dir("boot", dir, sizeof(dir));
	if (!ret)
		ret = kt_pathf(image, "%s/%s", dir, name);
	if (ret || use_image(image))
		return ret;
	ret = kt_dir_lock(dir, kt_now_ns() + LOCK_MS * KT_NSEC_PER_MSEC, &fd);
	if (ret)
		return ret;
	if (!use_image(image))
		ret = make_image(dir, vmlinux, image);
	kt_close(&fd);
	return ret;
}

void kt_kernel_boot_image(const char *vmlinux, char *boot)
{
	int ret = cached_image(vmlinux, boot);

	if (!ret)
		return;
	kt_info("booting %s with its debug information, which is slower: it cannot be stripped (%s)",
		vmlinux, strerror(-ret));
	kt_pathf(boot, "%s", vmlinux);
}
