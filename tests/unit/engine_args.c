// SPDX-License-Identifier: GPL-2.0-only
/*
 * The QEMU command of several topologies, how memory is shared out, the boot
 * command line, and the choice among engines by name and by their probe.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/base/fd.h"
#include "ktstr/base/strv.h"
#include "ktstr/engine/qemu/qemu.h"
#include "nr_fds.h"
#include "test_dir.h"

FIXTURE(args)
{
	struct kt_machine_plan plan;
	struct kt_qemu_fds fds;
	struct kt_strv argv;
};

FIXTURE_SETUP(args)
{
	u32 i;

	keep_log();
	unsetenv("KTSTR_QEMU");
	self->plan = (struct kt_machine_plan){
		.memory_mib = 1000, .kernel = "/some/vmlinux", .hz = 1000,
		.initrd_fd = 13, .cmdline = "quiet",
	};
	self->fds = (struct kt_qemu_fds){
		.qmp = 10, .console = 11, .bulk = 12, .initrd = 13,
		.hvc = 14, .stats = 15, .gdb = 16,
	};
	for (i = 0; i < KT_MAX_NODES; i++)
		self->fds.memory[i] = 100 + i;
	kt_strv_init(&self->argv);
}

FIXTURE_TEARDOWN(args)
{
	kt_strv_fini(&self->argv);
}

#define build(accel, ...) ({						\
	self->plan.topo = (struct kt_topology){ __VA_ARGS__ };		\
	kt_strv_fini(&self->argv);					\
	kt_qemu_args(accel, &self->plan, &self->fds, &self->argv);	\
})

/* The argument behind the @nth @flag; "" when there is none. */
static const char *value(const struct kt_strv *argv, const char *flag, u32 nth)
{
	u32 i;

	for (i = 1; i + 1 < argv->nr; i++)
		if (!strcmp(argv->v[i], flag) && !nth--)
			return argv->v[i + 1];
	return "";
}

static bool has(const struct kt_strv *argv, const char *flag, const char *val)
{
	const char *v;
	u32 i;

	for (i = 0; *(v = value(argv, flag, i)); i++)
		if (!strcmp(v, val))
			return true;
	return false;
}

static u32 count(const struct kt_strv *argv, const char *start)
{
	u32 i, nr = 0;

	for (i = 0; i < argv->nr; i++)
		nr += !strncmp(argv->v[i], start, strlen(start));
	return nr;
}

TEST_F(args, one_llc_is_a_microvm)
{
	ASSERT_EQ(0, build(KT_QEMU_TCG, 1, 1, 4, 2));
	EXPECT_STREQ("qemu-system-x86_64", self->argv.v[0]);
	EXPECT_EQ(0, strncmp(value(&self->argv, "-machine", 0), "microvm,acpi=on,", 16));
	EXPECT_STREQ("8,sockets=1,cores=4,threads=2", value(&self->argv, "-smp", 0));
	EXPECT_EQ(0, count(&self->argv, "-numa"));
	EXPECT_EQ(0, count(&self->argv, "-bios"));
	EXPECT_TRUE(has(&self->argv, "-global", "virtio-mmio.force-legacy=false"));
	EXPECT_TRUE(has(&self->argv, "-device", "virtio-serial-device"));
	EXPECT_NE(NULL, strstr(value(&self->argv, "-append", 0), " pci=off "));
}

