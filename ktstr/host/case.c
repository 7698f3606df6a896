// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a declaration and the options to a plan: topology, scheduler, files,
 * thresholds, budgets.
 */
#include <stdio.h>
#include <time.h>

#include "../base/log.h"
#include "../base/strbuf.h"
#include "../check/thresholds.h"
#include "../coord/periodic.h"
#include "case.h"
#include "declared.h"
#include "events.h"
#include "find.h"
#include "holds.h"
#include "monitor.h"
#include "profiles.h"
#include "reserve.h"

#define DEFAULT_TOPOLOGY	"1n1l2c1t"
#define BASE_MEMORY_MIB		256
#define MEMORY_MIB_PER_CPU	8
#define ATTACH_MS		20000
#define BOOT_MS			30000
#define BOOT_MS_PER_CPU		1000
#define TEARDOWN_MS		20000
#define TEST_SLACK_MS		20000
#define HOST_SLACK_MS		10000
#define EMULATED_SPEED_PCT	10
#define SPREAD_US		20000u	/* within it workers begin, by the seed */
#define HARDWARE_MIPS_PER_PCT	30	/* one of its CPUs: 3000 */
#define WORST_HOST_MIPS		100	/* it emulates, at the least */
#define EMULATED_FACTOR		3	/* on budgets, at that speed and above */

extern const struct ktstr_test *const __start_ktstr_tests[]
	__attribute__((weak));
extern const struct ktstr_test *const __stop_ktstr_tests[]
	__attribute__((weak));

u32 kt_cases_count(void)
{
	return __stop_ktstr_tests - __start_ktstr_tests;
}

/* The compiler may emit records in any order: put them in the source's. */
static int by_place(const void *a, const void *b)
{
	const struct ktstr_test *x = *(const struct ktstr_test *const *)a;
	const struct ktstr_test *y = *(const struct ktstr_test *const *)b;
	int files = strcmp(x->file, y->file);

	return files ? files : x->line - y->line;
}

const struct ktstr_test *kt_cases_get(u32 i)
{
	static const struct ktstr_test **sorted;
	size_t nr = kt_cases_count();

	if (!sorted) {
		sorted = calloc(nr, sizeof(*sorted));
		if (!sorted)
			return __start_ktstr_tests[i];
		memcpy(sorted, __start_ktstr_tests, nr * sizeof(*sorted));
		qsort(sorted, nr, sizeof(*sorted), by_place);
		while (nr--)
			sorted[nr] = kt_declared_fill(sorted[nr]);
	}
	return sorted[i];
}

static int check_captures(u32 nr, u32 duration_ms, char *why, size_t size)
{
	if (!kt_periodic_check(nr, duration_ms * KT_NSEC_PER_MSEC))
		return 0;
	snprintf(why, size,
		 "%u captures do not fit %u ms: at most %u, and at least %llu ms apart over four fifths of it",
		 nr, duration_ms, KT_PERIODIC_MAX,
		 KT_PERIODIC_MIN_NS / KT_NSEC_PER_MSEC);
	return -EINVAL;
}

static u32 duration_of(const struct ktstr_test *test,
		       const struct kt_options *o)
{
	return o->duration_ms ? o->duration_ms : test->duration_ms;
}

int kt_case_fits(const struct ktstr_test *test, const struct kt_options *o,
		 char *why, size_t why_size)
{
	char reason[192];

	if (!check_captures(test->captures, duration_of(test, o), reason,
			    sizeof(reason)) &&
	    !kt_writes_check(test, duration_of(test, o), reason, sizeof(reason)))
		return 0;
	snprintf(why, why_size, "case %s: %s", test->name, reason);
	return -EINVAL;
}

static u32 nr_scheds(const struct ktstr_test *t)
{
	u32 nr = 0;

	while (t->scheds && t->scheds[nr])
		nr++;
	return nr;
}

