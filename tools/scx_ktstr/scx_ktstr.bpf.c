// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fixture scheduler: a plain scheduler that fails on demand.
 *
 * Healthy, it is a weighted vtime scheduler with one queue for all CPUs. Each
 * fault is a global variable, zero when off, which its loader sets from the
 * command line and which anyone who can reach the map may write at any time.
 * Kernel threads are spared by every fault: what is to fail is the scheduling
 * of user tasks, not the machine that has to tell about it.
 */
#include <scx/common.bpf.h>

/* The headers of 6.12 know these by their first names. */
#ifdef KTSTR_OLD_KFUNC_NAMES
#define scx_bpf_dsq_insert		scx_bpf_dispatch
#define scx_bpf_dsq_insert_vtime	scx_bpf_dispatch_vtime
#define scx_bpf_dsq_move_to_local	scx_bpf_consume
#endif

char _license[] SEC("license") = "GPL";

enum {
	SHARED_DSQ		= 0,
	HELD_DSQ		= 1,	/* ordered by when a task may leave */
	SLOT_DSQ		= 2,	/* the first of NR_SLOTS */

	NR_SLOTS		= 32,

	NSEC_PER_MSEC		= 1000 * 1000,
	TIMER_INTERVAL_NS	= 10 * NSEC_PER_MSEC,
	DEFAULT_WEIGHT		= 100,
};

/* The faults. */
u32 stall;		/* user tasks are queued and never run */
u32 crash;		/* the scheduler reports an error of its own */
u32 slow;		/* a user task waits period_ms before it runs */
u32 scattershot;	/* a user task goes to another CPU, drawn by lot */
const volatile bool reject;	/* the verifier refuses the program */
const volatile bool lost_wakeup; /* a queue that is not empty is forgotten, seldom */

/* When they begin, counted from the scheduler's start, and how slow is slow. */
u64 after_ms;
u64 period_ms;

/* Tasks queued, by where they went. */
u64 nr_direct;		/* to an idle CPU, at wakeup */
u64 nr_shared;
u64 nr_kthread;		/* per-CPU kernel threads, to their CPU */
u64 nr_held;
u64 nr_scattered;

/* Of lost_wakeup: a bit for each slot whose queue has tasks. */
u32 nonempty;

u64 nr_dispatched;	/* times that a CPU took a task from a queue */

u64 started_at;
u64 vtime_now;
u64 reject_cells[4];

UEI_DEFINE(uei);

struct task_ctx {
	u64 vtime;
	u64 running_at;
	u64 runtime_ns;
	u32 weight;
	u32 nr_runs;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task_ctx);
} scx_per_task SEC(".maps");

struct ktstr_timer {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct ktstr_timer);
} ktstr_timer SEC(".maps");

static bool before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

static bool due(u32 fault)
{
	return fault && bpf_ktime_get_ns() - started_at >= after_ms * NSEC_PER_MSEC;
}

static bool is_kthread(const struct task_struct *p)
{
	return p->flags & PF_KTHREAD;
}

static struct task_ctx *task_ctx(struct task_struct *p)
{
	return bpf_task_storage_get(&scx_per_task, p, 0, 0);
}

static void count(u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

static void check_crash(void)
{
	if (due(crash))
		scx_bpf_error("ktstr: crash fault, asked for after %llu ms", after_ms);
}

s32 BPF_STRUCT_OPS(ktstr_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu;

	if (!is_kthread(p) &&
	    (due(stall) || due(slow) || due(scattershot) || due(lost_wakeup)))
		return prev_cpu;

	cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);
	if (is_idle) {
		count(&nr_direct);
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	}
	return cpu;
}

static void enqueue_held(struct task_struct *p, u64 enq_flags)
{
	u64 leave_at = bpf_ktime_get_ns() + period_ms * NSEC_PER_MSEC;

	count(&nr_held);
	scx_bpf_dsq_insert_vtime(p, HELD_DSQ, SCX_SLICE_DFL, leave_at, enq_flags);
}

/* A program disables migration for the task it runs on: that does not count. */
static bool can_migrate(const struct task_struct *p)
{
	if (p->nr_cpus_allowed == 1)
		return false;
	if (p->migration_disabled == 1)
		return bpf_get_current_task_btf() == p;
	return !p->migration_disabled;
}

