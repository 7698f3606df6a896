/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ktstr.h - what the author of a scheduler test includes.
 *
 * A test file declares schedulers with KTSTR_SCHED and cases with KTSTR_TEST.
 * The body of a case runs inside a micro-VM of its own, under its scheduler;
 * the declaration is read by the host that boots the machine. The program a
 * test file builds into is a kselftest: it prints KTAP and exits 0, 1 or 4.
 *
 *	#include <ktstr.h>
 *
 *	KTSTR_SCHED(simple, .binary = "scx_simple");
 *
 *	KTSTR_TEST(llcs_apart,
 *		   .desc = "two cgroups, an LLC each, both get on",
 *		   .sched = &simple, .topology = "1n2l2c1t",
 *		   .duration_ms = 1000)
 *	{
 *		KTSTR_RUN(t, KTSTR_STEP(KTSTR_HOLD_ALL,
 *			{ .name = "left", .cpuset = KTSTR_LLC(0),
 *			  .workers = 2, .work = { KTSTR_SPIN_WAIT } },
 *			{ .name = "right", .cpuset = KTSTR_LLC(1),
 *			  .workers = 2, .work = { KTSTR_BURSTY } }));
 *	}
 */
#ifndef KTSTR_H
#define KTSTR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ktstr_flags.h"
#include "ktstr_payload.h"
#include "ktstr_scenario.h"

/**
 * struct ktstr_checks - thresholds, each unset, inherited or set
 *
 * 0 inherits, KTSTR_OFF switches the check off, another value sets it. Layers
 * merge last-wins: the defaults, the scheduler's, the case's. On an emulated
 * machine times are scaled up before they are judged, and rates down; the scale
 * is printed.
 *
 * @starvation: KTSTR_ON: every worker must complete work. Default on.
 * @fairness_spread_pct: most by which the CPU shares of a cgroup's workers may
 *	differ, percentage points of wall time. Default off.
 * @longest_gap_ms: longest time a runnable worker may go without running.
 *	Default 2000.
 * @isolation: KTSTR_ON: no worker may run outside its cgroup's cpuset.
 *	Default on.
 * @throughput_cv_pct: most by which work units per CPU time may vary among a
 *	cgroup's workers: the coefficient of variation, percent. Default off.
 * @throughput_per_s: work units that each worker must do in a second of wall
 *	time, at least. Scaled. Default off.
 * @iterations_per_s: iterations, likewise. Scaled. Default off.
 * @wake_p99_us: most that the 99th percentile of a cgroup's wake latencies may
 *	be, microseconds. Scaled. Default off.
 * @wake_cv_pct: most by which they may vary: the coefficient of variation,
 *	percent. Default off.
 * @migrations_per_1000: most migrations of a cgroup's workers per thousand of
 *	their iterations. Scaled. Default off.
 * @page_locality_pct: pages of a cgroup's workers that must lie on nodes of
 *	its CPUs, percent at least. Default off.
 * @cross_node_pct: migrations of a cgroup's workers that may be to another
 *	node, percent at most. Default off.
 * @slow_tier_pct: pages of a cgroup's workers that may lie on nodes without
 *	CPUs, percent at most. Default off.
 * @imbalance_pct: most by which the fullest CPU may have more runnable tasks
 *	than the emptiest, which counts as 1 at least, in percent. 400.
 * @local_dsq_depth: most tasks that may wait in a CPU's local DSQ. 50.
 * @cpu_stall: KTSTR_ON: the clock of a CPU with runnable tasks must advance as
 *	long as the host runs that CPU. On.
 * @fallback_per_s: most wakeups a second for which the scheduler leaves the CPU
 *	to the kernel. Needs a kernel of 6.15. 200.
 * @keep_last_per_s: most times a second that a CPU goes on with its last task,
 *	for its scheduler dispatched none. Needs a kernel of 6.15. 100.
 * @sustained_samples: from @imbalance_pct on the host judges, by samples that
 *	it takes of the running kernel every 100 ms (--sample-ms) while the
 *	workload runs. A check is violated when so many samples in a row say
 *	so; of samples that are taken faster, as many more. Scaled as times
 *	are. Default 5.
 *
 * What the host judges by samples depends on what a workload asks for: tasks
 * pinned to a CPU are an imbalance that no scheduler can help. So with its
 * default each of these checks is only told of in the run's report; it fails a
 * case whose layer, or whose scheduler's, sets it.
 */
