// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lookups in a capture: every way in, every typed end, and what is said of one
 * that leads nowhere.
 */
#include <kselftest_harness.h>

#include "after_rig.h"
#include "kept_log.h"

static const char capture[] = "{"
	"\"cpus\": [{\"cpu\": 0, \"nr_running\": 3, \"curr\": {\"pid\": 7, \"comm\": \"x\"}},"
	"           {\"cpu\": 1, \"nr_running\": 0}],"
	"\"tasks\": [{\"pid\": 7, \"comm\": \"x\"}, {\"pid\": 9, \"comm\": \"y\"}],"
	"\"dsqs\": [{\"id\": \"0x8000000000000001\", \"nr\": 4}],"
	"\"maps\": ["
	" {\"id\": 1, \"name\": \"simple.bss\", \"variables\": {"
	"  \"nr_enqueued\": 5, \"state\": \"ON (3)\", \"minus\": -5,"
	"  \"big\": \"18446744073709551615\", \"yes\": true, \"half\": 0.5,"
	"  \"none\": null, \"raw\": \"0xffff888000001000\", \"text\": \"two\\nlines\","
	"  \"bad\": \"? 3 bytes of 8\", \"both\": 1,"
	"  \"ptr\": {\"@\": \"0xffff888000002000\", \"weight\": 100},"
	"  \"long\": [1, 0, \"... 298 more, all zero\"],"
	"  \"cut\": [1, 2, \"... 44 more\"], \"empty\": [],"
	"  \"rows\": [[1, 2], [3, 4]], \"part\": {\"a\": 1, \"...\": \"12 more\"},"
	"  \"func.static\": 6}},"
	" {\"id\": 2, \"name\": \"other.data\", \"variables\": {\"both\": 2}},"
	" {\"id\": 3, \"name\": \"other.bss\", \"variables\": {\"old\": 1}},"
	" {\"id\": 4, \"name\": \"scx_per_task_da\", \"entries\": ["
	"  {\"key\": 10, \"value\": {\"weight\": 100, \"vtime\": 5}},"
	"  {\"key\": 20, \"value\": {\"weight\": 200, \"vtime\": 6}}]},"
	" {\"id\": 5, \"name\": \"stats\", \"entries\": ["
	"  {\"key\": 0, \"cpus\": [11, {\"n\": 12}]}]},"
	" {\"id\": 9, \"name\": \"stats\", \"entries\": ["
	"  {\"key\": 0, \"cpus\": [21, {\"n\": 22}]}]},"
	" {\"id\": 7, \"name\": \"stats\", \"entries\": []}"
	"]}";

FIXTURE(value)
{
	struct after_rig rig;
};

FIXTURE_SETUP(value)
{
	memset(self, 0, sizeof(*self));
	keep_log();
	after_rig_add(&self->rig, "first", "{\"cpus\": []}");
	after_rig_add(&self->rig, "second", capture);
	after_rig_add(&self->rig, "blind",
		      "{\"error\": \"not frozen: 1 of 2 vCPUs parked\"}");
}

FIXTURE_TEARDOWN(value)
{
	after_rig_fini(&self->rig);
}

#define run(fn)	after_rig_run(&self->rig, fn)

/* Passes, and has said nothing. */
#define HOLDS(fn)							\
	do {								\
		EXPECT_EQ(KT_PASS, run(fn));				\
		EXPECT_STREQ("", self->rig.text);			\
	} while (0)

static struct ktstr_value second(struct ktstr_after *a)
{
	return ktstr_capture_get(a, "second");
}

static void typed_ends(struct ktstr_after *a)
{
	struct ktstr_value v = ktstr_map(second(a), "simple.bss");

	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_var(v, "nr_enqueued")), 5);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_var(v, "state")), 3);
	KTSTR_AFTER_STREQ(a, ktstr_str(ktstr_var(v, "state")), "ON (3)");
	KTSTR_AFTER_EQ(a, ktstr_i64(ktstr_var(v, "minus")), -5);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_var(v, "big")) == UINT64_MAX, 1);
	KTSTR_AFTER_EQ(a, ktstr_double(ktstr_var(v, "big")) > 1.8e19, 1);
	KTSTR_AFTER_EQ(a, ktstr_double(ktstr_var(v, "half")) == 0.5, 1);
	KTSTR_AFTER_EQ(a, ktstr_double(ktstr_var(v, "minus")) == -5, 1);
	KTSTR_AFTER_EQ(a, ktstr_bool(ktstr_var(v, "yes")), 1);
	KTSTR_AFTER_EQ(a, ktstr_bool(ktstr_var(v, "minus")), 1);
	KTSTR_AFTER_EQ(a, ktstr_bool(ktstr_var(v, "big")), 1);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_var(v, "none")), 0);
	KTSTR_AFTER_EQ(a, ktstr_i64(ktstr_var(v, "none")), 0);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_var(v, "raw")) == 0xffff888000001000,
		       1);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_var(v, "ptr")) == 0xffff888000002000,
		       1);
	KTSTR_AFTER_EQ(a, ktstr_nr(ktstr_var(v, "long")), 300);
	KTSTR_AFTER_EQ(a, ktstr_nr(ktstr_var(v, "empty")), 0);
	KTSTR_AFTER_EQ(a, ktstr_nr(ktstr_var(v, "ptr")), 2);
	KTSTR_AFTER_EQ(a, ktstr_nr(ktstr_map(second(a), "stats")), 1);
}

