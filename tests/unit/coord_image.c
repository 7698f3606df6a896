// SPDX-License-Identifier: GPL-2.0-only
/*
 * A saved memory image: what is in the file and what says how to read it.
 */
#include <sys/stat.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/coord/image.h"
#include "test_dir.h"

#define PAGE	4096
#define LOW	(64 * PAGE)
#define HIGH	(16 * PAGE)

FIXTURE(image)
{
	struct kt_machine m;
	struct kt_subject s;
	u8 *low, *high;
};

FIXTURE_SETUP(image)
{
	memset(self, 0, sizeof(*self));
	keep_log();
	ASSERT_TRUE(make_root("/tmp"));
	self->low = calloc(1, LOW);
	self->high = calloc(1, HIGH);
	self->m.nr_regions = 2;
	self->m.regions[0] = (struct kt_region){ 0, LOW, self->low };
	self->m.regions[1] = (struct kt_region){ 1ULL << 32, HIGH, self->high };
	self->s.opts.vmlinux = "/some/vmlinux";
	self->s.opts.hz = 250;
	self->s.kernel.slide = 0x1000000;
	self->s.kernel.phys_base = -4096ULL;
}

FIXTURE_TEARDOWN(image)
{
	free(self->low);
	free(self->high);
	kt_remove_tree(root);
}

static int save(struct _test_data_image *self, const char *name)
{
	json_t *state = json_pack("{s:i}", "mark", 7);
	int ret = kt_image_save(at(name), &self->m, &self->s, state);

	json_decref(state);
	return ret;
}

TEST_F(image, memory)
{
	struct stat st;
	char *text;
	size_t len;

	/* a first page, a last byte, and the last byte of all */
	self->low[0] = 1;
	self->low[3 * PAGE - 1] = 2;
	self->high[5 * PAGE + 7] = 3;
	ASSERT_EQ(0, save(self, "mem"));
	ASSERT_EQ(0, kt_read_file(at("mem"), 1 << 20, &text, &len));
	ASSERT_EQ(LOW + HIGH, len);
	EXPECT_EQ(0, memcmp(text, self->low, LOW));
	EXPECT_EQ(0, memcmp(text + LOW, self->high, HIGH));
	free(text);
	/* holes are none of its blocks */
	ASSERT_EQ(0, stat(at("mem"), &st));
	EXPECT_LE(st.st_blocks * 512, 8 * PAGE);
}

#define HEX(o, key) json_string_value(json_object_get(o, key))

TEST_F(image, header)
{
	json_t *o, *r;
	u64 n;

	ASSERT_EQ(0, save(self, "mem"));
	o = json_load_file(at("mem.json"), 0, NULL);
	ASSERT_NE(NULL, o);
	EXPECT_STREQ("/some/vmlinux", HEX(o, "vmlinux"));
	EXPECT_STREQ("0x1000000", HEX(o, "slide"));
	EXPECT_STREQ("0xfffffffffffff000", HEX(o, "phys_base"));
	EXPECT_EQ(250, json_integer_value(json_object_get(o, "hz")));
	r = json_array_get(json_object_get(o, "regions"), 1);
	EXPECT_STREQ("0x100000000", HEX(r, "gpa"));
	EXPECT_EQ(0, kt_json_get_u64(json_object_get(r, "bytes"), &n));
	EXPECT_EQ(HIGH, n);
	EXPECT_EQ(7, json_integer_value(json_object_get(json_object_get(o, "state"), "mark")));
	json_decref(o);
}

TEST_F(image, no_place)
{
	EXPECT_EQ(-ENOENT, save(self, "nowhere/mem"));
	EXPECT_EQ(1, nr_errors);
}

TEST_HARNESS_MAIN