struct ktstr_checks {
	int32_t starvation;
	int32_t fairness_spread_pct;
	int32_t longest_gap_ms;
	int32_t isolation;
	int32_t throughput_cv_pct;
	int32_t throughput_per_s;
	int32_t iterations_per_s;
	int32_t wake_p99_us;
	int32_t wake_cv_pct;
	int32_t migrations_per_1000;
	int32_t page_locality_pct;
	int32_t cross_node_pct;
	int32_t slow_tier_pct;
	int32_t imbalance_pct;
	int32_t local_dsq_depth;
	int32_t cpu_stall;
	int32_t fallback_per_s;
	int32_t keep_last_per_s;
	int32_t sustained_samples;
};

#define KTSTR_ON	1
#define KTSTR_OFF	(-1)

/**
 * struct ktstr_sched - a scheduler under test
 * @name: set by KTSTR_SCHED
 * @binary: file name of the program that loads it, looked for beside the test
 *	program, among the tree's built schedulers and in PATH; or a path
 * @args: its arguments, ends with NULL; may be NULL
 * @flags: what else it can be told, as KTSTR_FLAGS(); may be NULL
 * @pin_init: its ops.init() must run on CPU 0 (scx_central's does). The kernel
 *	runs it in a kthread on any CPU; a first attach that fails is tried once
 *	more with that kthread pinned.
 * @attach_timeout_ms: it must be enabled by then; 0 means 20 s, scaled
 * @checks: the scheduler's layer of thresholds
 */
struct ktstr_sched {
	const char *name;
	const char *binary;
	const char *const *args;
	const struct ktstr_flag *flags;
	bool pin_init;
	uint32_t attach_timeout_ms;
	struct ktstr_checks checks;
};

#define KTSTR_ARGS(...)	((const char *const[]){ __VA_ARGS__, NULL })

