// SPDX-License-Identifier: GPL-2.0-only
/*
 * Telling kernel images apart by their headers. The file may be anything:
 * every offset in it is checked against its size.
 */
#include <elf.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel_image.h"

#define HEAD_BYTES		0x1000
#define SECTOR_BYTES		512

/* struct setup_header, by offset in the file */
#define SETUP_SECTS		0x1f1
#define SETUP_MAGIC		0x202
#define SETUP_VERSION		0x206
#define SETUP_KERNEL_VERSION	0x20e	/* where it is, less 0x200 */
#define SETUP_PAYLOAD_OFFSET	0x248
#define SETUP_PAYLOAD_LENGTH	0x24c
#define SETUP_END		0x250

#define PROTOCOL_PAYLOAD	0x0208

static u16 get_le16(const u8 *p)
{
	return p[0] | p[1] << 8;
}

static u32 get_le32(const u8 *p)
{
	return get_le16(p) | (u32)get_le16(p + 2) << 16;
}

/* "6.12.48 (user@host) #1 SMP ...": the first word. */
static void copy_release(const u8 *head, size_t len, struct kt_image *img)
{
	size_t at = get_le16(head + SETUP_KERNEL_VERSION) + 0x200, n = 0;

	if (at == 0x200)
		return;
	while (at + n < len && head[at + n] > ' ' && head[at + n] < 0x7f &&
	       n < sizeof(img->release) - 1) {
		img->release[n] = head[at + n];
		n++;
	}
	img->release[n] = '\0';
}

static void find_payload(const u8 *head, struct kt_image *img)
{
	u64 sects = head[SETUP_SECTS] ?: 4;
	u64 at = (sects + 1) * SECTOR_BYTES +
		 get_le32(head + SETUP_PAYLOAD_OFFSET);
	u64 len = get_le32(head + SETUP_PAYLOAD_LENGTH);

	if (get_le16(head + SETUP_VERSION) < PROTOCOL_PAYLOAD)
		return;
	if (!len || at >= img->size_bytes || len > img->size_bytes - at)
		return;
	img->payload_offset = at;
	img->payload_len_bytes = len;
}

static bool is_vmlinux(const u8 *head, size_t len)
{
	Elf64_Ehdr eh;

	if (len < sizeof(eh))
		return false;
	memcpy(&eh, head, sizeof(eh));
	return !memcmp(eh.e_ident, ELFMAG, SELFMAG) &&
	       eh.e_ident[EI_CLASS] == ELFCLASS64 &&
	       eh.e_ident[EI_DATA] == ELFDATA2LSB &&
	       eh.e_machine == EM_X86_64 && eh.e_type == ET_EXEC;
}

int kt_image_probe(int fd, struct kt_image *img)
{
	u8 head[HEAD_BYTES];
	struct stat st;
	ssize_t len;

	memset(img, 0, sizeof(*img));
	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	len = pread(fd, head, sizeof(head), 0);
	if (len < 0)
		return -errno;
	img->size_bytes = st.st_size;
	if (is_vmlinux(head, len)) {
		img->kind = KT_IMAGE_VMLINUX;
		return 0;
	}
	if (len < SETUP_END || memcmp(head + SETUP_MAGIC, "HdrS", 4))
		return -ENOEXEC;
	img->kind = KT_IMAGE_BZIMAGE;
	copy_release(head, len, img);
	find_payload(head, img);
	return 0;
}
