/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The QEMU engine: one process per machine, driven over QMP, with KVM where
 * that can run Linux and emulated (TCG) where not. Measured with QEMU 7.2.
 */
#ifndef KTSTR_ENGINE_QEMU_QEMU_H
#define KTSTR_ENGINE_QEMU_QEMU_H

#include "../engine.h"

struct kt_strv;

enum kt_qemu_accel {
	KT_QEMU_KVM,
	KT_QEMU_TCG,
};

extern const struct kt_engine_ops kt_qemu_kvm_ops;
extern const struct kt_engine_ops kt_qemu_tcg_ops;

/* The program: $KTSTR_QEMU, else qemu-system-x86_64 from PATH. */
const char *kt_qemu_program(void);

/* Descriptors that QEMU inherits, by the part they play. */
struct kt_qemu_fds {
	int qmp;
	int gdb;
	int console;
	int hvc;
	int bulk;
	int stats;
	int plugin;
	int stop;
	int initrd;
	int memory[KT_MAX_NODES];
	int disks[KT_MAX_DISKS];	/* sockets of their backends */
};

/* fds.c: nobody's yet. */
void kt_qemu_fds_init(struct kt_qemu_fds *fds);

/* QEMU has its copies; the initrd is the caller's. */
void kt_qemu_fds_close(struct kt_qemu_fds *fds);

/* Our end non-blocking and close-on-exec; theirs is inherited. */
int kt_qemu_pair(int *ours, int *theirs);

/*
 * The same, of a pipe from them to us: for text that a guest writes byte by byte.
 * In a socket each has a buffer of its own, and soon there is no room for more; a
 * pipe takes a million before QEMU has to wait, and its guest to notice.
 */
int kt_qemu_pipe(int *ours, int *theirs);

/* args.c: the command line for @plan into @argv (free with kt_strv_fini). */
int kt_qemu_args(enum kt_qemu_accel accel, const struct kt_machine_plan *plan,
		 const struct kt_qemu_fds *fds, struct kt_strv *argv);

/* Whether @plan needs what microvm lacks: dies, nodes, or a PM timer. */
bool kt_qemu_needs_q35(const struct kt_machine_plan *plan);

/* probe.c */
int kt_qemu_probe(enum kt_qemu_accel accel, struct kt_engine_caps *caps);

/*
 * The last thing a QEMU child does before exec: no capability is left, none
 * can be gained. Its system calls are filtered by its own -sandbox.
 */
int kt_qemu_confine(void *unused);

#endif /* KTSTR_ENGINE_QEMU_QEMU_H */
