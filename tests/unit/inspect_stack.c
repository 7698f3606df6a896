// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stacks of a mini guest, unwound by a table of a few entries: calls,
 * interrupts, other stacks, frame pointers, code that nobody describes; and
 * stacks that lead back, or nowhere.
 */
#include <kselftest_harness.h>

#include "ktstr/inspect/stack.h"
#include "mini_sched.h"

#define STACK		STACK_GPA(0)
#define IRQ_STACK	STACK_GPA(1)
#define GENERATED	0xffffffffc0001000ULL
#define USER_CS		0x33
#define KERNEL_CS	0x10

/* Of struct pt_regs. */
#define REGS_BP		32
#define REGS_R10	56
#define REGS_IP		128

FIXTURE(stack)
{
	struct mini_sched *m;
	struct mini_guest *g;
	struct kt_names names;
	struct kt_unwinder u;
	struct kt_vcpu_regs regs;
	struct kt_stack s;
	json_t *absent;
	u32 nr_orc;
};

/* From @at of the text on, as struct orc_entry has it. */
static void put_orc(struct mini_guest *g, u32 i, u32 at, s16 sp_offset,
		    u32 sp_reg, s16 bp_offset, u32 bp_reg, u32 type, u32 signal)
{
	u8 *entry = g->ram + I(AT_ORC_ENTRIES) + 6 * i;
	u16 bits = sp_reg | bp_reg << 4 | type << 8 | signal << 11;
	s32 distance = at - (AT_ORC_IPS + 4 * i);

	mini_put_u32(g, I(AT_ORC_IPS) + 4 * i, distance);
	memcpy(entry, &sp_offset, 2);
	memcpy(entry + 2, &bp_offset, 2);
	memcpy(entry + 4, &bits, 2);
}

/* Sorted; those behind them say nothing of the rest of the text. */
static void end_orc(struct mini_guest *g, u32 nr)
{
	for (; nr < NR_ORC; nr++)
		put_orc(g, nr, TEXT_BYTES, 0, 0, 0, 0, 0, 0);
}

#define ORC(at, ...) put_orc(self->g, self->nr_orc++, at, __VA_ARGS__)

#define CALL	KT_ORC_TYPE_CALL
#define SP	KT_ORC_REG_SP
#define BP	KT_ORC_REG_BP
#define NONE	KT_ORC_REG_UNDEFINED
#define PREV	KT_ORC_REG_PREV_SP

/* leaf: rsp; middle: from its 8th byte on rbp; top: 16 more bytes. */
static u32 functions(struct mini_guest *g)
{
	put_orc(g, 0, FN_LEAF, 8, SP, 0, NONE, CALL, 0);
	put_orc(g, 1, FN_MIDDLE, 8, SP, 0, NONE, CALL, 0);
	put_orc(g, 2, FN_MIDDLE + 8, 16, BP, -16, PREV, CALL, 0);
	put_orc(g, 3, FN_TOP, 24, SP, 0, NONE, CALL, 0);
	return 4;
}

static void start(struct kt_unwinder *u, const struct kt_names *names,
		  struct mini_guest *g, u32 nr_orc, json_t *absent)
{
	end_orc(g, nr_orc);
	kt_unwinder_init(u, names, absent);
}

#define START() \
	start(&self->u, &self->names, self->g, self->nr_orc, self->absent)
#define UNWIND() kt_stack_of_vcpu(&self->u, &self->regs, &self->s)

FIXTURE_SETUP(stack)
{
	self->m = mini_sched_new(NULL);
	self->g = &self->m->g;
	self->names.k = &self->g->k;
	self->absent = json_array();
	self->nr_orc = functions(self->g);
	self->regs = (struct kt_vcpu_regs){
		.rip = S(FN_LEAF + 4), .rsp = D(STACK), .cs = KERNEL_CS,
	};
}

FIXTURE_TEARDOWN(stack)
{
	json_decref(self->absent);
	mini_sched_free(self->m);
}

static u64 ip(const struct kt_stack *s, u32 i)
{
	return i < s->nr ? s->frames[i].ip : 0;
}

/* leaf is called from middle, that from top, and that from @last. */
static void put_calls(struct mini_guest *g, u64 last)
{
	mini_put_u64(g, STACK, S(FN_MIDDLE + 0x20));
	/* middle's frame: saved rbp, return address */
	mini_put_u64(g, STACK + 0x40, 0x1234);
	mini_put_u64(g, STACK + 0x48, S(FN_TOP + FN_BYTES));
	mini_put_u64(g, STACK + 0x50 + 16, last);
}

