// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs by prog_idr, the functions of each, and the trampolines that lead
 * to them: with their names as the source has them and where their code is.
 */
#include <stdio.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "bpf_priv.h"
#include "xarray.h"

#define MAX_FUNCS_OF_PROG	256	/* BPF_MAX_SUBPROGS */
#define MAX_KSYMS		8192	/* of all that is JITed */

const char *kt_bpf_prog_type_str(u32 type, char *buf, size_t size)
{
	const char *name = libbpf_bpf_prog_type_str(type);

	if (name)
		snprintf(buf, size, "%s", name);
	else
		snprintf(buf, size, "type %u", type);
	return buf;
}

/* The function's name by BTF, which is whole. */
static int name_by_btf(struct kt_bpf *b, const struct kt_bpf_prog *p,
		       char *name, size_t size)
{
	u64 btf_kva, infos, nr, idx, at;
	const struct kt_types *types;
	const struct btf_type *t;
	const char *s;
	u32 id;

	if (!kt_bpf_has(b->l, KT_BPF_NAMES) ||
	    kt_bpf_get(b, p->aux_kva, KT_AUX_BTF, &btf_kva) ||
	    kt_bpf_get(b, p->aux_kva, KT_AUX_FUNC_INFO, &infos) ||
	    kt_bpf_get(b, p->aux_kva, KT_AUX_NR_FUNC_INFO, &nr) ||
	    kt_bpf_get(b, p->aux_kva, KT_AUX_FUNC_IDX, &idx) || idx >= nr)
		return -ENOENT;
	types = kt_bpf_types(b, btf_kva, NULL);
	at = infos + idx * b->l->func_info_bytes + b->l->at[KT_FUNC_INFO_TYPE];
	if (!types || kt_guest_kernel_read_u32(b->k, at, &id))
		return -ENOENT;
	t = btf__type_by_id(kt_types_btf(types), id);
	if (!t || !btf_is_func(t))
		return -ENOENT;
	s = btf__name_by_offset(kt_types_btf(types), t->name_off);
	if (!s || !*s)
		return -ENOENT;
	snprintf(name, size, "%s", s);
	return 0;
}

static int read_name(struct kt_bpf *b, struct kt_bpf_prog *p)
{
	u32 len = min_t(u32, b->l->size[KT_AUX_NAME], sizeof(p->name) - 1);

	if (!name_by_btf(b, p, p->name, sizeof(p->name)))
		return 0;
	return kt_guest_kernel_read(b->k, p->aux_kva + b->l->at[KT_AUX_NAME],
				    p->name, len);
}

/* Name and code of the program or function at @kva. */
static int read_code(struct kt_bpf *b, u64 kva, struct kt_bpf_prog *p)
{
	u64 type;

	memset(p, 0, sizeof(*p));
	p->kva = kva;
	if (kt_bpf_get(b, kva, KT_PROG_TYPE, &type) ||
	    kt_bpf_get(b, kva, KT_PROG_AUX, &p->aux_kva) ||
	    kt_bpf_get(b, p->aux_kva, KT_AUX_START, &p->text_start) ||
	    kt_bpf_get(b, p->aux_kva, KT_AUX_END, &p->text_end) ||
	    read_name(b, p))
		return -EFAULT;
	p->type = type;
	return 0;
}

static struct kt_bpf_prog *new_func(struct kt_bpf *b)
{
	struct kt_bpf_prog *p;
	u32 max = b->max_funcs ? 2 * b->max_funcs : 64;

	if (b->nr_funcs == KT_BPF_MAX_FUNCS)
		return NULL;
	if (b->nr_funcs == b->max_funcs) {
		p = realloc(b->funcs, max * sizeof(*p));
		if (!p)
			return NULL;
		b->funcs = p;
		b->max_funcs = max;
	}
	return &b->funcs[b->nr_funcs];
}

/* The first one is the program itself. */
static void read_funcs(struct kt_bpf *b, const struct kt_bpf_prog *p)
{
	struct kt_bpf_prog *f;
	u64 table, nr, kva;
	u32 i;

	if (!kt_bpf_has(b->l, KT_BPF_FUNCS) ||
	    kt_bpf_get(b, p->aux_kva, KT_AUX_FUNC, &table) || !table ||
	    kt_bpf_get(b, p->aux_kva, KT_AUX_NR_FUNCS, &nr))
		return;
	for (i = 1; i < min_t(u64, nr, MAX_FUNCS_OF_PROG); i++) {
		f = new_func(b);
		if (!f || kt_guest_kernel_read_u64(b->k, table + i * sizeof(u64),
						   &kva))
			return;
		if (read_code(b, kva, f))
			continue;
		f->id = p->id;
		b->nr_funcs++;
	}
}

static void read_stats(struct kt_bpf *b, struct kt_bpf_prog *p)
{
	u64 stats, at, count, ns;
	u32 cpu;

	if (!kt_bpf_has(b->l, KT_BPF_STATS) ||
	    kt_bpf_get(b, p->kva, KT_PROG_STATS, &stats) || !stats)
		return;
	for (cpu = 0; cpu < b->nr_cpus; cpu++) {
		at = stats + b->percpu_offsets[cpu];
		if (kt_bpf_get(b, at, KT_STATS_COUNT, &count) ||
		    kt_bpf_get(b, at, KT_STATS_NS, &ns))
			continue;
		p->run_count += count;
		p->run_ns += ns;
	}
}

