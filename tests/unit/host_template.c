// SPDX-License-Identifier: GPL-2.0-only
/*
 * When a machine is saved, when one starts from what was saved, and what makes
 * two machines different: with an engine that is none.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/engine/saved_memory.h"
#include "ktstr/host/template.h"
#include "nr_fds.h"
#include "test_dir.h"

#define EARLY	"what it had sent"
#define KHZ	"tsc_early_khz="

/* What the engine was asked for, in order; and what it fails with. */
static char calls[64];
static int save_err;
static u32 khz_in_command;
static const char *option_in_command;

static int describe(const struct kt_machine_plan *plan, char **text)
{
	return asprintf(text, "run -m %u " KHZ "%u lpj=%u %s %s",
			plan->memory_mib, khz_in_command, khz_in_command,
			option_in_command, plan->cmdline) < 0 ? -ENOMEM : 0;
}

static int save(struct kt_machine *m, struct kt_saved *saved)
{
	(void)m;
	strcat(calls, "save ");
	saved->memory_sum = 42;
	if (kt_write_all(saved->state_fd, "state", 5, 0) ||
	    pwrite(saved->memory_fd, "memory", 6, saved->memory_at) != 6)
		return -EIO;
	return save_err;
}

static const struct kt_engine_ops ops = {
	.name = "fake", .describe = describe, .save = save,
};

FIXTURE(template)
{
	struct kt_template t;
	struct kt_options options;
	struct kt_session s;
	struct kt_machine_plan mp;
	struct kt_machine m;
	struct ktstr_test test;
	struct kt_case c;
	FILE *out;
	char *text;
	size_t text_bytes;
	int fds_before;
};

FIXTURE_SETUP(template)
{
	keep_log();
	self->fds_before = nr_fds();
	ASSERT_TRUE(make_root("/tmp"));
	setenv("XDG_CACHE_HOME", root, 1);
	close(open(at("vmlinux"), O_CREAT | O_WRONLY, 0600));
	calls[0] = '\0';
	save_err = 0;
	khz_in_command = 2700000;
	option_in_command = "";
	self->options = (struct kt_options){};
	self->s = (struct kt_session){
		.options = &self->options, .engine = &ops,
		.caps = { .version = "FAKE 1.0" },
	};
	self->mp = (struct kt_machine_plan){
		.memory_mib = 256, .kernel = at("vmlinux"), .cmdline = "quiet",
	};
	self->m = (struct kt_machine){
		.ops = &ops, .nr_regions = 1,
		.regions = { { .size_bytes = 16 * KT_SAVED_PAGE } },
	};
	self->test = (struct ktstr_test){ .name = "some" };
	self->c = (struct kt_case){ .test = &self->test };
	self->out = open_memstream(&self->text, &self->text_bytes);
	kt_template_init(&self->t, self->out);
}

FIXTURE_TEARDOWN(template)
{
	kt_template_fini(&self->t);
	fclose(self->out);
	free(self->text);
	EXPECT_EQ(0, kt_remove_tree(root));
	EXPECT_EQ(self->fds_before, nr_fds());
}

/* As a case does: looks for it. What the last one found is gone. */
static void find(struct _test_data_template *self, u64 initramfs)
{
	kt_template_fini(&self->t);
	kt_template_init(&self->t, self->out);
	kt_template_find(&self->t, &self->s, &self->mp, initramfs,
			 &self->c.disks);
}

/* And, when there is none, the coordinator at SysRdy. */
static void at_ready(struct _test_data_template *self)
{
	struct kt_coord_opts opts = {};

	kt_template_coord(&self->t, &opts);
	if (opts.at_ready)
		opts.at_ready(opts.at_ready_arg, &self->m, EARLY,
			      sizeof(EARLY));
	fflush(self->out);
}

static void path_of(struct _test_data_template *self, char *path, size_t size)
{
	snprintf(path, size, "%s/ktstr/templates/%s.template", root,
		 self->t.name);
}

/* The template that was found gets the head that is in memory. */
static void set_head(struct _test_data_template *self)
{
	char path[256];
	int fd;

	path_of(self, path, sizeof(path));
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (kt_template_head_write(fd, &self->t.image.head))
		abort();
	close(fd);
}

TEST_F(template, saved_and_found)
{
	struct kt_coord_opts opts = {};

	find(self, 1);
	EXPECT_FALSE(self->t.loaded);
	at_ready(self);
	EXPECT_STREQ("save ", calls);
	EXPECT_NE(NULL, strstr(self->text, "saved as template"));
	find(self, 1);
	ASSERT_TRUE(self->t.loaded);
	EXPECT_EQ(42, self->t.image.saved.memory_sum);
	/* a machine starts from it */
	self->t.started = true;
	kt_template_coord(&self->t, &opts);
	EXPECT_TRUE(!opts.at_ready);
	ASSERT_EQ(sizeof(EARLY), opts.early_bytes);
	EXPECT_EQ(0, memcmp(EARLY, opts.early, sizeof(EARLY)));
	EXPECT_EQ(0, nr_logged);
}

