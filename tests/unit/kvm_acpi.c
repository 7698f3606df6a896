// SPDX-License-Identifier: GPL-2.0-only
/*
 * The native machine's ACPI tables as a kernel reads them, from the RSDP on, at
 * the offsets of the specification; and by iasl, where there is one: it
 * disassembles every table and compiles it back to the same bytes.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <kselftest_harness.h>

#include "ktstr/base/fd.h"
#include "ktstr/base/proc.h"
#include "ktstr/engine/kvm/x86/acpi.h"
#include "ktstr/engine/kvm/x86/layout.h"

#define GPA		KT_X86_ACPI
#define ROOM		(KT_X86_ACPI_END - KT_X86_ACPI)
#define HEADER		36
#define MAX_MEM		(KT_MAX_NODES + 1)
#define NODE_BYTES	0x10000000ULL
#define IASL_MS		20000
#define TEXT_MAX	(4 * 1024 * 1024)

FIXTURE(acpi)
{
	struct kt_topology topo;
	struct kt_acpi_node_mem mem[MAX_MEM];
	struct kt_acpi_opts opts;
	u8 *buf;
	int len;
};

FIXTURE_VARIANT(acpi)
{
	const char *topo;
	u32 memory_nodes;	/* without CPUs */
};

FIXTURE_VARIANT_ADD(acpi, small)
{
	.topo = "1n1l4c1t",
};

FIXTURE_VARIANT_ADD(acpi, threads)
{
	.topo = "1n2l2c2t",
};

FIXTURE_VARIANT_ADD(acpi, nodes)
{
	.topo = "2n4l4c1t",
};

FIXTURE_VARIANT_ADD(acpi, more_nodes)
{
	.topo = "4n8l4c1t",
};

FIXTURE_VARIANT_ADD(acpi, memory_node)
{
	.topo = "1n1l4c1t",
	.memory_nodes = 1,
};

FIXTURE_VARIANT_ADD(acpi, large)
{
	.topo = "4n4l63c1t",
};

FIXTURE_VARIANT_ADD(acpi, wide_ids)
{
	.topo = "7n7l36c1t",
};

FIXTURE_VARIANT_ADD(acpi, largest)
{
	.topo = "64n512l1c1t",
};

FIXTURE_SETUP(acpi)
{
	char why[128];
	u32 nodes, i;

	ASSERT_EQ(kt_topology_parse(variant->topo, &self->topo, why,
				    sizeof(why)), 0);
	nodes = self->topo.nodes + variant->memory_nodes;
	for (i = 0; i < nodes; i++) {
		self->mem[i].gpa = NODE_BYTES * i;
		self->mem[i].size_bytes = NODE_BYTES;
		self->mem[i].node = i;
	}
	self->opts = (struct kt_acpi_opts){
		&self->topo, self->mem, nodes, 3,
	};
	self->buf = malloc(ROOM);
	ASSERT_NE(self->buf, NULL);
	self->len = kt_acpi_build(&self->opts, GPA, self->buf, ROOM);
	ASSERT_GT(self->len, 0);
}

FIXTURE_TEARDOWN(acpi)
{
	free(self->buf);
}

static u64 le(const u8 *p, u32 bytes)
{
	u64 v = 0;

	memcpy(&v, p, bytes);
	return v;
}

static u8 sum(const u8 *p, size_t len)
{
	u8 s = 0;

	while (len--)
		s += *p++;
	return s;
}

/* A table by its physical address; NULL when it is none, or a broken one. */
static const u8 *table_at(const u8 *buf, int len, u64 gpa)
{
	const u8 *t = buf + (gpa - GPA);

	if (gpa < GPA || gpa - GPA + HEADER > (u64)len)
		return NULL;
	if (gpa - GPA + le(t + 4, 4) > (u64)len || sum(t, le(t + 4, 4)))
		return NULL;
	return t;
}

