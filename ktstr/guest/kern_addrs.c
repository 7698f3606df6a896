// SPDX-License-Identifier: GPL-2.0-only
/*
 * KernAddrs out of two files of /proc. The "Kernel code" of /proc/iomem begins
 * with _text, so the two together say by how much physical and virtual
 * addresses of the kernel's image differ.
 */
#include "../base/log.h"
#include "kern_addrs.h"

#define START_KERNEL_MAP	0xffffffff80000000ULL
#define LINE_BYTES		1024

/* "  01000000-020031c7 : Kernel code" */
static u64 find_code(FILE *iomem)
{
	char line[LINE_BYTES];
	char *rest;
	u64 addr;

	while (fgets(line, sizeof(line), iomem)) {
		addr = strtoull(line, &rest, 16);
		rest = strstr(rest, " : ");
		if (rest && !strcmp(rest, " : Kernel code\n"))
			return addr;
	}
	return 0;
}

/*
 * "ffffffff81000000 T _text". It is the first symbol behind the per-CPU ones:
 * 1 to 6 ms on an emulated machine, where the whole file, of 47000 symbols to
 * 187000, took 0.1 to 1 s. So page_offset_base is not looked for: the host
 * derives it from its vmlinux and _text.
 */
static u64 find_text(FILE *kallsyms)
{
	char line[LINE_BYTES];
	char *rest;
	u64 addr;

	while (fgets(line, sizeof(line), kallsyms)) {
		addr = strtoull(line, &rest, 16);
		if (rest[0] == ' ' && rest[1] && !strcmp(rest + 2, " _text\n"))
			return addr;
	}
	return 0;
}

int kt_kern_addrs_parse(FILE *iomem, FILE *kallsyms, struct kt_kern_addrs *k)
{
	u64 phys = iomem ? find_code(iomem) : 0;
	u64 text = kallsyms ? find_text(kallsyms) : 0;

	memset(k, 0, sizeof(*k));
	if (text)
		k->text_kva_biased = text + 1;
	if (text && phys)
		k->phys_base_biased = phys - (text - START_KERNEL_MAP) + 1;
	return text && phys ? 0 : -ENOENT;
}

static FILE *open_proc(const char *path)
{
	FILE *f = fopen(path, "re");

	if (!f)
		kt_warn("open %s: %m", path);
	return f;
}

void kt_kern_addrs_send(struct kt_port *port)
{
	FILE *iomem = open_proc("/proc/iomem");
	FILE *kallsyms = open_proc("/proc/kallsyms");
	u8 buf[KT_KERN_ADDRS_BYTES];
	struct kt_kern_addrs k;

	if (kt_kern_addrs_parse(iomem, kallsyms, &k))
		kt_warn("where the kernel lies is not known: no address of \"Kernel code\" in /proc/iomem, or of _text in /proc/kallsyms");
	if (iomem)
		fclose(iomem);
	if (kallsyms)
		fclose(kallsyms);
	if (kt_kern_addrs_encode(&k, buf, sizeof(buf)) == sizeof(buf))
		kt_port_send(port, KT_TAG_KERN_ADDRS, buf, sizeof(buf));
}
