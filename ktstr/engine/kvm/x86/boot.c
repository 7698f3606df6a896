// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kernel of either format loaded, and the boot CPU's state at its entry:
 * segments, and for the 64-bit protocol page tables that map the first 4 GiB
 * to themselves. bzimage.c and vmlinux.c have the formats.
 */
#include <elf.h>
#include <fcntl.h>
#include <linux/bits.h>
#include <linux/kvm.h>
#include <sys/stat.h>

#include "../../../base/fd.h"
#include "../../../base/log.h"
#include "layout.h"
#include "loader.h"

#define PAGE_BYTES	4096
#define PAGE_ENTRIES	512
#define TABLES		6	/* one of each upper level, four with pages */
#define LARGE_PAGE	(2ULL << 20)
#define PTE_PRESENT	BIT(0)
#define PTE_WRITE	BIT(1)
#define PTE_LARGE	BIT(7)

#define CR0_PE		BIT(0)
#define CR0_ET		BIT(4)
#define CR0_PG		BIT(31)
#define CR4_PAE		BIT(5)
#define EFER_LME	BIT(8)
#define EFER_LMA	BIT(10)
#define RFLAGS_RESERVED	BIT(1)

/* The selectors of the boot protocol. */
#define SEL_CODE	0x10
#define SEL_DATA	0x18
#define SEL_TASK	0x20
#define TYPE_CODE	11	/* readable, accessed */
#define TYPE_DATA	3	/* writable, accessed */
#define TYPE_TASK_BUSY	11
#define TASK_LIMIT	0x67

#define DESC_CODE_64	0x00af9b000000ffffULL
#define DESC_CODE_32	0x00cf9b000000ffffULL
#define DESC_DATA	0x00cf93000000ffffULL
#define DESC_TASK_BUSY	0x00008b0000000067ULL
#define GDT_ENTRIES	6	/* a task takes two in 64-bit mode */

static_assert(KT_X86_PAGE_TABLES + TABLES * PAGE_BYTES <= 0x10000,
	      "the layout's");

static int write_page_tables(const struct kt_x86_loader *l)
{
	static const u64 flags = PTE_PRESENT | PTE_WRITE;
	u64 tables[TABLES][PAGE_ENTRIES] = {};
	u32 i;

	tables[0][0] = (KT_X86_PAGE_TABLES + PAGE_BYTES) | flags;
	for (i = 0; i < TABLES - 2; i++)
		tables[1][i] = (KT_X86_PAGE_TABLES + (2 + i) * PAGE_BYTES) |
			       flags;
	for (i = 0; i < (TABLES - 2) * PAGE_ENTRIES; i++)
		tables[2 + i / PAGE_ENTRIES][i % PAGE_ENTRIES] =
			i * LARGE_PAGE | PTE_LARGE | flags;
	return kt_x86_loader_write(l, KT_X86_PAGE_TABLES, tables,
				   sizeof(tables));
}

static int write_gdt(const struct kt_x86_loader *l, bool pvh)
{
	const u64 gdt[GDT_ENTRIES] = {
		[SEL_CODE / 8] = pvh ? DESC_CODE_32 : DESC_CODE_64,
		[SEL_DATA / 8] = DESC_DATA,
		[SEL_TASK / 8] = DESC_TASK_BUSY,
	};

	return kt_x86_loader_write(l, KT_X86_GDT, gdt, sizeof(gdt));
}

static int write_cmdline(const struct kt_x86_loader *l)
{
	size_t len = strlen(l->opts->cmdline) + 1;

	if (len > KT_X86_CMDLINE_MAX)
		return kt_err(-E2BIG,
			      "kernel command line of %zu bytes, at most %u are possible",
			      len - 1, KT_X86_CMDLINE_MAX - 1);
	return kt_x86_loader_write(l, KT_X86_CMDLINE, l->opts->cmdline, len);
}

static int load_kernel(struct kt_x86_loader *l, struct kt_x86_entry *entry)
{
	char magic[SELFMAG];

	if (kt_x86_loader_peek(l, 0, magic, sizeof(magic)))
		return kt_err(-ENOEXEC, "kernel %s: too short to be one",
			      l->opts->kernel);
	if (!memcmp(magic, ELFMAG, SELFMAG))
		return kt_x86_load_vmlinux(l, entry);
	return kt_x86_load_bzimage(l, entry);
}

static int load_all(struct kt_x86_loader *l, struct kt_x86_entry *entry)
{
	int ret = kt_x86_loader_map(l);

	if (!ret)
		ret = write_cmdline(l);
	if (!ret)
		ret = load_kernel(l, entry);
	if (!ret)
		ret = write_gdt(l, entry->pvh);
	if (!ret && !entry->pvh)
		ret = write_page_tables(l);
	return ret;
}

int kt_x86_boot_load(const struct kt_guest_mem *mem,
		     const struct kt_x86_boot_opts *opts,
		     struct kt_x86_entry *entry)
{
	struct kt_x86_loader l = { .mem = mem, .opts = opts };
	struct stat st;
	int ret;

	/* a FIFO must not keep us waiting */
	l.fd = open(opts->kernel, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (l.fd < 0) {
		ret = -errno;
		return kt_err(ret, "kernel %s: %s", opts->kernel,
			      strerror(-ret));
	}
	if (fstat(l.fd, &st) || !S_ISREG(st.st_mode)) {
		ret = kt_err(-EINVAL, "kernel %s is no regular file",
			     opts->kernel);
	} else {
		l.file_bytes = st.st_size;
		ret = load_all(&l, entry);
	}
	kt_close(&l.fd);
	return ret;
}

static void set_segments(struct kvm_sregs *s, bool pvh)
{
	const struct kvm_segment data = {
		.limit = UINT32_MAX, .selector = SEL_DATA, .type = TYPE_DATA,
		.present = 1, .s = 1, .g = 1, .db = 1,
	};

	s->ds = data;
	s->es = data;
	s->fs = data;
	s->gs = data;
	s->ss = data;
	s->cs = data;
	s->cs.selector = SEL_CODE;
	s->cs.type = TYPE_CODE;
	s->cs.l = !pvh;
	s->cs.db = pvh;
	s->tr = (struct kvm_segment){
		.limit = TASK_LIMIT, .selector = SEL_TASK,
		.type = TYPE_TASK_BUSY, .present = 1,
	};
	s->ldt = (struct kvm_segment){ .unusable = 1 };
	s->gdt = (struct kvm_dtable){
		.base = KT_X86_GDT, .limit = GDT_ENTRIES * 8 - 1,
	};
	s->idt = (struct kvm_dtable){ .base = 0 };
}

void kt_x86_boot_regs(const struct kt_x86_entry *entry, struct kvm_regs *regs,
		      struct kvm_sregs *sregs)
{
	*regs = (struct kvm_regs){
		.rip = entry->rip, .rbx = entry->rbx, .rsi = entry->rsi,
		.rflags = RFLAGS_RESERVED,
	};
	set_segments(sregs, entry->pvh);
	sregs->cr0 = CR0_PE | CR0_ET;
	sregs->cr3 = 0;
	sregs->cr4 = 0;
	sregs->efer = 0;
	if (entry->pvh)
		return;
	sregs->cr0 |= CR0_PG;
	sregs->cr3 = KT_X86_PAGE_TABLES;
	sregs->cr4 = CR4_PAE;
	sregs->efer = EFER_LME | EFER_LMA;
}
