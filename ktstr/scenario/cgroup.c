// SPDX-License-Identifier: GPL-2.0-only
/*
 * cgroup v2 by its files.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "cgroup.h"

static int write_knob(const char *dir, const char *knob, const char *text)
{
	char path[KT_CGROUP_PATH_MAX + 64];
	int ret;

	snprintf(path, sizeof(path), "%s/%s", dir, knob);
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

int kt_cgroup_make(struct kt_cgroup *cg, const char *name)
{
	cg->path[0] = '\0';
	if (!name[0] || name[0] == '.' || strchr(name, '/') ||
	    strlen(name) >= KT_CGROUP_NAME_MAX)
		return kt_err(-EINVAL,
			      "cgroup name \"%s\": no slash, no dot in front, less than %u bytes",
			      name, KT_CGROUP_NAME_MAX);
	snprintf(cg->path, sizeof(cg->path), "%s/%s", KT_CGROUP_ROOT, name);
	return make_dir(cg->path);
}

int kt_cgroup_set_cpus(const struct kt_cgroup *cg, const char *list)
{
	return write_knob(cg->path, "cpuset.cpus", list);
}

int kt_cgroup_add(const struct kt_cgroup *cg, pid_t pid)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", pid);
	return write_knob(cg->path, "cgroup.procs", text);
}

/* True once nothing lives in or below @path. */
static bool wait_empty(const char *path, u64 deadline_ns)
{
	char name[KT_CGROUP_PATH_MAX + 32], text[256];
	struct pollfd pfd = { .events = POLLPRI };
	bool empty = false;

	snprintf(name, sizeof(name), "%s/cgroup.events", path);
	pfd.fd = open(name, O_RDONLY | O_CLOEXEC);
	if (pfd.fd < 0)
		return false;
	for (;;) {
		u64 now, left_ms;
		ssize_t n = pread(pfd.fd, text, sizeof(text) - 1, 0);

		if (n < 0)
			break;
		text[n] = '\0';
		empty = strstr(text, "populated 0");
		now = kt_now_ns();
		if (empty || now >= deadline_ns)
			break;
		/* a change of the file wakes this; the bound is for safety */
		left_ms = (deadline_ns - now) / KT_NSEC_PER_MSEC + 1;
		poll(&pfd, 1, min_t(u64, left_ms, 1000));
	}
	close(pfd.fd);
	return empty;
}

static int remove_dir(const char *path, u32 timeout_ms)
{
	u64 deadline = kt_now_ns() + timeout_ms * KT_NSEC_PER_MSEC;
	char knob[KT_CGROUP_PATH_MAX + 32];

	snprintf(knob, sizeof(knob), "%s/cgroup.kill", path);
	kt_write_file(knob, "1");	/* what matters is whether it empties */
	if (!wait_empty(path, deadline))
		return kt_err(-EBUSY, "cgroup %s is not empty after %u ms",
			      path, timeout_ms);
	if (rmdir(path))
		return kt_err(-errno, "remove cgroup %s: %m", path);
	return 0;
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
	if (access(KT_CGROUP_ROOT, F_OK))
		return 0;
	return remove_dir(KT_CGROUP_ROOT, timeout_ms);
}