static int add_prog(void *arg, u64 index, u64 kva)
{
	struct kt_bpf *b = arg;
	struct kt_bpf_prog *p = &b->progs[b->nr_progs];
	u64 id, insns;

	if (b->nr_progs == KT_BPF_MAX_PROGS) {
		kt_json_absent(b->absent,
			       "BPF programs beyond the first 512: not read");
		return 1;
	}
	if (read_code(b, kva, p) ||
	    kt_bpf_get(b, p->aux_kva, KT_AUX_ID, &id) || id != index)
		return 0;
	p->id = id;
	if (kt_bpf_has(b->l, KT_BPF_INSNS) &&
	    !kt_bpf_get(b, p->aux_kva, KT_AUX_INSNS, &insns))
		p->insns = insns;
	read_stats(b, p);
	read_funcs(b, p);
	b->nr_progs++;
	return 0;
}

/* Code that is neither a program's nor a function's: a trampoline. */
static void add_ksym(struct kt_bpf *b, u64 kva)
{
	struct kt_bpf_prog *p;
	u64 start, end, offset;

	if (kt_bpf_get(b, kva, KT_KSYM_START, &start) ||
	    kt_bpf_get(b, kva, KT_KSYM_END, &end) || end <= start ||
	    kt_bpf_prog_at(b, start, &offset))
		return;
	p = new_func(b);
	if (!p)
		return;
	memset(p, 0, sizeof(*p));
	p->text_start = start;
	p->text_end = end;
	if (kt_guest_kernel_read(b->k, kva + b->l->at[KT_KSYM_NAME], p->name,
				 min_t(u32, b->l->size[KT_KSYM_NAME],
				       sizeof(p->name) - 1)))
		return;
	b->nr_funcs++;
}

/* All code that BPF has, in the order in which it came. */
static void read_ksyms(struct kt_bpf *b)
{
	u64 head, at;
	u32 i;

	if (!kt_bpf_has(b->l, KT_BPF_KSYMS) ||
	    kt_guest_kernel_symbol(b->k, "bpf_kallsyms", &head) ||
	    kt_guest_kernel_read_u64(b->k, head, &at))
		return;
	for (i = 0; i < MAX_KSYMS && at != head; i++) {
		add_ksym(b, at - b->l->at[KT_KSYM_NODE]);
		if (kt_guest_kernel_read_u64(b->k, at, &at))
			return;
	}
}

void kt_bpf_read_progs(struct kt_bpf *b)
{
	u64 idr;
	int ret;

	if (!kt_bpf_has(b->l, KT_BPF_PROGS))
		return;
	b->progs = calloc(KT_BPF_MAX_PROGS, sizeof(*b->progs));
	if (!b->progs)
		return;
	if (kt_guest_kernel_symbol(b->k, "prog_idr", &idr)) {
		kt_json_absent(b->absent,
			       "BPF programs: the vmlinux has no symbol prog_idr");
		return;
	}
	ret = kt_xarray_for_each(b->k, idr + b->l->at[KT_IDR_TREE],
				 KT_BPF_MAX_PROGS + 1, add_prog, b);
	if (ret < 0)
		kt_json_absent(b->absent,
			       "BPF programs: the list of them breaks off");
	read_ksyms(b);
}

u32 kt_bpf_nr_progs(const struct kt_bpf *b)
{
	return b->nr_progs;
}

const struct kt_bpf_prog *kt_bpf_prog(const struct kt_bpf *b, u32 i)
{
	return i < b->nr_progs ? &b->progs[i] : NULL;
}

static const struct kt_bpf_prog *holds(const struct kt_bpf_prog *p, u32 nr,
				       u64 kva, u64 *offset)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		if (kva < p[i].text_start || kva >= p[i].text_end)
			continue;
		*offset = kva - p[i].text_start;
		return &p[i];
	}
	return NULL;
}

const struct kt_bpf_prog *kt_bpf_prog_at(const struct kt_bpf *b, u64 kva,
					 u64 *offset)
{
	const struct kt_bpf_prog *p;

	p = holds(b->progs, b->nr_progs, kva, offset);
	return p ? p : holds(b->funcs, b->nr_funcs, kva, offset);
}

static json_t *prog_json(const struct kt_bpf *b, const struct kt_bpf_prog *p)
{
	json_t *o = json_object(), *funcs;
	char type[32];
	u32 i;

	kt_json_set_u64(o, "id", p->id);
	kt_json_set_text(o, "name", p->name);
	kt_json_set_text(o, "type",
			 kt_bpf_prog_type_str(p->type, type, sizeof(type)));
	if (p->insns)
		kt_json_set_u64(o, "verified_insns", p->insns);
	if (p->run_count) {
		kt_json_set_u64(o, "run_count", p->run_count);
		kt_json_set_u64(o, "run_ns", p->run_ns);
	}
	if (p->text_start)
		kt_json_set(o, "text", kt_json_textf("0x%llx-0x%llx",
						     (unsigned long long)p->text_start,
						     (unsigned long long)p->text_end));
	funcs = json_array();
	for (i = 0; i < b->nr_funcs; i++)
		if (b->funcs[i].kva && b->funcs[i].id == p->id)
			json_array_append_new(funcs,
					      kt_json_text(b->funcs[i].name,
							   sizeof(b->funcs[i].name)));
	if (json_array_size(funcs))
		kt_json_set(o, "functions", funcs);
	else
		json_decref(funcs);
	return o;
}

json_t *kt_bpf_progs_json(struct kt_bpf *b)
{
	json_t *progs = json_array();
	u32 i;

	for (i = 0; i < b->nr_progs; i++)
		json_array_append_new(progs, prog_json(b, &b->progs[i]));
	return progs;
}
