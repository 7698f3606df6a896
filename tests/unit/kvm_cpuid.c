// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUID of exact topologies, read the way Linux 6.12 does: packages, dies,
 * cores and threads as arch/x86/kernel/cpu/topology*.c, caches as cacheinfo.c,
 * for Intel's processors and for three kinds of AMD's.
 */
#include <kselftest_harness.h>

#include "ktstr/engine/kvm/x86/cpuid.h"

#define MAX_ENTRIES	64
#define TSC_KHZ		2995200
#define LEAVES		4	/* L1d, L1i, L2, L3 */
#define SENTINEL	0x5a5a

enum maker { INTEL, AMD };

/* A struct kvm_cpuid2 with its entries, copied as a whole. */
struct table {
	u64 bytes[(sizeof(struct kvm_cpuid2) +
		   MAX_ENTRIES * sizeof(struct kvm_cpuid_entry2)) / 8];
};

/* What Linux makes of one CPU. */
struct seen {
	u32 apic_id;
	u32 package, die, core;
	u32 smt_shift;
	u32 llc;
	u32 cache_shift[LEAVES];
	u32 nshared[LEAVES];
};

FIXTURE(cpuid)
{
	struct kt_topology topo;
	struct table host;
	struct seen cpu[KT_MAX_CPUS];
	u32 cpus;
};

FIXTURE_VARIANT(cpuid)
{
	const char *topo;
	enum maker vendor;
	u32 signature;	/* leaf 1 EAX */
};

#define INTEL_SIG	0x000806f8
#define ZEN4		0x00a10f11	/* family 19h */
#define ZEN1		0x00800f12	/* family 17h, model 1 */
#define K8		0x00060fb1	/* family fh: QEMU's "max" */

#define ADD(name, t)							\
	FIXTURE_VARIANT_ADD(cpuid, intel_##name) {			\
		.topo = t, .vendor = INTEL, .signature = INTEL_SIG };	\
	FIXTURE_VARIANT_ADD(cpuid, zen4_##name) {			\
		.topo = t, .vendor = AMD, .signature = ZEN4 };		\
	FIXTURE_VARIANT_ADD(cpuid, zen1_##name) {			\
		.topo = t, .vendor = AMD, .signature = ZEN1 };		\
	FIXTURE_VARIANT_ADD(cpuid, k8_##name) {				\
		.topo = t, .vendor = AMD, .signature = K8 }

ADD(one, "1n1l1c1t");
ADD(small, "1n1l4c1t");
ADD(threads, "1n2l2c2t");
ADD(nodes, "2n4l4c1t");
ADD(more, "4n8l4c1t");
ADD(odd, "3n9l3c3t");
ADD(large, "4n4l63c1t");

static struct kvm_cpuid2 *of(struct table *t)
{
	return (struct kvm_cpuid2 *)t->bytes;
}

static void put(struct table *t, u32 function, u32 index, u32 flags, u32 eax,
		u32 ebx, u32 ecx, u32 edx)
{
	struct kvm_cpuid2 *c = of(t);

	c->entries[c->nent++] = (struct kvm_cpuid_entry2){
		.function = function, .index = index, .flags = flags,
		.eax = eax, .ebx = ebx, .ecx = ecx, .edx = edx,
	};
}

