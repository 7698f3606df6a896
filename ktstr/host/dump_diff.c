// SPDX-License-Identifier: GPL-2.0-only
/*
 * The comparison, and what it leaves out.
 */
#include "dump_diff.h"
#include "dump_out.h"
#include "dump_path.h"

#define MAX_LEVELS	64
#define VALUE_BYTES	120	/* shown of one */

/* Of any two runs these differ, and tell nothing. */
static const char *const volatile_members[] = {
	/* times */
	"times", "jiffies", "vtime", "vtime_now", "runnable_ms", "at_ms",
	"from_ms", "to_ms", "schedstat", "last", "timeline",
	/* counters of time that passed */
	"nr_switches", "lb", "balance_interval", "nr_balance_failed",
	"run_count", "samples", "kept", "noise", "failed",
	/* addresses and registers */
	"slide", "rip", "regs", "@", "vcpus",
	/* identifiers */
	"id", "again",
	/* text that has all of these in it */
	"text", "texts", "frames", "dump",
};

static const char *const volatile_suffixes[] = { "_ns", "_at" };

struct diff {
	struct kt_dump_out out;
	struct kt_strbuf path;
	bool all;
	u64 nr;
};

static bool ends_with(const char *s, const char *end)
{
	size_t len = strlen(s), most = strlen(end);

	return len >= most && !strcmp(s + len - most, end);
}

static bool skips(const struct diff *d, const char *name)
{
	size_t i;

	if (d->all)
		return false;
	/* where a task happened to be; that of an error tells */
	if (!strcmp(name, "stack") &&
	    !strncmp(kt_strbuf_str(&d->path), "tasks.", strlen("tasks.")))
		return true;
	for (i = 0; i < ARRAY_SIZE(volatile_members); i++)
		if (!strcmp(name, volatile_members[i]))
			return true;
	for (i = 0; i < ARRAY_SIZE(volatile_suffixes); i++)
		if (ends_with(name, volatile_suffixes[i]))
			return true;
	return false;
}

/* "0xffff888004a75a00": an address of the kernel's half. */
static bool is_address(const char *s)
{
	return strlen(s) == 18 && !strncmp(s, "0xffff", 6);
}

/* Length of "function" in "function+0x12/0x34". */
static size_t without_offset(const char *s)
{
	const char *plus = strstr(s, "+0x");

	return plus ? (size_t)(plus - s) : strlen(s);
}

static bool same_leaf(const struct diff *d, const json_t *a, const json_t *b)
{
	const char *x = json_string_value(a), *y = json_string_value(b);
	size_t len;

	if (json_equal(a, b))
		return true;
	if (d->all || !x || !y)
		return false;
	if (is_address(x) && is_address(y))
		return true;
	len = without_offset(x);
	return x[len] && len == without_offset(y) && !strncmp(x, y, len);
}

/* Goes a member down; returns what up() takes. */
static size_t down(struct diff *d, const char *name)
{
	size_t len = d->path.len_bytes;

	kt_strbuf_addf(&d->path, "%s%s", len ? "." : "", name);
	return len;
}

static void up(struct diff *d, size_t len)
{
	d->path.len_bytes = len;
	d->path.overflow = false;
	if (d->path.str)
		d->path.str[len] = '\0';
}

static void only_in(struct diff *d, const char *which, const char *name)
{
	size_t len = down(d, name);

	d->nr++;
	kt_dump_line(&d->out, "only in %s: %s", which,
		     kt_strbuf_str(&d->path));
	up(d, len);
}

static void differ(struct diff *d, const json_t *a, const json_t *b)
{
	char *x = kt_dump_value(a, VALUE_BYTES);
	char *y = kt_dump_value(b, VALUE_BYTES);

	d->nr++;
	kt_dump_line(&d->out, "%s: %s -> %s", kt_strbuf_str(&d->path),
		     x ?: "?", y ?: "?");
	free(x);
	free(y);
}

static void compare(struct diff *d, const char *name, const json_t *a,
		    const json_t *b, u32 level);

static void compare_member(struct diff *d, const char *name, const json_t *a,
			   const json_t *b, u32 level)
{
	size_t len = down(d, name);

	compare(d, name, a, b, level + 1);
	up(d, len);
}

static void compare_objects(struct diff *d, const json_t *a, const json_t *b,
			    u32 level)
{
	const char *key;
	json_t *v, *w;

	json_object_foreach((json_t *)a, key, v) {
		if (skips(d, key))
			continue;
		w = json_object_get(b, key);
		if (w)
			compare_member(d, key, v, w, level);
		else
			only_in(d, "A", key);
	}
	json_object_foreach((json_t *)b, key, v)
		if (!skips(d, key) && !json_object_get(a, key))
			only_in(d, "B", key);
}

static void compare_lists(struct diff *d, const json_t *a, const json_t *b,
			  u32 level)
{
	size_t nr_a = json_array_size(a), nr_b = json_array_size(b), i;
	char name[32];

	for (i = 0; i < max(nr_a, nr_b); i++) {
		snprintf(name, sizeof(name), "%zu", i);
		if (i >= nr_b)
			only_in(d, "A", name);
		else if (i >= nr_a)
			only_in(d, "B", name);
		else
			compare_member(d, name, json_array_get(a, i),
				       json_array_get(b, i), level);
	}
}

static void compare_arrays(struct diff *d, const char *name, const json_t *a,
			   const json_t *b, u32 level)
{
	json_t *x = kt_dump_by_key(name, a), *y = kt_dump_by_key(name, b);

	/* one that has no elements has no names either */
	if ((x || !json_array_size(a)) && (y || !json_array_size(b)))
		compare_objects(d, x, y, level);
	else
		compare_lists(d, a, b, level);
	json_decref(x);
	json_decref(y);
}

static void compare(struct diff *d, const char *name, const json_t *a,
		    const json_t *b, u32 level)
{
	if (level < MAX_LEVELS && json_is_object(a) && json_is_object(b))
		compare_objects(d, a, b, level);
	else if (level < MAX_LEVELS && json_is_array(a) && json_is_array(b))
		compare_arrays(d, name, a, b, level);
	else if (!same_leaf(d, a, b))
		differ(d, a, b);
}

u64 kt_dump_diff(FILE *out, const json_t *a, const json_t *b, bool all)
{
	struct diff d = { .out = { .f = out }, .all = all };
	const char *key;
	json_t *v, *w;
	size_t len;

	kt_strbuf_init(&d.path, 1u << 16);
	json_object_foreach((json_t *)a, key, v) {
		w = json_object_get(b, key);
		/* its members are known without it */
		if (!strcmp(key, "state") && w) {
			compare_objects(&d, v, w, 0);
		} else if (w && !skips(&d, key)) {
			len = down(&d, key);
			compare(&d, key, v, w, 0);
			up(&d, len);
		} else if (!w && !skips(&d, key)) {
			only_in(&d, "A", key);
		}
	}
	json_object_foreach((json_t *)b, key, v)
		if (!skips(&d, key) && !json_object_get(a, key))
			only_in(&d, "B", key);
	kt_strbuf_fini(&d.path);
	return d.nr;
}
