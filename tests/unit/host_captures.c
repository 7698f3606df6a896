// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of captures in a run's record: its columns, and that nothing from
 * a guest breaks them.
 */
#include <kselftest_harness.h>

#include "ktstr/host/captures.h"

FIXTURE(table)
{
	struct kt_captures c;
	struct kt_strbuf sb;
};

FIXTURE_SETUP(table)
{
	memset(&self->c, 0, sizeof(self->c));
	kt_strbuf_init(&self->sb, KT_CAPTURES_TEXT_MAX);
}

FIXTURE_TEARDOWN(table)
{
	kt_captures_fini(&self->c);
	kt_strbuf_fini(&self->sb);
}

TEST_F(table, columns)
{
	struct kt_capture *e = kt_captures_add(&self->c);

	strcpy(e->tag, "periodic_000");
	e->cause = KT_CAPTURE_PERIODIC;
	e->at_ns = 11;
	e->workload_ns = 22;
	e->phase = 3;
	e->sample.jiffies = 4294900000;
	e->sample.nr_cpus = 2;
	e->sample.cpus[0] = (struct kt_cpu_sample){
		.nr_running = 2, .scx_nr_running = 1, .curr_pid = 60,
		.curr_comm = "kt:spin_wait" };
	e = kt_captures_add(&self->c);
	e->cause = KT_CAPTURE_REQUEST;
	strcpy(e->error, "not booted far enough");
	kt_captures_table(&self->sb, &self->c);
	EXPECT_STREQ("periodic_000\tperiodic\t11\t22\t3\t-\t4294900000\t2/1/60/kt:spin_wait\t0/0/0/-\n"
		     "-\trequest\t0\t0\t0\tnot booted far enough\t0\n",
		     kt_strbuf_str(&self->sb));
}

TEST_F(table, guest_text)
{
	struct kt_capture *e = kt_captures_add(&self->c);

	strcpy(e->tag, "a\tb\nc\033d");
	strcpy(e->error, "x\ty");
	e->sample.nr_cpus = 1;
	strcpy(e->sample.cpus[0].curr_comm, "co\nm\tm");
	kt_captures_table(&self->sb, &self->c);
	EXPECT_STREQ("a?b?c?d\trequest\t0\t0\t0\tx?y\t0\t0/0/0/co?m?m\n",
		     kt_strbuf_str(&self->sb));
}

/* The most there can be fits its buffer. */
TEST_F(table, largest)
{
	u32 i, cpu, lines = 0;
	const char *p;

	for (i = 0; i < KT_MAX_CAPTURES; i++) {
		struct kt_capture *e = kt_captures_add(&self->c);

		memset(e, 0xff, sizeof(*e));
		memset(e->tag, 'x', sizeof(e->tag) - 1);
		memset(e->error, 'x', sizeof(e->error) - 1);
		e->tag[sizeof(e->tag) - 1] = '\0';
		e->error[sizeof(e->error) - 1] = '\0';
		for (cpu = 0; cpu < KT_SAMPLE_MAX_CPUS; cpu++)
			strcpy(e->sample.cpus[cpu].curr_comm,
			       "0123456789abcdef");
	}
	kt_captures_table(&self->sb, &self->c);
	EXPECT_FALSE(self->sb.overflow);
	for (p = kt_strbuf_str(&self->sb); *p; p++)
		lines += *p == '\n';
	EXPECT_EQ(KT_MAX_CAPTURES, lines);
}

TEST_HARNESS_MAIN