TEST_F(args, time_by_instructions)
{
	self->plan.icount = (struct kt_icount){ .on = true, .shift = 3, .seed = 77 };
	ASSERT_EQ(0, build(KT_QEMU_TCG, 1, 1, 4, 1));
	EXPECT_STREQ("shift=3,sleep=off", value(&self->argv, "-icount", 0));
	EXPECT_STREQ("base=2026-01-01T00:00:00,clock=vm", value(&self->argv, "-rtc", 0));
	EXPECT_STREQ("0", value(&self->argv, "-seed", 0));
	EXPECT_NE(NULL, strstr(value(&self->argv, "-cpu", 0), ",-rdrand,-rdseed"));
	EXPECT_TRUE(has(&self->argv, "-device",
			"virtio-serial-device,event_idx=off"));
	EXPECT_NE(NULL, strstr(value(&self->argv, "-append", 0),
			       " tsc_early_khz=1000000 tsc=reliable lpj=1000000 "));
	/* what the guest writes never waits for the host */
	EXPECT_TRUE(has(&self->argv, "-chardev", "file,id=console,path=/dev/fd/11"));
	EXPECT_TRUE(has(&self->argv, "-chardev", "socket,id=bulk,fd=12"));
	EXPECT_TRUE(has(&self->argv, "-chardev", "file,id=hvc,path=/dev/fd/14"));
	/* a device is notified by the vCPU's own thread */
	ASSERT_EQ(0, build(KT_QEMU_TCG, 1, 2, 2, 1));
	EXPECT_TRUE(has(&self->argv, "-device",
			"virtio-serial-pci,disable-legacy=on,event_idx=off,ioeventfd=off"));
	/* a kernel draws its place before it has any other seed */
	self->plan.kaslr = true;
	ASSERT_EQ(0, build(KT_QEMU_TCG, 1, 2, 2, 1));
	EXPECT_STREQ("77", value(&self->argv, "-seed", 0));
	EXPECT_EQ(NULL, strstr(value(&self->argv, "-cpu", 0), "rdrand"));
}

TEST_F(args, time_of_the_host)
{
	ASSERT_EQ(0, build(KT_QEMU_TCG, 1, 1, 4, 1));
	EXPECT_EQ(0, count(&self->argv, "-icount"));
	EXPECT_EQ(0, count(&self->argv, "-rtc"));
	EXPECT_EQ(0, count(&self->argv, "-seed"));
	EXPECT_TRUE(has(&self->argv, "-chardev", "socket,id=console,fd=11"));
}

TEST_F(args, several_llcs_are_dies_of_a_q35)
{
	ASSERT_EQ(0, build(KT_QEMU_TCG, 1, 3, 2, 1));
	EXPECT_STREQ("q35,memory-backend=mem0", value(&self->argv, "-machine", 0));
	EXPECT_STREQ("bios-microvm.bin", value(&self->argv, "-bios", 0));
	EXPECT_STREQ("6,sockets=1,dies=3,cores=2,threads=1",
		     value(&self->argv, "-smp", 0));
	EXPECT_EQ(0, count(&self->argv, "-numa"));
	EXPECT_EQ(0, count(&self->argv, "-global"));
	EXPECT_TRUE(has(&self->argv, "-device", "virtio-serial-pci,disable-legacy=on"));
	EXPECT_EQ(NULL, strstr(value(&self->argv, "-append", 0), "pci=off"));
}

TEST_F(args, nodes)
{
	u32 i, j;
	char s[64];

	ASSERT_EQ(0, build(KT_QEMU_TCG, 3, 6, 2, 2));
	EXPECT_STREQ("q35,hmat=on", value(&self->argv, "-machine", 0));
	EXPECT_STREQ("24,sockets=3,dies=2,cores=2,threads=2",
		     value(&self->argv, "-smp", 0));
	/* node, cpu; dist, latency and bandwidth of each pair */
	EXPECT_EQ(3 + 3 + 3 * 9, count(&self->argv, "-numa"));
	for (i = 0; i < 3; i++) {
		snprintf(s, sizeof(s), "node,nodeid=%u,memdev=mem%u", i, i);
		EXPECT_TRUE(has(&self->argv, "-numa", s));
		snprintf(s, sizeof(s), "cpu,node-id=%u,socket-id=%u", i, i);
		EXPECT_TRUE(has(&self->argv, "-numa", s));
		for (j = 0; j < 3; j++) {
			snprintf(s, sizeof(s), "dist,src=%u,dst=%u,val=%d", i, j,
				 i == j ? 10 : 20);
			EXPECT_TRUE(has(&self->argv, "-numa", s));
		}
	}
	EXPECT_EQ(18, count(&self->argv, "hmat-lb,"));
}

TEST_F(args, a_node_of_memory_alone)
{
	ASSERT_EQ(0, build(KT_QEMU_TCG, 1, 1, 2, 1, 1));
	EXPECT_STREQ("q35,hmat=on", value(&self->argv, "-machine", 0));
	EXPECT_TRUE(has(&self->argv, "-numa", "node,nodeid=0,memdev=mem0"));
	EXPECT_TRUE(has(&self->argv, "-numa",
			"node,nodeid=1,memdev=mem1,initiator=0"));
	EXPECT_TRUE(has(&self->argv, "-numa", "dist,src=0,dst=1,val=20"));
	/* nodes, CPUs, distances; latency and bandwidth from node 0 alone */
	EXPECT_EQ(2 + 1 + 4 + 4, count(&self->argv, "-numa"));
}

