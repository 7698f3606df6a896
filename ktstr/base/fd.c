// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors, whole reads and writes, small files, the monotonic clock.
 */
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fd.h"

#define READ_CHUNK	4096
#define TAKEN_POLL_NS	200000

void kt_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

u64 kt_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * KT_NSEC_PER_SEC + ts.tv_nsec;
}

/* poll()'s timeout until @deadline_ns, rounded up, at most a minute. */
static int poll_timeout_ms(u64 deadline_ns)
{
	u64 now = kt_now_ns(), ms;

	if (deadline_ns <= now)
		return 0;
	ms = (deadline_ns - now) / KT_NSEC_PER_MSEC + 1;
	return min_t(u64, ms, 60000);
}

static int wait_for(int fd, short events, u64 deadline_ns)
{
	struct pollfd pfd = { .fd = fd, .events = events };
	int ret;

	do {
		ret = poll(&pfd, 1, poll_timeout_ms(deadline_ns));
		if (ret > 0)
			return 1;
		if (ret < 0 && errno != EINTR)
			return -errno;
	} while (kt_now_ns() < deadline_ns);
	return 0;
}

int kt_wait_readable(int fd, u64 deadline_ns)
{
	return wait_for(fd, POLLIN, deadline_ns);
}

int kt_wait_taken(int fd, u64 deadline_ns)
{
	const struct timespec pause = { .tv_nsec = TAKEN_POLL_NS };
	int left;

	for (;;) {
		if (ioctl(fd, SIOCOUTQ, &left))
			return -errno;
		if (!left)
			return 0;
		if (kt_now_ns() >= deadline_ns)
			return -ETIMEDOUT;
		nanosleep(&pause, NULL);	/* no event tells of it */
	}
}

int kt_write_all(int fd, const void *buf, size_t len_bytes, u64 deadline_ns)
{
	const char *p = buf;
	int ret;

	while (len_bytes) {
		ssize_t n = write(fd, p, len_bytes);

		if (n >= 0) {
			p += n;
			len_bytes -= n;
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return -errno;
		ret = wait_for(fd, POLLOUT, deadline_ns);
		if (ret <= 0)
			return ret ? ret : -ETIMEDOUT;
	}
	return 0;
}

ssize_t kt_read_all(int fd, void *buf, size_t len_bytes)
{
	size_t done = 0;

	while (done < len_bytes) {
		ssize_t n = read(fd, (char *)buf + done, len_bytes - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		done += n;
	}
	return done;
}

static int read_growing(int fd, size_t max_bytes, char **text, size_t *len)
{
	size_t cap = READ_CHUNK, done = 0;
	char *buf = malloc(cap + 1);

	while (buf) {
		ssize_t n = kt_read_all(fd, buf + done, cap - done);
		char *grown;

		if (n < 0 || done + n > max_bytes) {
			free(buf);
			return n < 0 ? (int)n : -EFBIG;
		}
		done += n;
		if (done < cap) {
			buf[done] = '\0';
			*text = buf;
			*len = done;
			return 0;
		}
		cap *= 2;
		grown = realloc(buf, cap + 1);
		if (!grown)
			free(buf);
		buf = grown;
	}
	return -ENOMEM;
}

int kt_read_file(const char *path, size_t max_bytes, char **text,
		 size_t *len_bytes)
{
	size_t len = 0;
	int fd, ret;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = read_growing(fd, max_bytes, text, &len);
	close(fd);
	if (!ret && len_bytes)
		*len_bytes = len;
	return ret;
}

int kt_read_line(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = kt_read_all(fd, buf, size - 1);
	close(fd);
	if (n < 0)
		return n;
	buf[n] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	return 0;
}

int kt_write_file(const char *path, const char *text)
{
	size_t len = strlen(text);
	int fd, ret = 0;
	ssize_t n;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = write(fd, text, len);
	if (n < 0)
		ret = -errno;
	else if ((size_t)n != len)
		ret = -EIO;
	close(fd);
	return ret;
}

int kt_mkdirs(const char *path, mode_t mode)
{
	char buf[PATH_MAX];
	struct stat st;
	char *p;

	if (strlen(path) >= sizeof(buf))
		return -ENAMETOOLONG;
	memcpy(buf, path, strlen(path) + 1);
	for (p = buf + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(buf, mode) && errno != EEXIST)
			return -errno;
		*p = '/';
	}
	if (!mkdir(buf, mode))
		return 0;
	if (errno != EEXIST || stat(buf, &st))
		return -errno;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

static int change_flag(int fd, int get, int set, int flag, bool on)
{
	int flags = fcntl(fd, get);

	if (flags < 0 || fcntl(fd, set, on ? flags | flag : flags & ~flag) < 0)
		return -errno;
	return 0;
}

int kt_set_nonblock(int fd, bool on)
{
	return change_flag(fd, F_GETFL, F_SETFL, O_NONBLOCK, on);
}

int kt_set_cloexec(int fd, bool on)
{
	return change_flag(fd, F_GETFD, F_SETFD, FD_CLOEXEC, on);
}

int kt_copy_fd(int dst, int src, u64 len_bytes)
{
	while (len_bytes) {
		size_t chunk = min_t(u64, len_bytes, 1u << 30);
		ssize_t n = sendfile(dst, src, NULL, chunk);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return -EIO;
		len_bytes -= n;
	}
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path) ? -errno : 0;
}

int kt_remove_tree(const char *path)
{
	int ret = nftw(path, remove_one, 32, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);

	return ret == -1 ? -errno : ret;
}
