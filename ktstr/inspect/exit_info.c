// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state of sched_ext and its scx_exit_info. What the kernel has written of
 * the latter depends on how far it has come: the kind is claimed first, then
 * the stack and the message are written, then the kind into it, then the dump.
 */
#include <stdio.h>

#include "exit_info.h"
#include "fields.h"

#define OPS_NAME_BYTES	128	/* SCX_OPS_NAME_LEN */
#define REASON_BYTES	128
#define KIND_NONE	0	/* SCX_EXIT_NONE */

enum field { F_KIND, F_CODE, F_REASON, F_BT, F_BT_LEN, F_MSG, F_DUMP,
	     NR_FIELDS };

struct look {
	const struct kt_names *names;
	const struct kt_guest_kernel *k;
	const struct kt_scx *scx;
	u64 sched_kva;
	u64 info_kva;		/* struct scx_exit_info, 0 none */
	struct kt_field f[NR_FIELDS];
	json_t *absent;
};

/* "enabled (1)" of SCX_OPS_ENABLED or, from 6.16 on, SCX_ENABLED. */
static json_t *state_json(const struct kt_types *t, u32 state)
{
	static const struct {
		const char *name, *prefix;
	} enums[] = {
		{ "scx_enable_state", "SCX_" },
		{ "scx_ops_enable_state", "SCX_OPS_" },
	};
	const char *name = NULL;
	char text[32];
	u32 i, n;

	for (i = 0; i < ARRAY_SIZE(enums) && !name; i++) {
		name = kt_enum_name(t, enums[i].name, state);
		n = strlen(enums[i].prefix);
		if (name && !strncmp(name, enums[i].prefix, n))
			name += n;
	}
	if (!name)
		return json_integer(state);
	for (i = 0; name[i] && i < sizeof(text) - 1; i++)
		text[i] = name[i] >= 'A' && name[i] <= 'Z' ?
			  name[i] - 'A' + 'a' : name[i];
	text[i] = '\0';
	return kt_json_textf("%s (%u)", text, state);
}

static void set_state(const struct look *l, json_t *o)
{
	u32 state;

	if (l->scx->enable_state_kva &&
	    !kt_guest_kernel_read_u32(l->k, l->scx->enable_state_kva, &state))
		kt_json_set(o, "state", state_json(l->k->types, state));
}

static void set_ops(const struct look *l, json_t *o)
{
	static const char * const paths[] = {
		"name", "flags", "timeout_ms", "dispatch_max_batch",
	};
	u64 ops = kt_scx_field(l->scx->ops_kva, l->scx->ops_offset,
			       l->sched_kva);
	struct kt_field f[ARRAY_SIZE(paths)];
	char name[OPS_NAME_BYTES];
	u64 v;

	if (!ops || kt_fields_find(l->k, "sched_ext_ops", paths,
				   ARRAY_SIZE(paths), 1, f, l->absent))
		return;
	kt_read_text(l->k, kt_field_kva(ops, &f[0]), name, sizeof(name));
	kt_json_set_text(o, "ops", name);
	if (!kt_field_read(l->k, ops, &f[1], &v))
		kt_json_set_hex(o, "ops_flags", v);
	if (!kt_field_read(l->k, ops, &f[2], &v))
		kt_json_set_u64(o, "ops_timeout_ms", v);
}

/* What is a variable of its own under one of two names; 4 or 8 bytes. */
static void set_variable(const struct look *l, json_t *o, const char *key,
			 const char *name, const char *newer, u32 bytes)
{
	u64 kva, v = 0;

	if (kt_guest_kernel_symbol(l->k, name, &kva) &&
	    (!newer || kt_guest_kernel_symbol(l->k, newer, &kva)))
		return;
	if (!kt_guest_kernel_read(l->k, kva, &v, bytes))
		kt_json_set_u64(o, key, v);
}

static void set_watchdog(const struct look *l, json_t *o, u32 hz)
{
	u64 kva, ticks;

	if (hz && !kt_guest_kernel_symbol(l->k, "scx_watchdog_timeout", &kva) &&
	    !kt_guest_kernel_read_u64(l->k, kva, &ticks) && ticks < UINT32_MAX)
		kt_json_set_u64(o, "watchdog_timeout_ms", ticks * 1000 / hz);
}

