// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM names more registers than each vCPU has, and some that can only be read.
 * So one that cannot be read is left out, and only those are set that are not
 * already what they were.
 */
#include <linux/kvm.h>
#include <sys/ioctl.h>

#include "../../../wire/codec.h"
#include "msrs.h"

#define MSR_TSC		0x10
#define LIST_MAX	2048
#define BATCH		128	/* KVM takes 255 at a time */

/* as KVM takes them: a head, and entries that follow it */
union batch {
	struct kvm_msrs msrs;
	u8 bytes[sizeof(struct kvm_msrs) + BATCH * sizeof(struct kvm_msr_entry)];
};

struct values {
	u32 nr;
	struct kvm_msr_entry entries[LIST_MAX];
};

int kt_x86_msrs_list(int kvm_fd, struct kvm_msr_list **list)
{
	struct kvm_msr_list ask = {}, *l;
	int ret;

	/* E2BIG, and how many there are */
	if (ioctl(kvm_fd, KVM_GET_MSR_INDEX_LIST, &ask) && errno != E2BIG)
		return -errno;
	if (ask.nmsrs > LIST_MAX)
		return -E2BIG;
	l = calloc(1, sizeof(*l) + ask.nmsrs * sizeof(l->indices[0]));
	if (!l)
		return -ENOMEM;
	l->nmsrs = ask.nmsrs;
	if (ioctl(kvm_fd, KVM_GET_MSR_INDEX_LIST, l)) {
		ret = -errno;
		free(l);
		return ret;
	}
	*list = l;
	return 0;
}

/* Of @list from *@at on, what can be read at once; *@at goes on behind it. */
static int read_batch(int vcpu_fd, const struct kvm_msr_list *list, u32 *at,
		      struct values *v)
{
	u32 i, nr = min_t(u32, list->nmsrs - *at, BATCH);
	union batch b = { .bytes = { 0 } };
	int n;

	b.msrs.nmsrs = nr;
	for (i = 0; i < nr; i++)
		b.msrs.entries[i].index = list->indices[*at + i];
	n = ioctl(vcpu_fd, KVM_GET_MSRS, &b);
	if (n < 0)
		return -errno;
	memcpy(v->entries + v->nr, b.msrs.entries, n * sizeof(v->entries[0]));
	v->nr += n;
	/* where it stopped there is one that this vCPU does not have */
	*at += n + ((u32)n < nr);
	return 0;
}

/* The caller frees *@v. */
static int read_all(int vcpu_fd, const struct kvm_msr_list *list,
		    struct values **v)
{
	u32 at = 0;
	int ret = 0;

	*v = calloc(1, sizeof(**v));
	if (!*v)
		return -ENOMEM;
	while (!ret && at < list->nmsrs)
		ret = read_batch(vcpu_fd, list, &at, *v);
	return ret;
}

int kt_x86_msrs_save(int vcpu_fd, const struct kvm_msr_list *list,
		     struct kt_enc *e)
{
	struct values *v;
	int ret = read_all(vcpu_fd, list, &v);
	u32 i;

	if (!ret) {
		kt_enc_u32(e, v->nr);
		for (i = 0; i < v->nr; i++) {
			kt_enc_u32(e, v->entries[i].index);
			kt_enc_u64(e, v->entries[i].data);
		}
	}
	free(v);
	return ret;
}

static bool is_already(const struct values *now, u32 index, u64 data)
{
	u32 i;

	for (i = 0; i < now->nr; i++)
		if (now->entries[i].index == index)
			return now->entries[i].data == data;
	return false;
}

static int set(int vcpu_fd, u32 index, u64 data)
{
	union batch b = { .bytes = { 0 } };
	int n;

	b.msrs.nmsrs = 1;
	b.msrs.entries[0].index = index;
	b.msrs.entries[0].data = data;
	n = ioctl(vcpu_fd, KVM_SET_MSRS, &b);
	if (n < 0)
		return -errno;
	return n ? 0 : -ENOTSUP;
}

int kt_x86_msrs_load(int vcpu_fd, const struct kvm_msr_list *list,
		     struct kt_dec *d)
{
	struct values *now;
	int ret = read_all(vcpu_fd, list, &now);
	u32 nr, index;
	u64 data;

	nr = kt_dec_u32(d);
	kt_dec_require(d, nr <= LIST_MAX);
	while (!ret && !d->bad && nr--) {
		index = kt_dec_u32(d);
		data = kt_dec_u64(d);
		if (!d->bad && index != MSR_TSC &&
		    !is_already(now, index, data))
			ret = set(vcpu_fd, index, data);
	}
	free(now);
	return ret ? ret : d->bad ? -EBADMSG : 0;
}