TEST_F(value, typed_ends)
{
	HOLDS(typed_ends);
}

static void paths(struct ktstr_after *a)
{
	struct ktstr_value c = second(a), v = ktstr_map(c, "simple.bss");

	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_at(c, "cpus[0].nr_running")), 3);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_at(c, "cpus[0].curr.pid")), 7);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_at(ktstr_at(c, "cpus"),
					     "[0].curr.pid")), 7);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_at(v, "variables.rows[1][0]")), 3);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_at(ktstr_var(v, "ptr"), "weight")),
		       100);
	/* what was cut as zeroes is there, with its shape */
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_at(v, "variables.long[299]")), 0);
	KTSTR_AFTER_EQ(a, ktstr_nr(ktstr_at(c, "")), 5);
	KTSTR_AFTER_STREQ(a, ktstr_at(c, "cpus[1].cpu").where,
			  "second: cpus[1].cpu");
}

TEST_F(value, paths)
{
	HOLDS(paths);
}

static bool weighs(struct ktstr_value v, void *arg)
{
	return ktstr_u64(ktstr_at(v, "value.weight")) == *(u64 *)arg;
}

static void by_name(struct ktstr_after *a)
{
	struct ktstr_value c = second(a), map, dsq;
	u64 weight = 200;

	/* the kernel has cut that name */
	map = ktstr_map(c, "scx_per_task_data");
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_at(map, "id")), 4);
	KTSTR_AFTER_EQ(a, ktstr_nr(map), 2);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_at(ktstr_entry(map, 20), "vtime")), 6);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_at(map, "entries[0].key")), 10);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_at(ktstr_where(map, weighs, &weight),
					     "key")), 20);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_at(ktstr_map(c, ".data"), "id")), 2);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_var(c, "nr_enqueued")), 5);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_var(c, "func.static")), 6);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_var(ktstr_map(c, "other.data"),
					      "both")), 2);
	/* of two of one name, the younger; slots of a CPU */
	map = ktstr_map(c, "stats");
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_slot(ktstr_entry(map, 0), 0)), 21);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_at(ktstr_slot(ktstr_entry(map, 0), 1),
					     "n")), 22);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_at(ktstr_slot(c, 1), "cpu")), 1);
	KTSTR_AFTER_STREQ(a, ktstr_str(ktstr_at(ktstr_task(c, 9), "comm")), "y");
	dsq = ktstr_find(ktstr_at(c, "dsqs"), "id", 0x8000000000000001);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_at(dsq, "nr")), 4);
	KTSTR_AFTER_STREQ(a, ktstr_task(c, 9).where, "second: tasks: pid 9");
}

TEST_F(value, by_name)
{
	HOLDS(by_name);
}

static void captures(struct ktstr_after *a)
{
	KTSTR_AFTER_STREQ(a, ktstr_str(ktstr_at(ktstr_capture_nth(a, 1),
						"tag")), "second");
	KTSTR_AFTER_EQ(a, ktstr_nr(ktstr_at(ktstr_capture_get(a, "first"),
					    "cpus")), 0);
	KTSTR_AFTER_STREQ(a, ktstr_capture_nth(a, 3).error,
			  "no capture 3: 3 are kept");
	KTSTR_AFTER_STREQ(a, ktstr_capture_get(a, "secnd").error,
			  "no capture \"secnd\"; captures: second, first, blind");
}

TEST_F(value, captures)
{
	HOLDS(captures);
	/* the last of one name */
	after_rig_add(&self->rig, "first", "{\"cpus\": [1]}");
	EXPECT_EQ(KT_FAIL, run(captures));
	EXPECT_NE(NULL, strstr(self->rig.text, "seen 1, bound 0"));
}

