/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kernel's configuration: from a .config, or from the IKCONFIG copy inside a
 * vmlinux or bzImage (a gzip stream between IKCFG_ST and IKCFG_ED, by zlib).
 */
#ifndef KTSTR_HOST_KCONFIG_H
#define KTSTR_HOST_KCONFIG_H

#include "../base/types.h"

struct kt_strbuf;

/*
 * The text of @path's configuration, the caller's to free; -ENODATA when the
 * image holds none, -ENOEXEC when it is neither image nor .config.
 */
int kt_kconfig_read(const char *path, char **text);

/* The value of CONFIG_@name ("y", "1000", ...) into @buf, false when unset. */
bool kt_kconfig_get(const char *text, const char *name, char *buf,
		    size_t size);

/*
 * The options ktstr cannot do without that @text lacks, separated by ", ", into
 * @missing; one that is a module says so: "VIRTIO_CONSOLE (is m, must be y)".
 * Returns how many.
 */
u32 kt_kconfig_missing(const char *text, struct kt_strbuf *missing);

/*
 * Where @text differs from what @fragment asks for, in the same form:
 * "HZ_1000 (is n, must be y)". Returns how many.
 */
u32 kt_kconfig_differs(const char *text, const char *fragment,
		       struct kt_strbuf *differs);

#endif /* KTSTR_HOST_KCONFIG_H */
