// SPDX-License-Identifier: GPL-2.0-only
/*
 * The layout of a template's file, and its checks. All but the memory is small
 * enough to be read at once; the engine copies that, and sums it up meanwhile.
 */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "../base/fd.h"
#include "../engine/saved_memory.h"
#include "../wire/codec.h"
#include "template_file.h"

#define MAGIC		"KTSTRTPL"
#define MAGIC_BYTES	8
#define MEMORY_MAX	((u64)1 << 44)

static u32 crc(const void *data, size_t len_bytes)
{
	return crc32(0, data, len_bytes);
}

static bool is_zero(const u8 *data, const u8 *end)
{
	while (data < end && !*data)
		data++;
	return data == end;
}

void kt_template_head_encode(const struct kt_template_head *h,
			     u8 buf[KT_TEMPLATE_HEAD_BYTES])
{
	struct kt_enc e;

	memset(buf, 0, KT_TEMPLATE_HEAD_BYTES);
	kt_enc_init(&e, buf, KT_TEMPLATE_HEAD_BYTES);
	kt_enc_bytes(&e, MAGIC, MAGIC_BYTES);
	kt_enc_u32(&e, KT_TEMPLATE_VERSION);
	kt_enc_u32(&e, h->key_bytes);
	kt_enc_u32(&e, h->key_crc);
	kt_enc_u32(&e, h->early_bytes);
	kt_enc_u32(&e, h->early_crc);
	kt_enc_u32(&e, h->state_bytes);
	kt_enc_u32(&e, h->state_crc);
	kt_enc_u32(&e, h->tsc_khz);
	kt_enc_u64(&e, h->memory_bytes);
	kt_enc_u64(&e, h->memory_sum);
	kt_enc_u64(&e, h->boot);
	kt_enc_u64(&e, h->booted.kernel);
	kt_enc_u64(&e, h->booted.initramfs);
	e.len_bytes = KT_TEMPLATE_HEAD_BYTES - sizeof(u32);
	kt_enc_u32(&e, crc(buf, e.len_bytes));
}

static int bad(char *why, size_t size, const char *what)
{
	snprintf(why, size, "%s", what);
	return -EBADMSG;
}

static const char *fault(const struct kt_template_head *h, u64 file_bytes)
{
	if (h->key_bytes > KT_TEMPLATE_KEY_MAX ||
	    h->early_bytes > KT_TEMPLATE_EARLY_MAX ||
	    h->state_bytes > KT_TEMPLATE_STATE_MAX || !h->state_bytes ||
	    !h->memory_bytes || h->memory_bytes > MEMORY_MAX ||
	    h->memory_bytes % KT_SAVED_PAGE)
		return "a part of it is of an impossible size";
	if (file_bytes != KT_TEMPLATE_MEMORY_AT + h->memory_bytes +
			  h->state_bytes)
		return "it is not as long as its head says: truncated";
	return NULL;
}

int kt_template_head_decode(struct kt_template_head *h, const void *buf,
			    size_t len_bytes, u64 file_bytes, char *why,
			    size_t size)
{
	u8 magic[MAGIC_BYTES];
	struct kt_dec d;
	size_t unused;
	u32 version;

	memset(h, 0, sizeof(*h));
	if (len_bytes < KT_TEMPLATE_HEAD_BYTES)
		return bad(why, size, "it is shorter than its head: truncated");
	kt_dec_init(&d, buf, KT_TEMPLATE_HEAD_BYTES);
	kt_dec_bytes(&d, magic, sizeof(magic));
	version = kt_dec_u32(&d);
	if (memcmp(magic, MAGIC, MAGIC_BYTES))
		return bad(why, size, "it is no template");
	if (version != KT_TEMPLATE_VERSION)
		return bad(why, size, "it is of another version of ktstr");
	h->key_bytes = kt_dec_u32(&d);
	h->key_crc = kt_dec_u32(&d);
	h->early_bytes = kt_dec_u32(&d);
	h->early_crc = kt_dec_u32(&d);
	h->state_bytes = kt_dec_u32(&d);
	h->state_crc = kt_dec_u32(&d);
	h->tsc_khz = kt_dec_u32(&d);
	h->memory_bytes = kt_dec_u64(&d);
	h->memory_sum = kt_dec_u64(&d);
	h->boot = kt_dec_u64(&d);
	h->booted.kernel = kt_dec_u64(&d);
	h->booted.initramfs = kt_dec_u64(&d);
	unused = d.pos;
	d.pos = KT_TEMPLATE_HEAD_BYTES - sizeof(u32);
	if (kt_dec_u32(&d) != crc(buf, KT_TEMPLATE_HEAD_BYTES - sizeof(u32)))
		return bad(why, size, "the checksum of its head is wrong");
	if (!is_zero((const u8 *)buf + unused,
		     (const u8 *)buf + KT_TEMPLATE_HEAD_BYTES - sizeof(u32)))
		return bad(why, size, "bytes of its head that have no use are set");
	if (fault(h, file_bytes))
		return bad(why, size, fault(h, file_bytes));
	return 0;
}

