/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Workers that work in groups: how large a group is, what its workers share,
 * and what joins them. All of it is made by their parent before it forks.
 */
#ifndef KTSTR_WORK_GROUP_H
#define KTSTR_WORK_GROUP_H

#include "start.h"
#include "types.h"

#define KT_MAX_WORKERS		4096

/* Memory that all workers of a declaration share, zeroed. */
struct kt_work_area {
	void *map;
	size_t bytes;
	struct kt_start *start;
	struct kt_start_ready *ready;		/* one a worker */
	struct kt_telemetry *telemetry;		/* one a worker */
	struct kt_work_word *slots;		/* one a worker */
	struct kt_work_shared *shared;		/* one a group */
};

/* The descriptors of one group; -1 where there is none. */
struct kt_work_fds {
	int fds[KT_WORK_FDS];
};

/* Workers in a group of @type; @nr are all of the declaration. */
u32 kt_work_group_size(const struct kt_work_type *type,
		       const struct ktstr_work *params, u32 nr);

/* Whether @nr workers can do that; the error is reported. */
int kt_work_check(const struct kt_work_type *type,
		  const struct ktstr_work *params, u32 nr);

int kt_work_area_map(struct kt_work_area *area, u32 nr, u32 group_size);
void kt_work_area_unmap(struct kt_work_area *area);

/* On failure nothing is open. */
int kt_work_fds_open(struct kt_work_fds *links, enum kt_work_links kind);
void kt_work_fds_close(struct kt_work_fds *links);

/* In a worker: what is its own into @env; ends of its partner's are closed. */
void kt_work_fds_take(struct kt_work_env *env, struct kt_work_fds *links,
		      enum kt_work_links kind);

/* The same for a thread, whose partner's ends are its process's, too. */
void kt_work_fds_share(struct kt_work_env *env,
		       const struct kt_work_fds *links,
		       enum kt_work_links kind);

#endif /* KTSTR_WORK_GROUP_H */