/* Another CPU that @p may run on, whatever its cache and load. */
static s32 draw_cpu(const struct task_struct *p)
{
	u32 own = scx_bpf_task_cpu(p);
	u32 nr = scx_bpf_nr_cpu_ids();
	u32 first = bpf_get_prandom_u32();
	s32 i;

	bpf_for(i, 0, nr) {
		u32 cpu = (first % nr + i) % nr;

		if (cpu != own && bpf_cpumask_test_cpu(cpu, p->cpus_ptr))
			return cpu;
	}
	return own;
}

static void enqueue_scattered(struct task_struct *p, u64 enq_flags)
{
	u64 dsq = SCX_DSQ_LOCAL;

	if (can_migrate(p))
		dsq = SCX_DSQ_LOCAL_ON | draw_cpu(p);

	count(&nr_scattered);
	scx_bpf_dsq_insert(p, dsq, SCX_SLICE_DFL, enq_flags);
}

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

/* A queue for each few tasks. Which of them are worth a look is in nonempty. */
static void enqueue_slot(struct task_struct *p, u64 enq_flags)
{
	u32 slot = (u32)p->pid % NR_SLOTS;

	scx_bpf_dsq_insert(p, SLOT_DSQ + slot, SCX_SLICE_DFL, enq_flags);
	__sync_fetch_and_or(&nonempty, 1u << slot);
	kick_idle(p);
}

