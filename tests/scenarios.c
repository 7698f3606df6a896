// SPDX-License-Identifier: GPL-2.0-only
/*
 * The canned scenarios as cases, under the kernel's own scheduler or that of
 * --scheduler. What is expected to fail under a scheduler of the kernel tree or
 * the fixture, and why, is said here.
 */
#include <ktstr.h>

/* A program may load its scheduler anew then; one was lost all the same. */
#define NO_HOTPLUG							\
	"it has no ops.cpu_offline(): the kernel throws it out when a CPU goes"
#define LOCAL_FIRST							\
	"a task of one CPU always gets that CPU's local DSQ, and while one waits there the CPU takes none of the queues"
#define FALLBACK_FIRST							\
	"tasks of some CPUs wait in the fallback DSQ, which comes before all cgroups: spinners there leave no time to the rest"

/*
 * Between its look at a cgroup's empty DSQ and the stashing of the cgroup's
 * node, a task may be queued there: the cgroup is then never picked again.
 */
#define LOST_CGROUP							\
	{ "scx_flatcg",							\
	  "it loses a cgroup that gets a task while it is taken off the tree", \
	  .text = "disabled (runnable task stall)", .sometimes = true }

#define SCENARIO(id, ...)						\
	KTSTR_SCENARIO(id, .xfails = KTSTR_XFAILS(LOST_CGROUP, ##__VA_ARGS__))

SCENARIO(steady);
SCENARIO(steady_llc);
SCENARIO(oversubscribed);
SCENARIO(bursty);
SCENARIO(messages);
SCENARIO(mixed_workloads);
SCENARIO(host_contention);

SCENARIO(cpuset_apply);
SCENARIO(cpuset_clear);
SCENARIO(cpuset_resize);
SCENARIO(cpuset_swap);
SCENARIO(cpuset_disjoint);
SCENARIO(cpuset_overlap);

SCENARIO(cgroup_add);
SCENARIO(cgroup_remove);
SCENARIO(cgroup_cycle);
SCENARIO(workers_late);
SCENARIO(weight_change);
SCENARIO(bandwidth_change);
SCENARIO(freeze_thaw);
SCENARIO(cpu_hotplug,
	 { "scx_simple", NO_HOTPLUG },
	 { "scx_flatcg", NO_HOTPLUG },
	 { "scx_ktstr", NO_HOTPLUG });

SCENARIO(fork_storm);
SCENARIO(yield_storm);
SCENARIO(page_fault_storm);
SCENARIO(policy_storm);
SCENARIO(nice_storm);
SCENARIO(io_storm);
SCENARIO(cgroup_storm);

SCENARIO(futex_fan_out);
SCENARIO(wake_chain);
SCENARIO(thundering_herd);
SCENARIO(mutex_contention);
SCENARIO(producer_consumer);
SCENARIO(priority_inversion);
SCENARIO(rt_preemption);

SCENARIO(affinity_pinned,
	 { "scx_qmap", LOCAL_FIRST },
	 { "scx_flatcg", FALLBACK_FIRST });
SCENARIO(affinity_change);
SCENARIO(affinity_random);
SCENARIO(affinity_llc);
SCENARIO(affinity_churn);
SCENARIO(affinity_smt);

SCENARIO(nested_steady);
SCENARIO(nested_task_move);
SCENARIO(nested_cpusets);
SCENARIO(nested_weights);

SCENARIO(throughput_parity);
SCENARIO(wake_latency);
SCENARIO(cache_pressure);
SCENARIO(ipc_variance);
SCENARIO(numa_local);
