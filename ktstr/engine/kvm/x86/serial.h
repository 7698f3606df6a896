/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A 16550A, as much of it as Linux's driver and console use: what the guest
 * sends goes to a descriptor, and nothing comes back. Its transmitter is
 * always empty. Accesses come from vCPU threads.
 */
#ifndef KTSTR_ENGINE_KVM_X86_SERIAL_H
#define KTSTR_ENGINE_KVM_X86_SERIAL_H

#include <pthread.h>

#include "../bus.h"

#define KT_SERIAL_PORTS		8
#define KT_SERIAL_LINE_MAX	256

struct kt_enc;
struct kt_dec;

struct kt_serial {
	pthread_mutex_t lock;	/* for all below */
	int out_fd;		/* non-blocking, the caller's */
	int irq_fd;		/* eventfd, the caller's */
	u8 ier, lcr, mcr, scr, fcr, dll, dlm;
	bool thr_pending;	/* the empty transmitter was not told yet */
	/*
	 * Bytes leave a line at a time, so that two ports may share a
	 * descriptor and a vCPU makes one system call a line. None waits: what
	 * the host does not take is lost, and the next line says how much.
	 */
	char line[KT_SERIAL_LINE_MAX];
	u32 len_bytes;
	u64 lost_bytes;
};

extern const struct kt_bus_ops kt_serial_ops;

void kt_serial_init(struct kt_serial *s, int out_fd, int irq_fd);
void kt_serial_fini(struct kt_serial *s);

/* Sends the line that has no end yet. */
void kt_serial_flush(struct kt_serial *s);

/* Its registers, while no vCPU runs; what it was about to say it says again. */
void kt_serial_save(struct kt_serial *s, struct kt_enc *e);
void kt_serial_load(struct kt_serial *s, struct kt_dec *d);

#endif /* KTSTR_ENGINE_KVM_X86_SERIAL_H */