/* About what KVM says it supports; host topology where it lets it through. */
static void host_cpuid(struct table *t, enum maker vendor, u32 signature)
{
	const u32 idx = KVM_CPUID_FLAG_SIGNIFCANT_INDEX;
	u32 i;

	memset(t, 0, sizeof(*t));
	if (vendor == INTEL)
		put(t, 0, 0, 0, 0x16, 0x756e6547, 0x6c65746e, 0x49656e69);
	else
		put(t, 0, 0, 0, 0xd, 0x68747541, 0x444d4163, 0x69746e65);
	put(t, 1, 0, 0, signature, 0xaa200800, 0x00000001, 0x1fabfbff);
	for (i = 0; i < 5; i++)
		put(t, 4, i, idx, i < 4 ? 0xfc1fc163 : 0, 0x3ffffff, 0xfff, 0);
	put(t, 7, 0, idx, 1, 0x1, 0xffffffff, 0x3);
	put(t, 7, 1, idx, 0x10, 0, SENTINEL, 0);
	put(t, 0xb, 0, idx, 0, 0, 0, 0x77);
	put(t, 0xd, 0, idx, 7, 0x340, 0x340, 0);
	put(t, 0x1f, 0, idx, 0, 0, 0, 0x77);
	put(t, 0x40000000, 0, 0, 0x40000001, 0x4b4d564b, 0x564b4d56, 0x4d);
	put(t, 0x40000001, 0, 0, 0x01007efb, 0, 0, 0);
	put(t, 0x80000000, 0, 0, vendor == AMD ? 0x8000001a : 0x80000008,
	    0, 0, 0);
	put(t, 0x80000001, 0, 0, vendor == AMD ? signature : 0, 0,
	    0x121, 0x2c100800);
	put(t, 0x80000008, 0, 0, 0x3930, 0x1000, 0xf0ff, 0x1);
	if (vendor == AMD)
		put(t, 0x80000026, 0, idx, 1, 2, 0x100, 0x77);
}

/* The instruction, as KVM answers it. */
static struct kvm_cpuid_entry2 cpuid(const struct table *t, u32 function,
				     u32 index)
{
	const struct kvm_cpuid2 *c = (const void *)t->bytes;
	u32 i;

	for (i = 0; i < c->nent; i++) {
		const struct kvm_cpuid_entry2 *e = &c->entries[i];

		if (e->function == function &&
		    (e->index == index ||
		     !(e->flags & KVM_CPUID_FLAG_SIGNIFCANT_INDEX)))
			return *e;
	}
	return (struct kvm_cpuid_entry2){ 0 };
}

static u32 order(u32 n)
{
	u32 bits = 0;

	while (1u << bits < n)
		bits++;
	return bits;
}

/* topo_subleaf(): levels SMT 1, core 2, module 3, tile 4, die 5. */
static void parse_levels(const struct table *t, u32 leaf, struct seen *s,
			 u32 shift[6])
{
	struct kvm_cpuid_entry2 e;
	u32 index, type, up;

	for (index = 0; ; index++) {
		e = cpuid(t, leaf, index);
		type = e.ecx >> 8 & 0xff;
		if (!(e.ebx & 0xffff) || !type)
			return;
		s->apic_id = e.edx;
		for (up = type; up < 6; up++)
			shift[up] = e.eax & 0x1f;
	}
}

static void parse_topology(const struct table *t, struct seen *s)
{
	u32 shift[6] = { 0 };

	parse_levels(t, cpuid(t, 0, 0).eax >= 0x1f ? 0x1f : 0xb, s, shift);
	s->smt_shift = shift[1];
	s->package = s->apic_id >> shift[5];
	s->die = s->apic_id >> shift[4];
	s->core = (s->apic_id & ((1u << shift[5]) - 1)) >> shift[1];
}

static void parse_caches(const struct table *t, u32 leaf, struct seen *s)
{
	u32 i;

	for (i = 0; cpuid(t, leaf, i).eax & 0x1f; i++) {
		if (i >= LEAVES)
			return;
		s->nshared[i] = (cpuid(t, leaf, i).eax >> 14 & 0xfff) + 1;
		s->cache_shift[i] = order(s->nshared[i]);
	}
	if (i == LEAVES)
		s->llc = s->apic_id >> s->cache_shift[LEAVES - 1];
}

