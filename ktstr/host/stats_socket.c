// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making and removing the socket's file.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "stats_socket.h"

#define BACKLOG	8

static int new_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* Whether a process listens at @addr; 0 or 1, or -errno. */
static int is_live(const struct sockaddr_un *addr)
{
	int fd = new_socket(), ret = 1;

	if (fd < 0)
		return -errno;
	/* EAGAIN: it does, and is busy */
	if (connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) &&
	    errno != EAGAIN)
		ret = errno == ECONNREFUSED ? 0 : -errno;
	close(fd);
	return ret;
}

/* Removes what an earlier run left at @addr, and nothing else. */
static int make_room(const struct sockaddr_un *addr)
{
	const char *path = addr->sun_path;
	struct stat st;
	int ret;

	if (lstat(path, &st))
		return errno == ENOENT ? 0 :
		       kt_err(-errno, "--stats %s: %s", path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return kt_err(-EEXIST,
			      "--stats %s: a file is there; name another path",
			      path);
	ret = is_live(addr);
	if (ret > 0)
		return kt_err(-EADDRINUSE,
			      "--stats %s: a program listens there; name another path",
			      path);
	if (!ret && unlink(path))
		ret = -errno;
	return ret ? kt_err(ret, "--stats %s: %s", path, strerror(-ret)) : 0;
}

static int bind_at(struct kt_stats_socket *s, const struct sockaddr_un *addr)
{
	mode_t mask = umask(0177);
	struct stat st;
	int ret;

	ret = bind(s->fd, (const struct sockaddr *)addr, sizeof(*addr)) ?
	      -errno : 0;
	umask(mask);
	if (ret)
		return ret;
	strcpy(s->path, addr->sun_path);
	if (lstat(s->path, &st))
		return -errno;
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	return listen(s->fd, BACKLOG) ? -errno : 0;
}

int kt_stats_socket_open(struct kt_stats_socket *s, const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int ret;

	memset(s, 0, sizeof(*s));
	s->fd = -1;
	if (!*path || strlen(path) >= sizeof(addr.sun_path))
		return kt_err(-ENAMETOOLONG, "--stats \"%s\": a socket's path has 1 to %zu bytes",
			      path, sizeof(addr.sun_path) - 1);
	strcpy(addr.sun_path, path);
	ret = make_room(&addr);
	if (ret)
		return ret;
	s->fd = new_socket();
	ret = s->fd < 0 ? -errno : bind_at(s, &addr);
	if (!ret)
		return 0;
	kt_stats_socket_close(s);
	return kt_err(ret, "--stats %s: %s", path, strerror(-ret));
}

void kt_stats_socket_close(struct kt_stats_socket *s)
{
	struct stat st;

	kt_close(&s->fd);
	if (*s->path && !lstat(s->path, &st) && st.st_dev == s->dev &&
	    st.st_ino == s->ino)
		unlink(s->path);
	s->path[0] = '\0';
}
