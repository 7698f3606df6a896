// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel operations on a guest's kernel made up in plain memory: every target,
 * read and written, and every refusal with its words. What is refused is asked
 * for twice, as a read and as a write, and must leave the memory as it was.
 */
#include <kselftest_harness.h>

#include "ktstr/coord/kernel_op.h"
#include "mini_task.h"

#define TICK_NS		10000000ULL	/* of start_time */
#define START		1234ULL
#define RQ1		(MINI_PERCPU_GPA + 0x10000 + MINI_RQ)
#define JIFFIES		(MINI_IMAGE_GPA + MINI_JIFFIES)
#define TABLES		(MINI_FREE_GPA + 0x10000)
#define VMALLOC		0xffffc90000000000ULL
#define L5_DIRECT	0xff11000000000000ULL
#define PRESENT		3ULL

FIXTURE(op)
{
	struct mini_guest *g;
	struct kt_types *types;
	u8 *before;
	struct kt_kernel_op_req req;
	struct kt_kernel_op_reply r;
};

FIXTURE_SETUP(op)
{
	struct mini_guest *g = aligned_alloc(4096, sizeof(*g));

	self->before = malloc(MINI_RAM_BYTES);
	ASSERT_TRUE(g && self->before);
	self->g = g;
	g->syms = NULL;
	mini_guest_boot(g);
	ASSERT_EQ(0, mini_guest_symbols(&g->syms, 0, NULL));
	ASSERT_EQ(0, mini_guest_init(g, SLIDE));
	self->types = mini_btf_types(64);
	g->k.types = self->types;
	mini_task_add(g, START * TICK_NS + 77, 1, "a task");	/* it sleeps */
	memset(&self->req, 0, sizeof(self->req));
	self->req.request_id = 7;
	self->req.kind = KT_VALUE_U64;
	self->req.width = 8;
}

FIXTURE_TEARDOWN(op)
{
	kt_types_free(self->types);
	kt_symbols_free(self->g->syms);
	free(self->before);
	free(self->g);
}

static void kind(struct kt_kernel_op_req *req, enum kt_value_kind k, u32 width)
{
	req->kind = k;
	req->width = width;
}

static void ask_addr(struct kt_kernel_op_req *req,
		     enum kt_kernel_op_target target, u64 addr)
{
	req->target = target;
	req->addr = addr;
}

static void ask_symbol(struct kt_kernel_op_req *req, const char *symbol)
{
	req->target = KT_TARGET_SYMBOL;
	strcpy(req->symbol, symbol);
}

static void ask_percpu(struct kt_kernel_op_req *req, const char *symbol,
		       const char *field, u32 cpu)
{
	req->target = KT_TARGET_PERCPU_FIELD;
	strcpy(req->symbol, symbol);
	strcpy(req->field, field);
	req->cpu = cpu;
}

static void ask_task(struct kt_kernel_op_req *req, const char *field)
{
	req->target = KT_TARGET_TASK_FIELD;
	strcpy(req->field, field);
	req->pid = PID;
	req->start_time = START;
}

/* Done, with the reply that such a request gets. */
static bool done(struct mini_guest *g, const struct kt_kernel_op_req *req,
		 struct kt_kernel_op_reply *r)
{
	memset(r, 0xff, sizeof(*r));
	kt_kernel_op_serve(&g->k, req, r);
	return r->request_id == req->request_id && r->status == KT_REPLY_OK &&
	       !r->reason[0] && r->width == (req->write ? 0 : req->width);
}

/* Reads @want, writes its complement, which is then what is at @gpa. */
static bool read_and_write(struct mini_guest *g, struct kt_kernel_op_req *req,
			   u64 gpa, const void *want)
{
	struct kt_kernel_op_reply r;
	u32 i;

	req->write = 0;
	memcpy(g->ram + gpa, want, req->width);
	if (!done(g, req, &r) || memcmp(r.value, want, req->width))
		return false;
	req->write = 1;
	for (i = 0; i < sizeof(req->value); i++)
		req->value[i] = ~r.value[i];
	return done(g, req, &r) &&
	       !memcmp(g->ram + gpa, req->value, req->width);
}

static const u64 number = 0x1122334455667788;

