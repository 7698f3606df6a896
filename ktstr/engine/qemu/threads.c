// SPDX-License-Identifier: GPL-2.0-only
/*
 * "* CPU #0: thread_id=4711", a line for each vCPU.
 */
#include <stdio.h>

#include "threads.h"

int kt_qemu_threads_parse(const char *text, u32 *tids, u32 nr)
{
	const char *at = text;
	u32 told = 0, cpu, tid;

	memset(tids, 0, nr * sizeof(*tids));
	while ((at = strstr(at, "CPU #"))) {
		if (sscanf(at, "CPU #%u: thread_id=%u", &cpu, &tid) == 2 &&
		    cpu < nr && tid && !tids[cpu]) {
			tids[cpu] = tid;
			told++;
		}
		at++;
	}
	return told == nr ? 0 : -ENODATA;
}

int kt_qemu_threads(struct kt_qmp *q, u32 *tids, u32 nr, u64 deadline_ns)
{
	char *text = malloc(KT_QEMU_THREADS_TEXT);
	int ret;

	if (!text)
		return -ENOMEM;
	ret = kt_qmp_hmp(q, "info cpus", 0, text, KT_QEMU_THREADS_TEXT,
			 deadline_ns);
	if (!ret)
		ret = kt_qemu_threads_parse(text, tids, nr);
	free(text);
	return ret;
}