TEST_F(args, disks)
{
	static const struct kt_disk disks[2];

	self->plan.disks = disks;
	self->plan.nr_disks = 2;
	self->fds.disks[0] = 20;
	self->fds.disks[1] = 21;
	ASSERT_EQ(0, build(KT_QEMU_TCG, 1, 1, 1, 1));
	EXPECT_TRUE(has(&self->argv, "-chardev", "socket,id=disk0,fd=20"));
	EXPECT_TRUE(has(&self->argv, "-chardev", "socket,id=disk1,fd=21"));
	EXPECT_TRUE(has(&self->argv, "-device",
			"vhost-user-blk,chardev=disk0,num-queues=1,queue-size=256"));
	EXPECT_TRUE(has(&self->argv, "-device",
			"vhost-user-blk,chardev=disk1,num-queues=1,queue-size=256"));
	ASSERT_EQ(0, build(KT_QEMU_TCG, 1, 2, 1, 1));
	EXPECT_EQ(2, count(&self->argv, "vhost-user-blk-pci,disable-legacy=on,chardev=disk"));
	self->plan.nr_disks = 0;
	ASSERT_EQ(0, build(KT_QEMU_TCG, 1, 1, 1, 1));
	EXPECT_EQ(0, count(&self->argv, "vhost-user-blk"));
}

/* Every MiB is some node's, and each node's file is of its own descriptor. */
TEST_F(args, memory_adds_up)
{
	static const u32 nodes[] = { 1, 2, 3, 7, 64 };
	unsigned long long size;
	u32 i, n, id, fd;
	u64 sum;
	int got;

	for (i = 0; i < ARRAY_SIZE(nodes); i++) {
		ASSERT_EQ(0, build(KT_QEMU_TCG, nodes[i], nodes[i], 1, 1));
		EXPECT_STREQ("1000", value(&self->argv, "-m", 0));
		EXPECT_EQ(nodes[i], count(&self->argv, "-object"));
		for (n = 0, sum = 0; n < nodes[i]; n++) {
			got = sscanf(value(&self->argv, "-object", n),
				     "memory-backend-file,id=mem%u,size=%llu,mem-path=/dev/fd/%u,share=on",
				     &id, &size, &fd);
			ASSERT_EQ(3, got);
			EXPECT_EQ(n, id);
			EXPECT_EQ(100 + n, fd);
			EXPECT_EQ(size, kt_engine_node_bytes(&self->plan, n));
			EXPECT_LT(0, size);
			sum += size;
		}
		EXPECT_EQ(1000ull << 20, sum);
	}
}

TEST_F(args, accelerators)
{
	ASSERT_EQ(0, build(KT_QEMU_TCG, 1, 1, 1, 1));
	EXPECT_STREQ("tcg,thread=single", value(&self->argv, "-accel", 0));
	EXPECT_EQ(0, strncmp(value(&self->argv, "-cpu", 0),
			     "max,la57=off,vendor=GenuineIntel", 32));
	ASSERT_EQ(0, build(KT_QEMU_KVM, 1, 1, 1, 1));
	EXPECT_STREQ("kvm", value(&self->argv, "-accel", 0));
	EXPECT_STREQ("host,la57=off", value(&self->argv, "-cpu", 0));
	EXPECT_EQ(1, count(&self->argv, "-accel"));
}

/* Emulated, only AMD's way to run machines is there, and Linux must believe it. */
TEST_F(args, nested)
{
	self->plan.nested = true;
	ASSERT_EQ(0, build(KT_QEMU_TCG, 1, 1, 1, 1));
	EXPECT_EQ(0, strncmp(value(&self->argv, "-cpu", 0),
			     "max,la57=off,vendor=AuthenticAMD,+svm,+npt,", 43));
	EXPECT_NE(NULL, strstr(value(&self->argv, "-append", 0),
			       " pci=off nohz=off highres=off "));
	ASSERT_EQ(0, build(KT_QEMU_KVM, 1, 1, 1, 1));
	EXPECT_STREQ("host,la57=off", value(&self->argv, "-cpu", 0));
}

