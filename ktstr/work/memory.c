// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work types about caches and page tables.
 */
#include <sched.h>
#include <sys/mman.h>

#include "../base/log.h"
#include "families.h"
#include "step.h"

int kt_work_memory_setup(struct kt_work_env *env)
{
	return kt_work_map(env, env->params.size_kib * 1024UL);
}

int kt_work_cache_pressure(struct kt_work_env *env)
{
	kt_work_walk(env);
	return 0;
}

int kt_work_cache_yield(struct kt_work_env *env)
{
	kt_work_walk(env);
	sched_yield();
	return 0;
}

int kt_work_page_fault_churn(struct kt_work_env *env)
{
	struct kt_work_state *st = &env->state;
	int ret = kt_work_memory_setup(env);
	size_t at;

	if (ret)
		return ret;
	/* a fault for every page, not one for 512 of them */
	madvise(st->mem, st->mem_bytes, MADV_NOHUGEPAGE);
	for (at = 0; at < st->mem_bytes && !*env->stop; at += KT_PAGE) {
		((volatile u8 *)st->mem)[at] = 1;
		kt_work_count(env);
	}
	if (munmap(st->mem, st->mem_bytes))
		return kt_err(-errno, "%s: unmap: %m", env->name);
	return 0;
}
