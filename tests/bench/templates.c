// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many machines of one template, several at a time: each starts, is sent a
 * Plan, has to answer, and is ended. None may fail, nothing may be left, and
 * the host's memory is what it was. What a machine has of its own at its answer
 * is told, and that the last ones have no more than the first.
 *
 *	templates PROGRAM [MACHINES [AT_ONCE]]
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktstr/base/fd.h"
#include "ktstr/base/log.h"
#include "ktstr/engine/engine.h"
#include "ktstr/host/initramfs.h"
#include "ktstr/host/kernel.h"
#include "ktstr/wire/frame.h"
#include "ktstr/wire/msg.h"

#define MIB		272
#define DEADLINE_NS	(60 * KT_NSEC_PER_SEC)
#define FREEZE_MS	5000
#define SETTLE_NS	(10 * KT_NSEC_PER_SEC)
#define MEMORY_SLACK_KIB	(8 * 1024)	/* other programs live, too */

/* What the workers have seen; of all, of the first half, of the second. */
struct seen {
	u32 done;
	u64 own_max;
	u64 own_sum[2], host_sum[2];
	u32 nr[2];
};

static struct seen *seen;
static u32 machines;
static struct kt_machine_plan plan;
static const struct kt_engine_ops *engine;

/* Reads up to a frame of type @tag, or to any for 0. */
static int await(struct kt_machine *m, u32 tag)
{
	u64 deadline = kt_now_ns() + DEADLINE_NS;
	struct kt_assembler a;
	struct kt_frame f;
	u8 buf[4096];
	int ret = 0;

	kt_assembler_init(&a);
	for (;;) {
		ssize_t n;

		if (kt_assembler_next(&a, &f)) {
			if (!tag || f.msg_type == tag)
				break;
			continue;
		}
		ret = kt_wait_readable(m->bulk_fd, deadline);
		if (ret <= 0) {
			ret = ret ? ret : -ETIMEDOUT;
			break;
		}
		n = read(m->bulk_fd, buf, sizeof(buf));
		ret = n > 0 ? kt_assembler_feed(&a, buf, n) : -EPIPE;
		if (ret)
			break;
	}
	kt_assembler_fini(&a);
	return ret;
}

/* What it cannot decode it says so of, which is an answer. */
static int send_plan(struct kt_machine *m)
{
	static const char none[] = "none";
	struct kt_frame_hdr hdr;
	int ret;

	ret = kt_frame_encode_hdr(&hdr, KT_TAG_PLAN, none, sizeof(none));
	if (!ret)
		ret = kt_write_all(m->bulk_fd, &hdr, sizeof(hdr),
				   kt_now_ns() + DEADLINE_NS);
	return ret ? ret : kt_write_all(m->bulk_fd, none, sizeof(none),
					kt_now_ns() + DEADLINE_NS);
}

static int make_template(struct kt_saved *saved)
{
	struct kt_machine *m;
	u32 parked;
	int ret;

	saved->state_fd = memfd_create("state", MFD_CLOEXEC);
	saved->memory_fd = memfd_create("memory", MFD_CLOEXEC);
	if (saved->state_fd < 0 || saved->memory_fd < 0 ||
	    ftruncate(saved->memory_fd, (u64)MIB << 20))
		return kt_err(-errno, "memory files: %s", strerror(errno));
	ret = engine->create(&plan, &m);
	if (ret)
		return ret;
	ret = engine->start(m);
	if (!ret)
		ret = await(m, KT_TAG_SYS_RDY);
	if (!ret)
		ret = engine->freeze(m, FREEZE_MS, &parked);
	if (!ret)
		ret = engine->save(m, saved);
	engine->destroy(m);
	return ret;
}

/* Of its own: the position in it is the engine's to move. */
static int reopen(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static u64 meminfo_kib(const char *field)
{
	unsigned long long kib = 0;
	char line[128];
	FILE *f = fopen("/proc/meminfo", "re");

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, field, strlen(field)))
			sscanf(line + strlen(field), ": %llu", &kib);
	if (f)
		fclose(f);
	return kib;
}

