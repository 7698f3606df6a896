/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PID 1 of a machine.
 */
#ifndef KTSTR_GUEST_INIT_H
#define KTSTR_GUEST_INIT_H

#include <linux/compiler.h>

/*
 * Sets the machine up, tells the host, runs the Plan it sends, and powers the
 * machine off, whatever happens in between: a PID 1 that ends would panic the
 * kernel.
 */
int kt_guest_main(int argc, char **argv) __noreturn;

#endif /* KTSTR_GUEST_INIT_H */