TEST_F(op, a_symbol)
{
	u32 neighbour = 0xabcdef01;

	ask_symbol(&self->req, "jiffies_64");
	EXPECT_TRUE(read_and_write(self->g, &self->req, JIFFIES, &number));
	/* four bytes and no more */
	memcpy(self->g->ram + JIFFIES + 4, &neighbour, 4);
	kind(&self->req, KT_VALUE_U32, 4);
	EXPECT_TRUE(read_and_write(self->g, &self->req, JIFFIES, &number));
	EXPECT_EQ(0, memcmp(self->g->ram + JIFFIES + 4, &neighbour, 4));
	kind(&self->req, KT_VALUE_BYTES, 3);
	EXPECT_TRUE(read_and_write(self->g, &self->req, JIFFIES, "abc"));
	/* as wide as the symbol is */
	ask_symbol(&self->req, "__per_cpu_offset");
	kind(&self->req, KT_VALUE_BYTES, 64);
	EXPECT_TRUE(read_and_write(self->g, &self->req, MINI_IMAGE_GPA +
				   MINI_PERCPU_OFFSETS, self->g->ram));
}

TEST_F(op, the_direct_map)
{
	ask_addr(&self->req, KT_TARGET_DIRECT_MAP, MINI_DIRECT + 0x30008);
	EXPECT_TRUE(read_and_write(self->g, &self->req, 0x30008, &number));
	kind(&self->req, KT_VALUE_U32, 4);
	self->req.addr += 4;
	EXPECT_TRUE(read_and_write(self->g, &self->req, 0x3000c, &number));
	/* across a page, at no alignment */
	kind(&self->req, KT_VALUE_BYTES, 7);
	self->req.addr = MINI_DIRECT + 0x30ffd;
	EXPECT_TRUE(read_and_write(self->g, &self->req, 0x30ffd, "sevenby"));
	self->req.addr = MINI_DIRECT + MINI_RAM_BYTES - 7;
	EXPECT_TRUE(read_and_write(self->g, &self->req, MINI_RAM_BYTES - 7,
				   "sevenby"));
}

/* Two pages from VMALLOC on, in memory the other way round. */
static void map_two(struct mini_guest *g)
{
	u64 pgd = MINI_IMAGE_GPA + MINI_TOP_PGT;

	mini_put_u64(g, pgd + (VMALLOC >> 39) % 512 * 8, TABLES | PRESENT);
	mini_put_u64(g, TABLES + (VMALLOC >> 30) % 512 * 8,
		     (TABLES + 0x1000) | PRESENT);
	mini_put_u64(g, TABLES + 0x1000, (TABLES + 0x2000) | PRESENT);
	mini_put_u64(g, TABLES + 0x2000, 0x51000 | PRESENT);
	mini_put_u64(g, TABLES + 0x2008, 0x50000 | PRESENT);
}

TEST_F(op, any_kernel_address)
{
	struct mini_guest *g = self->g;

	map_two(g);
	ask_addr(&self->req, KT_TARGET_KVA, VMALLOC + 0x18);
	EXPECT_TRUE(read_and_write(g, &self->req, 0x51018, &number));
	kind(&self->req, KT_VALUE_U32, 4);
	EXPECT_TRUE(read_and_write(g, &self->req, 0x51018, &number));
	ask_addr(&self->req, KT_TARGET_KVA, MINI_TEXT + SLIDE + MINI_JIFFIES);
	EXPECT_TRUE(read_and_write(g, &self->req, JIFFIES, &number));
	ask_addr(&self->req, KT_TARGET_KVA, MINI_DIRECT + 0x30000);
	EXPECT_TRUE(read_and_write(g, &self->req, 0x30000, &number));
}

TEST_F(op, bytes_across_two_pages_apart)
{
	struct mini_guest *g = self->g;

	map_two(g);
	memcpy(g->ram + 0x51ffe, "ab", 2);
	memcpy(g->ram + 0x50000, "cde", 3);
	kind(&self->req, KT_VALUE_BYTES, 5);
	ask_addr(&self->req, KT_TARGET_KVA, VMALLOC + 0xffe);
	ASSERT_TRUE(done(g, &self->req, &self->r));
	EXPECT_EQ(0, memcmp("abcde", self->r.value, 5));
	self->req.write = 1;
	memcpy(self->req.value, "vwxyz", 5);
	ASSERT_TRUE(done(g, &self->req, &self->r));
	EXPECT_EQ(0, memcmp("vw", g->ram + 0x51ffe, 2));
	EXPECT_EQ(0, memcmp("xyz", g->ram + 0x50000, 4));
}

