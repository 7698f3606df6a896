// SPDX-License-Identifier: GPL-2.0-only
/*
 * `ktstr kernel build|list|clean`: the cache of built kernels for people. What
 * others read goes to standard output, the rest to standard error.
 */
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <subcmd/parse-options.h>

#include "ktstr/base/log.h"
#include "ktstr/base/xdg.h"
#include "ktstr/host/find.h"
#include "ktstr/host/kernel_cache.h"
#include "ktstr/host/pathf.h"
#include "kernel.h"

#define EXIT_USAGE	129	/* as parse-options exits */
#define MAX_JOBS	1024

static const char *const build_usage[] = {
	"ktstr kernel build [<options>]",
	NULL
};

static const char *const list_usage[] = {
	"ktstr kernel list",
	NULL
};

static const char *const clean_usage[] = {
	"ktstr kernel clean [<name>]",
	NULL
};

static bool is_source(const char *dir)
{
	char path[PATH_MAX];

	return !kt_pathf(path, "%s/scripts/kconfig/merge_config.sh", dir) &&
	       !access(path, F_OK);
}

/* The newest of those quickstart unpacked. */
static bool newest_unpacked(char *source)
{
	char cache[PATH_MAX], pattern[PATH_MAX];
	const char *newest = NULL;
	bool found;
	glob_t g;
	size_t i;

	if (kt_cache_dir("source", cache, sizeof(cache)) ||
	    kt_pathf(pattern, "%s/linux-source-*", cache) ||
	    glob(pattern, 0, NULL, &g))
		return false;
	for (i = 0; i < g.gl_pathc; i++)
		if (is_source(g.gl_pathv[i]) &&
		    (!newest || strverscmp(g.gl_pathv[i], newest) > 0))
			newest = g.gl_pathv[i];
	found = newest && !kt_pathf(source, "%s", newest);
	globfree(&g);
	return found;
}

/* The tree the command lies in: some directory above it. */
static bool tree_above(char *source)
{
	char *slash;

	if (kt_find_self_dir(source, PATH_MAX))
		return false;
	while ((slash = strrchr(source, '/')) && slash != source) {
		*slash = '\0';
		if (is_source(source))
			return true;
	}
	return false;
}

bool kt_find_source(char source[PATH_MAX])
{
	return newest_unpacked(source) || tree_above(source);
}

/* `config` beside the command when installed, at the top when built. */
static bool own_fragment(char *fragment)
{
	static const char *const places[] = { "config", "../../config" };
	char dir[PATH_MAX];
	size_t i;

	if (kt_find_self_dir(dir, sizeof(dir)))
		return false;
	for (i = 0; i < ARRAY_SIZE(places); i++)
		if (!kt_pathf(fragment, "%s/%s", dir, places[i]) &&
		    !access(fragment, R_OK))
			return true;
	return false;
}

/* What the nested rig's kernel has besides, in the project of @fragment. */
static bool nested_fragment(const char *fragment, char *extra)
{
	const char *slash = strrchr(fragment, '/');

	return !kt_pathf(extra, "%.*s/tests/nested/config",
			 slash ? (int)(slash - fragment) : 1,
			 slash ? fragment : ".") && !access(extra, R_OK);
}

static int report_built(const struct kt_kernel_build_opts *opts)
{
	struct kt_kernel_entry e;
	int ret = kt_kernel_build(opts, &e);

	if (ret == -EINTR)
		return 128 + SIGINT;
	if (ret)
		return 1;
	printf("%s %s\n", e.name, e.dir);
	return 0;
}

int kt_kernel_build_tree(const char *source, struct kt_kernel_entry *e)
{
	struct kt_kernel_build_opts opts = { .source = source };
	char fragment[PATH_MAX];

	if (!own_fragment(fragment))
		return kt_err(-ENOENT, "no configuration fragment beside the command: install it whole");
	opts.fragment = fragment;
	opts.base = KT_BASE_MINIMAL;
	return kt_kernel_build(&opts, e);
}

