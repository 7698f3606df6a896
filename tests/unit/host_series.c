// SPDX-License-Identifier: GPL-2.0-only
/*
 * Series over the periodic captures, and patterns as a test claims them.
 */
#include <kselftest_harness.h>

#include "after_rig.h"

FIXTURE(series)
{
	struct after_rig rig;
};

static void add(struct after_rig *rig, int i, int nr, const char *var)
{
	char tag[16], json[256];

	snprintf(tag, sizeof(tag), "p%d", i);
	snprintf(json, sizeof(json), "{\"cpus\": [{\"nr\": %d}], \"maps\": ["
		 "{\"name\": \"x.bss\", \"variables\": {\"v\": {\"n\": %s}}}]}",
		 nr, var);
	after_rig_add(rig, tag, json);
}

FIXTURE_SETUP(series)
{
	memset(self, 0, sizeof(*self));
	add(&self->rig, 0, 1, "\"18446744073709551614\"");
	add(&self->rig, 1, 2, "\"18446744073709551615\"");
	add(&self->rig, 2, 2, "0.5");
	after_rig_add(&self->rig, "p3", "{\"error\": \"not frozen\"}");
	/* one that was asked for is none of them */
	add(&self->rig, 4, 1000, "0");
	self->rig.captures.ring[4].cause = KT_CAPTURE_REQUEST;
}

FIXTURE_TEARDOWN(series)
{
	after_rig_fini(&self->rig);
}

#define run(fn)	after_rig_run(&self->rig, fn)

static void holds(struct ktstr_after *a)
{
	KTSTR_NONDECREASING(a, ktstr_series(a, "cpus[0].nr"));
}

TEST_F(series, of_a_path)
{
	EXPECT_EQ(KT_PASS, run(holds));
	EXPECT_STREQ("note: cpus[0].nr: nondecreasing, but\n"
		     "  gap: p3 of cpus[0].nr at 400 ms: p3: no field \"cpus\"; "
		     "fields: error, tag; it says: not frozen\n",
		     self->rig.text);
}

static void breaks(struct ktstr_after *a)
{
	ktstr_claim_pattern(a, ktstr_series(a, "cpus[0].nr"),
			    &(const struct ktstr_pattern){
				    KTSTR_P_STRICTLY_INCREASING },
			    "/a/path/t.c", 7);
}

TEST_F(series, broken)
{
	EXPECT_EQ(KT_FAIL, run(breaks));
	EXPECT_EQ(0, strncmp(self->rig.text,
			     "t.c:7: cpus[0].nr: expected strictly increasing\n"
			     "  p2 at 300 ms: 2, after 2 at p1\n"
			     "  gap: p3 ", 88));
}

static void of_a_variable(struct ktstr_after *a)
{
	struct ktstr_series *s = ktstr_series_var(a, "v", "n");

	KTSTR_RATIO_WITHIN(a, s, s, 1, 1);
	KTSTR_EACH(a, s, 0.5, 1e20);
	KTSTR_STRICTLY_INCREASING(a, s);
}

TEST_F(series, of_a_variable)
{
	EXPECT_EQ(KT_FAIL, run(of_a_variable));
	EXPECT_NE(NULL, strstr(self->rig.text,
			       "v.n: ratio to v.n within 1..1, but\n"));
	EXPECT_NE(NULL, strstr(self->rig.text,
			       "v.n: expected each within 0.5..1e+20\n"
			       "  p3 at 400 ms: missing: p3: no field \"maps\""));
	EXPECT_NE(NULL, strstr(self->rig.text,
			       "  p2 at 300 ms: 0.5, after 18446744073709551615 at p1\n"));
}

static struct ktstr_value look(struct ktstr_value capture, void *arg)
{
	return ktstr_at(ktstr_var(capture, "v"), arg);
}

static void of_what_is_found(struct ktstr_after *a)
{
	char field[] = "n";

	KTSTR_RATE_WITHIN(a, ktstr_series_of(a, "mine", look, field),
			  -2e20, 10);
	KTSTR_ALWAYS_TRUE(a, ktstr_series_var(a, "v", NULL));
}

TEST_F(series, of_what_is_found)
{
	EXPECT_EQ(KT_FAIL, run(of_what_is_found));
	EXPECT_EQ(0, strncmp(self->rig.text, "note: mine: rate within", 23));
	EXPECT_NE(NULL, strstr(self->rig.text, ": v: expected always true\n"
			       "  p0 at 100 ms: missing: p0: map x.bss: "
			       "variable v is a structure, no number\n"));
}

static void others(struct ktstr_after *a)
{
	struct ktstr_series *s = ktstr_series(a, "cpus[0].nr");

	KTSTR_STEADY_WITHIN(a, s, 200, 0);
	KTSTR_CONVERGES_TO(a, s, 2, 1, 300);
	KTSTR_EACH(a, ktstr_series(a, "tag"), 0, 1);
}

TEST_F(series, others)
{
	EXPECT_EQ(KT_FAIL, run(others));
	EXPECT_NE(NULL, strstr(self->rig.text,
			       "nr: steady within 0% of its mean from 200 ms on, but"));
	EXPECT_NE(NULL, strstr(self->rig.text,
			       "nr: converges to 2 within 1 by 300 ms, but"));
	EXPECT_NE(NULL, strstr(self->rig.text, "p1: tag is \"p1\", no number"));
}

static void refused(struct ktstr_after *a)
{
	struct ktstr_series *s = ktstr_series(a, "cpus[0].nr");

	KTSTR_NONDECREASING(a, NULL);
	KTSTR_RATIO_WITHIN(a, s, NULL, 0, 1);
	KTSTR_PATTERN_(a, s, .kind = KTSTR_NR_PATTERNS);
}

TEST_F(series, refused)
{
	EXPECT_EQ(KT_FAIL, run(refused));
	EXPECT_NE(NULL, strstr(self->rig.text, "a series that there is no memory for\n"));
	EXPECT_NE(NULL, strstr(self->rig.text, "no such pattern\n"));
}

static struct ktstr_value nothing(struct ktstr_value capture, void *arg)
{
	return arg ? capture : (struct ktstr_value){};
}

static void of_nothing(struct ktstr_after *a)
{
	KTSTR_ALWAYS_TRUE(a, ktstr_series_of(a, "nothing", nothing, NULL));
}

TEST_F(series, of_nothing)
{
	EXPECT_EQ(KT_FAIL, run(of_nothing));
	EXPECT_NE(NULL, strstr(self->rig.text, "p0 at 100 ms: missing: "));
	kt_captures_fini(&self->rig.captures);
	EXPECT_EQ(KT_FAIL, run(of_nothing));
	EXPECT_NE(NULL, strstr(self->rig.text, "0 of 0 samples there"));
}

TEST_HARNESS_MAIN
