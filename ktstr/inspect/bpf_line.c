// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines of BPF programs: the kernel keeps, for each line of the source, where
 * its code begins. It need not do so in order, and has all functions of a
 * program in one table.
 */
#include <stdio.h>

#include <bpf/btf.h>

#include "../base/strbuf.h"
#include "bpf_priv.h"

#define MAX_LINES	65536u
#define LINE_SHIFT	10	/* BPF_LINE_INFO_LINE_NUM() */

/* The last line whose code begins at or below @kva, and in @p. */
static int find(const struct kt_bpf *b, const struct kt_bpf_prog *p, u64 kva,
		u64 *nr)
{
	u64 table, count, best = 0, start, i;

	if (kt_bpf_get(b, p->aux_kva, KT_AUX_JITED_LINFO, &table) || !table ||
	    kt_bpf_get(b, p->aux_kva, KT_AUX_NR_LINFO, &count))
		return -ENOENT;
	for (i = 0; i < min_t(u64, count, MAX_LINES); i++) {
		if (kt_guest_kernel_read_u64(b->k, table + i * sizeof(u64),
					     &start))
			return -EFAULT;
		if (start < p->text_start || start > kva || start < best)
			continue;
		best = start;
		*nr = i;
	}
	return best ? 0 : -ENOENT;
}

static int describe(struct kt_bpf *b, u64 btf_kva, u64 at, char *buf,
		    size_t size)
{
	const struct kt_types *types = kt_bpf_types(b, btf_kva, NULL);
	const struct kt_bpf_layout *l = b->l;
	const char *file, *base, *text;
	u32 file_off, text_off, col;

	if (!types ||
	    kt_guest_kernel_read_u32(b->k, at + l->at[KT_LINFO_FILE], &file_off) ||
	    kt_guest_kernel_read_u32(b->k, at + l->at[KT_LINFO_TEXT], &text_off) ||
	    kt_guest_kernel_read_u32(b->k, at + l->at[KT_LINFO_COL], &col))
		return -EFAULT;
	file = btf__name_by_offset(kt_types_btf(types), file_off);
	text = btf__name_by_offset(kt_types_btf(types), text_off);
	if (!file || !text)
		return -ENOENT;
	base = strrchr(file, '/');
	snprintf(buf, size, "%s:%u: %s", base ? base + 1 : file,
		 col >> LINE_SHIFT, text + strspn(text, " \t"));
	kt_text_sanitize(buf, strlen(buf));
	return 0;
}

int kt_bpf_line_at(struct kt_bpf *b, u64 kva, char *buf, size_t size)
{
	const struct kt_bpf_prog *p;
	u64 offset, lines, btf_kva, nr;
	int ret;

	p = kt_bpf_prog_at(b, kva, &offset);
	if (!p || !p->aux_kva || !kt_bpf_has(b->l, KT_BPF_LINES))
		return -ENOENT;
	ret = find(b, p, kva, &nr);
	if (ret)
		return ret;
	if (kt_bpf_get(b, p->aux_kva, KT_AUX_LINFO, &lines) ||
	    kt_bpf_get(b, p->aux_kva, KT_AUX_BTF, &btf_kva))
		return -EFAULT;
	return describe(b, btf_kva, lines + nr * b->l->line_info_bytes, buf,
			size);
}
