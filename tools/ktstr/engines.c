// SPDX-License-Identifier: GPL-2.0-only
/*
 * `ktstr engines`: the engines, best first, as their probes find them now. The
 * exit status tells whether there is one that can be used.
 */
#include <stdio.h>

#include <subcmd/parse-options.h>

#include "ktstr/engine/engine.h"
#include "engines.h"

static const char *const engines_usage[] = {
	"ktstr engines",
	NULL
};

static const char *yes(bool v)
{
	return v ? "yes" : "no";
}

static void print(const char *name, const struct kt_engine_caps *c)
{
	printf("%-9s %-6s %-8s %-11s %-13s %-4s %-6s %5u  %s\n", name,
	       yes(c->usable), c->hardware_speed ? "hardware" : "emulated",
	       yes(c->watchpoints), yes(c->deterministic), yes(c->numa),
	       yes(c->nested), c->max_vcpus, c->version);
}

int kt_cmd_engines(int argc, const char **argv)
{
	const struct option options[] = { OPT_END() };
	const struct kt_engine_ops *const *e;
	struct kt_engine_caps caps;
	bool usable = false;

	if (parse_options(argc, argv, options, engines_usage, 0))
		usage_with_options(engines_usage, options);
	printf("%-9s %-6s %-8s %-11s %-13s %-4s %-6s %5s  %s\n", "engine",
	       "usable", "speed", "watchpoints", "deterministic", "numa",
	       "nested", "vcpus", "version");
	for (e = kt_engines; *e; e++) {
		if ((*e)->probe(&caps))
			return 1;
		print((*e)->name, &caps);
		if (!caps.usable)
			printf("          %s\n", caps.why_not);
		usable |= caps.usable;
	}
	return usable ? 0 : 1;
}
