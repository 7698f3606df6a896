// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ACPI tables of a machine without firmware: hardware-reduced, ACPI 6.3.
 * RSDP first, where the kernel is told to look, XSDT last, when all others are
 * known. acpi_numa.c has those that tell nodes apart.
 */
#include <linux/bits.h>
#include <stdio.h>

#include "../../../virtio/mmio.h"
#include "acpi_table.h"
#include "aml.h"
#include "layout.h"

#define ALIGN_BYTES		16
#define MAX_TABLES		8
#define OEM_REVISION		1

#define RSDP_REVISION		2
#define XSDT_REVISION		1
#define FADT_REVISION		6
#define FADT_MINOR		3
#define DSDT_REVISION		2	/* 64-bit integers */
#define MADT_REVISION		5

#define FADT_WBINVD		BIT(0)
#define FADT_POWER_BUTTON	BIT(4)	/* is no fixed register */
#define FADT_SLEEP_BUTTON	BIT(5)
#define FADT_RESET_REG_SUP	BIT(10)
#define FADT_HW_REDUCED		BIT(20)
/* There is no VGA, no real-time clock, and (not set) no i8042. */
#define FADT_BOOT_NO_VGA	BIT(2)
#define FADT_BOOT_NO_RTC	BIT(5)

#define GAS_IO			1
#define GAS_BYTE		1

#define MADT_CPU		0
#define MADT_IOAPIC		1
#define MADT_X2APIC		9

#define STA_PRESENT		0xf	/* enabled, shown, working */

struct rsdp {
	char signature[8];
	u8 checksum;
	char oem_id[6];
	u8 revision;
	__le32 rsdt;
	__le32 len;
	__le64 xsdt;
	u8 checksum_all;
	u8 reserved[3];
} __packed;

struct gas {
	u8 space;
	u8 bits;
	u8 offset;
	u8 access;
	__le64 address;
} __packed;

/* What a hardware-reduced machine leaves zero has no name. */
struct fadt {
	struct kt_acpi_header h;
	__le32 facs;
	__le32 dsdt;
	u8 legacy[109 - 44];
	__le16 boot_arch;
	u8 reserved;
	__le32 flags;
	struct gas reset_reg;
	u8 reset_value;
	__le16 arm_boot_arch;
	u8 minor;
	__le64 x_facs;
	__le64 x_dsdt;
	u8 x_legacy[244 - 148];
	struct gas sleep_control;
	struct gas sleep_status;
	char hypervisor[8];
} __packed;

struct madt_cpu {
	u8 type;
	u8 len;
	u8 uid;
	u8 apic_id;
	__le32 flags;
} __packed;

struct madt_x2apic {
	u8 type;
	u8 len;
	__le16 reserved;
	__le32 apic_id;
	__le32 flags;
	__le32 uid;
} __packed;

struct madt_ioapic {
	u8 type;
	u8 len;
	u8 id;
	u8 reserved;
	__le32 address;
	__le32 gsi_base;
} __packed;

static_assert(sizeof(struct rsdp) == 36, "size in the specification");
static_assert(sizeof(struct kt_acpi_header) == 36, "size in the specification");
static_assert(sizeof(struct fadt) == 276, "size in the specification");

void kt_acpi_checksum(void *p, size_t len_bytes, u8 *sum)
{
	const u8 *b = p;
	u8 total = 0;
	size_t i;

	*sum = 0;
	for (i = 0; i < len_bytes; i++)
		total += b[i];
	*sum = -total;
}

void kt_acpi_put(struct kt_acpi_out *o, const void *data, size_t len_bytes)
{
	if (o->full || len_bytes > o->size - o->len) {
		o->full = true;
		return;
	}
	memcpy(o->buf + o->len, data, len_bytes);
	o->len += len_bytes;
}

static void align_out(struct kt_acpi_out *o)
{
	static const u8 zero[ALIGN_BYTES];

	kt_acpi_put(o, zero, -o->len & (ALIGN_BYTES - 1));
}

