// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps as JSON: what each is, and its entries by the types that its BTF gives
 * them. Bounded by map and in all, in entries, in bytes read and in values
 * made: a machine stands still meanwhile.
 */
#include <stdarg.h>
#include <stdio.h>

#include "bpf_priv.h"

#define MAX_KEY_BYTES	4096
#define MAX_MAP_NODES	8192	/* of one map */
#define RENDER_DEPTH	1
#define RAW_BYTES	256	/* shown of what has no type */

/* Bytes in hex, zeroes at their end left out. */
static json_t *hex_json(const u8 *data, u32 len)
{
	static const char digits[] = "0123456789abcdef";
	u32 shown = min_t(u32, len, RAW_BYTES), i, end = len;
	char text[3 * RAW_BYTES + 1] = "";

	while (end && !data[end - 1])
		end--;
	shown = min(shown, end);
	for (i = 0; i < shown; i++) {
		text[3 * i] = digits[data[i] >> 4];
		text[3 * i + 1] = digits[data[i] & 15];
		text[3 * i + 2] = i + 1 < shown ? ' ' : '\0';
	}
	if (shown == len)
		return kt_json_text(text, sizeof(text));
	return json_sprintf("%s%s... %u more%s", text, shown ? " " : "",
			    len - shown, shown == end ? ", all zero" : "");
}

json_t *kt_bpf_raw_json(const void *data, u32 len)
{
	u64 v = 0;

	if (len != 1 && len != 2 && len != 4 && len != 8)
		return hex_json(data, len);
	memcpy(&v, data, len);
	return kt_json_u64(v);
}

json_t *kt_bpf_out_value(struct kt_bpf_out *out, const struct kt_types *types,
			 u32 type_id, const void *data, u32 len)
{
	struct kt_render r = {
		.types = types, .max_depth = RENDER_DEPTH,
		.kernel = types == out->b->k->types ? NULL : out->b->k,
	};
	json_t *v;
	u32 given;

	if (!types || !type_id)
		return kt_bpf_raw_json(data, len);
	given = min_t(u32, out->nodes_left, KT_RENDER_NODES);
	r.nodes_left = given;
	v = kt_render_value(&r, type_id, data, len);
	out->nodes_left -= given - min(r.nodes_left, given);
	return v;
}

void kt_bpf_out_cut(struct kt_bpf_out *out, const char *fmt, ...)
{
	char text[160];
	va_list ap;

	if (json_object_get(out->o, "cut"))
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	kt_json_set_text(out->o, "cut", text);
}

json_t *kt_bpf_out_key(struct kt_bpf_out *out)
{
	const struct kt_bpf_map *m = out->m;

	return kt_bpf_out_value(out, m->types, m->key_type_id, out->key,
				m->key_bytes);
}

/* Whether one entry more, of so many bytes, may be shown. */
static bool has_room(struct kt_bpf_out *out, u64 bytes)
{
	if (out->nr == KT_BPF_MAX_ENTRIES)
		kt_bpf_out_cut(out, "more than %u entries", KT_BPF_MAX_ENTRIES);
	else if (bytes > out->bytes_left)
		kt_bpf_out_cut(out, "values of more than %u KiB",
			       KT_BPF_MAX_VALUE_BYTES >> 10);
	else if (!out->nodes_left)
		kt_bpf_out_cut(out, "entries of more than %u members",
			       MAX_MAP_NODES);
	else
		return true;
	return false;
}

static int append(struct kt_bpf_out *out, json_t *key, const char *name,
		  json_t *value)
{
	json_t *e = json_object();

	kt_json_set(e, "key", key);
	kt_json_set(e, name, value);
	json_array_append_new(out->entries, e);
	out->nr++;
	if (out->nodes_left)
		out->nodes_left--;
	return 0;
}

/* Of the bound on bytes it takes its share, read or not. */
static json_t *read_value(struct kt_bpf_out *out, u64 kva)
{
	const struct kt_bpf_map *m = out->m;

	out->bytes_left -= m->value_bytes;
	if (kt_guest_kernel_read(out->b->k, kva, out->value, m->value_bytes))
		return kt_json_textf("? not readable at %#llx",
				     (unsigned long long)kva);
	return kt_bpf_out_value(out, m->types, m->value_type_id, out->value,
				m->value_bytes);
}

int kt_bpf_out_add(struct kt_bpf_out *out, json_t *key, u64 value_kva)
{
	if (!has_room(out, out->m->value_bytes)) {
		json_decref(key);
		return -E2BIG;
	}
	return append(out, key, "value", read_value(out, value_kva));
}