TEST_F(stack, calls)
{
	/* behind top's last call is what nobody describes */
	ORC(FN_TOP + FN_BYTES, 0, 0, 0, 0, KT_ORC_TYPE_UNDEFINED, 0);
	ORC(FN_ENTRY, 0, 0, 0, 0, KT_ORC_TYPE_END_OF_STACK, 0);
	START();
	put_calls(self->g, S(FN_ENTRY + 0x10));
	self->regs.rbp = D(STACK + 0x40);
	UNWIND();
	EXPECT_STREQ("", self->s.why);
	ASSERT_EQ(4, self->s.nr);
	EXPECT_EQ(S(FN_LEAF + 4), ip(&self->s, 0));
	EXPECT_TRUE(self->s.frames[0].exact);
	EXPECT_EQ(S(FN_MIDDLE + 0x20), ip(&self->s, 1));
	EXPECT_FALSE(self->s.frames[1].exact);
	EXPECT_EQ(S(FN_TOP + FN_BYTES), ip(&self->s, 2));
	EXPECT_EQ(S(FN_ENTRY + 0x10), ip(&self->s, 3));
}

/* The last byte of a call is of its function, what follows it may not be. */
TEST_F(stack, a_call_that_ends_its_function)
{
	json_t *o = json_object(), *frames;

	START();
	put_calls(self->g, 0);
	self->regs.rbp = D(STACK + 0x40);
	UNWIND();
	EXPECT_STREQ("a return address is 0", self->s.why);
	kt_stack_json(&self->u, &self->s, o);
	frames = json_object_get(o, "stack");
	ASSERT_EQ(3, json_array_size(frames));
	EXPECT_STREQ("leaf+0x4/0x80",
		     json_string_value(json_array_get(frames, 0)));
	EXPECT_STREQ("middle+0x20/0x80",
		     json_string_value(json_array_get(frames, 1)));
	EXPECT_STREQ("top+0x80/0x80",
		     json_string_value(json_array_get(frames, 2)));
	EXPECT_STREQ("a return address is 0",
		     json_string_value(json_object_get(o, "no_stack")));
	json_decref(o);
}

static void put_regs(struct mini_guest *g, u64 at, u64 rip, u64 cs, u64 rsp,
		     u64 rbp)
{
	mini_put_u64(g, at + REGS_BP, rbp);
	mini_put_u64(g, at + REGS_IP, rip);
	mini_put_u64(g, at + REGS_IP + 8, cs);
	mini_put_u64(g, at + REGS_IP + 24, rsp);
}

/* leaf, on a stack of its own, was called by entry, which interrupted top. */
TEST_F(stack, across_an_interrupt_to_another_stack)
{
	ORC(FN_ENTRY, 0, SP, 0, NONE, KT_ORC_TYPE_REGS, 1);
	ORC(FN_FORK, 0, 0, 0, 0, KT_ORC_TYPE_END_OF_STACK, 0);
	START();
	self->regs.rsp = D(IRQ_STACK);
	mini_put_u64(self->g, IRQ_STACK, S(FN_ENTRY + 0x20));
	put_regs(self->g, IRQ_STACK + 8, S(FN_MIDDLE + 8), KERNEL_CS, D(STACK),
		 D(STACK + 0x40));
	mini_put_u64(self->g, STACK + 0x48, S(FN_FORK + 1));
	UNWIND();
	EXPECT_STREQ("", self->s.why);
	ASSERT_EQ(4, self->s.nr);
	EXPECT_EQ(S(FN_MIDDLE + 8), ip(&self->s, 2));
	/* its own instruction, not the one before */
	EXPECT_TRUE(self->s.frames[2].exact);
	EXPECT_EQ(S(FN_FORK + 1), ip(&self->s, 3));
}

TEST_F(stack, from_user_mode)
{
	ORC(FN_ENTRY, 0, SP, 0, NONE, KT_ORC_TYPE_REGS, 1);
	START();
	mini_put_u64(self->g, STACK, S(FN_ENTRY + 0x20));
	put_regs(self->g, STACK + 8, 0x401000, USER_CS, 0x7fff0000, 0);
	UNWIND();
	EXPECT_STREQ("", self->s.why);
	EXPECT_EQ(2, self->s.nr);
}

