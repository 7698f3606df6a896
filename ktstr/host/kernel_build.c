// SPDX-License-Identifier: GPL-2.0-only
/*
 * Building a kernel into the cache. All happens in kernels/.build-<key>, which
 * is locked for as long; the entry is put together in there and then renamed
 * into place. An interrupted build leaves an unlocked .build- directory at
 * most, which the next build or clean removes.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "../base/strbuf.h"
#include "../base/strv.h"
#include "../base/xdg.h"
#include "dir_lock.h"
#include "kconfig.h"
#include "kernel_boot.h"
#include "kernel_make.h"
#include "kernel_source.h"
#include "kernel_tools.h"
#include "pathf.h"

#define BUILD_NS	(6 * 3600 * KT_NSEC_PER_SEC)
#define FRAGMENT_MAX	(1024 * 1024)
#define LOG_TAIL_LINES	30
#define LOG_TAIL_BYTES	16384

struct build {
	const struct kt_kernel_build_opts *opts;
	struct kt_source src;
	char key[KT_KERNEL_KEY_SIZE];
	char fragment[PATH_MAX];	/* absolute */
	char options[PATH_MAX];		/* all fragments in one file */
	char cache[PATH_MAX];
	char dir[PATH_MAX];	/* .build-<key>, locked */
	char final[PATH_MAX];	/* the entry */
	char release[128];
	struct kt_make make;
	u32 jobs;
	sigset_t old_mask;
};

static int prepare(struct build *b)
{
	cpu_set_t cpus;
	int ret;

	ret = kt_source_open(b->opts->source, &b->src);
	if (ret)
		return ret;
	if (!realpath(b->opts->fragment, b->fragment))
		return kt_err(-errno, "%s: %s", b->opts->fragment,
			      strerror(errno));
	ret = kt_source_key(&b->src, b->opts, b->key);
	if (!ret)
		ret = kt_cache_dir("kernels", b->cache, sizeof(b->cache));
	if (!ret)
		ret = kt_pathf(b->dir, "%s/%s%s", b->cache, KT_BUILD_PREFIX,
			       b->key);
	if (!ret)
		ret = kt_pathf(b->options, "%s/fragment", b->dir);
	if (!ret)
		ret = kt_pathf(b->final, "%s/%s-%s-%.8s", b->cache,
			       b->src.version, kt_kernel_base_name(b->opts->base),
			       b->key);
	b->jobs = b->opts->jobs;
	if (!b->jobs)
		b->jobs = sched_getaffinity(0, sizeof(cpus), &cpus) ?
			  1 : CPU_COUNT(&cpus);
	return ret;
}

/* Whether the entry is there, and is of this very key. */
static bool find_built(const struct build *b, struct kt_kernel_entry *e)
{
	return !kt_kernel_entry_read(b->final, e) && !strcmp(e->key, b->key);
}

static int lock_build_dir(struct build *b)
{
	int ret = kt_dir_lock(b->dir, 0, &b->make.lock_fd);

	if (ret == -EBUSY) {
		kt_info("%s is being built by another process, waiting for it",
			b->src.version);
		ret = kt_dir_lock(b->dir, kt_now_ns() + BUILD_NS,
				  &b->make.lock_fd);
	}
	if (ret)
		return kt_err(ret, "%s: cannot lock it: %s", b->dir,
			      strerror(-ret));
	return 0;
}

/* From here on the signals that end a program end the build first. */
static int catch_signals(struct build *b)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, &b->old_mask);
	b->make.signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return b->make.signal_fd < 0 ? -errno : 0;
}

static void release_signals(struct build *b)
{
	struct signalfd_siginfo si;

	/* what ended the build was answered: it must not end us as well */
	if (b->make.signal_fd >= 0)
		while (read(b->make.signal_fd, &si, sizeof(si)) > 0)
			;
	kt_close(&b->make.signal_fd);
	sigprocmask(SIG_SETMASK, &b->old_mask, NULL);
}