#define KTSTR_SCHED(id, ...)						\
	static const struct ktstr_sched id = { .name = #id, __VA_ARGS__ }

/* At most 8. */
#define KTSTR_SCHEDS(...)						\
	((const struct ktstr_sched *const[]){ __VA_ARGS__, NULL })

/**
 * enum ktstr_expect_kind - how a case must end
 * @KTSTR_EXPECT_PASS: its checks hold and its scheduler survives
 * @KTSTR_EXPECT_SCHED_ERROR: the kernel throws the scheduler out, and says
 *	@text while doing so
 * @KTSTR_EXPECT_NO_ATTACH: the scheduler cannot be attached, and its output
 *	or the kernel's says @text
 */
enum ktstr_expect_kind {
	KTSTR_EXPECT_PASS,
	KTSTR_EXPECT_SCHED_ERROR,
	KTSTR_EXPECT_NO_ATTACH,
};

struct ktstr_expect {
	enum ktstr_expect_kind kind;
	const char *text;		/* found in the reason; required */
};

/**
 * struct ktstr_disk - a virtio disk of the machine: /dev/vda, vdb and so on
 * @size_mib: its size; 0: that of @file
 * @serial: at most 20 printable characters without blanks, read in the guest at
 *	/sys/block/vda/serial; NULL means "ktstr-vda" and so on
 * @read_only: the guest cannot write it
 * @iops: requests that it serves in a second, 0 unlimited
 * @bytes_per_s: bytes that it reads and writes in a second, 0 unlimited
 * @file: what is on it: a host file, found as .files are. The run works on a
 *	copy of its own. NULL: zeroes.
 * @shared: no copy: the run reads and writes @file itself, which may then be a
 *	device; what else uses it at the same time is the author's to know
 *
 * What a run without @shared writes is gone when it ends.
 */
struct ktstr_disk {
	uint32_t size_mib;
	const char *serial;
	bool read_only;
	uint64_t iops;
	uint64_t bytes_per_s;
	const char *file;
	bool shared;
};

/* At most 4; each has a size or a file. */
#define KTSTR_DISKS(...)						\
	((const struct ktstr_disk[]){ __VA_ARGS__, { .size_mib = 0 } })

/**
 * struct ktstr_write - a variable of the scheduler that the host sets
 * @var: name of a global variable of its BPF program: an integer, a truth value
 *	or an enumeration, not const; required
 * @map: the map it is in, as "scx_ktst.bss" or ".bss"; NULL: the only one
 * @value: that it gets, with its own width
 * @at_ms: when, in the workload's time, which counts neither pauses nor
 *	freezes; 0: as soon as it runs
 *
 * The machine goes on meanwhile, and the guest has no part in it. A write that
 * could not be made, for its variable is not there or the workload was over,
 * makes a run that would have passed an ERROR, with the reason.
 */
struct ktstr_write {
	const char *var;
	const char *map;
	int64_t value;
	uint32_t at_ms;
};

/* At most 16. */
#define KTSTR_WRITES(...)						\
	((const struct ktstr_write[]){ __VA_ARGS__, { .var = NULL } })

/**
 * struct ktstr_needs - what a machine must have for a case to mean something
 * @cpus: so many at least
 * @llcs: so many at least
 * @nodes: with CPUs, so many at least
 * @smt: cores have two threads at least
 * @max_cpus: so many at most; 0: any number
 * @max_llcs: so many at most; 0: any number
 * @max_nodes: with CPUs, so many at most; 0: any number
 * @real_time: CPUs that run side by side, as it compares what they get done, or
 *	registers in captures: it is never run in deterministic mode
 *
 * On another topology the case is skipped, and the gauntlet leaves it out.
 */
struct ktstr_needs {
	uint32_t cpus;
	uint32_t llcs;
	uint32_t nodes;
	bool smt;
	uint32_t max_cpus;
	uint32_t max_llcs;
	uint32_t max_nodes;
	bool real_time;
};

/**
 * struct ktstr_xfail - a scheduler under which a case fails, and why
 * @sched: file name of its program, "scx_simple"; "" for the kernel's own
 * @reason: one line; required
 * @text: found in what the run's report says of it, which tells this failure
 *	from others; NULL: any will do
 * @sometimes: it is a race, and passes else
 *
 * There the case's FAIL is XFAIL. Its PASS is a FAIL unless @sometimes: what
 * was expected is no longer true. A scheduler may have several.
 */
struct ktstr_xfail {
	const char *sched;
	const char *reason;
	const char *text;
	bool sometimes;
};

#define KTSTR_XFAILS(...)						\
	((const struct ktstr_xfail[]){ __VA_ARGS__, { .sched = NULL } })

struct ktstr_ctx;
struct ktstr_after;

/**
 * struct ktstr_test - a case; use KTSTR_TEST
 * @name: unique in its program, [a-z0-9_]
 * @desc: one line; required
 * @file: where it was declared
 * @line: where it was declared
 * @sched: NULL for the kernel's own scheduler
 * @sched_args: added behind the scheduler's own arguments; may be NULL
 * @flags: its flags that are on in every run, as KTSTR_NAMES(); may be NULL
 * @not_flags: those that are never on, likewise
 * @scheds: further schedulers that its steps attach, as KTSTR_SCHEDS(); may be
 *	NULL. Their names in the guest are those of their binaries; their layers
 *	of thresholds are not used.
 * @topology: "NnLlCcTt"; NULL means 1n1l2c1t
 * @memory_mib: guest memory; 0 means 256 and 8 more for each CPU
 * @duration_ms: of the workload; required
 * @watchdog_ms: host's bound on workload and teardown; 0 derives it
 * @checks: the case's layer of thresholds
 * @expect: how it must end
 * @files: host files that the body needs, as paths or names found beside the
 *	program; in the guest in /files; ends with NULL; may be NULL
 * @payloads: programs that its operations run, as KTSTR_PAYLOADS(); may be NULL
 * @disks: of the machine, as KTSTR_DISKS(); may be NULL
 * @captures: of the kernel's state, taken by the host at equal distances over
 *	the workload, named periodic_000 and so on; at most 64, and at least
 *	100 ms apart
 * @writes: made by the host while the workload runs, as KTSTR_WRITES(); may be
 *	NULL
 * @kaslr: boot with KASLR, from a bzImage, which takes longer. Otherwise the
 *	kernel lies where it was linked.
 * @nested: the machine's CPUs can run machines themselves: /dev/kvm is there,
 *	if the kernel has KVM_AMD and KVM_INTEL. Emulated, it is an AMD of one
 *	LLC. Skipped on an engine that cannot.
 * @needs: of a machine; may be zeroes
 * @xfails: schedulers under which it is expected to fail, as KTSTR_XFAILS();
 *	may be NULL
 * @scenario: name of a canned scenario; set by KTSTR_SCENARIO
 * @body: runs in the guest, in a process of its own
 * @after: runs on the host once the run has ended with a pass; may be NULL
 */
struct ktstr_test {
	const char *name;
	const char *desc;
	const char *file;
	int line;
	const struct ktstr_sched *sched;
	const char *const *sched_args;
	const char *const *flags;
	const char *const *not_flags;
	const struct ktstr_sched *const *scheds;
	const char *topology;
	uint32_t memory_mib;
	uint32_t duration_ms;
	uint32_t watchdog_ms;
	struct ktstr_checks checks;
	struct ktstr_expect expect;
	const char *const *files;
	const struct ktstr_payload *const *payloads;
	const struct ktstr_disk *disks;
	uint32_t captures;
	const struct ktstr_write *writes;
	bool kaslr;
	bool nested;
	struct ktstr_needs needs;
	const struct ktstr_xfail *xfails;
	const char *scenario;
	void (*body)(struct ktstr_ctx *t);
	void (*after)(struct ktstr_after *a);
};

/* Declares a case; what follows it is its body, with `t` in scope. */
#define KTSTR_TEST(id, ...)						\
	static void id##_body(struct ktstr_ctx *t);			\
	static const struct ktstr_test id##_test = {			\
		.name = #id, .file = __FILE__, .line = __LINE__,	\
		.body = id##_body, __VA_ARGS__				\
	};								\
	static const struct ktstr_test *const id##_entry		\
		__attribute__((used, section("ktstr_tests"))) = &id##_test; \
	static void id##_body(struct ktstr_ctx *t __attribute__((unused)))

