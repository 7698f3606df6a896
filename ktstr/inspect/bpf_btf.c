// SPDX-License-Identifier: GPL-2.0-only
/*
 * BTF of the guest's BPF programs, read out of struct btf and parsed once:
 * the next moment finds it again by its id and its bytes, which are compared.
 * What could not be used is kept as well, so that it is not tried again and
 * again while a machine stands still.
 */
#include <bpf/btf.h>

#include "bpf_priv.h"

#define MAX_BTFS	32
#define MAX_BTF_BYTES	(4u << 20)

struct kt_btf_entry {
	u64 kva;		/* where it was seen last */
	u64 moment;		/* when */
	u32 id;
	void *data;
	u32 len_bytes;
	struct kt_types *types;	/* NULL: @why */
	const char *why;
};

struct kt_btf_cache {
	struct kt_btf_entry entries[MAX_BTFS];
	u32 nr;
	u64 moment;
	struct kt_bpf_layout layout;
	const struct kt_types *layout_of;
};

int kt_btf_cache_new(struct kt_btf_cache **cache)
{
	*cache = calloc(1, sizeof(**cache));
	return *cache ? 0 : -ENOMEM;
}

static void drop(struct kt_btf_entry *e)
{
	kt_types_free(e->types);
	free(e->data);
	memset(e, 0, sizeof(*e));
}

void kt_btf_cache_free(struct kt_btf_cache *cache)
{
	u32 i;

	for (i = 0; cache && i < cache->nr; i++)
		drop(&cache->entries[i]);
	free(cache);
}

const struct kt_bpf_layout *kt_btf_cache_layout(struct kt_btf_cache *c,
						const struct kt_types *types)
{
	if (c->layout_of != types) {
		kt_bpf_layout_find(&c->layout, types);
		c->layout_of = types;
	}
	return &c->layout;
}

void kt_btf_cache_begin(struct kt_btf_cache *c)
{
	c->moment++;
}

static struct kt_btf_entry *find_again(struct kt_btf_cache *c, u64 btf_kva)
{
	u32 i;

	for (i = 0; i < c->nr; i++)
		if (c->entries[i].kva == btf_kva &&
		    c->entries[i].moment == c->moment)
			return &c->entries[i];
	return NULL;
}

static struct kt_btf_entry *find_same(struct kt_btf_cache *c, u32 id,
				      const void *data, u32 len_bytes)
{
	struct kt_btf_entry *e;

	for (e = c->entries; e < c->entries + c->nr; e++)
		if (e->id == id && e->len_bytes == len_bytes &&
		    (!len_bytes || !memcmp(e->data, data, len_bytes)))
			return e;
	return NULL;
}

/* A place for one more: that which was of no use for longest. */
static struct kt_btf_entry *new_entry(struct kt_btf_cache *c)
{
	struct kt_btf_entry *e, *oldest = c->entries;

	if (c->nr < MAX_BTFS)
		return &c->entries[c->nr++];
	for (e = c->entries; e < c->entries + c->nr; e++)
		if (e->moment < oldest->moment)
			oldest = e;
	if (oldest->moment == c->moment)
		return NULL;
	drop(oldest);
	return oldest;
}

/* Takes @data over. */
static const struct kt_btf_entry *keep(struct kt_btf_cache *c, u64 btf_kva,
				       u32 id, void *data, u32 len_bytes)
{
	struct kt_btf_entry *e = find_same(c, id, data, len_bytes);

	if (e) {
		free(data);
	} else {
		e = new_entry(c);
		if (!e) {
			free(data);
			return NULL;
		}
		e->id = id;
		e->data = data;
		e->len_bytes = len_bytes;
		if (kt_types_parse(data, len_bytes, &e->types))
			e->why = "its BTF is malformed";
	}
	e->kva = btf_kva;
	e->moment = c->moment;
	return e;
}

static const struct kt_btf_entry *read_btf(struct kt_bpf *b, u64 btf_kva,
					   const char **why)
{
	const struct kt_btf_entry *e;
	u64 data_kva, len_bytes, id;
	void *data;

	*why = "its BTF cannot be read";
	if (kt_bpf_get(b, btf_kva, KT_BTF_DATA, &data_kva) ||
	    kt_bpf_get(b, btf_kva, KT_BTF_DATA_SIZE, &len_bytes) ||
	    kt_bpf_get(b, btf_kva, KT_BTF_ID, &id) || !len_bytes)
		return NULL;
	if (len_bytes > MAX_BTF_BYTES) {
		*why = "its BTF has more than 4 MiB";
		return NULL;
	}
	data = malloc(len_bytes);
	if (!data || kt_guest_kernel_read(b->k, data_kva, data, len_bytes)) {
		free(data);
		return NULL;
	}
	e = keep(b->cache, btf_kva, id, data, len_bytes);
	*why = "there are more than 32 BTFs";
	return e;
}

/* Whether it is the kernel's own; -EINVAL: a module's, or not readable. */
static int is_kernel(const struct kt_bpf *b, u64 btf_kva)
{
	u64 base, kernel;

	if (kt_bpf_get(b, btf_kva, KT_BTF_BASE, &base) ||
	    kt_bpf_get(b, btf_kva, KT_BTF_KERNEL, &kernel))
		return -EINVAL;
	return base ? -EINVAL : !!kernel;
}

const struct kt_types *kt_bpf_types(struct kt_bpf *b, u64 btf_kva,
				    const char **why)
{
	const struct kt_btf_entry *e;
	const char *ignored;
	int kernel;

	if (!why)
		why = &ignored;
	*why = "it has no BTF";
	if (!btf_kva || !kt_bpf_has(b->l, KT_BPF_BTF))
		return NULL;
	e = find_again(b->cache, btf_kva);
	if (!e) {
		kernel = is_kernel(b, btf_kva);
		if (kernel > 0)
			return b->k->types;
		*why = "its BTF is split, of a module";
		e = kernel ? NULL : read_btf(b, btf_kva, why);
	}
	if (!e)
		return NULL;
	*why = e->why;
	return e->types;
}
