// SPDX-License-Identifier: GPL-2.0-only
/*
 * QEMU 7.2: util/main-loop.c waits in ppoll(), without the lock of all (the BQL),
 * and is woken through an eventfd. accel/tcg/tcg-accel-ops-rr.c runs the vCPUs,
 * without that lock as well; it takes it for what they ask of devices, and to run
 * timers, and waits in pthread_cond_wait() when all vCPUs are idle.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ktstr/base/types.h"
#include "main_loop.h"

#define EXPORT	__attribute__((visibility("default")))

/* Nobody waits for ever for the other: none of these ends in an orderly run. */
#define HELD_S		10
#define TURN_S		5
#define ROUNDS_A_TURN	64

EXPORT int ppoll(struct pollfd *fds, nfds_t nr, const struct timespec *timeout,
		 const sigset_t *mask);
EXPORT int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex);
EXPORT int pthread_cond_broadcast(pthread_cond_t *cond);
EXPORT int pthread_mutex_unlock(pthread_mutex_t *mutex);
EXPORT ssize_t write(int fd, const void *data, size_t size);

struct libc {
	int (*ppoll)(struct pollfd *fds, nfds_t nr,
		     const struct timespec *timeout, const sigset_t *mask);
	int (*wait)(pthread_cond_t *cond, pthread_mutex_t *mutex);
	int (*broadcast)(pthread_cond_t *cond);
	int (*unlock)(pthread_mutex_t *mutex);
	ssize_t (*write)(int fd, const void *data, size_t size);
};

/* What the main loop may do. */
enum {
	FREE,		/* as it likes */
	IDLE,		/* all it wants: the vCPUs wait in @halted */
	HELD,		/* nothing: they run */
	TURN,		/* what there is to be done: they wait for it */
};

static u32 state = FREE;
static u32 at_rest;		/* it waits, in ppoll() */
static u32 blocked;		/* it waits, in pthread_cond_wait() */
static u32 seen;		/* it comes by here at all */
static u32 rounds;		/* left of its turn */
static struct pollfd *wanted;	/* that it waits for, while @at_rest */
static nfds_t nr_wanted;
static pthread_cond_t *halted;
static pthread_mutex_t *bql;	/* what the vCPUs' thread waits with */
static pthread_t main_thread;

static __thread bool runs_vcpus;
static __thread bool notified;	/* the main loop was, by this thread */
static __thread pthread_mutex_t *waited_with;

/* glibc has two of each; without a version it may be the older. */
static void *find(const char *name)
{
	void *f = dlvsym(RTLD_NEXT, name, "GLIBC_2.3.2");

	return f ? f : dlsym(RTLD_NEXT, name);
}

/* Other libraries call in before it is this one's turn to be set up. */
static const struct libc *libc(void)
{
	static struct libc f;

	if (f.write)
		return &f;
	main_thread = pthread_self();
	f.ppoll = dlsym(RTLD_NEXT, "ppoll");
	f.wait = find("pthread_cond_wait");
	f.broadcast = find("pthread_cond_broadcast");
	f.unlock = dlsym(RTLD_NEXT, "pthread_mutex_unlock");
	f.write = dlsym(RTLD_NEXT, "write");
	return &f;
}

__attribute__((constructor)) static void init(void)
{
	libc();
}

static u32 get(u32 *word)
{
	return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static void wake(u32 *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void set(u32 *word, u32 value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
	wake(word);
}

static bool change(u32 from, u32 to)
{
	if (!__atomic_compare_exchange_n(&state, &from, to, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return false;
	wake(&state);
	return true;
}

/* False: it was @value all that time. */
static bool await_other(u32 *word, u32 value, time_t seconds)
{
	const struct timespec bound = { .tv_sec = seconds };

	while (get(word) == value)
		if (syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, &bound,
			    NULL, 0) && errno == ETIMEDOUT)
			return get(word) != value;
	return true;
}

static bool is_zero(const struct timespec *t)
{
	return t && !t->tv_sec && !t->tv_nsec;
}

/* The main loop's ppoll(), when it may go on. */
static int rest(struct pollfd *fds, nfds_t nr, const struct timespec *timeout,
		const sigset_t *mask)
{
	const struct timespec zero = {};
	int ret;

	for (;;) {
		switch (get(&state)) {
		case HELD:
			if (!await_other(&state, HELD, HELD_S))
				return libc()->ppoll(fds, nr, &zero, mask);
			break;
		case TURN:
			ret = libc()->ppoll(fds, nr, &zero, mask);
			if ((ret || is_zero(timeout)) && rounds && rounds--)
				return ret;
			change(TURN, HELD);
			break;
		default:
			ret = libc()->ppoll(fds, nr, timeout, mask);
			if (get(&state) < HELD)
				return ret;
		}
	}
}

/* As it takes QEMU apart: then the vCPUs wait for it, and not it for them. */
static bool has_bql(void)
{
	return bql && bql->__data.__owner == syscall(SYS_gettid);
}

int ppoll(struct pollfd *fds, nfds_t nr, const struct timespec *timeout,
	  const sigset_t *mask)
{
	const struct libc *c = libc();
	int ret, err;

	if (!pthread_equal(pthread_self(), main_thread) || has_bql())
		return c->ppoll(fds, nr, timeout, mask);
	set(&seen, true);
	wanted = fds;
	nr_wanted = nr;
	set(&at_rest, true);
	ret = rest(fds, nr, timeout, mask);
	err = errno;
	set(&at_rest, false);
	errno = err;
	return ret;
}

int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
	const struct libc *c = libc();
	int ret;

	if (pthread_equal(pthread_self(), main_thread)) {
		/* perhaps for the vCPUs */
		set(&blocked, true);
		change(TURN, HELD);
		ret = c->wait(cond, mutex);
		set(&blocked, false);
		return ret;
	}
	waited_with = mutex;
	if (!runs_vcpus)
		return c->wait(cond, mutex);
	halted = cond;
	notified = false;
	change(HELD, IDLE);
	ret = c->wait(cond, mutex);
	change(IDLE, HELD);
	return ret;
}

/* The vCPUs do not run before they have the lock, but are about to. */
int pthread_cond_broadcast(pthread_cond_t *cond)
{
	if (cond == halted)
		change(IDLE, HELD);
	return libc()->broadcast(cond);
}

/* event_notifier_set() is one of so many bytes. */
ssize_t write(int fd, const void *data, size_t size)
{
	if (runs_vcpus && size == sizeof(u64))
		notified = true;
	return libc()->write(fd, data, size);
}

/* The vCPUs' thread waits, without the lock, until the main loop is done. */
static void give_turn(void)
{
	const struct timespec zero = {};

	if (get(&state) != HELD || get(&blocked) ||
	    !await_other(&at_rest, false, TURN_S))
		return;
	if (!libc()->ppoll(wanted, nr_wanted, &zero, NULL))
		return;
	rounds = ROUNDS_A_TURN;
	if (change(HELD, TURN) && !await_other(&state, TURN, TURN_S))
		change(TURN, HELD);
}

int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
	int ret = libc()->unlock(mutex);

	if (notified && mutex == bql) {
		notified = false;
		give_turn();
	}
	return ret;
}

void main_loop_vcpus_run(void)
{
	runs_vcpus = true;
	bql = waited_with;
	if (get(&seen))
		change(FREE, HELD);
}

void main_loop_let_go(void)
{
	set(&state, FREE);
}