TEST_F(stack, in_user_mode)
{
	START();
	self->regs.cs = USER_CS;
	self->regs.rip = 0x401000;
	UNWIND();
	EXPECT_STREQ("user mode", self->s.why);
	EXPECT_EQ(0, self->s.nr);
}

/* Only what iret takes is saved; the registers are those of before. */
TEST_F(stack, partial_registers)
{
	ORC(FN_ENTRY, 0, SP, 0, NONE, KT_ORC_TYPE_REGS_PARTIAL, 1);
	ORC(FN_FORK, 8, SP, 0, NONE, CALL, 0);
	ORC(FN_HANDLER, 8, KT_ORC_REG_R10, 0, NONE, CALL, 0);
	START();
	self->regs.rip = S(FN_ENTRY + 2);
	self->regs.rbp = D(STACK + 0x80);
	mini_put_u64(self->g, STACK, S(FN_MIDDLE + 0x10));
	mini_put_u64(self->g, STACK + 8, KERNEL_CS);
	mini_put_u64(self->g, STACK + 24, D(STACK + 0x60));
	mini_put_u64(self->g, STACK + 0x88, S(FN_FORK + 4));
	UNWIND();
	ASSERT_EQ(3, self->s.nr);
	EXPECT_EQ(S(FN_MIDDLE + 0x10), ip(&self->s, 1));
	EXPECT_EQ(S(FN_FORK + 4), ip(&self->s, 2));
	/* also others than rbp */
	self->regs.r10 = D(IRQ_STACK);
	mini_put_u64(self->g, STACK, S(FN_HANDLER + 4));
	mini_put_u64(self->g, IRQ_STACK - 8, S(FN_FORK + 8));
	UNWIND();
	ASSERT_LE(3, self->s.nr);
	EXPECT_EQ(S(FN_FORK + 8), ip(&self->s, 2));
}

TEST_F(stack, indirect_and_by_register)
{
	ORC(FN_ENTRY, 16, KT_ORC_REG_SP_INDIRECT, 0, NONE, CALL, 0);
	ORC(FN_FORK, 0, KT_ORC_REG_R10, 0, NONE, KT_ORC_TYPE_REGS, 1);
	ORC(FN_HANDLER, 0x10, KT_ORC_REG_BP_INDIRECT, -8, BP, CALL, 0);
	START();
	self->regs.rip = S(FN_FORK);
	self->regs.r10 = D(IRQ_STACK);
	put_regs(self->g, IRQ_STACK, S(FN_ENTRY), KERNEL_CS, D(STACK),
		 D(STACK + 0x100));
	mini_put_u64(self->g, STACK, D(STACK_GPA(2)));
	mini_put_u64(self->g, STACK_GPA(2) + 8, S(FN_HANDLER + 8));
	mini_put_u64(self->g, STACK + 0x110, D(STACK_GPA(3)));
	mini_put_u64(self->g, STACK + 0xf8, 0x77);
	mini_put_u64(self->g, STACK_GPA(3) - 8, S(FN_LEAF + 1));
	UNWIND();
	ASSERT_LE(4, self->s.nr);
	EXPECT_EQ(S(FN_ENTRY), ip(&self->s, 1));
	EXPECT_EQ(S(FN_HANDLER + 8), ip(&self->s, 2));
	EXPECT_EQ(S(FN_LEAF + 1), ip(&self->s, 3));
}

TEST_F(stack, a_register_that_is_not_saved)
{
	ORC(FN_ENTRY, 0, KT_ORC_REG_R13, 0, NONE, CALL, 0);
	START();
	mini_put_u64(self->g, STACK, S(FN_ENTRY + 4));
	UNWIND();
	EXPECT_EQ(2, self->s.nr);
	EXPECT_STREQ("a register it takes is not saved", self->s.why);
}

TEST_F(stack, called_through_a_null_pointer)
{
	START();
	self->regs.rip = 0;
	mini_put_u64(self->g, STACK, S(FN_TOP + 4));
	UNWIND();
	ASSERT_LE(2, self->s.nr);
	EXPECT_EQ(S(FN_TOP + 4), ip(&self->s, 1));
}

TEST_F(stack, generated_code_has_a_frame_pointer)
{
	START();
	self->regs.rip = GENERATED + 0x40;
	self->regs.rbp = D(STACK + 0x40);
	mini_put_u64(self->g, STACK + 0x40, D(STACK + 0x80));
	mini_put_u64(self->g, STACK + 0x48, S(FN_MIDDLE + 0x20));
	mini_put_u64(self->g, STACK + 0x88, S(FN_TOP + 1));
	UNWIND();
	ASSERT_LE(3, self->s.nr);
	EXPECT_EQ(S(FN_MIDDLE + 0x20), ip(&self->s, 1));
	EXPECT_EQ(S(FN_TOP + 1), ip(&self->s, 2));
}

