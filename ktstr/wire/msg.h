/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages: tags, which carry a verdict, payloads of fixed size; not Plan, Hold, TestResult.
 */
#ifndef KTSTR_WIRE_MSG_H
#define KTSTR_WIRE_MSG_H

#include "../base/types.h"

/* The integer reads as the tag in hex: EXIT is 'E' << 24 | 'X' << 16 | ... */
enum kt_tag {
	KT_TAG_STIMULUS		= 0x5354494d,
	KT_TAG_SCENARIO_START	= 0x53435354,
	KT_TAG_SCENARIO_PAUSE	= 0x53435050,
	KT_TAG_SCENARIO_RESUME	= 0x53435252,
	KT_TAG_SCENARIO_END	= 0x5343454e,
	KT_TAG_EXIT		= 0x45584954,
	KT_TAG_TEST_RESULT	= 0x54455354,
	KT_TAG_SCHED_EXIT	= 0x53434458,
	KT_TAG_CRASH		= 0x43525348,
	KT_TAG_PAYLOAD_METRICS	= 0x504d4554,
	KT_TAG_RAW_OUTPUT	= 0x5241574f,
	KT_TAG_PROFRAW		= 0x50524157,
	KT_TAG_STDOUT		= 0x534f5554,
	KT_TAG_STDERR		= 0x53455252,
	KT_TAG_SCHED_LOG	= 0x53434c47,
	KT_TAG_LIFECYCLE	= 0x4c494645,
	KT_TAG_EXEC_EXIT	= 0x45584358,
	KT_TAG_DMESG		= 0x444d5347,
	KT_TAG_PROBE_OUTPUT	= 0x50524f42,
	KT_TAG_SYS_RDY		= 0x53524459,
	KT_TAG_KERN_ADDRS	= 0x4b414452,
	KT_TAG_SNAPSHOT_REQ	= 0x534e5251,
	KT_TAG_SNAPSHOT_REPLY	= 0x534e5250,
	KT_TAG_KERNEL_OP_REQ	= 0x4b4f5251,
	KT_TAG_KERNEL_OP_REPLY	= 0x4b4f5250,
	KT_TAG_PLAN		= 0x504c414e,
	KT_TAG_PLAN_READ	= 0x504c5244,
	KT_TAG_TIME		= 0x5654494d,
	KT_TAG_FINAL_STATE	= 0x46535441,
	KT_TAG_HOLD		= 0x484f4c44,
};

struct kt_tag_info {
	u32 tag;
	const char *name;	/* "SchedExit" */
	bool verdict;		/* V: kept in the run's bucket; else I */
	bool host_only;		/* only the host sends it */
};

/* NULL for a tag that is not ours. */
const struct kt_tag_info *kt_tag_info(u32 tag);
/* "EXIT" of a tag, with '?' for what does not print; @buf of 5 bytes. */
const char *kt_tag_str(u32 tag, char buf[5]);

/* Stimulus: after each step of a scenario. 24 bytes. */
struct kt_stimulus {
	u32 elapsed_ms;
	u16 step_index;		/* 0 baseline, 1..N steps */
	u16 op_count;
	u32 op_kinds;		/* a bit per kind of op */
	u16 cgroup_count;
	u16 worker_count;
	u64 total_iterations;
};

/* KernAddrs: 24 bytes. Biased by 1 where 0 would be a value. */
struct kt_kern_addrs {
	u64 phys_base_biased;
	u64 page_offset_base_kva;	/* the symbol's address, 0 unknown */
	u64 text_kva_biased;
};

enum kt_lifecycle {
	KT_LIFE_INIT_STARTED = 1,
	KT_LIFE_PAYLOAD_STARTING = 2,
	KT_LIFE_SCHED_DIED = 3,
	KT_LIFE_SCHED_NOT_ATTACHED = 4,
};

#define KT_SNAPSHOT_TAG_BYTES	64

enum kt_snapshot_kind {
	KT_SNAPSHOT_CAPTURE = 1,
	KT_SNAPSHOT_WATCH = 2,
};

/* SnapshotRequest: 72 bytes on the wire; @tag terminated here. */
struct kt_snapshot_req {
	u32 request_id;		/* not 0 */
	u32 kind;
	char tag[KT_SNAPSHOT_TAG_BYTES + 1];
};

enum kt_reply_status {
	KT_REPLY_OK = 1,
	KT_REPLY_ERROR = 2,
};

/* SnapshotReply: 72 bytes, host to guest; @reason terminated here. */
struct kt_snapshot_reply {
	u32 request_id;
	u32 status;		/* enum kt_reply_status */
	char reason[KT_SNAPSHOT_TAG_BYTES + 1];
};

