// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of addresses. A symbol stands for what follows it up to its end; in
 * the text, where assembly has symbols without an end, up to the next.
 */
#include <stdio.h>

#include "names.h"

/* Modules, BPF programs and trampolines: arch/x86/include/asm/pgtable_64_types.h */
#define GENERATED_START	0xffffffffa0000000ULL
#define GENERATED_END	0xffffffffff000000ULL

/* Whether @kva is between symbols @first and @last of the image. */
static bool between(const struct kt_guest_kernel *k, u64 kva,
		    const char *first, const char *last)
{
	u64 start, end;

	return !kt_guest_kernel_symbol(k, first, &start) &&
	       !kt_guest_kernel_symbol(k, last, &end) &&
	       kva >= start && kva < end;
}

bool kt_names_is_text(const struct kt_names *n, u64 kva)
{
	return between(n->k, kva, "_stext", "_etext") ||
	       between(n->k, kva, "_sinittext", "_einittext");
}

bool kt_names_is_generated(const struct kt_names *n, u64 kva)
{
	return kva >= GENERATED_START && kva < GENERATED_END &&
	       !(kva >= n->k->image_start && kva < n->k->image_end);
}

/* The symbol that @kva belongs to, or NULL. */
static const struct kt_symbol *find_symbol(const struct kt_names *n, u64 kva,
					   u64 *offset)
{
	const struct kt_guest_kernel *k = n->k;
	const struct kt_symbol *s;

	if (kva < k->image_start || kva >= k->image_end)
		return NULL;
	s = kt_symbols_at(k->syms, kva - k->slide, offset);
	if (!s || s->absolute)
		return NULL;
	if (*offset && *offset >= s->size_bytes && !kt_names_is_text(n, kva))
		return NULL;
	return s;
}

static const char *print(char *buf, size_t size, const char *name,
			 const char *kind, u64 offset, u64 size_bytes)
{
	int len;

	len = snprintf(buf, size, "%s%s+0x%llx", name, kind,
		       (unsigned long long)offset);
	if (size_bytes && len > 0 && (size_t)len < size)
		snprintf(buf + len, size - len, "/0x%llx",
			 (unsigned long long)size_bytes);
	return buf;
}

/* The name for @kva, with the distance of @kva + @more. */
static const char *name_at(const struct kt_names *n, u64 kva, u64 more,
			   char *buf, size_t size)
{
	const struct kt_bpf_prog *prog = NULL;
	const struct kt_symbol *s;
	u64 offset;

	if (!kt_guest_kernel_half(n->k, kva)) {
		snprintf(buf, size, "user mode 0x%llx",
			 (unsigned long long)(kva + more));
		return buf;
	}
	s = find_symbol(n, kva, &offset);
	if (s)
		return print(buf, size, s->name, "", offset + more,
			     s->size_bytes);
	if (n->bpf)
		prog = kt_bpf_prog_at(n->bpf, kva, &offset);
	if (prog)
		return print(buf, size, prog->name, " [bpf]", offset + more,
			     prog->text_end - prog->text_start);
	snprintf(buf, size, "0x%llx", (unsigned long long)(kva + more));
	return buf;
}

const char *kt_name_at(const struct kt_names *n, u64 kva, char *buf,
		       size_t size)
{
	return name_at(n, kva, 0, buf, size);
}

const char *kt_name_of_return(const struct kt_names *n, u64 kva, char *buf,
			      size_t size)
{
	return kva ? name_at(n, kva - 1, 1, buf, size) :
		     name_at(n, 0, 0, buf, size);
}