/* Nothing but what it is given, it may start nothing, and it waits for us. */
TEST_F(args, confined)
{
	ASSERT_EQ(0, build(KT_QEMU_KVM, 2, 2, 1, 1));
	EXPECT_EQ(1, count(&self->argv, "-nodefaults"));
	EXPECT_EQ(1, count(&self->argv, "-no-user-config"));
	EXPECT_EQ(1, count(&self->argv, "-no-reboot"));
	EXPECT_EQ(1, count(&self->argv, "-S"));
	EXPECT_STREQ("none", value(&self->argv, "-display", 0));
	EXPECT_STREQ("on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
		     value(&self->argv, "-sandbox", 0));
	EXPECT_EQ(0, count(&self->argv, "-net"));
}

TEST_F(args, ports_and_kernel)
{
	ASSERT_EQ(0, build(KT_QEMU_TCG, 1, 1, 1, 1));
	EXPECT_TRUE(has(&self->argv, "-chardev", "socket,id=qmp,fd=10"));
	EXPECT_TRUE(has(&self->argv, "-chardev", "socket,id=console,fd=11"));
	EXPECT_TRUE(has(&self->argv, "-chardev", "socket,id=bulk,fd=12"));
	EXPECT_STREQ("chardev=qmp,mode=control", value(&self->argv, "-mon", 0));
	EXPECT_STREQ("chardev:console", value(&self->argv, "-serial", 0));
	EXPECT_TRUE(has(&self->argv, "-chardev", "socket,id=gdb,fd=16"));
	EXPECT_STREQ("chardev:gdb", value(&self->argv, "-gdb", 0));
	EXPECT_TRUE(has(&self->argv, "-device",
			"virtserialport,chardev=bulk,name=ktstr.bulk,nr=1"));
	EXPECT_TRUE(has(&self->argv, "-chardev", "socket,id=hvc,fd=14"));
	EXPECT_TRUE(has(&self->argv, "-device", "virtconsole,chardev=hvc,nr=0"));
	EXPECT_TRUE(has(&self->argv, "-chardev", "socket,id=stats,fd=15"));
	EXPECT_TRUE(has(&self->argv, "-device",
			"virtserialport,chardev=stats,name=ktstr.stats,nr=2"));
	EXPECT_STREQ("/some/vmlinux", value(&self->argv, "-kernel", 0));
	EXPECT_STREQ("/dev/fd/13", value(&self->argv, "-initrd", 0));

	self->fds.initrd = -1;
	ASSERT_EQ(0, build(KT_QEMU_TCG, 1, 1, 1, 1));
	EXPECT_EQ(0, count(&self->argv, "-initrd"));
	setenv("KTSTR_QEMU", "/opt/qemu", 1);
	EXPECT_STREQ("/opt/qemu", kt_qemu_program());
	setenv("KTSTR_QEMU", "", 1);
	EXPECT_STREQ("qemu-system-x86_64", kt_qemu_program());
}

/* What is saved has its kernel in its memory. */
TEST_F(args, of_a_saved_machine)
{
	const struct kt_saved saved = {};

	self->plan.saved = &saved;
	ASSERT_EQ(0, build(KT_QEMU_TCG, 1, 1, 2, 1));
	EXPECT_STREQ("defer", value(&self->argv, "-incoming", 0));
	EXPECT_EQ(0, count(&self->argv, "-kernel"));
	EXPECT_EQ(0, count(&self->argv, "-initrd"));
	EXPECT_EQ(0, count(&self->argv, "-append"));
	self->plan.saved = NULL;
	ASSERT_EQ(0, build(KT_QEMU_TCG, 1, 1, 2, 1));
	EXPECT_EQ(0, count(&self->argv, "-incoming"));
}

TEST_F(args, command_line_too_long)
{
	char longest[4096];

	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	self->plan.cmdline = longest;
	EXPECT_EQ(-E2BIG, build(KT_QEMU_TCG, 1, 1, 1, 1));
	EXPECT_EQ(0, self->argv.nr);
	EXPECT_EQ(1, nr_errors);
}

