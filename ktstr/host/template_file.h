/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A template as a file: head, key, what the guest had sent, its memory
 * (sparse), the engine's state. Whatever is read is checked: other runs and
 * other versions write here, and disks lie.
 */
#ifndef KTSTR_HOST_TEMPLATE_FILE_H
#define KTSTR_HOST_TEMPLATE_FILE_H

#include "../engine/engine.h"
#include "identity.h"

#define KT_TEMPLATE_VERSION	5
#define KT_TEMPLATE_HEAD_BYTES	88u
/* where the parts begin; the state is behind the memory */
#define KT_TEMPLATE_KEY_AT	4096u
#define KT_TEMPLATE_EARLY_AT	(64u << 10)
#define KT_TEMPLATE_MEMORY_AT	(128u << 10)
#define KT_TEMPLATE_KEY_MAX	(KT_TEMPLATE_EARLY_AT - KT_TEMPLATE_KEY_AT)
#define KT_TEMPLATE_EARLY_MAX	(KT_TEMPLATE_MEMORY_AT - KT_TEMPLATE_EARLY_AT)
#define KT_TEMPLATE_STATE_MAX	(64u << 20)

struct kt_template_head {
	u32 key_bytes, key_crc;
	u32 early_bytes, early_crc;
	u32 state_bytes, state_crc;
	u64 memory_bytes, memory_sum;
	u32 tsc_khz;		/* the guest's clock counts by it */
	u64 boot;		/* of the host, in which its sum was right */
	struct kt_identity_files booted;	/* where that is wanted */
};

/* A template that was read. */
struct kt_template_image {
	struct kt_template_head head;
	char *key;		/* text */
	u8 *early;
	struct kt_saved saved;
};

void kt_template_head_encode(const struct kt_template_head *h,
			     u8 buf[KT_TEMPLATE_HEAD_BYTES]);

/*
 * The head of a file of @file_bytes. -EBADMSG, and what is wrong in @why,
 * unless all parts have their place in it.
 */
int kt_template_head_decode(struct kt_template_head *h, const void *buf,
			    size_t len_bytes, u64 file_bytes, char *why,
			    size_t size);

/*
 * Reads @fd, which becomes the image's; kt_template_image_fini() in any case.
 * -EBADMSG or another -errno and the reason in @why. The memory's sum is for
 * who copies it to check.
 */
int kt_template_file_read(struct kt_template_image *image, int fd, char *why,
			  size_t size);
void kt_template_image_fini(struct kt_template_image *image);

/*
 * Writes all but the memory, which is in @fd already: @image has key, early,
 * saved, and in its head the lengths of these two and of the memory, tsc_khz
 * and boot. -errno.
 */
int kt_template_file_write(int fd, struct kt_template_image *image);

/* Writes @h to @fd again, which is whole. -errno. */
int kt_template_head_write(int fd, const struct kt_template_head *h);

#endif /* KTSTR_HOST_TEMPLATE_FILE_H */