size_t kt_acpi_begin(struct kt_acpi_out *o, const char *signature, u8 revision)
{
	struct kt_acpi_header h = {
		.revision = revision, .oem_revision = OEM_REVISION,
		.creator_revision = OEM_REVISION,
	};
	size_t at;

	memcpy(h.signature, signature, sizeof(h.signature));
	memcpy(h.oem_id, "KTSTR ", sizeof(h.oem_id));
	memcpy(h.oem_table_id, "KTSTR   ", sizeof(h.oem_table_id));
	memcpy(h.creator_id, "KTST", sizeof(h.creator_id));
	align_out(o);
	at = o->len;
	kt_acpi_put(o, &h, sizeof(h));
	return at;
}

void kt_acpi_end(struct kt_acpi_out *o, size_t at)
{
	struct kt_acpi_header *h = (void *)(o->buf + at);

	if (o->full)
		return;
	h->len_bytes = o->len - at;
	kt_acpi_checksum(h, o->len - at, &h->checksum);
}

static struct gas io_byte(u16 port)
{
	return (struct gas){ GAS_IO, 8, 0, GAS_BYTE, port };
}

static size_t put_fadt(struct kt_acpi_out *o, u64 dsdt_gpa)
{
	struct fadt f = {
		.boot_arch = FADT_BOOT_NO_VGA | FADT_BOOT_NO_RTC,
		.flags = FADT_WBINVD | FADT_POWER_BUTTON | FADT_SLEEP_BUTTON |
			 FADT_RESET_REG_SUP | FADT_HW_REDUCED,
		.reset_reg = io_byte(KT_X86_PM_RESET),
		.reset_value = KT_X86_PM_RESET_VALUE,
		.minor = FADT_MINOR,
		.x_dsdt = dsdt_gpa,
		.sleep_control = io_byte(KT_X86_PM_SLEEP_CONTROL),
		.sleep_status = io_byte(KT_X86_PM_SLEEP_STATUS),
	};
	size_t at = kt_acpi_begin(o, "FACP", FADT_REVISION);

	memcpy(f.hypervisor, "KTSTR\0\0", sizeof(f.hypervisor));
	kt_acpi_put(o, (u8 *)&f + sizeof(f.h), sizeof(f) - sizeof(f.h));
	kt_acpi_end(o, at);
	return at;
}

static void put_madt_cpu(struct kt_acpi_out *o, u32 apic_id, u32 uid)
{
	struct madt_cpu c = {
		MADT_CPU, sizeof(c), uid, apic_id, KT_ACPI_ENABLED,
	};
	struct madt_x2apic x = {
		.type = MADT_X2APIC, .len = sizeof(x), .apic_id = apic_id,
		.flags = KT_ACPI_ENABLED, .uid = uid,
	};

	/* an APIC id is never less than its CPU's number */
	if (apic_id <= KT_ACPI_MAX_XAPIC_ID)
		kt_acpi_put(o, &c, sizeof(c));
	else
		kt_acpi_put(o, &x, sizeof(x));
}

static size_t put_madt(struct kt_acpi_out *o, const struct kt_topology *topo)
{
	struct {
		__le32 lapic;
		__le32 flags;	/* 0: no 8259 */
	} __packed m = { KT_X86_LAPIC, 0 };
	struct madt_ioapic io = {
		.type = MADT_IOAPIC, .len = sizeof(io),
		.address = KT_X86_IOAPIC,
	};
	size_t at = kt_acpi_begin(o, "APIC", MADT_REVISION);
	u32 i;

	kt_acpi_put(o, &m, sizeof(m));
	for (i = 0; i < kt_topology_cpus(topo); i++)
		put_madt_cpu(o, kt_x86_apic_id(topo, i), i);
	kt_acpi_put(o, &io, sizeof(io));
	kt_acpi_end(o, at);
	return at;
}

static void add_cpu(struct kt_aml *a, u32 cpu)
{
	char name[8];
	size_t dev;

	snprintf(name, sizeof(name), "C%03X", cpu & 0xfff);
	dev = kt_aml_device(a, name);
	kt_aml_name_string(a, "_HID", "ACPI0007");
	kt_aml_name_int(a, "_UID", cpu);
	kt_aml_name_int(a, "_STA", STA_PRESENT);
	kt_aml_end(a, dev);
}

static void add_serial(struct kt_aml *a, const char *name, u32 uid, u16 port,
		       u32 gsi)
{
	struct kt_aml_res res = {};
	size_t dev = kt_aml_device(a, name);

	kt_aml_name_eisa(a, "_HID", "PNP0501");
	kt_aml_name_int(a, "_UID", uid);
	kt_aml_name_int(a, "_STA", STA_PRESENT);
	kt_aml_res_io(&res, port, 8);
	kt_aml_res_irq(&res, gsi);
	kt_aml_name_res(a, "_CRS", &res);
	kt_aml_end(a, dev);
}

