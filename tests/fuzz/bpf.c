// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of a guest with a map of each kind and a program, with any words
 * of it written over, and the BTF of the program replaced by any other: nothing
 * outside of the memory is touched, every walk ends, and what is found of
 * variables lies within their maps.
 */
#include <assert.h>

#include "../unit/mini_bpf.h"
#include "drop_log.h"

#define SECTION_BYTES	256
#define MAX_BTF		2048
#define VM		0xffffc90000000000ULL

struct head {
	u16 btf_len;		/* of what follows; 0: the program's own */
	u16 key_type, value_type;
	char name[8];		/* of a variable */
} __packed;

struct patch {
	u32 gpa;
	u64 value;
} __packed;

static struct kt_types *types;
static int ops_type;
static u64 sbtf, bss, prog_aux;

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* One bucket, which begins with @elem at @first_at. */
static void add_table(struct mini_bpf *m, u64 map, u32 first_at, u64 elem)
{
	u64 buckets = mini_alloc(m, MINI_BUCKET_BYTES);

	mini_put_u64(m->g, buckets + first_at, elem);
	mini_put_u64(m->g, map + MINI_HTAB_BUCKETS, MINI_DIRECT + buckets);
}

static void add_hashes(struct mini_bpf *m)
{
	static const u32 hashes[] = { 1, 5, 9, 10, 13 };
	u32 i;
	u64 map, elem;

	for (i = 0; i < ARRAY_SIZE(hashes); i++) {
		map = mini_map(m, 10 + i, hashes[i], "hash", 4, 8, 10, 0);
		elem = mini_alloc(m, 64);
		mini_put_u64(m->g, elem + MINI_ELEM_NEXT, 1);
		mini_put_u64(m->g, elem + MINI_ELEM_KEY + 8, 0x100);
		mini_put_u32(m->g, map + MINI_HTAB_NR_BUCKETS, 1);
		add_table(m, map, MINI_BUCKET_FIRST, MINI_DIRECT + elem);
	}
}

static void add_storages(struct mini_bpf *m)
{
	static const u32 storages[] = { 24, 28, 29, 32 };
	u64 map, elem, storage, owner = mini_alloc(m, MINI_TASK_BYTES);
	u32 i;

	mini_put_u64(m->g, owner + MINI_CGROUP_KN, MINI_DIRECT + owner);
	for (i = 0; i < ARRAY_SIZE(storages); i++) {
		map = mini_map(m, 20 + i, storages[i], "storage", 4, 8, 0, 0);
		elem = mini_alloc(m, 64);
		storage = mini_alloc(m, 24);
		mini_put_u64(m->g, storage + MINI_STORAGE_OWNER,
			     MINI_DIRECT + owner);
		mini_put_u64(m->g, elem + MINI_SELEM_STORAGE,
			     MINI_DIRECT + storage);
		add_table(m, map, MINI_BUCKET_FIRST,
			  MINI_DIRECT + elem + MINI_SELEM_NEXT);
	}
}

static void add_arrays(struct mini_bpf *m, const struct head *h)
{
	u64 map;
	u32 i;

	bss = mini_map(m, 1, 2, "fuzz.bss", 4, SECTION_BYTES, 1, SECTION_BYTES);
	mini_map_types(m, bss, sbtf, h->key_type, h->value_type);
	for (i = 2; i < 6; i++) {
		static const u32 kinds[] = { 2, 6, 12, 22 };

		map = mini_map(m, i, kinds[i - 2], "array", 4, 8, 3, 24);
		mini_put_u64(m->g, map + MINI_ARRAY_VALUE, 0x100);
		mini_map_types(m, map, sbtf, h->key_type, h->value_type);
	}
	mini_put_u32(m->g, map + MINI_QUEUE_SIZE, 4);
	mini_put_u32(m->g, map + MINI_QUEUE_HEAD, 2);
}

static void add_others(struct mini_bpf *m)
{
	u64 map = mini_map(m, 30, 26, "ops", 4, 40, 1, 0), kernel, vm;

	kernel = mini_alloc(m, 40);
	m->g->ram[kernel + MINI_SBTF_KERNEL] = 1;
	mini_put_u32(m->g, map + MINI_MAP_KERNEL_TYPE, ops_type);
	mini_put_u64(m->g, map + MINI_OPS_BTF, MINI_DIRECT + kernel);
	mini_put_u64(m->g, map + MINI_OPS_UVALUE, MINI_DIRECT + kernel);
	map = mini_map(m, 31, 33, "arena", 0, 0, 1 << 20, 0);
	vm = mini_alloc(m, 16);
	mini_put_u64(m->g, vm + MINI_VM_ADDR, VM);
	mini_put_u64(m->g, map + MINI_ARENA_VM, MINI_DIRECT + vm);
}

