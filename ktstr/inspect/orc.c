// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two tables run in step, sorted when the kernel was built: the addresses from
 * which on an entry holds, each as its distance from where it is stored, and
 * the entries. The layout of an entry changed over time, so it is taken from
 * the BTF; the meaning of its numbers is that of Linux 6.4 and later, whose
 * field `type` has three bits.
 */
#include "fields.h"
#include "orc.h"

#define MAX_ENTRIES	(16u << 20)
#define MAX_ENTRY_BYTES	16
#define TYPE_BITS	3

static int find_layout(struct kt_orc *orc, const struct kt_guest_kernel *k)
{
	static const char * const paths[] = {
		"sp_offset", "bp_offset", "sp_reg", "bp_reg", "type", "signal",
	};
	struct kt_field f[ARRAY_SIZE(paths)];
	int id, ret;
	s64 size;

	ret = kt_fields_find(k, "orc_entry", paths, ARRAY_SIZE(paths),
			     ARRAY_SIZE(paths), f, NULL);
	if (ret)
		return ret;
	id = kt_types_struct(k->types, "orc_entry");
	size = id < 0 ? id : kt_types_size(k->types, id);
	if (size <= 0 || size > MAX_ENTRY_BYTES || f[4].bit_size != TYPE_BITS)
		return -ENOENT;
	orc->entry_bytes = size;
	orc->sp_offset = f[0];
	orc->bp_offset = f[1];
	orc->sp_reg = f[2];
	orc->bp_reg = f[3];
	orc->type = f[4];
	orc->signal = f[5];
	return 0;
}

int kt_orc_init(struct kt_orc *orc, const struct kt_guest_kernel *k)
{
	u64 ips_end, entries_end, nr;

	memset(orc, 0, sizeof(*orc));
	if (kt_guest_kernel_symbol(k, "__start_orc_unwind_ip", &orc->ips_kva) ||
	    kt_guest_kernel_symbol(k, "__stop_orc_unwind_ip", &ips_end) ||
	    kt_guest_kernel_symbol(k, "__start_orc_unwind",
				   &orc->entries_kva) ||
	    kt_guest_kernel_symbol(k, "__stop_orc_unwind", &entries_end) ||
	    find_layout(orc, k))
		return -ENOENT;
	nr = (ips_end - orc->ips_kva) / sizeof(s32);
	if (ips_end <= orc->ips_kva || nr > MAX_ENTRIES ||
	    entries_end - orc->entries_kva != nr * orc->entry_bytes)
		return -ENOENT;
	orc->nr = nr;
	return 0;
}

/* The address from which on entry @i holds. */
static int entry_ip(const struct kt_orc *orc, const struct kt_guest_kernel *k,
		    u32 i, u64 *ip)
{
	u64 at = orc->ips_kva + i * sizeof(s32);
	s32 distance;
	int ret;

	ret = kt_guest_kernel_read(k, at, &distance, sizeof(distance));
	if (!ret)
		*ip = at + distance;
	return ret;
}

static int read_entry(const struct kt_orc *orc, const struct kt_guest_kernel *k,
		      u32 i, struct kt_orc_entry *entry)
{
	u64 at = orc->entries_kva + (u64)i * orc->entry_bytes;
	u64 sp_reg, bp_reg, type, signal;
	s64 sp_offset, bp_offset;

	if (kt_field_read_signed(k, at, &orc->sp_offset, &sp_offset) ||
	    kt_field_read_signed(k, at, &orc->bp_offset, &bp_offset) ||
	    kt_field_read(k, at, &orc->sp_reg, &sp_reg) ||
	    kt_field_read(k, at, &orc->bp_reg, &bp_reg) ||
	    kt_field_read(k, at, &orc->type, &type) ||
	    kt_field_read(k, at, &orc->signal, &signal))
		return -EFAULT;
	*entry = (struct kt_orc_entry){
		.sp_offset = sp_offset, .bp_offset = bp_offset,
		.sp_reg = sp_reg, .bp_reg = bp_reg, .type = type,
		.signal = signal,
	};
	return 0;
}

/* The last of several at one address, as the kernel does. */
int kt_orc_find(const struct kt_orc *orc, const struct kt_guest_kernel *k,
		u64 ip, struct kt_orc_entry *entry)
{
	u32 low = 0, high = orc->nr, mid;
	u64 at;
	int ret;

	while (low < high) {
		mid = low + (high - low) / 2;
		ret = entry_ip(orc, k, mid, &at);
		if (ret)
			return ret;
		if (at <= ip)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? read_entry(orc, k, low - 1, entry) : -EFAULT;
}