TEST_F(stack, in_a_trampoline_of_ftrace)
{
	const u64 ops = 0x3f000;

	START();
	mini_put_u64(self->g, I(AT_FTRACE_OPS), D(ops));
	mini_put_u64(self->g, ops, D(ops + 24));
	mini_put_u64(self->g, ops + 24 + 8, GENERATED);
	mini_put_u64(self->g, ops + 24 + 16, 0x100);
	mini_put_u64(self->g, ops + 24, D(ops));
	mini_put_u64(self->g, STACK, GENERATED + 0x40);
	UNWIND();
	EXPECT_EQ(2, self->s.nr);
	EXPECT_NE(NULL, strstr(self->s.why, "ftrace"));
}

TEST_F(stack, a_tracer_sits_in_the_return_address)
{
	START();
	mini_put_u64(self->g, STACK, S(FN_HANDLER));
	UNWIND();
	EXPECT_EQ(1, self->s.nr);
	EXPECT_NE(NULL, strstr(self->s.why, "tracer"));
}

TEST_F(stack, that_leads_back)
{
	ORC(FN_ENTRY, -8, SP, 0, NONE, CALL, 0);
	START();
	mini_put_u64(self->g, STACK, S(FN_ENTRY + 4));
	UNWIND();
	EXPECT_EQ(2, self->s.nr);
	EXPECT_NE(NULL, strstr(self->s.why, "leads back"));
	/* and through interrupts, which may lead anywhere */
	put_orc(self->g, self->nr_orc - 1, FN_ENTRY, 0, SP, 0, NONE,
		KT_ORC_TYPE_REGS, 1);
	put_regs(self->g, STACK + 8, S(FN_LEAF), KERNEL_CS, D(STACK), 0);
	UNWIND();
	EXPECT_EQ(KT_STACK_MAX_FRAMES, self->s.nr);
	EXPECT_STREQ("more than 64 frames", self->s.why);
}

TEST_F(stack, that_is_none)
{
	START();
	self->regs.rsp = D(MINI_RAM_BYTES - 4);
	UNWIND();
	EXPECT_EQ(1, self->s.nr);
	EXPECT_NE(NULL, strstr(self->s.why, "no stack at"));
	/* of a user's, which the kernel does not walk */
	self->regs.rsp = 0x7fff0000;
	UNWIND();
	EXPECT_NE(NULL, strstr(self->s.why, "no stack at"));
	self->regs.rsp = D(STACK);
	mini_put_u64(self->g, STACK, D(STACK));
	UNWIND();
	EXPECT_EQ(1, self->s.nr);
	EXPECT_NE(NULL, strstr(self->s.why, "no code at"));
}

TEST_F(stack, entries_that_are_none)
{
	ORC(FN_ENTRY, 0, 15, 0, NONE, CALL, 0);
	ORC(FN_FORK, 8, SP, 0, 9, CALL, 0);
	ORC(FN_HANDLER, 8, SP, 0, NONE, 7, 0);
	START();
	self->regs.rip = S(FN_ENTRY);
	UNWIND();
	EXPECT_STREQ("unknown register 15 in the unwind table", self->s.why);
	self->regs.rip = S(FN_FORK);
	mini_put_u64(self->g, STACK, S(FN_LEAF));
	UNWIND();
	EXPECT_STREQ("unknown register 9 in the unwind table", self->s.why);
	self->regs.rip = S(FN_HANDLER);
	UNWIND();
	EXPECT_STREQ("unknown frame 7 in the unwind table", self->s.why);
	/* before the first one, and where nothing is said */
	self->regs.rip = S(4);
	UNWIND();
	EXPECT_NE(NULL, strstr(self->s.why, "no unwind table"));
}

