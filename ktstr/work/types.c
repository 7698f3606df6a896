// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of work types.
 */
#include "families.h"
#include "types.h"

#define PARAM(name_, unit_, default_) {					\
	.name = #name_,							\
	.unit = unit_,							\
	.default_value = default_,					\
	.offset = offsetof(struct ktstr_work, name_),			\
}

/* One that is on or off; off is its default. */
#define FLAG(name_)	{ .name = #name_, .unit = "on or off" }

static const struct kt_work_type types[KTSTR_NR_WORK_TYPES] = {
	[KTSTR_SPIN_WAIT] = {
		.name = "spin_wait",
		.desc = "burns CPU",
		.step = kt_work_spin_wait,
	},
	[KTSTR_YIELD_HEAVY] = {
		.name = "yield_heavy",
		.desc = "yields after every short burst of work",
		.params = { PARAM(burst_us, "us", 20) },
		.step = kt_work_yield_heavy,
	},
	[KTSTR_MIXED] = {
		.name = "mixed",
		.desc = "bursts, sleeps and yields in turn",
		.params = {
			PARAM(burst_us, "us", 500),
			PARAM(sleep_us, "us", 500),
		},
		.step = kt_work_mixed,
	},
	[KTSTR_ALU_HOT] = {
		.name = "alu_hot",
		.desc = "integer and vector arithmetic without a pause",
		.step = kt_work_alu_hot,
	},
	[KTSTR_SMT_SIBLING_SPIN] = {
		.name = "smt_sibling_spin",
		.desc = "pairs spin on the two threads of a core, or two CPUs of a cache",
		.group = 2,
		.setup = kt_work_smt_setup,
		.step = kt_work_spin_wait,
	},
	[KTSTR_IPC_VARIANCE] = {
		.name = "ipc_variance",
		.desc = "alternates between full pipelines and waits for memory",
		.params = {
			PARAM(burst_us, "us", 1000),
			PARAM(size_kib, "KiB", 4096),
		},
		.setup = kt_work_ipc_setup,
		.step = kt_work_ipc_variance,
	},
	[KTSTR_IO_SYNC_WRITE] = {
		.name = "io_sync_write",
		.desc = "writes a file and syncs it",
		.params = { PARAM(size_kib, "KiB", 64) },
		.setup = kt_work_file_setup,
		.step = kt_work_io_sync_write,
		.teardown = kt_work_file_teardown,
	},
	[KTSTR_IO_RAND_READ] = {
		.name = "io_rand_read",
		.desc = "reads 4 KiB at random places of a file",
		.params = { PARAM(size_kib, "KiB", 1024) },
		.setup = kt_work_rand_read_setup,
		.step = kt_work_io_rand_read,
		.teardown = kt_work_file_teardown,
	},
	[KTSTR_IO_CONVOY] = {
		.name = "io_convoy",
		.desc = "all write and sync the same file",
		.params = { PARAM(size_kib, "KiB", 64) },
		.together = true,
		.links = KT_LINK_FILE,
		.step = kt_work_io_convoy,
	},
	[KTSTR_BURSTY] = {
		.name = "bursty",
		.desc = "works, sleeps, works again",
		.params = {
			PARAM(burst_us, "us", 2000),
			PARAM(sleep_us, "us", 2000),
		},
		.step = kt_work_bursty,
	},
	[KTSTR_IDLE_CHURN] = {
		.name = "idle_churn",
		.desc = "sleeps so briefly that CPUs go idle all the time",
		.params = {
			PARAM(burst_us, "us", 20),
			PARAM(sleep_us, "us", 100),
		},
		.step = kt_work_bursty,
	},
	[KTSTR_PIPE_IO] = {
		.name = "pipe_io",
		.desc = "pairs pass a byte to and fro over two pipes",
		.group = 2,
		.links = KT_LINK_PIPES,
		.step = kt_work_pipe_io,
	},
	[KTSTR_FUTEX_PING_PONG] = {
		.name = "futex_ping_pong",
		.desc = "pairs wake each other through a futex",
		.group = 2,
		.step = kt_work_futex_ping_pong,
	},
	[KTSTR_FUTEX_FAN_OUT] = {
		.name = "futex_fan_out",
		.desc = "the first wakes width others and awaits their answers",
		.params = { PARAM(width, "workers", 3) },
		.group = 1,
		.by_width = true,
		.step = kt_work_futex_fan_out,
	},
	[KTSTR_CACHE_PRESSURE] = {
		.name = "cache_pressure",
		.desc = "walks memory, a cache line at a time",
		.params = { PARAM(size_kib, "KiB", 1024) },
		.setup = kt_work_memory_setup,
		.step = kt_work_cache_pressure,
	},
	[KTSTR_CACHE_YIELD] = {
		.name = "cache_yield",
		.desc = "walks memory, yields after each walk",
		.params = { PARAM(size_kib, "KiB", 256) },
		.setup = kt_work_memory_setup,
		.step = kt_work_cache_yield,
	},
	[KTSTR_CACHE_PIPE] = {
		.name = "cache_pipe",
		.desc = "pairs pass a byte, and walk memory before they answer",
		.params = { PARAM(size_kib, "KiB", 256) },
		.group = 2,
		.links = KT_LINK_PIPES,
		.setup = kt_work_memory_setup,
		.step = kt_work_cache_pipe,
	},
	[KTSTR_SEQUENCE] = {
		.name = "sequence",
		.desc = "goes through .phases, again and again",
		.check = kt_work_sequence_check,
		.setup = kt_work_file_setup,
		.step = kt_work_sequence,
		.teardown = kt_work_file_teardown,
	},
	[KTSTR_FORK_EXIT] = {
		.name = "fork_exit",
		.desc = "forks a child that works and exits, waits for it",
		.params = { PARAM(burst_us, "us", 500) },
		.step = kt_work_fork_exit,
	},
	[KTSTR_NICE_SWEEP] = {
		.name = "nice_sweep",
		.desc = "a burst at each nice value from -20 to 19",
		.params = { PARAM(burst_us, "us", 500) },
		.itself = true,
		.step = kt_work_nice_sweep,
	},
	[KTSTR_AFFINITY_CHURN] = {
		.name = "affinity_churn",
		.desc = "pins itself to another of its CPUs",
		.params = { PARAM(interval_us, "us", 1000) },
		.itself = true,
		.setup = kt_work_affinity_setup,
		.step = kt_work_affinity_churn,
	},
	[KTSTR_CROSS_AFFINITY_CHURN] = {
		.name = "cross_affinity_churn",
		.desc = "pairs; each pins the other to another CPU",
		.params = { PARAM(interval_us, "us", 1000) },
		.group = 2,
		.setup = kt_work_cross_setup,
		.step = kt_work_cross_affinity_churn,
	},
	[KTSTR_POLICY_CHURN] = {
		.name = "policy_churn",
		.desc = "normal, batch, idle, ext in turn",
		.params = { PARAM(interval_us, "us", 1000) },
		.itself = true,
		.step = kt_work_policy_churn,
	},
	[KTSTR_NUMA_MIGRATION_CHURN] = {
		.name = "numa_migration_churn",
		.desc = "moves between nodes with its memory",
		.params = {
			PARAM(interval_us, "us", 10000),
			PARAM(size_kib, "KiB", 1024),
		},
		.itself = true,
		.check = kt_work_numa_churn_check,
		.setup = kt_work_numa_churn_setup,
		.step = kt_work_numa_migration_churn,
	},
	[KTSTR_CGROUP_CHURN] = {
		.name = "cgroup_churn",
		.desc = "moves between its cgroup and one below it",
		.params = { PARAM(interval_us, "us", 2000) },
		.itself = true,
		.setup = kt_work_cgroup_setup,
		.step = kt_work_cgroup_churn,
		.teardown = kt_work_cgroup_teardown,
	},
	[KTSTR_FAN_OUT_COMPUTE] = {
		.name = "fan_out_compute",
		.desc = "the first hands work to width others, who compute and answer",
		.params = {
			PARAM(burst_us, "us", 500),
			PARAM(width, "workers", 3),
		},
		.group = 1,
		.by_width = true,
		.step = kt_work_fan_out_compute,
	},
	[KTSTR_ASYMMETRIC_WAKER] = {
		.name = "asymmetric_waker",
		.desc = "the first works and wakes one of width others after each burst",
		.params = {
			PARAM(burst_us, "us", 200),
			PARAM(width, "workers", 3),
		},
		.group = 1,
		.by_width = true,
		.step = kt_work_asymmetric_waker,
	},
	[KTSTR_WAKE_CHAIN] = {
		.name = "wake_chain",
		.desc = "width in a ring, each wakes the next",
		.params = { PARAM(width, "workers", 4) },
		.by_width = true,
		.step = kt_work_wake_chain,
	},
	[KTSTR_EPOLL_STORM] = {
		.name = "epoll_storm",
		.desc = "the first writes eventfds that width others await in epoll",
		.params = {
			PARAM(burst_us, "us", 50),
			PARAM(width, "workers", 3),
		},
		.group = 1,
		.by_width = true,
		.links = KT_LINK_EVENTFDS,
		.setup = kt_work_epoll_setup,
		.step = kt_work_epoll_storm,
	},
	[KTSTR_THUNDERING_HERD] = {
		.name = "thundering_herd",
		.desc = "the first wakes width others at once",
		.params = {
			PARAM(interval_us, "us", 5000),
			PARAM(width, "workers", 7),
		},
		.group = 1,
		.by_width = true,
		.step = kt_work_thundering_herd,
	},
	[KTSTR_PAGE_FAULT_CHURN] = {
		.name = "page_fault_churn",
		.desc = "maps, touches and unmaps memory",
		.params = { PARAM(size_kib, "KiB", 256) },
		.step = kt_work_page_fault_churn,
	},
	[KTSTR_NUMA_WORKING_SET_SWEEP] = {
		.name = "numa_working_set_sweep",
		.desc = "touches memory on one node after another",
		.params = { PARAM(size_kib, "KiB", 1024) },
		.check = kt_work_numa_sweep_check,
		.setup = kt_work_memory_setup,
		.step = kt_work_numa_working_set_sweep,
	},
	[KTSTR_MUTEX_CONTENTION] = {
		.name = "mutex_contention",
		.desc = "width workers hold one mutex in turn",
		.params = {
			PARAM(burst_us, "us", 100),
			PARAM(width, "workers", 4),
		},
		.by_width = true,
		.step = kt_work_mutex_contention,
	},
	[KTSTR_PRIORITY_INVERSION] = {
		.name = "priority_inversion",
		.desc = "a low one holds a mutex a high one wants, a middle one works",
		.params = {
			PARAM(burst_us, "us", 1000),
			FLAG(pi),
		},
		.group = 3,
		.setup = kt_work_inversion_setup,
		.step = kt_work_priority_inversion,
	},
	[KTSTR_PRODUCER_CONSUMER_IMBALANCE] = {
		.name = "producer_consumer_imbalance",
		.desc = "width producers feed a slower consumer",
		.params = {
			PARAM(burst_us, "us", 200),
			PARAM(width, "workers", 3),
		},
		.group = 1,
		.by_width = true,
		.step = kt_work_producer_consumer,
	},
	[KTSTR_SIGNAL_STORM] = {
		.name = "signal_storm",
		.desc = "pairs send each other signals and handle them",
		.group = 2,
		.setup = kt_work_signal_setup,
		.step = kt_work_signal_storm,
	},
	[KTSTR_PREEMPT_STORM] = {
		.name = "preempt_storm",
		.desc = "the first wakes before all others for an instant, width others spin",
		.params = {
			PARAM(interval_us, "us", 1000),
			PARAM(width, "workers", 3),
		},
		.group = 1,
		.by_width = true,
		.setup = kt_work_rt_setup,
		.step = kt_work_preempt_storm,
	},
	[KTSTR_RT_STARVATION] = {
		.name = "rt_starvation",
		.desc = "the first, SCHED_FIFO, works most of the time; width others are as declared",
		.params = {
			PARAM(burst_us, "us", 8000),
			PARAM(interval_us, "us", 10000),
			PARAM(width, "workers", 3),
		},
		.group = 1,
		.by_width = true,
		.setup = kt_work_rt_setup,
		.step = kt_work_rt_starvation,
	},
	[KTSTR_CUSTOM] = {
		.name = "custom",
		.desc = "calls .custom",
		.check = kt_work_custom_check,
		.step = kt_work_custom,
	},
};

const struct kt_work_type *kt_work_type(u32 type)
{
	return type < ARRAY_SIZE(types) ? &types[type] : NULL;
}

struct ktstr_work kt_work_defaults(const struct ktstr_work *work)
{
	const struct kt_work_type *type = kt_work_type(work->type);
	const struct kt_work_param *p;
	struct ktstr_work filled = *work;

	for (p = type ? type->params : NULL; p && p->name; p++) {
		u32 *value = (u32 *)((char *)&filled + p->offset);

		if (p->default_value && !*value)
			*value = p->default_value;
	}
	return filled;
}
