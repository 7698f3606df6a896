// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest asks for, over the coordinator's whole loop: a port that is
 * slow or breaks, and a machine that ends while it is frozen for it.
 */
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <kselftest_harness.h>

#include "fake_machine.h"
#include "mini_btf.h"
#include "mini_guest.h"

/* How a freeze goes: what the machine does meanwhile, and what comes of it. */
static struct {
	bool dies;
	const char *last_words;		/* NULL: no Exit */
	int freeze_err, thaw_err;
} frozen;

static int frozen_freeze(struct kt_machine *m, u32 timeout_ms, u32 *parked)
{
	(void)timeout_ms;
	*parked = m->nr_vcpus;
	if (frozen.last_words)
		put(to_fake(m), KT_TAG_EXIT, frozen.last_words, 4);
	if (frozen.dies)
		fire(m->event_fd);
	return frozen.freeze_err;
}

static int frozen_thaw(struct kt_machine *m)
{
	(void)m;
	return frozen.thaw_err;
}

static const struct kt_engine_ops frozen_ops = {
	.name	= "fake",
	.start	= fake_start,
	.freeze	= frozen_freeze,
	.thaw	= frozen_thaw,
	.end	= fake_end,
};

/* A kernel that the coordinator finds once the guest has said where it is. */
FIXTURE(requests)
{
	struct fake f;
	struct kt_coord c;
	struct mini_guest *g;
	char vmlinux[32];
	int vmlinux_fd;
};

/* The types as a file. */
static int new_vmlinux(void)
{
	int fd = memfd_create("vmlinux", MFD_CLOEXEC);
	struct btf *b = mini_btf_new(64);
	const void *data;
	u32 len;

	data = btf__raw_data(b, &len);
	if (!data || kt_write_all(fd, data, len, 0))
		abort();
	btf__free(b);
	return fd;
}

FIXTURE_SETUP(requests)
{
	struct mini_guest *g = aligned_alloc(4096, sizeof(*g));
	u32 cpu;

	fake_init(&self->f);
	self->f.m.ops = &frozen_ops;
	memset(&frozen, 0, sizeof(frozen));
	ASSERT_NE(NULL, g);
	self->g = g;
	ASSERT_EQ(0, mini_guest_symbols(&g->syms, 0, NULL));
	mini_guest_boot(g);
	mini_put_u64(g, MINI_IMAGE_GPA + MINI_JIFFIES, 4711);
	for (cpu = 0; cpu < 2; cpu++)
		mini_put_u64(g, MINI_PERCPU_GPA + cpu * 0x10000 + MINI_RQ +
			     MINI_RQ_CURR, MINI_DIRECT + MINI_FREE_GPA);
	self->f.m.regions[0] = g->region;
	self->f.m.nr_regions = 1;
	self->vmlinux_fd = new_vmlinux();
	snprintf(self->vmlinux, sizeof(self->vmlinux), "/proc/self/fd/%d",
		 self->vmlinux_fd);
	self->f.opts.subject.symbols = g->syms;
	self->f.opts.subject.vmlinux = self->vmlinux;
}

FIXTURE_TEARDOWN(requests)
{
	kt_coord_fini(&self->c);
	kt_close(&self->vmlinux_fd);
	kt_symbols_free(self->g->syms);
	free(self->g);
	EXPECT_TRUE(fake_fini(&self->f));
}

static bool put_kern_addrs(struct fake *f)
{
	struct kt_kern_addrs addrs = {
		.phys_base_biased = MINI_IMAGE_GPA -
				    (MINI_TEXT - KT_START_KERNEL_MAP) + 1,
		.text_kva_biased = MINI_TEXT + 1,
	};
	u8 buf[KT_KERN_ADDRS_BYTES];

	return put(f, KT_TAG_KERN_ADDRS, buf,
		   kt_kern_addrs_encode(&addrs, buf, sizeof(buf)));
}

static bool put_snapshot(struct fake *f, u32 id)
{
	struct kt_snapshot_req req = {
		.request_id = id, .kind = KT_SNAPSHOT_CAPTURE, .tag = "x",
	};
	u8 buf[KT_SNAPSHOT_REQ_BYTES];

	return put(f, KT_TAG_SNAPSHOT_REQ, buf,
		   kt_snapshot_req_encode(&req, buf, sizeof(buf)));
}

static bool put_kernel_op(struct fake *f, u32 id)
{
	struct kt_kernel_op_req req = {
		.request_id = id, .target = KT_TARGET_SYMBOL,
		.kind = KT_VALUE_U64, .width = 8, .symbol = "jiffies_64",
	};
	u8 buf[KT_KERNEL_OP_MAX_BYTES];

	return put(f, KT_TAG_KERNEL_OP_REQ, buf,
		   kt_kernel_op_req_encode(&req, buf, sizeof(buf)));
}

#define NR_ASKED	50
#define ROUNDS		5

/* The answers come whole, in order of the requests of their kind. */
static bool all_answered(int fd, u32 next_op)
{
	u32 next_snapshot = next_op + 1000, i, ops_end = next_op + NR_ASKED;
	struct kt_kernel_op_reply op;
	struct kt_snapshot_reply s;
	struct kt_assembler a;
	struct kt_frame f;
	bool ok = true;

	kt_assembler_init(&a);
	for (i = 0; ok && i < 2 * NR_ASKED; i++) {
		ok = receive(fd, &a, &f);
		if (ok && f.msg_type == KT_TAG_KERNEL_OP_REPLY)
			ok = !kt_kernel_op_reply_decode(&op, f.payload,
							f.len_bytes) &&
			     op.request_id == next_op++ &&
			     op.status == KT_REPLY_OK &&
			     !memcmp(op.value, &(u64){ 4711 }, 8);
		else if (ok)
			ok = !kt_snapshot_reply_decode(&s, f.payload,
						       f.len_bytes) &&
			     s.request_id == next_snapshot++ &&
			     s.status == KT_REPLY_OK;
	}
	kt_assembler_fini(&a);
	return ok && next_op == ops_end;
}

