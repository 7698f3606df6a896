/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The work types' own functions, one file a family; for the table of types.
 */
#ifndef KTSTR_WORK_FAMILIES_H
#define KTSTR_WORK_FAMILIES_H

#include "types.h"

/* spin.c */
int kt_work_spin_wait(struct kt_work_env *env);
int kt_work_yield_heavy(struct kt_work_env *env);
int kt_work_bursty(struct kt_work_env *env);
int kt_work_mixed(struct kt_work_env *env);
int kt_work_smt_setup(struct kt_work_env *env);

/* compute.c */
int kt_work_alu_hot(struct kt_work_env *env);
int kt_work_ipc_setup(struct kt_work_env *env);
int kt_work_ipc_variance(struct kt_work_env *env);

/* memory.c */
int kt_work_memory_setup(struct kt_work_env *env);
int kt_work_cache_pressure(struct kt_work_env *env);
int kt_work_cache_yield(struct kt_work_env *env);
int kt_work_page_fault_churn(struct kt_work_env *env);

/* io.c */
int kt_work_file_setup(struct kt_work_env *env);
void kt_work_file_teardown(struct kt_work_env *env);
int kt_work_io_sync_write(struct kt_work_env *env);
int kt_work_io_convoy(struct kt_work_env *env);
int kt_work_rand_read_setup(struct kt_work_env *env);
int kt_work_io_rand_read(struct kt_work_env *env);

/* pipe.c */
int kt_work_pipe_io(struct kt_work_env *env);
int kt_work_cache_pipe(struct kt_work_env *env);

/* futex.c */
int kt_work_futex_ping_pong(struct kt_work_env *env);
int kt_work_futex_fan_out(struct kt_work_env *env);
int kt_work_fan_out_compute(struct kt_work_env *env);
int kt_work_thundering_herd(struct kt_work_env *env);
int kt_work_asymmetric_waker(struct kt_work_env *env);
int kt_work_wake_chain(struct kt_work_env *env);
int kt_work_producer_consumer(struct kt_work_env *env);

/* epoll.c */
int kt_work_epoll_setup(struct kt_work_env *env);
int kt_work_epoll_storm(struct kt_work_env *env);

/* mutex.c */
int kt_work_mutex_contention(struct kt_work_env *env);
int kt_work_inversion_setup(struct kt_work_env *env);
int kt_work_priority_inversion(struct kt_work_env *env);

/* fork.c */
int kt_work_fork_exit(struct kt_work_env *env);

/* signal.c */
int kt_work_signal_setup(struct kt_work_env *env);
int kt_work_signal_storm(struct kt_work_env *env);

/* churn.c */
int kt_work_nice_sweep(struct kt_work_env *env);
int kt_work_policy_churn(struct kt_work_env *env);
int kt_work_affinity_setup(struct kt_work_env *env);
int kt_work_affinity_churn(struct kt_work_env *env);
int kt_work_cross_setup(struct kt_work_env *env);
int kt_work_cross_affinity_churn(struct kt_work_env *env);
int kt_work_cgroup_setup(struct kt_work_env *env);
int kt_work_cgroup_churn(struct kt_work_env *env);
void kt_work_cgroup_teardown(struct kt_work_env *env);

/* numa.c */
int kt_work_numa_churn_check(const struct ktstr_work *params);
int kt_work_numa_churn_setup(struct kt_work_env *env);
int kt_work_numa_migration_churn(struct kt_work_env *env);
int kt_work_numa_sweep_check(const struct ktstr_work *params);
int kt_work_numa_working_set_sweep(struct kt_work_env *env);

/* rt.c */
int kt_work_rt_setup(struct kt_work_env *env);
int kt_work_preempt_storm(struct kt_work_env *env);
int kt_work_rt_starvation(struct kt_work_env *env);

/* sequence.c */
int kt_work_sequence_check(const struct ktstr_work *params);
int kt_work_sequence(struct kt_work_env *env);

/* custom.c */
int kt_work_custom_check(const struct ktstr_work *params);
int kt_work_custom(struct kt_work_env *env);

#endif /* KTSTR_WORK_FAMILIES_H */