static void enqueue_shared(struct task_struct *p, u64 enq_flags)
{
	struct task_ctx *tctx = task_ctx(p);
	u64 vtime = vtime_now;

	if (tctx) {
		/* Who slept saves up one slice, no more. */
		if (before(tctx->vtime, vtime_now - SCX_SLICE_DFL))
			tctx->vtime = vtime_now - SCX_SLICE_DFL;
		vtime = tctx->vtime;
	}

	count(&nr_shared);
	scx_bpf_dsq_insert_vtime(p, SHARED_DSQ, SCX_SLICE_DFL, vtime, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(ktstr_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (is_kthread(p) && p->nr_cpus_allowed == 1) {
		count(&nr_kthread);
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, enq_flags);
	} else if (!is_kthread(p) && (due(stall) || due(slow))) {
		enqueue_held(p, enq_flags);
	} else if (!is_kthread(p) && due(scattershot)) {
		enqueue_scattered(p, enq_flags);
	} else if (!is_kthread(p) && due(lost_wakeup)) {
		enqueue_slot(p, enq_flags);
	} else {
		enqueue_shared(p, enq_flags);
	}
}

/* Whether @cpu may take a task from HELD_DSQ. A fault that ended holds none. */
static bool held_may_leave(s32 cpu)
{
	u64 now = bpf_ktime_get_ns();
	bool found = false;
	struct task_struct *p;

	if (due(stall))
		return false;

	bpf_for_each(scx_dsq, p, HELD_DSQ, 0) {
		if (due(slow) && before(now, p->scx.dsq_vtime))
			break;
		if (bpf_cpumask_test_cpu(cpu, p->cpus_ptr)) {
			found = true;
			break;
		}
	}
	return found;
}

/*
 * The fault is one of order. A task is on its queue when ktstr_enqueue() has
 * returned, its bit is set before. Who looks in between finds the queue empty and
 * takes the bit back, and nobody looks again.
 */
static bool dispatch_slots(void)
{
	u32 slots = nonempty;
	u32 first = nr_dispatched, slot, i;

	bpf_for(i, 0, NR_SLOTS) {
		slot = (first + i) % NR_SLOTS;	/* each is the first in its turn */
		if (!(slots & 1u << slot))
			continue;
		if (scx_bpf_dsq_move_to_local(SLOT_DSQ + slot))
			return true;
		if (scx_bpf_dsq_nr_queued(SLOT_DSQ + slot))
			continue;	/* of tasks that this CPU is not for */
		__sync_fetch_and_and(&nonempty, ~(1u << slot));
	}
	return false;
}

void BPF_STRUCT_OPS(ktstr_dispatch, s32 cpu, struct task_struct *prev)
{
	check_crash();

	if (scx_bpf_dsq_move_to_local(SHARED_DSQ) ||
	    (lost_wakeup && nonempty && dispatch_slots()) ||
	    (scx_bpf_dsq_nr_queued(HELD_DSQ) > 0 && held_may_leave(cpu) &&
	     scx_bpf_dsq_move_to_local(HELD_DSQ)))
		count(&nr_dispatched);
}

void BPF_STRUCT_OPS(ktstr_tick, struct task_struct *p)
{
	check_crash();
}

void BPF_STRUCT_OPS(ktstr_running, struct task_struct *p)
{
	struct task_ctx *tctx = task_ctx(p);

	if (!tctx)
		return;

	tctx->running_at = bpf_ktime_get_ns();
	tctx->nr_runs++;

	/* CPUs race here: an error is small and passes. */
	if (before(vtime_now, tctx->vtime))
		vtime_now = tctx->vtime;
}

void BPF_STRUCT_OPS(ktstr_stopping, struct task_struct *p, bool runnable)
{
	struct task_ctx *tctx = task_ctx(p);
	u64 ran;

	if (!tctx)
		return;

	ran = bpf_ktime_get_ns() - tctx->running_at;
	tctx->runtime_ns += ran;
	tctx->vtime += ran * DEFAULT_WEIGHT / (tctx->weight ?: DEFAULT_WEIGHT);
}

void BPF_STRUCT_OPS(ktstr_set_weight, struct task_struct *p, u32 weight)
{
	struct task_ctx *tctx = task_ctx(p);

	if (tctx)
		tctx->weight = weight;
}

void BPF_STRUCT_OPS(ktstr_enable, struct task_struct *p)
{
	struct task_ctx *tctx = task_ctx(p);

	if (!tctx)
		return;

	tctx->vtime = vtime_now;
	tctx->weight = p->scx.weight;
	/* One that was running already is not announced. */
	tctx->running_at = bpf_ktime_get_ns();
}

s32 BPF_STRUCT_OPS(ktstr_init_task, struct task_struct *p,
		   struct scx_init_task_args *args)
{
	if (!bpf_task_storage_get(&scx_per_task, p, 0, BPF_LOCAL_STORAGE_GET_F_CREATE))
		return -ENOMEM;
	return 0;
}

/* Idle CPUs do not look for tasks whose time has come: wake them. */
static int timer_fn(void *map, int *key, struct bpf_timer *timer)
{
	s32 cpu;

	if (scx_bpf_dsq_nr_queued(HELD_DSQ) > 0) {
		bpf_for(cpu, 0, scx_bpf_nr_cpu_ids())
			scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
	}
	bpf_timer_start(timer, TIMER_INTERVAL_NS, 0);
	return 0;
}

static s32 start_timer(void)
{
	struct bpf_timer *timer;
	u32 key = 0;

	timer = bpf_map_lookup_elem(&ktstr_timer, &key);
	if (!timer)
		return -ESRCH;

	bpf_timer_init(timer, &ktstr_timer, CLOCK_MONOTONIC);
	bpf_timer_set_callback(timer, timer_fn);
	return bpf_timer_start(timer, TIMER_INTERVAL_NS, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(ktstr_init)
{
	u32 slot;
	s32 ret;

	/* The verifier prunes this unless reject is set: .rodata is constant. */
	if (reject)
		reject_cells[bpf_get_prandom_u32()] = 1;

	started_at = bpf_ktime_get_ns();

	ret = scx_bpf_create_dsq(SHARED_DSQ, -1);
	if (!ret)
		ret = scx_bpf_create_dsq(HELD_DSQ, -1);
	bpf_for(slot, 0, lost_wakeup ? NR_SLOTS : 0) {
		if (!ret)
			ret = scx_bpf_create_dsq(SLOT_DSQ + slot, -1);
	}
	if (!ret)
		ret = start_timer();
	return ret;
}

void BPF_STRUCT_OPS(ktstr_dump, struct scx_dump_ctx *dctx)
{
	scx_bpf_dump("ktstr: stall=%u crash=%u slow=%u scattershot=%u after_ms=%llu\n",
		     stall, crash, slow, scattershot, after_ms);
	scx_bpf_dump("ktstr: direct=%llu shared=%llu kthread=%llu held=%llu scattered=%llu\n",
		     nr_direct, nr_shared, nr_kthread, nr_held, nr_scattered);
}

void BPF_STRUCT_OPS(ktstr_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(ktstr_ops,
	       .select_cpu		= (void *)ktstr_select_cpu,
	       .enqueue			= (void *)ktstr_enqueue,
	       .dispatch		= (void *)ktstr_dispatch,
	       .tick			= (void *)ktstr_tick,
	       .running			= (void *)ktstr_running,
	       .stopping		= (void *)ktstr_stopping,
	       .set_weight		= (void *)ktstr_set_weight,
	       .enable			= (void *)ktstr_enable,
	       .init_task		= (void *)ktstr_init_task,
	       .init			= (void *)ktstr_init,
	       .dump			= (void *)ktstr_dump,
	       .exit			= (void *)ktstr_exit,
	       .timeout_ms		= 5000,
	       .name			= "ktstr");
