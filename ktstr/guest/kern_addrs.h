/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where this kernel lies: what the host needs to find its way in the guest's
 * memory when KASLR has moved it.
 */
#ifndef KTSTR_GUEST_KERN_ADDRS_H
#define KTSTR_GUEST_KERN_ADDRS_H

#include <stdio.h>

#include "transport.h"

/*
 * From the text of /proc/iomem and /proc/kallsyms; NULL for one that could not
 * be opened. What is not there, or zeroed for want of privilege, is left 0: not
 * known. -ENOENT when something of it is.
 */
int kt_kern_addrs_parse(FILE *iomem, FILE *kallsyms, struct kt_kern_addrs *k);

/* Sends KernAddrs. What cannot be found out is a warning. */
void kt_kern_addrs_send(struct kt_port *port);

#endif /* KTSTR_GUEST_KERN_ADDRS_H */
