/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ktstr_kernel_ops(), ktstr_capture() and ktstr_watch() without their case: over
 * any socket.
 */
#ifndef KTSTR_GUEST_KERNEL_API_H
#define KTSTR_GUEST_KERNEL_API_H

#include "requests.h"

/* @tag names the requests in what the host says of them. */
u32 kt_kernel_ops_run(struct kt_requests *r, int fd, const char *tag,
		      struct ktstr_kernel_op *ops, u32 nr, u32 timeout_ms);

/* 0, or -errno and a sentence in @why. */
int kt_snapshot_run(struct kt_requests *r, int fd, enum kt_snapshot_kind kind,
		    const char *tag, u32 timeout_ms, char *why,
		    size_t why_size);

#endif /* KTSTR_GUEST_KERNEL_API_H */
