/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files that write ACPI tables share: a buffer that fills, and the
 * header that every table begins with.
 */
#ifndef KTSTR_ENGINE_KVM_X86_ACPI_TABLE_H
#define KTSTR_ENGINE_KVM_X86_ACPI_TABLE_H

#include "acpi.h"

#define KT_ACPI_ENABLED		1	/* flags of many entries */
#define KT_ACPI_MAX_XAPIC_ID	254	/* what an 8-bit APIC id can be */

struct kt_acpi_header {
	char signature[4];
	__le32 len_bytes;
	u8 revision;
	u8 checksum;
	char oem_id[6];
	char oem_table_id[8];
	__le32 oem_revision;
	char creator_id[4];
	__le32 creator_revision;
} __packed;

struct kt_acpi_out {
	u8 *buf;
	size_t size;
	size_t len;
	bool full;	/* something did not fit; nothing is put any more */
};

void kt_acpi_put(struct kt_acpi_out *o, const void *data, size_t len_bytes);

/* Begins a table and returns its offset; _end writes its length and checksum. */
size_t kt_acpi_begin(struct kt_acpi_out *o, const char *signature, u8 revision);
void kt_acpi_end(struct kt_acpi_out *o, size_t at);

/* Makes the sum of @len_bytes zero by @sum, one of them. */
void kt_acpi_checksum(void *p, size_t len_bytes, u8 *sum);

/* Nodes with CPUs or memory. */
u32 kt_acpi_nodes(const struct kt_acpi_opts *opts);

/* Each writes one table and returns its offset. */
size_t kt_acpi_put_srat(struct kt_acpi_out *o, const struct kt_acpi_opts *opts);
size_t kt_acpi_put_slit(struct kt_acpi_out *o, const struct kt_acpi_opts *opts);
size_t kt_acpi_put_hmat(struct kt_acpi_out *o, const struct kt_acpi_opts *opts);

#endif /* KTSTR_ENGINE_KVM_X86_ACPI_TABLE_H */