TEST_F(stack, of_a_task_that_sleeps)
{
	const u64 sp = STACK + 0x100;

	ORC(FN_ENTRY, 0, 0, 0, 0, KT_ORC_TYPE_END_OF_STACK, 0);
	START();
	mini_put_u64(self->g, TASK_GPA(0) + T_THREAD + 8, D(sp));
	mini_put_u64(self->g, sp + 8, D(STACK + 0x200));
	mini_put_u64(self->g, sp + 16, S(FN_MIDDLE + 0x20));
	mini_put_u64(self->g, STACK + 0x208, S(FN_ENTRY + 4));
	kt_stack_of_task(&self->u, D(TASK_GPA(0)), &self->s);
	EXPECT_STREQ("", self->s.why);
	ASSERT_EQ(2, self->s.nr);
	EXPECT_EQ(S(FN_MIDDLE + 0x20), ip(&self->s, 0));
	EXPECT_FALSE(self->s.frames[0].exact);
	/* its frame ends where the one that it was switched off in begins */
	mini_put_u64(self->g, sp + 16, S(FN_TOP + 0x20));
	mini_put_u64(self->g, sp + 24 + 16, S(FN_ENTRY + 8));
	kt_stack_of_task(&self->u, D(TASK_GPA(0)), &self->s);
	ASSERT_EQ(2, self->s.nr);
	EXPECT_EQ(S(FN_ENTRY + 8), ip(&self->s, 1));
	/* switched to for the first time it begins where it forks */
	mini_put_u64(self->g, sp + 16, S(FN_FORK));
	kt_stack_of_task(&self->u, D(TASK_GPA(0)), &self->s);
	EXPECT_TRUE(self->s.frames[0].exact);
	mini_put_u64(self->g, TASK_GPA(0) + T_THREAD + 8, 0);
	kt_stack_of_task(&self->u, D(TASK_GPA(0)), &self->s);
	EXPECT_EQ(0, self->s.nr);
	EXPECT_STRNE("", self->s.why);
}

/* struct orc_entry alone, with another layout. */
static struct kt_types *orc_types(u32 bytes, u32 type_bits)
{
	struct btf *b = btf__new_empty();
	struct kt_types *t = NULL;
	const void *data;
	int num;
	u32 len;

	num = btf__add_int(b, "unsigned int", 4, 0);
	btf__add_struct(b, "orc_entry", bytes);
	if (btf__add_field(b, "sp_offset", num, 0, 16) ||
	    btf__add_field(b, "bp_offset", num, 16, 16) ||
	    btf__add_field(b, "sp_reg", num, 32, 4) ||
	    btf__add_field(b, "bp_reg", num, 36, 4) ||
	    btf__add_field(b, "type", num, 40, type_bits) ||
	    btf__add_field(b, "signal", num, 44, 1))
		abort();
	data = btf__raw_data(b, &len);
	if (!data || kt_types_parse(data, len, &t))
		abort();
	btf__free(b);
	return t;
}

TEST_F(stack, a_table_of_another_form)
{
	static const struct {
		u32 bytes, type_bits;
		int ret;
	} all[] = {
		{ 6, 3, 0 },
		{ 8, 3, -ENOENT },	/* not as long as the addresses say */
		{ 6, 2, -ENOENT },	/* of Linux 6.3: other numbers */
	};
	struct kt_guest_kernel k = self->g->k;
	struct kt_types *t;
	struct kt_orc orc;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		t = orc_types(all[i].bytes, all[i].type_bits);
		k.types = t;
		EXPECT_EQ(all[i].ret, kt_orc_init(&orc, &k));
		kt_types_free(t);
	}
	k.types = NULL;
	EXPECT_EQ(-ENOENT, kt_orc_init(&orc, &k));
}

static void without_orc(struct mini_sched **m, struct kt_names *names)
{
	mini_sched_free(*m);
	*m = mini_sched_new("__stop_orc_unwind_ip");
	names->k = &(*m)->g.k;
}

/* leaf: 5 bytes of a call of __fentry__, push %rbp; mov %rsp, %rbp */
static const u8 prologue[] = {
	0x0f, 0x1f, 0x44, 0x00, 0x00, 0x55, 0x48, 0x89, 0xe5, 0x90, 0xc9, 0xc3,
};

TEST_F(stack, frame_pointers_of_a_kernel_without_orc)
{
	/* where leaf stands, where its return address is then */
	static const struct {
		u32 at, frame;
	} all[] = {
		{ 0, 0 }, { 5, 0 },	/* nothing pushed yet */
		{ 6, 8 },		/* rbp is, but not yet set */
		{ 9, 0x48 }, { 10, 0x48 },
		{ 11, 0 },		/* popped again */
	};
	u32 i;

	without_orc(&self->m, &self->names);
	self->g = &self->m->g;
	memcpy(self->g->ram + I(FN_LEAF), prologue, sizeof(prologue));
	kt_unwinder_init(&self->u, &self->names, self->absent);
	EXPECT_FALSE(self->u.has_orc);
	EXPECT_EQ(1, json_array_size(self->absent));
	self->regs.rbp = D(STACK + 0x40);
	for (i = 0; i < ARRAY_SIZE(all); i++) {
		memset(self->g->ram + STACK, 0, 0x100);
		mini_put_u64(self->g, STACK + all[i].frame, S(FN_TOP + 0x20));
		self->regs.rip = S(FN_LEAF + all[i].at);
		UNWIND();
		ASSERT_LE(2, self->s.nr);
		EXPECT_EQ(S(FN_TOP + 0x20), ip(&self->s, 1));
	}
}

