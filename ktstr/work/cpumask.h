/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A set of CPUs, and its list form as the kernel writes it ("0-3,8").
 */
#ifndef KTSTR_WORK_CPUMASK_H
#define KTSTR_WORK_CPUMASK_H

#include "../base/topology.h"

#define KT_CPUMASK_WORDS	(KT_MAX_CPUS / 64)
#define KT_CPUMASK_STR		1280	/* any set's list fits */

struct kt_cpumask {
	u64 bits[KT_CPUMASK_WORDS];
};

/* A CPU from KT_MAX_CPUS on is ignored by set and in no set. */
void kt_cpumask_set(struct kt_cpumask *mask, u32 cpu);
bool kt_cpumask_test(const struct kt_cpumask *mask, u32 cpu);
u32 kt_cpumask_weight(const struct kt_cpumask *mask);
bool kt_cpumask_equal(const struct kt_cpumask *a, const struct kt_cpumask *b);

/* The first CPU from @cpu on, KT_MAX_CPUS when there is none. */
u32 kt_cpumask_next(const struct kt_cpumask *mask, u32 cpu);

void kt_cpumask_clear(struct kt_cpumask *mask, u32 cpu);
bool kt_cpumask_empty(const struct kt_cpumask *mask);
void kt_cpumask_and(struct kt_cpumask *dst, const struct kt_cpumask *a,
		    const struct kt_cpumask *b);
void kt_cpumask_or(struct kt_cpumask *dst, const struct kt_cpumask *a,
		   const struct kt_cpumask *b);

/* The CPUs of @a that are not in @b. */
void kt_cpumask_andnot(struct kt_cpumask *dst, const struct kt_cpumask *a,
		       const struct kt_cpumask *b);

/* -EINVAL for what is no list, -ERANGE for a CPU from KT_MAX_CPUS on. */
int kt_cpumask_parse(struct kt_cpumask *mask, const char *list);

/* The list into @buf of at least KT_CPUMASK_STR bytes; returns @buf. */
const char *kt_cpumask_str(const struct kt_cpumask *mask, char *buf,
			   size_t size);

#endif /* KTSTR_WORK_CPUMASK_H */