static const char *scheds_fault(const struct ktstr_test *t)
{
	u32 i;

	if (nr_scheds(t) > KT_MAX_SCHEDS)
		return ".scheds has more than 8";
	for (i = 0; i < nr_scheds(t); i++)
		if (!t->scheds[i]->binary || !*t->scheds[i]->binary)
			return "a scheduler of its .scheds has no .binary";
	return NULL;
}

static u32 count(const char *const *names)
{
	u32 nr = 0;

	while (names && names[nr])
		nr++;
	return nr;
}

static const char *payloads_fault(const struct ktstr_test *t)
{
	const struct ktstr_payload *const *p;

	for (p = t->payloads; p && *p; p++) {
		const char *name = (*p)->name;

		if (p - t->payloads == KT_MAX_PAYLOADS)
			return ".payloads has more than 8";
		if (!name || !*name || strlen(name) >= KT_NAME_MAX ||
		    name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")])
			return "a payload's name must be made of a-z, 0-9 and _";
		if (!(*p)->binary || !*(*p)->binary)
			return "a payload of its .payloads has no .binary";
		if (count((*p)->args) > KT_PAYLOAD_MAX_ARGS)
			return "a payload has more than 64 .args";
	}
	return NULL;
}

static const char *record_fault(const struct ktstr_test *t)
{
	static char why[256];
	struct kt_topology topo;

	if (!t->name || !*t->name || strlen(t->name) >= KT_NAME_MAX ||
	    t->name[strspn(t->name, "abcdefghijklmnopqrstuvwxyz0123456789_")])
		return "the name must be made of a-z, 0-9 and _";
	if (kt_declared_fault(t, why, sizeof(why)))
		return kt_declared_fault(t, why, sizeof(why));
	if (!t->desc || !*t->desc || strchr(t->desc, '\n'))
		return ".desc is missing or has several lines";
	if (!t->body)
		return "there is no body";
	if (!t->duration_ms)
		return ".duration_ms is 0";
	if (t->sched && (!t->sched->binary || !*t->sched->binary))
		return "its scheduler has no .binary";
	if (scheds_fault(t))
		return scheds_fault(t);
	if (payloads_fault(t))
		return payloads_fault(t);
	if (t->expect.kind != KTSTR_EXPECT_PASS &&
	    (!t->sched || !t->expect.text || !*t->expect.text))
		return ".expect needs a scheduler and a .text";
	if (kt_topology_parse(t->topology ?: DEFAULT_TOPOLOGY, &topo, why,
			      sizeof(why)) ||
	    kt_declared_lacks(t, &topo, why, sizeof(why)))
		return why;
	if (check_captures(t->captures, t->duration_ms, why, sizeof(why)))
		return why;
	if (t->writes && !t->sched)
		return ".writes needs a scheduler";
	if (kt_writes_check(t, t->duration_ms, why, sizeof(why)))
		return why;
	return kt_disks_fault(t->disks);
}

int kt_cases_check(void)
{
	u32 i, j, bad = 0;

	for (i = 0; i < kt_cases_count(); i++) {
		const struct ktstr_test *t = kt_cases_get(i);
		const char *fault = record_fault(t);

		for (j = 0; !fault && j < i; j++)
			if (!strcmp(t->name, kt_cases_get(j)->name))
				fault = "another case has the same name";
		if (fault) {
			kt_err(-EINVAL, "%s:%d: case \"%s\": %s", t->file,
			       t->line, t->name, fault);
			bad++;
		}
	}
	if (!kt_cases_count())
		return kt_err(-EINVAL, "the program declares no case");
	return bad ? -EINVAL : 0;
}

int kt_case_topology(const struct ktstr_test *test, const struct kt_options *o,
		     struct kt_topology *topo, char *why, size_t why_size)
{
	const char *s = o->topology ? o->topology : test->topology;

	return kt_topology_parse(s ? s : DEFAULT_TOPOLOGY, topo, why, why_size);
}

u32 kt_case_memory_mib(const struct ktstr_test *test,
		       const struct kt_topology *topo)
{
	return test->memory_mib ? test->memory_mib : BASE_MEMORY_MIB +
	       MEMORY_MIB_PER_CPU * kt_topology_cpus(topo);
}

u32 kt_case_host_cpus(const struct kt_topology *topo,
		      const struct kt_options *o,
		      const struct kt_engine_caps *caps)
{
	if (o->performance)
		return kt_host_cpus();
	/* emulated, all vCPUs share one thread */
	return caps->hardware_speed ? kt_topology_cpus(topo) : 1;
}

static int add_arg(struct kt_plan *plan, const char *arg)
{
	if (plan->sched_argc == KT_PLAN_MAX_ARGS)
		return kt_err(-E2BIG, "more than %u scheduler arguments",
			      KT_PLAN_MAX_ARGS);
	if (strlen(arg) >= KT_PLAN_ARG_MAX)
		return kt_err(-E2BIG, "scheduler argument \"%.40s...\" is longer than %u bytes",
			      arg, KT_PLAN_ARG_MAX - 1);
	strcpy(plan->sched_argv[plan->sched_argc++], arg);
	return 0;
}

static int add_args(struct kt_plan *plan, const char *const *args)
{
	int ret = 0;

	while (!ret && args && *args)
		ret = add_arg(plan, *args++);
	return ret;
}

/* What turns on the flags that are on in this case. */
static int add_flags(struct kt_plan *plan, const struct ktstr_test *test)
{
	const struct ktstr_flag *f = test->sched ? test->sched->flags : NULL;
	u32 on = kt_profile_of(test), i;
	int ret = 0;

	for (i = 0; !ret && f && f[i].name; i++)
		if (on & (1u << i))
			ret = add_args(plan, f[i].args);
	return ret;
}

static int resolve_sched(struct kt_case *c, const struct kt_options *o)
{
	const struct ktstr_sched *s = c->test->sched;
	const char *binary = o->scheduler ? o->scheduler :
			     s ? s->binary : NULL;
	int ret;
	u32 i;

	if (!binary)
		return 0;
	ret = kt_find_file(binary, c->sched, sizeof(c->sched));
	if (ret)
		return ret;
	if ((size_t)snprintf(c->plan.sched_path, sizeof(c->plan.sched_path),
			     "/sched/%s", strrchr(c->sched, '/') ?
			     strrchr(c->sched, '/') + 1 : c->sched) >=
	    sizeof(c->plan.sched_path))
		return kt_err(-ENAMETOOLONG, "%s: the name is too long",
			      c->sched);
	/* another binary has arguments of its own */
	if (!o->scheduler) {
		ret = add_args(&c->plan, s->args);
		if (!ret)
			ret = add_flags(&c->plan, c->test);
		if (!ret)
			ret = add_args(&c->plan, c->test->sched_args);
	}
	for (i = 0; !ret && i < o->sched_args.nr; i++)
		ret = add_arg(&c->plan, o->sched_args.v[i]);
	return ret;
}

/* In the guest they are called as the case calls them. */
static int resolve_scheds(struct kt_case *c)
{
	const struct ktstr_sched *const *s = c->test->scheds;
	char path[PATH_MAX];
	int ret;

	for (; s && *s; s++) {
		struct kt_initramfs_sched *out = &c->scheds[c->nr_scheds];
		const char *slash = strrchr((*s)->binary, '/');

		ret = kt_find_file((*s)->binary, path, sizeof(path));
		if (ret)
			return ret;
		out->name = slash ? slash + 1 : (*s)->binary;
		out->host = strdup(path);
		if (!out->host)
			return -ENOMEM;
		c->nr_scheds++;
	}
	return 0;
}

static int find_files(struct kt_case *c, u32 *nr, const char *const *names)
{
	char path[PATH_MAX];
	int ret;

	for (; names && *names; names++) {
		ret = kt_find_file(*names, path, sizeof(path));
		if (ret)
			return ret;
		c->files[*nr] = strdup(path);
		if (!c->files[(*nr)++])
			return -ENOMEM;
	}
	return 0;
}

/* The case's own, then each payload program with those that it needs. */
static int resolve_files(struct kt_case *c)
{
	const struct ktstr_payload *const *p;
	u32 nr = count(c->test->files);
	int ret;

	for (p = c->test->payloads; p && *p; p++)
		nr += 1 + count((*p)->files);
	c->files = calloc(nr + 1, sizeof(*c->files));
	if (!c->files)
		return -ENOMEM;
	nr = 0;
	ret = find_files(c, &nr, c->test->files);
	for (p = c->test->payloads; !ret && p && *p; p++) {
		const char *const binary[] = { (*p)->binary, NULL };

		ret = find_files(c, &nr, binary);
		if (!ret)
			ret = find_files(c, &nr, (*p)->files);
	}
	return ret;
}

static u32 speed_pct(const struct kt_case *c, const struct kt_options *o,
		     const struct kt_engine_caps *caps)
{
	if (c->icount.on)
		return max_t(u32, kt_icount_mips(c->icount.shift) /
			     HARDWARE_MIPS_PER_PCT, 1);
	if (o->speed_pct)
		return o->speed_pct;
	return caps->hardware_speed ? 100 : EMULATED_SPEED_PCT;
}

/* What budgets are multiplied by: they only end the hopeless. */
static u32 budget_factor(u32 pct)
{
	if (pct >= 100)
		return 1;
	return EMULATED_FACTOR * max_t(u32, EMULATED_SPEED_PCT / pct, 1);
}

/* A slice of sched_ext's, but little of a short workload. */
static u32 start_spread_us(u32 duration_ms)
{
	return min(SPREAD_US, duration_ms * 10);
}

static void fill_plan(struct kt_case *c, const struct kt_options *o,
		      const struct kt_engine_caps *caps)
{
	const struct ktstr_sched *s = c->test->sched;
	u32 factor = budget_factor(speed_pct(c, o, caps));
	struct kt_plan *p = &c->plan;

	kt_utf8_copy(p->test, sizeof(p->test), c->test->name);
	p->duration_ms = duration_of(c->test, o);
	p->attach_timeout_ms = (s && s->attach_timeout_ms ?
				s->attach_timeout_ms : ATTACH_MS) * factor;
	/* steps may attach each of its schedulers, and its own once more */
	p->test_timeout_ms = p->duration_ms + TEST_SLACK_MS * factor +
			     nr_scheds(c->test) * p->attach_timeout_ms;
	p->speed_pct = speed_pct(c, o, caps);
	p->seed = o->seed;
	p->workers_pct = o->workers_pct;
	p->events_kib = o->verbose_trace ? KT_EVENTS_KIB : 0;
	if (c->icount.on)
		p->start_spread_us = start_spread_us(p->duration_ms);
	kt_thresholds_merge(&p->thresholds, s ? &s->checks : NULL,
			    &c->test->checks);
	c->slowdown_pct = kt_thresholds_slowdown_pct(p->speed_pct,
						     kt_topology_cpus(&c->topo),
						     !caps->hardware_speed);
	c->scale_pct = kt_thresholds_scale(&p->thresholds, p->speed_pct,
					   kt_topology_cpus(&c->topo),
					   !caps->hardware_speed);
	c->monitor.sample_ms = o->sample_ms;
	kt_monitor_bounds(&c->monitor.bounds, s ? &s->checks : NULL,
			  &c->test->checks, c->scale_pct);
}

/* What a millisecond of the guest's may cost the host, in per cent of one. */
static u32 wall_pct(const struct kt_case *c)
{
	u32 mips = kt_icount_mips(c->icount.shift);

	return c->icount.on ? max(100 * mips / WORST_HOST_MIPS, 100u) : 100;
}

static u64 wall_ns(const struct kt_case *c, u64 ms)
{
	return ms * wall_pct(c) * KT_NSEC_PER_MSEC / 100;
}

static void fill_budgets(struct kt_case *c)
{
	/* there the guest's slowness is in its own time */
	u32 factor = c->icount.on ? EMULATED_FACTOR :
		     budget_factor(c->plan.speed_pct);
	u32 cpus = kt_topology_cpus(&c->topo);
	u64 workload_ms = c->test->watchdog_ms;

	/* a case's own bound is meant to hold emulated as well */
	if (workload_ms)
		workload_ms *= max_t(u32, factor / EMULATED_FACTOR, 1);
	else
		workload_ms = c->plan.test_timeout_ms + HOST_SLACK_MS * factor;
	c->boot_budget_ns = wall_ns(c, (BOOT_MS + (u64)BOOT_MS_PER_CPU * cpus) *
				       factor);
	c->attach_budget_ns = wall_ns(c, c->plan.attach_timeout_ms +
					 (u64)HOST_SLACK_MS * factor);
	c->workload_budget_ns = wall_ns(c, workload_ms);
	c->teardown_budget_ns = wall_ns(c, (u64)TEARDOWN_MS * factor);
}

/* What comes from the host at a time of its own, and must not be waited for. */
static const char *needs_real_time(const struct ktstr_test *test,
				   const struct kt_options *o)
{
	if (test->disks)
		return "it has disks";
	if (test->nested)
		return "its machine runs machines";
	if (test->needs.real_time)
		return "it is declared so";
	return o->stats ? "its statistics are asked for" : NULL;
}

static void set_time(struct kt_case *c, const struct kt_options *o,
		     const struct kt_engine_caps *caps)
{
	if (!o->deterministic || !caps->deterministic)
		return;
	c->real_time = needs_real_time(c->test, o);
	c->icount.on = !c->real_time;
	c->icount.shift = kt_icount_shift(kt_topology_cpus(&c->topo));
	c->icount.seed = o->seed;
}

int kt_case_init(struct kt_case *c, const struct ktstr_test *test,
		 const struct kt_options *o,
		 const struct kt_engine_caps *caps)
{
	char why[256];
	int ret;

	memset(c, 0, sizeof(*c));
	c->test = test;
	ret = kt_case_topology(test, o, &c->topo, why, sizeof(why));
	if (ret)
		return kt_err(ret, "%s", why);
	c->memory_mib = kt_case_memory_mib(test, &c->topo);
	c->performance = o->performance;
	if (c->performance)
		c->memory_mib += c->memory_mib % 2;	/* huge pages */
	c->kaslr = test->kaslr || o->kaslr;
	kt_disks_init(&c->disks, test->disks);
	set_time(c, o, caps);
	c->nr_writes = kt_writes_fill(c->writes, test);
	fill_plan(c, o, caps);
	if (c->icount.on)
		kt_holds_fill(&c->plan, test->captures, c->writes,
			      c->nr_writes);
	fill_budgets(c);
	return 0;
}

void kt_case_set_clock(struct kt_case *c)
{
	struct timespec now;

	if (c->icount.on)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	c->plan.wallclock_ns = now.tv_sec * KT_NSEC_PER_SEC + now.tv_nsec;
}

int kt_case_resolve(struct kt_case *c, const struct kt_options *o)
{
	int ret = resolve_sched(c, o);

	if (!ret)
		ret = resolve_scheds(c);
	return ret ? ret : resolve_files(c);
}

void kt_case_fini(struct kt_case *c)
{
	char **f;
	u32 i;

	for (i = 0; i < c->nr_scheds; i++)
		free(c->scheds[i].host);
	c->nr_scheds = 0;
	for (f = c->files; f && *f; f++)
		free(*f);
	free(c->files);
	c->files = NULL;
	kt_disks_close(&c->disks);
}

u64 kt_case_limit_ns(const struct kt_case *c)
{
	/* what the watchdog's own limit comes to, and time to write it down */
	return c->boot_budget_ns + c->attach_budget_ns +
	       4 * c->workload_budget_ns + 4 * c->teardown_budget_ns;
}