TEST_F(op, a_percpu_field)
{
	ask_percpu(&self->req, "runqueues", "clock", 1);
	EXPECT_TRUE(read_and_write(self->g, &self->req, RQ1 + MINI_RQ_CLOCK,
				   &number));
	ask_percpu(&self->req, "runqueues", "scx.nr_running", 0);
	kind(&self->req, KT_VALUE_U32, 4);
	EXPECT_TRUE(read_and_write(self->g, &self->req, MINI_PERCPU_GPA +
				   MINI_RQ + MINI_RQ_SCX + 4, &number));
	ask_percpu(&self->req, "runqueues", "clock", 1);
	kind(&self->req, KT_VALUE_BYTES, 8);
	EXPECT_TRUE(read_and_write(self->g, &self->req, RQ1 + MINI_RQ_CLOCK,
				   &number));
}

TEST_F(op, a_field_of_a_task)
{
	ask_task(&self->req, "scx.dsq");
	EXPECT_TRUE(read_and_write(self->g, &self->req, TASK + MINI_TASK_SCX + 8,
				   "\0\0\0\0\0\0\0\0"));
	mini_put_u64(self->g, TASK + MINI_TASK_SCX + 8, 0);
	ask_task(&self->req, "exit_state");
	kind(&self->req, KT_VALUE_U32, 4);
	EXPECT_TRUE(read_and_write(self->g, &self->req, TASK +
				   MINI_TASK_EXIT_STATE, "\0\0\0\0"));
	mini_put_u32(self->g, TASK + MINI_TASK_EXIT_STATE, 0);
	ask_task(&self->req, "comm");
	kind(&self->req, KT_VALUE_BYTES, 16);
	EXPECT_TRUE(read_and_write(self->g, &self->req, TASK + MINI_TASK_COMM,
				   "sixteen-letters!"));
	ask_task(&self->req, "pid_links[3].next");
	kind(&self->req, KT_VALUE_U64, 8);
	EXPECT_TRUE(read_and_write(self->g, &self->req, TASK + MINI_TASK_LINKS +
				   48, &number));
}

/* The reason, if both are refused and nothing has changed; else what went wrong. */
static const char *refusal(struct mini_guest *g, u8 *before,
			   struct kt_kernel_op_req *req,
			   struct kt_kernel_op_reply *r)
{
	char first[KT_KERNEL_OP_REASON_BYTES + 1];

	memcpy(before, g->ram, MINI_RAM_BYTES);
	memset(req->value, 0x5a, sizeof(req->value));
	for (req->write = 0; req->write < 2; req->write++) {
		memset(r, 0xff, sizeof(*r));
		kt_kernel_op_serve(&g->k, req, r);
		if (r->status != KT_REPLY_ERROR || r->width ||
		    r->request_id != req->request_id)
			return "(not refused)";
		if (!req->write)
			strcpy(first, r->reason);
	}
	if (memcmp(before, g->ram, MINI_RAM_BYTES))
		return "(refused, and memory has changed)";
	return strcmp(first, r->reason) ? "(two reasons)" : r->reason;
}

#define REFUSED(reason)							\
	EXPECT_STREQ(reason, refusal(self->g, self->before, &self->req, &self->r))

TEST_F(op, symbols_that_are_refused)
{
	ask_symbol(&self->req, "nothing");
	REFUSED("no symbol \"nothing\" in the vmlinux");
	ask_symbol(&self->req, "runqueues");
	REFUSED("\"runqueues\" is per-CPU: name a field and a CPU");
	ask_symbol(&self->req, "nr_cpu_ids");
	REFUSED("\"nr_cpu_ids\" has 4 bytes, not 8");
	ask_symbol(&self->req, "a_number");
	REFUSED("0x200 is not a kernel address");
}

