// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work types about what a core does with its instructions: full pipelines,
 * waits for memory.
 */
#include "families.h"
#include "step.h"

#define ROUNDS_PER_UNIT		1024
#define LOADS_PER_UNIT		256
#define VECTOR_BYTES		16	/* four lanes */

struct vector {
	float lanes __attribute__((vector_size(VECTOR_BYTES)));
};

static void alu_unit(struct kt_work_env *env)
{
	u64 a = env->index + 1, b = 0x9e3779b97f4a7c15ULL, c = 3, d = 5;
	struct vector x = { { 1, 2, 3, 4 } }, y = { { 5, 6, 7, 8 } };
	u32 i;

	/* four chains that do not wait for each other, and a vector's */
	for (i = 0; i < ROUNDS_PER_UNIT; i++) {
		a = a * 5 + i;
		b ^= b >> 7;
		c += c << 3;
		d = (d << 13 | d >> 51) + i;
		x.lanes = x.lanes * y.lanes + y.lanes;
	}
	asm volatile("" : : "r" (a ^ b ^ c ^ d), "x" (x.lanes));
	kt_work_count(env);
}

int kt_work_alu_hot(struct kt_work_env *env)
{
	alu_unit(env);
	return 0;
}

/*
 * One cycle through all lines in an order that no prefetcher guesses
 * (Sattolo's shuffle); each line holds the number of the next one.
 */
int kt_work_ipc_setup(struct kt_work_env *env)
{
	size_t bytes = env->params.size_kib * 1024UL, stride = KT_CACHE_LINE;
	u32 nr = bytes / stride, i;
	char *mem;
	int ret;

	ret = kt_work_map(env, bytes);
	if (ret)
		return ret;
	mem = env->state.mem;
	for (i = 0; i < nr; i++)
		*(u32 *)(mem + i * stride) = i;
	for (i = nr - 1; i > 0 && !*env->stop; i--) {
		u32 *at = (u32 *)(mem + i * stride);
		u32 *other = (u32 *)(mem + kt_work_random(env) % i * stride);
		u32 kept = *at;

		*at = *other;
		*other = kept;
		if (i % LOADS_PER_UNIT == 0)
			kt_meter_tick(&env->meter);
	}
	return 0;
}

static void memory_unit(struct kt_work_env *env)
{
	const char *mem = env->state.mem;
	u32 line = env->state.turn, i;

	/* each load's address is what the one before brought */
	for (i = 0; i < LOADS_PER_UNIT; i++)
		line = *(const volatile u32 *)(mem + line * (size_t)KT_CACHE_LINE);
	env->state.turn = line;
	kt_work_count(env);
}

int kt_work_ipc_variance(struct kt_work_env *env)
{
	u64 burst_ns = env->params.burst_us * KT_NSEC_PER_USEC;
	u64 end = kt_work_cpu_ns() + burst_ns;

	do {
		alu_unit(env);
	} while (!*env->stop && kt_work_cpu_ns() < end);
	end = kt_work_cpu_ns() + burst_ns;
	while (!*env->stop && kt_work_cpu_ns() < end)
		memory_unit(env);
	return 0;
}