static int cmd_build(int argc, const char **argv)
{
	struct kt_kernel_build_opts opts = {};
	char source[PATH_MAX], fragment[PATH_MAX], extra[PATH_MAX];
	bool defconfig = false, nested = false;
	const struct option options[] = {
		OPT_STRING(0, "source", &opts.source, "dir",
			   "kernel source tree (default: quickstart's, else the one we lie in)"),
		OPT_STRING(0, "config", &opts.fragment, "file",
			   "configuration fragment (default: ktstr's own)"),
		OPT_BOOLEAN(0, "defconfig", &defconfig,
			    "build on defconfig instead of allnoconfig"),
		OPT_BOOLEAN(0, "nested", &nested,
			    "build the nested rig's kernel, in which KVM runs"),
		OPT_UINTEGER('j', "jobs", &opts.jobs,
			     "commands at once (default: as many as CPUs)"),
		OPT_BOOLEAN(0, "force", &opts.force,
			    "build again even if it is in the cache"),
		OPT_BOOLEAN(0, "llvm", &opts.llvm, "build with LLVM=1"),
		OPT_END()
	};

	if (parse_options(argc, argv, options, build_usage, 0))
		usage_with_options(build_usage, options);
	if (defconfig && nested) {
		kt_err(-EINVAL, "--defconfig and --nested: one of them");
		return EXIT_USAGE;
	}
	opts.base = defconfig ? KT_BASE_DEFCONFIG :
		    nested ? KT_BASE_NESTED : KT_BASE_MINIMAL;
	if (opts.jobs > MAX_JOBS) {
		kt_err(-EINVAL, "--jobs %u: give a number from 1 to %u",
		       opts.jobs, MAX_JOBS);
		return EXIT_USAGE;
	}
	if (!opts.source && kt_find_source(source))
		opts.source = source;
	if (!opts.source) {
		kt_err(-ENOENT, "no kernel source: give --source DIR, or run \"make quickstart\", which gets one");
		return 1;
	}
	if (!opts.fragment && own_fragment(fragment))
		opts.fragment = fragment;
	if (!opts.fragment) {
		kt_err(-ENOENT, "no configuration fragment beside the command: give --config FILE");
		return 1;
	}
	if (nested && !nested_fragment(opts.fragment, extra)) {
		kt_err(-ENOENT, "--nested: no tests/nested/config beside %s: run it in the project's own directory",
		       opts.fragment);
		return 1;
	}
	opts.extra = nested ? extra : NULL;
	return report_built(&opts);
}

static int cmd_list(int argc, const char **argv)
{
	const struct option options[] = { OPT_END() };
	struct kt_kernel_entry *all;
	u32 i, nr;

	if (parse_options(argc, argv, options, list_usage, 0))
		usage_with_options(list_usage, options);
	if (kt_kernel_list(&all, &nr))
		return 1;
	for (i = 0; i < nr; i++) {
		time_t built = all[i].built_at_s;
		char when[32] = "";
		struct tm tm;

		if (localtime_r(&built, &tm))
			strftime(when, sizeof(when), "%Y-%m-%d %H:%M", &tm);
		printf("%-36s %s %5llu MiB  %s\n", all[i].name, when,
		       (unsigned long long)all[i].size_bytes >> 20,
		       all[i].dir);
	}
	free(all);
	return 0;
}

static int cmd_clean(int argc, const char **argv)
{
	const struct option options[] = { OPT_END() };
	u32 removed = 0;
	int ret;

	argc = parse_options(argc, argv, options, clean_usage, 0);
	if (argc > 1)
		usage_with_options(clean_usage, options);
	ret = kt_kernel_clean(argc ? argv[0] : NULL, &removed);
	if (ret)
		return 1;
	printf("removed %u\n", removed);
	return 0;
}

int kt_cmd_kernel(int argc, const char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, const char **argv);
	} verbs[] = {
		{ "build", cmd_build },
		{ "list", cmd_list },
		{ "clean", cmd_clean },
	};
	bool help = argc > 1 && (!strcmp(argv[1], "--help") ||
				 !strcmp(argv[1], "-h"));
	size_t i;

	for (i = 0; argc > 1 && i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(argv[1], verbs[i].name))
			return verbs[i].run(argc - 1, argv + 1);
	fprintf(help ? stdout : stderr,
		"usage: %s\n   or: %s\n   or: %s\n\nktstr kernel build --help says more.\n",
		build_usage[0], list_usage[0], clean_usage[0]);
	return help ? 0 : EXIT_USAGE;
}
