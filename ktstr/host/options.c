// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options by the tree's parse-options.
 */
#include <ctype.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <subcmd/parse-options.h>

#include "../base/log.h"
#include "../base/near.h"
#include "../base/presets.h"
#include "../coord/monitor.h"
#include "options.h"

#define MAX_JOBS	256
#define MAX_DURATION_MS	(60u * 60 * 1000)
#define MAX_SAMPLE_MS	60000
#define NAMES_MAX	1024
#define ALL		"all"

static const char *const usage[] = {
	"<program> [<options>] [<pattern>...]",
	NULL
};

/* One more of an option that may be repeated. */
static int add_arg(const struct option *opt, const char *arg, int unset)
{
	struct kt_strv *sv = opt->value;

	if (unset)
		return -1;
	kt_strv_add(sv, arg);
	return sv->err;
}

/* "a,b": each is one more; "all", as the default, none. */
static int add_names(const struct option *opt, const char *arg, int unset)
{
	struct kt_strv *sv = opt->value;
	size_t len;

	if (unset)
		return -1;
	do {
		len = strcspn(arg, ",");
		kt_strv_addf(sv, "%.*s", (int)len, arg);
		arg += len;
	} while (*arg++ == ',');
	return sv->err;
}

int kt_duration_parse(const char *s, u32 *ms)
{
	static const struct {
		const char *suffix;
		u32 factor;
	} units[] = {
		{ "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "", 1 },
	};
	unsigned long v;
	char *end;
	size_t i;

	errno = 0;
	v = strtoul(s, &end, 10);
	if (errno || !isdigit((unsigned char)*s) || !v || v > MAX_DURATION_MS)
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(units); i++) {
		if (strcmp(end, units[i].suffix))
			continue;
		if (v > MAX_DURATION_MS / units[i].factor)
			return -EINVAL;
		*ms = v * units[i].factor;
		return 0;
	}
	return -EINVAL;
}

/* Unless *@value is set: from the environment, a number from 1 to @most. */
static int number_from_env(const char *variable, u32 most, u32 *value)
{
	const char *s = getenv(variable);
	unsigned long v;
	char *end;

	if (*value || !s || !*s)
		return 0;
	errno = 0;
	v = strtoul(s, &end, 10);
	if (errno || !isdigit((unsigned char)*s) || *end || !v || v > most)
		return kt_err(-EINVAL, "%s=\"%s\": give a number from 1 to %u",
			      variable, s, most);
	*value = v;
	return 0;
}

/* Unless a flag has @set it: 1, or 0 and nothing for no. */
static int bool_from_env(const char *variable, bool set, bool *value)
{
	const char *s = getenv(variable);

	if (set || !s || !*s)
		return 0;
	if (strcmp(s, "0") && strcmp(s, "1"))
		return kt_err(-EINVAL, "%s=\"%s\": give 1 or 0", variable, s);
	*value = *s == '1';
	return 0;
}

static const char *or_env(const char *flag, const char *variable)
{
	return flag ? flag : getenv(variable);
}

static bool is_among(const struct kt_strv *names, const char *name)
{
	u32 i;

	for (i = 0; i < names->nr; i++)
		if (!strcmp(names->v[i], name))
			return true;
	return false;
}

/* Names of presets are known; "all" among them is as good as none. */
static int settle_presets(struct kt_options *o)
{
	struct kt_strbuf there;
	struct kt_name_list names = {};
	const struct kt_preset *p;
	u32 i;

	for (p = kt_presets; p->name; p++)
		kt_name_list_add(&names, p->name);
	for (i = 0; i < o->presets.nr; i++) {
		const char *name = o->presets.v[i];

		if (!strcmp(name, ALL) || kt_preset_find(name))
			continue;
		kt_strbuf_init(&there, NAMES_MAX);
		kt_name_list_text(&names, name, &there);
		kt_err(-EINVAL, "--preset \"%s\": give one of %s, or " ALL,
		       name, kt_strbuf_str(&there));
		kt_strbuf_fini(&there);
		return -EINVAL;
	}
	if (is_among(&o->presets, ALL))
		kt_strv_fini(&o->presets);
	return 0;
}

