// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest memory of the native engine: nodes one behind the other, in two regions
 * with the hole between them.
 */
#include <sys/mman.h>

#include <kselftest_harness.h>

#include "ktstr/engine/kvm/memory.h"
#include "ktstr/engine/kvm/x86/layout.h"
#include "nr_fds.h"

#define MIB	(1024ULL * 1024)

static struct kt_machine_plan plan_of(u32 nodes, u32 mem_nodes, u32 mib)
{
	return (struct kt_machine_plan){
		.topo = { nodes, nodes, 1, 1, mem_nodes }, .memory_mib = mib,
	};
}

TEST(one_region)
{
	struct kt_machine_plan plan = plan_of(3, 1, 33);
	struct kt_region r[KT_MAX_REGIONS] = {};
	int fds_before = nr_fds();
	struct kt_performance pf = {};
	struct kt_kvm_memory mem;
	u32 nr = 0;
	u8 *p;

	ASSERT_EQ(0, kt_kvm_memory_map(&mem, &plan, &pf, r, &nr));
	EXPECT_EQ(1, nr);
	EXPECT_EQ(0, r[0].gpa);
	EXPECT_EQ(33 * MIB, r[0].size_bytes);
	/* all of it is there, zero, and may be written */
	p = r[0].hva;
	EXPECT_EQ(0, p[33 * MIB - 1]);
	memset(p + 9 * MIB - 2, 1, 4);
	EXPECT_EQ(fds_before, nr_fds());
	kt_kvm_memory_unmap(&mem);
	kt_kvm_memory_unmap(&mem);
}

/* Above 3 GiB: nothing is touched, so nothing is used. */
TEST(two_regions)
{
	struct kt_machine_plan plan = plan_of(1, 0, 4096);
	struct kt_region r[KT_MAX_REGIONS] = {};
	struct kt_performance pf = {};
	struct kt_kvm_memory mem;
	u32 nr = 0;

	ASSERT_EQ(0, kt_kvm_memory_map(&mem, &plan, &pf, r, &nr));
	EXPECT_EQ(2, nr);
	EXPECT_EQ(KT_X86_HOLE_START, r[0].size_bytes);
	EXPECT_EQ(KT_X86_HIGH_START, r[1].gpa);
	EXPECT_EQ(1024 * MIB, r[1].size_bytes);
	EXPECT_EQ((char *)r[0].hva + r[0].size_bytes, (char *)r[1].hva);
	kt_kvm_memory_unmap(&mem);
}

/* What one machine saved others have, each until it writes to it. */
TEST(saved)
{
	struct kt_saved saved = { .memory_at = 8192 };
	struct kt_region r[2][KT_MAX_REGIONS] = {};
	struct kt_machine_plan plan = plan_of(1, 0, 4);
	struct kt_performance pf = {};
	struct kt_machine_memory count;
	struct kt_kvm_memory mem[2];
	u8 *p, *q, in_file = 0;
	u32 nr;

	saved.memory_fd = memfd_create("saved", MFD_CLOEXEC);
	ASSERT_EQ(0, ftruncate(saved.memory_fd, saved.memory_at + 4 * MIB));
	ASSERT_EQ(0, kt_kvm_memory_map(&mem[0], &plan, &pf, r[0], &nr));
	ASSERT_EQ(0, kt_kvm_memory_map(&mem[1], &plan, &pf, r[1], &nr));
	p = r[0][0].hva;
	q = r[1][0].hva;
	p[MIB + 5] = 7;
	ASSERT_EQ(0, kt_kvm_memory_save(&mem[0], &saved));
	p[MIB + 5] = 8;
	/* what was never touched is not, by that */
	ASSERT_EQ(0, kt_kvm_memory_count(&mem[0], &count));
	EXPECT_LE(4096, count.own_bytes);
	EXPECT_GT(3 * MIB, count.own_bytes);
	EXPECT_EQ(0, count.shared_bytes);
	ASSERT_EQ(0, kt_kvm_memory_load(&mem[1], &saved));
	EXPECT_EQ(7, q[MIB + 5]);
	EXPECT_EQ(0, q[4 * MIB - 1]);
	/* two pages of the file are looked at, one of them is written to */
	ASSERT_EQ(0, kt_kvm_memory_count(&mem[1], &count));
	EXPECT_EQ(0, count.own_bytes);
	EXPECT_LE(8192, count.shared_bytes);
	q[MIB + 5] = 9;
	ASSERT_EQ(0, kt_kvm_memory_count(&mem[1], &count));
	EXPECT_EQ(4096, count.own_bytes);
	ASSERT_EQ(1, pread(saved.memory_fd, &in_file, 1, 8192 + MIB + 5));
	EXPECT_EQ(7, in_file);
	/* another sum than it says is not looked for where it is trusted */
	saved.memory_sum++;
	EXPECT_EQ(-EBADMSG, kt_kvm_memory_load(&mem[1], &saved));
	EXPECT_EQ(9, q[MIB + 5]);
	saved.trusted = true;
	EXPECT_EQ(0, kt_kvm_memory_load(&mem[1], &saved));
	EXPECT_EQ(7, q[MIB + 5]);
	/* behind its end there would be nothing but a signal */
	ASSERT_EQ(0, ftruncate(saved.memory_fd, 4 * MIB));
	EXPECT_EQ(-ENODATA, kt_kvm_memory_load(&mem[1], &saved));
	kt_kvm_memory_unmap(&mem[0]);
	kt_kvm_memory_unmap(&mem[1]);
	close(saved.memory_fd);
}

TEST(ranges)
{
	struct kt_node_range r[KT_MAX_NODES + 1];
	struct kt_machine_plan plan = plan_of(2, 1, 4096);
	u64 third = 1365 * MIB;

	/* the third node has the hole in it */
	ASSERT_EQ(4, kt_kvm_memory_ranges(&plan, r));
	EXPECT_EQ(0, r[0].gpa);
	EXPECT_EQ(third + MIB, r[0].size_bytes);
	EXPECT_EQ(r[0].size_bytes, r[1].gpa);
	EXPECT_EQ(third, r[1].size_bytes);
	EXPECT_EQ(r[1].gpa + third, r[2].gpa);
	EXPECT_EQ(KT_X86_HOLE_START, r[2].gpa + r[2].size_bytes);
	EXPECT_EQ(KT_X86_HIGH_START, r[3].gpa);
	EXPECT_EQ(third, r[2].size_bytes + r[3].size_bytes);
	EXPECT_EQ(2, r[2].node);
	EXPECT_EQ(2, r[3].node);

	/* a node that begins where the hole does */
	plan = plan_of(4, 0, 4096);
	ASSERT_EQ(4, kt_kvm_memory_ranges(&plan, r));
	EXPECT_EQ(KT_X86_HIGH_START, r[3].gpa);
	EXPECT_EQ(3, r[3].node);

	plan = plan_of(KT_MAX_NODES, 0, 4 * 4096);
	EXPECT_GE(KT_MAX_NODES + 1, kt_kvm_memory_ranges(&plan, r));
}

TEST_HARNESS_MAIN
