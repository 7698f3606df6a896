// SPDX-License-Identifier: GPL-2.0-only
/*
 * What QEMU can do on this host, by running the probe's guest in it. That
 * /dev/kvm opens says nothing: some KVMs emulate kernel mode instruction by
 * instruction and lack what Linux uses.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "../../base/fd.h"
#include "../../base/proc.h"
#include "../../base/strbuf.h"
#include "../host_kvm.h"
#include "../kvm/kvm.h"
#include "../payload.h"
#include "../verdict.h"
#include "qemu.h"

#define PROBE_MS	10000
#define KVM_PROBE_MS	3000	/* hardware needs a fraction of it */
#define OUTPUT_MAX	4096
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

/* The verdict is kept until the next boot or another QEMU. */
static void cache_key(enum kt_qemu_accel accel, char *key, size_t size)
{
	char path[PATH_MAX];

	find_program(path, sizeof(path));
	kt_verdict_key(path, accel == KT_QEMU_KVM ? (int)geteuid() : 0, key,
		       size);
}

static bool kvm_openable(char *why, size_t size)
{
	int fd;

	if (kt_host_kvm_open(&fd, why, size))
		return false;
	kt_close(&fd);
	return true;
}

/* Whether the host's KVM lets its guests have a KVM. */
static bool kvm_nests(void)
{
	static const char *const files[] = {
		"/sys/module/kvm_amd/parameters/nested",
		"/sys/module/kvm_intel/parameters/nested",
	};
	char value[8];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++)
		if (!kt_read_line(files[i], value, sizeof(value)) &&
		    strchr("1Yy", value[0]) && value[0])
			return true;
	return false;
}

/* The gdb stub sets them in any case; whether they fire is the host KVM's. */
static bool kvm_watches(void)
{
	struct kt_engine_caps native;

	return !kt_kvm_probe(&native) && native.watchpoints;
}

int kt_qemu_probe(enum kt_qemu_accel accel, struct kt_engine_caps *caps)
{
	bool kvm = accel == KT_QEMU_KVM;
	const char *engine = kvm ? "qemu-kvm" : "qemu-tcg";
	char key[KT_VERDICT_KEY_MAX];
	struct kt_strbuf out;
	int ret;

	memset(caps, 0, sizeof(*caps));
	caps->hardware_speed = kvm;
	caps->watchpoints = !kvm;
	caps->deterministic = !kvm;
	caps->numa = true;
	caps->nested = !kvm || kvm_nests();
	caps->max_vcpus = MAX_VCPUS;
	/* x2APIC is the host kernel's to emulate */
	caps->max_apic_id = kvm ? 0 : KT_XAPIC_MAX_ID;
	if (kvm && !kvm_openable(caps->why_not, sizeof(caps->why_not)))
		return 0;
	cache_key(accel, key, sizeof(key));
	if (kt_verdict_load(engine, key, caps))
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
	if (kvm && caps->usable)
		caps->watchpoints = kvm_watches();
	kt_verdict_store(engine, key, caps);
	return 0;
}