/* What is said of the gauntlet, against what is said besides. */
static int settle_gauntlet(struct kt_options *o)
{
	int ret;

	o->gauntlet |= o->presets.nr || o->profiles.nr;
	if (o->gauntlet && o->topology)
		return kt_err(-EINVAL, "--topology \"%s\" in a gauntlet, which has topologies of its own: choose some with --preset",
			      o->topology);
	if (!o->gauntlet && o->kernels.nr > 1)
		return kt_err(-EINVAL, "--kernel is given %u times: several are for --gauntlet",
			      o->kernels.nr);
	ret = settle_presets(o);
	if (is_among(&o->profiles, ALL))
		kt_strv_fini(&o->profiles);
	return ret;
}

static int check_seeds(const struct kt_options *o)
{
	if (!o->seeds)
		return 0;
	if (o->gauntlet)
		return kt_err(-EINVAL, "--seeds %u: not in a gauntlet; run its cells one by one",
			      o->seeds);
	if (!o->deterministic)
		return kt_err(-EINVAL, "--seeds %u: in real time no run comes again: leave --real-time out",
			      o->seeds);
	if (o->seeds > KT_MAX_SEEDS || o->seeds > UINT32_MAX - o->seed)
		return kt_err(-EINVAL, "--seeds %u from %u on: at most %u, and none above %u",
			      o->seeds, o->seed, KT_MAX_SEEDS, UINT32_MAX);
	return 0;
}

/* Real time or deterministic, and from which seed. */
static int choose_time(struct kt_options *o, bool real_time)
{
	const char *s = getenv("KTSTR_DETERMINISTIC");
	int ret;

	if (real_time && o->deterministic_set && o->deterministic)
		return kt_err(-EINVAL,
			      "--real-time and --deterministic: give one of them");
	if (real_time) {
		o->deterministic = false;
		o->deterministic_set = true;
	} else if (!o->deterministic_set) {
		o->deterministic = KT_DETERMINISTIC_DEFAULT;
		ret = bool_from_env("KTSTR_DETERMINISTIC", false,
				    &o->deterministic);
		if (ret)
			return ret;
		o->deterministic_set = s && *s;
	}
	ret = number_from_env("KTSTR_SEED", UINT32_MAX, &o->seed);
	if (!o->seed)
		o->seed = KT_DEFAULT_SEED;
	return ret ? ret : check_seeds(o);
}

