// SPDX-License-Identifier: GPL-2.0-only
/*
 * `ktstr template list|clean`: the cache of templates for people.
 */
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <subcmd/parse-options.h>

#include "ktstr/base/fd.h"
#include "ktstr/base/log.h"
#include "ktstr/base/strbuf.h"
#include "ktstr/host/template_cache.h"
#include "ktstr/host/template_file.h"
#include "template.h"

#define EXIT_USAGE	129	/* as parse-options exits */

static const char *const list_usage[] = {
	"ktstr template list [<options>]",
	NULL
};

static const char *const clean_usage[] = {
	"ktstr template clean",
	NULL
};

/* What it is a template of, indented, or what is wrong with it. */
static void print_key(const char *path)
{
	struct kt_template_image image;
	char why[128], *line, *rest;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0) {
		printf("    %s\n", strerror(errno));
		return;
	}
	if (kt_template_file_read(&image, fd, why, sizeof(why))) {
		printf("    of no use: %s\n", why);
	} else {
		kt_text_sanitize(image.key, image.head.key_bytes);
		for (line = strtok_r(image.key, "\n", &rest); line;
		     line = strtok_r(NULL, "\n", &rest))
			printf("    %s\n", line);
	}
	kt_template_image_fini(&image);
}

static void print_entry(const struct kt_template_entry *e)
{
	time_t used = e->used_at_ns / KT_NSEC_PER_SEC;
	char when[32] = "";
	struct tm tm;

	if (localtime_r(&used, &tm))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M", &tm);
	printf("%s used %s %5llu MiB  %s\n", e->name, when,
	       (unsigned long long)e->size_bytes >> 20, e->path);
}

static int cmd_list(int argc, const char **argv)
{
	bool keys = false;
	const struct option options[] = {
		OPT_BOOLEAN('k', "keys", &keys,
			    "with all that makes each what it is"),
		OPT_END()
	};
	struct kt_template_entry *all;
	u32 i, nr;
	int ret;

	if (parse_options(argc, argv, options, list_usage, 0))
		usage_with_options(list_usage, options);
	ret = kt_template_cache_list(&all, &nr);
	for (i = 0; i < nr; i++) {
		print_entry(&all[i]);
		if (keys)
			print_key(all[i].path);
	}
	free(all);
	return ret ? 1 : 0;
}

static int cmd_clean(int argc, const char **argv)
{
	const struct option options[] = { OPT_END() };
	u32 removed;

	if (parse_options(argc, argv, options, clean_usage, 0))
		usage_with_options(clean_usage, options);
	if (kt_template_cache_clean(&removed))
		return 1;
	printf("removed %u\n", removed);
	return 0;
}

int kt_cmd_template(int argc, const char **argv)
{
	bool help = argc > 1 && (!strcmp(argv[1], "--help") ||
				 !strcmp(argv[1], "-h"));

	if (argc > 1 && !strcmp(argv[1], "list"))
		return cmd_list(argc - 1, argv + 1);
	if (argc > 1 && !strcmp(argv[1], "clean"))
		return cmd_clean(argc - 1, argv + 1);
	fprintf(help ? stdout : stderr, "usage: %s\n   or: %s\n",
		list_usage[0], clean_usage[0]);
	return help ? 0 : EXIT_USAGE;
}