/* The build directory as a first build finds it. */
static int make_room(struct build *b)
{
	char log[PATH_MAX];
	struct kt_kernel_entry e;
	int ret;

	/* leftovers of this key: under our lock, so not for the sweep */
	ret = kt_pathf(log, "%s/out", b->dir);
	if (ret)
		return ret;
	kt_remove_tree(log);
	kt_pathf(log, "%s/entry", b->dir);
	kt_remove_tree(log);
	kt_kernel_sweep(b->cache);
	if (!kt_kernel_entry_read(b->final, &e) && !b->opts->force)
		kt_info("%s is of another key and will be replaced", e.name);
	kt_pathf(log, "%s/out", b->dir);
	ret = kt_mkdirs(log, 0755);
	if (ret)
		return kt_err(ret, "%s: %s", log, strerror(-ret));
	kt_pathf(log, "%s/build.log", b->dir);
	b->make.log_fd = open(log, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC |
			      O_APPEND, 0644);
	if (b->make.log_fd < 0)
		return kt_err(-errno, "%s: %s", log, strerror(errno));
	return 0;
}

/* Adds the text of the fragment at @path to @f. */
static int copy_fragment(const char *path, FILE *f)
{
	char *text;
	int ret = kt_read_file(path, FRAGMENT_MAX, &text, NULL);

	if (ret)
		return kt_err(ret, "%s: %s", path, strerror(-ret));
	fprintf(f, "%s\n", text);
	free(text);
	return 0;
}

static int write_options(const struct build *b)
{
	FILE *f = fopen(b->options, "we");
	int ret;

	if (!f)
		return kt_err(-errno, "%s: %s", b->options, strerror(errno));
	ret = copy_fragment(b->fragment, f);
	if (!ret && b->opts->extra)
		ret = copy_fragment(b->opts->extra, f);
	if (fclose(f) && !ret)
		ret = kt_err(-EIO, "%s: cannot be written", b->options);
	return ret;
}

/* The end of the log, a message a line; the whole of it is kept. */
static void show_log(const struct build *b)
{
	char tail[LOG_TAIL_BYTES + 1], from[PATH_MAX], to[PATH_MAX];
	off_t size = lseek(b->make.log_fd, 0, SEEK_END);
	off_t at = size > LOG_TAIL_BYTES ? size - LOG_TAIL_BYTES : 0;
	ssize_t n = pread(b->make.log_fd, tail, LOG_TAIL_BYTES, at);
	char *line, *next;
	u32 lines = 0;

	n = n > 0 ? n : 0;
	tail[n] = '\0';
	kt_text_sanitize(tail, n);
	for (line = tail + n; line > tail && lines <= LOG_TAIL_LINES; line--)
		lines += line[-1] == '\n';
	line += lines > LOG_TAIL_LINES;
	for (; line < tail + n; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		kt_info("| %s", line);
	}
	kt_pathf(from, "%s/build.log", b->dir);
	kt_pathf(to, "%s/failed.log", b->cache);
	if (!rename(from, to))
		kt_info("the whole log is in %s", to);
}

/* Runs one command of the build; @what says what it is for. */
static int run(struct build *b, const struct kt_strv *argv, const char *what)
{
	int ret = argv->err;

	if (!ret)
		ret = kt_make_run(&b->make, (const char *const *)argv->v);
	if (ret == -EINTR)
		return kt_err(-EINTR, "interrupted, nothing of the build is left");
	if (ret < 0)
		return kt_err(ret, "%s: %s", what, strerror(-ret));
	if (!ret)
		return 0;
	show_log(b);
	return kt_err(-EIO, "%s failed (%s: exit %d)", what, argv->v[0], ret);
}

static void make_argv(struct build *b, struct kt_strv *argv)
{
	kt_strv_init(argv);
	kt_strv_add(argv, "make");
	kt_strv_add(argv, "-C");
	kt_strv_add(argv, b->src.dir);
	kt_strv_addf(argv, "O=%s/out", b->dir);
	if (b->opts->llvm)
		kt_strv_add(argv, "LLVM=1");
}

