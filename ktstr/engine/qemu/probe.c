// SPDX-License-Identifier: GPL-2.0-only
/*
 * What QEMU can do on this host, by running the probe's guest in it. That
 * /dev/kvm opens says nothing: some KVMs emulate kernel mode instruction by
 * instruction and lack what Linux uses.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../base/fd.h"
#include "../../base/proc.h"
#include "../../base/strbuf.h"
#include "../../base/xdg.h"
#include "../payload.h"
#include "qemu.h"

#define PROBE_MS	10000
#define KVM_PROBE_MS	3000	/* hardware needs a fraction of it */
#define OUTPUT_MAX	4096
#define KEY_MAX		(PATH_MAX + 128)
#define MAX_VCPUS	252	/* xAPIC ids that microvm and q35 hand out */
#define REMEDY_QEMU	"install qemu-system-x86 or set KTSTR_QEMU"

/* The file that kt_qemu_program() stands for. */
static bool find_program(char *path, size_t size)
{
	const char *name = kt_qemu_program(), *dirs = getenv("PATH");

	if (strchr(name, '/'))
		return (size_t)snprintf(path, size, "%s", name) < size;
	while (dirs && *dirs) {
		int len = strcspn(dirs, ":");

		if ((size_t)snprintf(path, size, "%.*s/%s", len, dirs, name) <
		    size && !access(path, X_OK))
			return true;
		dirs += len + (dirs[len] == ':');
	}
	path[0] = '\0';
	return false;
}

/* "QEMU emulator version 7.2.22 (Debian ...)" -> "QEMU 7.2.22" */
static bool find_version(char *version, size_t size)
{
	const char *const argv[] = { kt_qemu_program(), "--version", NULL };
	static const struct kt_proc_opts opts = KT_PROC_OPTS_INIT;
	struct kt_strbuf out;
	const char *v;
	int ret;

	kt_strbuf_init(&out, OUTPUT_MAX);
	ret = kt_proc_run(argv, &opts, PROBE_MS, &out);
	v = strstr(kt_strbuf_str(&out), "version ");
	if (!ret && v) {
		v += strlen("version ");
		snprintf(version, size, "QEMU %.*s", (int)strcspn(v, " \n"), v);
	}
	kt_strbuf_fini(&out);
	return !ret && v;
}

/* Runs the payload; what COM1 said in @out. The exit status is QEMU's. */
static int run_payload(const char *accel, const char *cpu, u32 timeout_ms,
		       struct kt_strbuf *out)
{
	struct kt_proc_opts opts = KT_PROC_OPTS_INIT;
	int fd, null_fd, ret;
	char path[32];

	ret = kt_payload_open(&fd);
	if (ret)
		return ret;
	null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	opts.stderr_fd = null_fd;
	opts.prepare = kt_qemu_confine;
	kt_set_cloexec(fd, false);
	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	{
		const char *const argv[] = {
			kt_qemu_program(), "-nodefaults", "-no-user-config",
			"-display", "none", "-no-reboot",
			"-machine", "microvm,acpi=off", "-accel", accel,
			"-cpu", cpu, "-m", "64", "-kernel", path,
			"-serial", "stdio", "-device",
			"isa-debug-exit,iobase=0x501,iosize=1", NULL
		};

		ret = kt_proc_run(argv, &opts, timeout_ms, out);
	}
	kt_close(&fd);
	kt_close(&null_fd);
	return ret;
}

/* /dev/kvm, as far as looking at it tells. */
static bool kvm_openable(char *why, size_t size)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (fd >= 0) {
		close(fd);
		return true;
	}
	if (errno == ENOENT)
		snprintf(why, size,
			 "there is no /dev/kvm (load kvm_intel or kvm_amd, or enable nested virtualisation)");
	else if (errno == EACCES || errno == EPERM)
		snprintf(why, size,
			 "no permission for /dev/kvm (add yourself to the group kvm)");
	else
		snprintf(why, size, "/dev/kvm: %s", strerror(errno));
	return false;
}

/*
 * The verdict is kept until the next boot or another QEMU: one file for each
 * accelerator, its first line the key, its second the version, its third why
 * it is not usable (empty when it is).
 */
