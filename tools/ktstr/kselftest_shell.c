// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a test that is a shell script finds in its machine: the host's bash, or
 * its busybox, and the commands that such scripts call, as far as the host has
 * them. Other interpreters are not brought along.
 */
#include <stdio.h>
#include <unistd.h>

#include "ktstr/base/fd.h"
#include "ktstr/host/pathf.h"
#include "kselftest.h"

#define SHELL_MISSING	"a shell script: it needs a shell of this host, which has neither bash nor a busybox that would do"
#define OTHER_SCRIPT	"a script for an interpreter that the machine does not have: only shell scripts are run"

static const char *const commands[] = {
	"awk", "basename", "cat", "chmod", "chown", "cmp", "cp", "cut", "date",
	"dd", "df", "diff", "dirname", "dmesg", "du", "echo", "egrep", "env",
	"expr", "false", "fgrep", "find", "getconf", "grep", "head", "hostname",
	"id", "ip", "kill", "ln", "ls", "lsmod", "mkdir", "mkfifo", "mknod",
	"mktemp", "modprobe", "mount", "mountpoint", "mv", "nproc", "nsenter",
	"od", "paste", "pgrep", "pidof", "pkill", "printf", "ps", "pwd",
	"readlink", "realpath", "rm", "rmdir", "sed", "seq", "sleep", "sort",
	"stat", "stty", "sync", "sysctl", "tail", "taskset", "tee", "test",
	"timeout", "touch", "tr", "true", "truncate", "tty", "umount", "uname",
	"uniq", "unshare", "wc", "which", "whoami", "xargs", "yes",
};

static bool find_command(const char *name, char *path)
{
	static const char *const dirs[] = {
		"/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(dirs); i++)
		if (!kt_pathf(path, "%s/%s", dirs[i], name) &&
		    !access(path, X_OK))
			return true;
	return false;
}

static void add(struct kt_strv *pairs, const char *name, const char *what)
{
	kt_strv_addf(pairs, "/usr/bin/%s", name);
	kt_strv_add(pairs, what);
}

int kt_kselftest_shell(struct kt_strv *pairs)
{
	char path[PATH_MAX];
	bool busybox = find_command("busybox", path);
	bool bash;
	size_t i;

	kt_strv_add(pairs, "/bin");
	kt_strv_add(pairs, "->usr/bin");
	if (busybox)
		add(pairs, "busybox", path);
	bash = find_command("bash", path);
	if (bash)
		add(pairs, "bash", path);
	if (bash || busybox)
		add(pairs, "sh", bash ? "->bash" : "->busybox");
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (find_command(commands[i], path))
			add(pairs, commands[i], path);
		else if (busybox)
			add(pairs, commands[i], "->busybox");
	}
	return pairs->err;
}

/* The interpreter's name in a script's first line, behind "env" as well. */
static size_t interp_name(const char *line, const char **name)
{
	const char *word = line + 2 + strspn(line + 2, " \t"), *p;
	size_t len = strcspn(word, " \t");

	*name = word;
	for (p = word; p < word + len; p++)
		if (*p == '/')
			*name = p + 1;
	len -= *name - word;
	if (len == 3 && !strncmp(*name, "env", 3) && (*name)[3]) {
		*name += 3 + strspn(*name + 3, " \t");
		len = strcspn(*name, " \t");
	}
	return len;
}

bool kt_kselftest_is_script(const char *path, const char **lacks)
{
	char line[256], file[PATH_MAX];
	const char *name;
	bool bash, plain;
	size_t len;

	*lacks = NULL;
	if (kt_read_line(path, line, sizeof(line)) || strncmp(line, "#!", 2))
		return false;
	len = interp_name(line, &name);
	bash = len == 4 && !strncmp(name, "bash", 4);
	plain = len == 2 && !strncmp(name, "sh", 2);
	if (!bash && !plain)
		*lacks = OTHER_SCRIPT;
	else if (!find_command("bash", file) &&
		 (bash || !find_command("busybox", file)))
		*lacks = SHELL_MISSING;
	return true;
}
