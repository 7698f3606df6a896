// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sets of CPUs and their list form.
 */
#include <ctype.h>
#include <stdio.h>

#include "cpumask.h"

void kt_cpumask_set(struct kt_cpumask *mask, u32 cpu)
{
	if (cpu < KT_MAX_CPUS)
		mask->bits[cpu / 64] |= 1ULL << (cpu % 64);
}

bool kt_cpumask_test(const struct kt_cpumask *mask, u32 cpu)
{
	return cpu < KT_MAX_CPUS && mask->bits[cpu / 64] >> (cpu % 64) & 1;
}

u32 kt_cpumask_weight(const struct kt_cpumask *mask)
{
	u32 i, weight = 0;

	for (i = 0; i < KT_CPUMASK_WORDS; i++)
		weight += __builtin_popcountll(mask->bits[i]);
	return weight;
}

bool kt_cpumask_equal(const struct kt_cpumask *a, const struct kt_cpumask *b)
{
	return !memcmp(a, b, sizeof(*a));
}

u32 kt_cpumask_next(const struct kt_cpumask *mask, u32 cpu)
{
	while (cpu < KT_MAX_CPUS && !kt_cpumask_test(mask, cpu))
		cpu++;
	return cpu;
}

void kt_cpumask_clear(struct kt_cpumask *mask, u32 cpu)
{
	if (cpu < KT_MAX_CPUS)
		mask->bits[cpu / 64] &= ~(1ULL << (cpu % 64));
}

bool kt_cpumask_empty(const struct kt_cpumask *mask)
{
	return kt_cpumask_next(mask, 0) == KT_MAX_CPUS;
}

void kt_cpumask_and(struct kt_cpumask *dst, const struct kt_cpumask *a,
		    const struct kt_cpumask *b)
{
	u32 i;

	for (i = 0; i < KT_CPUMASK_WORDS; i++)
		dst->bits[i] = a->bits[i] & b->bits[i];
}

void kt_cpumask_or(struct kt_cpumask *dst, const struct kt_cpumask *a,
		   const struct kt_cpumask *b)
{
	u32 i;

	for (i = 0; i < KT_CPUMASK_WORDS; i++)
		dst->bits[i] = a->bits[i] | b->bits[i];
}

void kt_cpumask_andnot(struct kt_cpumask *dst, const struct kt_cpumask *a,
		       const struct kt_cpumask *b)
{
	u32 i;

	for (i = 0; i < KT_CPUMASK_WORDS; i++)
		dst->bits[i] = a->bits[i] & ~b->bits[i];
}

/* One number at *@s, which moves behind it. */
static int parse_cpu(const char **s, u32 *cpu)
{
	char *end;
	unsigned long v;

	if (!isdigit((unsigned char)**s))
		return -EINVAL;
	errno = 0;
	v = strtoul(*s, &end, 10);
	if (errno || v >= KT_MAX_CPUS)
		return -ERANGE;
	*s = end;
	*cpu = v;
	return 0;
}

int kt_cpumask_parse(struct kt_cpumask *mask, const char *list)
{
	memset(mask, 0, sizeof(*mask));
	while (*list) {
		u32 first, last;
		int ret = parse_cpu(&list, &first);

		if (ret)
			return ret;
		last = first;
		if (*list == '-') {
			list++;
			ret = parse_cpu(&list, &last);
			if (ret)
				return ret;
		}
		if (last < first)
			return -EINVAL;
		for (; first <= last; first++)
			kt_cpumask_set(mask, first);
		if (*list == ',' && list[1])
			list++;
		else if (*list)
			return -EINVAL;
	}
	return 0;
}

const char *kt_cpumask_str(const struct kt_cpumask *mask, char *buf,
			   size_t size)
{
	size_t len = 0;
	u32 cpu, last;

	buf[0] = '\0';
	for (cpu = kt_cpumask_next(mask, 0); cpu < KT_MAX_CPUS && len < size;
	     cpu = kt_cpumask_next(mask, last + 1)) {
		last = cpu;
		while (kt_cpumask_test(mask, last + 1))
			last++;
		len += snprintf(buf + len, size - len, "%s%u", len ? "," : "",
				cpu);
		if (last > cpu && len < size)
			len += snprintf(buf + len, size - len, "-%u", last);
	}
	return buf;
}
