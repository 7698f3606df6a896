// SPDX-License-Identifier: GPL-2.0-only
/*
 * QEMU's main loop beside its vCPUs' thread, both played here. This program's
 * ppoll() and the like are the plugin's.
 */
#include <kselftest_harness.h>
#include <sys/eventfd.h>

#include "ktstr/engine/qemu/plugin/main_loop.c"

#define YIELDS	1000
#define BOUND_S	20

static pthread_mutex_t big_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t halt = PTHREAD_COND_INITIALIZER;
static int event_fd;
static bool greedy;		/* it finds something to do each time it looks */
static bool arrived, started, over;
static u32 nr_rounds;		/* of the main loop */
static u32 first_rounds;	/* ahead of the first instruction */
static u32 seen_rounds[8];	/* by the vCPUs' thread */

static u32 count_rounds(void)
{
	return __atomic_load_n(&nr_rounds, __ATOMIC_SEQ_CST);
}

/* What it does must not be seen half done by vCPUs that wait for it. */
static void main_round(struct __test_metadata *_metadata)
{
	struct pollfd pfd = { .fd = event_fd, .events = POLLIN };
	const struct timespec bound = { .tv_sec = BOUND_S };
	u64 value;

	pthread_mutex_unlock(&big_lock);
	EXPECT_EQ(1, ppoll(&pfd, 1, &bound, NULL));
	pthread_mutex_lock(&big_lock);
	if (!greedy)
		EXPECT_EQ(sizeof(value), read(event_fd, &value, sizeof(value)));
	sched_yield();
	__atomic_add_fetch(&nr_rounds, 1, __ATOMIC_SEQ_CST);
}

static void notify(void)
{
	const u64 one = 1;

	if (write(event_fd, &one, sizeof(one)) != sizeof(one))
		abort();
}

static void run_instructions(void)
{
	int i;

	for (i = 0; i < YIELDS; i++)
		sched_yield();
}

static void begin(void)
{
	pthread_mutex_lock(&big_lock);
	arrived = true;
	while (!started)
		pthread_cond_wait(&halt, &big_lock);
	main_loop_vcpus_run();
	first_rounds = count_rounds();
}

static void end(void)
{
	over = true;
	main_loop_let_go();
	notify();
	pthread_mutex_unlock(&big_lock);
}

/* The main loop as far as the vCPUs' thread waits to be started; has the lock. */
static void make_vcpus(struct __test_metadata *_metadata, pthread_t *thread,
		       void *(*vcpus)(void *unused))
{
	event_fd = eventfd(0, EFD_CLOEXEC);
	ASSERT_LE(0, event_fd);
	ASSERT_EQ(0, pthread_create(thread, NULL, vcpus, NULL));
	pthread_mutex_lock(&big_lock);
	do {
		notify();
		main_round(_metadata);
	} while (!arrived);
}

static void start_vcpus(void)
{
	started = true;
	pthread_cond_broadcast(&halt);
}

static void end_vcpus(struct __test_metadata *_metadata, pthread_t thread)
{
	pthread_mutex_unlock(&big_lock);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	close(event_fd);
}

/* The main loop until the other thread has ended. */
static void play(struct __test_metadata *_metadata, void *(*vcpus)(void *unused))
{
	pthread_t thread;

	make_vcpus(_metadata, &thread, vcpus);
	start_vcpus();
	if (greedy)
		notify();
	while (!over)
		main_round(_metadata);
	end_vcpus(_metadata, thread);
}

static void *run_on(void *unused)
{
	(void)unused;
	begin();
	/* at the first instruction it may be on its way still */
	notify();
	pthread_mutex_unlock(&big_lock);
	seen_rounds[0] = count_rounds();
	run_instructions();
	seen_rounds[1] = count_rounds();
	pthread_mutex_lock(&big_lock);
	run_instructions();
	pthread_mutex_unlock(&big_lock);
	run_instructions();
	seen_rounds[2] = count_rounds();
	pthread_mutex_lock(&big_lock);
	end();
	return NULL;
}

/* Though there is always something to be done. */
TEST(waits_while_the_vcpus_run)
{
	greedy = true;
	play(_metadata, run_on);
	EXPECT_EQ(seen_rounds[0], seen_rounds[1]);
	EXPECT_EQ(seen_rounds[0], seen_rounds[2]);
	EXPECT_LT(seen_rounds[2], nr_rounds);
}

static void *tell(void *unused)
{
	u32 i;

	(void)unused;
	begin();
	for (i = 0; i < ARRAY_SIZE(seen_rounds); i++) {
		notify();
		run_instructions();
		pthread_mutex_unlock(&big_lock);
		seen_rounds[i] = count_rounds();
		run_instructions();
		pthread_mutex_lock(&big_lock);
	}
	end();
	return NULL;
}

/* At the release of the lock, and behind it all is done. */
TEST(has_its_turn_when_told)
{
	u32 i;

	play(_metadata, tell);
	for (i = 0; i < ARRAY_SIZE(seen_rounds); i++)
		EXPECT_EQ(first_rounds + i + 1, seen_rounds[i]);
}

/* More than that is left for the next one. */
TEST(has_so_much_of_a_turn)
{
	u32 i;

	greedy = true;
	play(_metadata, tell);
	for (i = 1; i < ARRAY_SIZE(seen_rounds); i++)
		EXPECT_EQ(ROUNDS_A_TURN, seen_rounds[i] - seen_rounds[i - 1]);
}

static void *idle(void *unused)
{
	(void)unused;
	begin();
	notify();
	while (count_rounds() == first_rounds)
		pthread_cond_wait(&halt, &big_lock);
	end();
	return NULL;
}

/* It has been told ahead of that, and is still to do it. */
TEST(goes_on_when_all_are_idle)
{
	pthread_t thread;

	make_vcpus(_metadata, &thread, idle);
	start_vcpus();
	main_round(_metadata);
	EXPECT_EQ(IDLE, get(&state));
	pthread_cond_broadcast(&halt);
	EXPECT_EQ(HELD, get(&state));
	end_vcpus(_metadata, thread);
}

static void *want_the_lock(void *unused)
{
	(void)unused;
	begin();
	pthread_mutex_unlock(&big_lock);
	set(&seen_rounds[0], 1);
	await_other(&seen_rounds[1], 0, BOUND_S);
	pthread_mutex_lock(&big_lock);
	end();
	return NULL;
}

/* It looks for something of its own, with the lock: the vCPUs wait for it. */
TEST(is_not_held_with_the_lock)
{
	struct pollfd pfd = { .events = POLLIN };
	const struct timespec zero = {};
	pthread_t thread;

	make_vcpus(_metadata, &thread, want_the_lock);
	start_vcpus();
	pthread_mutex_unlock(&big_lock);
	ASSERT_TRUE(await_other(&seen_rounds[0], 0, BOUND_S));
	EXPECT_EQ(HELD, get(&state));
	pthread_mutex_lock(&big_lock);
	pfd.fd = event_fd;
	notify();
	EXPECT_EQ(1, ppoll(&pfd, 1, &zero, NULL));
	EXPECT_EQ(HELD, get(&state));
	set(&seen_rounds[1], 1);
	end_vcpus(_metadata, thread);
}

TEST_HARNESS_MAIN
