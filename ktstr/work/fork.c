// SPDX-License-Identifier: GPL-2.0-only
/*
 * Children that live for a burst, or for a round of another type's work.
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/compiler.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "families.h"
#include "step.h"

/* What a child leaves behind, in memory that it shares with its worker. */
struct kt_work_carry {
	struct kt_telemetry telemetry;
	struct kt_work_state state;
	int ret;
};

static void __noreturn live(struct kt_work_env *env, pid_t parent,
			    int (*round)(struct kt_work_env *env))
{
	struct kt_work_carry *carry = env->carry;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	carry->telemetry.seen_ns = kt_now_ns();
	kt_meter_init(&env->meter, &carry->telemetry);
	carry->ret = round(env);
	kt_meter_refresh(&env->meter);
	carry->state = env->state;
	_exit(0);
}

/* The child's account becomes its worker's. */
static void take_over(struct kt_work_env *env)
{
	const struct kt_telemetry *from = &env->carry->telemetry;
	struct kt_telemetry *tm = env->meter.tm;

	env->meter.children_ns += from->cpu_ns;
	WRITE_ONCE(tm->work_units, tm->work_units + from->work_units);
	WRITE_ONCE(tm->migrations, tm->migrations + from->migrations);
	kt_cpumask_or(&tm->cpus, &tm->cpus, &from->cpus);
	if (from->gap_ns <= tm->gap_ns)
		return;
	WRITE_ONCE(tm->gap_cpu, from->gap_cpu);
	WRITE_ONCE(tm->gap_at_ns, from->gap_at_ns);
	WRITE_ONCE(tm->gap_ns, from->gap_ns);
}

/* Told to stop, the child is, too: it is not left behind. */
static int reap(struct kt_work_env *env, pid_t pid)
{
	int status;

	kt_meter_block(&env->meter);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		if (*env->stop)
			kill(pid, SIGKILL);
	kt_meter_unblock(&env->meter);
	if (*env->stop || (WIFEXITED(status) && !WEXITSTATUS(status)))
		return 0;
	return kt_err(-ECHILD, "%s: a child ended with wait status %#x",
		      env->name, status);
}

static int get_carry(struct kt_work_env *env)
{
	if (!env->carry) {
		env->carry = mmap(NULL, sizeof(*env->carry),
				  PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (env->carry == MAP_FAILED) {
			env->carry = NULL;
			return kt_err(-errno, "%s: map memory: %m", env->name);
		}
	}
	memset(env->carry, 0, sizeof(*env->carry));
	return 0;
}

int kt_work_in_child(struct kt_work_env *env,
		     int (*round)(struct kt_work_env *env))
{
	pid_t parent = getpid(), pid;
	int ret = get_carry(env);

	if (ret)
		return ret;
	pid = fork();
	if (pid < 0)
		return *env->stop ? 0 : kt_err(-errno, "%s: fork: %m",
					       env->name);
	if (!pid)
		live(env, parent, round);
	ret = reap(env, pid);
	take_over(env);
	if (ret || *env->stop)
		return ret;
	env->state = env->carry->state;
	return env->carry->ret;
}

static int burst(struct kt_work_env *env)
{
	kt_work_burst(env, env->params.burst_us);
	return 0;
}

int kt_work_fork_exit(struct kt_work_env *env)
{
	return kt_work_in_child(env, burst);
}
