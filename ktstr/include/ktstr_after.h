/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ktstr_after.h - what a case's .after may ask and claim; part of ktstr.h
 *
 * It runs on the host, in one thread, when the run has ended with a pass. What
 * a capture holds is a tree: structures of named fields, arrays, and at the
 * ends numbers, truth values and text. A lookup never fails at once: it yields
 * a value that carries its error, which every lookup in it passes on, and
 * which becomes a failed claim where a number or text is wanted of it.
 *
 *	struct ktstr_value c = ktstr_capture_get(a, "periodic_003");
 *
 *	KTSTR_AFTER_GE(a, ktstr_u64(ktstr_var(c, "nr_enqueued")), 10);
 *	KTSTR_AFTER_LE(a, ktstr_u64(ktstr_at(c, "cpus[0].nr_running")), 4);
 */
#ifndef KTSTR_AFTER_H
#define KTSTR_AFTER_H

#include <stdbool.h>
#include <stdint.h>

struct ktstr_after;

/**
 * struct ktstr_capture_info - a capture that the run has kept
 * @tag: its name
 * @error: why nothing was captured, NULL when it was
 * @workload_ms: since the workload's start, without pauses and freezes
 * @phase: step that was last completed, 0 before the first
 */
struct ktstr_capture_info {
	const char *tag;
	const char *error;
	uint32_t workload_ms;
	uint32_t phase;
};

/* Captures kept, oldest first; NULL beyond the last one. */
uint32_t ktstr_nr_captures(const struct ktstr_after *a);
const struct ktstr_capture_info *
ktstr_capture_at(const struct ktstr_after *a, uint32_t i);

/* As ktstr_note() and ktstr_claim(), on the host. */
void ktstr_after_note(struct ktstr_after *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
bool ktstr_after_claim(struct ktstr_after *a, bool ok, const char *file,
		       int line, const char *label, int64_t value,
		       int64_t bound);
/* That text @value is @bound. */
bool ktstr_after_claim_text(struct ktstr_after *a, const char *file, int line,
			    const char *label, const char *value,
			    const char *bound);

#define KTSTR_AFTER_EQ(a, x, y) \
	KTSTR_CMP_(ktstr_after_claim, a, x, ==, y)
#define KTSTR_AFTER_GE(a, x, y) \
	KTSTR_CMP_(ktstr_after_claim, a, x, >=, y)
#define KTSTR_AFTER_LE(a, x, y) \
	KTSTR_CMP_(ktstr_after_claim, a, x, <=, y)
#define KTSTR_AFTER_STREQ(a, x, y) \
	ktstr_after_claim_text((a), __FILE__, __LINE__, #x, (x), (y))

/**
 * struct ktstr_value - something in a capture, or why it is not there
 * @after: whose
 * @node: private
 * @where: what it is: "periodic_003: cpus[0].nr_running"
 * @error: NULL, or why there is no such value
 *
 * Good until the .after returns; nothing of it is to be freed.
 */
struct ktstr_value {
	struct ktstr_after *after;
	const void *node;
	const char *where;
	const char *error;
};

/* The capture named @tag, the last of several; the @i-th of those kept. */
struct ktstr_value ktstr_capture_get(struct ktstr_after *a, const char *tag);
struct ktstr_value ktstr_capture_nth(struct ktstr_after *a, uint32_t i);

/**
 * ktstr_at() - what is at a path
 * @v: where it begins: a capture, or anything within one
 * @path: "cpus[0].nr_running", "value.links[1][2].pid", "[3].key": fields by
 *	name, elements by index from 0, pointers as if they were what they
 *	point to. One that was not followed ends the path with an error.
 *
 * Return: the value, or the first error on the way.
 */
struct ktstr_value ktstr_at(struct ktstr_value v, const char *path);

/**
 * ktstr_find() - the first element of an array in which a number is
 * @v: the array
 * @field: path in the element
 * @number: that it must be
 *
 * Return: the element; its error says which numbers there are.
 */
struct ktstr_value ktstr_find(struct ktstr_value v, const char *field,
			      uint64_t number);

/**
 * ktstr_where() - the first element of an array that a function takes
 * @v: the array, or a map: then one of its entries, with "key" and "value"
 * @match: asked for each in order until it returns true
 * @arg: for it
 *
 * Return: the element.
 */
struct ktstr_value ktstr_where(struct ktstr_value v,
			       bool (*match)(struct ktstr_value v, void *arg),
			       void *arg);

/**
 * ktstr_map() - a BPF map
 * @capture: in which
 * @name: as the kernel knows it, or the first 15 bytes of @name; one that
 *	begins with a dot (".bss") is the map whose name ends so. Of maps with
 *	one name the youngest counts.
 *
 * Return: the map: "name", "type", "entries" or "variables", and so on.
 */
struct ktstr_value ktstr_map(struct ktstr_value capture, const char *name);

/**
 * ktstr_var() - a global variable of a BPF program
 * @v: the capture, or one of its maps, for a name that several have
 * @name: of the variable
 *
 * Return: its value.
 */
struct ktstr_value ktstr_var(struct ktstr_value v, const char *name);

/* The value of the entry of @map with @key; all CPUs' of a per-CPU map. */
struct ktstr_value ktstr_entry(struct ktstr_value map, uint64_t key);
/* What a per-CPU entry has for @cpu. */
struct ktstr_value ktstr_slot(struct ktstr_value entry, uint32_t cpu);
/* The task of @pid in @capture. */
struct ktstr_value ktstr_task(struct ktstr_value capture, uint32_t pid);

/* For ktstr_u64() and so on. */
uint64_t ktstr_value_u64(struct ktstr_value v, const char *file, int line);
int64_t ktstr_value_i64(struct ktstr_value v, const char *file, int line);
bool ktstr_value_bool(struct ktstr_value v, const char *file, int line);
double ktstr_value_double(struct ktstr_value v, const char *file, int line);
const char *ktstr_value_str(struct ktstr_value v, const char *file, int line);
uint32_t ktstr_value_nr(struct ktstr_value v, const char *file, int line);

/*
 * What a value is, in C. An enumerator, "NAME (5)" as text, is also its number;
 * a pointer its address. What it is not, or not there, is a failed claim with
 * the reason, and 0 or "".
 */
#define ktstr_u64(v)	ktstr_value_u64((v), __FILE__, __LINE__)
#define ktstr_i64(v)	ktstr_value_i64((v), __FILE__, __LINE__)
#define ktstr_bool(v)	ktstr_value_bool((v), __FILE__, __LINE__)
#define ktstr_double(v)	ktstr_value_double((v), __FILE__, __LINE__)
#define ktstr_str(v)	ktstr_value_str((v), __FILE__, __LINE__)
/* Elements of an array, entries of a map, fields of a structure. */
#define ktstr_nr(v)	ktstr_value_nr((v), __FILE__, __LINE__)

#endif /* KTSTR_AFTER_H */
