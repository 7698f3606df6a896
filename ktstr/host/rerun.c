// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records of deterministic runs, written and compared. What they are compared by
 * are the streams of frames themselves: where they part is where the runs did.
 */
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "../base/strbuf.h"
#include "../wire/msg.h"
#include "find.h"
#include "identity.h"
#include "rerun.h"

#define COMMAND_MAX_BYTES	(64u << 10)
#define TEXT_MAX_BYTES		(64u << 10)
#define STREAM_MAX_BYTES	(128u << 20)
#define EXCERPT_BYTES		160
#define HOLDS_TO_PLAN		2

void kt_rerun_record(const struct kt_record *r, const struct kt_strv *argv)
{
	FILE *f = kt_record_file(r, KT_RERUN_COMMAND);
	char path[PATH_MAX];
	u32 i;

	if (!f)
		return;
	fwrite(path, 1, getcwd(path, sizeof(path)) ? strlen(path) + 1 : 0, f);
	for (i = 0; i < argv->nr; i++) {
		const char *arg = argv->v[i];

		if (!i && !kt_find_self(path, sizeof(path)))
			arg = path;
		fwrite(arg, 1, strlen(arg) + 1, f);
	}
	kt_record_file_end(r, KT_RERUN_COMMAND, f);
}

/* "" for a run that nobody wanted to be deterministic. */
static void describe(char *text, size_t size, const struct kt_case *cs,
		     const struct kt_trace *t)
{
	text[0] = '\0';
	if (cs->real_time)
		snprintf(text, size, "deterministic: no, in real time: %s",
			 cs->real_time);
	else if (*t->disturbed)
		snprintf(text, size, "deterministic: no, %s; identity %016llx",
			 t->disturbed, (unsigned long long)cs->identity);
	else if (t->on)
		snprintf(text, size,
			 "deterministic: identity %016llx, trace %016llx, %llu frames, %llu.%03llu s of virtual time",
			 (unsigned long long)cs->identity,
			 (unsigned long long)kt_trace_hash(t),
			 (unsigned long long)t->nr_frames,
			 (unsigned long long)(t->last_ns / KT_NSEC_PER_SEC),
			 (unsigned long long)(t->last_ns % KT_NSEC_PER_SEC /
					      KT_NSEC_PER_MSEC));
}

void kt_rerun_report(FILE *out, const struct kt_case *cs,
		     const struct kt_trace *t)
{
	char text[256];

	describe(text, sizeof(text), cs, t);
	if (*text)
		fprintf(out, "%s\n", text);
}

void kt_rerun_record_trace(const struct kt_record *r, const struct kt_case *cs,
			   const struct kt_trace *t)
{
	char text[256];

	describe(text, sizeof(text) - 1, cs, t);
	if (!*text)
		return;
	strcat(text, "\n");
	kt_record_text(r, KT_RERUN_TRACE, text);
}

static int read_member(const char *dir, const char *name, size_t max,
		       char **text, size_t *len)
{
	char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >=
	    sizeof(path))
		return -ENAMETOOLONG;
	return kt_read_file(path, max, text, len);
}

int kt_rerun_load(struct kt_rerun *rr, const char *dir)
{
	size_t len, at;
	char *text;
	int ret;

	memset(rr, 0, sizeof(*rr));
	kt_strv_init(&rr->argv);
	ret = read_member(dir, KT_RERUN_COMMAND, COMMAND_MAX_BYTES, &text, &len);
	if (ret)
		return kt_err(ret, "%s has no command (%s): it is of an older ktstr; run the test again",
			      dir, strerror(-ret));
	for (at = 0; at < len; at += strlen(text + at) + 1) {
		if (rr->dir)
			kt_strv_add(&rr->argv, text + at);
		else
			rr->dir = strdup(text);
	}
	if (!rr->argv.nr || text[len - 1])
		ret = kt_err(-EPROTO, "%s/" KT_RERUN_COMMAND ": it is cut off; run the test again",
			     dir);
	free(text);
	return ret ? ret : rr->argv.err;
}

void kt_rerun_fini(struct kt_rerun *rr)
{
	free(rr->dir);
	kt_strv_fini(&rr->argv);
}

/* One record's stream of frames, read one by one. */
struct stream {
	struct kt_assembler a;
	struct kt_frame f;
	bool have;		/* @f */
	u64 nr;			/* of @f, from 1 */
	u64 at_ns;		/* the guest's time at @f */
};

