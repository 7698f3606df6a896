// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way of a chase from `ktstr rerun` to the coordinator and back. The lines
 * of the kernel's functions are addr2line's to find, once for all writes.
 */
#include <inttypes.h>
#include <limits.h>

#include "../base/log.h"
#include "../base/proc.h"
#include "../base/strbuf.h"
#include "../base/strv.h"
#include "../inspect/json.h"
#include "chase.h"

#define TEXT_MAX	(16u << 10)
#define LINES_MS	60000
#define LINES_MAX	(4u << 20)
#define LINES_ADDRS	512	/* of different writers in the kernel */

char *kt_chase_encode(const struct kt_chase_opts *o)
{
	struct kt_strbuf sb;
	char *text;
	u32 i;

	kt_strbuf_init(&sb, TEXT_MAX);
	for (i = 0; i < o->nr_at; i++)
		kt_strbuf_addf(&sb, "at=%" PRIu64 ";", o->at_ns[i]);
	if (o->ends)
		kt_strbuf_addf(&sb, "ends=1;");
	if (o->watch)
		kt_strbuf_addf(&sb, "watch=%s;", o->watch);
	if (o->gdb)
		kt_strbuf_addf(&sb, "gdb=%s;", o->gdb);
	text = sb.overflow ? NULL : strdup(kt_strbuf_str(&sb));
	kt_strbuf_fini(&sb);
	return text;
}

static int add_time(struct kt_chase_opts *o, const char *value)
{
	char *end;
	u64 ns;

	errno = 0;
	ns = strtoull(value, &end, 10);
	if (errno || end == value || *end || o->nr_at == KT_CHASE_MAX_STOPS ||
	    (o->nr_at && ns <= o->at_ns[o->nr_at - 1]))
		return -EINVAL;
	o->at_ns[o->nr_at++] = ns;
	return 0;
}

static int decode_one(struct kt_chase_opts *o, char *part)
{
	char *value = strchr(part, '=');

	if (!value)
		return -EINVAL;
	*value++ = '\0';
	if (!strcmp(part, "at"))
		return add_time(o, value);
	if (!strcmp(part, "ends"))
		o->ends = true;
	else if (!strcmp(part, "watch") && *value)
		o->watch = value;
	else if (!strcmp(part, "gdb") && *value)
		o->gdb = value;
	else
		return -EINVAL;
	return 0;
}

int kt_chase_decode(struct kt_chase_opts *o, char **text)
{
	const char *env = getenv(KT_CHASE_ENV);
	char *part, *rest;
	int ret = 0;

	memset(o, 0, sizeof(*o));
	*text = NULL;
	if (!env || !*env)
		return 0;
	*text = strdup(env);
	if (!*text)
		return -ENOMEM;
	for (part = strtok_r(*text, ";", &rest); part && !ret;
	     part = strtok_r(NULL, ";", &rest))
		ret = decode_one(o, part);
	if (ret)
		return kt_err(ret, KT_CHASE_ENV "=\"%s\" cannot be understood; it is set by `ktstr rerun`: unset it",
			      env);
	o->on = true;
	return 0;
}

bool kt_chase_has_gdb(void)
{
	const char *env = getenv(KT_CHASE_ENV);

	return env && strstr(env, "gdb=");
}

static u64 number(const json_t *o, const char *name)
{
	u64 v = 0;

	kt_json_get_u64(json_object_get(o, name), &v);
	return v;
}

/* The text of "0x..". */
static const char *pc_of(const json_t *write)
{
	return json_string_value(json_object_get(write, "pc"));
}

static void add_address(struct kt_strv *argv, const char *pc)
{
	u32 i;

	for (i = 0; i < argv->nr; i++)
		if (!strcmp(argv->v[i], pc))
			return;
	kt_strv_add(argv, pc);
}

/* The line of the function itself, and what of an inlined one it came to be. */
static json_t *line_of(const char *inner, size_t inner_len, const char *outer,
		       size_t outer_len)
{
	if (inner == outer)
		return kt_json_textf("%.*s", (int)inner_len, inner);
	return kt_json_textf("%.*s (inlined: %.*s)", (int)outer_len, outer,
			     (int)inner_len, inner);
}

static void set_line(json_t *writes, u64 pc, json_t *line)
{
	json_t *w;
	size_t i;

	json_array_foreach(writes, i, w)
		if (pc_of(w) && strtoull(pc_of(w), NULL, 16) == pc &&
		    !json_object_get(w, "line"))
			json_object_set(w, "line", line);
}

/* Of each address a line with it, then its places, the innermost first. */
static void set_lines(json_t *writes, const char *answer)
{
	const char *inner, *outer = NULL;
	size_t inner_len, outer_len = 0;
	json_t *line;
	u64 pc;

	while (*answer) {
		pc = strtoull(answer, NULL, 16);
		answer += strcspn(answer, "\n");
		answer += *answer == '\n';
		inner = answer;
		inner_len = strcspn(answer, "\n");
		while (*answer && strncmp(answer, "0x", 2)) {
			outer = answer;
			outer_len = strcspn(answer, "\n");
			answer += outer_len + (answer[outer_len] == '\n');
		}
		if (answer == inner || *inner == '?')
			continue;
		line = line_of(inner, inner_len, outer, outer_len);
		set_line(writes, pc, line);
		json_decref(line);
	}
}

