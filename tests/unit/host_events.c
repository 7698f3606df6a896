// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file of events in a record: of the frames that carry them and no others.
 */
#include <unistd.h>

#include <kselftest_harness.h>

#include "ktstr/base/fd.h"
#include "ktstr/host/events.h"
#include "ktstr/wire/msg.h"
#include "test_dir.h"

FIXTURE(events)
{
	struct kt_record rec;
	struct kt_bucket bucket;
	char *said;
	size_t len;
	FILE *out;
};

FIXTURE_SETUP(events)
{
	memset(self, 0, sizeof(*self));
	ASSERT_TRUE(make_root("/tmp"));
	kt_record_open(&self->rec, root, "prog", "a");
	self->out = open_memstream(&self->said, &self->len);
}

FIXTURE_TEARDOWN(events)
{
	fclose(self->out);
	free(self->said);
	kt_bucket_fini(&self->bucket);
	kt_record_close(&self->rec);
	EXPECT_EQ(0, kt_remove_tree(root));
}

static void add(struct _test_data_events *self, u32 tag, bool crc_ok,
		const char *text)
{
	const struct kt_frame f = {
		.msg_type = tag, .crc_ok = crc_ok,
		.payload = (const void *)text, .len_bytes = strlen(text),
	};

	kt_bucket_add(&self->bucket, &f, 0);
}

static int print(struct _test_data_events *self)
{
	int ret = kt_events_print(self->out, self->rec.dir);

	fflush(self->out);
	return ret;
}

TEST_F(events, in_order)
{
	char path[PATH_MAX], want[2 * PATH_MAX], *text;

	add(self, KT_TAG_PROBE_OUTPUT, true, "# 2 events\n");
	add(self, KT_TAG_RAW_OUTPUT, true, "other");
	add(self, KT_TAG_PROBE_OUTPUT, false, "torn");
	add(self, KT_TAG_PROBE_OUTPUT, true, "");
	add(self, KT_TAG_PROBE_OUTPUT, true, "one \x1b[31m\n");
	add(self, KT_TAG_PROBE_OUTPUT, true, "two\n");
	kt_events_record(&self->rec, &self->bucket);
	snprintf(path, sizeof(path), "%.3000s/" KT_EVENTS_NAME, self->rec.dir);
	ASSERT_EQ(0, kt_read_file(path, 1000, &text, NULL));
	EXPECT_STREQ("# 2 events\none ?[31m\ntwo\n", text);
	free(text);
	ASSERT_EQ(0, print(self));
	snprintf(want, sizeof(want), "events: %s: 2 events\n", path);
	EXPECT_STREQ(want, self->said);
}

TEST_F(events, none)
{
	add(self, KT_TAG_RAW_OUTPUT, true, "other");
	kt_events_record(&self->rec, &self->bucket);
	EXPECT_EQ(-ENOENT, print(self));
	EXPECT_EQ(0, self->len);
}

TEST_HARNESS_MAIN