static int stream_open(struct stream *s, const char *dir)
{
	size_t len;
	char *data;
	int ret;

	memset(s, 0, sizeof(*s));
	kt_assembler_init(&s->a);
	ret = read_member(dir, "frames", STREAM_MAX_BYTES, &data, &len);
	if (ret)
		return kt_err(ret, "%s/frames: %s", dir, strerror(-ret));
	ret = kt_assembler_feed(&s->a, data, len);
	free(data);
	return ret;
}

static void stream_next(struct stream *s)
{
	s->have = kt_assembler_next(&s->a, &s->f);
	if (!s->have)
		return;
	s->nr++;
	if (s->f.msg_type == KT_TAG_TIME && s->f.crc_ok)
		kt_u64_decode(&s->at_ns, s->f.payload, s->f.len_bytes);
}

int kt_rerun_end(const char *dir, u64 *ns)
{
	struct stream s;
	int ret = stream_open(&s, dir);

	do {
		stream_next(&s);
	} while (s.have);
	*ns = s.at_ns;
	kt_assembler_fini(&s.a);
	return ret;
}

static bool same_frame(const struct stream *a, const struct stream *b)
{
	return a->f.msg_type == b->f.msg_type &&
	       a->f.len_bytes == b->f.len_bytes && a->f.crc_ok == b->f.crc_ok &&
	       !memcmp(a->f.payload, b->f.payload, a->f.len_bytes);
}

/* The frame that @s is at, from the first byte that the other lacks. */
static void say_frame(FILE *out, const char *who, const struct stream *s,
		      size_t from)
{
	const struct kt_tag_info *info = kt_tag_info(s->f.msg_type);
	char text[EXCERPT_BYTES + 1], tag[5];
	const u8 *p = s->f.payload;
	size_t i, n;

	if (!s->have) {
		fprintf(out, "%s: no frame %llu\n", who,
			(unsigned long long)s->nr + 1);
		return;
	}
	fprintf(out, "%s: %s, %u bytes", who,
		info ? info->name : kt_tag_str(s->f.msg_type, tag),
		s->f.len_bytes);
	if (s->f.msg_type == KT_TAG_TIME) {
		fprintf(out, ", %llu.%09llu s\n",
			(unsigned long long)(s->at_ns / KT_NSEC_PER_SEC),
			(unsigned long long)(s->at_ns % KT_NSEC_PER_SEC));
		return;
	}
	n = min_t(size_t, s->f.len_bytes - from, EXCERPT_BYTES);
	for (i = 0; i < n; i++)
		text[i] = p[from + i] >= 0x20 && p[from + i] < 0x7f ?
			  (char)p[from + i] : '.';
	text[n] = '\0';
	fprintf(out, ", from byte %zu: \"%s\"\n", from, text);
}

static void say_difference(FILE *out, const struct stream *a,
			   const struct stream *b)
{
	u32 len = a->have && b->have ? min(a->f.len_bytes, b->f.len_bytes) : 0;
	const u8 *pa = a->f.payload, *pb = b->f.payload;
	u64 at_ns = min(a->at_ns, b->at_ns);
	size_t from = 0;

	if (a->have && b->have && a->f.msg_type == b->f.msg_type)
		while (from < len && pa[from] == pb[from])
			from++;
	/* what led to it is readable */
	from -= min_t(size_t, from, EXCERPT_BYTES / 4);
	fprintf(out, "different from frame %llu on, at %llu.%09llu s of virtual time\n",
		(unsigned long long)max(a->nr, b->nr),
		(unsigned long long)(at_ns / KT_NSEC_PER_SEC),
		(unsigned long long)(at_ns % KT_NSEC_PER_SEC));
	say_frame(out, "  first ", a, from);
	say_frame(out, "  second", b, from);
}

/* @holds: how many there are ahead of the difference. */
static enum kt_rerun_result compare_frames(FILE *out, struct stream *a,
					   struct stream *b, u32 *holds)
{
	for (*holds = 0;; *holds += a->f.msg_type == KT_TAG_HOLD) {
		stream_next(a);
		stream_next(b);
		if (!a->have || !b->have || !same_frame(a, b))
			break;
	}
	if (!a->have && !b->have)
		return KT_RERUN_IDENTICAL;
	say_difference(out, a, b);
	return KT_RERUN_DIFFERENT;
}