static void cache_key(enum kt_qemu_accel accel, char *key, size_t size)
{
	char boot_id[64] = "", path[PATH_MAX];
	struct stat st = {};

	kt_read_line("/proc/sys/kernel/random/boot_id", boot_id,
		     sizeof(boot_id));
	if (find_program(path, sizeof(path)))
		stat(path, &st);
	snprintf(key, size, "%s %s %lld %lld %d", boot_id, path,
		 (long long)st.st_mtime, (long long)st.st_size,
		 accel == KT_QEMU_KVM ? (int)geteuid() : 0);
}

static bool cache_path(enum kt_qemu_accel accel, char *path, size_t size)
{
	char dir[PATH_MAX];

	if (kt_cache_dir("probe", dir, sizeof(dir)))
		return false;
	return (size_t)snprintf(path, size, "%s/qemu-%s", dir,
				accel == KT_QEMU_KVM ? "kvm" : "tcg") < size;
}

static bool cache_load(enum kt_qemu_accel accel, const char *key,
		       struct kt_engine_caps *caps)
{
	char path[PATH_MAX], *text, *version, *why, *end;
	bool found = false;

	if (!cache_path(accel, path, sizeof(path)) ||
	    kt_read_file(path, OUTPUT_MAX, &text, NULL))
		return false;
	version = strchr(text, '\n');
	why = version ? strchr(version + 1, '\n') : NULL;
	end = why ? strchr(why + 1, '\n') : NULL;
	if (end) {
		*version++ = *why++ = *end = '\0';
		found = !strcmp(text, key);
	}
	if (found) {
		kt_utf8_copy(caps->version, sizeof(caps->version), version);
		kt_utf8_copy(caps->why_not, sizeof(caps->why_not), why);
		caps->usable = !*why;
	}
	free(text);
	return found;
}

static void cache_store(enum kt_qemu_accel accel, const char *key,
			const struct kt_engine_caps *caps)
{
	char path[PATH_MAX], tmp[PATH_MAX + 32];
	FILE *f;

	if (!cache_path(accel, path, sizeof(path)))
		return;
	snprintf(tmp, sizeof(tmp), "%s.%d", path, getpid());
	f = fopen(tmp, "we");
	if (!f)
		return;		/* it is probed again the next time */
	fprintf(f, "%s\n%s\n%s\n", key, caps->version, caps->why_not);
	if (fclose(f) || rename(tmp, path))
		unlink(tmp);
}

int kt_qemu_probe(enum kt_qemu_accel accel, struct kt_engine_caps *caps)
{
	bool kvm = accel == KT_QEMU_KVM;
	char key[KEY_MAX];
	struct kt_strbuf out;
	int ret;

	memset(caps, 0, sizeof(*caps));
	caps->hardware_speed = kvm;
	caps->watchpoints = true;
	caps->deterministic = !kvm;
	caps->numa = true;
	caps->max_vcpus = MAX_VCPUS;
	if (kvm && !kvm_openable(caps->why_not, sizeof(caps->why_not)))
		return 0;
	cache_key(accel, key, sizeof(key));
	if (cache_load(accel, key, caps))
		return 0;
	if (!find_version(caps->version, sizeof(caps->version))) {
		snprintf(caps->why_not, sizeof(caps->why_not),
			 "%s does not run; " REMEDY_QEMU, kt_qemu_program());
		return 0;
	}
	kt_strbuf_init(&out, OUTPUT_MAX);
	ret = run_payload(kvm ? "kvm" : "tcg,thread=single",
			  kvm ? "host" : "max",
			  kvm ? KVM_PROBE_MS : PROBE_MS, &out);
	if (kt_payload_passed(kt_strbuf_str(&out)))
		caps->usable = true;
	else if (kvm)
		snprintf(caps->why_not, sizeof(caps->why_not),
			 "/dev/kvm opens but cannot run Linux: its probe %s at %s",
			 ret == -ETIMEDOUT ? "hung" : "died",
			 kt_payload_step(kt_strbuf_str(&out)));
	else
		snprintf(caps->why_not, sizeof(caps->why_not),
			 "%s cannot run its probe (status %d, at %s); "
			 REMEDY_QEMU, caps->version, ret,
			 kt_payload_step(kt_strbuf_str(&out)));
	kt_strbuf_fini(&out);
	cache_store(accel, key, caps);
	return 0;
}
