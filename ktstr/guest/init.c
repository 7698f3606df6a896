// SPDX-License-Identifier: GPL-2.0-only
/*
 * PID 1: mounts, limits, the port, one Plan, power off.
 */
#include <fcntl.h>
#include <linux/random.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "hold.h"
#include "init.h"
#include "kern_addrs.h"
#include "run.h"
#include "transport.h"

#define PORT_TIMEOUT_MS	10000
#define HOST_END_MS	30000	/* the host ends a machine that said Exit */
#define INIT_RT_PRIO	50
#define SETTLE_NS	50000000u
#define TICK_NS		4000000u	/* a multiple, with HZ=250 and 1000 */
#define BEHIND_TICK_NS	560000u	/* found by trying */

struct mount_spec {
	const char *target;
	const char *type;
	const char *options;
	bool essential;
};

/* In this order: later ones lie within earlier ones. */
static const struct mount_spec mounts[] = {
	{ "/proc", "proc", NULL, true },
	{ "/sys", "sysfs", NULL, true },
	{ "/dev", "devtmpfs", NULL, true },
	{ "/tmp", "tmpfs", "size=25%,mode=1777", true },
	{ "/run", "tmpfs", "size=25%,mode=755", true },
	{ "/sys/fs/cgroup", "cgroup2", NULL, true },
	{ "/sys/fs/bpf", "bpf", NULL, true },
	{ "/sys/kernel/debug", "debugfs", NULL, false },
	{ "/sys/kernel/tracing", "tracefs", NULL, false },
};

static char trouble[256];	/* the first essential thing that failed */

static void mount_one(const struct mount_spec *m)
{
	kt_mkdirs(m->target, 0755);
	if (!mount(m->type, m->target, m->type, 0, m->options) ||
	    errno == EBUSY || !m->essential)
		return;
	if (!trouble[0])
		snprintf(trouble, sizeof(trouble), "mount %s on %s: %s",
			 m->type, m->target, strerror(errno));
	kt_err(-errno, "mount %s on %s: %m", m->type, m->target);
}

/* An initramfs without /dev/console leaves 0, 1 and 2 closed. */
static void open_stdio(void)
{
	int fd = open("/dev/console", O_RDWR);

	if (fd < 0)
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd < 2)
		fd = dup(fd);
	if (fd > 2)
		close(fd);
}

/*
 * The virtio console, where the machine has one: what is printed there does not
 * go through the slow serial port. Nothing may wait for who should read it.
 */
static void use_virtio_console(void)
{
	int fd = open("/dev/hvc0", O_RDWR | O_NOCTTY | O_NONBLOCK), i;

	if (fd < 0)
		return;
	for (i = 0; i <= 2; i++)
		if (fd != i)
			dup2(fd, i);
	if (fd > 2)
		close(fd);
}

/* Where schedulers put their sockets, and what devtmpfs leaves to udev. */
static void make_links(void)
{
	static const struct {
		const char *path, *to;
	} links[] = {
		{ "/var/run", "/run" },
		{ "/dev/fd", "/proc/self/fd" },
		{ "/dev/stdin", "/proc/self/fd/0" },
		{ "/dev/stdout", "/proc/self/fd/1" },
		{ "/dev/stderr", "/proc/self/fd/2" },
	};
	size_t i;

	kt_mkdirs("/var", 0755);
	for (i = 0; i < ARRAY_SIZE(links); i++)
		if (symlink(links[i].to, links[i].path) && errno != EEXIST)
			kt_warn("link %s to %s: %m", links[i].path, links[i].to);
}

/*
 * There may be no other source of them: then nobody is to wait for one. What is
 * drawn is told apart by the Plan, which has a seed.
 */
static void make_randomness_ready(void)
{
	struct {
		int entropy_bits, size_bytes;
		u8 data[32];
	} some = { 8 * sizeof(some.data), sizeof(some.data), {} };
	int fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, RNDADDENTROPY, &some))
		kt_warn("make the kernel's random numbers ready: %m");
	kt_close(&fd);
}

static void set_up_process(void)
{
	struct sched_param param = { .sched_priority = INIT_RT_PRIO };
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };

	setenv("PATH", "/sched:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("HOME", "/", 1);
	setenv("TMPDIR", "/tmp", 1);
	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	/* whatever the scheduler under test does, init must be able to end it */
	if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param))
		kt_warn("real-time priority for init: %m");
}