/* cacheinfo_amd_init_llc_id() */
static void parse_amd_llc(const struct table *t, struct seen *s)
{
	u32 eax = cpuid(t, 1, 0).eax;
	u32 family = (eax >> 8 & 0xf) + (eax >> 20 & 0xff);
	u32 model = (eax >> 4 & 0xf) | (eax >> 12 & 0xf0);

	if (!cpuid(t, 0x80000006, 0).edx)
		s->llc = s->package;
	else if (family < 0x17)
		s->llc = cpuid(t, 0x8000001e, 0).ecx & 0xff;
	else if (family == 0x17 && model <= 0x1f)
		s->llc = s->apic_id >> 3;
}

static void make(const struct table *host, const struct kt_topology *topo,
		 u32 cpu, struct table *t)
{
	*t = *host;
	if (kt_x86_cpuid(of(t), MAX_ENTRIES, topo, cpu, TSC_KHZ))
		abort();
}

static void look(const struct table *t, enum maker vendor, struct seen *s)
{
	memset(s, 0, sizeof(*s));
	parse_topology(t, s);
	parse_caches(t, vendor == AMD ? 0x8000001d : 4, s);
	if (vendor == AMD)
		parse_amd_llc(t, s);
}

FIXTURE_SETUP(cpuid)
{
	struct table t;
	char why[128];
	u32 i;

	ASSERT_EQ(kt_topology_parse(variant->topo, &self->topo, why,
				    sizeof(why)), 0);
	self->cpus = kt_topology_cpus(&self->topo);
	host_cpuid(&self->host, variant->vendor, variant->signature);
	for (i = 0; i < self->cpus; i++) {
		make(&self->host, &self->topo, i, &t);
		look(&t, variant->vendor, &self->cpu[i]);
	}
}

FIXTURE_TEARDOWN(cpuid) {}

/* What is asked for, from the CPU's number alone. */
static u32 thread_of(const struct kt_topology *t, u32 cpu)
{
	return cpu % t->threads;
}

static u32 core_of(const struct kt_topology *t, u32 cpu)
{
	return cpu / t->threads;
}

static u32 llc_of(const struct kt_topology *t, u32 cpu)
{
	return core_of(t, cpu) / t->cores;
}

static u32 node_of(const struct kt_topology *t, u32 cpu)
{
	return llc_of(t, cpu) / (t->llcs / t->nodes);
}

TEST_F(cpuid, apic_ids)
{
	u32 i;

	for (i = 0; i < self->cpus; i++) {
		EXPECT_EQ(self->cpu[i].apic_id, kt_x86_apic_id(&self->topo, i));
		EXPECT_EQ(kt_x86_node(&self->topo, i),
			  node_of(&self->topo, i));
		if (i)
			EXPECT_GT(self->cpu[i].apic_id,
				  self->cpu[i - 1].apic_id);
		EXPECT_EQ(self->cpu[i].apic_id &
			  ((1u << self->cpu[i].smt_shift) - 1),
			  thread_of(&self->topo, i));
	}
}

/* Linux groups by equal ids: so must the topology, pair by pair. */
TEST_F(cpuid, groups)
{
	const struct kt_topology *t = &self->topo;
	u32 i, j;

	for (i = 0; i < self->cpus; i++)
		for (j = 0; j < self->cpus; j++) {
			const struct seen *a = &self->cpu[i];
			const struct seen *b = &self->cpu[j];

			bool node = node_of(t, i) == node_of(t, j);
			bool llc = llc_of(t, i) == llc_of(t, j);
			bool core = core_of(t, i) == core_of(t, j);
			bool package = a->package == b->package;
			bool same_die = a->die == b->die;
			bool same_llc = a->llc == b->llc;

			if (package != node)
				ASSERT_EQ(i, j) TH_LOG("packages");
			if (llc != same_die)
				ASSERT_EQ(i, j) TH_LOG("dies");
			if (llc != same_llc)
				ASSERT_EQ(i, j) TH_LOG("LLCs");
			if (core != (package && a->core == b->core))
				ASSERT_EQ(i, j) TH_LOG("cores");
		}
}

