/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the payload programs of a case printed, as far as the guest sent it.
 */
#ifndef KTSTR_HOST_PAYLOADS_H
#define KTSTR_HOST_PAYLOADS_H

#include <stdio.h>

#include "../coord/bucket.h"
#include "../include/ktstr.h"
#include "record.h"

/* A file of the record for each. */
void kt_payloads_record(const struct kt_record *rec,
			const struct ktstr_test *test,
			const struct kt_bucket *b);

/* Lines for people. */
void kt_payloads_print(FILE *out, const struct ktstr_test *test,
		       const struct kt_bucket *b);

#endif /* KTSTR_HOST_PAYLOADS_H */