static const u8 *table(const u8 *buf, int len, const char *signature)
{
	const u8 *xsdt = table_at(buf, len, le(buf + 24, 8));
	u32 i;

	for (i = HEADER; xsdt && i < le(xsdt + 4, 4); i += 8) {
		const u8 *t = table_at(buf, len, le(xsdt + i, 8));

		if (t && !memcmp(t, signature, 4))
			return t;
	}
	return NULL;
}

#define find_table(sig)	table(self->buf, self->len, sig)
#define end_of(t)	((t) + le((t) + 4, 4))

TEST_F(acpi, root)
{
	const u8 *r = self->buf, *xsdt;

	EXPECT_EQ(memcmp(r, "RSD PTR ", 8), 0);
	EXPECT_EQ(sum(r, 20), 0);
	EXPECT_EQ(sum(r, 36), 0);
	EXPECT_EQ(r[15], 2);
	EXPECT_EQ(le(r + 20, 4), 36);
	xsdt = table_at(self->buf, self->len, le(r + 24, 8));
	ASSERT_NE(xsdt, NULL);
	EXPECT_EQ(memcmp(xsdt, "XSDT", 4), 0);
	EXPECT_EQ((le(xsdt + 4, 4) - HEADER) / 8,
		  self->opts.nr_mem > 1 ? 5 : 2);
}

TEST_F(acpi, fixed_description)
{
	const u8 *f = find_table("FACP"), *dsdt;

	ASSERT_NE(f, NULL);
	EXPECT_EQ(le(f + 4, 4), 276);
	EXPECT_EQ(f[8], 6);
	EXPECT_EQ(le(f + 112, 4) & (1 << 20 | 1 << 10), 1 << 20 | 1 << 10);
	EXPECT_EQ(le(f + 109, 2), 1 << 2 | 1 << 5);
	/* I/O, one byte wide */
	EXPECT_EQ(le(f + 116, 4), 0x01000801);
	EXPECT_EQ(le(f + 120, 8), KT_X86_PM_RESET);
	EXPECT_EQ(f[128], KT_X86_PM_RESET_VALUE);
	EXPECT_EQ(le(f + 244, 4), 0x01000801);
	EXPECT_EQ(le(f + 248, 8), KT_X86_PM_SLEEP_CONTROL);
	EXPECT_EQ(le(f + 256, 4), 0x01000801);
	EXPECT_EQ(le(f + 260, 8), KT_X86_PM_SLEEP_STATUS);
	dsdt = table_at(self->buf, self->len, le(f + 140, 8));
	ASSERT_NE(dsdt, NULL);
	EXPECT_EQ(memcmp(dsdt, "DSDT", 4), 0);
	EXPECT_EQ(dsdt[8], 2);
}

TEST_F(acpi, interrupt_controllers)
{
	const u8 *m = find_table("APIC"), *e;
	u32 cpu = 0, ioapics = 0;

	ASSERT_NE(m, NULL);
	EXPECT_EQ(le(m + HEADER, 4), KT_X86_LAPIC);
	EXPECT_EQ(le(m + HEADER + 4, 4), 0);
	for (e = m + HEADER + 8; e < end_of(m); e += e[1]) {
		u32 id = kt_x86_apic_id(&self->topo, cpu);

		ASSERT_GT(e[1], 0);
		if (e[0] == 0) {
			EXPECT_EQ(e[1], 8);
			EXPECT_EQ(e[2], cpu++);
			EXPECT_EQ(e[3], id);
			EXPECT_LE(id, 254);
			EXPECT_EQ(le(e + 4, 4), 1);
		} else if (e[0] == 9) {
			EXPECT_EQ(e[1], 16);
			EXPECT_EQ(le(e + 4, 4), id);
			EXPECT_GT(id, 254);
			EXPECT_EQ(le(e + 8, 4), 1);
			EXPECT_EQ(le(e + 12, 4), cpu++);
		} else {
			EXPECT_EQ(e[0], 1);
			EXPECT_EQ(e[1], 12);
			EXPECT_EQ(le(e + 4, 4), KT_X86_IOAPIC);
			EXPECT_EQ(le(e + 8, 4), 0);
			ioapics++;
		}
	}
	EXPECT_EQ(e, end_of(m));
	EXPECT_EQ(cpu, kt_topology_cpus(&self->topo));
	EXPECT_EQ(ioapics, 1);
}