/* All requests in one write, so that their answers are more than the port takes. */
static void ask(struct fake *f, u32 first)
{
	int to_host = f->bulk;
	char buf[32 << 10];
	ssize_t len;
	u32 i;

	f->bulk = memfd_create("requests", MFD_CLOEXEC);
	for (i = 0; i < NR_ASKED; i++) {
		put_kernel_op(f, first + i);
		put_snapshot(f, first + i + 1000);
	}
	len = pread(f->bulk, buf, sizeof(buf), 0);
	kt_close(&f->bulk);
	f->bulk = to_host;
	kt_write_all(to_host, buf, len, kt_now_ns() + LONG_NS);
}

/* Reads nothing before answers wait. */
static bool ask_and_read(struct fake *f, u32 first)
{
	u64 deadline = kt_now_ns() + LONG_NS;
	int waiting = 0;

	ask(f, first);
	while (waiting < 2000 && kt_now_ns() < deadline)
		ioctl(f->bulk, FIONREAD, &waiting);
	return all_answered(f->bulk, first);
}

static void asking_guest(struct fake *f)
{
	bool good = put_kern_addrs(f);
	u32 i;

	for (i = 0; good && i < ROUNDS; i++)
		good = ask_and_read(f, 1 + i * NR_ASKED);
	put(f, KT_TAG_TEST_RESULT, good ? "good" : "bad!", 4);
	put(f, KT_TAG_EXIT, "\0\0\0\0", 4);
	for (;;)
		pause();
}

TEST_F(requests, answers_over_a_slow_port)
{
	const struct kt_kept_frame *r;
	int least = 1;

	setsockopt(self->f.m.bulk_fd, SOL_SOCKET, SO_SNDBUF, &least,
		   sizeof(least));
	ASSERT_TRUE(boot(&self->f, asking_guest));
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
	EXPECT_EQ(KT_RUN_EXITED, self->c.end);
	r = kt_bucket_last(&self->c.bucket, KT_TAG_TEST_RESULT);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(0, memcmp("good", r->payload, 4));
	EXPECT_EQ(ROUNDS * NR_ASKED, self->c.captures.taken);
	/* the port is waited for, not looked at once a second */
	EXPECT_GT((ROUNDS - 1) * 1000 * MS, self->c.ended_ns);
	EXPECT_EQ(0, nr_logged);
}

/* Its end and its last words count, not that it could not be thawed. */
TEST_F(requests, machine_ends_while_frozen)
{
	struct fake *f = &self->f;
	u32 i;

	frozen.dies = true;
	frozen.thaw_err = -EPIPE;
	f->end = KT_END_POWER_OFF;
	for (i = 0; i < 4; i++) {
		frozen.freeze_err = i & 1 ? -EPIPE : 0;
		frozen.last_words = i & 2 ? "\0\0\0\0" : NULL;
		put_kern_addrs(f);
		put_snapshot(f, 1);
		ASSERT_EQ(0, kt_coord_run(&self->c, &f->m, &self->f.opts));
		EXPECT_EQ(frozen.last_words ? KT_RUN_EXITED : KT_RUN_MACHINE_ENDED,
			  self->c.end);
		EXPECT_EQ(KT_END_POWER_OFF, self->c.machine_end);
		EXPECT_EQ(1, self->c.captures.taken);
		kt_coord_fini(&self->c);
		EXPECT_EQ(8, read(f->m.event_fd, &(u64){ 0 }, 8));
	}
	EXPECT_EQ(0, nr_logged);
}

TEST_F(requests, machine_that_stays_frozen)
{
	frozen.thaw_err = -EIO;
	put_kern_addrs(&self->f);
	put_snapshot(&self->f, 1);
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
	EXPECT_EQ(KT_RUN_FAILED, self->c.end);
	EXPECT_EQ(1, nr_logged);
}

TEST_F(requests, exit_of_a_machine_that_stays_frozen)
{
	frozen.thaw_err = -EIO;
	frozen.last_words = "\0\0\0\0";
	put_kern_addrs(&self->f);
	put_snapshot(&self->f, 1);
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
	EXPECT_EQ(KT_RUN_EXITED, self->c.end);
	EXPECT_EQ(0, nr_logged);
}

/* It lives on, and hears nothing any more. */
static void deaf_guest(struct fake *f)
{
	struct kt_plan plan;

	put(f, KT_TAG_SYS_RDY, "", 0);
	receive_plan(f->bulk, &plan);
	shutdown(f->bulk, SHUT_RD);
	put_kernel_op(f, 1);
	for (;;)
		pause();
}

TEST_F(requests, port_that_breaks)
{
	ASSERT_TRUE(boot(&self->f, deaf_guest));
	ASSERT_EQ(0, kt_coord_run(&self->c, &self->f.m, &self->f.opts));
	EXPECT_EQ(KT_RUN_FAILED, self->c.end);
	EXPECT_LT(0, self->c.ready_ns);
	EXPECT_EQ(1, nr_logged);
}

TEST_HARNESS_MAIN
