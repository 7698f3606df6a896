// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records of runs, and what comes of comparing them.
 */
#include <fcntl.h>
#include <unistd.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/host/rerun.h"
#include "ktstr/wire/msg.h"
#include "test_dir.h"

#define IDENTITY(seed)	"identity: 1\nengine: some\nseed: " #seed "\n"

FIXTURE(rerun)
{
	struct kt_record a, b;
	struct kt_rerun rr;
	char *said;
	size_t len;
	FILE *out;
};

FIXTURE_SETUP(rerun)
{
	memset(self, 0, sizeof(*self));
	keep_log();
	ASSERT_TRUE(make_root("/tmp"));
	kt_record_open(&self->a, root, "prog", "a");
	kt_record_open(&self->b, root, "prog", "b");
	self->out = open_memstream(&self->said, &self->len);
}

FIXTURE_TEARDOWN(rerun)
{
	fclose(self->out);
	free(self->said);
	kt_rerun_fini(&self->rr);
	kt_record_close(&self->a);
	kt_record_close(&self->b);
	EXPECT_EQ(0, kt_remove_tree(root));
}

static void put(const struct kt_record *r, u32 tag, const void *payload,
		size_t len)
{
	struct kt_frame_hdr hdr;

	kt_frame_encode_hdr(&hdr, tag, payload, len);
	kt_write_all(r->stream_fd, &hdr, sizeof(hdr), 0);
	kt_write_all(r->stream_fd, payload, len, 0);
}

static void put_time(const struct kt_record *r, u64 ns)
{
	u8 buf[8];

	put(r, KT_TAG_TIME, buf, kt_u64_encode(ns, buf, sizeof(buf)));
}

static void put_text(const struct kt_record *r, u64 ns, const char *text)
{
	put_time(r, ns);
	put(r, KT_TAG_STDOUT, text, strlen(text));
}

static void put_identities(struct _test_data_rerun *self)
{
	kt_record_text(&self->a, KT_RERUN_IDENTITY, IDENTITY(1));
	kt_record_text(&self->b, KT_RERUN_IDENTITY, IDENTITY(1));
}

static void put_traces(struct _test_data_rerun *self, const char *a,
		       const char *b)
{
	kt_record_text(&self->a, KT_RERUN_TRACE, a);
	kt_record_text(&self->b, KT_RERUN_TRACE, b);
}

static int compare(struct _test_data_rerun *self)
{
	int ret = kt_rerun_compare(self->out, self->a.dir, self->b.dir);

	fflush(self->out);
	return ret;
}

TEST_F(rerun, identical)
{
	put_identities(self);
	put_text(&self->a, 7, "abc");
	put_text(&self->b, 7, "abc");
	put_traces(self, "deterministic: trace 1\n", "deterministic: trace 1\n");
	EXPECT_EQ(KT_RERUN_IDENTICAL, compare(self));
	EXPECT_STREQ("identical\n", self->said);
}

TEST_F(rerun, another_text)
{
	put_identities(self);
	put_text(&self->a, 7, "first");
	put_text(&self->b, 7, "first");
	put_text(&self->a, 2000000003, "iterations 100\n");
	put_text(&self->b, 2000000003, "iterations 102\n");
	EXPECT_EQ(KT_RERUN_DIFFERENT, compare(self));
	EXPECT_STREQ("different from frame 4 on, at 2.000000003 s of virtual time\n"
		     "  first : Stdout, 15 bytes, from byte 0: \"iterations 100.\"\n"
		     "  second: Stdout, 15 bytes, from byte 0: \"iterations 102.\"\n",
		     self->said);
}

TEST_F(rerun, far_into_a_long_text)
{
	char text[1000];

	put_identities(self);
	memset(text, 'x', sizeof(text));
	put(&self->a, KT_TAG_STDOUT, text, sizeof(text));
	text[900] = 'y';
	put(&self->b, KT_TAG_STDOUT, text, sizeof(text));
	EXPECT_EQ(KT_RERUN_DIFFERENT, compare(self));
	EXPECT_NE(NULL, strstr(self->said, "second: Stdout, 1000 bytes, from byte 860: \""));
	EXPECT_NE(NULL, strstr(self->said, "xxy"));
}

TEST_F(rerun, another_time)
{
	put_identities(self);
	put_text(&self->a, 1000000001, "a");
	put_text(&self->b, 1000000002, "a");
	EXPECT_EQ(KT_RERUN_DIFFERENT, compare(self));
	EXPECT_STREQ("different from frame 1 on, at 1.000000001 s of virtual time\n"
		     "  first : Time, 8 bytes, 1.000000001 s\n"
		     "  second: Time, 8 bytes, 1.000000002 s\n", self->said);
}

TEST_F(rerun, one_ends_early)
{
	put_identities(self);
	put_text(&self->a, 7, "a");
	put_text(&self->b, 7, "a");
	put_text(&self->b, 8, "b");
	kt_record_text(&self->a, KT_RERUN_TRACE,
		       "deterministic: no, it was cut off; identity 1\n");
	EXPECT_EQ(KT_RERUN_DIFFERENT, compare(self));
	EXPECT_NE(NULL, strstr(self->said, "different from frame 3 on"));
	EXPECT_NE(NULL, strstr(self->said, "  first : no frame 3\n"));
	EXPECT_NE(NULL, strstr(self->said, ": deterministic: no, it was cut off"));
}

