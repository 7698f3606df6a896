// SPDX-License-Identifier: GPL-2.0-only
/*
 * Building another selftest target: by the tree's own make, out of tree, into
 * a directory of the cache that belongs to that tree alone. Installed, it lies
 * as its programs expect, with a list of them. Reading an installed one.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ktstr/base/fd.h"
#include "ktstr/base/log.h"
#include "ktstr/base/xdg.h"
#include "ktstr/host/dir_lock.h"
#include "ktstr/base/fnv.h"
#include "ktstr/host/kernel_make.h"
#include "ktstr/host/kernel_source.h"
#include "ktstr/host/pathf.h"
#include "kselftest.h"

#define BUILD_NS	(3600 * KT_NSEC_PER_SEC)
#define LOCK_NS		(600 * KT_NSEC_PER_SEC)
#define LOG_TAIL_BYTES	4096
#define LIST_MAX	(1024 * 1024)
#define DEFAULT_TIMEOUT_S	45	/* kselftest's own */
#define MAX_TIMEOUT_S	3600

/* The newest clang with all that BPF programs want. */
static const char *bpf_clang(char *buf, size_t size)
{
	const char *path = getenv("PATH");
	char file[PATH_MAX];
	const char *dir;
	int v;

	for (v = 22; v >= 16; v--) {
		snprintf(buf, size, "clang-%d", v);
		for (dir = path; dir && *dir; dir += strcspn(dir, ":"),
		     dir += *dir == ':')
			if (!kt_pathf(file, "%.*s/%s", (int)strcspn(dir, ":"),
				      dir, buf) && !access(file, X_OK))
				return buf;
	}
	return "clang";
}

/* "futex/functional" as part of a file's name. */
static void flat_name(const char *target, char *buf, size_t size)
{
	char *p;

	snprintf(buf, size, "%s", target);
	for (p = buf; *p; p++)
		if (*p == '/')
			*p = '_';
}

/* A directory for @src's objects, locked; signals are on make->signal_fd. */
static int prepare(struct kt_make *make, const struct kt_source *src, char *dir,
		   sigset_t *old)
{
	u64 key = kt_fnv64_str(KT_FNV64_INIT, src->dir);
	char cache[PATH_MAX], log[PATH_MAX];
	sigset_t set;
	int ret;

	ret = kt_cache_dir("kselftest", cache, sizeof(cache));
	if (!ret)
		ret = kt_pathf(dir, "%s/%s-%08llx", cache, src->version,
			       (unsigned long long)key >> 32);
	if (!ret)
		ret = kt_dir_lock(dir, kt_now_ns() + LOCK_NS, &make->lock_fd);
	if (!ret)
		ret = kt_pathf(log, "%s/log", dir);
	if (ret)
		return kt_err(ret, "a directory for the objects in %s: %s",
			      cache, strerror(-ret));
	make->log_fd = open(log, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (make->log_fd < 0)
		return kt_err(-errno, "%s: %s", log, strerror(errno));
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, old);
	make->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return make->signal_fd < 0 ? -errno : 0;
}

static void show_log(const struct kt_make *make, const char *dir)
{
	char tail[LOG_TAIL_BYTES + 1];
	off_t size = lseek(make->log_fd, 0, SEEK_END);
	ssize_t n;

	n = pread(make->log_fd, tail, LOG_TAIL_BYTES,
		  max_t(off_t, 0, size - LOG_TAIL_BYTES));
	if (n > 0)
		fprintf(stderr, "%.*s\n", (int)n, tail);
	fprintf(stderr, "the whole of it: %s/log\n", dir);
}

/* User headers of this very tree, which many targets need; once a tree. */
static int make_headers(struct kt_make *make, const struct kt_source *src,
			const char *dir, u32 jobs)
{
	char there[PATH_MAX];
	struct kt_strv argv;
	int ret;

	if (kt_pathf(there, "%s/usr/include/linux/version.h", dir))
		return -ENAMETOOLONG;
	if (!access(there, F_OK) || kt_source_is_built(src))
		return 0;
	kt_strv_init(&argv);
	kt_strv_add(&argv, "make");
	kt_strv_add(&argv, "-s");
	kt_strv_addf(&argv, "-j%u", jobs);
	kt_strv_addf(&argv, "-C%s", src->dir);
	kt_strv_addf(&argv, "O=%s", dir);
	kt_strv_add(&argv, "headers");
	ret = argv.err ? argv.err : kt_make_run(make, (const char **)argv.v);
	kt_strv_fini(&argv);
	return ret;
}

static int make_target(struct kt_make *make, const struct kt_kselftest *k,
		       const struct kt_source *src, const char *dir,
		       const char *vmlinux, u32 jobs)
{
	struct kt_strv argv;
	char clang[16];
	int ret;

	kt_strv_init(&argv);
	kt_strv_add(&argv, "make");
	kt_strv_addf(&argv, "-j%u", jobs);
	kt_strv_addf(&argv, "-C%s/tools/testing/selftests", src->dir);
	kt_strv_addf(&argv, "TARGETS=%s", k->target);
	kt_strv_add(&argv, "SKIP_TARGETS=");
	kt_strv_add(&argv, "FORCE_TARGETS=1");
	kt_strv_addf(&argv, "O=%s", dir);
	kt_strv_addf(&argv, "INSTALL_PATH=%s", k->install);
	kt_strv_addf(&argv, "CLANG=%s", bpf_clang(clang, sizeof(clang)));
	if (vmlinux && *vmlinux)
		kt_strv_addf(&argv, "VMLINUX_BTF=%s", vmlinux);
	kt_strv_add(&argv, "install");
	ret = argv.err ? argv.err : kt_make_run(make, (const char **)argv.v);
	kt_strv_fini(&argv);
	return ret;
}

