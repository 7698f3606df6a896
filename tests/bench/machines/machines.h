/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Machines of the native engine beside QEMU's, on the same KVM with the same
 * kernel, initramfs and disk. A run boots one machine and has its guest do the
 * work of guest.c; all that is measured of it is a struct values.
 */
#ifndef KTSTR_TESTS_BENCH_MACHINES_H
#define KTSTR_TESTS_BENCH_MACHINES_H

#include "ktstr/engine/engine.h"

#define GUEST_CASE	"in_the_machine"
#define GUEST_MIB	272
#define DISK_MIB	32
#define NR_FRAMES	513		/* the first is where the time begins */
#define FRAME_BYTES	(32752u)	/* and a header: the driver's largest write */

enum value {
	BOOT_S,			/* exec to SysRdy */
	BOOT_EXITS,		/* from the guest into KVM, until then */
	WRITE_MIBPS,
	READ_MIBPS,
	LATENCY_US,		/* of a read of 4 KiB, the median */
	FRAMES_MIBPS,
	NR_VALUES,
};

struct values {
	double v[NR_VALUES];	/* 0: not known */
};

/* What all machines are given. */
struct job {
	const char *kernel;
	const char *initramfs;
	const char *disk;
	const char *qemu_data;	/* QEMU's own directory of firmware; or NULL */
	u64 start_ns;		/* when whoever boots was executed */
};

/* A machine on its way to SysRdy. */
struct running {
	struct kt_machine *machine;	/* ours, or NULL */
	pid_t pid;			/* QEMU's, or 0 */
	int bulk_fd;
	int stats_fd;
	int end_fd;		/* readable when it has ended; or -1 */
	u64 start_ns;
	bool alone;		/* no other machine ran here before */
};

struct way {
	const char *name;
	const char *const *qemu;	/* its own arguments; NULL: not QEMU */
	const char *cmdline;		/* of the kernel, for QEMU */
};

extern const struct way ways[];
extern const u32 nr_ways;

/* ways.c */
int way_start(const struct way *way, const struct job *job, struct running *r);
void way_stop(struct running *r);
/* From all guests that live here into KVM, so far; 0 when there is no knowing. */
u64 exits_of_all(void);

/* session.c: from SysRdy to the end of the guest's work. */
int session_run(struct running *r, struct values *values);

/* table.c */
struct table;
int table_new(u32 rounds, struct table **t);
void table_add(struct table *t, u32 way, const struct values *values);
void table_print(const struct table *t);
void table_free(struct table *t);

#endif /* KTSTR_TESTS_BENCH_MACHINES_H */
