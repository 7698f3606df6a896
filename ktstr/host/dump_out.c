// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines and words of a dump's text.
 */
#include "../inspect/json.h"
#include "dump_out.h"

#define COLUMNS		100
#define BRIEF_LINE	240	/* bytes of one */
#define BRIEF_FRAMES	8	/* of a stack */
#define BRIEF_NAME	80	/* bytes of one */
#define MAX_WORD	(1024 * 1024)

/* @text as one line: what would break it is replaced. */
static void flatten(char *text)
{
	char *c;

	kt_text_sanitize(text, strlen(text));
	for (c = text; *c; c++)
		if (*c == '\n' || *c == '\t')
			*c = ' ';
}

static void put(struct kt_dump_out *o, char *text)
{
	size_t len;

	flatten(text);
	len = strlen(text);
	if (o->brief && len > BRIEF_LINE) {
		len = kt_utf8_cut(text, len, BRIEF_LINE - 3);
		memcpy(text + len, "...", sizeof("..."));
		len += 3;
	}
	if (o->brief && (o->cut || !o->lines_left || len + 1 > o->bytes_left)) {
		o->cut = true;
		return;
	}
	if (o->brief) {
		o->lines_left--;
		o->bytes_left -= len + 1;
	}
	fprintf(o->f, "%s\n", text);
}

void kt_dump_line(struct kt_dump_out *o, const char *fmt, ...)
{
	char *text;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len < 0)
		return;
	put(o, text);
	free(text);
}

bool kt_dump_more(struct kt_dump_out *o, size_t i, size_t most, size_t nr)
{
	if (!o->brief || i < most)
		return true;
	if (i == most && i < nr)
		kt_dump_line(o, "  %zu more", nr - i);
	return false;
}

static void flush_words(struct kt_dump_words *w)
{
	if (!w->line.len_bytes)
		return;
	if (!w->o->brief || w->lines < w->most)
		kt_dump_line(w->o, "%s%s", w->lines ? "    " : w->head,
			     kt_strbuf_str(&w->line));
	else if (w->lines == w->most)
		kt_dump_line(w->o, "    and more");
	w->lines++;
	kt_strbuf_reset(&w->line);
}

void kt_dump_words_init(struct kt_dump_words *w, struct kt_dump_out *o,
			const char *head, u32 most)
{
	*w = (struct kt_dump_words){ .o = o, .head = head, .most = most };
	kt_strbuf_init(&w->line, MAX_WORD);
}

void kt_dump_word(struct kt_dump_words *w, const char *fmt, ...)
{
	size_t indent = w->lines ? 4 : strlen(w->head);
	struct kt_strbuf word;
	va_list ap;

	kt_strbuf_init(&word, MAX_WORD - 2);
	va_start(ap, fmt);
	kt_strbuf_vaddf(&word, fmt, ap);
	va_end(ap);
	if (w->line.len_bytes &&
	    indent + w->line.len_bytes + 2 + word.len_bytes > COLUMNS)
		flush_words(w);
	kt_strbuf_addf(&w->line, "%s%s", w->line.len_bytes ? ", " : "",
		       kt_strbuf_str(&word));
	kt_strbuf_fini(&word);
}

void kt_dump_words_end(struct kt_dump_words *w)
{
	flush_words(w);
	kt_strbuf_fini(&w->line);
}

const char *kt_dump_str(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

bool kt_dump_num(const json_t *object, const char *key, u64 *n)
{
	return !kt_json_get_u64(json_object_get(object, key), n);
}

char *kt_dump_value(const json_t *v, size_t max_bytes)
{
	const char *text = json_string_value(v);
	size_t len;
	char *s;

	if (text && *text && !strpbrk(text, " ,"))
		s = strdup(text);
	else
		s = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
	len = s ? strlen(s) : 0;
	if (len > max_bytes) {
		len = kt_utf8_cut(s, len, max_bytes - 3);
		memcpy(s + len, "...", sizeof("..."));
	}
	return s;
}

/* Who waits does so in here; what he waits for is behind it. */
static bool is_schedule(const char *frame)
{
	static const char *const names[] = {
		"__schedule+", "schedule+", "preempt_schedule_irq+",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strncmp(frame, names[i], strlen(names[i])))
			return true;
	return false;
}

static void stack_in_brief(struct kt_dump_out *o, const char *head,
			   const json_t *stack)
{
	size_t i, nr = json_array_size(stack), shown = 0;
	struct kt_strbuf sb;
	const char *frame;

	kt_strbuf_init(&sb, BRIEF_LINE);
	for (i = 0; i < nr && shown < BRIEF_FRAMES; i++) {
		frame = json_string_value(json_array_get(stack, i)) ?: "?";
		if (!shown && i + 1 < nr && is_schedule(frame))
			continue;
		/* without the function's length */
		kt_strbuf_addf(&sb, "%s%.*s", shown++ ? " <- " : "",
			       (int)min_t(size_t, strcspn(frame, "/"),
					  BRIEF_NAME), frame);
	}
	kt_dump_line(o, "%s: %s%s", head, kt_strbuf_str(&sb),
		     sb.overflow || i < nr ? " ..." : "");
	kt_strbuf_fini(&sb);
}

void kt_dump_stack(struct kt_dump_out *o, const char *head,
		   const json_t *stack)
{
	json_t *frame;
	size_t i;

	if (o->brief) {
		stack_in_brief(o, head, stack);
		return;
	}
	kt_dump_line(o, "%s", head);
	json_array_foreach(stack, i, frame)
		kt_dump_line(o, "    %s", json_string_value(frame) ?: "?");
}
