// SPDX-License-Identifier: GPL-2.0-only
/*
 * Closing off the host's time: every clock of the machine is the count of
 * executed instructions, which jumps to the next timer when all vCPUs are idle;
 * what is random comes from a seed. QEMU's threads share one host CPU: its main
 * loop moves the clock on while the vCPUs are idle, and must not do so in the
 * moment in which the last of them becomes it.
 */
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "../../base/fd.h"
#include "../../base/strv.h"
#include "../../wire/hold.h"
#include "icount.h"

#define STOP_POLL_NS	50000

void kt_qemu_icount_add(struct kt_strv *argv,
			const struct kt_machine_plan *plan)
{
	time_t epoch = KT_ICOUNT_EPOCH_S;
	char base[32];
	struct tm tm;

	if (!plan->icount.on)
		return;
	strftime(base, sizeof(base), "%Y-%m-%dT%H:%M:%S", gmtime_r(&epoch, &tm));
	kt_strv_add(argv, "-icount");
	kt_strv_addf(argv, "shift=%u,sleep=off", plan->icount.shift);
	kt_strv_add(argv, "-rtc");
	kt_strv_addf(argv, "base=%s,clock=vm", base);
	kt_strv_add(argv, "-seed");
	kt_strv_addf(argv, "%llu", (unsigned long long)
		     (plan->kaslr ? plan->icount.seed : 0));
}

const char *kt_qemu_icount_cpu(const struct kt_machine_plan *plan)
{
	return plan->icount.on && !plan->kaslr ? ",-rdrand,-rdseed" : "";
}

const char *kt_qemu_icount_virtio(const struct kt_machine_plan *plan, bool pci)
{
	if (!plan->icount.on)
		return "";
	/* in the vCPU's own thread, at once; otherwise it is the main loop's */
	return pci ? ",event_idx=off,ioeventfd=off" : ",event_idx=off";
}

u32 kt_qemu_tsc_khz(const struct kt_machine_plan *plan)
{
	return plan->icount.on ? KT_ICOUNT_TSC_KHZ : kt_engine_tsc_khz();
}

int kt_qemu_icount_pin(const struct kt_machine_plan *plan)
{
	cpu_set_t set;

	if (!plan->host_cpu)
		return 0;
	CPU_ZERO(&set);
	CPU_SET(*plan->host_cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

int kt_qemu_icount_port(int fd)
{
	int size_bytes = KT_HOLD_PORT_BYTES;

	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size_bytes,
		       sizeof(size_bytes)))
		return -errno;
	return kt_set_nonblock(fd, false);
}

int kt_qemu_icount_stop(pid_t pid, u64 deadline_ns)
{
	const struct timespec pause = { .tv_nsec = STOP_POLL_NS };
	siginfo_t si = {};

	if (kill(pid, SIGSTOP))
		return -errno;
	for (;;) {
		/* its end is left to be found by who waits for that */
		if (waitid(P_PID, pid, &si, WSTOPPED | WEXITED | WNOHANG |
			   WNOWAIT))
			return -errno;
		if (si.si_pid && si.si_code != CLD_STOPPED)
			return -ESRCH;
		if (si.si_pid)
			break;
		if (kt_now_ns() >= deadline_ns)
			return -ETIMEDOUT;
		nanosleep(&pause, NULL);
	}
	/* all of its threads: now this stop is told no more */
	waitid(P_PID, pid, &si, WSTOPPED | WNOHANG);
	return 0;
}
