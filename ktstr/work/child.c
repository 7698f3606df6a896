// SPDX-License-Identifier: GPL-2.0-only
/*
 * A worker: waits to be told to set itself up, then to begin, works, ends when
 * told to.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <linux/compiler.h>

#include "child.h"
#include "step.h"
#include "threads.h"

static volatile sig_atomic_t stop;

static void on_stop(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	stop = 1;
	kt_threads_interrupt(info);
}

static void set_signals(void)
{
	/* no SA_RESTART: a wait for a partner must end */
	struct sigaction act = {
		.sa_sigaction = on_stop,
		.sa_flags = SA_SIGINFO,
	};
	sigset_t none;

	sigaction(KT_STOP_SIGNAL, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	signal(SIGINT, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* All are set up before the first one works: it may leave no CPU to others. */
static bool set_up(const struct kt_child *c)
{
	enum kt_place_step step;
	s32 err;

	if (!c->setup)
		return true;
	if (!kt_start_wait(c->start, KT_START_SET_UP, &stop))
		return false;
	err = kt_place_self(c->setup, c->env.index, &step);
	c->ready->step = step;
	/* pairs with find_failed() */
	__atomic_store_n(&c->ready->err, err, __ATOMIC_RELEASE);
	kt_start_say(c->start);
	return !err;
}

void kt_child_init(const struct kt_child *c)
{
	set_signals();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != c->parent)
		_exit(1);		/* it died before prctl() */
}

static int do_rounds(struct kt_child *c)
{
	struct kt_work_env *env = &c->env;
	struct kt_telemetry *tm = c->telemetry;
	bool pool = env->params.form == KTSTR_POOL;
	int ret = c->type->setup ? c->type->setup(env) : 0;

	while (!stop && !ret) {
		ret = pool ? kt_work_in_child(env, c->type->step) :
			     c->type->step(env);
		if (!ret && !stop)
			WRITE_ONCE(tm->iterations, tm->iterations + 1);
	}
	if (c->type->teardown)
		c->type->teardown(env);
	return ret && !stop ? ret : 0;
}

int kt_child_work(struct kt_child *c)
{
	struct kt_meter *meter = &c->env.meter;
	char name[16];
	int ret;

	snprintf(name, sizeof(name), "kt:%s", c->type->name);
	prctl(PR_SET_NAME, name);
	if (!set_up(c) || !kt_start_wait(c->start, KT_START_GO, &stop))
		return -ECANCELED;
	/* nobody waits for it so long: that is no gap */
	if (c->offset_us)
		WRITE_ONCE(c->telemetry->seen_ns, kt_start_stagger(c->offset_us));
	c->env.stop = &stop;
	kt_meter_init(meter, c->telemetry);
	kt_meter_tick(meter);
	ret = do_rounds(c);
	kt_meter_refresh(meter);
	return ret;
}

void kt_child_run(struct kt_child *c)
{
	kt_child_init(c);
	_exit(kt_child_work(c) ? 1 : 0);
}