/* __cache_cpumap_setup() and, AMD's, __cache_amd_cpumap_setup(). */
TEST_F(cpuid, caches)
{
	const struct kt_topology *t = &self->topo;
	u32 i, j, c;

	for (i = 0; i < self->cpus; i++)
		for (c = 0; c < LEAVES; c++) {
			const struct seen *a = &self->cpu[i];

			ASSERT_GT(a->nshared[c], 0);
			for (j = 0; j < self->cpus; j++) {
				u32 id = self->cpu[j].apic_id;
				bool same = c == 3 ?
					    llc_of(t, i) == llc_of(t, j) :
					    core_of(t, i) == core_of(t, j);

				if ((a->apic_id >> a->cache_shift[c] ==
				     id >> a->cache_shift[c]) != same)
					ASSERT_EQ(i, j) TH_LOG("cache %u", c);
				if ((a->apic_id / a->nshared[c] ==
				     id / a->nshared[c]) != same)
					ASSERT_EQ(i, j) TH_LOG("cache %u", c);
			}
		}
}

/* Kernels that know no leaf 0x1f: packages and threads are the same. */
TEST_F(cpuid, leaf_b)
{
	struct seen s = { 0 };
	u32 shift[6] = { 0 }, i;
	struct table t;

	for (i = 0; i < self->cpus; i++) {
		make(&self->host, &self->topo, i, &t);
		parse_levels(&t, 0xb, &s, shift);
		EXPECT_EQ(s.apic_id, self->cpu[i].apic_id);
		EXPECT_EQ(shift[1], self->cpu[i].smt_shift);
		EXPECT_EQ(s.apic_id >> shift[5], self->cpu[i].package);
		EXPECT_EQ(cpuid(&t, 0xb, 0).ebx, self->topo.threads);
		EXPECT_EQ(cpuid(&t, 0xb, 1).ebx, self->cpus / self->topo.nodes);
		EXPECT_EQ(cpuid(&t, 0xb, 2).ecx, 2);
		EXPECT_EQ(cpuid(&t, 0xb, 2).edx, s.apic_id);
	}
}

TEST_F(cpuid, features)
{
	u32 last = self->cpus - 1, package = self->cpus / self->topo.nodes;
	struct kvm_cpuid_entry2 f;
	struct table t;

	make(&self->host, &self->topo, last, &t);
	f = cpuid(&t, 1, 0);
	EXPECT_EQ(f.ebx >> 24, self->cpu[last].apic_id & 0xff);
	EXPECT_GE(f.ebx >> 16 & 0xff, package);
	EXPECT_EQ(f.ebx & 0xffff, 0x0800);
	EXPECT_TRUE(f.ecx & 1u << 21);
	EXPECT_TRUE(f.ecx & 1u << 24);
	EXPECT_TRUE(f.ecx & 1u << 31);
	EXPECT_TRUE(f.ecx & 1);
	EXPECT_EQ(!!(f.edx & 1u << 28), package > 1);
	/* no 5-level paging, the rest as it was */
	EXPECT_EQ(cpuid(&t, 7, 0).ecx, 0xfffeffff);
	EXPECT_EQ(cpuid(&t, 7, 1).ecx, SENTINEL);
	EXPECT_EQ(cpuid(&t, 0x80000008, 0).eax, 0x3030);
	EXPECT_EQ(cpuid(&t, 0x80000008, 0).ebx, 0x1000);
	EXPECT_EQ(cpuid(&t, 0xd, 0).ebx, 0x340);
	EXPECT_EQ(cpuid(&t, 0x40000001, 0).eax, 0x01007efb);
	EXPECT_EQ(cpuid(&t, 0, 0).eax, 0x1f);
}

