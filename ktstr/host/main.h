/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host side of a test program: from its arguments to its exit status.
 */
#ifndef KTSTR_HOST_MAIN_H
#define KTSTR_HOST_MAIN_H

int kt_host_main(int argc, char **argv);

#endif /* KTSTR_HOST_MAIN_H */