static void find_lines(json_t *writes, const char *vmlinux)
{
	struct kt_proc_opts opts = KT_PROC_OPTS_INIT;
	struct kt_strbuf answer;
	struct kt_strv argv;
	size_t at;
	json_t *w;
	u32 first;

	kt_strv_init(&argv);
	kt_strv_add(&argv, "addr2line");
	kt_strv_add(&argv, "-sai");
	kt_strv_add(&argv, "-e");
	kt_strv_add(&argv, vmlinux);
	first = argv.nr;
	json_array_foreach(writes, at, w)
		if (pc_of(w) && !json_object_get(w, "line") &&
		    argv.nr - first < LINES_ADDRS)
			add_address(&argv, pc_of(w));
	kt_strbuf_init(&answer, LINES_MAX);
	if (argv.nr > first && !argv.err &&
	    !kt_proc_run((const char *const *)argv.v, &opts, LINES_MS, &answer))
		set_lines(writes, kt_strbuf_str(&answer));
	kt_strbuf_fini(&answer);
	kt_strv_fini(&argv);
}

void kt_chase_record(const struct kt_record *r, const struct kt_chase *ch,
		     const char *vmlinux)
{
	json_t *writes;
	FILE *f;

	if (!ch->on || !ch->found)
		return;
	writes = json_object_get(ch->found, "writes");
	if (writes && *vmlinux)
		find_lines(writes, vmlinux);
	f = kt_record_file(r, KT_CHASE_NAME);
	if (!f)
		return;
	json_dumpf(ch->found, f, JSON_INDENT(1));
	fputc('\n', f);
	kt_record_file_end(r, KT_CHASE_NAME, f);
}

static json_t *load(const char *dir, const char *name)
{
	char path[PATH_MAX];
	json_error_t err;
	json_t *v;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >=
	    sizeof(path))
		return NULL;
	v = json_load_file(path, JSON_REJECT_DUPLICATES, &err);
	if (!v)
		kt_err(-EPROTO, "%s: %s; was the run ended early, or its program of another version of ktstr?",
		       path, err.text);
	return v;
}

int kt_chase_read(const char *dir, json_t **found)
{
	*found = load(dir, KT_CHASE_NAME);
	return *found ? 0 : -EPROTO;
}

json_t *kt_chase_captures(const char *dir)
{
	return load(dir, "captures.json");
}

int kt_chase_parse_time(const char *text, u64 *ns)
{
	static const struct {
		const char *name;
		u64 ns;
	} units[] = {
		{ "", KT_NSEC_PER_SEC }, { "s", KT_NSEC_PER_SEC },
		{ "ms", KT_NSEC_PER_MSEC }, { "us", 1000 }, { "ns", 1 },
	};
	const char *digits = "0123456789";
	size_t whole = strspn(text, digits), part = 0, i;
	const char *rest = text + whole;

	if (*rest == '.')
		part = strspn(rest + 1, digits);
	if (!whole || whole > 10 || part > 9)
		return -EINVAL;
	if (*rest == '.')
		rest += 1 + part;
	for (i = 0; i < ARRAY_SIZE(units) && strcmp(rest, units[i].name); i++)
		;
	if (i == ARRAY_SIZE(units))
		return -EINVAL;
	*ns = strtoull(text, NULL, 10) * units[i].ns;
	for (u64 unit = units[i].ns, at = 0; at < part; at++) {
		unit /= 10;
		*ns += (text[whole + 1 + at] - '0') * unit;
	}
	return 0;
}

const char *kt_chase_time(u64 ns, char *buf, size_t size)
{
	snprintf(buf, size, "%llu.%03llu s",
		 (unsigned long long)(ns / KT_NSEC_PER_SEC),
		 (unsigned long long)(ns % KT_NSEC_PER_SEC / KT_NSEC_PER_MSEC));
	return buf;
}

static const char *text_of(const json_t *o, const char *name)
{
	const char *text = json_string_value(json_object_get(o, name));

	return text ? text : "?";
}

void kt_chase_print_writes(FILE *out, const json_t *found)
{
	const json_t *writes = json_object_get(found, "writes"), *w;
	const json_t *watch = json_object_get(found, "watch");
	const char *cut = json_string_value(json_object_get(found, "cut"));
	char at[32];
	size_t i;

	fprintf(out, "%s, %llu bytes in %s: %zu writes\n",
		text_of(watch, "symbol"),
		(unsigned long long)number(watch, "bytes"),
		text_of(watch, "in"), json_array_size(writes));
	json_array_foreach(writes, i, w)
		fprintf(out, "%s  cpu%llu  %llu -> %llu  %s  %s\n",
			kt_chase_time(number(w, "at_ns"), at, sizeof(at)),
			(unsigned long long)number(w, "vcpu"),
			(unsigned long long)number(w, "before"),
			(unsigned long long)number(w, "after"),
			text_of(w, "by"), text_of(w, "line"));
	if (cut)
		fprintf(out, "%s\n", cut);
}
