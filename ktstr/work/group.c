// SPDX-License-Identifier: GPL-2.0-only
/*
 * Groups of workers: sizes, shared memory, descriptors.
 */
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "group.h"
#include "step.h"

u32 kt_work_group_size(const struct kt_work_type *type,
		       const struct ktstr_work *params, u32 nr)
{
	if (type->together)
		return nr;
	return max(type->group + (type->by_width ? params->width : 0), 1u);
}

static int check_form(const struct kt_work_type *type,
		      const struct ktstr_work *params, u32 size)
{
	if ((u32)params->form > KTSTR_POOL)
		return kt_err(-EINVAL, "type %s: form %u: there is none such",
			      type->name, params->form);
	if (params->form == KTSTR_POOL &&
	    (type->itself || (size > 1 && !type->together)))
		return kt_err(-EINVAL,
			      "type %s: its workers know each other or change themselves, which a new child for each round could not; as processes or threads they can",
			      type->name);
	return 0;
}

int kt_work_check(const struct kt_work_type *type,
		  const struct ktstr_work *params, u32 nr)
{
	u32 size;
	int ret;

	if (!nr || nr > KT_MAX_WORKERS)
		return kt_err(-EINVAL, "%u workers of type %s: 1 to %u", nr,
			      type->name, KT_MAX_WORKERS);
	if (params->width >= KT_MAX_WORKERS)
		return kt_err(-EINVAL, "type %s: width %u: 1 to %u", type->name,
			      params->width, KT_MAX_WORKERS - 1);
	if (params->size_kib > KT_WORK_MAX_SIZE_KIB)
		return kt_err(-EINVAL, "type %s: size_kib %u: at most %u",
			      type->name, params->size_kib,
			      KT_WORK_MAX_SIZE_KIB);
	size = kt_work_group_size(type, params, nr);
	if (nr % size)
		return kt_err(-EINVAL,
			      "%u workers of type %s: they work in groups of %u; a multiple of that is right",
			      nr, type->name, size);
	ret = check_form(type, params, size);
	if (!ret && type->check)
		ret = type->check(params);
	return ret;
}

int kt_work_area_map(struct kt_work_area *area, u32 nr, u32 group_size)
{
	u32 groups = nr / group_size;
	char *at;

	/* each part's size is a multiple of what the next one is aligned to */
	area->bytes = sizeof(*area->start) + groups * sizeof(*area->shared) +
		      nr * sizeof(*area->telemetry) +
		      nr * sizeof(*area->slots) + nr * sizeof(*area->ready);
	at = mmap(NULL, area->bytes, PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED)
		return -errno;
	area->map = at;
	area->start = (void *)at;
	at += sizeof(*area->start);
	area->shared = (void *)at;
	at += groups * sizeof(*area->shared);
	area->telemetry = (void *)at;
	at += nr * sizeof(*area->telemetry);
	area->slots = (void *)at;
	at += nr * sizeof(*area->slots);
	area->ready = (void *)at;
	return 0;
}

void kt_work_area_unmap(struct kt_work_area *area)
{
	if (area->map)
		munmap(area->map, area->bytes);
	*area = (struct kt_work_area){};
}

static int open_some(struct kt_work_fds *links, enum kt_work_links kind)
{
	u32 i;

	switch (kind) {
	case KT_LINK_NONE:
		break;
	case KT_LINK_PIPES:
		if (pipe2(links->fds, O_CLOEXEC) ||
		    pipe2(links->fds + 2, O_CLOEXEC))
			return -errno;
		break;
	case KT_LINK_EVENTFDS:
		for (i = 0; i < KT_WORK_FDS; i++) {
			links->fds[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
			if (links->fds[i] < 0)
				return -errno;
		}
		break;
	case KT_LINK_FILE:
		links->fds[0] = kt_work_open_file();
		return min(links->fds[0], 0);
	}
	return 0;
}

int kt_work_fds_open(struct kt_work_fds *links, enum kt_work_links kind)
{
	int ret;

	*links = (struct kt_work_fds){ { -1, -1, -1, -1 } };
	ret = open_some(links, kind);
	if (ret)
		kt_work_fds_close(links);
	return ret;
}

void kt_work_fds_close(struct kt_work_fds *links)
{
	u32 i;

	for (i = 0; i < KT_WORK_FDS; i++)
		if (links->fds[i] >= 0)
			kt_close(&links->fds[i]);
}

void kt_work_fds_share(struct kt_work_env *env,
		       const struct kt_work_fds *links,
		       enum kt_work_links kind)
{
	bool second = env->role % 2;

	if (kind == KT_LINK_PIPES) {
		env->rfd = links->fds[second ? 0 : 2];
		env->wfd = links->fds[second ? 3 : 1];
	}
	memcpy(env->fds, links->fds, sizeof(env->fds));
}

void kt_work_fds_take(struct kt_work_env *env, struct kt_work_fds *links,
		      enum kt_work_links kind)
{
	bool second = env->role % 2;

	if (kind == KT_LINK_PIPES) {
		/* the partner's ends: its death must be seen */
		kt_close(&links->fds[second ? 1 : 3]);
		kt_close(&links->fds[second ? 2 : 0]);
	}
	kt_work_fds_share(env, links, kind);
}