TEST_F(cpuid, vendor)
{
	u32 package = self->cpus / self->topo.nodes;
	struct table t;

	make(&self->host, &self->topo, 0, &t);
	if (variant->vendor == INTEL) {
		EXPECT_EQ(cpuid(&t, 1, 0).eax, INTEL_SIG);
		EXPECT_EQ((u64)cpuid(&t, 0x15, 0).ecx *
			  cpuid(&t, 0x15, 0).ebx / cpuid(&t, 0x15, 0).eax,
			  TSC_KHZ * 1000ULL);
		EXPECT_EQ(cpuid(&t, 0x8000001d, 0).eax, 0);
		EXPECT_EQ(cpuid(&t, 4, LEAVES).eax, 0);
		return;
	}
	EXPECT_EQ(cpuid(&t, 4, 0).eax, 0);
	EXPECT_EQ(cpuid(&t, 0x15, 0).eax, 0);
	EXPECT_EQ(cpuid(&t, 0x80000000, 0).eax, 0x8000001e);
	EXPECT_TRUE(cpuid(&t, 0x80000001, 0).ecx & 1u << 22);
	EXPECT_EQ(!!(cpuid(&t, 0x80000001, 0).ecx & 2), package > 1);
	EXPECT_EQ(cpuid(&t, 0x80000001, 0).eax, cpuid(&t, 1, 0).eax);
	EXPECT_EQ(cpuid(&t, 0x80000008, 0).ecx & 0xff, package - 1);
	EXPECT_EQ(self->cpu[self->cpus - 1].apic_id >>
		  (cpuid(&t, 0x80000008, 0).ecx >> 12 & 0xf),
		  self->cpu[self->cpus - 1].package);
	EXPECT_EQ(cpuid(&t, 0x80000026, 0).eax, 0);
	/* one AMD node in a package, threads of a core */
	EXPECT_EQ(cpuid(&t, 0x8000001e, 0).ecx >> 8 & 7, 0);
	EXPECT_EQ(cpuid(&t, 0x8000001e, 0).ebx >> 8, self->topo.threads - 1);
	EXPECT_EQ(cpuid(&t, 0x8000001d, LEAVES).eax, 0);
	/* only a processor whose LLCs Linux guesses is called another */
	EXPECT_EQ(cpuid(&t, 1, 0).eax, variant->signature == ZEN1 ?
		  0x00830f12 : variant->signature);
}

/* What was made for one CPU can be made into that of another. */
TEST_F(cpuid, again)
{
	struct table once, twice;
	struct seen s;
	u32 i;

	make(&self->host, &self->topo, 0, &twice);
	for (i = 0; i < self->cpus; i++) {
		make(&self->host, &self->topo, i, &once);
		ASSERT_EQ(kt_x86_cpuid(of(&twice), MAX_ENTRIES, &self->topo, i,
				       TSC_KHZ), 0);
		EXPECT_EQ(of(&once)->nent, of(&twice)->nent);
		look(&twice, variant->vendor, &s);
		EXPECT_EQ(memcmp(&s, &self->cpu[i], sizeof(s)), 0);
	}
}

TEST_F(cpuid, room)
{
	struct table t;
	u32 need, max;

	make(&self->host, &self->topo, 0, &t);
	need = of(&t)->nent;
	for (max = of(&self->host)->nent; max <= need; max++) {
		t = self->host;
		EXPECT_EQ(kt_x86_cpuid(of(&t), max, &self->topo, 0, TSC_KHZ),
			  max < need ? -ENOSPC : 0);
		EXPECT_LE(of(&t)->nent, max);
	}
}

TEST(unknown_tsc_rate)
{
	struct kt_topology topo = { 1, 1, 1, 1 };
	struct table t;

	host_cpuid(&t, INTEL, INTEL_SIG);
	ASSERT_EQ(kt_x86_cpuid(of(&t), MAX_ENTRIES, &topo, 0, 0), 0);
	EXPECT_EQ(cpuid(&t, 0x15, 0).ebx, 0);
	host_cpuid(&t, INTEL, INTEL_SIG);
	ASSERT_EQ(kt_x86_cpuid(of(&t), MAX_ENTRIES, &topo, 0, 5000000), 0);
	EXPECT_EQ(cpuid(&t, 0x15, 0).ebx, 0);
}

TEST_HARNESS_MAIN