static void add_virtio(struct kt_aml *a, u32 i)
{
	struct kt_aml_res res = {};
	char name[8];
	size_t dev;

	snprintf(name, sizeof(name), "V%03X", i & 0xfff);
	dev = kt_aml_device(a, name);
	kt_aml_name_string(a, "_HID", "LNRO0005");
	kt_aml_name_int(a, "_UID", i);
	kt_aml_name_int(a, "_STA", STA_PRESENT);
	kt_aml_res_mem32(&res, KT_X86_MMIO + i * KT_X86_MMIO_STRIDE,
			 KT_MMIO_BYTES);
	kt_aml_res_irq(&res, KT_X86_MMIO_GSI + i);
	kt_aml_name_res(a, "_CRS", &res);
	kt_aml_end(a, dev);
}

static size_t put_dsdt(struct kt_acpi_out *o, const struct kt_acpi_opts *opts)
{
	static const u64 s5[] = { KT_X86_PM_S5, 0, 0, 0 };
	size_t at = kt_acpi_begin(o, "DSDT", DSDT_REVISION), bus;
	struct kt_aml a;
	u32 i;

	kt_aml_init(&a, o->buf + o->len, o->size - o->len);
	kt_aml_name_package(&a, "_S5_", s5, ARRAY_SIZE(s5));
	bus = kt_aml_system_bus(&a);
	for (i = 0; i < kt_topology_cpus(opts->topo); i++)
		add_cpu(&a, i);
	add_serial(&a, "COM1", 1, KT_X86_COM1, KT_X86_COM1_GSI);
	add_serial(&a, "COM2", 2, KT_X86_COM2, KT_X86_COM2_GSI);
	for (i = 0; i < opts->nr_mmio; i++)
		add_virtio(&a, i);
	kt_aml_end(&a, bus);
	o->len += a.len;
	o->full |= a.full;
	kt_acpi_end(o, at);
	return at;
}

static size_t put_xsdt(struct kt_acpi_out *o, u64 gpa, const size_t *tables,
		       u32 nr)
{
	size_t at = kt_acpi_begin(o, "XSDT", XSDT_REVISION);
	u32 i;

	for (i = 0; i < nr; i++) {
		u64 to = gpa + tables[i];

		kt_acpi_put(o, &to, sizeof(to));
	}
	kt_acpi_end(o, at);
	return at;
}

static void fill_rsdp(struct rsdp *r, u64 xsdt_gpa)
{
	memset(r, 0, sizeof(*r));
	memcpy(r->signature, "RSD PTR ", sizeof(r->signature));
	memcpy(r->oem_id, "KTSTR ", sizeof(r->oem_id));
	r->revision = RSDP_REVISION;
	r->len = sizeof(*r);
	r->xsdt = xsdt_gpa;
	/* that of ACPI 1.0, up to the RSDT's address, then that of all */
	kt_acpi_checksum(r, offsetof(struct rsdp, len), &r->checksum);
	kt_acpi_checksum(r, sizeof(*r), &r->checksum_all);
}

int kt_acpi_build(const struct kt_acpi_opts *opts, u64 gpa, void *buf,
		  size_t size)
{
	struct kt_acpi_out o = { .buf = buf, .size = size };
	static const struct rsdp no_rsdp;
	size_t tables[MAX_TABLES], dsdt, xsdt;
	u32 nr = 0;

	kt_acpi_put(&o, &no_rsdp, sizeof(no_rsdp));
	dsdt = put_dsdt(&o, opts);
	tables[nr++] = put_fadt(&o, gpa + dsdt);
	tables[nr++] = put_madt(&o, opts->topo);
	if (kt_acpi_nodes(opts) > 1) {
		tables[nr++] = kt_acpi_put_srat(&o, opts);
		tables[nr++] = kt_acpi_put_slit(&o, opts);
		tables[nr++] = kt_acpi_put_hmat(&o, opts);
	}
	xsdt = put_xsdt(&o, gpa, tables, nr);
	if (o.full)
		return -ENOSPC;
	fill_rsdp(buf, gpa + xsdt);
	return o.len;
}
