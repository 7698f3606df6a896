// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any BTF, and any path into each of its types. The first byte gives the
 * length of the path that follows, 0 to 127. With its top bit set the rest is
 * the BTF itself; else a header is put before it, or nearly none would be
 * accepted: a byte with the length of the strings, the strings, the types.
 */
#include "any_btf.h"
#include "drop_log.h"
#include "ktstr/inspect/types.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define MAX_TYPES	64
#define MAX_PATH	127

static void walk(const struct kt_types *t, u32 id, const char *path)
{
	char why[64] = "";
	struct kt_field f;
	s64 size;

	if (kt_types_field(t, id, path, &f, why, sizeof(why))) {
		assert(why[0] && strlen(why) < sizeof(why));
		return;
	}
	size = kt_types_size(t, id);
	assert(size >= 0 && f.offset_bytes + f.size_bytes <= (u64)size);
	assert(f.bit_offset + f.bit_size <= 8 * f.size_bytes);
	assert(!f.is_pointer || (!f.bit_size && f.size_bytes == 8));
	assert(kt_types_size(t, f.type_id) >= 0);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char path[MAX_PATH + 1] = "";
	struct kt_types *t = NULL;
	size_t len, btf_size;
	bool raw;
	u8 *btf;
	u32 id;

	if (!size || (data[0] & MAX_PATH) >= size)
		return 0;
	drop_log();
	raw = data[0] & 0x80;
	len = data[0] & MAX_PATH;
	memcpy(path, data + 1, len);
	data += 1 + len;
	size -= 1 + len;
	btf = raw ? NULL : with_header(data, size, &btf_size);
	if (raw ? !kt_types_parse(data, size, &t) :
	    !kt_types_parse(btf, btf_size, &t)) {
		for (id = 0; id < MAX_TYPES; id++)
			walk(t, id, path);
		id = max(kt_types_struct(t, path), 0);
		walk(t, id, path);
		id = max(kt_types_percpu_var(t, path), 0);
		walk(t, id, path);
	}
	kt_types_free(t);
	free(btf);
	return 0;
}
