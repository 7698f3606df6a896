// SPDX-License-Identifier: GPL-2.0-only
/*
 * The value of a struct_ops map: the kernel's structure as user space filled
 * it, in which a function stands by its program's id, shown by its name. Its
 * state is the kernel's own.
 */
#include "bpf_priv.h"

static const struct kt_bpf_prog *prog_by_id(const struct kt_bpf *b, u64 id)
{
	u32 i;

	for (i = 0; i < b->nr_progs; i++)
		if (b->progs[i].id == id)
			return &b->progs[i];
	return NULL;
}

/* What was shown as a pointer, and is the id of a program of that type. */
static void name_functions(const struct kt_bpf *b, json_t *ops)
{
	const struct kt_bpf_prog *p;
	const char *name;
	json_t *v;
	void *next;
	u64 id;

	json_object_foreach_safe(ops, next, name, v) {
		if (!json_is_string(v) ||
		    strncmp(json_string_value(v), "0x", 2) ||
		    kt_json_get_u64(v, &id))
			continue;
		p = prog_by_id(b, id);
		if (p && p->type == KT_PROG_STRUCT_OPS)
			json_object_set_new(ops, name,
					    kt_json_textf("%s (%u)", p->name,
							  p->id));
	}
}

/* The value's state, before the structure itself. */
static int read_common(struct kt_bpf_out *out)
{
	const struct kt_bpf_layout *l = out->b->l;

	return kt_guest_kernel_read(out->b->k, out->m->kva +
				    l->at[KT_OPS_KERNEL_VALUE] +
				    l->at[KT_OPS_COMMON], out->value +
				    l->at[KT_OPS_COMMON],
				    l->size[KT_OPS_COMMON]);
}

void kt_bpf_show_struct_ops(struct kt_bpf_out *out)
{
	const struct kt_bpf_map *m = out->m;
	const struct kt_types *types;
	struct kt_bpf *b = out->b;
	u64 kva, btf, type;
	const char *why;
	json_t *v;

	if (!kt_bpf_has(b->l, KT_BPF_STRUCT_OPS) ||
	    kt_bpf_get(b, m->kva, KT_MAP_KERNEL_TYPE, &type) ||
	    kt_bpf_get(b, m->kva, KT_OPS_BTF, &btf) ||
	    kt_bpf_get(b, m->kva, KT_OPS_VALUE, &kva) ||
	    m->value_bytes < b->l->at[KT_OPS_COMMON] +
			     b->l->size[KT_OPS_COMMON] ||
	    m->value_bytes > out->bytes_left) {
		kt_bpf_out_cut(out, "not read: no struct_ops as it is known");
		return;
	}
	types = kt_bpf_types(b, btf, &why);
	if (types && types != b->k->types)
		why = "its types are those of a program";
	if (types != b->k->types) {
		kt_bpf_out_cut(out, "not read: %s", why);
		return;
	}
	out->bytes_left -= m->value_bytes;
	if (kt_guest_kernel_read(b->k, kva, out->value, m->value_bytes) ||
	    read_common(out)) {
		kt_bpf_out_cut(out, "its value cannot be read");
		return;
	}
	v = kt_bpf_out_value(out, types, type, out->value, m->value_bytes);
	name_functions(b, json_object_get(v, "data"));
	kt_bpf_out_add_json(out, kt_json_u64(0), v);
}
