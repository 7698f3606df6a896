// SPDX-License-Identifier: GPL-2.0-only
/*
 * Wraps the probe's guest into the smallest ELF file that a PVH loader takes:
 * one segment, and the note that names the 32-bit entry point
 * (XEN_ELFNOTE_PHYS32_ENTRY, arch/x86/platform/pvh/head.S).
 */
#include <elf.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "payload.h"

#define PHYS32_ENTRY	18

extern const char kt_payload_start[], kt_payload_end[];

struct note {
	Elf64_Nhdr hdr;
	char name[4];
	u32 entry;
};

struct image_head {
	Elf64_Ehdr ehdr;
	Elf64_Phdr load;
	Elf64_Phdr note_ph;
	struct note note;
};

static void fill_head(struct image_head *h, size_t code_bytes)
{
	memset(h, 0, sizeof(*h));
	memcpy(h->ehdr.e_ident, ELFMAG, SELFMAG);
	h->ehdr.e_ident[EI_CLASS] = ELFCLASS64;
	h->ehdr.e_ident[EI_DATA] = ELFDATA2LSB;
	h->ehdr.e_ident[EI_VERSION] = EV_CURRENT;
	h->ehdr.e_type = ET_EXEC;
	h->ehdr.e_machine = EM_X86_64;
	h->ehdr.e_version = EV_CURRENT;
	h->ehdr.e_entry = KT_PAYLOAD_GPA;
	h->ehdr.e_phoff = offsetof(struct image_head, load);
	h->ehdr.e_ehsize = sizeof(h->ehdr);
	h->ehdr.e_phentsize = sizeof(h->load);
	h->ehdr.e_phnum = 2;

	h->load.p_type = PT_LOAD;
	h->load.p_flags = PF_R | PF_W | PF_X;
	h->load.p_offset = sizeof(*h);
	h->load.p_vaddr = KT_PAYLOAD_GPA;
	h->load.p_paddr = KT_PAYLOAD_GPA;
	h->load.p_filesz = code_bytes;
	h->load.p_memsz = code_bytes;

	h->note_ph.p_type = PT_NOTE;
	h->note_ph.p_offset = offsetof(struct image_head, note);
	h->note_ph.p_filesz = sizeof(h->note);
	h->note_ph.p_align = 4;

	h->note.hdr.n_namesz = sizeof(h->note.name);
	h->note.hdr.n_descsz = sizeof(h->note.entry);
	h->note.hdr.n_type = PHYS32_ENTRY;
	memcpy(h->note.name, "Xen", 4);
	h->note.entry = KT_PAYLOAD_GPA;
}

int kt_payload_open(int *fd)
{
	size_t code_bytes = kt_payload_end - kt_payload_start;
	struct image_head head;
	int ret;

	*fd = memfd_create("ktstr-probe", MFD_CLOEXEC);
	if (*fd < 0)
		return kt_err(-errno, "memfd: %s", strerror(errno));
	fill_head(&head, code_bytes);
	ret = kt_write_all(*fd, &head, sizeof(head), KT_NO_DEADLINE);
	if (!ret)
		ret = kt_write_all(*fd, kt_payload_start, code_bytes, KT_NO_DEADLINE);
	if (ret)
		kt_close(fd);
	return ret;
}

const void *kt_payload_code(size_t *len_bytes)
{
	*len_bytes = kt_payload_end - kt_payload_start;
	return kt_payload_start;
}

bool kt_payload_passed(const char *output)
{
	return strchr(output, '!') && !strchr(output, '?');
}

const char *kt_payload_step(const char *output)
{
	size_t len = strlen(output);

	while (len && output[len - 1] == '?')
		len--;
	switch (len ? output[len - 1] : 0) {
	case 'p':
		return "paging and long mode";
	case 'i':
		return "int3 through an IDT";
	case 'c':
		return "popcnt";
	case 'x':
		return "cmpxchg16b";
	case 's':
		return "xsave";
	case 't':
		return "the TSC";
	case 'm':
		return "a device's register";
	case 'h':
		return "HLT with a timer interrupt";
	case 'w':
		return "a store";
	default:
		return "its first instruction";
	}
}