TEST_F(acpi, affinity)
{
	const u8 *s = find_table("SRAT"), *e;
	u32 cpu = 0, mem = 0;

	if (self->opts.nr_mem == 1) {
		EXPECT_EQ(s, NULL);
		return;
	}
	ASSERT_NE(s, NULL);
	for (e = s + HEADER + 12; e < end_of(s); e += e[1]) {
		ASSERT_GT(e[1], 0);
		if (e[0] == 0) {
			EXPECT_EQ(e[1], 16);
			EXPECT_EQ(e[2], kt_x86_node(&self->topo, cpu));
			EXPECT_EQ(e[3], kt_x86_apic_id(&self->topo, cpu++));
			EXPECT_EQ(le(e + 4, 4), 1);
		} else if (e[0] == 2) {
			EXPECT_EQ(e[1], 24);
			EXPECT_EQ(le(e + 4, 4), kt_x86_node(&self->topo, cpu));
			EXPECT_EQ(le(e + 8, 4),
				  kt_x86_apic_id(&self->topo, cpu++));
			EXPECT_EQ(le(e + 12, 4), 1);
		} else {
			EXPECT_EQ(e[0], 1);
			EXPECT_EQ(e[1], 40);
			EXPECT_EQ(le(e + 2, 4), mem);
			EXPECT_EQ(le(e + 8, 8), mem * NODE_BYTES);
			EXPECT_EQ(le(e + 16, 8), NODE_BYTES);
			EXPECT_EQ(le(e + 28, 4), 1);
			mem++;
		}
	}
	EXPECT_EQ(e, end_of(s));
	EXPECT_EQ(cpu, kt_topology_cpus(&self->topo));
	EXPECT_EQ(mem, self->opts.nr_mem);
}

TEST_F(acpi, distances)
{
	const u8 *s = find_table("SLIT");
	u32 nodes = self->opts.nr_mem, i;

	if (nodes == 1) {
		EXPECT_EQ(s, NULL);
		return;
	}
	ASSERT_NE(s, NULL);
	ASSERT_EQ(le(s + 4, 4), HEADER + 8 + nodes * nodes);
	EXPECT_EQ(le(s + HEADER, 8), nodes);
	for (i = 0; i < nodes * nodes; i++)
		EXPECT_EQ(s[HEADER + 8 + i],
			  i / nodes == i % nodes ? 10 : 20);
}

/* Latency in nanoseconds or bandwidth in MB/s, as Linux computes it. */
static u64 hmat_value(const u8 *loc, u32 i)
{
	u32 from = le(loc + 12, 4), to = le(loc + 16, 4);
	u64 v = le(loc + 32 + 4 * (from + to) + 2 * i, 2) * le(loc + 24, 8);

	return loc[9] ? v : v / 1000;
}

