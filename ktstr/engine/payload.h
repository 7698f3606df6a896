/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The probe's guest (payload_x86.S) as an ELF file with a PVH entry, and what
 * its output means.
 */
#ifndef KTSTR_ENGINE_PAYLOAD_H
#define KTSTR_ENGINE_PAYLOAD_H

#include "../base/types.h"

#define KT_PAYLOAD_GPA	0x100000

/* A memfd (close-on-exec, the caller's) with the ELF file. */
int kt_payload_open(int *fd);

/* Whether @output, what COM1 said, is that of a machine that works. */
bool kt_payload_passed(const char *output);

/* What it was doing when it stopped: "cmpxchg16b". */
const char *kt_payload_step(const char *output);

#endif /* KTSTR_ENGINE_PAYLOAD_H */