static void set_text(const struct look *l, json_t *o, const char *key,
		     enum field f, size_t size)
{
	char *text;
	size_t len;
	u64 kva;

	if (kt_field_read(l->k, l->info_kva, &l->f[f], &kva) || !kva)
		return;
	text = malloc(size + 1);
	if (!text)
		return;
	len = kt_read_text(l->k, kva, text, size + 1);
	if (len)
		kt_json_set(o, key, kt_json_text(text, len));
	free(text);
}

/* The kernel's own walk of the stack, from the function that told. */
static void set_stack(const struct look *l, json_t *o)
{
	json_t *frames = json_array();
	u64 bt, len, ip;
	char name[KT_NAME_BYTES];
	u32 i;

	if (kt_field_read(l->k, l->info_kva, &l->f[F_BT], &bt) ||
	    kt_field_read(l->k, l->info_kva, &l->f[F_BT_LEN], &len))
		len = 0;
	for (i = 0; i < min_t(u64, len, KT_EXIT_MAX_STACK); i++) {
		if (kt_guest_kernel_read_u64(l->k, bt + 8ULL * i, &ip))
			break;
		kt_name_of_return(l->names, ip, name, sizeof(name));
		json_array_append_new(frames, kt_json_text(name, sizeof(name)));
	}
	kt_json_set(o, "stack", frames);
}

/* As written into the information, or else as claimed. */
static void set_kind(const struct look *l, json_t *o)
{
	u64 kva = kt_scx_field(l->scx->exit_kind_kva, l->scx->exit_kind_offset,
			       l->sched_kva);
	u64 kind = KIND_NONE;
	u32 claimed;

	if (l->info_kva &&
	    kt_field_read(l->k, l->info_kva, &l->f[F_KIND], &kind))
		kind = KIND_NONE;
	if (kind == KIND_NONE && kva &&
	    !kt_guest_kernel_read_u32(l->k, kva, &claimed))
		kind = claimed;
	kt_json_set(o, "kind", kt_enum_json(l->k->types, "scx_exit_kind",
					    kind));
}

static void find_info(struct look *l)
{
	static const char * const paths[NR_FIELDS] = {
		"kind", "exit_code", "reason", "bt", "bt_len", "msg", "dump",
	};
	u64 kva = kt_scx_field(l->scx->exit_info_kva, l->scx->exit_info_offset,
			       l->sched_kva);

	kt_fields_find(l->k, "scx_exit_info", paths, NR_FIELDS, 1, l->f,
		       l->absent);
	if (!kva || kt_guest_kernel_read_u64(l->k, kva, &l->info_kva) ||
	    !kt_guest_kernel_half(l->k, l->info_kva))
		l->info_kva = 0;
}

static json_t *exit_json(const struct look *l)
{
	json_t *o = json_object();
	s64 code;

	set_kind(l, o);
	if (!l->info_kva)
		return o;
	if (!kt_field_read_signed(l->k, l->info_kva, &l->f[F_CODE], &code))
		kt_json_set(o, "exit_code", json_integer(code));
	set_text(l, o, "reason", F_REASON, REASON_BYTES);
	set_text(l, o, "msg", F_MSG, KT_EXIT_MSG_BYTES);
	set_stack(l, o);
	set_text(l, o, "dump", F_DUMP, KT_EXIT_DUMP_BYTES);
	return o;
}

json_t *kt_scx_json(const struct kt_names *names, const struct kt_scx *scx,
		    u32 hz, json_t *absent)
{
	struct look l = {
		.names = names, .k = names->k, .scx = scx, .absent = absent,
	};
	json_t *o = json_object();

	if (kt_scx_attached(l.k, scx, &l.sched_kva))
		l.sched_kva = 0;
	find_info(&l);
	set_state(&l, o);
	kt_json_set(o, "attached", json_boolean(l.sched_kva));
	set_ops(&l, o);
	set_variable(&l, o, "switch_all", "scx_switching_all", NULL, 1);
	set_variable(&l, o, "nr_rejected", "scx_nr_rejected", NULL, 8);
	set_variable(&l, o, "bypass_depth", "scx_ops_bypass_depth",
		     "scx_bypass_depth", 4);
	set_watchdog(&l, o, hz);
	kt_json_set(o, "exit", exit_json(&l));
	return o;
}