TEST_F(args, boot_options)
{
	char buf[512];

	ASSERT_EQ(0, kt_engine_cmdline(&self->plan, 2400000, "", buf, sizeof(buf)));
	EXPECT_NE(NULL, strstr(buf, "panic=-1 oops=panic"));
	EXPECT_NE(NULL, strstr(buf, "tsc_early_khz=2400000 tsc=reliable lpj=2400000 "));
	EXPECT_STREQ(" quiet", buf + strlen(buf) - 6);
	self->plan.hz = 250;
	self->plan.cmdline = NULL;
	ASSERT_EQ(0, kt_engine_cmdline(&self->plan, 2400000, "pci=off", buf, sizeof(buf)));
	EXPECT_NE(NULL, strstr(buf, " lpj=9600000 "));
	EXPECT_STREQ(" pci=off ", buf + strlen(buf) - 9);
	/* an unknown HZ is ours; no 32 bits are overrun */
	self->plan.hz = 0;
	ASSERT_EQ(0, kt_engine_cmdline(&self->plan, 5000000, "", buf, sizeof(buf)));
	EXPECT_NE(NULL, strstr(buf, " lpj=5000000 "));

	ASSERT_EQ(0, kt_engine_cmdline(&self->plan, 1, "x", buf, strlen(buf) + 1));
	EXPECT_EQ(-E2BIG, kt_engine_cmdline(&self->plan, 1, "x", buf, strlen(buf)));
}

/* One CPU's kernel would take them out. */
TEST_F(args, lock_prefixes)
{
	char buf[512];

	self->plan.topo = (struct kt_topology){ 1, 1, 1, 1 };
	ASSERT_EQ(0, kt_engine_cmdline(&self->plan, 1, "", buf, sizeof(buf)));
	EXPECT_NE(NULL, strstr(buf, " noreplace-smp "));
	self->plan.topo = (struct kt_topology){ 1, 1, 1, 2 };
	ASSERT_EQ(0, kt_engine_cmdline(&self->plan, 1, "", buf, sizeof(buf)));
	EXPECT_EQ(NULL, strstr(buf, "noreplace-smp"));
}

/* The kernel lies where it was linked, unless it is to move. */
TEST_F(args, kaslr)
{
	char buf[512];

	ASSERT_EQ(0, kt_engine_cmdline(&self->plan, 1, "", buf, sizeof(buf)));
	EXPECT_NE(NULL, strstr(buf, " nokaslr "));
	self->plan.kaslr = true;
	ASSERT_EQ(0, kt_engine_cmdline(&self->plan, 1, "", buf, sizeof(buf)));
	EXPECT_EQ(NULL, strstr(buf, "kaslr"));
	self->plan.cmdline = "nokaslr";
	ASSERT_EQ(0, kt_engine_cmdline(&self->plan, 1, "", buf, sizeof(buf)));
	EXPECT_STREQ(" nokaslr", buf + strlen(buf) - 8);
}

TEST(clock_rate)
{
	u32 khz = kt_engine_tsc_khz();

	EXPECT_LT(100000, khz);
	EXPECT_GT(20000000, khz);
	EXPECT_EQ(khz, kt_engine_tsc_khz());
}

FIXTURE(choice)
{
	const struct kt_engine_ops *ops;
	struct kt_engine_caps caps;
	char qemu[128], line[1024];
	int fds_before;
};

/*
 * A probe's verdict is kept in the cache directory: here one of our own. No
 * test depends on what KVM this host has.
 */
FIXTURE_SETUP(choice)
{
	self->fds_before = nr_fds();
	self->ops = NULL;
	self->line[0] = '\0';
	ASSERT_TRUE(make_root("/tmp"));
	setenv("XDG_CACHE_HOME", root, 1);
	snprintf(self->qemu, sizeof(self->qemu), "%s/qemu", root);
	setenv("KTSTR_QEMU", self->qemu, 1);
	setenv("KTSTR_KVM", "/nonexistent/kvm", 1);
}

FIXTURE_TEARDOWN(choice)
{
	EXPECT_EQ(0, kt_remove_tree(root));
	EXPECT_EQ(self->fds_before, nr_fds());
}