TEST_F(op, addresses_that_are_refused)
{
	struct kt_kernel_op_req *req = &self->req;

	ask_addr(req, KT_TARGET_KVA, 0x400000);
	REFUSED("0x400000 is not a kernel address");
	ask_addr(req, KT_TARGET_DIRECT_MAP, 0x400000);
	REFUSED("0x400000 is not a kernel address");
	ask_addr(req, KT_TARGET_KVA, KT_KERNEL_HALF - 8);
	REFUSED("0xffff7ffffffffff8 is not a kernel address");
	ask_addr(req, KT_TARGET_KVA, MINI_DIRECT + 0x30004);
	REFUSED("0xffff888000030004 is not aligned to 8 bytes");
	kind(req, KT_VALUE_U32, 4);
	ask_addr(req, KT_TARGET_KVA, MINI_DIRECT + 0x30002);
	REFUSED("0xffff888000030002 is not aligned to 4 bytes");
	/* round the end of all addresses */
	kind(req, KT_VALUE_BYTES, 2);
	ask_addr(req, KT_TARGET_KVA, UINT64_MAX);
	REFUSED("0xffffffffffffffff is not a kernel address");
	req->target = 6;
	REFUSED("unknown target 6");
}

TEST_F(op, addresses_that_lead_nowhere)
{
	struct mini_guest *g = self->g;

	ask_addr(&self->req, KT_TARGET_KVA, VMALLOC);
	REFUSED("0xffffc90000000000 is not mapped");
	/* the first byte is, the last is not */
	map_two(g);
	kind(&self->req, KT_VALUE_BYTES, 8);
	ask_addr(&self->req, KT_TARGET_KVA, VMALLOC + 0x1ff9);
	REFUSED("0xffffc90000002000 is not mapped");
	ask_addr(&self->req, KT_TARGET_DIRECT_MAP,
		 MINI_DIRECT + MINI_RAM_BYTES - 7);
	REFUSED("0xffff888000080000 is not mapped");
	/* page tables that lead out of memory, the second page's first */
	mini_put_u64(g, TABLES + 0x2008, 0x10000000 | PRESENT);
	ask_addr(&self->req, KT_TARGET_KVA, VMALLOC + 0xffe);
	REFUSED("0xffffc90000001000 is not backed by memory");
	mini_put_u64(g, TABLES + 0x2000, 0x10000000 | PRESENT);
	REFUSED("0xffffc90000000ffe is not backed by memory");
}

/* A number whose halves lie in memory apart. */
TEST_F(op, across_two_regions)
{
	struct mini_guest *g = self->g;
	struct kt_region halves[2] = {
		{ 0, 0x30004, g->ram },
		{ 0x30004, MINI_RAM_BYTES - 0x30004, g->ram + 0x30004 },
	};

	g->k.mem.regions = halves;
	g->k.mem.nr = 2;
	ask_addr(&self->req, KT_TARGET_DIRECT_MAP, MINI_DIRECT + 0x30000);
	REFUSED("0xffff888000030000 is not backed by memory");
	kind(&self->req, KT_VALUE_U32, 4);
	EXPECT_TRUE(read_and_write(g, &self->req, 0x30000, &number));
}

TEST_F(op, outside_of_the_direct_map)
{
	ask_addr(&self->req, KT_TARGET_DIRECT_MAP,
		 MINI_DIRECT + MINI_RAM_BYTES);
	REFUSED("0xffff888000080000 is not in the direct map, which starts at 0xffff888000000000");
	ask_addr(&self->req, KT_TARGET_DIRECT_MAP, MINI_DIRECT - 8);
	REFUSED("0xffff887ffffffff8 is not in the direct map, which starts at 0xffff888000000000");
	/* though it is mapped otherwise */
	ask_addr(&self->req, KT_TARGET_DIRECT_MAP,
		 MINI_TEXT + SLIDE + MINI_JIFFIES);
	REFUSED("0xffffffff82002010 is not in the direct map, which starts at 0xffff888000000000");
}

