// SPDX-License-Identifier: GPL-2.0-only
/*
 * Trees as text for people: what goes on one line, what wraps, and that text
 * from a guest or a file stays text.
 */
#include <kselftest_harness.h>

#include "ktstr/inspect/render.h"

static char text[65536];

static const char *print(json_t *v, u32 indent)
{
	FILE *out;

	text[0] = 0;
	out = fmemopen(text, sizeof(text), "w");

	kt_render_text(out, v, indent);
	fclose(out);
	json_decref(v);
	return text;
}

static const char *show(const char *json)
{
	return print(json_loads(json, JSON_DECODE_ANY, NULL), 0);
}

TEST(leaves)
{
	EXPECT_STREQ("a: 1\nb: -2\nc: true\nd: null\ne: 0.5\nf: two words\n"
		     "g: \"\"\n",
		     show("{\"a\":1,\"b\":-2,\"c\":true,\"d\":null,\"e\":0.5,"
			  "\"f\":\"two words\",\"g\":\"\"}"));
	EXPECT_STREQ("word\n", show("\"word\""));
	EXPECT_STREQ("  a: 1\n", print(json_pack("{s:i}", "a", 1), 1));
	EXPECT_STREQ("", print(json_object(), 0));
	text[0] = '\0';
	kt_render_text(stdout, NULL, 0);
}

TEST(on_one_line)
{
	EXPECT_STREQ("curr: { pid: 1, comm: x }\n",
		     show("{\"curr\":{\"pid\":1,\"comm\":\"x\"}}"));
	EXPECT_STREQ("a: { s: \"a, b\", n: [1, 2], e: {}, f: [], g: \"\" }\n",
		     show("{\"a\":{\"s\":\"a, b\",\"n\":[1,2],\"e\":{},"
			  "\"f\":[],\"g\":\"\"}}"));
	EXPECT_STREQ("l: [one, two]\n", show("{\"l\":[\"one\",\"two\"]}"));
}

TEST(one_line_each)
{
	EXPECT_STREQ("cpus:\n  [0] { nr: 1 }\n  [1] { nr: 2 }\n",
		     show("{\"cpus\":[{\"nr\":1},{\"nr\":2}]}"));
	EXPECT_STREQ("o:\n  a: 1\n  b: 1\n  c: 1\n  d: 1\n  e: 1\n  f: 1\n"
		     "  g: 1\n  h: 1\n  i: 1\n",
		     show("{\"o\":{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,"
			  "\"f\":1,\"g\":1,\"h\":1,\"i\":1}}"));
	EXPECT_STREQ("dump:\n  first\n  second\nnext: 1\n",
		     show("{\"dump\":\"first\\nsecond\\n\",\"next\":1}"));
	EXPECT_STREQ("o:\n  t:\n    x\n    y\n",
		     show("{\"o\":{\"t\":\"x\\ny\"}}"));
}

/* No line of numbers is wider than it may be. */
TEST(numbers_wrap)
{
	json_t *numbers = json_array();
	size_t longest = 0, lines = 0, len;
	const char *line;
	int i;

	for (i = 0; i < 100; i++)
		json_array_append_new(numbers, json_integer(10000 + i));
	json_array_append_new(numbers, json_string("... 5 more, all zero"));
	print(json_pack("{s:o}", "n", numbers), 3);
	for (line = text; *line; line += len + 1) {
		len = strcspn(line, "\n");
		longest = max(longest, len);
		lines++;
	}
	EXPECT_EQ(0, strncmp(text, "      n:\n        10000, 10001,", 30));
	EXPECT_NE(NULL, strstr(text, "10099, \"... 5 more, all zero\"\n"));
	EXPECT_GE(100, longest);
	EXPECT_LT(90, longest);
	EXPECT_EQ(9, lines);
}

TEST(hostile_text)
{
	json_t *v = json_object(), *deep = json_array();
	int i;

	json_object_set_new(v, "k\033[2J", json_string("v\033[2J\302\233x"));
	json_object_set_new(v, "i", json_pack("{s:s}", "\033", "\033"));
	EXPECT_STREQ("k?[2J: v?[2J??x\ni: { ?: ? }\n", print(v, 0));
	for (i = 0; i < 500; i++)
		deep = json_pack("[o,{}]", deep);
	print(deep, 0);
	EXPECT_NE(NULL, strstr(text, "..."));
}

TEST_HARNESS_MAIN
