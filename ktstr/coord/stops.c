// SPDX-License-Identifier: GPL-2.0-only
/*
 * Orders to the machine, and the stops that it tells of.
 */
#include <unistd.h>

#include "../base/fd.h"
#include "server.h"

#define ORDERS_MS	5000

#define TICK		"update_wall_time"	/* once in each, when jiffies are new */
#define TICKS_A_SAMPLE	10	/* of its interval: so many stops at most */

/* What a guest calls behind a Hold, and little else does. */
#define LOOK		"__x64_sys_getppid"

static_assert(KT_STOP_SYMBOLS + KT_WATCH_MAX_SYMBOLS <= KT_STOP_RANGES, "");

static int send_orders(const struct kt_stops *s, const struct kt_machine *m)
{
	return kt_write_all(m->stop_fd, &s->orders, sizeof(s->orders),
			    kt_now_ns() + ORDERS_MS * KT_NSEC_PER_MSEC);
}

/* kernel/sched/ext.c, up to 6.15 and since */
static const struct {
	const char *end, *told;
} functions[] = {
	{ "scx_ops_error_irq_workfn", "scx_ops_disable_workfn" },
	{ "scx_error_irq_workfn", "scx_disable_workfn" },
};

/* In a kernel that lies where it was linked; elsewhere the end is looked for. */
static void arm_sched_end(struct kt_coord *c)
{
	const struct kt_subject_opts *so = &c->subject.opts;
	const struct kt_symbol *end, *told;
	size_t i;

	if (!so->has_sched || so->kaslr || !so->symbols)
		return;
	for (i = 0; i < ARRAY_SIZE(functions); i++) {
		end = kt_symbols_find(so->symbols, functions[i].end);
		told = kt_symbols_find(so->symbols, functions[i].told);
		if (!end || !told)
			continue;
		c->stops.orders.pcs[KT_STOP_SCHED_END] = end->link_kva;
		c->stops.orders.pcs[KT_STOP_SCHED_TOLD] = told->link_kva;
		c->watch.stops = true;
	}
}

static u64 gpa_of(const struct kt_symbol *sym)
{
	return sym->link_kva - KT_START_KERNEL_MAP;
}

static void find_clock(struct kt_coord *c)
{
	const struct kt_subject_opts *so = &c->subject.opts;
	const struct kt_symbol *jiffies, *last;

	if (so->kaslr || !so->symbols)
		return;
	jiffies = kt_symbols_find(so->symbols, "jiffies_64");
	last = kt_symbols_find(so->symbols, "last_jiffies_update");
	if (!jiffies || !last)
		return;
	c->stops.jiffies_gpa = gpa_of(jiffies);
	c->stops.last_update_gpa = gpa_of(last);
}

u64 kt_stops_now_ns(const struct kt_coord *c, const struct kt_machine *m)
{
	const struct kt_guest_mem mem = { m->regions, m->nr_regions };
	u32 hz = c->subject.opts.hz, first = -300 * (s64)hz; /* INITIAL_JIFFIES */
	u64 ticks = 0, ns = 0;

	if (!c->stops.jiffies_gpa ||
	    kt_guest_mem_read_u64(&mem, c->stops.last_update_gpa, &ns) || ns)
		return ns;
	/* high resolution timers have not taken the tick over yet */
	if (!hz || kt_guest_mem_read_u64(&mem, c->stops.jiffies_gpa, &ticks) ||
	    ticks < first)
		return 0;
	return (ticks - first) * (KT_NSEC_PER_SEC / hz);
}

/* Samples are taken at ticks, at the same ones in each run. */
static void arm_tick(struct kt_coord *c)
{
	const struct kt_symbol *tick;
	u32 ms = c->monitor.opts.sample_ms, hz = c->subject.opts.hz;

	if (!c->stops.jiffies_gpa || !hz)
		return;
	tick = kt_symbols_find(c->subject.opts.symbols, TICK);
	if (!tick)
		return;
	c->stops.orders.pcs[KT_STOP_TICK] = tick->link_kva;
	c->stops.orders.pcs_off |= 1u << KT_STOP_TICK;
	c->stops.orders.every[KT_STOP_TICK] =
		max_t(u64, (u64)ms * hz / 1000 / TICKS_A_SAMPLE, 1);
	c->monitor.by_tick = true;
}

