// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as a template. What is taken has its parts where it says they are,
 * and, put together again, is what it was.
 */
#include <assert.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drop_log.h"
#include "ktstr/base/fd.h"
#include "ktstr/engine/saved_memory.h"
#include "ktstr/host/template_file.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void check_head(const u8 *data, size_t size)
{
	u8 again[KT_TEMPLATE_HEAD_BYTES];
	struct kt_template_head h;
	char why[64] = "";
	u64 file_bytes;

	/* what it says of itself is as good a length as any */
	if (!kt_template_head_decode(&h, data, size, 0, why, sizeof(why)))
		assert(0);
	assert(*why);
	file_bytes = KT_TEMPLATE_MEMORY_AT + h.memory_bytes + h.state_bytes;
	if (kt_template_head_decode(&h, data, size, file_bytes, why,
				    sizeof(why)))
		return;
	assert(h.key_bytes <= KT_TEMPLATE_KEY_MAX);
	assert(h.early_bytes <= KT_TEMPLATE_EARLY_MAX);
	assert(h.state_bytes && h.state_bytes <= KT_TEMPLATE_STATE_MAX);
	assert(h.memory_bytes && !(h.memory_bytes % KT_SAVED_PAGE));
	kt_template_head_encode(&h, again);
	assert(!memcmp(again, data, sizeof(again)));
}

static void check_file(const u8 *data, size_t size)
{
	struct kt_template_image image;
	int fd = memfd_create("template", MFD_CLOEXEC);
	char why[64];
	struct stat st;

	assert(fd >= 0 && !kt_write_all(fd, data, size, 0));
	if (!kt_template_file_read(&image, fd, why, sizeof(why))) {
		assert(!image.key[image.head.key_bytes]);
		assert(!fstat(image.saved.state_fd, &st));
		assert(st.st_size == image.head.state_bytes);
	} else {
		assert(*why);
	}
	kt_template_image_fini(&image);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	drop_log();
	check_head(data, size);
	check_file(data, size);
	return 0;
}