TEST_F(stack, registers_behind_an_odd_frame_pointer)
{
	without_orc(&self->m, &self->names);
	self->g = &self->m->g;
	kt_unwinder_init(&self->u, &self->names, NULL);
	self->regs.rip = S(FN_TOP + 0x20);
	self->regs.rbp = D(STACK + 0x40) + 1;
	put_regs(self->g, STACK + 0x40, S(FN_LEAF + 9), KERNEL_CS,
		 D(STACK + 0x200), D(STACK + 0x300));
	mini_put_u64(self->g, STACK + 0x308, S(FN_MIDDLE + 4));
	UNWIND();
	ASSERT_LE(3, self->s.nr);
	EXPECT_EQ(S(FN_LEAF + 9), ip(&self->s, 1));
	EXPECT_TRUE(self->s.frames[1].exact);
	EXPECT_EQ(S(FN_MIDDLE + 4), ip(&self->s, 2));
}

TEST_F(stack, names)
{
	char buf[KT_NAME_BYTES];

#define AT(kva)	kt_name_at(&self->names, kva, buf, sizeof(buf))
	EXPECT_STREQ("leaf+0x0/0x80", AT(S(FN_LEAF)));
	EXPECT_STREQ("leaf+0x7f/0x80", AT(S(FN_LEAF + 0x7f)));
	/* assembly has symbols without an end */
	EXPECT_STREQ("entry+0x10", AT(S(FN_ENTRY + 0x10)));
	/* data is only what it is */
	EXPECT_STREQ("ext_sched_class+0x0", AT(S(MINI_EXT_CLASS)));
	EXPECT_NE(NULL, strstr(AT(S(MINI_EXT_CLASS + 8)), "0xffffffff83004008"));
	EXPECT_STREQ("nr_cpu_ids+0x2/0x4", AT(S(MINI_NR_CPU_IDS + 2)));
	EXPECT_STREQ("0xffffffffc0001000", AT(GENERATED));
	EXPECT_STREQ("user mode 0x401000", AT(0x401000));
	EXPECT_STREQ("user mode 0x0", AT(0));
	/* per-CPU variables are at small numbers, and no code is */
	EXPECT_STREQ("user mode 0x210", AT(0x210));
	EXPECT_STREQ("leaf+0x80/0x80",
		     kt_name_of_return(&self->names, S(FN_LEAF + 0x80), buf,
				       sizeof(buf)));
	/* what follows is another function, that called nothing */
	EXPECT_STREQ("leaf+0x100/0x80",
		     kt_name_of_return(&self->names, S(FN_MIDDLE), buf,
				       sizeof(buf)));
	EXPECT_STREQ("leaf",
		     kt_name_at(&self->names, S(FN_LEAF), buf, 5));
}

TEST_F(stack, as_json)
{
	struct kt_vcpu_state v[2] = { { .regs = self->regs }, { -EBUSY } };
	json_t *all, *o;

	START();
	v[0].regs.r15 = 0xabc;
	all = kt_vcpus_json(&self->names, v, 2, self->absent);
	ASSERT_EQ(2, json_array_size(all));
	o = json_array_get(all, 0);
	EXPECT_STREQ("leaf+0x4/0x80",
		     json_string_value(json_object_get(o, "at")));
	EXPECT_STREQ("0xffffffff83000104",
		     json_string_value(json_object_get(o, "rip")));
	EXPECT_STREQ("0xabc",
		     json_string_value(json_object_get(json_object_get(o, "regs"),
						       "r15")));
	EXPECT_EQ(1, json_array_size(json_object_get(o, "stack")));
	o = json_array_get(all, 1);
	EXPECT_EQ(NULL, json_object_get(o, "rip"));
	EXPECT_NE(NULL, json_object_get(o, "no_stack"));
	json_decref(all);
}

TEST_HARNESS_MAIN