/**
 * ktstr_run_steps() - run a scenario
 * @t: the case
 * @steps: executed in order
 * @nr_steps: how many
 *
 * Sets up what each step asks for, holds, and sends a Stimulus frame. After
 * the last one all workers are stopped, and the checks of the case judged.
 * At most once in a case. What cannot be set up fails the case and leaves it.
 */
void ktstr_run_steps(struct ktstr_ctx *t, const struct ktstr_step *steps,
		     size_t nr_steps);

#define KTSTR_RUN(t, ...)						\
	do {								\
		const struct ktstr_step steps_[] = { __VA_ARGS__ };	\
		ktstr_run_steps((t), steps_,				\
				sizeof(steps_) / sizeof(steps_[0]));	\
	} while (0)

/**
 * struct ktstr_stats - what the workers of a cgroup did; all times scaled not
 * @workers: how many there were
 * @iterations: rounds completed by all of them
 * @cpu_ns: CPU time of all of them
 * @spread_pct: largest minus smallest CPU share, percentage points
 * @longest_gap_ms: of any of them
 * @migrations: of all of them
 * @work_units: done by all of them
 * @throughput_cv_pct: by which work units per CPU time vary among them: the
 *	coefficient of variation
 * @off_cpu_pct: of their wall time not on a CPU
 * @run_delay_ns: runnable and not running, all of them
 * @slices: times that one of them was put on a CPU
 * @cpus_used: CPUs that one of them was seen on
 * @cross_node_migrations: of the migrations, to another node
 * @wakes: whose latency was measured
 * @wake_p50_us: median of the latencies
 * @wake_p99_us: 99th percentile
 * @wake_max_us: longest
 * @wake_cv_pct: their coefficient of variation
 * @pages: of memory that they mapped themselves; 0 on a machine of one node
 * @local_pages_pct: of those, on nodes of the cgroup's CPUs
 * @slow_pages_pct: of those, on nodes without CPUs
 */