static enum kt_rerun_result compare_streams(FILE *out, const char *a,
					    const char *b, u32 *holds)
{
	enum kt_rerun_result result = KT_RERUN_NOT_COMPARABLE;
	struct stream sa, sb;
	int ret;

	ret = stream_open(&sa, a);
	if (stream_open(&sb, b) || ret)
		fprintf(out, "not comparable: a stream of frames cannot be read\n");
	else
		result = compare_frames(out, &sa, &sb, holds);
	kt_assembler_fini(&sa.a);
	kt_assembler_fini(&sb.a);
	return result;
}

/* The identities, which are the same; or why there is nothing to compare. */
static bool comparable(FILE *out, const char *a, const char *b, bool *traced)
{
	char *ia = NULL, *ib = NULL, why[1024];
	bool ok = false;

	if (read_member(a, KT_RERUN_IDENTITY, TEXT_MAX_BYTES, &ia, NULL))
		fprintf(out, "not comparable: %s has no identity: it ran in real time, which does not come again; use --deterministic\n",
			a);
	else if (read_member(b, KT_RERUN_IDENTITY, TEXT_MAX_BYTES, &ib, NULL))
		fprintf(out, "not comparable: %s has no identity: it ran in real time\n",
			b);
	else if (!kt_identity_same(ia, ib, traced, why, sizeof(why)))
		fprintf(out, "not comparable: these are two different runs: %s\n",
			why);
	else
		ok = true;
	free(ia);
	free(ib);
	return ok;
}

/* The line that a record has of its trace, if it says that it was disturbed. */
static void say_disturbed(FILE *out, const char *dir)
{
	char *text;

	if (read_member(dir, KT_RERUN_TRACE, TEXT_MAX_BYTES, &text, NULL))
		return;
	if (strstr(text, "deterministic: no"))
		fprintf(out, "%s: %s", dir, text);
	free(text);
}

/*
 * With all frames the same: that the consoles are, too. A machine from a template
 * has not shown what one that boots does, and the trace leaves that out.
 */
static bool same_trace(const char *a, const char *b)
{
	char *ta = NULL, *tb = NULL;
	bool same;

	read_member(a, KT_RERUN_TRACE, TEXT_MAX_BYTES, &ta, NULL);
	read_member(b, KT_RERUN_TRACE, TEXT_MAX_BYTES, &tb, NULL);
	same = ta && tb && !strcmp(ta, tb);
	free(ta);
	free(tb);
	return same;
}

/*
 * What differs, of which only one was traced. That begins with the Plan, which is
 * the answer to the second Hold: what differs ahead of it has another cause.
 */
static enum kt_rerun_result say_traced(FILE *out, const char *a, const char *b,
				       u32 holds)
{
	char *va = NULL, *vb = NULL;
	bool same;

	if (holds < HOLDS_TO_PLAN) {
		fprintf(out, "the events that were traced in one of them are not why: that began later\n");
		return KT_RERUN_DIFFERENT;
	}
	read_member(a, "outcome", TEXT_MAX_BYTES, &va, NULL);
	read_member(b, "outcome", TEXT_MAX_BYTES, &vb, NULL);
	same = va && vb && !strcmp(va, vb);
	fprintf(out, "because events were traced in one of them, which takes instructions of the guest; verdicts: %s, %s\n",
		va ?: "none", vb ?: "none");
	free(va);
	free(vb);
	return same ? KT_RERUN_TRACED : KT_RERUN_DIFFERENT;
}

enum kt_rerun_result kt_rerun_compare(FILE *out, const char *a, const char *b)
{
	enum kt_rerun_result result = KT_RERUN_NOT_COMPARABLE;
	bool traced;
	u32 holds = 0;

	if (!comparable(out, a, b, &traced))
		return result;
	result = compare_streams(out, a, b, &holds);
	if (result == KT_RERUN_IDENTICAL && !same_trace(a, b)) {
		fprintf(out, "different: all frames are the same, the consoles are not\n");
		result = KT_RERUN_DIFFERENT;
	} else if (result == KT_RERUN_DIFFERENT && traced) {
		result = say_traced(out, a, b, holds);
	}
	if (result == KT_RERUN_IDENTICAL)
		fprintf(out, "identical\n");
	else
		say_disturbed(out, a);
	if (result != KT_RERUN_IDENTICAL)
		say_disturbed(out, b);
	return result;
}
