// SPDX-License-Identifier: GPL-2.0-only
/*
 * What decides a run is in its identity, and where its files lie is not.
 */
#include <fcntl.h>
#include <unistd.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/host/identity.h"
#include "test_dir.h"

/* The engine's part: all of the plan that these tests change. */
static int describe(const struct kt_machine_plan *plan, char **text)
{
	return asprintf(text, "run %s with %u MiB, %s", plan->kernel,
			plan->memory_mib, plan->cmdline) < 0 ? -ENOMEM : 0;
}

static const struct kt_engine_ops engine = {
	.name = "some", .describe = describe,
};

FIXTURE(identity)
{
	struct kt_machine_plan mp;
	struct kt_kernel kernel;
	struct kt_identity id;
	u64 initramfs;
	const char *plan;
	u32 events_kib;
	char path[256];
};

static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) ==
			     (ssize_t)strlen(text);

	kt_close(&fd);
	return ok;
}

FIXTURE_SETUP(identity)
{
	keep_log();
	ASSERT_TRUE(make_root("/tmp"));
	snprintf(self->path, sizeof(self->path), "%s", at("vmlinux"));
	ASSERT_TRUE(put(self->path, "kernel"));
	strcpy(self->kernel.release, "6.12");
	self->mp = (struct kt_machine_plan){
		.kernel = self->path, .memory_mib = 100, .cmdline = "quiet",
		.icount = { .on = true, .shift = 3, .seed = 1 },
	};
	self->initramfs = 5;
	self->plan = "plan";
	self->events_kib = 0;
	self->id.text = NULL;
}

FIXTURE_TEARDOWN(identity)
{
	kt_identity_fini(&self->id);
	EXPECT_EQ(0, kt_remove_tree(root));
}

static u64 make(struct _test_data_identity *self, const char *version)
{
	struct kt_identity_parts parts = {
		.engine = &engine,
		.engine_version = version,
		.kernel = &self->kernel,
		.mp = &self->mp,
		.files.initramfs = self->initramfs,
		.plan = self->plan,
		.plan_bytes = strlen(self->plan),
		.events_kib = self->events_kib,
	};

	kt_identity_fini(&self->id);
	if (kt_identity_hash_file(self->mp.kernel, &parts.files.kernel))
		return 0;
	return kt_identity_make(&self->id, &parts) ? 0 : self->id.hash;
}

TEST_F(identity, of_one_run)
{
	u64 hash = make(self, "1.0");
	char want[64], why[256];
	bool traced = true;
	char *text;

	ASSERT_NE(0, hash);
	snprintf(want, sizeof(want), "identity: %016llx\nengine: some, 1.0\n",
		 (unsigned long long)hash);
	EXPECT_EQ(0, strncmp(self->id.text, want, strlen(want)));
	EXPECT_NE(NULL, strstr(self->id.text, "\nseed: 1\nshift: 3\n"));
	text = strdup(self->id.text);
	/* elsewhere, and of another program's building */
	ASSERT_TRUE(put(at("other"), "kernel"));
	self->mp.kernel = at("other");
	EXPECT_EQ(hash, make(self, "1.0"));
	EXPECT_TRUE(kt_identity_same(text, self->id.text, &traced, why,
				     sizeof(why)));
	EXPECT_FALSE(traced);
	free(text);
}

TEST_F(identity, everything_counts)
{
	u64 hash[9];
	size_t i, j;

	hash[0] = make(self, "1.0");
	hash[1] = make(self, "1.1");
	self->mp.icount.seed = 2;
	hash[2] = make(self, "1.0");
	self->mp.icount.shift = 4;
	hash[3] = make(self, "1.0");
	self->mp.cmdline = "quiet x";
	hash[4] = make(self, "1.0");
	self->mp.memory_mib = 101;
	hash[5] = make(self, "1.0");
	ASSERT_TRUE(put(self->path, "kernal"));
	hash[6] = make(self, "1.0");
	self->initramfs++;
	hash[7] = make(self, "1.0");
	self->plan = "plans";
	hash[8] = make(self, "1.0");
	for (i = 0; i < ARRAY_SIZE(hash); i++)
		for (j = 0; j < i; j++)
			EXPECT_NE(hash[i], hash[j]);
}

TEST_F(identity, what_differs_is_told)
{
	char why[256], *text;
	bool traced;

	make(self, "1.0");
	text = strdup(self->id.text);
	self->mp.icount.seed = 77;
	make(self, "1.0");
	EXPECT_FALSE(kt_identity_same(text, self->id.text, &traced, why,
				      sizeof(why)));
	EXPECT_STREQ("seed: 1 / seed: 77", why);
	EXPECT_FALSE(kt_identity_same(text, "identity: 1\nengine: some, 1.0\n",
				      &traced, why, sizeof(why)));
	EXPECT_NE(NULL, strstr(why, "different versions"));
	free(text);
}

TEST_F(identity, of_a_run_that_is_traced)
{
	u64 hash = make(self, "1.0");
	char why[256], *text;
	bool traced = false;

	text = strdup(self->id.text);
	self->events_kib = 4096;
	EXPECT_NE(hash, make(self, "1.0"));
	EXPECT_TRUE(kt_identity_same(text, self->id.text, &traced, why,
				     sizeof(why)));
	EXPECT_TRUE(traced);
	/* that is not all */
	self->mp.memory_mib++;
	make(self, "1.0");
	EXPECT_FALSE(kt_identity_same(text, self->id.text, &traced, why,
				      sizeof(why)));
	EXPECT_NE(NULL, strstr(why, "machine: "));
	free(text);
}

TEST_F(identity, files_that_cannot_be_read)
{
	self->mp.kernel = at("none");
	EXPECT_EQ(0, make(self, "1.0"));
	EXPECT_NE(NULL, strstr(last_log, "/none: No such file"));
	EXPECT_EQ(NULL, self->id.text);
}

TEST_F(identity, of_a_file)
{
	u64 first = 0, second = 0;
	int fd = open(self->path, O_RDONLY | O_CLOEXEC);

	EXPECT_EQ(0, kt_identity_hash_fd(fd, "initramfs", &first));
	ASSERT_TRUE(put(self->path, "kernal"));
	EXPECT_EQ(0, kt_identity_hash_fd(fd, "initramfs", &second));
	EXPECT_NE(first, second);
	kt_close(&fd);
	EXPECT_EQ(-EBADF, kt_identity_hash_fd(fd, "initramfs", &first));
	EXPECT_NE(NULL, strstr(last_log, "initramfs: "));
}

TEST_HARNESS_MAIN
