/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What lies at an address of the guest's kernel: the vmlinux's symbols first,
 * then the code of BPF programs.
 */
#ifndef KTSTR_INSPECT_NAMES_H
#define KTSTR_INSPECT_NAMES_H

#include "bpf.h"
#include "kernel.h"

#define KT_NAME_BYTES	256

struct kt_names {
	const struct kt_guest_kernel *k;
	const struct kt_bpf *bpf;	/* may be NULL: no programs */
};

/*
 * "function+0x12/0x100" (the size where it is known), for a program's code
 * "function [bpf]+0x12/0x100", in a user's half "user mode 0x...", else hex.
 */
const char *kt_name_at(const struct kt_names *n, u64 kva, char *buf,
		       size_t size);
/* Of a return address: what called, though the call be its last instruction. */
const char *kt_name_of_return(const struct kt_names *n, u64 kva, char *buf,
			      size_t size);

/* Whether @kva is in the text of the image. */
bool kt_names_is_text(const struct kt_names *n, u64 kva);
/* Where modules, BPF programs and trampolines are put. */
bool kt_names_is_generated(const struct kt_names *n, u64 kva);

#endif /* KTSTR_INSPECT_NAMES_H */
