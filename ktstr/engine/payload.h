/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The probe's guest (payload_x86.S) as an ELF file with a PVH entry, and what
 * its output means.
 */
#ifndef KTSTR_ENGINE_PAYLOAD_H
#define KTSTR_ENGINE_PAYLOAD_H

#include "../base/types.h"
#include "payload_x86.h"

/* A memfd (close-on-exec, the caller's) with the ELF file. */
int kt_payload_open(int *fd);

/* Its code alone, as it is to lie at KT_PAYLOAD_GPA, where it is entered. */
const void *kt_payload_code(size_t *len_bytes);

/* Whether @output, what COM1 said, is that of a machine that works. */
bool kt_payload_passed(const char *output);

/* What it was doing when it stopped: "cmpxchg16b". */
const char *kt_payload_step(const char *output);

#endif /* KTSTR_ENGINE_PAYLOAD_H */