TEST_F(acpi, memory_attributes)
{
	const u8 *h = find_table("HMAT"), *e;
	u32 nodes = self->opts.nr_mem, from = self->topo.nodes, mem = 0, i;
	u32 kinds = 0;

	if (nodes == 1) {
		EXPECT_EQ(h, NULL);
		return;
	}
	ASSERT_NE(h, NULL);
	EXPECT_EQ(h[8], 2);
	for (e = h + HEADER + 4; e < end_of(h); e += le(e + 4, 4)) {
		ASSERT_GT(le(e + 4, 4), 0);
		if (!le(e, 2)) {
			EXPECT_EQ(le(e + 4, 4), 40);
			EXPECT_EQ(le(e + 8, 2), mem < from);
			EXPECT_EQ(le(e + 12, 4), mem < from ? mem : 0);
			EXPECT_EQ(le(e + 16, 4), mem++);
			continue;
		}
		EXPECT_EQ(le(e, 2), 1);
		ASSERT_EQ(le(e + 12, 4), from);
		ASSERT_EQ(le(e + 16, 4), nodes);
		ASSERT_EQ(le(e + 4, 4),
			  32 + 4 * (from + nodes) + 2 * from * nodes);
		kinds |= 1 << e[9];
		for (i = 0; i < from * nodes; i++) {
			bool local = i / nodes == i % nodes;

			EXPECT_EQ(hmat_value(e, i),
				  e[9] ? (local ? 10000 : 5000) :
				  (local ? 10 : 20));
		}
	}
	EXPECT_EQ(e, end_of(h));
	EXPECT_EQ(mem, nodes);
	EXPECT_EQ(kinds, 1 << 0 | 1 << 3);
}

static u32 count(const u8 *t, const void *what, size_t len)
{
	const u8 *end = end_of(t), *at = t;
	u32 nr = 0;

	while ((at = memmem(at, end - at, what, len))) {
		at += len;
		nr++;
	}
	return nr;
}

TEST_F(acpi, devices)
{
	static const u8 s5[] = { 8, '_', 'S', '5', '_', 0x12, 7, 4, 10, 5 };
	static const u8 serial[] = { 0x0c, 0x41, 0xd0, 0x05, 0x01 };
	/* 16-bit decoding, 0x3f8 to 0x3f8, 8 ports; edge, high, exclusive: 4 */
	static const u8 com1[] = {
		0x47, 1, 0xf8, 3, 0xf8, 3, 1, 8, 0x89, 6, 0, 3, 1, 4, 0, 0, 0,
		0x79, 0,
	};
	static const u8 com2[] = {
		0x47, 1, 0xf8, 2, 0xf8, 2, 1, 8, 0x89, 6, 0, 3, 1, 3, 0, 0, 0,
		0x79, 0,
	};
	/* writable, 0x200 bytes, GSI 16 */
	u8 mmio[] = {
		0x86, 9, 0, 1, 0, 0, 0, 0xd0, 0, 2, 0, 0,
		0x89, 6, 0, 3, 1, 16, 0, 0, 0, 0x79, 0,
	};
	const u8 *d;
	u32 i;

	d = table_at(self->buf, self->len, le(find_table("FACP") + 140, 8));
	ASSERT_NE(d, NULL);
	EXPECT_EQ(count(d, s5, sizeof(s5)), 1);
	EXPECT_EQ(count(d, "ACPI0007", 9), kt_topology_cpus(&self->topo));
	EXPECT_EQ(count(d, serial, sizeof(serial)), 2);
	EXPECT_EQ(count(d, com1, sizeof(com1)), 1);
	EXPECT_EQ(count(d, com2, sizeof(com2)), 1);
	EXPECT_EQ(count(d, "LNRO0005", 9), self->opts.nr_mmio);
	for (i = 0; i <= self->opts.nr_mmio; i++) {
		mmio[5] = i << 4;
		mmio[17] = 16 + i;
		EXPECT_EQ(count(d, mmio, sizeof(mmio)),
			  i < self->opts.nr_mmio);
	}
}

/* Each byte less, and not one byte beyond, for the sanitizer to see. */
TEST_F(acpi, room)
{
	int step = self->len / 64 + 1, size;
	u8 *b;

	for (size = self->len; size >= 0; size -= size == self->len ? 1 : step) {
		b = malloc(size ? size : 1);
		ASSERT_NE(b, NULL);
		EXPECT_EQ(kt_acpi_build(&self->opts, GPA, b, size),
			  size == self->len ? self->len : -ENOSPC);
		free(b);
	}
}

