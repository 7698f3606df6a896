/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One kernel operation: a read or write of the guest kernel's memory that the
 * guest asked for. Every refusal has a reason of its own, and nothing is
 * touched before all was checked.
 */
#ifndef KTSTR_COORD_KERNEL_OP_H
#define KTSTR_COORD_KERNEL_OP_H

#include "../inspect/kernel.h"
#include "../wire/msg.h"

/* Does what @req says and fills @reply, whatever comes of it. */
void kt_kernel_op_serve(const struct kt_guest_kernel *k,
			const struct kt_kernel_op_req *req,
			struct kt_kernel_op_reply *reply);

/* A reply that refuses, with that reason (cut to fit). */
void kt_kernel_op_refuse(struct kt_kernel_op_reply *reply, u32 request_id,
			 const char *fmt, ...) __printf(3, 4);

#endif /* KTSTR_COORD_KERNEL_OP_H */
