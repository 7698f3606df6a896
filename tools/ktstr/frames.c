// SPDX-License-Identifier: GPL-2.0-only
/*
 * `ktstr frames FILE`: decodes a recorded guest-to-host stream, a line a frame,
 * or with --stdout what the test wrote to its standard output, as it is.
 * Reads in chunks, so a stream may be of any size. What it shows came from a
 * guest: every payload goes through the decoders of the wire layer, text is
 * made fit to print. Exit status 0 when all CRCs are good and nothing is left
 * over.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <subcmd/parse-options.h>

#include "ktstr/base/fd.h"
#include "ktstr/base/log.h"
#include "ktstr/base/strbuf.h"
#include "ktstr/wire/frame.h"
#include "ktstr/wire/msg.h"
#include "ktstr/wire/result.h"

#include "frames.h"

#define CHUNK_BYTES	(64u << 10)
#define EXCERPT_CHARS	60
#define MALFORMED	" malformed"

typedef void (*show_fn)(const struct kt_frame *f);
typedef void (*frame_fn)(const struct kt_frame *f, u64 index, u64 offset);

/* Text in quotes, on one line, at most EXCERPT_CHARS characters of it. */
static void show_excerpt(const char *text, size_t len_bytes)
{
	char cut[4 * EXCERPT_CHARS + 1];
	size_t chars = 0, len, i;

	for (len = 0; len < min(len_bytes, sizeof(cut) - 1); len++) {
		bool starts = ((u8)text[len] & 0xc0) != 0x80;

		if (starts && chars++ == EXCERPT_CHARS)
			break;
		cut[len] = text[len];
	}
	kt_text_sanitize(cut, len);
	for (i = 0; i < len; i++)
		if (cut[i] == '\n' || cut[i] == '\t')
			cut[i] = ' ';
	printf(" \"%.*s\"%s", (int)len, cut, len < len_bytes ? "..." : "");
}

static void show_text(const struct kt_frame *f)
{
	show_excerpt(f->payload, f->len_bytes);
}

static void show_i32(const struct kt_frame *f)
{
	s32 code;

	if (kt_i32_decode(&code, f->payload, f->len_bytes))
		printf(MALFORMED);
	else
		printf(" code=%d", code);
}

static void show_elapsed(const struct kt_frame *f)
{
	u64 ms;

	if (kt_u64_decode(&ms, f->payload, f->len_bytes))
		printf(MALFORMED);
	else
		printf(" elapsed=%llu ms", (unsigned long long)ms);
}

static void show_time(const struct kt_frame *f)
{
	u64 ns;

	if (kt_u64_decode(&ns, f->payload, f->len_bytes))
		printf(MALFORMED);
	else
		printf(" %llu.%09llu s",
		       (unsigned long long)(ns / KT_NSEC_PER_SEC),
		       (unsigned long long)(ns % KT_NSEC_PER_SEC));
}

static void show_stimulus(const struct kt_frame *f)
{
	struct kt_stimulus s;

	if (kt_stimulus_decode(&s, f->payload, f->len_bytes)) {
		printf(MALFORMED);
		return;
	}
	printf(" elapsed=%u ms step=%u ops=%u kinds=%#x cgroups=%u workers=%u iterations=%llu",
	       s.elapsed_ms, s.step_index, s.op_count, s.op_kinds,
	       s.cgroup_count, s.worker_count,
	       (unsigned long long)s.total_iterations);
}

static void show_lifecycle(const struct kt_frame *f)
{
	static const char *const phases[] = {
		[KT_LIFE_INIT_STARTED] = "init started",
		[KT_LIFE_PAYLOAD_STARTING] = "payload starting",
		[KT_LIFE_SCHED_DIED] = "scheduler died",
		[KT_LIFE_SCHED_NOT_ATTACHED] = "scheduler not attached",
	};
	char reason[KT_LIFECYCLE_REASON_MAX + 1];
	u8 phase;

	if (kt_lifecycle_decode(&phase, reason, sizeof(reason), f->payload,
				f->len_bytes)) {
		printf(MALFORMED);
		return;
	}
	printf(" %s", phases[phase]);
	if (reason[0])
		show_excerpt(reason, strlen(reason));
}

