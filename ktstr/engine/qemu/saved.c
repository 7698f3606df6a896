// SPDX-License-Identifier: GPL-2.0-only
/*
 * Saving a QEMU machine and going on from there. The state goes through a
 * memory file of ours, so that a full disk is nothing that QEMU sees.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../base/fd.h"
#include "../../base/log.h"
#include "../saved_memory.h"
#include "saved.h"

#define STATE_FD	"state"
#define POLL_NS		(2 * KT_NSEC_PER_MSEC)

int kt_qemu_memory_add(struct kt_qemu_memory *mem, int fd, u64 size_bytes)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (copy < 0)
		return kt_err(-errno, "memory of node %u: %s", mem->nr,
			      strerror(errno));
	mem->fds[mem->nr] = copy;
	mem->sizes_bytes[mem->nr++] = size_bytes;
	return 0;
}

void kt_qemu_memory_fini(struct kt_qemu_memory *mem)
{
	while (mem->nr)
		kt_close(&mem->fds[--mem->nr]);
}

int kt_qemu_memory_count(const struct kt_qemu_memory *mem,
			 struct kt_machine_memory *count)
{
	struct stat st;
	u32 i;

	*count = (struct kt_machine_memory){};
	for (i = 0; i < mem->nr; i++) {
		if (fstat(mem->fds[i], &st))
			return -errno;
		count->own_bytes += (u64)st.st_blocks * 512;
	}
	return 0;
}

int kt_qemu_memory_save(const struct kt_qemu_memory *mem,
			struct kt_saved *saved)
{
	u64 at = 0;
	int ret = 0;
	u32 i;

	saved->memory_sum = 0;
	for (i = 0; i < mem->nr && !ret; i++) {
		ret = kt_saved_copy(saved->memory_fd, saved->memory_at + at,
				    mem->fds[i], 0, mem->sizes_bytes[i],
				    at / KT_SAVED_PAGE, &saved->memory_sum);
		at += mem->sizes_bytes[i];
	}
	return ret;
}

int kt_qemu_memory_load(const struct kt_qemu_memory *mem,
			const struct kt_saved *saved)
{
	u64 at = 0, sum = 0;
	int ret = 0;
	u32 i;

	for (i = 0; i < mem->nr && !ret; i++) {
		ret = kt_saved_copy(mem->fds[i], 0, saved->memory_fd,
				    saved->memory_at + at, mem->sizes_bytes[i],
				    at / KT_SAVED_PAGE, &sum);
		at += mem->sizes_bytes[i];
	}
	if (!ret && sum != saved->memory_sum)
		ret = -EBADMSG;
	return ret;
}

/* 1 when it has ended well, 0 while it is under way, -errno. */
static int migrated(struct kt_qmp *q, u64 deadline_ns)
{
	json_t *value = NULL;
	const char *status;
	int ret;

	ret = kt_qmp_ask(q, "query-migrate", "", &value, deadline_ns);
	if (ret)
		return ret;
	status = json_string_value(json_object_get(value, "status"));
	if (status && !strcmp(status, "completed"))
		ret = 1;
	else if (status && (!strcmp(status, "failed") ||
			    !strcmp(status, "cancelled")))
		ret = -EIO;
	json_decref(value);
	return ret;
}

/* QEMU tells of each step, which ends the wait for it early. */
static int await_migration(struct kt_qmp *q, u64 deadline_ns)
{
	int ret;

	for (;;) {
		ret = migrated(q, deadline_ns);
		if (ret)
			return ret < 0 ? ret : 0;
		if (kt_now_ns() >= deadline_ns)
			return -ETIMEDOUT;
		kt_wait_readable(q->fd, kt_now_ns() + POLL_NS);
	}
}

static int migrate(struct kt_qmp *q, const char *command, int fd,
		   u64 deadline_ns)
{
	int ret;

	ret = kt_qmp_ask(q, "migrate-set-capabilities",
			 "\"capabilities\":[{\"capability\":\"x-ignore-shared\",\"state\":true},{\"capability\":\"events\",\"state\":true}]",
			 NULL, deadline_ns);
	if (!ret)
		ret = kt_qmp_give_fd(q, STATE_FD, fd, deadline_ns);
	if (!ret)
		ret = kt_qmp_ask(q, command, "\"uri\":\"fd:" STATE_FD "\"",
				 NULL, deadline_ns);
	return ret ? ret : await_migration(q, deadline_ns);
}

int kt_qemu_state_save(struct kt_qmp *q, const struct kt_saved *saved,
		       u64 deadline_ns)
{
	return migrate(q, "migrate", saved->state_fd, deadline_ns);
}

int kt_qemu_state_load(struct kt_qmp *q, const struct kt_saved *saved,
		       u64 deadline_ns)
{
	int ret;

	if (lseek(saved->state_fd, 0, SEEK_SET) < 0)
		return -errno;
	/* it would wake up now and then to tell networks that there are not */
	ret = kt_qmp_ask(q, "migrate-set-parameters", "\"announce-rounds\":0",
			 NULL, deadline_ns);
	if (!ret)
		ret = migrate(q, "migrate-incoming", saved->state_fd,
			      deadline_ns);
	return ret == -EPIPE ? -EBADMSG : ret;
}
