// SPDX-License-Identifier: GPL-2.0-only
/*
 * What goes into a machine besides programs and their libraries.
 */
#include <dlfcn.h>
#include <link.h>

#include "ktstr/host/guest_tree.h"
#include "besides.h"
#include "kselftest.h"

/*
 * What the C library loads when a thread ends by itself; no program says so.
 * Without one on this host, none of them can.
 */
static void add_thread_end(struct kt_strv *pairs)
{
	void *handle = dlopen("libgcc_s.so.1", RTLD_LAZY);
	struct link_map *map;

	if (!handle)
		return;
	if (!dlinfo(handle, RTLD_DI_LINKMAP, &map)) {
		kt_strv_add(pairs, KT_GUEST_LIB_DIR "/libgcc_s.so.1");
		kt_strv_add(pairs, map->l_name);
	}
	dlclose(handle);
}

int kt_besides_add(struct kt_strv *pairs, bool shell)
{
	int ret = shell ? kt_kselftest_shell(pairs) : 0;

	add_thread_end(pairs);
	return ret ? ret : pairs->err;
}

void kt_besides_entries(const struct kt_strv *pairs,
			struct kt_initramfs_entry *e)
{
	u32 i;

	for (i = 0; i + 1 < pairs->nr; i += 2, e++) {
		const char *what = pairs->v[i + 1];

		e->path = pairs->v[i];
		if (!strncmp(what, "->", 2))
			e->link = what + 2;
		else
			e->host = what;
	}
}