/* Each of these alone makes it another machine. */
TEST_F(template, what_tells_them_apart)
{
	char first[KT_TEMPLATE_NAME_SIZE], names[8][KT_TEMPLATE_NAME_SIZE];
	size_t i, j;

	find(self, 1);
	strcpy(first, self->t.name);
	find(self, 1);
	EXPECT_STREQ(first, self->t.name);
	find(self, 2);
	strcpy(names[0], self->t.name);
	self->mp.memory_mib = 512;
	find(self, 1);
	strcpy(names[1], self->t.name);
	self->mp.memory_mib = 256;
	self->mp.cmdline = "loglevel=7";
	find(self, 1);
	strcpy(names[2], self->t.name);
	self->mp.cmdline = "quiet";
	strcpy(self->s.caps.version, "FAKE 1.1");
	find(self, 1);
	strcpy(names[3], self->t.name);
	strcpy(self->s.caps.version, "FAKE 1.0");
	option_in_command = "-icount";
	find(self, 1);
	strcpy(names[4], self->t.name);
	option_in_command = "";
	truncate(self->mp.kernel, 10);
	find(self, 1);
	strcpy(names[5], self->t.name);
	self->c.disks.nr = 1;
	find(self, 1);
	strcpy(names[6], self->t.name);
	self->c.disks.sources[0] = 1;
	find(self, 1);
	strcpy(names[7], self->t.name);
	unlink(self->mp.kernel);
	find(self, 1);
	EXPECT_FALSE(self->t.wanted);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		EXPECT_STRNE(first, names[i]);
		for (j = 0; j < i; j++)
			EXPECT_STRNE(names[j], names[i]);
	}
}

/* The clock is measured anew each time: the command differs, the machine not. */
TEST_F(template, the_clock_as_measured)
{
	char first[KT_TEMPLATE_NAME_SIZE];

	find(self, 1);
	strcpy(first, self->t.name);
	khz_in_command = 2699998;
	find(self, 1);
	EXPECT_STREQ(first, self->t.name);
	/* one that the user appends is another matter */
	self->mp.cmdline = "quiet lpj=7";
	find(self, 1);
	EXPECT_STRNE(first, self->t.name);
}

/* As on a host of another rate. */
TEST_F(template, the_clock_has_another_rate)
{
	char path[256];

	find(self, 1);
	at_ready(self);
	find(self, 1);
	ASSERT_TRUE(self->t.loaded);
	self->t.image.head.tsc_khz /= 2;
	set_head(self);
	path_of(self, path, sizeof(path));
	find(self, 1);
	EXPECT_FALSE(self->t.loaded);
	EXPECT_NE(NULL, strstr(last_log, "another rate"));
	EXPECT_NE(0, access(path, F_OK));
}

/* The memory need not be summed up again before the host boots anew. */
TEST_F(template, trusted_in_this_boot)
{
	u64 boot;

	find(self, 1);
	at_ready(self);
	find(self, 1);
	ASSERT_TRUE(self->t.loaded);
	EXPECT_TRUE(self->t.image.saved.trusted);
	boot = self->t.image.head.boot;
	/* as one of the last boot, which is looked at once */
	self->t.image.saved.trusted = false;
	self->t.image.head.boot = boot + 1;
	set_head(self);
	find(self, 1);
	ASSERT_TRUE(self->t.loaded);
	EXPECT_FALSE(self->t.image.saved.trusted);
	kt_template_trust(&self->t);
	find(self, 1);
	ASSERT_TRUE(self->t.loaded);
	EXPECT_TRUE(self->t.image.saved.trusted);
	EXPECT_EQ(boot, self->t.image.head.boot);
	EXPECT_EQ(42, self->t.image.saved.memory_sum);
}

TEST_F(template, broken_on_the_disk)
{
	char path[256];

	find(self, 1);
	at_ready(self);
	path_of(self, path, sizeof(path));
	ASSERT_EQ(0, truncate(path, 5000));
	find(self, 1);
	EXPECT_FALSE(self->t.loaded);
	EXPECT_EQ(1, nr_logged);
	EXPECT_NE(NULL, strstr(last_log, "truncated"));
	EXPECT_NE(0, access(path, F_OK));
	/* this case makes no new one, the next does */
	calls[0] = '\0';
	at_ready(self);
	EXPECT_STREQ("", calls);
	find(self, 1);
	at_ready(self);
	EXPECT_EQ(0, access(path, F_OK));
}

/* Whatever goes wrong: the machine goes on, and nothing is left. */
TEST_F(template, cannot_be_saved)
{
	find(self, 1);
	save_err = -ENOSPC;
	at_ready(self);
	EXPECT_STREQ("save ", calls);
	EXPECT_NE(NULL, strstr(last_log, "No space left"));
	EXPECT_EQ(0, rmdir(at("ktstr/templates")));
	EXPECT_EQ(NULL, strstr(self->text, "saved"));
}

TEST_F(template, refusals)
{
	struct ktstr_disk disk = { .size_mib = 1 };
	struct kt_engine_ops unable = ops;

	EXPECT_EQ(NULL, kt_template_refusal(&self->s, &self->c));
	self->c.kaslr = true;
	EXPECT_NE(NULL, strstr(kt_template_refusal(&self->s, &self->c),
			       "KASLR"));
	self->c.kaslr = false;
	self->c.performance = true;
	EXPECT_NE(NULL, strstr(kt_template_refusal(&self->s, &self->c),
			       "performance"));
	self->c.performance = false;
	self->test.nested = true;
	EXPECT_NE(NULL, kt_template_refusal(&self->s, &self->c));
	self->test.nested = false;
	self->c.disks.declared = &disk;
	self->c.disks.nr = 1;
	EXPECT_EQ(NULL, kt_template_refusal(&self->s, &self->c));
	disk.shared = true;
	EXPECT_NE(NULL, strstr(kt_template_refusal(&self->s, &self->c),
			       "shared"));
	self->c.disks.nr = 0;
	unable.save = NULL;
	self->s.engine = &unable;
	EXPECT_NE(NULL, strstr(kt_template_refusal(&self->s, &self->c),
			       "engine"));
	/* what was asked for needs no line */
	self->options.cold = true;
	EXPECT_STREQ("", kt_template_refusal(&self->s, &self->c));
}

TEST_HARNESS_MAIN
