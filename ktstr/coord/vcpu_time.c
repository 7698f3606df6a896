// SPDX-License-Identifier: GPL-2.0-only
/*
 * schedstat of threads: nanoseconds run, nanoseconds waited, slices.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "../base/fd.h"
#include "vcpu_time.h"

/* How many threads there are: 0 when the engine does not say, or not yet. */
static u32 count_threads(const struct kt_machine *m)
{
	u32 i;

	if (!m->vcpu_tids || !m->nr_vcpus)
		return 0;
	for (i = 0; i < m->nr_vcpus; i++)
		if (!__atomic_load_n(&m->vcpu_tids[i], __ATOMIC_ACQUIRE))
			return 0;
	return m->nr_vcpus > 1 && m->vcpu_tids[1] == m->vcpu_tids[0] ?
	       1 : m->nr_vcpus;
}

/* False when the thread is gone, or the host keeps no such times. */
static bool read_one(int fd, unsigned long long *ran, unsigned long long *waited)
{
	char text[96];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return false;
	text[n] = '\0';
	return sscanf(text, "%llu %llu", ran, waited) == 2 && *ran;
}

static int open_one(struct kt_vcpu_time *t, u32 tid)
{
	unsigned long long ran, waited = 0;
	char path[48];
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/schedstat", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	read_one(fd, &ran, &waited);
	t->threads[t->nr_threads++] = (struct kt_vcpu_thread){
		.fd = fd, .waited_ns = waited,
	};
	return 0;
}

int kt_vcpu_time_init(struct kt_vcpu_time *t, const struct kt_machine *m)
{
	u32 nr = count_threads(m), i;
	int ret = 0;

	*t = (struct kt_vcpu_time){ .nr_vcpus = m->nr_vcpus };
	if (!nr)
		return m->vcpu_tids ? -EAGAIN : -EOPNOTSUPP;
	t->threads = malloc(nr * sizeof(*t->threads));
	if (!t->threads)
		return -ENOMEM;
	for (i = 0; i < nr && !ret; i++)
		ret = open_one(t, m->vcpu_tids[i]);
	if (ret)
		kt_vcpu_time_fini(t);
	return ret;
}

void kt_vcpu_time_fini(struct kt_vcpu_time *t)
{
	while (t->nr_threads)
		kt_close(&t->threads[--t->nr_threads].fd);
	free(t->threads);
	t->threads = NULL;
}

void kt_vcpu_time_read(const struct kt_vcpu_time *t, u64 *ran_ns, u32 nr,
		       u64 *waited_ns)
{
	u32 share = t->nr_threads == 1 ? max(t->nr_vcpus, 1u) : 1, i;
	unsigned long long ran = 0, waited = 0;
	bool known = false;

	*waited_ns = 0;
	for (i = 0; i < nr; i++) {
		if (i < t->nr_threads) {
			const struct kt_vcpu_thread *th = &t->threads[i];

			known = read_one(th->fd, &ran, &waited);
			if (known && waited > th->waited_ns)
				*waited_ns = max_t(u64, *waited_ns,
						   waited - th->waited_ns);
		} else if (t->nr_threads != 1 || i >= t->nr_vcpus) {
			known = false;
		}
		ran_ns[i] = known ? ran / share : UINT64_MAX;
	}
}