static void arm_symbols(struct kt_coord *c)
{
	const struct kt_symbol *look;

	if (!c->stops.jiffies_gpa)
		return;
	look = kt_symbols_find(c->subject.opts.symbols, LOOK);
	if (!look)
		return;
	c->stops.orders.look_pc = look->link_kva;
	c->watch.ranges = &c->stops.orders.ranges[KT_STOP_SYMBOLS];
}

int kt_stops_arm(struct kt_coord *c, struct kt_machine *m)
{
	int ret;

	if (m->stop_fd >= 0) {
		find_clock(c);
		arm_tick(c);
	}
	ret = c->chase.on ? kt_chase_arm(c, m) : 0;
	if (ret || m->stop_fd < 0)
		return ret;
	arm_sched_end(c);
	arm_symbols(c);
	return send_orders(&c->stops, m);
}

int kt_stops_begin(struct kt_coord *c, const struct kt_machine *m)
{
	struct kt_stop_orders *o = &c->stops.orders;

	if (m->stop_fd < 0 || !c->monitor.by_tick || c->monitor.ended)
		return 0;
	o->pcs_off &= ~(1ULL << KT_STOP_TICK);
	return send_orders(&c->stops, m);
}

static void tick(struct kt_server *sv)
{
	struct kt_coord *c = sv->c;
	u64 now_ns = kt_stops_now_ns(c, sv->m);

	if (c->begun)
		kt_monitor_tick(c, sv->m, now_ns);
	if (c->chase.on)
		kt_chase_tick(sv, now_ns);
}

static void look(struct kt_server *sv, const struct kt_stop *s)
{
	const struct kt_stop_orders *o = &sv->c->stops.orders;

	if (!s->gva && s->pc == o->pcs[KT_STOP_TICK])
		tick(sv);
	else if (!s->gva && s->pc == o->pcs[KT_STOP_SCHED_END])
		kt_server_sched_end(sv, s->vcpu, s->pc);
	else if (!s->gva && s->pc == o->pcs[KT_STOP_SCHED_TOLD])
		kt_server_sched_told(sv);
	if (!s->gva)
		return;
	if (sv->c->chase.on)
		kt_chase_look(sv, s);
	kt_server_stored(sv, s);
}

int kt_stops_serve(struct kt_coord *c, struct kt_machine *m)
{
	struct kt_server sv = { .c = c, .m = m };
	struct kt_stops *s = &c->stops;
	ssize_t n;

	n = read(m->stop_fd, (char *)&s->stop + s->stop_bytes,
		 sizeof(s->stop) - s->stop_bytes);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (!n)
		return -EPIPE;
	s->stop_bytes += n;
	if (s->stop_bytes < sizeof(s->stop))
		return 0;
	s->stop_bytes = 0;
	s->orders.answers++;
	look(&sv, &s->stop);
	kt_server_thaw(&sv);
	return kt_chase_waits(&c->chase) ? 0 : send_orders(s, m);
}

int kt_stops_renew(struct kt_stops *s, const struct kt_machine *m)
{
	s->orders.stores = true;
	return send_orders(s, m);
}

int kt_stops_debugged(struct kt_stops *s, const struct kt_machine *m)
{
	const struct kt_stops beside = {
		.orders = { .debugged = true },	/* no answer to a stop */
	};

	s->orders.debugged = true;
	return send_orders(&beside, m);
}

int kt_stops_release(struct kt_stops *s, const struct kt_machine *m)
{
	memset(s->orders.ranges, 0, sizeof(s->orders.ranges));
	s->orders.pcs_off = ~0ULL;
	return send_orders(s, m);
}