static void send_log(enum kt_log_level level, const char *file, int line,
		     const char *text, void *arg)
{
	char buf[1024];
	int len = snprintf(buf, sizeof(buf), "init: %s\n", text);

	(void)level;
	(void)file;
	(void)line;
	kt_port_send(arg, KT_TAG_STDERR, buf, min_t(int, len, sizeof(buf) - 1));
}

static void take_plan(struct kt_plan *plan, const void *data, size_t len_bytes)
{
	if (!kt_plan_decode(plan, data, len_bytes))
		return;
	memset(plan, 0, sizeof(*plan));
	snprintf(trouble, sizeof(trouble),
		 "the Plan could not be decoded (%zu bytes): host and guest must be of one build",
		 len_bytes);
}

static int wait_for_plan(struct kt_port *port, struct kt_plan *plan)
{
	struct kt_frame frame;
	int ret;

	for (;;) {
		ret = kt_port_recv(port, &frame);
		if (ret)
			return ret;
		if (frame.msg_type != KT_TAG_PLAN || !frame.crc_ok) {
			kt_warn("not a Plan: frame %#x of %u bytes, left out",
				frame.msg_type, frame.len_bytes);
			continue;
		}
		take_plan(plan, frame.payload, frame.len_bytes);
		return kt_port_send(port, KT_TAG_PLAN_READ, NULL, 0);
	}
}

/*
 * Long enough for the others to be idle, and to where no tick comes before the
 * Plan is read, with two vCPUs: that is what most machines have.
 */
static void settle(void)
{
	u64 at = (kt_now_ns() + SETTLE_NS) / TICK_NS * TICK_NS + BEHIND_TICK_NS;
	const struct timespec until = {
		.tv_sec = at / KT_NSEC_PER_SEC, .tv_nsec = at % KT_NSEC_PER_SEC,
	};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

/*
 * In a machine that makes Holds. Between these two it may be stopped and saved,
 * and is to go on as if it had not been. All of its CPUs are idle by then but the
 * first, with which QEMU begins, and which is the one that is interrupted; and in
 * the nap that follows all are, where QEMU's turns among them begin anew.
 *
 * Machines that go on from here begin with what is behind that. It is as little as
 * can be, as QEMU translates all of it anew.
 */
static void make_first_holds(struct kt_port *port)
{
	cpu_set_t first;
	u32 i;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	sched_setaffinity(0, sizeof(first), &first);
	settle();
	kt_port_hold(port);
	for (i = 0; i < KT_HOLD_NAPS; i++)
		usleep(KT_HOLD_NAP_US);
	kt_port_hold(port);
}

static void __noreturn power_off(void)
{
	sync();
	reboot(RB_POWER_OFF);
	reboot(RB_AUTOBOOT);	/* no ACPI: the VMM does not reboot, it ends */
	for (;;)
		pause();
}

int kt_guest_main(int argc, char **argv)
{
	static struct kt_plan plan;
	static struct kt_port port;
	cpu_set_t all;
	size_t i;
	int ret;

	(void)argc;
	(void)argv;
	for (i = 0; i < ARRAY_SIZE(mounts); i++)
		mount_one(&mounts[i]);
	open_stdio();
	make_links();
	set_up_process();
	if (kt_port_open(&port, PORT_TIMEOUT_MS))
		power_off();
	port.stamps = getenv(KT_HOLD_ENV);
	unsetenv(KT_HOLD_ENV);
	kt_hold_init(&port);
	if (port.stamps)
		make_randomness_ready();
	use_virtio_console();	/* a port itself: there by now */
	kt_log_set_sink(send_log, &port);
	kt_port_send_lifecycle(&port, KT_LIFE_INIT_STARTED, NULL);
	kt_kern_addrs_send(&port);
	kt_port_send(&port, KT_TAG_SYS_RDY, NULL, 0);
	sched_getaffinity(0, sizeof(all), &all);
	if (port.stamps)
		make_first_holds(&port);
	ret = wait_for_plan(&port, &plan);
	if (port.stamps)
		sched_setaffinity(0, sizeof(all), &all);
	if (!ret)
		kt_run_plan(&port, &plan, trouble);
	/* a host that cannot be waited for takes what there is at its end */
	kt_port_close(&port, port.stamps ? 0 : HOST_END_MS);
	power_off();
}
