// SPDX-License-Identifier: GPL-2.0-only
/*
 * cgroup v2 by its files.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "cgroup.h"

#define PROCS_BYTES	(1024u * 1024)
#define MOVE_ROUNDS	64	/* what forks while it is moved is moved next */
#define MAX_LEVELS	8	/* that are gone down to remove */

static void knob_path(char path[PATH_MAX], const char *dir, const char *knob)
{
	snprintf(path, PATH_MAX, "%s/%s", dir, knob);
}

static int write_knob(const char *dir, const char *knob, const char *text)
{
	char path[PATH_MAX];
	int ret;

	knob_path(path, dir, knob);
	ret = kt_write_file(path, text);
	if (ret)
		return kt_err(ret, "write \"%s\" to %s: %s", text, path,
			      strerror(-ret));
	return 0;
}

static int enable_controllers(const char *dir)
{
	return write_knob(dir, "cgroup.subtree_control",
			  "+cpu +cpuset +pids +memory");
}

static int make_dir(const char *path)
{
	if (mkdir(path, 0755) && errno != EEXIST)
		return kt_err(-errno, "make cgroup %s: %m", path);
	return 0;
}

int kt_cgroup_setup_root(void)
{
	int ret = enable_controllers(KT_CGROUP_MOUNT);

	if (!ret)
		ret = make_dir(KT_CGROUP_ROOT);
	if (!ret)
		ret = enable_controllers(KT_CGROUP_ROOT);
	return ret;
}

bool kt_cgroup_name_ok(const char *name)
{
	const char *level = name;

	while (strlen(name) < KT_CGROUP_NAME_MAX) {
		size_t len = strcspn(level, "/");

		if (!len || level[0] == '.' || memchr(level, '\n', len))
			return false;
		if (!level[len])
			return true;
		level += len + 1;
	}
	return false;
}

int kt_cgroup_make(struct kt_cgroup *cg, const char *name)
{
	char path[KT_CGROUP_PATH_MAX];
	char *slash;
	int ret = 0;

	cg->path[0] = '\0';
	if (!kt_cgroup_name_ok(name))
		return kt_err(-EINVAL,
			      "cgroup name \"%.40s\": levels without a dot in front, less than %u bytes",
			      name, KT_CGROUP_NAME_MAX);
	snprintf(path, sizeof(path), "%s/%s", KT_CGROUP_ROOT, name);
	for (slash = strchr(path + strlen(KT_CGROUP_ROOT) + 1, '/');
	     slash && !ret; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		ret = make_dir(path);
		if (!ret)
			ret = enable_controllers(path);
		*slash = '/';
	}
	if (!ret)
		ret = make_dir(path);
	if (!ret)
		memcpy(cg->path, path, sizeof(path));
	return ret;
}

int kt_cgroup_set_cpus(const struct kt_cgroup *cg, const char *list)
{
	return write_knob(cg->path, "cpuset.cpus", list);
}

int kt_cgroup_set_mems(const struct kt_cgroup *cg, const char *list)
{
	return write_knob(cg->path, "cpuset.mems", list);
}

int kt_cgroup_effective_cpus(const struct kt_cgroup *cg,
			     struct kt_cpumask *cpus)
{
	char path[PATH_MAX], list[KT_CPUMASK_STR];
	int ret;

	knob_path(path, cg->path, "cpuset.cpus.effective");
	ret = kt_read_line(path, list, sizeof(list));
	if (!ret)
		ret = kt_cpumask_parse(cpus, list);
	return ret ? kt_err(ret, "read %s: %s", path, strerror(-ret)) : 0;
}

int kt_cgroup_set_weight(const struct kt_cgroup *cg, u32 weight)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", weight);
	return write_knob(cg->path, "cpu.weight", text);
}

int kt_cgroup_set_bandwidth(const struct kt_cgroup *cg, u32 quota_us,
			    u32 period_us)
{
	char text[32];

	if (quota_us)
		snprintf(text, sizeof(text), "%u %u", quota_us, period_us);
	else
		snprintf(text, sizeof(text), "max");
	return write_knob(cg->path, "cpu.max", text);
}

