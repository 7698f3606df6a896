// SPDX-License-Identifier: GPL-2.0-only
/*
 * `ktstr show`: the dump of a run once more, whole, as text or JSON, or one
 * member of it.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include <subcmd/parse-options.h>

#include "ktstr/base/log.h"
#include "ktstr/host/dump.h"
#include "ktstr/host/dump_path.h"
#include "ktstr/host/dump_text.h"
#include "ktstr/host/record.h"
#include "ktstr/inspect/render.h"
#include "show.h"

static const char *const show_usage[] = {
	"ktstr show [--json] RUN [PATH]",
	"",
	"RUN is a record's directory, the begin of its name under KTSTR_RUN_DIR",
	"(else ~/.local/state/ktstr/runs), or \"last\". PATH is one member of it,",
	"as \"cpus.0.nr_running\" or \"maps.scx_ktst.bss.variables.stall\".",
	NULL
};

static int print_json(const json_t *v)
{
	int ret = json_dumpf(v, stdout, JSON_INDENT(1) | JSON_ENCODE_ANY);

	putchar('\n');
	return ret;
}

static int show(const json_t *dump, const char *path, bool json)
{
	const json_t *v = dump;
	char why[2048];

	if (path)
		v = kt_dump_at(dump, path, why, sizeof(why));
	if (!v)
		return kt_err(-ENOENT, "%s", why);
	if (json)
		return print_json(v);
	if (path)
		kt_render_text(stdout, v, 0);
	else
		kt_dump_text(stdout, v);
	return 0;
}

int kt_cmd_show(int argc, const char **argv)
{
	bool json = false;
	const struct option options[] = {
		OPT_BOOLEAN(0, "json", &json, "as JSON, for programs"),
		OPT_END()
	};
	char dir[PATH_MAX];
	json_t *dump;
	int ret;

	argc = parse_options(argc, argv, options, show_usage, 0);
	if (argc < 1 || argc > 2)
		usage_with_options(show_usage, options);
	ret = kt_record_find(getenv("KTSTR_RUN_DIR"), argv[0], dir,
			     sizeof(dir));
	if (!ret)
		ret = kt_dump_read(dir, &dump);
	if (ret)
		return 1;
	ret = show(dump, argc > 1 ? argv[1] : NULL, json);
	json_decref(dump);
	if (fflush(stdout) || ferror(stdout)) {
		kt_err(-EIO, "standard output: cannot be written");
		return 1;
	}
	return ret ? 1 : 0;
}