/* There the kernel's half is wider, and the direct map lies in what it has more. */
TEST_F(op, five_levels)
{
	struct mini_guest *g = self->g;

	ask_addr(&self->req, KT_TARGET_KVA, L5_DIRECT + 0x30000);
	REFUSED("0xff11000000030000 is not a kernel address");
	mini_put_u64(g, MINI_IMAGE_GPA + MINI_PAGE_OFFSET, L5_DIRECT);
	mini_put_u32(g, MINI_IMAGE_GPA + MINI_L5_ENABLED, 1);
	ASSERT_EQ(0, mini_guest_init(g, SLIDE));
	EXPECT_TRUE(read_and_write(g, &self->req, 0x30000, &number));
	ask_addr(&self->req, KT_TARGET_DIRECT_MAP, L5_DIRECT + 0x30000);
	EXPECT_TRUE(read_and_write(g, &self->req, 0x30000, &number));
	self->req.addr = L5_DIRECT - 8;
	REFUSED("0xff10fffffffffff8 is not in the direct map, which starts at 0xff11000000000000");
	self->req.addr = KT_KERNEL_HALF_L5 - 8;
	REFUSED("0xfefffffffffffff8 is not a kernel address");
	self->req.target = KT_TARGET_KVA;
	REFUSED("0xfefffffffffffff8 is not a kernel address");
}

TEST_F(op, percpu_fields_that_are_refused)
{
	struct kt_kernel_op_req *req = &self->req;

	ask_percpu(req, "nothing", "clock", 0);
	REFUSED("no symbol \"nothing\" in the vmlinux");
	ask_percpu(req, "jiffies_64", "clock", 0);
	REFUSED("\"jiffies_64\" is not per-CPU");
	ask_percpu(req, "runqueues", "clock", 2);
	REFUSED("no CPU 2, there are 2");
	ask_percpu(req, "untyped", "clock", 0);
	REFUSED("the type of \"untyped\" is not in the BTF");
	ask_percpu(req, "runqueues", "klock", 0);
	REFUSED("no field \"klock\" in struct rq");
	ask_percpu(req, "runqueues", "nr_running", 0);
	REFUSED("field \"nr_running\" has 4 bytes, not 8");
	kind(req, KT_VALUE_U32, 4);
	ask_percpu(req, "runqueues", "clock", 0);
	REFUSED("field \"clock\" has 8 bytes, not 4");
}

TEST_F(op, a_percpu_area_that_is_none)
{
	ask_percpu(&self->req, "runqueues", "clock", 1);
	mini_put_u64(self->g, MINI_IMAGE_GPA + MINI_PERCPU_OFFSETS + 8, 0x1000);
	REFUSED("the per-CPU area of CPU 1 cannot be found");
	mini_put_u64(self->g, MINI_IMAGE_GPA + MINI_PERCPU_OFFSETS + 8, VMALLOC);
	REFUSED("0xffffc90000000208 is not mapped");
}

TEST_F(op, no_types)
{
	static const char reason[] =
		"the vmlinux has no types (BTF): fields cannot be found";

	self->g->k.types = NULL;
	ask_percpu(&self->req, "runqueues", "clock", 0);
	REFUSED(reason);
	ask_task(&self->req, "start_boottime");
	REFUSED(reason);
	/* what needs none goes on */
	ask_symbol(&self->req, "jiffies_64");
	EXPECT_TRUE(read_and_write(self->g, &self->req, JIFFIES, &number));
}

TEST_F(op, types_of_nothing)
{
	struct btf *b = btf__new_empty();
	const void *data;
	u32 len;

	btf__add_int(b, "int", 4, 0);
	data = btf__raw_data(b, &len);
	kt_types_free(self->types);
	self->types = NULL;
	ASSERT_EQ(0, kt_types_parse(data, len, &self->types));
	btf__free(b);
	self->g->k.types = self->types;
	ask_percpu(&self->req, "runqueues", "clock", 0);
	REFUSED("the type of \"runqueues\" is not in the BTF");
	ask_task(&self->req, "start_boottime");
	REFUSED("struct task_struct is not in the BTF");
}