TEST_F(rerun, another_console)
{
	put_identities(self);
	put_text(&self->a, 7, "a");
	put_text(&self->b, 7, "a");
	put_traces(self, "deterministic: trace 1\n", "deterministic: trace 2\n");
	EXPECT_EQ(KT_RERUN_DIFFERENT, compare(self));
	EXPECT_NE(NULL, strstr(self->said, "the consoles are not"));
}

static void put_holds(struct _test_data_rerun *self, u32 nr)
{
	while (nr--) {
		put(&self->a, KT_TAG_HOLD, "hold", 4);
		put(&self->b, KT_TAG_HOLD, "hold", 4);
	}
}

static int compare_traced(struct _test_data_rerun *self, u32 holds,
			  const char *outcome)
{
	kt_record_text(&self->a, KT_RERUN_IDENTITY,
		       IDENTITY(1) "events: not traced\n");
	kt_record_text(&self->b, KT_RERUN_IDENTITY,
		       IDENTITY(1) "events: traced, 4096 KiB\n");
	put_holds(self, holds);
	put_text(&self->a, 5000000000, "a");
	put_text(&self->b, 5000000001, "a");
	kt_record_text(&self->a, "outcome", "fail");
	kt_record_text(&self->b, "outcome", outcome);
	return compare(self);
}

TEST_F(rerun, one_is_traced)
{
	EXPECT_EQ(KT_RERUN_TRACED, compare_traced(self, 2, "fail"));
	EXPECT_EQ(0, strncmp(self->said, "different from frame 3 on, at 5.000000000 s ", 44));
	EXPECT_NE(NULL, strstr(self->said, "because events were traced in one of them"));
	EXPECT_NE(NULL, strstr(self->said, "verdicts: fail, fail\n"));
	EXPECT_EQ(NULL, strstr(self->said, "identical"));
}

TEST_F(rerun, one_is_traced_and_does_not_fail)
{
	EXPECT_EQ(KT_RERUN_DIFFERENT, compare_traced(self, 3, "pass"));
	EXPECT_NE(NULL, strstr(self->said, "verdicts: fail, pass\n"));
}

TEST_F(rerun, one_is_traced_and_differed_before)
{
	EXPECT_EQ(KT_RERUN_DIFFERENT, compare_traced(self, 1, "fail"));
	EXPECT_EQ(NULL, strstr(self->said, "because"));
	EXPECT_NE(NULL, strstr(self->said, "are not why: that began later\n"));
}

TEST_F(rerun, of_two_identities)
{
	kt_record_text(&self->a, KT_RERUN_IDENTITY, IDENTITY(1));
	kt_record_text(&self->b, KT_RERUN_IDENTITY, IDENTITY(2));
	EXPECT_EQ(KT_RERUN_NOT_COMPARABLE, compare(self));
	EXPECT_NE(NULL, strstr(self->said, "seed: 1 / seed: 2"));
}

TEST_F(rerun, in_real_time)
{
	EXPECT_EQ(KT_RERUN_NOT_COMPARABLE, compare(self));
	EXPECT_NE(NULL, strstr(self->said, "has no identity: it ran in real time"));
}

TEST_F(rerun, command)
{
	struct kt_strv argv;
	char self_path[256];
	ssize_t n = readlink("/proc/self/exe", self_path, sizeof(self_path) - 1);

	ASSERT_LT(0, n);
	self_path[n] = '\0';
	kt_strv_init(&argv);
	kt_strv_add(&argv, "prog");
	kt_strv_add(&argv, "--sched-arg=");
	kt_strv_add(&argv, "two words\nand a line");
	kt_rerun_record(&self->a, &argv);
	kt_strv_fini(&argv);
	ASSERT_EQ(0, kt_rerun_load(&self->rr, self->a.dir));
	EXPECT_EQ(0, access(self->rr.dir, X_OK));
	ASSERT_EQ(3, self->rr.argv.nr);
	EXPECT_STREQ(self_path, self->rr.argv.v[0]);
	EXPECT_STREQ("--sched-arg=", self->rr.argv.v[1]);
	EXPECT_STREQ("two words\nand a line", self->rr.argv.v[2]);
}

TEST_F(rerun, no_command)
{
	EXPECT_GT(0, kt_rerun_load(&self->rr, self->a.dir));
	EXPECT_NE(NULL, strstr(last_log, "has no command"));
	kt_rerun_fini(&self->rr);
	kt_record_text(&self->a, KT_RERUN_COMMAND, "");
	EXPECT_EQ(-EPROTO, kt_rerun_load(&self->rr, self->a.dir));
	kt_rerun_fini(&self->rr);
	kt_record_text(&self->b, KT_RERUN_COMMAND, "/dir-and-no-end");
	EXPECT_EQ(-EPROTO, kt_rerun_load(&self->rr, self->b.dir));
	EXPECT_NE(NULL, strstr(last_log, "cut off"));
}

TEST_HARNESS_MAIN