static void add_prog(struct mini_bpf *m)
{
	u64 prog = mini_prog(m, 27, "fuzz", MINI_TEXT, MINI_TEXT + 64);
	u64 info = mini_alloc(m, MINI_INFO_BYTES), func = mini_alloc(m, 16);
	u64 lines = mini_alloc(m, MINI_LINE_BYTES), starts = mini_alloc(m, 8);

	memcpy(&prog_aux, m->g->ram + prog + MINI_PROG_AUX, 8);
	prog_aux -= MINI_DIRECT;
	mini_put_u32(m->g, info + 8, 1);
	mini_put_u64(m->g, func + 8, MINI_DIRECT + prog);
	mini_put_u32(m->g, prog_aux + MINI_AUX_ID, 3);
	mini_put_u32(m->g, prog_aux + MINI_AUX_NR_FUNCS, 2);
	mini_put_u64(m->g, prog_aux + MINI_AUX_FUNC, MINI_DIRECT + func);
	mini_put_u64(m->g, prog_aux + MINI_AUX_BTF, MINI_DIRECT + sbtf);
	mini_put_u64(m->g, prog_aux + MINI_AUX_FUNC_INFO, MINI_DIRECT + info);
	mini_put_u32(m->g, prog_aux + MINI_AUX_NR_INFO, 1);
	mini_put_u64(m->g, starts, MINI_TEXT);
	mini_put_u32(m->g, lines + MINI_LINE_FILE, 1);
	mini_put_u64(m->g, prog_aux + MINI_AUX_LINFO, MINI_DIRECT + lines);
	mini_put_u64(m->g, prog_aux + MINI_AUX_JITED_LINFO, MINI_DIRECT + starts);
	mini_put_u32(m->g, prog_aux + MINI_AUX_NR_LINFO, 1);
	mini_put_u64(m->g, MINI_IMAGE_GPA + MINI_BPF_KALLSYMS, MINI_DIRECT +
		     prog_aux + MINI_AUX_KSYM + MINI_KSYM_NODE);
	mini_set_id(m, m->prog_node, 3, prog);
}

/* A section of two variables. */
static u32 own_btf(u8 *to)
{
	struct btf *b = btf__new_empty();
	const void *data;
	int number, var;
	u32 len;

	number = btf__add_int(b, "unsigned int", 4, 0);
	var = btf__add_var(b, "crash", BTF_VAR_GLOBAL_ALLOCATED, number);
	btf__add_datasec(b, ".bss", SECTION_BYTES);
	btf__add_datasec_var_info(b, var, 0, 4);
	btf__add_datasec_var_info(b, var, 8, 4);
	data = btf__raw_data(b, &len);
	assert(len <= MAX_BTF);
	memcpy(to, data, len);
	btf__free(b);
	return len;
}

static void look(struct kt_bpf *b, const struct kt_guest_kernel *k,
		 const char *name)
{
	struct kt_bpf_var var;
	char why[256] = "";
	u64 offset, end;
	s64 v;

	json_decref(kt_bpf_maps_json(b));
	json_decref(kt_bpf_progs_json(b));
	kt_bpf_prog_at(b, MINI_TEXT + 5, &offset);
	kt_bpf_line_at(b, MINI_TEXT + 5, why, sizeof(why));
	if (kt_bpf_var_find(b, NULL, name, &var, why, sizeof(why))) {
		assert(*why);
		return;
	}
	assert(kt_bpf_nr_maps(b) && kt_types_size(var.types, var.type_id) ==
	       var.size_bytes);
	end = var.kva + var.size_bytes;
	assert(end >= var.kva || var.kva > UINT64_MAX - UINT32_MAX);
	if (!kt_bpf_var_get(k, &var, &v, why, sizeof(why)))
		kt_bpf_var_set(k, &var, v, why, sizeof(why));
}

static void apply(struct mini_guest *g, const u8 *data, size_t size)
{
	struct patch p;

	for (; size >= sizeof(p); data += sizeof(p), size -= sizeof(p)) {
		memcpy(&p, data, sizeof(p));
		mini_put_u64(g, p.gpa % (MINI_RAM_BYTES - 7), p.value);
	}
}

static void build(struct mini_guest *g, const struct head *h, const u8 *btf,
		  size_t len)
{
	u8 own[MAX_BTF];
	struct mini_bpf m;

	mini_guest_boot(g);
	mini_bpf_init(&m, g);
	if (!len) {
		len = own_btf(own);
		btf = own;
	}
	sbtf = mini_sbtf(&m, 4, btf, len);
	add_arrays(&m, h);
	add_hashes(&m);
	add_storages(&m);
	add_others(&m);
	add_prog(&m);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct mini_guest *g;
	struct kt_bpf *b;
	char name[9] = "";
	struct head h;

	if (size < sizeof(h))
		return 0;
	memcpy(&h, data, sizeof(h));
	data += sizeof(h);
	size -= sizeof(h);
	if (h.btf_len > size || h.btf_len > MAX_BTF)
		return 0;
	drop_log();
	if (!g) {
		types = mini_bpf_types(NULL, &ops_type);
		g = aligned_alloc(4096, sizeof(*g));
		assert(g && !mini_guest_symbols(&g->syms, 0, NULL));
	}
	build(g, &h, data, h.btf_len);
	assert(!mini_guest_init(g, 0));
	g->k.types = types;
	apply(g, data + h.btf_len, size - h.btf_len);
	memcpy(name, h.name, sizeof(h.name));
	if (!kt_bpf_read(&g->k, NULL, NULL, &b)) {
		look(b, &g->k, name);
		kt_bpf_free(b);
	}
	return 0;
}
