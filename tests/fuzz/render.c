// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as a value of each type of any BTF, as JSON and as text. The first
 * byte gives the length of the value, 0 to 127, the second the budget. The
 * guest's memory, which pointers are followed into, is the value over and over.
 * What is behind it is BTF with the first byte's top bit set, else the types
 * and strings of one.
 */
#include "any_btf.h"
#include "drop_log.h"
#include "ktstr/inspect/render.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define MAX_TYPES	64
#define MAX_VALUE	127
#define RAM_BYTES	0x4000
#define DIRECT		0xffff888000000000ULL

static u8 ram[RAM_BYTES];
static const struct kt_region region = { 0, RAM_BYTES, ram };
static const struct kt_guest_kernel kernel = {
	.mem = { &region, 1 },
	.page_offset = DIRECT,
	.levels = 4,
	.nr_cpus = 1,
};

static void fill_ram(const u8 *value, size_t len)
{
	size_t i;

	for (i = 0; i < RAM_BYTES; i++)
		ram[i] = len ? value[i % len] : 0;
}

/* The value in memory of its own size, so that one byte more is found out. */
static void show(const struct kt_types *t, u32 id, const u8 *value, size_t len,
		 u32 nodes)
{
	struct kt_render r = {
		.types = t, .kernel = &kernel, .max_depth = KT_RENDER_DEPTH,
		.nodes_left = nodes,
	};
	u8 *copy = malloc(len ? len : 1);
	char *text = NULL;
	size_t bytes;
	json_t *v;
	FILE *out;

	assert(copy);
	memcpy(copy, value, len);
	v = kt_render_value(&r, id, len ? copy : copy + 1, len);
	assert(v && r.nodes_left <= nodes);
	out = open_memstream(&text, &bytes);
	kt_render_text(out, v, 0);
	fclose(out);
	/* 1 KiB of text and a name is the most that a value comes to, indented */
	assert(bytes <= (nodes + 1) * 4096ULL);
	free(text);
	json_decref(v);
	free(copy);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct kt_types *t = NULL;
	size_t len, btf_size;
	const u8 *value = data + 2;
	u32 nodes, id;
	bool raw;
	u8 *btf;

	if (size < 2 || (data[0] & MAX_VALUE) > size - 2)
		return 0;
	drop_log();
	raw = data[0] & 0x80;
	len = data[0] & MAX_VALUE;
	nodes = (data[1] + 1) * 2;
	fill_ram(value, len);
	data += 2 + len;
	size -= 2 + len;
	btf = raw ? NULL : with_header(data, size, &btf_size);
	if (raw ? !kt_types_parse(data, size, &t) :
	    !kt_types_parse(btf, btf_size, &t))
		for (id = 0; id < MAX_TYPES; id++)
			show(t, id, value, len, nodes);
	kt_types_free(t);
	free(btf);
	return 0;
}
