// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kernel's configuration: .config texts, and images made here that hold one
 * as a vmlinux and a bzImage do, whole, cut short and blown up.
 */
#include <elf.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include <kselftest_harness.h>

#include "ktstr/base/fd.h"
#include "ktstr/base/strbuf.h"
#include "ktstr/host/ikconfig.h"
#include "ktstr/host/kconfig.h"

#define CONFIG \
	"# Linux/x86 6.12.48 Kernel Configuration\n" \
	"CONFIG_HZ=1000\nCONFIG_HZ_1000=y\n# CONFIG_BPF is not set\n"

#define PAYLOAD_AT	1024	/* one setup sector */

static u8 *gzip(const u8 *data, size_t len, size_t *out_len)
{
	z_stream z = {};
	size_t cap;
	u8 *out;

	if (deflateInit2(&z, 1, Z_DEFLATED, MAX_WBITS + 16, 8,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return NULL;
	cap = deflateBound(&z, len);
	out = malloc(cap);
	if (out) {
		z.next_in = (u8 *)data;
		z.avail_in = len;
		z.next_out = out;
		z.avail_out = cap;
		deflate(&z, Z_FINISH);
		*out_len = z.total_out;
	}
	deflateEnd(&z);
	return out;
}

/* The marks with @text between them behind @pad bytes. */
static u8 *marked(const char *text, size_t text_len, size_t pad, size_t *len)
{
	size_t gz_len;
	u8 *gz = gzip((const u8 *)text, text_len, &gz_len), *image;

	if (!gz)
		return NULL;
	*len = pad + 8 + gz_len + 8;
	image = calloc(1, *len);
	if (image) {
		memcpy(image + pad, "IKCFG_ST", 8);
		memcpy(image + pad + 8, gz, gz_len);
		memcpy(image + pad + 8 + gz_len, "IKCFG_ED", 8);
	}
	free(gz);
	return image;
}

static void put_vmlinux_header(u8 *image)
{
	Elf64_Ehdr eh = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
			     ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
	};

	memcpy(image, &eh, sizeof(eh));
}

static void put_le(u8 *p, u32 value, u32 bytes)
{
	while (bytes--) {
		*p++ = value;
		value >>= 8;
	}
}

/* A bzImage around a compressed @kernel. */
static u8 *bzimage(const u8 *kernel, size_t kernel_len, size_t *len)
{
	size_t gz_len;
	u8 *gz = gzip(kernel, kernel_len, &gz_len), *image;

	if (!gz)
		return NULL;
	*len = PAYLOAD_AT + gz_len;
	image = calloc(1, *len);
	if (image) {
		image[0x1f1] = 1;
		memcpy(image + 0x202, "HdrS", 4);
		put_le(image + 0x206, 0x020f, 2);
		put_le(image + 0x20e, 0x60, 2);
		strcpy((char *)image + 0x260, "6.12.48-test (a@b) #1");
		put_le(image + 0x24c, gz_len, 4);
		memcpy(image + PAYLOAD_AT, gz, gz_len);
	}
	free(gz);
	return image;
}

/* Reads the configuration of @len bytes of @image as a file. */
static int read_bytes(const void *image, size_t len, char **text)
{
	int fd = memfd_create("image", MFD_CLOEXEC), ret = -EIO;
	char path[32];

	*text = NULL;
	if (fd < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!kt_write_all(fd, image, len, 0))
		ret = kt_kconfig_read(path, text);
	close(fd);
	return ret;
}

TEST(values)
{
	char value[16];

	EXPECT_TRUE(kt_kconfig_get(CONFIG, "HZ", value, sizeof(value)));
	EXPECT_STREQ("1000", value);
	EXPECT_TRUE(kt_kconfig_get(CONFIG, "HZ_1000", value, sizeof(value)));
	EXPECT_STREQ("y", value);
	EXPECT_FALSE(kt_kconfig_get(CONFIG, "BPF", value, sizeof(value)));
	EXPECT_FALSE(kt_kconfig_get(CONFIG, "H", value, sizeof(value)));
	EXPECT_FALSE(kt_kconfig_get("", "HZ", value, sizeof(value)));
	EXPECT_FALSE(kt_kconfig_get("XCONFIG_HZ=1\n", "HZ", value,
				    sizeof(value)));
	/* a value longer than the buffer is cut, not run over */
	EXPECT_TRUE(kt_kconfig_get(CONFIG, "HZ", value, 3));
	EXPECT_STREQ("10", value);
}

TEST(missing)
{
	struct kt_strbuf all, sb, some;
	char *text, *p;
	u32 nr;

	kt_strbuf_init(&all, 4096);
	kt_strbuf_init(&sb, 8192);
	kt_strbuf_init(&some, 4096);
	nr = kt_kconfig_missing("", &all);
	EXPECT_LT(10, nr);
	EXPECT_NE(NULL, strstr(kt_strbuf_str(&all), "SCHED_CLASS_EXT"));

	/* what was said to be missing is all there is to add */
	text = strdup(kt_strbuf_str(&all));
	ASSERT_NE(NULL, text);
	for (p = strtok(text, ", "); p; p = strtok(NULL, ", "))
		kt_strbuf_addf(&sb, "CONFIG_%s=%s\n", p,
			       !strcmp(p, "VIRTIO_CONSOLE") ? "m" : "y");
	free(text);
	EXPECT_EQ(1, kt_kconfig_missing(kt_strbuf_str(&sb), &some));
	EXPECT_STREQ("VIRTIO_CONSOLE (is m, must be y)", kt_strbuf_str(&some));
	kt_strbuf_fini(&all);
	kt_strbuf_fini(&sb);
	kt_strbuf_fini(&some);
}

TEST(differs)
{
	struct kt_strbuf sb;

	kt_strbuf_init(&sb, 4096);
	EXPECT_EQ(0, kt_kconfig_differs(CONFIG,
					"# of time\n\nCONFIG_HZ=1000\nCONFIG_BPF=n",
					&sb));
	EXPECT_STREQ("", kt_strbuf_str(&sb));
	EXPECT_EQ(3, kt_kconfig_differs(CONFIG,
					"CONFIG_HZ=250\nCONFIG_BPF=y\n"
					"CONFIG_HZ_1000=n\n", &sb));
	EXPECT_STREQ("HZ (is 1000, must be 250), BPF (is n, must be y), HZ_1000 (is y, must be n)",
		     kt_strbuf_str(&sb));
	kt_strbuf_fini(&sb);
}

TEST(config_file)
{
	char *text;

	ASSERT_EQ(0, read_bytes(CONFIG, strlen(CONFIG), &text));
	EXPECT_STREQ(CONFIG, text);
	free(text);
	EXPECT_EQ(-ENOEXEC, read_bytes("", 0, &text));
	EXPECT_EQ(-ENOEXEC, read_bytes("hello\n", 6, &text));
	EXPECT_EQ(-ENOEXEC, read_bytes("CONFIG_A=y\n\0X", 13, &text));
	EXPECT_EQ(-ENOENT, kt_kconfig_read("/nonexistent/.config", &text));
	EXPECT_EQ(-EINVAL, kt_kconfig_read("/dev/zero", &text));
}

TEST(vmlinux)
{
	/* also with the mark on the edge of the pieces it is read in */
	static const size_t pads[] = { 64, 500, 131072 - 8, 131072 - 3,
				       131072 - 1, 131072, 300000 };
	size_t i, len;
	char *text;
	u8 *image;

	for (i = 0; i < ARRAY_SIZE(pads); i++) {
		image = marked(CONFIG, strlen(CONFIG), pads[i], &len);
		ASSERT_NE(NULL, image);
		put_vmlinux_header(image);
		/* half a mark before the mark */
		if (pads[i] > 100)
			memcpy(image + pads[i] - 5, "IKCFG", 5);
		ASSERT_EQ(0, read_bytes(image, len, &text));
		EXPECT_STREQ(CONFIG, text);
		free(text);
		free(image);
	}
}

TEST(vmlinux_cut)
{
	size_t len, cut;
	char *text;
	u8 *image;

	image = marked(CONFIG, strlen(CONFIG), 64, &len);
	ASSERT_NE(NULL, image);
	put_vmlinux_header(image);
	for (cut = 64; cut < len - 8; cut++) {
		EXPECT_EQ(cut < 64 + 8 ? -ENODATA : -EBADMSG,
			  read_bytes(image, cut, &text)) {
			TH_LOG("cut at %zu of %zu", cut, len);
		}
		EXPECT_EQ(NULL, text);
	}
	/* a byte of the stream changed: its checksum tells */
	image[len - 8 - 6] ^= 1;
	EXPECT_EQ(-EBADMSG, read_bytes(image, len, &text));
	free(image);
}

TEST(bzimage_payload)
{
	size_t len, bz_len;
	u8 *kernel, *image;
	char *text;

	kernel = marked(CONFIG, strlen(CONFIG), 200000, &len);
	ASSERT_NE(NULL, kernel);
	image = bzimage(kernel, len, &bz_len);
	ASSERT_NE(NULL, image);
	ASSERT_EQ(0, read_bytes(image, bz_len, &text));
	EXPECT_STREQ(CONFIG, text);
	free(text);

	/* half the payload is not in the file, or not claimed to be */
	EXPECT_EQ(-ENODATA, read_bytes(image, bz_len - 1, &text));
	put_le(image + 0x24c, 0xffffffff, 4);
	EXPECT_EQ(-ENODATA, read_bytes(image, bz_len, &text));
	put_le(image + 0x24c, bz_len - PAYLOAD_AT - 60, 4);
	EXPECT_GT(0, read_bytes(image, bz_len, &text));
	put_le(image + 0x24c, bz_len - PAYLOAD_AT, 4);
	put_le(image + 0x248, 0xffffffff, 4);
	EXPECT_EQ(-ENODATA, read_bytes(image, bz_len, &text));
	put_le(image + 0x248, 0, 4);

	/* not gzip, or a boot protocol that does not say where */
	image[PAYLOAD_AT] = 0xfd;
	EXPECT_EQ(-ENODATA, read_bytes(image, bz_len, &text));
	image[PAYLOAD_AT] = 0x1f;
	put_le(image + 0x206, 0x0207, 2);
	EXPECT_EQ(-ENODATA, read_bytes(image, bz_len, &text));
	free(image);
	free(kernel);
}

/* Small files that would fill the memory. */
TEST(bombs)
{
	size_t big = KT_PAYLOAD_MAX_BYTES + 1, len, bz_len;
	u8 *zeros, *image;
	char *text;

	zeros = mmap(NULL, big, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, zeros);
	image = marked((char *)zeros, KT_KCONFIG_MAX_BYTES + 1, 64, &len);
	ASSERT_NE(NULL, image);
	put_vmlinux_header(image);
	EXPECT_EQ(-EFBIG, read_bytes(image, len, &text));
	free(image);
	image = bzimage(zeros, big, &bz_len);
	ASSERT_NE(NULL, image);
	EXPECT_EQ(-EFBIG, read_bytes(image, bz_len, &text));
	free(image);
	munmap(zeros, big);
}

TEST(probe)
{
	u8 image[PAYLOAD_AT] = { [0x1f1] = 1 };
	int fd = memfd_create("image", MFD_CLOEXEC);
	struct kt_image img;

	ASSERT_LE(0, fd);
	memcpy(image + 0x202, "HdrS", 4);
	put_le(image + 0x206, 0x020f, 2);
	put_le(image + 0x20e, 0x60, 2);
	strcpy((char *)image + 0x260, "6.12.48-test (a@b) #1");
	ASSERT_EQ(0, kt_write_all(fd, image, sizeof(image), 0));
	ASSERT_EQ(0, kt_image_probe(fd, &img));
	EXPECT_EQ(KT_IMAGE_BZIMAGE, img.kind);
	EXPECT_STREQ("6.12.48-test", img.release);
	EXPECT_EQ(0, img.payload_len_bytes);

	/* a version string that is said to lie outside */
	put_le(image + 0x20e, 0xffff, 2);
	ASSERT_EQ(sizeof(image), pwrite(fd, image, sizeof(image), 0));
	ASSERT_EQ(0, kt_image_probe(fd, &img));
	EXPECT_STREQ("", img.release);
	close(fd);
}

TEST_HARNESS_MAIN
