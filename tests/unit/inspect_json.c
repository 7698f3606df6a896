// SPDX-License-Identifier: GPL-2.0-only
/*
 * Values made of what a guest says, and the numbers got out of them again.
 */
#include <kselftest_harness.h>

#include "ktstr/inspect/json.h"

#define TEXT(v)	json_string_value(v)

TEST(numbers)
{
	json_t *o = json_object();
	u64 u = 1;
	s64 i = 1;

	kt_json_set_u64(o, "small", INT64_MAX);
	kt_json_set_u64(o, "large", UINT64_MAX);
	kt_json_set_hex(o, "address", 0xffffffff81000000);
	EXPECT_TRUE(json_is_integer(json_object_get(o, "small")));
	EXPECT_STREQ("18446744073709551615", TEXT(json_object_get(o, "large")));
	EXPECT_STREQ("0xffffffff81000000",
		     TEXT(json_object_get(o, "address")));
	EXPECT_EQ(0, kt_json_get_u64(json_object_get(o, "small"), &u));
	EXPECT_EQ(INT64_MAX, u);
	EXPECT_EQ(0, kt_json_get_u64(json_object_get(o, "large"), &u));
	EXPECT_EQ(UINT64_MAX, u);
	EXPECT_EQ(-ERANGE, kt_json_get_i64(json_object_get(o, "large"), &i));
	EXPECT_EQ(0, kt_json_get_u64(json_object_get(o, "address"), &u));
	EXPECT_EQ(0xffffffff81000000, u);
	EXPECT_EQ(-EINVAL, kt_json_get_u64(json_object_get(o, "none"), &u));
	json_decref(o);
}

static int number(const char *text, s64 *n)
{
	json_t *v = json_string(text);
	int ret = kt_json_get_i64(v, n);

	json_decref(v);
	return ret;
}

TEST(text_that_is_a_number)
{
	json_t *v = json_true();
	u64 u;
	s64 n;

	EXPECT_EQ(0, number("SCX_EXIT_ERROR (1024)", &n));
	EXPECT_EQ(1024, n);
	EXPECT_EQ(0, number("LOW (-2)", &n));
	EXPECT_EQ(-2, n);
	EXPECT_EQ(0, number("-9223372036854775808", &n));
	EXPECT_EQ(INT64_MIN, n);
	EXPECT_EQ(-ERANGE, number("9223372036854775808", &n));
	EXPECT_EQ(-ERANGE, number("99999999999999999999", &n));
	EXPECT_EQ(-EINVAL, number("", &n));
	EXPECT_EQ(-EINVAL, number("12 apples", &n));
	EXPECT_EQ(-EINVAL, number("x (5) y", &n));
	EXPECT_EQ(-EINVAL, number(" 5", &n));
	EXPECT_EQ(0, kt_json_get_u64(v, &u));
	EXPECT_EQ(1, u);
	v = json_string("LOW (-2)");
	EXPECT_EQ(-ERANGE, kt_json_get_u64(v, &u));
	json_decref(v);
}

TEST(text_of_a_guest)
{
	json_t *v = kt_json_text("ab\033[1m\xff\xc3\xa4\xc3", 64);

	EXPECT_STREQ("ab?[1m?\xc3\xa4?", TEXT(v));
	json_decref(v);
	/* a surrogate, an overlong one, beyond Unicode */
	v = kt_json_text("\xed\xa0\x80|\xc0\x80|\xf4\x90\x80\x80", 64);
	EXPECT_STREQ("???|??|????", TEXT(v));
	json_decref(v);
	v = kt_json_text("not terminated", 3);
	EXPECT_STREQ("not", TEXT(v));
	json_decref(v);
}

TEST(absent_is_said_once)
{
	json_t *absent = json_array();

	kt_json_absent(absent, "a");
	kt_json_absent(absent, "b");
	kt_json_absent(absent, "a");
	kt_json_absent(NULL, "a");
	EXPECT_EQ(2, json_array_size(absent));
	json_decref(absent);
}

TEST_HARNESS_MAIN
