// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading a kernel's configuration and judging it: has it what tests need, has
 * it what a fragment asked for.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "../base/strbuf.h"
#include "ikconfig.h"
#include "kconfig.h"

#define PREFIX		"CONFIG_"
#define PREFIX_LEN	(sizeof(PREFIX) - 1)
#define NAME_SIZE	128
#define VALUE_SIZE	128

/* Without one of these no test runs. All must be built in. */
static const char *const required[] = {
	"SMP",
	"ACPI",
	"PRINTK",
	"BINFMT_ELF",
	"BLK_DEV_INITRD",
	"PROC_FS",
	"SYSFS",
	"TMPFS",
	"DEVTMPFS",
	"EPOLL",
	"SIGNALFD",
	"TIMERFD",
	"EVENTFD",
	"SERIAL_8250_CONSOLE",
	"VIRTIO_MMIO",
	"VIRTIO_PCI",
	"VIRTIO_CONSOLE",
	"CGROUPS",
	"CGROUP_SCHED",
	"CPUSETS",
	"SCHED_CLASS_EXT",
	"BPF_SYSCALL",
	"BPF_JIT",
	"DEBUG_INFO_BTF",
	"KALLSYMS_ALL",
	"IKCONFIG",
};

static int read_text(const char *path, char **text)
{
	size_t len;
	int ret;

	ret = kt_read_file(path, KT_KCONFIG_MAX_BYTES, text, &len);
	if (ret)
		return ret;
	if (strlen(*text) == len && strstr(*text, PREFIX))
		return 0;
	free(*text);
	*text = NULL;
	return -ENOEXEC;
}

int kt_kconfig_read(const char *path, char **text)
{
	struct kt_strbuf sb;
	struct kt_image img;
	int fd, ret;

	*text = NULL;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	kt_strbuf_init(&sb, KT_KCONFIG_MAX_BYTES);
	ret = kt_image_probe(fd, &img);
	if (!ret)
		ret = kt_ikconfig_read(fd, &img, &sb);
	else if (ret == -ENOEXEC)
		ret = read_text(path, text);
	close(fd);
	if (!ret && !*text) {
		*text = strdup(kt_strbuf_str(&sb));
		ret = *text ? 0 : -ENOMEM;
	}
	kt_strbuf_fini(&sb);
	return ret;
}

/* The value behind "CONFIG_@name=" at the start of a line, or NULL. */
static const char *find_value(const char *text, const char *name)
{
	size_t len = strlen(name);

	while (text) {
		if (!strncmp(text, PREFIX, PREFIX_LEN) &&
		    !strncmp(text + PREFIX_LEN, name, len) &&
		    text[PREFIX_LEN + len] == '=')
			return text + PREFIX_LEN + len + 1;
		text = strchr(text, '\n');
		if (text)
			text++;
	}
	return NULL;
}

bool kt_kconfig_get(const char *text, const char *name, char *buf, size_t size)
{
	const char *value = find_value(text, name);

	if (!value)
		return false;
	snprintf(buf, size, "%.*s", (int)strcspn(value, "\r\n"), value);
	return true;
}

/* Notes that @name is not @want in @text, when it is not. */
static bool note_if_not(const char *text, const char *name, const char *want,
			bool say_unset, struct kt_strbuf *out)
{
	char is[VALUE_SIZE] = "n";
	bool set = kt_kconfig_get(text, name, is, sizeof(is));

	if (!strcmp(is, want))
		return false;
	kt_strbuf_addf(out, "%s%s", out->len_bytes ? ", " : "", name);
	if (set || say_unset)
		kt_strbuf_addf(out, " (is %s, must be %s)", is, want);
	return true;
}

u32 kt_kconfig_missing(const char *text, struct kt_strbuf *missing)
{
	u32 i, nr = 0;

	for (i = 0; i < ARRAY_SIZE(required); i++)
		nr += note_if_not(text, required[i], "y", false, missing);
	return nr;
}

/* Takes one line "CONFIG_NAME=value" apart; false for any other line. */
static bool split_line(const char *line, size_t len, char name[NAME_SIZE],
		       char value[VALUE_SIZE])
{
	const char *eq = memchr(line, '=', len);

	if (!eq || strncmp(line, PREFIX, PREFIX_LEN))
		return false;
	snprintf(name, NAME_SIZE, "%.*s",
		 (int)(eq - line - PREFIX_LEN), line + PREFIX_LEN);
	snprintf(value, VALUE_SIZE, "%.*s",
		 (int)(line + len - eq - 1), eq + 1);
	return true;
}

u32 kt_kconfig_differs(const char *text, const char *fragment,
		       struct kt_strbuf *differs)
{
	char name[NAME_SIZE], value[VALUE_SIZE];
	const char *line = fragment;
	u32 nr = 0;

	while (*line) {
		size_t len = strcspn(line, "\r\n");

		if (split_line(line, len, name, value))
			nr += note_if_not(text, name, value, true, differs);
		line += len;
		line += strspn(line, "\r\n");
	}
	return nr;
}
