// SPDX-License-Identifier: GPL-2.0-only
/*
 * A worker: waits to be told to begin, works, ends when told to.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <linux/compiler.h>

#include "child.h"

static volatile sig_atomic_t stop;

static void on_stop(int sig)
{
	(void)sig;
	stop = 1;
}

static void set_signals(void)
{
	/* no SA_RESTART: a wait for a partner must end */
	struct sigaction act = { .sa_handler = on_stop };
	sigset_t none;

	sigaction(KT_STOP_SIGNAL, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	signal(SIGINT, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool told_to_begin(int go_rd)
{
	ssize_t n;
	char byte;

	do {
		n = read(go_rd, &byte, 1);
	} while (n < 0 && errno == EINTR && !stop);
	return n == 1 && !stop;
}

void kt_child_run(struct kt_child *c)
{
	struct kt_work_env *env = &c->env;
	struct kt_telemetry *tm = c->telemetry;
	char name[16];
	int ret = 0;

	set_signals();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != c->parent)
		_exit(1);		/* it died before prctl() */
	snprintf(name, sizeof(name), "kt:%s", c->type->name);
	prctl(PR_SET_NAME, name);
	if (!told_to_begin(c->go_rd))
		_exit(1);

	env->stop = &stop;
	kt_meter_init(&env->meter, tm);
	kt_meter_tick(&env->meter);
	while (!stop && !ret) {
		ret = c->type->step(env);
		if (!ret && !stop)
			WRITE_ONCE(tm->iterations, tm->iterations + 1);
	}
	kt_meter_refresh(&env->meter);
	_exit(ret && !stop ? 1 : 0);
}
