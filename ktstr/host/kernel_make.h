/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs make for minutes: its output into a log, a progress line for people,
 * and no process of it left behind, however it or we end.
 */
#ifndef KTSTR_HOST_KERNEL_MAKE_H
#define KTSTR_HOST_KERNEL_MAKE_H

#include "../base/types.h"

struct kt_make {
	int signal_fd;		/* readable: stop */
	int log_fd;
	int lock_fd;		/* held until the last process is gone */
	const char *label;	/* "building 6.12.48"; NULL: no progress line */
	u64 deadline_ns;
	u32 lines;		/* of output, about one an object */
};

/*
 * Runs @argv without the variables of a make around us. Its exit status, or
 * -EINTR when @signal_fd became readable, -ETIMEDOUT, -errno. All processes it
 * started are gone then.
 */
int kt_make_run(struct kt_make *m, const char *const argv[]);

/* "2m10s" since @start_ns into @buf; returns @buf. */
const char *kt_make_took(u64 start_ns, char *buf, size_t size);

#endif /* KTSTR_HOST_KERNEL_MAKE_H */
