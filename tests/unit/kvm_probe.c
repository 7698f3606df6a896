// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the native engine says of a host that it cannot use, and verdicts that
 * are kept. No KVM is needed: KTSTR_KVM names something else.
 */
#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <kselftest_harness.h>

#include "ktstr/base/fd.h"
#include "ktstr/engine/host_kvm.h"
#include "ktstr/engine/kvm/exit.h"
#include "ktstr/engine/kvm/kvm.h"
#include "ktstr/engine/verdict.h"
#include "nr_fds.h"
#include "test_dir.h"

FIXTURE(probe)
{
	int fds_before;
	char path[128];
	struct kt_engine_caps caps;
};

FIXTURE_SETUP(probe)
{
	self->fds_before = nr_fds();
	ASSERT_TRUE(make_root("/tmp"));
	setenv("XDG_CACHE_HOME", root, 1);
	snprintf(self->path, sizeof(self->path), "%s/kvm", root);
	setenv("KTSTR_KVM", self->path, 1);
}

FIXTURE_TEARDOWN(probe)
{
	EXPECT_EQ(0, kt_remove_tree(root));
	EXPECT_EQ(self->fds_before, nr_fds());
}

TEST_F(probe, no_device)
{
	char want[256];

	ASSERT_EQ(0, kt_kvm_probe(&self->caps));
	EXPECT_FALSE(self->caps.usable);
	snprintf(want, sizeof(want),
		 "there is no %s (load kvm_intel or kvm_amd, or enable nested virtualisation)",
		 self->path);
	EXPECT_STREQ(want, self->caps.why_not);
}

/* Root has a capability for every file; the child that asks gives it up. */
static void drop_override(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = {};

	syscall(SYS_capset, &head, data);
}

TEST_F(probe, no_permission)
{
	int fd = open(self->path, O_CREAT | O_RDWR | O_CLOEXEC, 0);

	ASSERT_LE(0, fd);
	kt_close(&fd);
	drop_override();
	ASSERT_EQ(0, kt_kvm_probe(&self->caps));
	EXPECT_FALSE(self->caps.usable);
	EXPECT_NE(NULL, strstr(self->caps.why_not, "no permission for "));
	EXPECT_NE(NULL, strstr(self->caps.why_not, "(add yourself to the group kvm)"));
}

/* Something that opens and is no KVM. */
TEST_F(probe, no_kvm)
{
	setenv("KTSTR_KVM", "/dev/null", 1);
	ASSERT_EQ(0, kt_kvm_probe(&self->caps));
	EXPECT_FALSE(self->caps.usable);
	EXPECT_NE(NULL, strstr(self->caps.why_not, "/dev/null opens but makes no machine: "));
	EXPECT_NE(NULL, strstr(self->caps.why_not, "KVM_GET_API_VERSION says -1, not 12"));
	EXPECT_EQ(-1, waitpid(-1, NULL, WNOHANG));
	/* it is kept: the same again, from the file */
	self->caps.why_not[0] = '\0';
	ASSERT_EQ(0, kt_kvm_probe(&self->caps));
	EXPECT_NE(NULL, strstr(self->caps.why_not, "KVM_GET_API_VERSION"));
}

TEST_F(probe, machine_is_not_made)
{
	struct kt_machine_plan plan = {
		.topo = { 1, 1, 1, 1 }, .memory_mib = 64, .kernel = "/none",
		.initrd_fd = -1,
	};
	struct kt_machine *m = NULL;

	EXPECT_EQ(-ENOENT, kt_kvm_ops.create(&plan, &m));
	setenv("KTSTR_KVM", "/dev/null", 1);
	EXPECT_EQ(-ENOTSUP, kt_kvm_ops.create(&plan, &m));
	EXPECT_EQ(NULL, m);
}

TEST_F(probe, description)
{
	struct kt_machine_plan plan = {
		.topo = { 2, 2, 1, 1 }, .memory_mib = 512, .kernel = "/a kernel",
		.hz = 1000, .initrd_fd = -1, .cmdline = "quiet",
	};
	char *text = NULL;

	ASSERT_EQ(0, kt_kvm_ops.describe(&plan, &text));
	EXPECT_NE(NULL, strstr(text, "2n2l1c1t, 512 MiB, "));
	EXPECT_NE(NULL, strstr(text, "kernel /a kernel, "));
	EXPECT_NE(NULL, strstr(text, " pci=off quiet"));
	free(text);
}

TEST_F(probe, verdict_file)
{
	struct kt_engine_caps c = {
		.usable = true, .version = "v 1", .watchpoints = true,
		.max_vcpus = 17,
	}, back = {};
	char key[KT_VERDICT_KEY_MAX], other[KT_VERDICT_KEY_MAX];

	kt_verdict_key("/dev/null", 1, key, sizeof(key));
	kt_verdict_key("/dev/null", 2, other, sizeof(other));
	EXPECT_STRNE(key, other);
	EXPECT_FALSE(kt_verdict_load("x", key, &back));
	kt_verdict_store("x", key, &c);
	ASSERT_TRUE(kt_verdict_load("x", key, &back));
	EXPECT_TRUE(back.usable);
	EXPECT_STREQ("v 1", back.version);
	EXPECT_TRUE(back.watchpoints);
	EXPECT_FALSE(back.nested);
	EXPECT_EQ(17, back.max_vcpus);
	EXPECT_FALSE(kt_verdict_load("x", other, &back));
	EXPECT_FALSE(kt_verdict_load("y", key, &back));

	snprintf(c.why_not, sizeof(c.why_not), "broken");
	kt_verdict_store("x", key, &c);
	ASSERT_TRUE(kt_verdict_load("x", key, &back));
	EXPECT_FALSE(back.usable);
	EXPECT_STREQ("broken", back.why_not);
}

/* Half a file is none. */
TEST_F(probe, verdict_file_cut)
{
	static const char *const texts[] = {
		"", "\n", "k\n", "k\nv\n\n", "k\nv\n\nwatchpoints=1 nested=0\n",
		"k\nv\n\nwatchpoints=1 nested=0 max_vcpus=1",
	};
	struct kt_engine_caps back = {};
	size_t i;
	FILE *f;

	kt_verdict_store("x", "k", &back);
	ASSERT_TRUE(kt_verdict_load("x", "k", &back));
	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		f = fopen(at("ktstr/probe/x"), "we");
		ASSERT_NE(NULL, f);
		fputs(texts[i], f);
		ASSERT_EQ(0, fclose(f));
		EXPECT_FALSE(kt_verdict_load("x", "k", &back));
	}
}

TEST(exit_names)
{
	EXPECT_STREQ("KVM_EXIT_FAIL_ENTRY", kt_kvm_exit_name(9));
	EXPECT_STREQ("KVM_EXIT_INTERNAL_ERROR", kt_kvm_exit_name(17));
	EXPECT_STREQ("unknown", kt_kvm_exit_name(18));
	EXPECT_STREQ("unknown", kt_kvm_exit_name(UINT32_MAX));
}

TEST_HARNESS_MAIN