TEST_F(op, a_kernel_without_sched_ext)
{
	struct mini_guest *g = self->g;

	kt_symbols_free(g->syms);
	g->syms = NULL;
	ASSERT_EQ(0, mini_guest_symbols(&g->syms, 0, "ext_sched_class"));
	ASSERT_EQ(0, mini_guest_init(g, SLIDE));
	g->k.types = self->types;
	ask_task(&self->req, "start_boottime");
	REFUSED("this kernel has no sched_ext tasks");
}

TEST_F(op, tasks_that_are_not_there)
{
	ask_task(&self->req, "start_boottime");
	self->req.pid = PID + 1;
	REFUSED("no task with pid 43");
	self->req.pid = PID;
	mini_put_u64(self->g, STRUCT_PID + MINI_PID_TASKS, 0x400000);
	REFUSED("task 42 cannot be read");
}

/* Each word of the task that keeps it from being touched, alone. */
TEST_F(op, tasks_that_are_refused)
{
	static const struct {
		u32 at, value;
		const char *reason;
	} cases[] = {
		{ MINI_TASK_STATE, 0x80, "task 42 is dead" },
		{ MINI_TASK_EXIT_STATE, 0x20, "task 42 is dead" },
		{ MINI_TASK_POLICY, 0,
		  "task 42 has policy 0, not SCHED_EXT (7)" },
		{ MINI_TASK_CLASS, 0, "task 42 is not of the sched_ext class" },
		{ MINI_TASK_ON_RQ, 1, "task 42 is on a runqueue" },
		{ MINI_TASK_ON_RQ, 2, "task 42 is on a runqueue" },
		{ MINI_TASK_SCX + 8, 1, "task 42 is on a DSQ" },
	};
	u32 was, i;

	ask_task(&self->req, "start_boottime");
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		memcpy(&was, self->g->ram + TASK + cases[i].at, 4);
		mini_put_u32(self->g, TASK + cases[i].at, cases[i].value);
		REFUSED(cases[i].reason);
		mini_put_u32(self->g, TASK + cases[i].at, was);
	}
	/* on both: what is on a DSQ always is */
	mini_put_u32(self->g, TASK + MINI_TASK_ON_RQ, 1);
	mini_put_u32(self->g, TASK + MINI_TASK_SCX + 8, 1);
	REFUSED("task 42 is on a DSQ");
}

TEST_F(op, a_task_of_another_time)
{
	ask_task(&self->req, "start_boottime");
	self->req.start_time = START + 1;
	REFUSED("task 42 was started at 1234, not at 1235: another one");
	self->req.start_time = 0;
	REFUSED("task 42 was started at 1234, not at 0: another one");
	mini_put_u64(self->g, TASK + MINI_TASK_START, 0);
	REFUSED("task 42 has no start time yet");
}

TEST_F(op, fields_of_a_task_that_are_refused)
{
	ask_task(&self->req, "scx.weigth");
	REFUSED("no field \"weigth\" in struct sched_ext_entity");
	ask_task(&self->req, "sched_class.name");
	REFUSED("\"sched_class\" is a pointer");
	ask_task(&self->req, "comm");
	REFUSED("field \"comm\" has 16 bytes, not 8");
	kind(&self->req, KT_VALUE_U32, 4);
	ask_task(&self->req, "flag");
	REFUSED("field \"flag\" is a bitfield of 1 bits");
}

TEST_F(op, a_reason_is_cut_and_made_printable)
{
	char text[2 * KT_KERNEL_OP_REASON_BYTES];

	memset(text, 'x', sizeof(text));
	memcpy(text, "\33[2J", 4);
	/* a character of two bytes across the end */
	memcpy(text + KT_KERNEL_OP_REASON_BYTES - 1, "\303\244", 2);
	text[sizeof(text) - 1] = '\0';
	memset(&self->r, 0xff, sizeof(self->r));
	kt_kernel_op_refuse(&self->r, 9, "%s", text);
	EXPECT_EQ(9, self->r.request_id);
	EXPECT_EQ(KT_REPLY_ERROR, self->r.status);
	EXPECT_EQ(0, self->r.width);
	EXPECT_EQ(KT_KERNEL_OP_REASON_BYTES - 1, strlen(self->r.reason));
	EXPECT_EQ(0, memcmp("?[2Jxxx", self->r.reason, 7));
}

TEST_HARNESS_MAIN
