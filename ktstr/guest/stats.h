/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduler's statistics on their way to the host: a byte pipe between the
 * virtio port "ktstr.stats" and the scheduler's unix socket. A request is a
 * line and so is its answer (scx_stats): each line that cannot be brought to a
 * scheduler, or that a scheduler leaves without an answer when it ends, is
 * answered with an error, so that whoever asked does not wait for ever.
 */
#ifndef KTSTR_GUEST_STATS_H
#define KTSTR_GUEST_STATS_H

#include <poll.h>

#include "../base/types.h"

#define KT_STATS_PORT_NAME	"ktstr.stats"
#define KT_STATS_SOCKET		"/var/run/scx/root/stats"
#define KT_GUEST_STATS_BYTES	(64u * 1024)

struct kt_guest_stats_buf {
	u8 data[KT_GUEST_STATS_BYTES];
	size_t head, tail;	/* waiting: [head, tail) */
};

struct kt_guest_stats {
	const char *path;	/* the scheduler's socket */
	int port_fd;		/* -1: no such port, or it has gone */
	int sock_fd;		/* -1: not connected */
	bool hung_up;		/* no host at the port */
	struct kt_guest_stats_buf to_sched;
	struct kt_guest_stats_buf to_host;
	u64 give_up_ns;		/* 0: no line waits for the socket */
	bool in_line;		/* the scheduler has the start of a line */
	bool in_answer;		/* the host's side has that of an answer */
	bool skip_line;		/* the start of this line is lost */
	u64 unanswered;		/* lines that the scheduler has */
	u64 owed;		/* error lines to send */
	char error[192];	/* such a line */
};

/*
 * @port_fd is non-blocking and becomes @s's; negative when there is no port:
 * then nothing is ever moved. @path must stay.
 */
void kt_guest_stats_init(struct kt_guest_stats *s, int port_fd,
			 const char *path);
void kt_guest_stats_fini(struct kt_guest_stats *s);

/* What poll() is to wait for; both may be -1. */
#define KT_GUEST_STATS_FDS	2
void kt_guest_stats_fds(const struct kt_guest_stats *s,
			struct pollfd fds[KT_GUEST_STATS_FDS]);

/*
 * Moves what can be moved without waiting. @now_ns is kt_now_ns(): a line
 * waits for the socket for 2 s.
 */
void kt_guest_stats_pump(struct kt_guest_stats *s, u64 now_ns);

#endif /* KTSTR_GUEST_STATS_H */
