// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest's stream through assembler, dispatch and watchdog. The first byte
 * chooses: bit 0 repairs the CRC of every frame, or nearly none would pass the
 * gates; the other bits start with that many requests pending. A frame's
 * padding is the time that passes before it, in milliseconds.
 */
#include <assert.h>
#include <fcntl.h>
#include <sys/eventfd.h>

#include "ktstr/base/log.h"
#include "ktstr/coord/watchdog.h"
#include "stream.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define RUN_LIMIT_NS	(100 * KT_NSEC_PER_SEC)

static void check_sinks(const struct kt_sinks *s)
{
	u32 i;

	assert(s->nr_snapshots <= KT_MAX_PENDING);
	assert(s->nr_kernel_ops <= KT_MAX_PENDING);
	assert(s->deadline_ns && s->deadline_ns <= s->deadline_cap_ns);
	assert(s->deadline_cap_ns <= RUN_LIMIT_NS);
	assert(s->phase <= UINT16_MAX);
	assert(!s->pause_ns || s->pause_ns <= max_t(u64, s->now_ns, 1));
	for (i = 0; i < s->nr_snapshots; i++)
		assert(strlen(s->snapshots[i].tag) <= KT_SNAPSHOT_TAG_BYTES);
	for (i = 0; i < s->nr_kernel_ops; i++)
		assert(strlen(s->kernel_ops[i].tag) <= KT_KERNEL_OP_TAG_BYTES);
}

static void check_change(const struct kt_frame *f, bool kept, bool was_killed,
			 u64 start_was, u64 slide_was, const struct kt_sinks *s)
{
	const struct kt_tag_info *info = kt_tag_info(f->msg_type);

	assert(!kept || (info && info->verdict && !info->host_only));
	assert(kept || f->msg_type != KT_TAG_TEST_RESULT);
	if (s->kill != was_killed)
		assert(kept && f->crc_ok && f->msg_type == KT_TAG_SCHED_EXIT);
	assert(!start_was || s->start_ns == start_was);
	assert(!slide_was || s->slide_biased == slide_was);
	assert(!s->slide_biased || s->slide_biased - 1 <= 1 << 30);
}

static void one_frame(struct kt_watchdog *w, struct kt_sinks *s,
		      const struct kt_frame *f)
{
	u64 start_was = s->start_ns, slide_was = s->slide_biased;
	enum kt_stage stage_was = w->stage;
	bool was_killed = s->kill, kept;
	struct kt_frame_hdr hdr;

	memcpy(&hdr, (const u8 *)f->payload - sizeof(hdr), sizeof(hdr));
	s->now_ns = kt_add_sat(s->now_ns,
			       le32_to_cpu(hdr._pad) * KT_NSEC_PER_MSEC);
	kept = kt_dispatch(f, s);
	check_change(f, kept, was_killed, start_was, slide_was, s);
	kt_watchdog_frame(w, f, s);
	assert(w->stage >= stage_was && w->stage <= KT_STAGE_EXITED);
	check_sinks(s);
}

/* Two events that can be written and one that cannot. */
static void set_events(struct kt_sinks *s)
{
	static int event = -1, dead = -1;

	if (event < 0) {
		event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		dead = open("/dev/null", O_RDONLY | O_CLOEXEC);
		assert(event >= 0 && dead >= 0);
	}
	s->ready_evt = event;
	s->kern_addrs_evt = event;
	s->kill_evt = dead;
}

static void start(struct kt_watchdog *w, struct kt_sinks *s, u32 pending)
{
	*w = (struct kt_watchdog){
		.boot_budget_ns = 60 * KT_NSEC_PER_SEC,
		.attach_budget_ns = 20 * KT_NSEC_PER_SEC,
		.teardown_budget_ns = 5 * KT_NSEC_PER_SEC,
		.run_limit_ns = RUN_LIMIT_NS,
	};
	kt_sinks_init(s);
	set_events(s);
	s->duration_ns = 10 * KT_NSEC_PER_SEC;
	s->text_link_kva = 0xffffffff81000000;
	s->nr_snapshots = min_t(u32, pending, KT_MAX_PENDING);
	s->nr_kernel_ops = s->nr_snapshots;
	kt_watchdog_start(w, s);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct kt_sinks s;
	struct kt_watchdog w;
	struct kt_assembler a;
	struct kt_frame f;
	u8 *stream;

	if (!size)
		return 0;
	kt_log_set_level(KT_LOG_ERR);
	start(&w, &s, data[0] >> 1);
	stream = malloc(size);
	if (!stream)
		return 0;
	memcpy(stream, data + 1, size - 1);
	if (data[0] & 1)
		repair_crcs(stream, size - 1);

	kt_assembler_init(&a);
	kt_assembler_feed(&a, stream, size - 1);
	free(stream);
	while (kt_assembler_next(&a, &f))
		one_frame(&w, &s, &f);
	kt_assembler_fini(&a);
	return 0;
}