static int make_target(struct build *b, const char *target, const char *var)
{
	struct kt_strv argv;
	int ret;

	make_argv(b, &argv);
	if (var)
		kt_strv_add(&argv, var);
	kt_strv_add(&argv, target);
	ret = run(b, &argv, target);
	kt_strv_fini(&argv);
	return ret;
}

/* Puts the fragment over the defconfig in place. */
static int merge_fragment(struct build *b)
{
	struct kt_strv argv;
	int ret;

	kt_strv_init(&argv);
	kt_strv_add(&argv, "sh");
	kt_strv_addf(&argv, "%s/scripts/kconfig/merge_config.sh", b->src.dir);
	kt_strv_add(&argv, "-m");
	kt_strv_add(&argv, "-O");
	kt_strv_addf(&argv, "%s/out", b->dir);
	kt_strv_addf(&argv, "%s/out/.config", b->dir);
	kt_strv_add(&argv, b->options);
	ret = run(b, &argv, "merge_config.sh");
	kt_strv_fini(&argv);
	return ret;
}

/* Kconfig drops what it cannot have without a word: compare. */
static int check_config(struct build *b)
{
	char *config = NULL, *fragment = NULL;
	char path[PATH_MAX];
	struct kt_strbuf sb;
	int ret;

	kt_strbuf_init(&sb, LOG_TAIL_BYTES);
	kt_pathf(path, "%s/out/.config", b->dir);
	ret = kt_kconfig_read(path, &config);
	if (!ret)
		ret = kt_kconfig_read(b->options, &fragment);
	if (ret)
		kt_err(ret, "reading the configuration: %s", strerror(-ret));
	else if (kt_kconfig_differs(config, fragment, &sb))
		ret = kt_err(-EINVAL, "%s with a %s base cannot have what %s asks for: %s",
			     b->src.version, kt_kernel_base_name(b->opts->base),
			     b->fragment, kt_strbuf_str(&sb));
	else if (kt_kconfig_missing(config, &sb))
		ret = kt_err(-EINVAL, "%s does not ask for what tests need: %s",
			     b->fragment, kt_strbuf_str(&sb));
	free(config);
	free(fragment);
	kt_strbuf_fini(&sb);
	return ret;
}

static int configure(struct build *b)
{
	char var[PATH_MAX + 32];
	int ret;

	if (b->opts->base != KT_BASE_DEFCONFIG) {
		snprintf(var, sizeof(var), "KCONFIG_ALLCONFIG=%s", b->options);
		ret = make_target(b, "allnoconfig", var);
	} else {
		ret = make_target(b, "defconfig", NULL);
		if (!ret)
			ret = merge_fragment(b);
		if (!ret)
			ret = make_target(b, "olddefconfig", NULL);
	}
	return ret ? ret : check_config(b);
}

static int compile(struct build *b)
{
	u64 start_ns = kt_now_ns();
	struct kt_strv argv;
	char label[96], took[32], path[PATH_MAX];
	int ret;

	snprintf(label, sizeof(label), "building %s", b->src.version);
	if (!isatty(2))
		kt_info("%s (%s, %u jobs)", label, kt_kernel_base_name(b->opts->base),
			b->jobs);
	make_argv(b, &argv);
	kt_strv_addf(&argv, "-j%u", b->jobs);
	kt_strv_add(&argv, "vmlinux");
	kt_strv_add(&argv, "bzImage");
	b->make.label = label;
	b->make.lines = 0;
	ret = run(b, &argv, "building the kernel");
	b->make.label = NULL;
	kt_strv_fini(&argv);
	if (ret)
		return ret;
	kt_pathf(path, "%s/out/include/config/kernel.release", b->dir);
	ret = kt_read_line(path, b->release, sizeof(b->release));
	if (ret)
		return kt_err(ret, "%s: %s", path, strerror(-ret));
	kt_info("built %s in %s", b->release,
		kt_make_took(start_ns, took, sizeof(took)));
	return 0;
}