static bool write_qemu(const char *path, const char *says)
{
	FILE *f = fopen(path, "we");

	if (!f)
		return false;
	fprintf(f, "#!/bin/sh\ncase $1 in\n"
		"--version) echo 'QEMU emulator version 9.8.7 (x)' ;;\n"
		"*) printf '%s' ;;\nesac\n", says);
	return !fclose(f) && !chmod(path, 0755);
}

static int choose(const char *want, const struct kt_engine_ops **ops,
		  struct kt_engine_caps *caps, char line[1024])
{
	return kt_engine_choose(want, ops, caps, line, 1024);
}

TEST_F(choice, names)
{
	EXPECT_STREQ("kvm", kt_engines[0]->name);
	EXPECT_STREQ("qemu-kvm", kt_engines[1]->name);
	EXPECT_STREQ("qemu-tcg", kt_engines[2]->name);
	EXPECT_EQ(NULL, kt_engines[3]);
	EXPECT_EQ(-EINVAL, choose("qemu", &self->ops, &self->caps, self->line));
	EXPECT_STREQ("no engine \"qemu\": choose auto, kvm, qemu-kvm or qemu-tcg", self->line);
	EXPECT_EQ(NULL, self->ops);
}

TEST_F(choice, no_program)
{
	EXPECT_EQ(-ENODEV, choose("qemu-tcg", &self->ops, &self->caps, self->line));
	EXPECT_NE(NULL, strstr(self->line, "does not run; install"));
	EXPECT_EQ(-ENODEV, choose("auto", &self->ops, &self->caps, self->line));
	EXPECT_NE(NULL, strstr(self->line, "no engine is usable: kvm: there is no "));
	EXPECT_NE(NULL, strstr(self->line, "; qemu-kvm: there is no "));
	EXPECT_NE(NULL, strstr(self->line, "; qemu-tcg: "));
}

TEST_F(choice, probe_passes)
{
	ASSERT_TRUE(write_qemu(self->qemu, "picxst!"));
	ASSERT_EQ(0, choose("qemu-tcg", &self->ops, &self->caps, self->line));
	EXPECT_EQ(&kt_qemu_tcg_ops, self->ops);
	EXPECT_TRUE(self->caps.usable);
	EXPECT_STREQ("QEMU 9.8.7", self->caps.version);
	EXPECT_STREQ("engine qemu-tcg (QEMU 9.8.7), as asked for", self->line);
	EXPECT_FALSE(self->caps.hardware_speed);
	/* auto takes the first that is usable, and says why not a better one */
	self->ops = NULL;
	EXPECT_EQ(0, choose(NULL, &self->ops, &self->caps, self->line));
	EXPECT_EQ(&kt_qemu_tcg_ops, self->ops);
	EXPECT_EQ(0, strncmp(self->line, "engine qemu-tcg (QEMU 9.8.7); not kvm: ", 39));
	EXPECT_NE(NULL, strstr(self->line, "; qemu-kvm: there is no /nonexistent/kvm"));
	EXPECT_EQ(0, choose("", &self->ops, &self->caps, self->line));
	EXPECT_TRUE(self->caps.usable);
}

TEST_F(choice, probe_fails_and_says_where)
{
	ASSERT_TRUE(write_qemu(self->qemu, "pic?"));
	EXPECT_EQ(-ENODEV, choose("qemu-tcg", &self->ops, &self->caps, self->line));
	EXPECT_NE(NULL, strstr(self->line, "at popcnt"));
	/* another program of that name is another question */
	ASSERT_TRUE(write_qemu(self->qemu, "pic and this one works!"));
	EXPECT_EQ(0, choose("qemu-tcg", &self->ops, &self->caps, self->line));
}

TEST_F(choice, description)
{
	struct kt_machine_plan plan = {
		.topo = { 2, 2, 1, 1 }, .memory_mib = 512, .kernel = "/a kernel",
		.hz = 1000, .initrd_fd = -1, .cmdline = "quiet",
	};
	char *text = NULL;

	ASSERT_EQ(0, kt_qemu_tcg_ops.describe(&plan, &text));
	EXPECT_EQ(0, strncmp(text, self->qemu, strlen(self->qemu)));
	EXPECT_NE(NULL, strstr(text, " -kernel '/a kernel' "));
	EXPECT_NE(NULL, strstr(text, "mem-path=/dev/fd/17,"));
	free(text);
}

TEST_HARNESS_MAIN
