// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as a kernel image or .config. The file is a memfd, opened by its
 * path in /proc, so nothing is written to a disk.
 */
#include <assert.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ktstr/base/strbuf.h"
#include "ktstr/host/kconfig.h"
#include "ktstr/host/kernel_image.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void use_text(const char *text)
{
	struct kt_strbuf sb;
	char value[16];

	kt_strbuf_init(&sb, 65536);
	kt_kconfig_missing(text, &sb);
	if (kt_kconfig_get(text, "HZ", value, sizeof(value)))
		assert(strlen(value) < sizeof(value));
	/* of a text with one value a name this would be nothing */
	kt_kconfig_differs(text, text, &sb);
	kt_strbuf_fini(&sb);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct kt_image img;
	char path[32];
	char *text;
	int fd;

	fd = memfd_create("fuzz", MFD_CLOEXEC);
	assert(fd >= 0);
	assert(write(fd, data, size) == (ssize_t)size);
	if (!kt_image_probe(fd, &img))
		assert(img.payload_offset + img.payload_len_bytes <= size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!kt_kconfig_read(path, &text)) {
		use_text(text);
		free(text);
	} else {
		assert(!text);
	}
	close(fd);
	return 0;
}
