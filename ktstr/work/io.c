// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work types that read and write files. The files are in TMPDIR, which in a
 * guest is memory unless the test mounted something there.
 */
#include <fcntl.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "families.h"
#include "step.h"

#define CHUNK		4096

static const char chunk[CHUNK];

/* Its waits are for a device or for another one that writes. */
static int write_chunk(struct kt_work_env *env, int fd, off_t at)
{
	int ret = 0;

	kt_meter_block(&env->meter);
	if (pwrite(fd, chunk, CHUNK, at) < 0 && errno != EINTR)
		ret = kt_err(-errno, "%s: write: %m", env->name);
	kt_meter_unblock(&env->meter);
	kt_work_count(env);
	return ret;
}

static int sync_file(struct kt_work_env *env, int fd)
{
	int ret = 0;

	kt_meter_block(&env->meter);
	if (fdatasync(fd) && errno != EINTR)
		ret = kt_err(-errno, "%s: fdatasync: %m", env->name);
	kt_meter_unblock(&env->meter);
	return ret;
}

static int write_file(struct kt_work_env *env, int fd)
{
	off_t at, end = env->params.size_kib * 1024L;
	int ret = 0;

	for (at = 0; at < end && !ret && !*env->stop; at += CHUNK)
		ret = write_chunk(env, fd, at);
	return ret;
}

int kt_work_file_setup(struct kt_work_env *env)
{
	int fd = kt_work_open_file();

	env->state.fd = fd;
	return min(fd, 0);
}

void kt_work_file_teardown(struct kt_work_env *env)
{
	kt_close(&env->state.fd);
}

int kt_work_io_sync_write(struct kt_work_env *env)
{
	int ret = write_file(env, env->state.fd);

	return ret || *env->stop ? ret : sync_file(env, env->state.fd);
}

/* The file's own lock makes them queue. */
int kt_work_io_convoy(struct kt_work_env *env)
{
	int ret = write_file(env, env->fds[0]);

	return ret || *env->stop ? ret : sync_file(env, env->fds[0]);
}

int kt_work_rand_read_setup(struct kt_work_env *env)
{
	int ret = kt_work_file_setup(env);

	if (!ret)
		ret = write_file(env, env->state.fd);
	if (!ret && !*env->stop)
		ret = sync_file(env, env->state.fd);
	return ret;
}

int kt_work_io_rand_read(struct kt_work_env *env)
{
	u32 chunks = env->params.size_kib * 1024UL / CHUNK;
	off_t at = kt_work_random(env) % max(chunks, 1u) * CHUNK;
	char buf[CHUNK];
	ssize_t n;

	/* from the disk again, where there is one */
	posix_fadvise(env->state.fd, at, CHUNK, POSIX_FADV_DONTNEED);
	kt_meter_block(&env->meter);
	n = pread(env->state.fd, buf, CHUNK, at);
	kt_meter_unblock(&env->meter);
	if (n < 0 && !*env->stop)
		return kt_err(-errno, "%s: read: %m", env->name);
	kt_work_count(env);
	return 0;
}