/* Waits until cgroup.events says @what. */
static bool wait_event(const char *path, const char *what, u64 deadline_ns)
{
	struct pollfd pfd = { .events = POLLPRI };
	char name[PATH_MAX], text[256];
	bool seen = false;

	knob_path(name, path, "cgroup.events");
	pfd.fd = open(name, O_RDONLY | O_CLOEXEC);
	if (pfd.fd < 0)
		return false;
	for (;;) {
		u64 now, left_ms;
		ssize_t n = pread(pfd.fd, text, sizeof(text) - 1, 0);

		if (n < 0)
			break;
		text[n] = '\0';
		seen = strstr(text, what);
		now = kt_now_ns();
		if (seen || now >= deadline_ns)
			break;
		/* a change of the file wakes this; the bound is for safety */
		left_ms = (deadline_ns - now) / KT_NSEC_PER_MSEC + 1;
		poll(&pfd, 1, min_t(u64, left_ms, 1000));
	}
	close(pfd.fd);
	return seen;
}

int kt_cgroup_freeze(const struct kt_cgroup *cg, bool on, u32 timeout_ms)
{
	u64 deadline = kt_now_ns() + timeout_ms * KT_NSEC_PER_MSEC;
	int ret = write_knob(cg->path, "cgroup.freeze", on ? "1" : "0");

	if (ret)
		return ret;
	if (!wait_event(cg->path, on ? "frozen 1" : "frozen 0", deadline))
		return kt_err(-ETIMEDOUT, "cgroup %s is not %s after %u ms",
			      cg->path, on ? "frozen" : "thawed", timeout_ms);
	return 0;
}

int kt_cgroup_add(const struct kt_cgroup *cg, pid_t pid)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", pid);
	return write_knob(cg->path, "cgroup.procs", text);
}

/* Moves each of @procs, a line each. One that has ended meanwhile is no error. */
static int move_each(char *procs, const struct kt_cgroup *to)
{
	char path[PATH_MAX], *line, *save;
	int ret = 0;

	knob_path(path, to->path, "cgroup.procs");
	for (line = strtok_r(procs, "\n", &save); line && !ret;
	     line = strtok_r(NULL, "\n", &save)) {
		ret = kt_write_file(path, line);
		if (ret == -ESRCH)
			ret = 0;
		if (ret)
			kt_err(ret, "write \"%s\" to %s: %s", line, path,
			       strerror(-ret));
	}
	return ret;
}

int kt_cgroup_move_all(const struct kt_cgroup *from,
		       const struct kt_cgroup *to)
{
	char path[PATH_MAX], *procs;
	size_t len;
	int i, ret;

	knob_path(path, from->path, "cgroup.procs");
	for (i = 0; i < MOVE_ROUNDS; i++) {
		ret = kt_read_file(path, PROCS_BYTES, &procs, &len);
		if (ret)
			return kt_err(ret, "read %s: %s", path, strerror(-ret));
		ret = move_each(procs, to);
		free(procs);
		if (ret || !len)
			return ret;
	}
	return kt_err(-EBUSY, "cgroup %s still has processes after they were moved %u times",
		      from->path, MOVE_ROUNDS);
}

/* Bottom up. What is gone already is no error. */
static int remove_tree(const char *path, u32 levels)
{
	struct dirent *d;
	char below[PATH_MAX];
	DIR *dir = levels ? opendir(path) : NULL;

	while (dir && (d = readdir(dir))) {
		if (d->d_type != DT_DIR || d->d_name[0] == '.')
			continue;
		if ((size_t)snprintf(below, sizeof(below), "%s/%s", path,
				     d->d_name) < sizeof(below))
			remove_tree(below, levels - 1);
	}
	if (dir)
		closedir(dir);
	if (rmdir(path) && errno != ENOENT)
		return kt_err(-errno, "remove cgroup %s: %m", path);
	return 0;
}

static int remove_dir(const char *path, u32 timeout_ms)
{
	u64 deadline = kt_now_ns() + timeout_ms * KT_NSEC_PER_MSEC;
	char knob[PATH_MAX];

	if (access(path, F_OK))
		return 0;
	knob_path(knob, path, "cgroup.kill");
	kt_write_file(knob, "1");	/* what matters is whether it empties */
	if (!wait_event(path, "populated 0", deadline))
		return kt_err(-EBUSY, "cgroup %s is not empty after %u ms",
			      path, timeout_ms);
	return remove_tree(path, MAX_LEVELS);
}

int kt_cgroup_remove(struct kt_cgroup *cg, u32 timeout_ms)
{
	int ret;

	if (!cg->path[0])
		return 0;
	ret = remove_dir(cg->path, timeout_ms);
	cg->path[0] = '\0';
	return ret;
}

int kt_cgroup_remove_root(u32 timeout_ms)
{
	return remove_dir(KT_CGROUP_ROOT, timeout_ms);
}
