/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Canned scenarios: 50 that schedulers are tried with, in families, by name.
 * Included by ktstr.h.
 */
#ifndef KTSTR_CANNED_H
#define KTSTR_CANNED_H

/**
 * struct ktstr_canned - a scenario that has a name
 * @name: unique, [a-z0-9_]
 * @family: basic, cpuset, dynamic, stress, interaction, affinity, nested or
 *	performance
 * @desc: one line
 * @topology: the machine it was written for, the least it makes sense on. On
 *	one with n times its CPUs, n times its workers are started.
 * @needs: what a machine must have for it
 * @duration_ms: of its workload
 * @checks: thresholds that fit it
 * @steps: what happens
 * @nr_steps: how many
 */
struct ktstr_canned {
	const char *name;
	const char *family;
	const char *desc;
	const char *topology;
	struct ktstr_needs needs;
	uint32_t duration_ms;
	struct ktstr_checks checks;
	const struct ktstr_step *steps;
	size_t nr_steps;
};

/* In the order of the families; NULL behind the last one. */
const struct ktstr_canned *ktstr_canned_get(uint32_t i);

/* The one called @name, NULL when there is none. */
const struct ktstr_canned *ktstr_canned_find(const char *name);

/* Whether @what is its name, its family, or "all". */
bool ktstr_canned_matches(const struct ktstr_canned *c, const char *what);

/* Says into @why that there is no @what, and what there is; returns @why. */
const char *ktstr_canned_unknown(const char *what, char *why, size_t why_size);

/**
 * ktstr_run_canned() - run a canned scenario
 * @t: the case
 * @name: the scenario's; ktstr list --scenarios tells them
 *
 * As ktstr_run_steps(): its cgroups' statistics are there afterwards, and the
 * checks of the case are judged. They are the case's alone; KTSTR_SCENARIO
 * brings the scenario's. Leaves the case with a failure when there is none of
 * that name, or the machine lacks what it needs.
 */
void ktstr_run_canned(struct ktstr_ctx *t, const char *name);

/* The body of KTSTR_SCENARIO: runs the .scenario of the case. */
void ktstr_scenario_body(struct ktstr_ctx *t);

/*
 * Declares a case that is the canned scenario @id, and is called so. What is
 * not given of .desc, .topology, .needs and .duration_ms is the scenario's, and
 * its checks are a layer below the case's:
 *
 *	KTSTR_SCENARIO(steady_llc, .sched = &simple);
 */
#define KTSTR_SCENARIO(id, ...)						\
	static const struct ktstr_test id##_test = {			\
		.name = #id, .file = __FILE__, .line = __LINE__,	\
		.scenario = #id, .body = ktstr_scenario_body,		\
		__VA_ARGS__						\
	};								\
	static const struct ktstr_test *const id##_entry		\
		__attribute__((used, section("ktstr_tests"))) = &id##_test

#endif /* KTSTR_CANNED_H */
