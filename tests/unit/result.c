// SPDX-License-Identifier: GPL-2.0-only
/*
 * TestResult: round trips up to the largest one, and what a guest may not
 * claim.
 */
#include <kselftest_harness.h>

#include "ktstr/wire/result.h"

static u8 buf[KT_RESULT_MAX_BYTES + 1];
static struct kt_result in, out;

static int encode(void)
{
	return kt_result_encode(&in, buf, KT_RESULT_MAX_BYTES);
}

static void sample(void)
{
	in = (struct kt_result){
		.outcome = KT_FAIL,
		.test = "t",
		.duration_ms = 1001,
		.nr_details = 2,
		.details_dropped = 9,
		.details = {
			{ KT_DETAIL_INFO, "a note" },
			{ KT_DETAIL_CLAIM, "" },
		},
		.nr_claims = 1,
		.claims_dropped = 8,
		.claims = { { 1, "a == b", INT64_MIN, INT64_MAX } },
		.nr_cgroups = 1,
		.cgroups = { {
			.name = "left", .workers = 2, .iterations = UINT64_MAX,
			.cpu_ns = 3, .spread_pct = 4, .min_share_pct = 5,
			.max_share_pct = 6, .longest_gap_ms = 7, .gap_cpu = 8,
			.migrations = 9, .work_units = UINT64_MAX - 1,
			.throughput_cv_pct = 10, .off_cpu_pct = 11,
			.run_delay_ns = 12, .slices = 13, .cpus_used = 14,
			.cross_node = 15, .wakes = 16, .wake_p50_us = 17,
			.wake_p99_us = 18, .wake_max_us = UINT32_MAX,
			.wake_cv_pct = 20, .pages = 21, .local_pct = 22,
			.slow_pct = 23,
		} },
	};
}

TEST(round_trip)
{
	int len;

	sample();
	len = encode();
	ASSERT_GT(len, 0);
	memset(&out, 0xff, sizeof(out));
	ASSERT_EQ(0, kt_result_decode(&out, buf, len));
	EXPECT_EQ(0, memcmp(&in, &out, sizeof(in)));
}

TEST(an_empty_one)
{
	int len;

	memset(&in, 0, sizeof(in));
	len = encode();
	ASSERT_EQ(4 + 1 + 2 + 4 + 8 + 8 + 4, len);
	ASSERT_EQ(0, kt_result_decode(&out, buf, len));
	EXPECT_EQ(0, memcmp(&in, &out, sizeof(in)));
	EXPECT_EQ(-EPROTO, kt_result_decode(&out, NULL, 0));
}

static void fill(char *s, size_t size)
{
	memset(s, 'm', size - 1);
	s[size - 1] = '\0';
}

TEST(the_largest_fits)
{
	u32 i;
	int len;

	memset(&in, 0, sizeof(in));
	fill(in.test, sizeof(in.test));
	in.nr_details = KT_MAX_DETAILS;
	in.nr_claims = KT_MAX_CLAIMS;
	in.nr_cgroups = KT_MAX_CGROUP_STATS;
	for (i = 0; i < KT_MAX_DETAILS; i++)
		fill(in.details[i].text, sizeof(in.details[i].text));
	for (i = 0; i < KT_MAX_CLAIMS; i++)
		fill(in.claims[i].label, sizeof(in.claims[i].label));
	for (i = 0; i < KT_MAX_CGROUP_STATS; i++)
		fill(in.cgroups[i].name, sizeof(in.cgroups[i].name));
	len = encode();
	ASSERT_GT(len, 0);
	ASSERT_EQ(0, kt_result_decode(&out, buf, len));
	EXPECT_EQ(0, memcmp(&in, &out, sizeof(in)));

	/* one detail more announced than may be, and not there */
	i = 4 + 1 + 2 + KT_NAME_MAX - 1 + 4;
	ASSERT_EQ(KT_MAX_DETAILS, buf[i]);
	buf[i]++;
	EXPECT_EQ(-EPROTO, kt_result_decode(&out, buf, len));
}

TEST(cut_anywhere)
{
	int len, i;

	sample();
	len = encode();
	for (i = 0; i < len; i++) {
		EXPECT_EQ(-EPROTO, kt_result_decode(&out, buf, i));
		EXPECT_LE(out.nr_details, KT_MAX_DETAILS);
	}
	EXPECT_EQ(-EPROTO, kt_result_decode(&out, buf, len + 1));
	for (i = 0; i < len; i++)
		EXPECT_EQ(-EMSGSIZE, kt_result_encode(&in, buf, i));
}

/* Offsets of the sample's fields. */
enum {
	AT_VERSION = 0,
	AT_OUTCOME = 4,
	AT_NR_DETAILS = 12,
	AT_KIND = 20,
	AT_NR_CLAIMS = AT_KIND + 3 + 6 + 3,
	AT_OK = AT_NR_CLAIMS + 8,
	AT_NR_CGROUPS = AT_OK + 3 + 6 + 16,
};

static const struct {
	size_t offset;
	u8 was, value;
} hostile[] = {
	{ AT_VERSION, KT_RESULT_VERSION, KT_RESULT_VERSION - 1 },
	{ AT_OUTCOME, KT_FAIL, KT_NR_OUTCOMES },
	{ AT_NR_DETAILS, 2, KT_MAX_DETAILS + 1 },
	{ AT_NR_DETAILS + 3, 0, 0x80 },
	{ AT_KIND, KT_DETAIL_INFO, KT_NR_DETAIL_KINDS },
	{ AT_KIND + 2, 0, 2 },		/* a text of 518 bytes */
	{ AT_NR_CLAIMS, 1, KT_MAX_CLAIMS + 1 },
	{ AT_OK, 1, 2 },
	{ AT_NR_CGROUPS, 1, KT_MAX_CGROUP_STATS + 1 },
	{ AT_NR_CGROUPS + 3, 0, 0xff },
};

TEST(hostile_bytes)
{
	size_t i;
	int len;

	sample();
	for (i = 0; i < ARRAY_SIZE(hostile); i++) {
		len = encode();
		ASSERT_EQ(hostile[i].was, buf[hostile[i].offset]) {
			TH_LOG("case %zu", i);
		}
		buf[hostile[i].offset] = hostile[i].value;
		EXPECT_EQ(-EPROTO, kt_result_decode(&out, buf, len)) {
			TH_LOG("case %zu", i);
		}
		EXPECT_LE(out.nr_details, KT_MAX_DETAILS);
		EXPECT_LE(out.nr_claims, KT_MAX_CLAIMS);
		EXPECT_LE(out.nr_cgroups, KT_MAX_CGROUP_STATS);
	}
}

TEST(not_encoded)
{
	sample();
	in.outcome = KT_NR_OUTCOMES;
	EXPECT_EQ(-EMSGSIZE, encode());
	sample();
	in.nr_details = KT_MAX_DETAILS + 1;
	EXPECT_EQ(-EMSGSIZE, encode());
	sample();
	in.nr_claims = KT_MAX_CLAIMS + 1;
	EXPECT_EQ(-EMSGSIZE, encode());
	sample();
	in.nr_cgroups = KT_MAX_CGROUP_STATS + 1;
	EXPECT_EQ(-EMSGSIZE, encode());
	sample();
	in.details[0].kind = KT_NR_DETAIL_KINDS;
	EXPECT_EQ(-EMSGSIZE, encode());
	sample();
	in.claims[0].ok = 2;
	EXPECT_EQ(-EMSGSIZE, encode());
}

TEST_HARNESS_MAIN
