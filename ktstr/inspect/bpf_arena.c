// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pages of an arena. It has no types: each page is shown by the address
 * that programs and user space know it by, in words of 64 bits.
 */
#include "bpf_priv.h"

#define PAGE_BYTES	4096u
#define MAX_PAGES	16	/* with what is in them; others only as there */
#define MAX_STEPS	(64u << 10)	/* through the page tables */

/* Half of what the area has more than the arena lies before it. */
static int find_start(const struct kt_bpf *b, u64 map_kva, u64 *kva, u64 *user)
{
	u64 vm, guard;

	if (!kt_bpf_has(b->l, KT_BPF_ARENA) ||
	    b->l->size[KT_INSN_OFF] > sizeof(u16) ||
	    kt_bpf_get(b, map_kva, KT_ARENA_START, user) ||
	    kt_bpf_get(b, map_kva, KT_ARENA_VM, &vm) ||
	    kt_bpf_get(b, vm, KT_VM_ADDR, kva) ||
	    *user % PAGE_BYTES || *kva % PAGE_BYTES)
		return -EINVAL;
	/* as far as the offset of an instruction reaches */
	guard = 1ULL << 8 * b->l->size[KT_INSN_OFF];
	*kva += max_t(u64, guard, 2 * PAGE_BYTES) / 2;
	return kt_guest_kernel_half(b->k, *kva) ? 0 : -EINVAL;
}

static json_t *words_json(const u64 *words, u32 nr)
{
	json_t *v = json_array();
	u32 i, end = nr;

	while (end && !words[end - 1])
		end--;
	for (i = 0; i < end; i++)
		json_array_append_new(v, kt_json_u64(words[i]));
	if (end < nr)
		json_array_append_new(v, json_sprintf("... %u more, all zero",
						      nr - end));
	return v;
}

static json_t *page_json(struct kt_bpf_out *out, u64 gpa)
{
	u64 words[PAGE_BYTES / sizeof(u64)];

	if (out->nr >= MAX_PAGES)
		return json_string("not read");
	if (kt_guest_mem_read(&out->b->k->mem, gpa, words, sizeof(words)))
		return json_string("? not readable");
	return words_json(words, ARRAY_SIZE(words));
}

void kt_bpf_show_arena(struct kt_bpf_out *out)
{
	u64 kva, user, at, gpa, end;
	u32 steps = MAX_STEPS, low;
	int ret;

	if (find_start(out->b, out->m->kva, &kva, &user)) {
		kt_bpf_out_cut(out, "not read: no arena as it is known");
		return;
	}
	/* the kernel maps a page by the lower half of its address */
	low = user;
	end = kva + low + (u64)out->m->max_entries * PAGE_BYTES;
	for (at = kva + low; ; at += PAGE_BYTES) {
		ret = kt_guest_kernel_next_page(out->b->k, &at, end, &steps,
						&gpa);
		if (ret)
			break;
		ret = kt_bpf_out_add_json(out, kt_json_hex(user + (at - kva - low)),
					  page_json(out, gpa));
		if (ret)
			return;
	}
	if (ret == -E2BIG)
		kt_bpf_out_cut(out, "not looked at from %#llx on",
			       (unsigned long long)(user + (at - kva - low)));
	else if (out->nr > MAX_PAGES)
		kt_bpf_out_cut(out, "%u of %u pages read", MAX_PAGES, out->nr);
}