static void show_result(const struct kt_frame *f)
{
	static struct kt_result r;
	u32 failed = 0, i;

	if (kt_result_decode(&r, f->payload, f->len_bytes)) {
		printf(MALFORMED);
		return;
	}
	for (i = 0; i < r.nr_claims; i++)
		failed += !r.claims[i].ok;
	printf(" %s", kt_outcome_info(r.outcome)->name);
	show_excerpt(r.test, strlen(r.test));
	printf(" %u ms, %u details, %u claims (%u failed), %u cgroups",
	       r.duration_ms, r.nr_details, r.nr_claims, failed, r.nr_cgroups);
}

static void show_kern_addrs(const struct kt_frame *f)
{
	struct kt_kern_addrs k;

	if (kt_kern_addrs_decode(&k, f->payload, f->len_bytes)) {
		printf(MALFORMED);
		return;
	}
	if (k.phys_base_biased)
		printf(" phys_base=%#llx",
		       (unsigned long long)k.phys_base_biased - 1);
	if (k.page_offset_base_kva)
		printf(" page_offset_base@%#llx",
		       (unsigned long long)k.page_offset_base_kva);
	if (k.text_kva_biased)
		printf(" _text=%#llx",
		       (unsigned long long)k.text_kva_biased - 1);
}

static void show_snapshot_req(const struct kt_frame *f)
{
	struct kt_snapshot_req r;

	if (kt_snapshot_req_decode(&r, f->payload, f->len_bytes)) {
		printf(MALFORMED);
		return;
	}
	printf(" id=%u %s", r.request_id,
	       r.kind == KT_SNAPSHOT_CAPTURE ? "capture" : "watch");
	show_excerpt(r.tag, strlen(r.tag));
}

static void show_kernel_op_req(const struct kt_frame *f)
{
	struct kt_kernel_op_req r;

	if (kt_kernel_op_req_decode(&r, f->payload, f->len_bytes)) {
		printf(MALFORMED);
		return;
	}
	printf(" id=%u %s %s target=%u width=%u", r.request_id,
	       r.cold ? "cold" : "hot", r.write ? "write" : "read", r.target,
	       r.width);
	show_excerpt(r.tag, strlen(r.tag));
}

/* A type that is not here has no payload worth showing. */
static const struct {
	u32 tag;
	show_fn show;
} shows[] = {
	{ KT_TAG_STIMULUS,		show_stimulus },
	{ KT_TAG_SCENARIO_END,		show_elapsed },
	{ KT_TAG_EXIT,			show_i32 },
	{ KT_TAG_SCHED_EXIT,		show_i32 },
	{ KT_TAG_EXEC_EXIT,		show_i32 },
	{ KT_TAG_TEST_RESULT,		show_result },
	{ KT_TAG_CRASH,			show_text },
	{ KT_TAG_PAYLOAD_METRICS,	show_text },
	{ KT_TAG_RAW_OUTPUT,		show_text },
	{ KT_TAG_STDOUT,		show_text },
	{ KT_TAG_STDERR,		show_text },
	{ KT_TAG_SCHED_LOG,		show_text },
	{ KT_TAG_DMESG,			show_text },
	{ KT_TAG_PROBE_OUTPUT,		show_text },
	{ KT_TAG_LIFECYCLE,		show_lifecycle },
	{ KT_TAG_KERN_ADDRS,		show_kern_addrs },
	{ KT_TAG_SNAPSHOT_REQ,		show_snapshot_req },
	{ KT_TAG_TIME,			show_time },
	{ KT_TAG_FINAL_STATE,		show_text },
	{ KT_TAG_KERNEL_OP_REQ,		show_kernel_op_req },
};

