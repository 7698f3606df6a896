/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Descriptors and time: whole reads and writes, whole files, deadlines. All
 * descriptors made here are close-on-exec. 0 or a length on success, else
 * -errno.
 */
#ifndef KTSTR_BASE_FD_H
#define KTSTR_BASE_FD_H

#include <sys/types.h>

#include "types.h"

#define KT_NO_DEADLINE	UINT64_MAX

/* Closes *@fd if it is one and makes it -1. */
void kt_close(int *fd);

/* CLOCK_MONOTONIC in nanoseconds. */
u64 kt_now_ns(void);

/*
 * Writes all of @buf, waiting on a non-blocking @fd until @deadline_ns of
 * kt_now_ns(), or for ever with KT_NO_DEADLINE. -ETIMEDOUT leaves a part
 * written.
 */
int kt_write_all(int fd, const void *buf, size_t len_bytes, u64 deadline_ns);

/* Reads until @len_bytes or end of file; returns the bytes read. */
ssize_t kt_read_all(int fd, void *buf, size_t len_bytes);

/*
 * Reads a file of at most @max_bytes into fresh memory (the caller frees it),
 * with a NUL behind it. -EFBIG when it is longer. Works for /proc and /sys,
 * whose files have no size.
 */
int kt_read_file(const char *path, size_t max_bytes, char **text,
		 size_t *len_bytes);

/* Reads a small file of one line into @buf, without its newline. */
int kt_read_line(const char *path, char *buf, size_t size);

/* Writes @text to an existing file in one write (sysfs, cgroupfs). */
int kt_write_file(const char *path, const char *text);

/* mkdir -p. */
int kt_mkdirs(const char *path, mode_t mode);

/* Sets or clears O_NONBLOCK / FD_CLOEXEC. */
int kt_set_nonblock(int fd, bool on);
int kt_set_cloexec(int fd, bool on);

/* Copies @len_bytes between descriptors at their positions (sendfile). */
int kt_copy_fd(int dst, int src, u64 len_bytes);

/* Waits until @fd is readable or @deadline_ns: 1, 0 (deadline), -errno. */
int kt_wait_readable(int fd, u64 deadline_ns);

/*
 * Waits until the other end of the stream socket @fd has read all that was
 * written: 0, -ETIMEDOUT at @deadline_ns, -errno.
 */
int kt_wait_taken(int fd, u64 deadline_ns);

/* Removes a directory and everything below it; crosses no mount. */
int kt_remove_tree(const char *path);

#endif /* KTSTR_BASE_FD_H */
