/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the steps of work types are made of: pieces of work, sleeps, waits for
 * partners. All of it runs in the worker, ends early when it is told to stop,
 * and keeps its telemetry.
 */
#ifndef KTSTR_WORK_STEP_H
#define KTSTR_WORK_STEP_H

#include "types.h"

#define KT_NSEC_PER_USEC	1000ULL
#define KT_CACHE_LINE		64
#define KT_PAGE			4096

/* CPU time of this thread. */
u64 kt_work_cpu_ns(void);

/* Some microseconds of instructions: one work unit. */
void kt_work_unit(struct kt_work_env *env);

/* Units for so much CPU time, one at least. */
void kt_work_burst(struct kt_work_env *env, u32 us);

/* Units until that much time has passed. */
void kt_work_spin_until(struct kt_work_env *env, u64 until_ns);

void kt_work_sleep_us(struct kt_work_env *env, u64 us);

/*
 * Sleeps to the end of the current interval, which began when the last one
 * ended. One that is over already is not made up for.
 */
void kt_work_sleep_interval(struct kt_work_env *env, u32 us);

/* One more piece of work; @units of it are done. */
void kt_work_count(struct kt_work_env *env);

/*
 * Waits while @word is @val; for wakers of any bit of @bits. 0, also when told
 * to stop; -EPIPE when a partner is gone.
 */
int kt_work_wait_bits(struct kt_work_env *env, struct kt_work_word *word,
		      u32 val, u32 bits);
int kt_work_wait(struct kt_work_env *env, struct kt_work_word *word, u32 val);

/* Wakes at most @nr of those that wait. */
void kt_work_wake(struct kt_work_word *word, int nr);
void kt_work_wake_bits(struct kt_work_word *word, u32 bits);

/* Before partners are woken that wait by other means than a futex, and then. */
void kt_work_note_wake(struct kt_work_word *word);
void kt_work_woken(struct kt_work_env *env, const struct kt_work_word *word);

/* What the other ones see of it, and do before they change it. */
u32 kt_work_load(const struct kt_work_word *word);
void kt_work_store(struct kt_work_word *word, u32 value);
u32 kt_work_add(struct kt_work_word *word, u32 by);

/* A lock whose holder inherits the priorities of those that wait for it. */
int kt_work_lock_pi(struct kt_work_env *env, u32 *word);
void kt_work_unlock_pi(struct kt_work_env *env, u32 *word);

/* Waits until every worker of the group has come here. */
int kt_work_meet(struct kt_work_env *env);

/* -EPIPE when one of the group has ended. */
int kt_work_partners(const struct kt_work_env *env);

/* Milliseconds after which a wait looks whether its partners are still there. */
#define KT_WORK_LOOK_MS		200

/*
 * A child does @round, and is reaped; what it did and its state become the
 * worker's.
 */
int kt_work_in_child(struct kt_work_env *env,
		     int (*round)(struct kt_work_env *env));

/* A new file without a name, in TMPDIR or /tmp; or -errno. */
int kt_work_open_file(void);

/* Memory for @state, not touched; what is in it is freed with the process. */
int kt_work_map(struct kt_work_env *env, size_t bytes);

/* Touches every line of it, in order. */
void kt_work_walk(struct kt_work_env *env);

/* A number that looks random. */
u64 kt_work_random(struct kt_work_env *env);

/* SCHED_FIFO at @priority for this thread. */
int kt_work_be_fifo(const struct kt_work_env *env, int priority);

/* This thread's CPUs into @cpus; its @cpus become them. */
int kt_work_get_cpus(struct kt_cpumask *cpus);
int kt_work_set_cpus(pid_t tid, const struct kt_cpumask *cpus);
int kt_work_pin(pid_t tid, u32 cpu);

/* Of @cpus the one numbered @n modulo their number; they are some. */
u32 kt_work_nth_cpu(const struct kt_cpumask *cpus, u32 n);

#endif /* KTSTR_WORK_STEP_H */