int kt_options_parse(struct kt_options *o, int argc, const char **argv)
{
	bool performance_set = false, once_set = false, cold_set = false;
	bool real_time = false, verbose_trace_set = false;
	const struct option opts[] = {
		OPT_CALLBACK('k', "kernel", &o->kernels, "kernel",
			     "image, build directory, source tree or cached name (KTSTR_KERNEL); several for a gauntlet",
			     add_arg),
		OPT_STRING('e', "engine", &o->engine, "name",
			   "auto, kvm, qemu-kvm or qemu-tcg (KTSTR_ENGINE)"),
		OPT_STRING('s', "scheduler", &o->scheduler, "binary",
			   "run the cases under this scheduler instead of their own"),
		OPT_CALLBACK(0, "sched-arg", &o->sched_args, "arg",
			     "add an argument to the scheduler's (repeatable)",
			     add_arg),
		OPT_STRING('t', "topology", &o->topology, "NnLlCcTt",
			   "nodes, LLCs in all, cores per LLC, threads per core"),
		OPT_STRING('d', "duration", &o->duration, "time",
			   "of each case's workload: 1500ms, 2s"),
		OPT_UINTEGER(0, "workers", &o->workers_pct,
			     "per cent of the declared workers of each group, 1 to 100"),
		OPT_UINTEGER(0, "sample-ms", &o->sample_ms,
			     "between looks at the running scheduler (default 100; 0: none)"),
		OPT_UINTEGER('j', "jobs", &o->jobs,
			     "machines at once (KTSTR_JOBS; default: as many as fit)"),
		OPT_STRING('a', "append", &o->append, "arguments",
			   "added to the guest kernel's command line"),
		OPT_BOOLEAN(0, "kaslr", &o->kaslr,
			    "boot every case with KASLR, from a bzImage"),
		OPT_BOOLEAN_SET(0, "performance", &o->performance,
				&performance_set,
				"pinned vCPUs, huge pages and the like (KTSTR_PERFORMANCE)"),
		OPT_BOOLEAN_SET(0, "once", &o->once, &once_set,
				"a case that failed on a busy host is not run again (KTSTR_ONCE)"),
		OPT_BOOLEAN_SET(0, "deterministic", &o->deterministic,
				&o->deterministic_set,
				"the same run each time; emulated (KTSTR_DETERMINISTIC)"),
		OPT_BOOLEAN(0, "real-time", &real_time,
			    "time by the host's clock: not --deterministic"),
		OPT_UINTEGER(0, "seed", &o->seed,
			     "of all that is random, from 1 (KTSTR_SEED; default 1)"),
		OPT_UINTEGER(0, "seeds", &o->seeds,
			     "run each case with so many, from --seed on, until one fails"),
		OPT_BOOLEAN_SET(0, "cold", &o->cold, &cold_set,
				"boot every machine; --no-cold: start from templates (KTSTR_COLD)"),
		OPT_BOOLEAN_SET(0, "verbose-trace", &o->verbose_trace,
				&verbose_trace_set,
				"record the guest's scheduling events (KTSTR_VERBOSE_TRACE)"),
		OPT_STRING(0, "stats", &o->stats, "path",
			   "unix socket to the scheduler's statistics, of one case while it runs"),
		OPT_STRING(0, "save-image", &o->save_image, "file",
			   "the guest's memory at the first capture, of one case"),
		OPT_BOOLEAN(0, "gauntlet", &o->gauntlet,
			    "each case on many topologies, by all its scheduler's flag profiles"),
		OPT_CALLBACK(0, "preset", &o->presets, "name[,name...]",
			     "of the gauntlet's topologies, only these (default: all)",
			     add_names),
		OPT_CALLBACK(0, "profile", &o->profiles, "name[,name...]",
			     "of the flag profiles, only these: default, a, a+b (default: all)",
			     add_names),
		OPT_BOOLEAN('l', "list", &o->list,
			    "list the cases, or the gauntlet's cells, and end"),
		OPT_BOOLEAN('n', "dry-run", &o->dry_run,
			    "print each case's plan and the exact QEMU command"),
		OPT_BOOLEAN('v', "verbose", &o->verbose,
			    "have the guest's whole kernel log on its console"),
		OPT_END()
	};
	int ret;

	memset(o, 0, sizeof(*o));
	o->sample_ms = KT_MONITOR_SAMPLE_MS;
	o->cold = KT_COLD_BY_DEFAULT;
	kt_strv_init(&o->sched_args);
	kt_strv_init(&o->kernels);
	kt_strv_init(&o->presets);
	kt_strv_init(&o->profiles);
	parse_options(argc, argv, opts, usage, 0);
	/* parse_options() left the patterns in argv, ended by NULL */
	o->patterns = argv;
	o->kernel = o->kernels.nr ? o->kernels.v[0] : getenv("KTSTR_KERNEL");
	o->engine = or_env(o->engine, "KTSTR_ENGINE");
	o->run_dir = getenv("KTSTR_RUN_DIR");
	if (o->jobs > MAX_JOBS)
		return kt_err(-EINVAL, "--jobs %u: at most %u", o->jobs,
			      MAX_JOBS);
	if (o->workers_pct > 100)
		return kt_err(-EINVAL, "--workers %u: per cent of those declared, 1 to 100",
			      o->workers_pct);
	if (o->sample_ms > MAX_SAMPLE_MS)
		return kt_err(-EINVAL, "--sample-ms %u: at most %u",
			      o->sample_ms, MAX_SAMPLE_MS);
	if (o->duration && kt_duration_parse(o->duration, &o->duration_ms))
		return kt_err(-EINVAL,
			      "--duration \"%s\": write 1500ms or 2s, at most an hour",
			      o->duration);
	ret = settle_gauntlet(o);
	if (!ret)
		ret = number_from_env("KTSTR_JOBS", MAX_JOBS, &o->jobs);
	if (!ret)
		ret = number_from_env("KTSTR_SPEED_PCT", 100, &o->speed_pct);
	if (!ret)
		ret = bool_from_env("KTSTR_PERFORMANCE", performance_set,
				    &o->performance);
	if (!ret)
		ret = bool_from_env("KTSTR_ONCE", once_set, &o->once);
	if (!ret)
		ret = bool_from_env("KTSTR_COLD", cold_set, &o->cold);
	if (!ret)
		ret = bool_from_env("KTSTR_VERBOSE_TRACE", verbose_trace_set,
				    &o->verbose_trace);
	return ret ? ret : choose_time(o, real_time);
}

