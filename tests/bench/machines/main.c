// SPDX-License-Identifier: GPL-2.0-only
/*
 * The benchmark of machines. One program in three places: as a host it boots
 * the machines turn by turn, as PID 1 it is their guest, and as a test program
 * it takes itself into a machine that has KVM, where the host has none that is
 * good enough.
 *
 *	machines --measure KERNEL ROUNDS [QEMU_DATA]
 *
 * It exits with 4 when the native engine is not usable here.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "ktstr/base/fd.h"
#include "ktstr/base/log.h"
#include "ktstr/base/proc.h"
#include "ktstr/base/strbuf.h"
#include "ktstr/engine/kvm/kvm.h"
#include "ktstr/guest/init.h"
#include "ktstr/host/find.h"
#include "ktstr/host/initramfs.h"
#include "ktstr/host/main.h"
#include "machines.h"

#define MAX_ROUNDS	101
#define RUN_MS		400000
#define TEXT_MAX	4096
#define EXIT_SKIP	4

/* One machine, in a process of its own. */
static int one(char **argv)
{
	struct job job = {
		.kernel = argv[1], .initramfs = argv[2], .disk = argv[3],
		.start_ns = strtoull(argv[4], NULL, 10), .qemu_data = argv[5],
	};
	u32 way = strtoul(argv[0], NULL, 10), i;
	struct values values = {};
	struct running r;
	int ret;

	if (way >= nr_ways)
		return 1;
	ret = way_start(&ways[way], &job, &r);
	if (!ret)
		ret = session_run(&r, &values);
	for (i = 0; !ret && i < NR_VALUES; i++)
		printf("%.9f\n", values.v[i]);
	way_stop(&r);
	return ret ? 1 : 0;
}

static int run_one(u32 way, const struct job *job, struct values *values)
{
	struct kt_proc_opts opts = KT_PROC_OPTS_INIT;
	char nr[16], start[32];
	const char *const argv[] = {
		"/proc/self/exe", "--one", nr, job->kernel, job->initramfs,
		job->disk, start, job->qemu_data, NULL,
	};
	struct kt_strbuf out;
	char *at;
	int ret;
	u32 i;

	snprintf(nr, sizeof(nr), "%u", way);
	snprintf(start, sizeof(start), "%llu", (unsigned long long)kt_now_ns());
	kt_strbuf_init(&out, TEXT_MAX);
	ret = kt_proc_run(argv, &opts, RUN_MS, &out);
	at = out.str;
	for (i = 0; !ret && i < NR_VALUES; i++)
		values->v[i] = strtod(at, &at);
	kt_strbuf_fini(&out);
	return ret ? kt_err(-EIO, "%s did not come through (%d)",
			    ways[way].name, ret) : 0;
}

/* An empty file beside which there is none of that name. */
static int new_file(char *path, size_t size, const char *what)
{
	const char *dir = getenv("TMPDIR");
	int fd;

	snprintf(path, size, "%s/ktstr-%s-XXXXXX", dir && *dir ? dir : "/tmp",
		 what);
	fd = mkostemp(path, O_CLOEXEC);
	return fd < 0 ? kt_err(-errno, "%s: %s", path, strerror(errno)) : fd;
}

/* Written once, so that no machine pays for its blocks. */
static int make_disk(char *path, size_t size)
{
	static const u8 data[1u << 20] = { 1 };
	int fd = new_file(path, size, "disk"), ret = 0;
	u32 i;

	for (i = 0; fd >= 0 && !ret && i < DISK_MIB; i++)
		ret = kt_write_all(fd, data, sizeof(data), KT_NO_DEADLINE);
	kt_close(&fd);
	return ret;
}

static int make_initramfs(char *path, size_t size)
{
	const struct kt_initramfs_extra none = {};
	int fd = -1, out = new_file(path, size, "initramfs"), ret;
	struct kt_initramfs *base;
	char self[PATH_MAX];
	u64 len;

	ret = out < 0 ? out : kt_find_self(self, sizeof(self));
	if (!ret)
		ret = kt_initramfs_base_new(self, &base);
	if (ret)
		return ret;
	ret = kt_initramfs_build(base, &none, &fd, &len);
	kt_initramfs_free(base);
	if (!ret && lseek(fd, 0, SEEK_SET) < 0)
		ret = -errno;
	if (!ret)
		ret = kt_copy_fd(out, fd, len);
	kt_close(&fd);
	kt_close(&out);
	return ret;
}

static int run_rounds(const struct job *job, u32 rounds)
{
	struct values values;
	struct table *table;
	u32 round, way;
	int ret;

	ret = table_new(rounds, &table);
	for (round = 0; !ret && round < rounds; round++)
		for (way = 0; !ret && way < nr_ways; way++) {
			ret = run_one(way, job, &values);
			if (!ret)
				table_add(table, way, &values);
		}
	if (!ret)
		table_print(table);
	if (table)
		table_free(table);
	return ret;
}

static int measure(int argc, char **argv)
{
	u32 rounds = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
	char disk[PATH_MAX] = "", initramfs[PATH_MAX] = "";
	struct kt_engine_caps caps;
	struct job job = {};
	int ret;

	if (!rounds || rounds > MAX_ROUNDS)
		return kt_err(2, "machines --measure KERNEL ROUNDS [QEMU_DATA]");
	ret = kt_kvm_probe(&caps);
	if (ret || !caps.usable) {
		fprintf(stderr, "engine kvm: %s\n", caps.why_not);
		return ret ? 1 : EXIT_SKIP;
	}
	job = (struct job){
		.kernel = argv[2], .initramfs = initramfs, .disk = disk,
		.qemu_data = argc > 4 ? argv[4] : NULL,
	};
	ret = make_disk(disk, sizeof(disk));
	if (!ret)
		ret = make_initramfs(initramfs, sizeof(initramfs));
	if (!ret)
		ret = run_rounds(&job, rounds);
	unlink(disk);
	unlink(initramfs);
	return ret ? 1 : 0;
}

int main(int argc, char **argv)
{
	if (getpid() == 1 && !strcmp(argv[0], "/init"))
		return kt_guest_main(argc, argv);
	if (argc > 2 && !strcmp(argv[1], "--measure"))
		return measure(argc, argv);
	if (argc > 6 && !strcmp(argv[1], "--one"))
		return one(argv + 2);
	return kt_host_main(argc, argv);
}