/* With the directory locked. */
static int build_in(struct kt_kselftest *k, struct kt_make *make,
		    const struct kt_source *src, const char *dir,
		    const struct kt_kselftest_build *b)
{
	char flat[NAME_MAX], label[NAME_MAX + 32];
	u32 jobs = b->jobs;
	cpu_set_t cpus;
	int ret;

	if (!jobs)
		jobs = sched_getaffinity(0, sizeof(cpus), &cpus) ? 1 : CPU_COUNT(&cpus);
	flat_name(k->target, flat, sizeof(flat));
	snprintf(label, sizeof(label), "building %s", k->target);
	make->label = label;
	ret = kt_pathf(k->install, "%s/install/%s", dir, flat);
	if (ret)
		return ret;
	/* what an older build installed is not to be run as this one's */
	kt_remove_tree(k->install);
	ret = kt_mkdirs(k->install, 0755);
	if (!ret)
		ret = make_headers(make, src, dir, jobs);
	if (!ret)
		ret = make_target(make, k, src, dir, b->vmlinux, jobs);
	make->label = NULL;
	if (ret > 0) {
		show_log(make, dir);
		ret = kt_err(-EIO, "%s does not build: see what make says above",
			     k->target);
	} else if (ret && ret != -EINTR) {
		kt_err(ret, "building %s: %s", k->target, strerror(-ret));
	}
	return ret;
}

int kt_kselftest_build(struct kt_kselftest *k,
		       const struct kt_kselftest_build *b)
{
	struct kt_make make = {
		.signal_fd = -1, .log_fd = -1, .lock_fd = -1,
		.deadline_ns = kt_now_ns() + BUILD_NS,
	};
	struct signalfd_siginfo si;
	struct kt_source src;
	char dir[PATH_MAX];
	sigset_t old;
	int ret;

	sigprocmask(SIG_SETMASK, NULL, &old);
	ret = kt_source_open(b->source, &src);
	if (!ret)
		ret = prepare(&make, &src, dir, &old);
	if (!ret)
		ret = build_in(k, &make, &src, dir, b);
	/* the one that ended the build was answered */
	while (make.signal_fd >= 0 && read(make.signal_fd, &si, sizeof(si)) > 0)
		ret = ret ? ret : -EINTR;
	kt_close(&make.signal_fd);
	kt_close(&make.log_fd);
	sigprocmask(SIG_SETMASK, &old, NULL);
	k->lock_fd = make.lock_fd;
	return ret;
}

/* Lines "target:program" of the list that install made. */
static int read_list(struct kt_kselftest *k)
{
	size_t len = strlen(k->target);
	char path[PATH_MAX], *text, *line, *save = NULL;
	int ret;

	ret = kt_pathf(path, "%s/kselftest-list.txt", k->install);
	if (!ret)
		ret = kt_read_file(path, LIST_MAX, &text, NULL);
	if (ret)
		return kt_err(ret, "%s: %s: give --dir the directory that `make install INSTALL_PATH=` filled",
			      path, strerror(-ret));
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		if (!strncmp(line, k->target, len) && line[len] == ':' &&
		    line[len + 1] && !strchr(line + len + 1, '/'))
			kt_strv_add(&k->programs, line + len + 1);
	free(text);
	if (!k->programs.nr)
		return kt_err(-ENOENT, "%s names no program of target %s", path,
			      k->target);
	return k->programs.err;
}

/* "timeout=120" of a settings file; 0 there means for ever. */
static u32 timeout_of(const char *settings)
{
	const char *at = settings ? strstr(settings, "timeout=") : NULL;
	unsigned long v = DEFAULT_TIMEOUT_S;
	char *end;

	if (at && (at == settings || at[-1] == '\n')) {
		v = strtoul(at + strlen("timeout="), &end, 10);
		if (!v || v > MAX_TIMEOUT_S)
			v = MAX_TIMEOUT_S;
	}
	return v;
}

int kt_kselftest_read(struct kt_kselftest *k)
{
	char path[PATH_MAX], *settings = NULL;
	int ret;

	ret = kt_pathf(k->dir, "%s/%s", k->install, k->target);
	if (!ret)
		ret = read_list(k);
	if (ret)
		return ret;
	if (!kt_pathf(path, "%s/config", k->dir) &&
	    kt_read_file(path, LIST_MAX, &k->fragment, NULL))
		k->fragment = NULL;
	if (!kt_pathf(path, "%s/settings", k->dir) &&
	    kt_read_file(path, LIST_MAX, &settings, NULL))
		settings = NULL;
	k->timeout_s = timeout_of(settings);
	free(settings);
	return 0;
}

void kt_kselftest_fini(struct kt_kselftest *k)
{
	kt_strv_fini(&k->programs);
	free(k->fragment);
	kt_close(&k->lock_fd);
}