static int write_meta(const struct build *b)
{
	char path[PATH_MAX], compiler[256];
	FILE *f;

	kt_source_compiler(b->opts->llvm, compiler, sizeof(compiler));
	kt_pathf(path, "%s/entry/meta", b->dir);
	f = fopen(path, "we");
	if (!f)
		return -errno;
	fprintf(f, "release=%s\nsource=%s\nbase=%s\ncompiler=%s\nbuilt_at=%lld\nkey=%s\n",
		b->release, b->src.dir, kt_kernel_base_name(b->opts->base), compiler,
		(long long)time(NULL), b->key);
	return fclose(f) ? -errno : 0;
}

static int move_to_entry(const struct build *b, const char *what,
			 const char *name)
{
	char from[PATH_MAX], to[PATH_MAX];

	kt_pathf(from, "%s/out/%s", b->dir, what);
	kt_pathf(to, "%s/entry/%s", b->dir, name);
	return rename(from, to) ? -errno : 0;
}

/* Puts the entry together and into place; an old one goes with our rubbish. */
static int publish(struct build *b)
{
	char entry[PATH_MAX], vmlinux[PATH_MAX], boot[PATH_MAX];
	int ret;

	kt_pathf(entry, "%s/entry", b->dir);
	kt_pathf(vmlinux, "%s/vmlinux", entry);
	kt_pathf(boot, "%s/vmlinux.boot", entry);
	ret = kt_mkdirs(entry, 0755);
	if (!ret)
		ret = move_to_entry(b, "vmlinux", "vmlinux");
	if (!ret)
		ret = move_to_entry(b, "arch/x86/boot/bzImage", "bzImage");
	if (!ret)
		ret = move_to_entry(b, ".config", "config");
	if (!ret)
		ret = kt_kernel_strip(vmlinux, boot);
	if (!ret)
		ret = write_meta(b);
	if (!ret && renameat2(AT_FDCWD, entry, AT_FDCWD, b->final,
			      access(b->final, F_OK) ? RENAME_NOREPLACE :
						       RENAME_EXCHANGE))
		ret = -errno;
	if (ret)
		return kt_err(ret, "%s: cannot put the kernel there: %s",
			      b->final, strerror(-ret));
	return 0;
}

/* The lock is held and signals are caught. */
static int build_locked(struct build *b)
{
	int ret;

	if (kt_source_is_built(&b->src))
		return kt_err(-EINVAL,
			      "%s was built in place: run \"make mrproper\" there, or use that build with KTSTR_KERNEL=%s",
			      b->src.dir, b->src.dir);
	ret = kt_kernel_tools_check(b->fragment, b->opts->llvm);
	if (!ret)
		ret = make_room(b);
	if (!ret)
		ret = write_options(b);
	if (!ret)
		ret = configure(b);
	if (!ret)
		ret = compile(b);
	if (!ret)
		ret = publish(b);
	return ret;
}

static int build(struct build *b)
{
	int ret = catch_signals(b);

	b->make.deadline_ns = kt_now_ns() + BUILD_NS;
	if (!ret)
		ret = build_locked(b);
	kt_close(&b->make.log_fd);
	kt_remove_tree(b->dir);
	release_signals(b);
	return ret;
}

int kt_kernel_build(const struct kt_kernel_build_opts *opts,
		    struct kt_kernel_entry *e)
{
	struct build *b = calloc(1, sizeof(*b));
	int ret;

	if (!b)
		return -ENOMEM;
	b->opts = opts;
	b->make.signal_fd = -1;
	b->make.log_fd = -1;
	b->make.lock_fd = -1;
	ret = prepare(b);
	if (ret || (!opts->force && find_built(b, e)))
		goto out;
	ret = lock_build_dir(b);
	if (ret)
		goto out;
	if (!opts->force && find_built(b, e)) {
		kt_remove_tree(b->dir);	/* built while we waited */
		goto out_unlock;
	}
	ret = build(b);
	if (!ret && kt_kernel_entry_read(b->final, e))
		ret = kt_err(-EIO, "%s: vanished after it was built", b->final);
out_unlock:
	kt_close(&b->make.lock_fd);
out:
	free(b);
	return ret;
}
