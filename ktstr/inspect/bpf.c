// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of maps: found by map_idr, in order of their ids.
 */
#include <stdio.h>

#include <bpf/libbpf.h>

#include "bpf_priv.h"
#include "xarray.h"

#define MAX_BYTES	(8u << 20)	/* of values, for all maps */
#define MAX_NODES	(64u << 10)	/* of JSON, for all maps */

const char *kt_bpf_map_type_str(u32 type, char *buf, size_t size)
{
	const char *name = libbpf_bpf_map_type_str(type);

	if (name)
		snprintf(buf, size, "%s", name);
	else
		snprintf(buf, size, "type %u", type);
	return buf;
}

int kt_bpf_get(const struct kt_bpf *b, u64 kva, enum kt_bpf_field f, u64 *v)
{
	u32 size = b->l->size[f];

	*v = 0;
	if (!size || size > sizeof(*v))
		return -EINVAL;
	return kt_guest_kernel_read(b->k, kva + b->l->at[f], v, size);
}

static int get_u32(const struct kt_bpf *b, u64 kva, enum kt_bpf_field f, u32 *v)
{
	u64 wide;
	int ret = kt_bpf_get(b, kva, f, &wide);

	*v = wide;
	return ret;
}

/* The types of keys and values; a map without is as good. */
static void read_types(struct kt_bpf *b, struct kt_bpf_map *m)
{
	if (!kt_bpf_has(b->l, KT_BPF_BTF) ||
	    kt_bpf_get(b, m->kva, KT_MAP_BTF, &m->btf_kva) || !m->btf_kva ||
	    get_u32(b, m->kva, KT_MAP_KEY_TYPE, &m->key_type_id) ||
	    get_u32(b, m->kva, KT_MAP_VALUE_TYPE, &m->value_type_id))
		return;
	m->types = kt_bpf_types(b, m->btf_kva, NULL);
}

/* A map that cannot be read is left out: it says nothing about the others. */
static int add_map(void *arg, u64 index, u64 map_kva)
{
	struct kt_bpf *b = arg;
	struct kt_bpf_map *m = &b->maps[b->nr_maps];

	if (b->nr_maps == KT_BPF_MAX_MAPS) {
		kt_json_absent(b->absent, "BPF maps beyond the first 256: not read");
		return 1;
	}
	memset(m, 0, sizeof(*m));
	m->kva = map_kva;
	if (get_u32(b, map_kva, KT_MAP_TYPE, &m->type) ||
	    get_u32(b, map_kva, KT_MAP_FLAGS, &m->flags) ||
	    get_u32(b, map_kva, KT_MAP_KEY_SIZE, &m->key_bytes) ||
	    get_u32(b, map_kva, KT_MAP_VALUE_SIZE, &m->value_bytes) ||
	    get_u32(b, map_kva, KT_MAP_MAX_ENTRIES, &m->max_entries) ||
	    get_u32(b, map_kva, KT_MAP_ID, &m->id) || m->id != index ||
	    kt_guest_kernel_read(b->k, map_kva + b->l->at[KT_MAP_NAME], m->name,
				 min_t(u32, b->l->size[KT_MAP_NAME],
				       sizeof(m->name) - 1)))
		return 0;
	read_types(b, m);
	b->nr_maps++;
	return 0;
}

static int read_maps(struct kt_bpf *b)
{
	u64 idr;
	int ret;

	b->maps = calloc(KT_BPF_MAX_MAPS, sizeof(*b->maps));
	if (!b->maps)
		return -ENOMEM;
	ret = kt_guest_kernel_symbol(b->k, "map_idr", &idr);
	if (ret) {
		kt_json_absent(b->absent, "BPF: the vmlinux has no symbol map_idr");
		return ret;
	}
	ret = kt_xarray_for_each(b->k, idr + b->l->at[KT_IDR_TREE],
				 KT_BPF_MAX_MAPS + 1, add_map, b);
	if (ret < 0 && b->nr_maps) {
		kt_json_absent(b->absent, "BPF maps: the list of them breaks off");
		ret = 0;
	}
	return ret < 0 ? ret : 0;
}

/* Of CPUs whose offset cannot be read nothing else can. */
static int read_percpu_offsets(struct kt_bpf *b)
{
	u64 kva;
	int ret;

	b->percpu_offsets = calloc(b->k->nr_cpus, sizeof(u64));
	if (!b->percpu_offsets)
		return -ENOMEM;
	ret = kt_guest_kernel_symbol(b->k, "__per_cpu_offset", &kva);
	if (ret)
		return ret;
	b->nr_cpus = b->k->nr_cpus;
	return kt_guest_kernel_read(b->k, kva, b->percpu_offsets,
				    b->nr_cpus * sizeof(u64));
}

static int read_all(struct kt_bpf *b)
{
	int ret = 0;

	b->bytes_left = MAX_BYTES;
	b->nodes_left = MAX_NODES;
	if (!b->cache) {
		ret = kt_btf_cache_new(&b->own_cache);
		b->cache = b->own_cache;
	}
	if (ret)
		return ret;
	b->l = kt_btf_cache_layout(b->cache, b->k->types);
	kt_bpf_layout_absent(b->l, b->absent);
	if (!kt_bpf_has(b->l, KT_BPF_MAPS))
		return -ENOENT;
	kt_btf_cache_begin(b->cache);
	ret = read_percpu_offsets(b);
	if (!ret)
		ret = read_maps(b);
	if (!ret)
		kt_bpf_read_progs(b);
	return ret;
}

int kt_bpf_read(const struct kt_guest_kernel *k, struct kt_btf_cache *cache,
		json_t *absent, struct kt_bpf **bpf)
{
	struct kt_bpf *b;
	int ret;

	*bpf = NULL;
	if (!k->types || !k->nr_cpus) {
		kt_json_absent(absent, "BPF: the vmlinux has no types (BTF)");
		return -ENOENT;
	}
	b = calloc(1, sizeof(*b));
	if (!b)
		return -ENOMEM;
	b->k = k;
	b->cache = cache;
	b->absent = absent;
	ret = read_all(b);
	if (ret) {
		kt_bpf_free(b);
		return ret;
	}
	*bpf = b;
	return 0;
}

void kt_bpf_free(struct kt_bpf *b)
{
	if (!b)
		return;
	free(b->maps);
	free(b->progs);
	free(b->funcs);
	free(b->percpu_offsets);
	kt_btf_cache_free(b->own_cache);
	free(b);
}

u32 kt_bpf_nr_maps(const struct kt_bpf *b)
{
	return b->nr_maps;
}

const struct kt_bpf_map *kt_bpf_map(const struct kt_bpf *b, u32 i)
{
	return i < b->nr_maps ? &b->maps[i] : NULL;
}
