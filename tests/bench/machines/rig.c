// SPDX-License-Identifier: GPL-2.0-only
/*
 * The benchmark within the nested rig: its table is the case's standard output.
 * tests/nested/bench puts in place what the case needs.
 */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ktstr.h>

#define FILES		"/files"
#define MINUTES(n)	((n) * 60000u)

/* One CPU: see tests/nested/rig.c. */
KTSTR_TEST(in_the_rig,
	   .desc = "machines measured in a machine that has KVM",
	   .nested = true, .topology = "1n1l1c1t", .memory_mib = 1536,
	   .duration_ms = MINUTES(30),
	   .files = KTSTR_ARGS("vmlinux.boot", "qemu-system-x86_64",
			       "linuxboot_dma.bin", "pvh.bin", "kvmvapic.bin",
			       "bios-microvm.bin", "bios-256k.bin"))
{
	const char *rounds = getenv("KTSTR_BENCH_ROUNDS");
	int status = -1;
	pid_t pid;

	KTSTR_RUN(t, KTSTR_PAUSE_MS(1));
	setenv("KTSTR_QEMU", FILES "/qemu-system-x86_64", 1);
	pid = fork();
	if (!pid) {
		execl("/proc/self/exe", "machines", "--measure",
		      FILES "/vmlinux.boot", rounds ? rounds : "5", FILES,
		      NULL);
		_exit(127);
	}
	KTSTR_ASSERT(t, pid > 0 && waitpid(pid, &status, 0) == pid);
	KTSTR_EXPECT_EQ(t, status, 0);
}