/* @len_bytes at @at with a NUL behind, the caller's. */
static int read_part(int fd, u64 at, u32 len_bytes, u32 want_crc, void **part)
{
	u8 *data = malloc((size_t)len_bytes + 1);
	ssize_t n;

	if (!data)
		return -ENOMEM;
	*part = data;
	if (lseek(fd, at, SEEK_SET) < 0)
		return -errno;
	n = kt_read_all(fd, data, len_bytes);
	if (n < 0)
		return n;
	data[n] = '\0';
	return (size_t)n == len_bytes && crc(data, n) == want_crc ? 0 :
	       -EBADMSG;
}

/* The state in a memory file: what the engine reads is what was checked. */
static int read_state(struct kt_template_image *image, int fd)
{
	const struct kt_template_head *h = &image->head;
	void *state = NULL;
	int ret;

	ret = read_part(fd, KT_TEMPLATE_MEMORY_AT + h->memory_bytes,
			h->state_bytes, h->state_crc, &state);
	if (!ret) {
		image->saved.state_fd = memfd_create("ktstr-state",
						     MFD_CLOEXEC);
		ret = image->saved.state_fd < 0 ? -errno :
		      kt_write_all(image->saved.state_fd, state,
				   h->state_bytes, KT_NO_DEADLINE);
	}
	free(state);
	return ret;
}

static int read_head(struct kt_template_image *image, int fd, char *why,
		     size_t size)
{
	u8 buf[KT_TEMPLATE_HEAD_BYTES];
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return bad(why, size, "it is not a regular file");
	n = pread(fd, buf, sizeof(buf), 0);
	if (n < 0)
		return -errno;
	return kt_template_head_decode(&image->head, buf, n, st.st_size, why,
				       size);
}

int kt_template_file_read(struct kt_template_image *image, int fd, char *why,
			  size_t size)
{
	const struct kt_template_head *h = &image->head;
	int ret;

	memset(image, 0, sizeof(*image));
	image->saved.state_fd = -1;
	image->saved.memory_fd = fd;
	image->saved.memory_at = KT_TEMPLATE_MEMORY_AT;
	why[0] = '\0';
	ret = read_head(image, fd, why, size);
	if (!ret)
		ret = read_part(fd, KT_TEMPLATE_KEY_AT, h->key_bytes,
				h->key_crc, (void **)&image->key);
	if (!ret)
		ret = read_part(fd, KT_TEMPLATE_EARLY_AT, h->early_bytes,
				h->early_crc, (void **)&image->early);
	if (!ret)
		ret = read_state(image, fd);
	if (ret && !*why)
		snprintf(why, size, "%s", ret == -EBADMSG ?
			 "a checksum is wrong" : strerror(-ret));
	image->saved.memory_sum = h->memory_sum;
	return ret;
}

void kt_template_image_fini(struct kt_template_image *image)
{
	free(image->key);
	free(image->early);
	image->key = NULL;
	image->early = NULL;
	kt_close(&image->saved.state_fd);
	kt_close(&image->saved.memory_fd);
}

static int put(int fd, u64 at, const void *data, size_t len_bytes)
{
	if (lseek(fd, at, SEEK_SET) < 0)
		return -errno;
	return kt_write_all(fd, data, len_bytes, KT_NO_DEADLINE);
}

static int put_state(int fd, struct kt_template_image *image)
{
	struct kt_template_head *h = &image->head;
	off_t len = lseek(image->saved.state_fd, 0, SEEK_END);
	void *state;
	int ret;

	if (len <= 0 || len > KT_TEMPLATE_STATE_MAX)
		return len < 0 ? -errno : -EFBIG;
	state = mmap(NULL, len, PROT_READ, MAP_SHARED, image->saved.state_fd,
		     0);
	if (state == MAP_FAILED)
		return -errno;
	h->state_bytes = len;
	h->state_crc = crc(state, len);
	ret = put(fd, KT_TEMPLATE_MEMORY_AT + h->memory_bytes, state, len);
	munmap(state, len);
	return ret;
}

int kt_template_head_write(int fd, const struct kt_template_head *h)
{
	u8 buf[KT_TEMPLATE_HEAD_BYTES];

	kt_template_head_encode(h, buf);
	return put(fd, 0, buf, sizeof(buf));
}

int kt_template_file_write(int fd, struct kt_template_image *image)
{
	struct kt_template_head *h = &image->head;
	int ret;

	if (h->key_bytes > KT_TEMPLATE_KEY_MAX ||
	    h->early_bytes > KT_TEMPLATE_EARLY_MAX)
		return -EFBIG;
	h->key_crc = crc(image->key, h->key_bytes);
	h->early_crc = crc(image->early, h->early_bytes);
	h->memory_sum = image->saved.memory_sum;
	ret = put_state(fd, image);
	if (!ret)
		ret = put(fd, KT_TEMPLATE_KEY_AT, image->key, h->key_bytes);
	if (!ret)
		ret = put(fd, KT_TEMPLATE_EARLY_AT, image->early,
			  h->early_bytes);
	return ret ? ret : kt_template_head_write(fd, h);
}
