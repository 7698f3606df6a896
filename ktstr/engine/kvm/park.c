// SPDX-License-Identifier: GPL-2.0-only
/*
 * The freeze rendezvous. A flag without a lock keeps the vCPUs' way into the
 * guest short; everything else is under one mutex, whose two conditions pair
 * vCPU threads (arrived) with the machine's thread (let_go).
 */
#include <time.h>

#include "park.h"

int kt_park_init(struct kt_park *p, u32 nr)
{
	pthread_condattr_t attr;
	int ret;

	memset(p, 0, sizeof(*p));
	p->nr = nr;
	ret = pthread_condattr_init(&attr);
	if (ret)
		return -ret;
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	ret = pthread_mutex_init(&p->lock, NULL);
	if (!ret)
		ret = pthread_cond_init(&p->arrived, &attr);
	if (!ret)
		ret = pthread_cond_init(&p->let_go, &attr);
	pthread_condattr_destroy(&attr);
	return -ret;
}

void kt_park_fini(struct kt_park *p)
{
	pthread_cond_destroy(&p->let_go);
	pthread_cond_destroy(&p->arrived);
	pthread_mutex_destroy(&p->lock);
}

bool kt_park_asked(struct kt_park *p)
{
	/*
	 * Pairs with set(): who asks stores this flag and then makes KVM_RUN
	 * return (immediate_exit, a signal); who runs clears immediate_exit
	 * and then reads the flag. One of the two sees the other's store.
	 */
	return atomic_load(&p->asked);
}

/* With the lock held. */
static void set(struct kt_park *p, bool frozen, bool stopped)
{
	p->frozen = frozen;
	p->stopped = stopped;
	atomic_store(&p->asked, frozen || stopped);
	pthread_cond_broadcast(&p->let_go);
}

bool kt_park_wait(struct kt_park *p)
{
	bool go_on;

	pthread_mutex_lock(&p->lock);
	if (p->frozen && !p->stopped) {
		p->nr_parked++;
		pthread_cond_broadcast(&p->arrived);
		while (p->frozen && !p->stopped)
			pthread_cond_wait(&p->let_go, &p->lock);
		p->nr_parked--;
	}
	go_on = !p->stopped;
	pthread_mutex_unlock(&p->lock);
	return go_on;
}

void kt_park_leave(struct kt_park *p)
{
	pthread_mutex_lock(&p->lock);
	p->nr_gone++;
	pthread_cond_broadcast(&p->arrived);
	pthread_mutex_unlock(&p->lock);
}

void kt_park_freeze(struct kt_park *p)
{
	pthread_mutex_lock(&p->lock);
	set(p, true, p->stopped);
	pthread_mutex_unlock(&p->lock);
}

void kt_park_thaw(struct kt_park *p)
{
	pthread_mutex_lock(&p->lock);
	set(p, false, p->stopped);
	pthread_mutex_unlock(&p->lock);
}

void kt_park_stop(struct kt_park *p)
{
	pthread_mutex_lock(&p->lock);
	set(p, p->frozen, true);
	pthread_mutex_unlock(&p->lock);
}

/* With the lock held: one wait for somebody to arrive. */
static int wait_arrival(struct kt_park *p, u64 deadline_ns)
{
	struct timespec ts = {
		.tv_sec = deadline_ns / KT_NSEC_PER_SEC,
		.tv_nsec = deadline_ns % KT_NSEC_PER_SEC,
	};

	return -pthread_cond_timedwait(&p->arrived, &p->lock, &ts);
}

int kt_park_await(struct kt_park *p, u64 deadline_ns, u32 *parked)
{
	int ret = 0;

	pthread_mutex_lock(&p->lock);
	while (!ret && p->nr_parked + p->nr_gone < p->nr)
		ret = wait_arrival(p, deadline_ns);
	*parked = p->nr_parked + p->nr_gone;
	if (*parked == p->nr)
		ret = 0;
	pthread_mutex_unlock(&p->lock);
	return ret;
}

int kt_park_await_gone(struct kt_park *p, u64 deadline_ns)
{
	int ret = 0;

	pthread_mutex_lock(&p->lock);
	while (!ret && p->nr_gone < p->nr)
		ret = wait_arrival(p, deadline_ns);
	if (p->nr_gone == p->nr)
		ret = 0;
	pthread_mutex_unlock(&p->lock);
	return ret;
}