struct ktstr_stats {
	uint32_t workers;
	uint64_t iterations;
	uint64_t cpu_ns;
	uint32_t spread_pct;
	uint32_t longest_gap_ms;
	uint32_t migrations;
	uint64_t work_units;
	uint32_t throughput_cv_pct;
	uint32_t off_cpu_pct;
	uint64_t run_delay_ns;
	uint64_t slices;
	uint32_t cpus_used;
	uint32_t cross_node_migrations;
	uint64_t wakes;
	uint32_t wake_p50_us;
	uint32_t wake_p99_us;
	uint32_t wake_max_us;
	uint32_t wake_cv_pct;
	uint64_t pages;
	uint32_t local_pages_pct;
	uint32_t slow_pages_pct;
};

/**
 * ktstr_cgroup_stats() - statistics of a cgroup after the steps were run
 * @t: the case
 * @name: the cgroup's
 *
 * Leaves the case with a failure when there is none of that name.
 */
struct ktstr_stats ktstr_cgroup_stats(struct ktstr_ctx *t, const char *name);

/* CPUs and LLCs of the machine as the guest's kernel sees it. */
uint32_t ktstr_nr_cpus(const struct ktstr_ctx *t);
uint32_t ktstr_nr_llcs(const struct ktstr_ctx *t);

/**
 * enum ktstr_kernel_target - what a kernel operation is about
 * @KTSTR_SYMBOL: the variable @symbol
 * @KTSTR_DIRECT_MAP: address @addr of the direct map
 * @KTSTR_KVA: kernel address @addr, by the page tables
 * @KTSTR_PERCPU_FIELD: @field of per-CPU variable @symbol of CPU @cpu
 * @KTSTR_TASK_FIELD: @field of the task_struct of @pid, which runs under
 *	SCHED_EXT, sleeps, and was started at @start_time
 */
enum ktstr_kernel_target {
	KTSTR_SYMBOL = 1,
	KTSTR_DIRECT_MAP = 2,
	KTSTR_KVA = 3,
	KTSTR_PERCPU_FIELD = 4,
	KTSTR_TASK_FIELD = 5,
};

#define KTSTR_VALUE_BYTES	64
#define KTSTR_REASON_BYTES	257

/**
 * struct ktstr_kernel_op - a read or write of this kernel's memory by the host
 * @target: what
 * @cold: with every vCPU parked; else while they run
 * @write: store @value; else load it
 * @bytes: a string of bytes of any length, of no alignment; else a number of
 *	4 or 8 bytes, aligned
 * @width: bytes, 1 to 64
 * @symbol: for KTSTR_SYMBOL and KTSTR_PERCPU_FIELD
 * @field: dotted path: "nr_running", "scx.slice", "cpus_mask.bits[0]"
 * @addr: for KTSTR_DIRECT_MAP and KTSTR_KVA
 * @cpu: for KTSTR_PERCPU_FIELD
 * @pid: for KTSTR_TASK_FIELD
 * @start_time: of @pid, field 22 of /proc/PID/stat; ktstr_start_time() reads it
 * @value: what to write, what was read
 * @ok: out: done
 * @reason: out: why not
 */
struct ktstr_kernel_op {
	enum ktstr_kernel_target target;
	bool cold;
	bool write;
	bool bytes;
	uint32_t width;
	const char *symbol;
	const char *field;
	uint64_t addr;
	uint32_t cpu;
	uint32_t pid;
	uint64_t start_time;
	union {
		uint32_t u32;
		uint64_t u64;
		uint8_t bytes[KTSTR_VALUE_BYTES];
	} value;
	bool ok;
	char reason[KTSTR_REASON_BYTES];
};