void kt_options_fini(struct kt_options *o)
{
	kt_strv_fini(&o->sched_args);
	kt_strv_fini(&o->kernels);
	kt_strv_fini(&o->presets);
	kt_strv_fini(&o->profiles);
}

static void repeat_one(struct kt_strv *argv, const char *flag,
		       const char *value)
{
	if (value && *value)
		kt_strv_addf(argv, "%s=%s", flag, value);
}

void kt_options_repeat(const struct kt_options *o, struct kt_strv *argv)
{
	u32 i;

	repeat_one(argv, "--kernel", o->kernel);
	repeat_one(argv, "--engine", o->engine);
	repeat_one(argv, "--scheduler", o->scheduler);
	/* an empty argument is one, too */
	for (i = 0; i < o->sched_args.nr; i++)
		kt_strv_addf(argv, "--sched-arg=%s", o->sched_args.v[i]);
	repeat_one(argv, "--topology", o->topology);
	repeat_one(argv, "--duration", o->duration);
	if (o->workers_pct)
		kt_strv_addf(argv, "--workers=%u", o->workers_pct);
	if (o->sample_ms != KT_MONITOR_SAMPLE_MS)
		kt_strv_addf(argv, "--sample-ms=%u", o->sample_ms);
	repeat_one(argv, "--append", o->append);
	if (o->deterministic_set)
		kt_strv_add(argv, o->deterministic ? "--deterministic" :
			    "--real-time");
	if (o->seed != KT_DEFAULT_SEED || o->seeds)
		kt_strv_addf(argv, "--seed=%u", o->seed);
	if (o->kaslr)
		kt_strv_add(argv, "--kaslr");
	if (o->performance)
		kt_strv_add(argv, "--performance");
	if (o->once)
		kt_strv_add(argv, "--once");
	if (o->verbose_trace)
		kt_strv_add(argv, "--verbose-trace");
	if (o->gauntlet)
		kt_strv_add(argv, "--gauntlet");
	if (o->cold != KT_COLD_BY_DEFAULT)
		kt_strv_add(argv, o->cold ? "--cold" : "--no-cold");
}

static bool match(const struct kt_options *o, const char *name, int flags)
{
	const char *const *p;

	if (!o->patterns || !*o->patterns)
		return true;
	for (p = o->patterns; *p; p++)
		if (!fnmatch(*p, name, flags))
			return true;
	return false;
}

bool kt_options_match(const struct kt_options *o, const char *name)
{
	return match(o, name, 0);
}

bool kt_options_match_case(const struct kt_options *o, const char *name)
{
	const char *const *p = o->patterns;
	char head[NAME_MAX];

	for (; p && *p; p++) {
		snprintf(head, sizeof(head), "%.*s", (int)strcspn(*p, "/"), *p);
		if (!fnmatch(head, name, 0))
			return true;
	}
	return !o->patterns || !*o->patterns;
}

bool kt_options_match_cell(const struct kt_options *o, const char *name)
{
	return match(o, name, FNM_PATHNAME | FNM_LEADING_DIR);
}