static bool never(struct ktstr_value v, void *arg)
{
	return v.error && arg;
}

static struct ktstr_value many_lookups(struct ktstr_value v)
{
	v = ktstr_var(ktstr_map(ktstr_at(v, "y"), "z"), "v");
	v = ktstr_where(ktstr_find(v, "f", 1), never, NULL);
	return ktstr_slot(ktstr_entry(v, 1), 1);
}

static struct ktstr_value lookup(struct ktstr_after *a, int i)
{
	struct ktstr_value c = second(a), bss = ktstr_map(c, "simple.bss");

	switch (i) {
	case 0: return ktstr_at(c, "cpus[0].nr_runing");
	case 1: return ktstr_at(c, "cpuss");
	case 2: return ktstr_at(c, "cpus[2]");
	case 3: return ktstr_at(c, "cpus[0].nr_running.x");
	case 4: return ktstr_at(c, "cpus.nr");
	case 5: return ktstr_at(c, "cpus[0][1]");
	case 6: return ktstr_map(c, "scx_per_tsk");
	case 7: return ktstr_map(c, ".bss");
	case 8: return ktstr_var(c, "nr_enqueud");
	case 9: return ktstr_var(c, "both");
	case 10: return ktstr_var(ktstr_map(c, "other.data"), "bath");
	case 11: return ktstr_at(ktstr_var(bss, "raw"), "weight");
	case 12: return ktstr_at(ktstr_var(bss, "none"), "weight");
	case 13: return ktstr_at(ktstr_var(bss, "ptr"), "weigth");
	case 14: return ktstr_at(ktstr_var(bss, "cut"), "[2]");
	case 15: return ktstr_at(ktstr_var(bss, "long"), "[300]");
	case 16: return ktstr_at(ktstr_var(bss, "part"), "b");
	case 17: return ktstr_entry(ktstr_map(c, "stats"), 5);
	case 18: return ktstr_slot(ktstr_entry(ktstr_map(c, "stats"), 0), 2);
	case 19: return ktstr_task(c, 8);
	case 20: return ktstr_at(ktstr_capture_get(a, "blind"), "cpus[0]");
	case 21: return ktstr_map(ktstr_capture_get(a, "first"), "stats");
	case 22: return ktstr_find(ktstr_at(c, "cpus[0]"), "x", 1);
	case 23: return ktstr_find(ktstr_at(c, "cpus"), "x", 1);
	case 24: return ktstr_where(ktstr_at(c, "cpus"), never, NULL);
	case 25: return ktstr_entry(bss, 1);
	/* what was lost first is what is told */
	case 26: return many_lookups(ktstr_capture_get(a, "x"));
	case 27: return ktstr_task(ktstr_capture_nth(a, 9), 1);
	case 28: return ktstr_slot(bss, 1);
	default: return ktstr_at(ktstr_var(bss, "text"), "x");
	}
}

static const char *const lost[] = {
	"second: no field \"nr_runing\" in cpus[0]; fields: nr_running, cpu, curr",
	"second: no field \"cpuss\"; fields: cpus, tasks, dsqs, maps, tag",
	"second: cpus: 2 elements, none at 2",
	"second: no field \"x\": cpus[0].nr_running is 3",
	"second: no field \"nr\": cpus is an array",
	"second: cpus[0]: a structure, no array",
	"second: map \"scx_per_tsk\" not found; maps: simple.bss, other.data, "
	"other.bss, scx_per_task_da, stats",
	"second: map \".bss\" is not one map but several: simple.bss, other.bss",
	"second: no variable \"nr_enqueud\"; variables: nr_enqueued, ",
	"second: variable \"both\" is in several maps, look in one of them: "
	"simple.bss, other.data",
	"second: map other.data: no variable \"bath\"; variables: both",
	"second: map simple.bss: variable raw: no field \"weight\": it is a "
	"pointer that was not followed (0xffff888000001000)",
	"second: map simple.bss: variable none: no field \"weight\": it is a "
	"null pointer",
	"second: map simple.bss: variable ptr: no field \"weigth\"; fields: "
	"weight, @",
	"second: map simple.bss: variable cut: the first 2 of 46 elements were kept",
	"second: map simple.bss: variable long: 300 elements, none at 300",
	"second: map simple.bss: variable part: no field \"b\"; fields: a; "
	"12 more were not kept",
	"second: map stats: none of 1 has key 5; there are: 0",
	"second: map stats: key 0: no slot for CPU 2: 2 elements, none at 2",
	"second: tasks: none of 2 has pid 8; there are: 7, 9",
	"blind: no field \"cpus\"; fields: error, tag; it says: not frozen: "
	"1 of 2 vCPUs parked",
	"first: no field \"maps\"; fields: cpus, tag",
	"second: cpus[0]: a structure, no array",
	"second: cpus: no field \"x\"; fields: cpu, nr_running",
	"second: cpus: none of 2 elements is what was looked for",
	"second: map simple.bss: a structure, no array",
	"no capture \"x\"; captures: first, second, blind",
	"no capture 9: 3 are kept",
	"second: map simple.bss: no slot for CPU 1: a structure, no array",
	"second: map simple.bss: variable text: no field \"x\": it is \"two lines\"",
};

