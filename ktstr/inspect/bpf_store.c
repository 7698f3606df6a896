// SPDX-License-Identifier: GPL-2.0-only
/*
 * The number in a global variable, loaded and stored whole: programs of the
 * guest may use it at the same time.
 */
#include <stdio.h>

#include <bpf/btf.h>

#include "bpf_priv.h"

struct number {
	void *p;		/* in this process */
	u32 size_bytes;
	bool is_signed, is_bool;
};

/* What the type says of it: whether it is a number at all. */
static int check_type(const struct kt_bpf_var *var, struct number *n, char *why,
		      size_t size)
{
	u32 id = var->type_id, bytes = var->size_bytes;
	const struct btf_type *t = kt_types_strip(kt_types_btf(var->types), &id);

	if (!t || (!btf_is_int(t) && !btf_is_any_enum(t)) ||
	    (bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8)) {
		snprintf(why, size,
			 "variable \"%s\" of %u bytes in %s is no number of 1, 2, 4 or 8 bytes",
			 var->name, bytes, var->map);
		return -EINVAL;
	}
	n->size_bytes = bytes;
	n->is_bool = btf_is_int(t) && btf_int_encoding(t) & BTF_INT_BOOL;
	n->is_signed = btf_is_int(t) ? btf_int_encoding(t) & BTF_INT_SIGNED :
				       btf_kflag(t);
	return 0;
}

static int find_number(const struct kt_guest_kernel *k,
		       const struct kt_bpf_var *var, struct number *n,
		       char *why, size_t size)
{
	int ret = check_type(var, n, why, size);
	u64 gpa;

	if (ret)
		return ret;
	n->p = NULL;
	if (!(var->kva % n->size_bytes) &&
	    !kt_guest_kernel_translate(k, var->kva, &gpa))
		n->p = kt_guest_mem_ptr(&k->mem, gpa, n->size_bytes);
	if (n->p)
		return 0;
	snprintf(why, size, "variable \"%s\" in %s, at %#llx, is not readable",
		 var->name, var->map, (unsigned long long)var->kva);
	return -EFAULT;
}

static u64 load(const struct number *n)
{
	switch (n->size_bytes) {
	case 1:
		return *(const volatile u8 *)n->p;
	case 2:
		return *(const volatile u16 *)n->p;
	case 4:
		return *(const volatile u32 *)n->p;
	default:
		return *(const volatile u64 *)n->p;
	}
}

static void store(const struct number *n, u64 v)
{
	switch (n->size_bytes) {
	case 1:
		*(volatile u8 *)n->p = v;
		break;
	case 2:
		*(volatile u16 *)n->p = v;
		break;
	case 4:
		*(volatile u32 *)n->p = v;
		break;
	default:
		*(volatile u64 *)n->p = v;
		break;
	}
}

/* As either kind of number, whatever its type: 0xffffffff is a u32's -1. */
static bool fits(const struct number *n, s64 value)
{
	u32 bits = 8 * n->size_bytes;

	if (n->is_bool)
		return value == 0 || value == 1;
	return bits == 64 || (value < 1LL << bits && value >= -(1LL << (bits - 1)));
}

int kt_bpf_var_get(const struct kt_guest_kernel *k,
		   const struct kt_bpf_var *var, s64 *value, char *why,
		   size_t size)
{
	struct number n;
	int ret = find_number(k, var, &n, why, size);
	u32 unused;
	u64 v;

	if (ret)
		return ret;
	v = load(&n);
	unused = 64 - 8 * n.size_bytes;
	*value = n.is_signed ? (s64)(v << unused) >> unused : (s64)v;
	return 0;
}

int kt_bpf_var_set(const struct kt_guest_kernel *k,
		   const struct kt_bpf_var *var, s64 value, char *why,
		   size_t size)
{
	struct number n;
	int ret;

	if (var->constant) {
		snprintf(why, size,
			 "variable \"%s\" in %s is constant: programs were verified with its value and do not look again",
			 var->name, var->map);
		return -EINVAL;
	}
	ret = find_number(k, var, &n, why, size);
	if (ret)
		return ret;
	if (!fits(&n, value)) {
		snprintf(why, size, "%lld does not fit variable \"%s\" in %s, which has %u bytes%s",
			 (long long)value, var->name, var->map, n.size_bytes,
			 n.is_bool ? " and is a truth value" : "");
		return -EINVAL;
	}
	store(&n, value);
	return 0;
}
