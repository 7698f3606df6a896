// SPDX-License-Identifier: GPL-2.0-only
/*
 * A plugin of QEMU's code generator, loaded into its process: see ../../stops.h.
 * A debugger's watchpoint would not do: where instructions are counted and the
 * other vCPUs are idle, QEMU moves the clock on while a debugger looks.
 *
 * QEMU's header for plugins is seldom installed; this much of it has not changed.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ktstr/engine/stops.h"
#include "main_loop.h"

#define EXPORT	__attribute__((visibility("default")))

typedef u64 qemu_plugin_id_t;

struct qemu_plugin_tb;
struct qemu_plugin_insn;

void qemu_plugin_reset(qemu_plugin_id_t id, void (*cb)(qemu_plugin_id_t id));
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
					   void (*cb)(qemu_plugin_id_t id,
						      struct qemu_plugin_tb *tb));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *
qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
u64 qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    void (*cb)(unsigned int vcpu,
						       void *arg),
					    int flags, void *arg);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn,
				      void (*cb)(unsigned int vcpu, u32 info,
						 u64 gva, void *arg),
				      int flags, int rw, void *arg);
unsigned int qemu_plugin_mem_size_shift(u32 info);
bool qemu_plugin_mem_is_store(u32 info);

#define CB_NO_REGS	0	/* QEMU_PLUGIN_CB_NO_REGS */
#define MEM_W		2	/* QEMU_PLUGIN_MEM_W */

EXPORT extern int qemu_plugin_version;
EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc,
			       char **argv);

int qemu_plugin_version = 1;

static int fd = -1;
static qemu_plugin_id_t self;
static bool started;
static bool with_stores;	/* what is translated from now on */
static u64 nr_stops;
static u64 passed[KT_STOP_PCS];	/* since it is on, or the last stop */
static struct kt_stop_orders orders;

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);

/* Nobody there any more: it runs on, until it is killed. */
static void lost(void)
{
	close(fd);
	fd = -1;
	memset(&orders, 0, sizeof(orders));
}

/* False: there are none, and @wait is not set. They come whole. */
static bool read_orders(struct kt_stop_orders *o, bool wait)
{
	ssize_t n;

	do {
		n = recv(fd, o, sizeof(*o), wait ? MSG_WAITALL : MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	if (n == sizeof(*o))
		return true;
	if (n >= 0 || wait)
		lost();
	return false;
}

static void translate_anew(qemu_plugin_id_t id)
{
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
}

static void take(const struct kt_stop_orders *o)
{
	size_t i;

	for (i = 0; i < KT_STOP_PCS; i++)
		if (orders.pcs_off & ~o->pcs_off & 1u << i)
			passed[i] = 0;
	orders = *o;
	if (orders.debugged)
		main_loop_let_go();
	if (!orders.stores || with_stores)
		return;
	with_stores = true;
	if (started)
		qemu_plugin_reset(self, translate_anew);
}

/* The answer; what was said ahead of it is overtaken. */
static void take_orders(void)
{
	struct kt_stop_orders o;

	for (;;) {
		if (!read_orders(&o, true))
			return;
		if (o.answers == nr_stops)
			break;
		if (o.debugged)
			main_loop_let_go();
	}
	take(&o);
}

static void stop(u32 vcpu, u64 pc, u64 gva, u32 bytes)
{
	const struct kt_stop s = {
		.pc = pc, .gva = gva, .bytes = bytes, .vcpu = vcpu,
	};
	ssize_t n;

	if (fd < 0)
		return;
	do {
		n = write(fd, &s, sizeof(s));
	} while (n < 0 && errno == EINTR);
	nr_stops++;
	if (n == sizeof(s))
		take_orders();
	else
		lost();
}

static void at_look(unsigned int vcpu, void *arg)
{
	struct kt_stop_orders o;

	(void)vcpu;
	(void)arg;
	while (fd >= 0 && read_orders(&o, false))
		take(&o);
}

static void at_pc(unsigned int vcpu, void *arg)
{
	size_t i = (size_t)arg;

	if (orders.pcs_off & 1u << i || ++passed[i] < orders.every[i])
		return;
	passed[i] = 0;
	stop(vcpu, orders.pcs[i], 0, 0);
}

static void stored(unsigned int vcpu, u32 info, u64 gva, void *arg)
{
	u32 bytes = 1u << qemu_plugin_mem_size_shift(info);
	const struct kt_stop s = { .gva = gva, .bytes = bytes };
	size_t i;

	/* both are told of one that loads and stores */
	if (!qemu_plugin_mem_is_store(info))
		return;
	for (i = 0; i < KT_STOP_RANGES; i++) {
		if (kt_stop_touches(&s, &orders.ranges[i])) {
			stop(vcpu, (u64)arg, gva, bytes);
			return;
		}
	}
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb), i, at;
	struct qemu_plugin_insn *insn;
	u64 pc;

	(void)id;
	if (!started) {
		main_loop_vcpus_run();
		take_orders();
	}
	started = true;
	for (i = 0; i < n; i++) {
		insn = qemu_plugin_tb_get_insn(tb, i);
		pc = qemu_plugin_insn_vaddr(insn);
		for (at = 0; at < KT_STOP_PCS; at++)
			if (pc && pc == orders.pcs[at])
				qemu_plugin_register_vcpu_insn_exec_cb(insn,
								       at_pc, CB_NO_REGS,
								       (void *)at);
		if (pc && pc == orders.look_pc)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, at_look,
							       CB_NO_REGS,
							       NULL);
		if (with_stores)
			qemu_plugin_register_vcpu_mem_cb(insn, stored,
							 CB_NO_REGS, MEM_W,
							 (void *)pc);
	}
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc,
			char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "stops=", 6))
		return -1;
	fd = atoi(argv[0] + 6);
	self = id;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
