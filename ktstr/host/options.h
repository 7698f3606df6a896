/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a test program can be told: flag, then environment, then default.
 * `ktstr run` takes the same flags and hands them on.
 */
#ifndef KTSTR_HOST_OPTIONS_H
#define KTSTR_HOST_OPTIONS_H

#include "../base/strv.h"
#include "../base/types.h"

struct option;

/*
 * Whether a machine's time is counted in its instructions, where the engine can
 * do that and neither flag nor environment says anything.
 */
#define KT_DETERMINISTIC_DEFAULT	true
#define KT_DEFAULT_SEED			1
#define KT_MAX_SEEDS			10000

/* Whether machines boot unless something else is asked for. */
#define KT_COLD_BY_DEFAULT	false

struct kt_options {
	const char *kernel;	/* the only or first --kernel, or KTSTR_KERNEL */
	struct kt_strv kernels;	/* --kernel, as often as it was given */
	const char *engine;	/* --engine, KTSTR_ENGINE */
	const char *scheduler;	/* --scheduler: another binary */
	struct kt_strv sched_args;	/* --sched-arg, added to the case's */
	const char *topology;	/* --topology */
	const char *duration;	/* --duration, as given */
	u32 duration_ms;	/* 0: the case's own */
	u32 workers_pct;	/* --workers: of those declared; 0: all */
	u32 sample_ms;		/* --sample-ms, of the monitor; 0: none */
	u32 jobs;		/* --jobs, KTSTR_JOBS; 0: as many as fit */
	u32 speed_pct;		/* KTSTR_SPEED_PCT; 0: as the engine says */
	const char *run_dir;	/* KTSTR_RUN_DIR; NULL: the state directory */
	const char *append;	/* --append, to the kernel's command line */
	const char *stats;	/* --stats: unix socket; NULL: none */
	const char *save_image;	/* --save-image; NULL: none */
	bool kaslr;		/* --kaslr: every case */
	bool performance;	/* --performance, KTSTR_PERFORMANCE */
	bool once;		/* --once, KTSTR_ONCE */
	bool gauntlet;		/* --gauntlet, or what implies it */
	struct kt_strv presets;	/* --preset, one name each; none: all */
	struct kt_strv profiles;	/* --profile, likewise */
	bool deterministic;	/* --deterministic, KTSTR_DETERMINISTIC */
	bool deterministic_set;	/* asked for, one way or the other */
	u32 seed;		/* --seed, KTSTR_SEED; from 1 */
	u32 seeds;		/* --seeds: so many, from that one on; 0: one */
	bool cold;		/* --cold, KTSTR_COLD: no template is used */
	bool verbose_trace;	/* --verbose-trace, KTSTR_VERBOSE_TRACE: see events.h */
	bool list;
	bool dry_run;
	bool verbose;		/* the guest's whole kernel log */
	const char *const *patterns;	/* the rest; NULL-terminated */
};

/*
 * Fills @o; exits on --help and on a flag that is none (as parse-options
 * does). -EINVAL for a bad value, which was reported.
 */
int kt_options_parse(struct kt_options *o, int argc, const char **argv);
void kt_options_fini(struct kt_options *o);

/* The flags that were given, for a line that repeats a run. */
void kt_options_repeat(const struct kt_options *o, struct kt_strv *argv);

/* Whether @name is meant: no pattern, or one that matches (fnmatch). */
bool kt_options_match(const struct kt_options *o, const char *name);

/*
 * The same for a cell of the gauntlet, "case/preset/profile": also when a
 * pattern matches it as far as one of its slashes.
 */
bool kt_options_match_cell(const struct kt_options *o, const char *name);

/* Whether cells of the case @name may be meant. */
bool kt_options_match_case(const struct kt_options *o, const char *name);

/* "2s", "1500ms", "3m" or plain milliseconds; -EINVAL. */
int kt_duration_parse(const char *s, u32 *ms);

#endif /* KTSTR_HOST_OPTIONS_H */