static void check_lost(struct ktstr_after *a)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lost); i++) {
		struct ktstr_value v = lookup(a, i);
		const char *error = v.error ?: "none";

		if (strncmp(error, lost[i], strlen(lost[i])))
			ktstr_after_claim_text(a, "lost", i, "error", error,
					       lost[i]);
		KTSTR_AFTER_EQ(a, !v.node, 1);
	}
}

TEST_F(value, lost)
{
	EXPECT_EQ(KT_PASS, run(check_lost)) {
		TH_LOG("%s", self->rig.text);
	}
}

static void malformed(struct ktstr_after *a)
{
	static const char *const paths[] = {
		"cpus[", "cpus[]", "cpus[x]", "cpus[-1]", "cpus[0", ".cpus",
		"cpus.", "cpus..nr", "cpus[0]x", "cpus[0].", "cpus.[0]",
		"cpus[18446744073709551616]",
	};
	char want[80];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		snprintf(want, sizeof(want), "second: \"%s\" is no path",
			 paths[i]);
		KTSTR_AFTER_STREQ(a, ktstr_at(second(a), paths[i]).error,
				  want);
	}
}

TEST_F(value, malformed_paths)
{
	HOLDS(malformed);
}

static void wrong_ends(struct ktstr_after *a)
{
	struct ktstr_value v = ktstr_map(second(a), "simple.bss");
	bool zero = true;

	zero &= !ktstr_value_u64(ktstr_var(v, "minus"), "/x/t.c", 1);
	zero &= !ktstr_value_u64(ktstr_var(v, "half"), "t.c", 2);
	zero &= !ktstr_value_u64(ktstr_var(v, "bad"), "t.c", 3);
	zero &= !ktstr_value_i64(ktstr_var(v, "big"), "t.c", 4);
	zero &= !ktstr_value_bool(ktstr_var(v, "rows"), "t.c", 5);
	zero &= !ktstr_value_double(ktstr_var(v, "text"), "t.c", 6);
	zero &= !*ktstr_value_str(ktstr_var(v, "yes"), "t.c", 7);
	zero &= !ktstr_value_nr(ktstr_var(v, "yes"), "t.c", 8);
	zero &= !ktstr_value_u64(ktstr_at(second(a), "nowhere"), "t.c", 9);
	zero &= !ktstr_value_nr(ktstr_at(second(a), "nowhere"), "t.c", 10);
	KTSTR_AFTER_EQ(a, zero, 1);
}

TEST_F(value, wrong_ends)
{
	EXPECT_EQ(KT_FAIL, run(wrong_ends));
	EXPECT_STREQ("t.c:1: second: map simple.bss: variable minus is -5, no u64\n"
		     "t.c:2: second: map simple.bss: variable half is 0.5, no u64\n"
		     "t.c:3: second: map simple.bss: variable bad is \"? 3 bytes of 8\", no u64\n"
		     "t.c:4: second: map simple.bss: variable big is \"18446744073709551615\", no i64\n"
		     "t.c:5: second: map simple.bss: variable rows is an array, no truth value\n"
		     "t.c:6: second: map simple.bss: variable text is \"two lines\", no number\n"
		     "t.c:7: second: map simple.bss: variable yes is true, no text\n"
		     "t.c:8: second: map simple.bss: variable yes: true, no array\n"
		     "t.c:9: second: no field \"nowhere\"; fields: cpus, tasks, dsqs, maps, tag\n"
		     "t.c:10: second: no field \"nowhere\"; fields: cpus, tasks, dsqs, maps, tag\n",
		     self->rig.text);
}

static void not_a_value(struct ktstr_after *a)
{
	struct ktstr_value v = {};

	KTSTR_AFTER_EQ(a, ktstr_i64(v), 0);
}

TEST_F(value, from_no_capture)
{
	run(not_a_value);
	EXPECT_EQ(1, nr_errors);
	EXPECT_NE(NULL, strstr(last_log, "a value that comes from no capture"));
}

TEST_HARNESS_MAIN
