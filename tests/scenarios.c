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

KTSTR_SCENARIO(steady);
KTSTR_SCENARIO(steady_llc);
KTSTR_SCENARIO(oversubscribed);
KTSTR_SCENARIO(bursty);
KTSTR_SCENARIO(messages);
KTSTR_SCENARIO(mixed_workloads);
KTSTR_SCENARIO(host_contention);

KTSTR_SCENARIO(cpuset_apply);
KTSTR_SCENARIO(cpuset_clear);
KTSTR_SCENARIO(cpuset_resize);
KTSTR_SCENARIO(cpuset_swap);
KTSTR_SCENARIO(cpuset_disjoint);
KTSTR_SCENARIO(cpuset_overlap);

KTSTR_SCENARIO(cgroup_add);
KTSTR_SCENARIO(cgroup_remove);
KTSTR_SCENARIO(cgroup_cycle);
KTSTR_SCENARIO(workers_late);
KTSTR_SCENARIO(weight_change);
KTSTR_SCENARIO(bandwidth_change);
KTSTR_SCENARIO(freeze_thaw);
KTSTR_SCENARIO(cpu_hotplug,
	       .xfails = KTSTR_XFAILS({ "scx_simple", NO_HOTPLUG },
				      { "scx_flatcg", NO_HOTPLUG },
				      { "scx_ktstr", NO_HOTPLUG }));

KTSTR_SCENARIO(fork_storm);
KTSTR_SCENARIO(yield_storm);
KTSTR_SCENARIO(page_fault_storm);
KTSTR_SCENARIO(policy_storm);
KTSTR_SCENARIO(nice_storm);
KTSTR_SCENARIO(io_storm);
KTSTR_SCENARIO(cgroup_storm);

KTSTR_SCENARIO(futex_fan_out);
KTSTR_SCENARIO(wake_chain);
KTSTR_SCENARIO(thundering_herd);
KTSTR_SCENARIO(mutex_contention);
KTSTR_SCENARIO(producer_consumer);
KTSTR_SCENARIO(priority_inversion);
KTSTR_SCENARIO(rt_preemption);

KTSTR_SCENARIO(affinity_pinned,
	       .xfails = KTSTR_XFAILS({ "scx_qmap", LOCAL_FIRST },
				      { "scx_flatcg", FALLBACK_FIRST }));
KTSTR_SCENARIO(affinity_change);
KTSTR_SCENARIO(affinity_random);
KTSTR_SCENARIO(affinity_llc);
KTSTR_SCENARIO(affinity_churn);
KTSTR_SCENARIO(affinity_smt);

KTSTR_SCENARIO(nested_steady);
KTSTR_SCENARIO(nested_task_move);
KTSTR_SCENARIO(nested_cpusets);
KTSTR_SCENARIO(nested_weights);

KTSTR_SCENARIO(throughput_parity);
KTSTR_SCENARIO(wake_latency);
KTSTR_SCENARIO(cache_pressure);
KTSTR_SCENARIO(ipc_variance);
KTSTR_SCENARIO(numa_local);