#define KTSTR_MAX_KERNEL_OPS	32

/**
 * ktstr_kernel_ops() - have the host read and write this kernel's memory
 * @t: the case
 * @ops: served in order; cold ones that follow each other, within one freeze
 * @nr: how many, at most KTSTR_MAX_KERNEL_OPS
 *
 * Waits for all answers, at most 30 s; what was not answered by then has
 * failed with that reason. From the body of the case only, not from a process
 * it forks.
 *
 * Return: how many were done.
 */
uint32_t ktstr_kernel_ops(struct ktstr_ctx *t, struct ktstr_kernel_op *ops,
			  uint32_t nr);

/* Start time of @pid in the unit that a task target wants; 0 none such. */
uint64_t ktstr_start_time(uint32_t pid);

/**
 * ktstr_capture() - have the host capture the kernel's state now
 * @t: the case
 * @tag: its name, at most 64 bytes
 *
 * Every vCPU is parked while it is taken.
 *
 * Return: whether it was; the reason is noted if not.
 */
bool ktstr_capture(struct ktstr_ctx *t, const char *tag);

/**
 * ktstr_watch() - have the host capture the kernel's state at each write of a
 * variable, from now on
 * @t: the case
 * @symbol: its name in the kernel's vmlinux, at most 64 characters. Its first
 *	4 bytes are watched; they are aligned to 4, and it is not per-CPU.
 *
 * The machine stops behind the store. The capture is tagged @symbol and says
 * in "watch" which vCPU wrote, and from where. At most 3 symbols in a case.
 * One that is written 8 times within a second, or 16 times in all, is watched
 * no longer, and the run says so.
 *
 * Return: whether it is watched; the reason is noted if not, which is also when
 * the engine has no watchpoints (`ktstr engines` tells), or none with KASLR in
 * deterministic mode.
 */
bool ktstr_watch(struct ktstr_ctx *t, const char *symbol);

/* A line for the report, whatever the verdict. */
void ktstr_note(struct ktstr_ctx *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * ktstr_claim() - record an expectation; use the macros below
 * @t: the case
 * @ok: whether it held
 * @file: where
 * @line: where
 * @label: the expression itself
 * @value: what was seen
 * @bound: what it was held against
 *
 * Return: @ok.
 */
bool ktstr_claim(struct ktstr_ctx *t, bool ok, const char *file, int line,
		 const char *label, int64_t value, int64_t bound);

/* Leaves the case through its cleanup: workers stopped, cgroups removed. */
void ktstr_leave(struct ktstr_ctx *t) __attribute__((noreturn));

#define KTSTR_CMP_(claim, ctx, a, op, b)				\
	({								\
		int64_t a_ = (int64_t)(a), b_ = (int64_t)(b);		\
		claim((ctx), a_ op b_, __FILE__, __LINE__,		\
		      #a " " #op " " #b, a_, b_);			\
	})

/* EXPECT goes on after a failure, ASSERT leaves the case. */
#define KTSTR_EXPECT_EQ(t, a, b)	KTSTR_CMP_(ktstr_claim, t, a, ==, b)
#define KTSTR_EXPECT_GE(t, a, b)	KTSTR_CMP_(ktstr_claim, t, a, >=, b)
#define KTSTR_EXPECT_LE(t, a, b)	KTSTR_CMP_(ktstr_claim, t, a, <=, b)
#define KTSTR_EXPECT(t, cond)						\
	({ bool ok_ = (cond);					\
	      ktstr_claim((t), ok_, __FILE__, __LINE__, #cond, ok_, 1); })
#define KTSTR_ASSERT(t, cond)						\
	do {								\
		if (!KTSTR_EXPECT(t, cond))				\
			ktstr_leave(t);					\
	} while (0)

#include "ktstr_canned.h"

/* For a case's .after, on the host. */
#include "ktstr_after.h"
#include "ktstr_series.h"

#endif /* KTSTR_H */
