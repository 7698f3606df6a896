// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers as QEMU's monitor prints them, whole, in part and in disorder.
 */
#include <kselftest_harness.h>

#include "ktstr/engine/qemu/regs.h"

#define GENERAL \
	"\r\nCPU#0\r\n" \
	"RAX=0000000000000001 RBX=ffff88800f81aac0 RCX=ffffffff81600d40 RDX=0000000000000004\r\n" \
	"RSI=0000000000000005 RDI=0000000000000006 RBP=7fffffffffffffff RSP=ffff88800f805fb0\r\n" \
	"R8 =0000000000000008 R9 =0000000000000009 R10=0000000000000010 R11=ffff88800f805ff8\r\n" \
	"R12=0000000000000012 R13=0000000000000013 R14=0000000000000014 R15=0000000000000015\r\n"
#define RIP	"RIP=ffffffff811066bc RFL=00000246 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=0\r\n"
#define SEGMENTS \
	"ES =0000 0000000000000000 00000000 00000000\r\n" \
	"CS =0010 0000000000000000 ffffffff 00af9b00 DPL=0 CS64 [-RA]\r\n" \
	"FS =0033 00007f0000001000 00000000 00000000\r\n" \
	"GS =0000 ffff88800f800000 00000000 00000000\r\n"
#define CONTROL \
	"CR0=80050033 CR2=ffff888002400000 CR3=0000000001e16000 CR4=00350eb0\r\n" \
	"DR0=0000000000000000 DR6=00000000ffff0ff0 DR7=0000000000000400\r\n" \
	"EFER=0000000000000d01\r\n"

TEST(all_of_them)
{
	struct kt_vcpu_regs r;

	ASSERT_EQ(0, kt_qemu_regs_parse(GENERAL RIP SEGMENTS CONTROL, &r));
	EXPECT_EQ(1, r.rax);
	EXPECT_EQ(0xffff88800f81aac0, r.rbx);
	EXPECT_EQ(0xffffffff81600d40, r.rcx);
	EXPECT_EQ(4, r.rdx);
	EXPECT_EQ(5, r.rsi);
	EXPECT_EQ(6, r.rdi);
	EXPECT_EQ(0x7fffffffffffffff, r.rbp);
	EXPECT_EQ(0xffff88800f805fb0, r.rsp);
	EXPECT_EQ(8, r.r8);
	EXPECT_EQ(9, r.r9);
	EXPECT_EQ(0x10, r.r10);
	EXPECT_EQ(0xffff88800f805ff8, r.r11);
	EXPECT_EQ(0x15, r.r15);
	EXPECT_EQ(0xffffffff811066bc, r.rip);
	EXPECT_EQ(0x246, r.rflags);
	EXPECT_EQ(0x10, r.cs);
	EXPECT_EQ(0x7f0000001000, r.fs_base);
	EXPECT_EQ(0xffff88800f800000, r.gs_base);
	EXPECT_EQ(0x80050033, r.cr0);
	EXPECT_EQ(0xffff888002400000, r.cr2);
	EXPECT_EQ(0x1e16000, r.cr3);
	EXPECT_EQ(0x350eb0, r.cr4);
	EXPECT_EQ(0xd01, r.efer);
}

TEST(one_that_is_missing)
{
	struct kt_vcpu_regs r;

	EXPECT_EQ(-ENODATA, kt_qemu_regs_parse("", &r));
	EXPECT_EQ(-ENODATA, kt_qemu_regs_parse(GENERAL SEGMENTS CONTROL, &r));
	EXPECT_EQ(-ENODATA, kt_qemu_regs_parse(GENERAL RIP CONTROL, &r));
	EXPECT_EQ(-ENODATA, kt_qemu_regs_parse(GENERAL RIP SEGMENTS, &r));
	EXPECT_EQ(-ENODATA, kt_qemu_regs_parse(GENERAL "EIP=0000fff0 EFL=00000002\r\n"
					       SEGMENTS CONTROL, &r));
}

/* A name within another one, a number that is none, a base that is cut off. */
TEST(what_looks_like_one)
{
	struct kt_vcpu_regs r;

	EXPECT_EQ(-ENODATA, kt_qemu_regs_parse(GENERAL "XRIP=1 RFL=2\r\n"
					       SEGMENTS CONTROL, &r));
	EXPECT_EQ(-ENODATA, kt_qemu_regs_parse(GENERAL "RIP=xyz RFL=2\r\n"
					       SEGMENTS CONTROL, &r));
	EXPECT_EQ(-ENODATA, kt_qemu_regs_parse(GENERAL RIP CONTROL
					       "CS =0010 0\r\nFS =0 0\r\nGS =0010", &r));
	EXPECT_EQ(-ENODATA, kt_qemu_regs_parse("RAX=", &r));
}

TEST_HARNESS_MAIN
