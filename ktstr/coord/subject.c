// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a vmlinux, a slide and guest memory to a kernel that can be read.
 */
#include <stdio.h>

#include "../base/log.h"
#include "../inspect/xarray.h"
#include "subject.h"

void kt_subject_fini(struct kt_subject *s)
{
	kt_btf_cache_free(s->btf);
	s->btf = NULL;
	kt_types_free(s->types);
	s->types = NULL;
	s->located = false;
}

struct kt_btf_cache *kt_subject_btf(struct kt_subject *s)
{
	if (!s->btf)
		kt_btf_cache_new(&s->btf);
	return s->btf;
}

void kt_subject_load_types(struct kt_subject *s)
{
	if (s->types || s->no_types || !s->opts.symbols)
		return;
	if (kt_types_load(s->opts.vmlinux, &s->types))
		s->no_types = true;
}

static int where(const struct kt_subject *s, const struct kt_sinks *sinks,
		 u64 *slide, u64 *phys_base)
{
	/* Both pair with the release of dispatch. */
	u64 slide_biased = atomic_load_explicit(&sinks->slide_biased,
						memory_order_acquire);
	u64 phys_biased = atomic_load_explicit(&sinks->phys_base_biased,
					       memory_order_acquire);

	if (s->opts.kaslr && (!slide_biased || !phys_biased))
		return -EAGAIN;
	*slide = slide_biased ? slide_biased - 1 : 0;
	*phys_base = phys_biased ? phys_biased - 1 : 0;
	return 0;
}

int kt_subject_locate(struct kt_subject *s, const struct kt_machine *m,
		      const struct kt_sinks *sinks, char *why, size_t size)
{
	struct kt_guest_mem mem = { m->regions, m->nr_regions };
	u64 slide, phys_base;
	int ret;

	if (s->located)
		return 0;
	if (!s->opts.symbols) {
		snprintf(why, size, "no vmlinux is known for this kernel");
		return -ENOENT;
	}
	ret = where(s, sinks, &slide, &phys_base);
	if (ret) {
		snprintf(why, size, "the guest has not said where its kernel is");
		return ret;
	}
	kt_subject_load_types(s);
	ret = kt_guest_kernel_init(&s->kernel, &mem, s->opts.symbols, slide,
				   phys_base);
	if (ret) {
		snprintf(why, size, "the guest's kernel cannot be read: %s",
			 ret == -EAGAIN ? "it has not booted far enough" :
			 strerror(-ret));
		return ret;
	}
	s->kernel.types = s->types;
	/* who samples without it is told why there is nothing */
	kt_sched_layout_init(&s->sched, &s->kernel);
	s->located = true;
	return 0;
}

static int found_one(void *arg, u64 index, u64 entry_kva)
{
	(void)arg;
	(void)index;
	(void)entry_kva;
	return 1;
}

/* Whether the kernel has any BPF map. */
static bool has_maps(const struct kt_guest_kernel *k)
{
	s64 tree = kt_types_offset(k->types, "idr", "idr_rt");
	u64 idr;

	return tree >= 0 && !kt_guest_kernel_symbol(k, "map_idr", &idr) &&
	       kt_xarray_for_each(k, idr + tree, 1, found_one, NULL) == 1;
}

bool kt_subject_ready(struct kt_subject *s, const struct kt_machine *m,
		      const struct kt_sinks *sinks)
{
	char why[64];

	return !kt_subject_locate(s, m, sinks, why, sizeof(why)) && s->types &&
	       (!s->opts.has_sched || has_maps(&s->kernel));
}