static void show_payload(const struct kt_frame *f)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(shows); i++)
		if (shows[i].tag == f->msg_type)
			shows[i].show(f);
}

static void show_frame(const struct kt_frame *f, u64 index, u64 offset)
{
	const struct kt_tag_info *info = kt_tag_info(f->msg_type);
	char tag[5];

	printf("%5llu %10llu ", (unsigned long long)index,
	       (unsigned long long)offset);
	if (info)
		printf("%-16s", info->name);
	else
		printf("unknown %s (%#010x)", kt_tag_str(f->msg_type, tag),
		       f->msg_type);
	printf(" %8u bytes  crc %s", f->len_bytes, f->crc_ok ? "ok" : "BAD");
	if (info && info->host_only)
		printf(" only the host sends it");
	else
		show_payload(f);
	putchar('\n');
}

/* The text of a Stdout frame, made fit to print. */
static void show_stdout(const struct kt_frame *f, u64 index, u64 offset)
{
	(void)index;
	(void)offset;
	if (f->msg_type == KT_TAG_STDOUT && f->crc_ok && f->len_bytes)
		kt_text_write(stdout, f->payload, f->len_bytes);
}

/* Shows what @a holds after @received bytes of the stream. */
static void show_frames(struct kt_assembler *a, u64 received, frame_fn show)
{
	struct kt_frame f;
	const void *rest;

	while (kt_assembler_next(a, &f)) {
		u64 left = kt_assembler_residue(a, &rest);
		u64 size = sizeof(struct kt_frame_hdr) + f.len_bytes;

		show(&f, a->frames - 1, received - left - size);
	}
}

static int show_stream(int fd, const char *name, struct kt_assembler *a,
		       frame_fn show)
{
	static char chunk[CHUNK_BYTES];
	u64 received = 0;
	ssize_t n;
	int err;

	for (;;) {
		n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return kt_err(-errno, "%s: cannot be read: %s", name,
				      strerror(errno));
		if (!n)
			return 0;
		err = kt_assembler_feed(a, chunk, n);
		if (err)
			return err;
		received += n;
		show_frames(a, received, show);
	}
}

/* The last lines. True when the stream is whole. */
static bool show_end(const struct kt_assembler *a, FILE *out)
{
	const void *rest;
	size_t left = kt_assembler_residue(a, &rest);

	if (left)
		fprintf(out, "%zu bytes of an incomplete frame\n", left);
	if (a->dropped_bytes)
		fprintf(out, "%llu bytes dropped\n",
			(unsigned long long)a->dropped_bytes);
	return !left && !a->dropped_bytes && !a->bad_crc;
}

static int open_stream(const char *name)
{
	int fd;

	if (!strcmp(name, "-"))
		fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	else
		fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		kt_err(-errno, "%s: cannot be opened: %s; name a recorded stream, or - for standard input",
		       name, strerror(errno));
	return fd;
}

int kt_cmd_frames(int argc, const char **argv)
{
	static const char * const usage[] = {
		"ktstr frames [--stdout] FILE", "ktstr frames [--stdout] -", NULL
	};
	bool only_stdout = false, whole = false;
	const struct option options[] = {
		OPT_BOOLEAN(0, "stdout", &only_stdout,
			    "print the test's standard output and nothing else"),
		OPT_END()
	};
	struct kt_assembler a;
	int fd;

	argc = parse_options(argc, argv, options, usage, 0);
	if (argc != 1)
		usage_with_options(usage, options);
	fd = open_stream(argv[0]);
	if (fd < 0)
		return 1;
	kt_assembler_init(&a);
	if (!show_stream(fd, argv[0], &a, only_stdout ? show_stdout : show_frame))
		whole = show_end(&a, only_stdout ? stderr : stdout);
	kt_assembler_fini(&a);
	kt_close(&fd);
	if (fflush(stdout) || ferror(stdout)) {
		kt_err(-EIO, "standard output: cannot be written");
		return 1;
	}
	return whole ? 0 : 1;
}
