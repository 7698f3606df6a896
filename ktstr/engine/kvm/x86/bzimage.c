// SPDX-License-Identifier: GPL-2.0-only
/*
 * A bzImage by the 64-bit boot protocol (Documentation/arch/x86/boot.rst): its
 * second part goes to 1 MiB, boot_params tells it the rest. The header comes
 * from the file; each number is checked before it is used.
 */
#include <asm/bootparam.h>

#include "../../../base/log.h"
#include "layout.h"
#include "loader.h"

#define HEADER_OFFSET		0x1f1
#define HEADER_END_BASE		0x202	/* where the header's jump counts from */
#define HEADER_MAGIC		0x53726448	/* "HdrS" */
#define BOOT_FLAG		0xaa55
#define PROTOCOL_MIN		0x020c	/* xloadflags */
#define SECTOR_BYTES		512
#define DEFAULT_SETUP_SECTS	4
#define ENTRY_64		0x200
#define LOADER_UNDEFINED	0xff
#define VID_MODE_NORMAL		0xffff

#define no_kernel(l, what)						\
	kt_err(-ENOEXEC, "kernel %s: %s", (l)->opts->kernel, what)

static_assert(sizeof(struct boot_params) == 4096, "the protocol's");
static_assert(KT_X86_MAX_RANGES <= E820_MAX_ENTRIES_ZEROPAGE, "must fit");

static int read_header(const struct kt_x86_loader *l, struct setup_header *h)
{
	size_t len;

	if (kt_x86_loader_peek(l, HEADER_OFFSET, h, sizeof(*h)))
		return no_kernel(l, "too short for a bzImage");
	if (h->header != HEADER_MAGIC || h->boot_flag != BOOT_FLAG)
		return no_kernel(l, "neither a bzImage nor a 64-bit vmlinux");
	if (h->version < PROTOCOL_MIN)
		return no_kernel(l, "boot protocol below 2.12: use Linux 3.8 or newer");
	if (!(h->loadflags & LOADED_HIGH) || !(h->xloadflags & XLF_KERNEL_64))
		return no_kernel(l, "no 64-bit kernel");
	/* fields this kernel does not know are no fields */
	len = HEADER_END_BASE + (h->jump >> 8) - HEADER_OFFSET;
	if (len < offsetof(struct setup_header, handover_offset))
		return no_kernel(l, "its header is cut short");
	if (len < sizeof(*h))
		memset((u8 *)h + len, 0, sizeof(*h) - len);
	return 0;
}

/* Where it unpacks itself, and how far that reaches. */
static int unpacked_end(const struct kt_x86_loader *l,
			const struct setup_header *h, u64 *end)
{
	u64 align = h->kernel_alignment, preferred = h->pref_address, base;

	if (!align || (align & (align - 1)))
		return no_kernel(l, "its alignment is no power of 2");
	base = (KT_X86_KERNEL_MIN + align - 1) & -align;
	base = max(base, preferred);
	if (base >= l->ram_end || h->init_size > l->ram_end - base)
		return kt_err(-ENOMEM,
			      "kernel %s needs %llu MiB from %llu MiB on: give the guest more than its %llu MiB",
			      l->opts->kernel,
			      (unsigned long long)h->init_size >> 20,
			      (unsigned long long)base >> 20,
			      (unsigned long long)l->ram_end >> 20);
	*end = base + h->init_size;
	return 0;
}

static int load_payload(struct kt_x86_loader *l, const struct setup_header *h)
{
	u64 setup, len, end;
	int ret;

	setup = ((h->setup_sects ?: DEFAULT_SETUP_SECTS) + 1ULL) * SECTOR_BYTES;
	if (setup >= l->file_bytes || l->file_bytes - setup <= ENTRY_64)
		return no_kernel(l, "nothing behind its set-up part");
	len = l->file_bytes - setup;
	ret = unpacked_end(l, h, &end);
	if (ret)
		return ret;
	if (len > l->ram_end - KT_X86_KERNEL_MIN)
		return kt_err(-ENOMEM,
			      "kernel %s is larger than the guest's memory",
			      l->opts->kernel);
	l->kernel_end = max(end, (u64)(KT_X86_KERNEL_MIN + len));
	l->initrd_limit = (u64)h->initrd_addr_max + 1;
	return kt_x86_loader_copy(l, setup, KT_X86_KERNEL_MIN, len);
}

static void fill_params(const struct kt_x86_loader *l,
			const struct setup_header *h, struct boot_params *bp)
{
	u32 i;

	memset(bp, 0, sizeof(*bp));
	bp->hdr = *h;
	bp->hdr.type_of_loader = LOADER_UNDEFINED;
	bp->hdr.vid_mode = VID_MODE_NORMAL;
	bp->hdr.code32_start = KT_X86_KERNEL_MIN;
	bp->hdr.cmd_line_ptr = KT_X86_CMDLINE;
	bp->hdr.ramdisk_image = l->initrd_gpa;
	bp->hdr.ramdisk_size = l->initrd_bytes;
	bp->hdr.setup_data = 0;
	bp->acpi_rsdp_addr = l->opts->acpi_gpa;
	bp->e820_entries = l->nr_ranges;
	for (i = 0; i < l->nr_ranges; i++) {
		bp->e820_table[i].addr = l->ranges[i].gpa;
		bp->e820_table[i].size = l->ranges[i].size_bytes;
		bp->e820_table[i].type = l->ranges[i].type;
	}
}

int kt_x86_load_bzimage(struct kt_x86_loader *l, struct kt_x86_entry *entry)
{
	struct boot_params bp;
	struct setup_header h;
	int ret;

	ret = read_header(l, &h);
	if (ret)
		return ret;
	if (strlen(l->opts->cmdline) > h.cmdline_size)
		return kt_err(-E2BIG,
			      "kernel %s takes command lines of %u bytes, this one has %zu",
			      l->opts->kernel, h.cmdline_size,
			      strlen(l->opts->cmdline));
	ret = load_payload(l, &h);
	if (!ret)
		ret = kt_x86_loader_initrd(l);
	if (ret)
		return ret;
	fill_params(l, &h, &bp);
	*entry = (struct kt_x86_entry){
		.rip = KT_X86_KERNEL_MIN + ENTRY_64, .rsi = KT_X86_BOOT_PARAMS,
	};
	return kt_x86_loader_write(l, KT_X86_BOOT_PARAMS, &bp, sizeof(bp));
}
