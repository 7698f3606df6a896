/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The configuration inside a kernel image: CONFIG_IKCONFIG puts a gzip stream
 * between the marks IKCFG_ST and IKCFG_ED.
 */
#ifndef KTSTR_HOST_IKCONFIG_H
#define KTSTR_HOST_IKCONFIG_H

#include "../base/strbuf.h"
#include "kernel_image.h"

#define KT_KCONFIG_MAX_BYTES	(4u << 20)
#define KT_PAYLOAD_MAX_BYTES	(256u << 20)

/*
 * Writes the configuration in the image @fd to @text, of KT_KCONFIG_MAX_BYTES
 * at most. -ENODATA when there is none or it is compressed in another way than
 * gzip, -EBADMSG when it is damaged, -EFBIG when it exceeds the bounds.
 */
int kt_ikconfig_read(int fd, const struct kt_image *img,
		     struct kt_strbuf *text);

#endif /* KTSTR_HOST_IKCONFIG_H */
