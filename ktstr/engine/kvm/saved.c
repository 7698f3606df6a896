// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parts in the order in which they can be loaded: a timer of a vCPU needs
 * its clock, an interrupt that a controller holds the vCPU, one that a device
 * raises the controller.
 */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../base/fd.h"
#include "../../base/log.h"
#include "../../wire/codec.h"
#include "saved.h"
#include "x86/state.h"

#define FORMAT		0x31766b74	/* "tkv1" */
#define FIXED_BYTES	(64u << 10)
#define VCPU_BYTES	(64u << 10)
#define STATE_MAX	(FIXED_BYTES + KT_MAX_CPUS * VCPU_BYTES)

static int failed(int ret, const char *verb, const char *what)
{
	static const char unable[] =
		"this host's KVM does not let it be set; kernels from 5.16 do";

	if (!ret)
		return 0;
	return kt_err(ret, "%s the machine's state: %s: %s", verb, what,
		      ret == -ENOTSUP ? unable : strerror(-ret));
}

static int save_vcpus(const struct kt_kvm_parts *p, struct kt_enc *e)
{
	char what[64];
	const char *step;
	u32 i;

	for (i = 0; i < p->vcpus->nr; i++) {
		int ret = kt_x86_vcpu_save(p->vcpus->v[i].fd, p->vm, e, &step);

		snprintf(what, sizeof(what), "%s of vCPU %u", step, i);
		if (ret)
			return failed(ret, "saving", what);
	}
	return 0;
}

static int save_parts(const struct kt_kvm_parts *p, struct kt_enc *e)
{
	const char *step;
	int ret;

	kt_enc_u32(e, FORMAT);
	kt_enc_u32(e, p->vcpus->nr);
	ret = failed(kt_x86_clock_save(p->clock, p->vcpus, e), "saving",
		     "KVM_VCPU_TSC_CTRL");
	if (!ret)
		ret = save_vcpus(p, e);
	if (!ret)
		ret = failed(kt_x86_irqchips_save(p->vm, e, &step), "saving",
			     "IRQCHIP");
	return ret ? ret : failed(kt_kvm_devices_save(p->devices, e), "saving",
				  "a device");
}

int kt_kvm_state_save(const struct kt_kvm_parts *p, int fd)
{
	size_t size = FIXED_BYTES + p->vcpus->nr * VCPU_BYTES;
	void *buf = malloc(size);
	struct kt_enc e;
	int ret;

	if (!buf)
		return -ENOMEM;
	kt_enc_init(&e, buf, size);
	ret = save_parts(p, &e);
	if (!ret)
		ret = failed(min(kt_enc_finish(&e), 0), "saving", "its size");
	if (!ret)
		ret = kt_write_all(fd, buf, e.len_bytes, KT_NO_DEADLINE);
	free(buf);
	return ret;
}

static int load_vcpus(const struct kt_kvm_parts *p, struct kt_dec *d)
{
	char what[64];
	const char *step;
	u32 i;

	for (i = 0; i < p->vcpus->nr; i++) {
		int ret = kt_x86_vcpu_load(p->vcpus->v[i].fd, p->vm, d, &step);

		snprintf(what, sizeof(what), "%s of vCPU %u", step, i);
		if (ret)
			return failed(ret, "loading", what);
	}
	return 0;
}

static int load_parts(const struct kt_kvm_parts *p, struct kt_dec *d)
{
	const char *step;
	int ret;

	kt_dec_require(d, kt_dec_u32(d) == FORMAT);
	kt_dec_require(d, kt_dec_u32(d) == p->vcpus->nr);
	if (d->bad)
		return failed(-EBADMSG, "loading", "its head");
	ret = failed(kt_x86_clock_load(p->clock, p->vm, p->vcpus, d),
		     "loading", "clocks");
	if (!ret)
		ret = load_vcpus(p, d);
	if (!ret)
		ret = failed(kt_x86_irqchips_load(p->vm, d, &step), "loading",
			     "IRQCHIP");
	if (!ret)
		ret = failed(kt_kvm_devices_load(p->devices, d), "loading",
			     "a device");
	if (!ret && kt_dec_finish(d))
		ret = failed(-EBADMSG, "loading", "its end");
	return ret;
}

int kt_kvm_state_load(const struct kt_kvm_parts *p, int fd)
{
	struct kt_dec d;
	struct stat st;
	ssize_t n;
	void *buf;
	int ret;

	if (fstat(fd, &st))
		return -errno;
	if (st.st_size > STATE_MAX)
		return failed(-EBADMSG, "loading", "its size");
	buf = malloc(st.st_size + 1);
	if (!buf)
		return -ENOMEM;
	n = pread(fd, buf, st.st_size, 0);
	if (n < 0) {
		ret = failed(-errno, "loading", "its file");
	} else {
		kt_dec_init(&d, buf, n);
		ret = load_parts(p, &d);
	}
	free(buf);
	return ret;
}