int kt_bpf_out_add_percpu(struct kt_bpf_out *out, json_t *key, u64 pptr)
{
	struct kt_bpf *b = out->b;
	json_t *cpus;
	u32 cpu;

	if (!has_room(out, (u64)out->m->value_bytes * b->nr_cpus)) {
		json_decref(key);
		return -E2BIG;
	}
	cpus = json_array();
	for (cpu = 0; cpu < b->nr_cpus; cpu++)
		json_array_append_new(cpus,
				      read_value(out, pptr + b->percpu_offsets[cpu]));
	return append(out, key, "cpus", cpus);
}

int kt_bpf_out_add_json(struct kt_bpf_out *out, json_t *key, json_t *value)
{
	if (has_room(out, 0))
		return append(out, key, "value", value);
	json_decref(key);
	json_decref(value);
	return -E2BIG;
}

json_t *kt_bpf_inner_json(const struct kt_bpf *b, u64 map_kva)
{
	u64 id;

	if (!map_kva)
		return json_null();
	if (kt_bpf_get(b, map_kva, KT_MAP_ID, &id))
		return kt_json_textf("? no map at %#llx",
				     (unsigned long long)map_kva);
	return kt_json_u64(id);
}

/* Reads what is known of this type of map. */
static void show_entries(struct kt_bpf_out *out)
{
	char type[32];

	switch (out->m->type) {
	case KT_MAP_ARRAY:
	case KT_MAP_PERCPU_ARRAY:
	case KT_MAP_ARRAY_OF_MAPS:
		return kt_bpf_show_array(out);
	case KT_MAP_HASH:
	case KT_MAP_PERCPU_HASH:
	case KT_MAP_LRU_HASH:
	case KT_MAP_LRU_PERCPU_HASH:
	case KT_MAP_HASH_OF_MAPS:
		return kt_bpf_show_hash(out);
	case KT_MAP_QUEUE:
	case KT_MAP_STACK:
		return kt_bpf_show_queue(out);
	case KT_MAP_STRUCT_OPS:
		return kt_bpf_show_struct_ops(out);
	case KT_MAP_TASK_STORAGE:
	case KT_MAP_CGRP_STORAGE:
	case KT_MAP_INODE_STORAGE:
	case KT_MAP_SK_STORAGE:
		return kt_bpf_show_storage(out);
	case KT_MAP_ARENA:
		return kt_bpf_show_arena(out);
	default:
		kt_bpf_out_cut(out, "not read: %s",
			       kt_bpf_map_type_str(out->m->type, type,
						   sizeof(type)));
	}
}

static void show_map(struct kt_bpf_out *out)
{
	const struct kt_bpf_map *m = out->m;

	if (m->key_bytes > MAX_KEY_BYTES) {
		kt_bpf_out_cut(out, "not read: keys of %u bytes", m->key_bytes);
		return;
	}
	out->key = calloc(1, m->key_bytes + 8);
	out->value = calloc(1, min_t(u32, m->value_bytes,
				     KT_BPF_MAX_VALUE_BYTES) + 8);
	if (!out->key || !out->value || kt_bpf_show_variables(out))
		return;
	out->entries = json_array();
	if (m->value_bytes > KT_BPF_MAX_VALUE_BYTES)
		kt_bpf_out_cut(out, "not read: values of %u bytes",
			       m->value_bytes);
	else
		show_entries(out);
	kt_json_set(out->o, "entries", out->entries);
}

static json_t *map_json(struct kt_bpf *b, const struct kt_bpf_map *m)
{
	struct kt_bpf_out out = { .b = b, .m = m, .o = json_object() };
	char type[32];
	u64 bytes;
	u32 nodes;

	kt_json_set_u64(out.o, "id", m->id);
	kt_json_set_text(out.o, "name", m->name);
	kt_json_set_text(out.o, "type",
			 kt_bpf_map_type_str(m->type, type, sizeof(type)));
	kt_json_set_u64(out.o, "key_bytes", m->key_bytes);
	kt_json_set_u64(out.o, "value_bytes", m->value_bytes);
	kt_json_set_u64(out.o, "max_entries", m->max_entries);
	bytes = min_t(u64, b->bytes_left, KT_BPF_MAX_VALUE_BYTES);
	nodes = min_t(u32, b->nodes_left, MAX_MAP_NODES);
	out.bytes_left = bytes;
	out.nodes_left = nodes;
	if (bytes && nodes)
		show_map(&out);
	else
		kt_bpf_out_cut(&out, "not read: the maps before it have taken all that a capture holds");
	b->bytes_left -= bytes - out.bytes_left;
	b->nodes_left -= nodes - out.nodes_left;
	free(out.key);
	free(out.value);
	return out.o;
}

json_t *kt_bpf_maps_json(struct kt_bpf *b)
{
	json_t *maps = json_array();
	u32 i;

	for (i = 0; i < b->nr_maps; i++)
		json_array_append_new(maps, map_json(b, &b->maps[i]));
	return maps;
}