static int iasl(const char *dir, const char *const argv[])
{
	struct kt_proc_opts po = KT_PROC_OPTS_INIT;
	char path[64];
	int ret;

	snprintf(path, sizeof(path), "%s/out", dir);
	po.stdout_fd = open(path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
	po.stderr_fd = po.stdout_fd;
	ret = kt_proc_run(argv, &po, IASL_MS, NULL);
	kt_close(&po.stdout_fd);
	return ret;
}

static bool have_iasl(void)
{
	static const char *const argv[] = { "iasl", "-v", NULL };
	struct kt_proc_opts po = KT_PROC_OPTS_INIT;
	bool have;

	po.stdout_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	po.stderr_fd = po.stdout_fd;
	have = !kt_proc_run(argv, &po, IASL_MS, NULL);
	kt_close(&po.stdout_fd);
	return have;
}

static bool contains(const char *path, const char *const words[])
{
	bool found = false;
	char *text;
	size_t len;
	u32 i;

	if (kt_read_file(path, TEXT_MAX, &text, &len))
		return true;
	for (i = 0; words[i]; i++)
		if (strcasestr(text, words[i])) {
			printf("# %s has \"%s\"\n", path, words[i]);
			found = true;
		}
	free(text);
	return found;
}

/* The table compiled back, but for its checksum and who made it. */
static bool same_table(const char *path, const u8 *t)
{
	size_t len;
	bool same;
	char *b;

	if (kt_read_file(path, TEXT_MAX, &b, &len))
		return false;
	same = len == le(t + 4, 4) && !memcmp(b, t, 9) &&
	       !memcmp(b + 10, t + 10, 28 - 10) &&
	       !memcmp(b + HEADER, t + HEADER, len - HEADER);
	free(b);
	return same;
}

/* True when iasl understands @t and has nothing to say about it. */
static bool iasl_agrees(const char *dir, const u8 *t)
{
	static const char *const said[] = {
		"error", "warning,", "warning ", "invalid", "unknown", "could not",
		NULL
	};
	static const char *const written[] = {
		"**** ", "invalid", "unknown", NULL
	};
	char aml[64], dsl[64], again[64], base[64], out[64];
	const char *const take_apart[] = { "iasl", "-d", aml, NULL };
	const char *const compile[] = {
		"iasl", "-va", "-vs", "-p", base, dsl, NULL
	};
	int fd, ret;

	snprintf(aml, sizeof(aml), "%s/%.4s.aml", dir, t);
	snprintf(dsl, sizeof(dsl), "%s/%.4s.dsl", dir, t);
	snprintf(base, sizeof(base), "%s/again", dir);
	snprintf(again, sizeof(again), "%s/again.aml", dir);
	snprintf(out, sizeof(out), "%s/out", dir);
	unlink(out);
	fd = open(aml, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	ret = kt_write_all(fd, t, le(t + 4, 4), KT_NO_DEADLINE);
	close(fd);
	if (ret || iasl(dir, take_apart) || contains(out, said) ||
	    contains(dsl, written))
		return false;
	unlink(out);
	if (iasl(dir, compile))
		return false;
	return same_table(again, t);
}

TEST_F(acpi, iasl)
{
	static const char *const names[] = {
		"FACP", "APIC", "SRAT", "SLIT", "HMAT",
	};
	char dir[] = "/tmp/kt-acpi-XXXXXX";
	const u8 *t;
	u32 i;

	if (!have_iasl())
		SKIP(return, "no iasl: install acpica-tools");
	ASSERT_NE(mkdtemp(dir), NULL);
	t = table_at(self->buf, self->len, le(find_table("FACP") + 140, 8));
	EXPECT_TRUE(iasl_agrees(dir, t));
	t = table_at(self->buf, self->len, le(self->buf + 24, 8));
	EXPECT_TRUE(iasl_agrees(dir, t));
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		t = find_table(names[i]);
		if (!t)
			continue;
		EXPECT_TRUE(iasl_agrees(dir, t))
			TH_LOG("%s", names[i]);
	}
	kt_remove_tree(dir);
}

TEST_HARNESS_MAIN