/* While it is there, beside the others that are. */
static void look(struct kt_machine *m)
{
	u32 half = __atomic_fetch_add(&seen->done, 1, __ATOMIC_RELAXED) >=
		   machines / 2;
	u64 host = meminfo_kib("Shmem") + meminfo_kib("AnonPages");
	struct kt_machine_memory mem = {};
	u64 max = __atomic_load_n(&seen->own_max, __ATOMIC_RELAXED);

	if (engine->memory(m, &mem))
		return;
	while (mem.own_bytes > max &&
	       !__atomic_compare_exchange_n(&seen->own_max, &max,
					    mem.own_bytes, false,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
	__atomic_fetch_add(&seen->own_sum[half], mem.own_bytes,
			   __ATOMIC_RELAXED);
	__atomic_fetch_add(&seen->host_sum[half], host, __ATOMIC_RELAXED);
	__atomic_fetch_add(&seen->nr[half], 1, __ATOMIC_RELAXED);
}

static int one_machine(void)
{
	struct kt_machine *m;
	int ret;

	ret = engine->create(&plan, &m);
	if (ret)
		return ret;
	ret = engine->start(m);
	if (!ret)
		ret = send_plan(m);
	if (!ret)
		ret = await(m, 0);
	if (!ret)
		look(m);
	engine->destroy(m);
	return ret;
}

/* A process: its exit status is how many have failed. */
static __noreturn void worker(const struct kt_saved *saved, u32 nr)
{
	struct kt_saved own = *saved;
	int lowest, failed = 0;

	own.state_fd = reopen(saved->state_fd);
	own.memory_fd = reopen(saved->memory_fd);
	plan.saved = &own;
	while (nr--) {
		int ret = one_machine();

		if (ret)
			fprintf(stderr, "a machine failed: %s\n", strerror(-ret));
		failed += !!ret;
	}
	/* they are given out from the lowest on: none was left open */
	lowest = dup(STDERR_FILENO);
	if (lowest != own.memory_fd + 1) {
		fprintf(stderr, "descriptors were left open\n");
		failed++;
	}
	_exit(min(failed, 100));
}

static int run_all(const struct kt_saved *saved, u32 at_once)
{
	int failed = 0, status;
	u32 i;

	fflush(NULL);
	for (i = 0; i < at_once; i++)
		if (!fork())
			worker(saved, machines / at_once +
			       (i < machines % at_once));
	while (wait(&status) > 0)
		failed += WIFEXITED(status) ? WEXITSTATUS(status) : 1;
	return failed;
}

static int prepare(const char *program)
{
	struct kt_engine_caps caps;
	struct kt_initramfs *base;
	static struct kt_kernel kernel;
	char why[1024];
	u64 len_bytes;

	if (kt_kernel_resolve(getenv("KTSTR_KERNEL"), &kernel, why,
			      sizeof(why)) ||
	    kt_engine_choose(getenv("KTSTR_ENGINE") ?: "qemu-tcg", &engine,
			     &caps, why, sizeof(why)))
		return kt_err(-ENOENT, "%s", why);
	plan = (struct kt_machine_plan){
		.topo = { .nodes = 1, .llcs = 1, .cores = 2, .threads = 1 },
		.memory_mib = MIB,
		.kernel = kernel.boot,
		.hz = kernel.hz,
		.cmdline = "quiet",
	};
	return kt_initramfs_base_new(program, &base) ? -ENOENT :
	       kt_initramfs_build(base, NULL, &plan.initrd_fd, &len_bytes);
}

int main(int argc, char **argv)
{
	u32 at_once = argc > 3 ? strtoul(argv[3], NULL, 10) : 8;
	struct kt_saved saved = {};
	u64 before, after, from, until;
	int failed, i;

	machines = argc > 2 ? strtoul(argv[2], NULL, 10) : 100;
	if (argc < 2 || !machines || !at_once) {
		fprintf(stderr, "usage: templates PROGRAM [MACHINES [AT_ONCE]]\n");
		return 1;
	}
	if (prepare(argv[1]) || make_template(&saved))
		return 1;
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (seen == MAP_FAILED)
		return 1;
	before = meminfo_kib("Shmem");
	from = kt_now_ns();
	failed = run_all(&saved, at_once);
	until = kt_now_ns();
	do
		after = meminfo_kib("Shmem");
	while (after > before + MEMORY_SLACK_KIB &&
	       kt_now_ns() < until + SETTLE_NS);
	printf("templates: %u machines, %u at a time, %.1f s: %d failed; memory files of the host %+lld KiB\n",
	       machines, at_once, (until - from) / 1e9, failed,
	       (long long)after - (long long)before);
	for (i = 0; i < 2; i++)
		printf("templates: %s half: %.1f MiB of its own for a machine, %.0f MiB of the host for all that it runs, on average\n",
		       i ? "second" : "first",
		       seen->own_sum[i] / 1048576.0 / max(seen->nr[i], 1u),
		       seen->host_sum[i] / 1024.0 / max(seen->nr[i], 1u));
	printf("templates: of its own at most %.1f MiB, of %u\n",
	       seen->own_max / 1048576.0, MIB);
	return failed || after > before + MEMORY_SLACK_KIB;
}