#define KT_KERNEL_OP_TAG_BYTES	256
#define KT_KERNEL_OP_NAME_BYTES	128
#define KT_KERNEL_OP_VALUE_BYTES 64
#define KT_KERNEL_OP_REASON_BYTES 256

enum kt_kernel_op_target {
	KT_TARGET_SYMBOL = 1,
	KT_TARGET_DIRECT_MAP = 2,
	KT_TARGET_KVA = 3,
	KT_TARGET_PERCPU_FIELD = 4,
	KT_TARGET_TASK_FIELD = 5,
};

/* What is read or written: numbers are aligned to their width, bytes not. */
enum kt_value_kind {
	KT_VALUE_U32 = 1,
	KT_VALUE_U64 = 2,
	KT_VALUE_BYTES = 3,
};

/* KernelOpRequest, decoded. Documentation/wire.rst says what each target needs. */
struct kt_kernel_op_req {
	u32 request_id;		/* not 0 */
	u8 cold;		/* every vCPU parked */
	u8 write;
	u8 target;		/* enum kt_kernel_op_target */
	u8 kind;		/* enum kt_value_kind */
	u8 width;		/* bytes: 4, 8, or 1..64 for KT_VALUE_BYTES */
	u8 more;		/* the next request belongs to the same batch */
	char tag[KT_KERNEL_OP_TAG_BYTES + 1];
	char symbol[KT_KERNEL_OP_NAME_BYTES + 1];
	char field[KT_KERNEL_OP_NAME_BYTES + 1];
	u64 addr;
	u32 cpu;
	u32 pid;
	u64 start_time;		/* of @pid: field 22 of /proc/PID/stat */
	u8 value[KT_KERNEL_OP_VALUE_BYTES];	/* of a write, little endian */
};

/* KernelOpReply: host to guest. */
struct kt_kernel_op_reply {
	u32 request_id;
	u32 status;		/* enum kt_reply_status */
	char reason[KT_KERNEL_OP_REASON_BYTES + 1];	/* of an error */
	u8 width;		/* bytes of @value; 0 but for a read */
	u8 value[KT_KERNEL_OP_VALUE_BYTES];
};

/*
 * Encoders fill @buf and return the payload's bytes or -EMSGSIZE; decoders
 * return 0 or -EPROTO and check every field.
 */
#define KT_STIMULUS_BYTES	24
#define KT_KERN_ADDRS_BYTES	24
#define KT_SNAPSHOT_REQ_BYTES	72
#define KT_SNAPSHOT_REPLY_BYTES	72
#define KT_KERNEL_OP_MAX_BYTES	1024
#define KT_LIFECYCLE_REASON_MAX	1024

int kt_stimulus_encode(const struct kt_stimulus *s, void *buf, size_t size);
int kt_stimulus_decode(struct kt_stimulus *s, const void *buf, size_t len);
int kt_kern_addrs_encode(const struct kt_kern_addrs *k, void *buf,
			 size_t size);
int kt_kern_addrs_decode(struct kt_kern_addrs *k, const void *buf, size_t len);
int kt_snapshot_req_encode(const struct kt_snapshot_req *r, void *buf,
			   size_t size);
int kt_snapshot_req_decode(struct kt_snapshot_req *r, const void *buf,
			   size_t len);
int kt_snapshot_reply_encode(const struct kt_snapshot_reply *r, void *buf,
			     size_t size);
int kt_snapshot_reply_decode(struct kt_snapshot_reply *r, const void *buf,
			     size_t len);
int kt_kernel_op_req_encode(const struct kt_kernel_op_req *r, void *buf,
			    size_t size);
int kt_kernel_op_req_decode(struct kt_kernel_op_req *r, const void *buf,
			    size_t len);
int kt_kernel_op_reply_encode(const struct kt_kernel_op_reply *r, void *buf,
			      size_t size);
int kt_kernel_op_reply_decode(struct kt_kernel_op_reply *r, const void *buf,
			      size_t len);

/* i32 of SchedExit, Exit, ExecExit; u64 of ScenarioEnd, Time. */
int kt_i32_encode(s32 v, void *buf, size_t size);
int kt_i32_decode(s32 *v, const void *buf, size_t len);
int kt_u64_encode(u64 v, void *buf, size_t size);
int kt_u64_decode(u64 *v, const void *buf, size_t len);

/* Lifecycle: u8 phase, then an optional reason (cut to the maximum). */
int kt_lifecycle_encode(enum kt_lifecycle phase, const char *reason,
			void *buf, size_t size);
int kt_lifecycle_decode(u8 *phase, char *reason, size_t reason_size,
			const void *buf, size_t len);

#endif /* KTSTR_WIRE_MSG_H */
