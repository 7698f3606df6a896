/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The smallest guest: real mode, a byte to a port, HLT.
 */
#ifndef KTSTR_TESTS_NESTED_ONE_GUEST_H
#define KTSTR_TESTS_NESTED_ONE_GUEST_H

#include <stddef.h>

/* 0 when /dev/kvm ran it to its end; else @reason says what went wrong. */
int one_guest_run(char *reason, size_t size);

#endif /* KTSTR_TESTS_NESTED_ONE_GUEST_H */
