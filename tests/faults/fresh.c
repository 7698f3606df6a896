// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a machine of a template could have in common with others of it; the
 * script "machines-of-one-template" compares. The body tells by notes.
 */
#include <sys/random.h>
#include <time.h>

#include <ktstr.h>

#define SLEEP_NS	20000000
#define SLEEPS		20

static long long ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* Of sleeps of 20 ms: none may be over before its time. */
static long long shortest_sleep(void)
{
	struct timespec ts = { .tv_nsec = SLEEP_NS };
	long long shortest = 1LL << 62, from, took;
	int i;

	for (i = 0; i < SLEEPS; i++) {
		from = ns(CLOCK_MONOTONIC);
		nanosleep(&ts, NULL);
		took = ns(CLOCK_MONOTONIC) - from;
		if (took < shortest)
			shortest = took;
	}
	return shortest;
}

KTSTR_TEST(fresh, .desc = "tells what it has of its own", .duration_ms = 100)
{
	unsigned long long random = 0;

	KTSTR_EXPECT(t, getrandom(&random, sizeof(random), 0) == sizeof(random));
	/* what passes prints no notes */
	KTSTR_EXPECT(t, !"told");
	ktstr_note(t, "random %016llx", random);
	ktstr_note(t, "uptime %lld ms", ns(CLOCK_BOOTTIME) / 1000000);
	ktstr_note(t, "time %lld", ns(CLOCK_REALTIME) / 1000000000);
	KTSTR_EXPECT_GE(t, shortest_sleep(), SLEEP_NS);
}
