/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Integer types and the few macros every file wants, taken from the kernel
 * tree's tools/include.
 */
#ifndef KTSTR_BASE_TYPES_H
#define KTSTR_BASE_TYPES_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <linux/kernel.h>
#include <linux/types.h>

#define KT_NSEC_PER_MSEC	1000000ULL
#define KT_NSEC_PER_SEC		1000000000ULL

#ifndef __packed
#define __packed __attribute__((__packed__))
#endif

#endif /* KTSTR_BASE_TYPES_H */
