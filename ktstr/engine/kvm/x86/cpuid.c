// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUID of an exact topology. An APIC id has a field of bits for the thread,
 * the core, the LLC and the package; all that is said about sharing follows
 * from their widths. Linux takes packages, dies, cores and threads from leaf
 * 0x1f on every vendor's processors, the caches from leaf 4 or, AMD's, from
 * 0x8000001d.
 */
#include <linux/bits.h>

#include "cpuid.h"

#define LEAF_VENDOR		0x0
#define LEAF_FEATURES		0x1
#define LEAF_CACHES		0x4
#define LEAF_EXT_FEATURES	0x7
#define LEAF_TOPOLOGY		0xb
#define LEAF_TSC		0x15
#define LEAF_TOPOLOGY_DIES	0x1f
#define LEAF_EXT		0x80000000
#define LEAF_AMD_FEATURES	0x80000001
#define LEAF_AMD_L2_L3		0x80000006
#define LEAF_SIZES		0x80000008
#define LEAF_AMD_CACHES		0x8000001d
#define LEAF_AMD_TOPOLOGY	0x8000001e
#define LEAF_AMD_EXT_TOPOLOGY	0x80000026

#define ECX1_X2APIC		BIT(21)
#define ECX1_TSC_DEADLINE	BIT(24)
#define ECX1_HYPERVISOR		BIT(31)
#define EDX1_HTT		BIT(28)
#define ECX7_LA57		BIT(16)
#define ECX_AMD_CMP_LEGACY	BIT(1)
#define ECX_AMD_TOPOEXT		BIT(22)

#define LEVEL_SMT		1
#define LEVEL_CORE		2
#define LEVEL_DIE		5

#define CACHE_DATA		1
#define CACHE_CODE		2
#define CACHE_UNIFIED		3
#define CACHE_SELF_INIT		BIT(8)
#define CACHE_LINE		64

#define LINEAR_BITS_4LEVEL	48

/* Where the fields of an APIC id end. */
struct shifts {
	u32 smt;
	u32 core;	/* threads and cores: what shares an LLC */
	u32 die;	/* and LLCs: a package */
};

struct edit {
	struct kvm_cpuid2 *cpuid;
	u32 max;
	const struct kt_topology *topo;
	struct shifts sh;
	u32 apic_id;
	int err;
};

static const struct {
	u8 level;
	u8 type;
	u16 ways;
	u32 sets;
} caches[] = {
	{ 1, CACHE_DATA, 8, 64 },		/* 32 KiB */
	{ 1, CACHE_CODE, 8, 64 },
	{ 2, CACHE_UNIFIED, 8, 1024 },		/* 512 KiB */
	{ 3, CACHE_UNIFIED, 16, 16384 },	/* 16 MiB */
};

/* How many bits tell @n things apart. */
static u32 order(u32 n)
{
	return n > 1 ? 32 - __builtin_clz(n - 1) : 0;
}

static struct shifts field_shifts(const struct kt_topology *t)
{
	struct shifts s;

	s.smt = order(t->threads);
	s.core = s.smt + order(t->cores);
	s.die = s.core + order(t->llcs / t->nodes);
	return s;
}

static u32 llc_of(const struct kt_topology *t, u32 cpu)
{
	return cpu / (t->cores * t->threads);
}

u32 kt_x86_node(const struct kt_topology *topo, u32 cpu)
{
	return llc_of(topo, cpu) / (topo->llcs / topo->nodes);
}

u32 kt_x86_apic_id(const struct kt_topology *topo, u32 cpu)
{
	struct shifts s = field_shifts(topo);
	u32 llcs = topo->llcs / topo->nodes;

	return kt_x86_node(topo, cpu) << s.die |
	       llc_of(topo, cpu) % llcs << s.core |
	       cpu / topo->threads % topo->cores << s.smt |
	       cpu % topo->threads;
}

static u32 package_cpus(const struct kt_topology *t)
{
	return kt_topology_cpus(t) / t->nodes;
}

static struct kvm_cpuid_entry2 *find(struct edit *e, u32 function)
{
	u32 i;

	for (i = 0; i < e->cpuid->nent; i++)
		if (e->cpuid->entries[i].function == function &&
		    !e->cpuid->entries[i].index)
			return &e->cpuid->entries[i];
	return NULL;
}

/* What is the host's own: its topology, caches and clock. */
static bool is_hosts(u32 function)
{
	switch (function) {
	case LEAF_CACHES:
	case LEAF_TOPOLOGY:
	case LEAF_TSC:
	case LEAF_TOPOLOGY_DIES:
	case LEAF_AMD_CACHES:
	case LEAF_AMD_TOPOLOGY:
	case LEAF_AMD_EXT_TOPOLOGY:
		return true;
	}
	return false;
}

static void drop_hosts(struct edit *e)
{
	struct kvm_cpuid_entry2 *entries = e->cpuid->entries;
	u32 i, kept = 0;

	for (i = 0; i < e->cpuid->nent; i++)
		if (!is_hosts(entries[i].function))
			entries[kept++] = entries[i];
	e->cpuid->nent = kept;
}

/* A new entry, all zero. Where there is no room it is one nobody sees. */
static struct kvm_cpuid_entry2 *add(struct edit *e, u32 function)
{
	static _Thread_local struct kvm_cpuid_entry2 nowhere;
	struct kvm_cpuid_entry2 *entry = &nowhere;

	if (e->cpuid->nent < e->max)
		entry = &e->cpuid->entries[e->cpuid->nent++];
	else
		e->err = -ENOSPC;
	memset(entry, 0, sizeof(*entry));
	entry->function = function;
	return entry;
}

static struct kvm_cpuid_entry2 *find_or_add(struct edit *e, u32 function)
{
	return find(e, function) ?: add(e, function);
}

static struct kvm_cpuid_entry2 *add_index(struct edit *e, u32 function,
					  u32 index)
{
	struct kvm_cpuid_entry2 *entry = add(e, function);

	entry->index = index;
	entry->flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX;
	return entry;
}

static void at_least(struct edit *e, u32 leaf, u32 highest)
{
	struct kvm_cpuid_entry2 *entry = find_or_add(e, leaf);

	entry->eax = max(entry->eax, highest);
}

/* "AuthenticAMD", or "HygonGenuine", whose leaves are the same. */
static bool is_amd(struct edit *e)
{
	const struct kvm_cpuid_entry2 *v = find(e, LEAF_VENDOR);

	return v && (v->ebx == 0x68747541 || v->ebx == 0x6f677948);
}

static bool is_intel(struct edit *e)
{
	const struct kvm_cpuid_entry2 *v = find(e, LEAF_VENDOR);

	return v && v->ebx == 0x756e6547;
}

/*
 * On AMD's 17h up to model 1fh Linux takes bit 3 of the APIC id and those above
 * for the LLC's number, whatever is said elsewhere. Model 31h is the next one
 * whose caches are described by CPUID.
 */
static u32 amd_signature(u32 eax)
{
	u32 family = (eax >> 8 & 0xf) + (eax >> 20 & 0xff);
	u32 model = (eax >> 4 & 0xf) | (eax >> 12 & 0xf0);

	if (family != 0x17 || model > 0x1f)
		return eax;
	return (eax & ~0x000f00f0) | 0x00030010;
}

static void set_features(struct edit *e, bool amd)
{
	struct kvm_cpuid_entry2 *f = find_or_add(e, LEAF_FEATURES);
	struct kvm_cpuid_entry2 *x = find(e, LEAF_EXT_FEATURES);
	u32 ids = min(1u << e->sh.die, 255u);

	if (amd)
		f->eax = amd_signature(f->eax);
	f->ebx = (f->ebx & 0xffff) | ids << 16 | e->apic_id << 24;
	f->ecx |= ECX1_X2APIC | ECX1_TSC_DEADLINE | ECX1_HYPERVISOR;
	f->edx &= ~EDX1_HTT;
	if (package_cpus(e->topo) > 1)
		f->edx |= EDX1_HTT;
	if (x)
		x->ecx &= ~ECX7_LA57;
}

/* One level; @cpus are those below the next one. */
static void add_level(struct edit *e, u32 leaf, u32 index, u32 type, u32 shift,
		      u32 cpus)
{
	struct kvm_cpuid_entry2 *entry = add_index(e, leaf, index);

	entry->eax = shift;
	entry->ebx = cpus;
	entry->ecx = type << 8 | index;
	entry->edx = e->apic_id;
}

static void set_topology(struct edit *e)
{
	const struct kt_topology *t = e->topo;
	u32 package = package_cpus(t);

	add_level(e, LEAF_TOPOLOGY, 0, LEVEL_SMT, e->sh.smt, t->threads);
	add_level(e, LEAF_TOPOLOGY, 1, LEVEL_CORE, e->sh.die, package);
	add_level(e, LEAF_TOPOLOGY, 2, 0, 0, 0);

	add_level(e, LEAF_TOPOLOGY_DIES, 0, LEVEL_SMT, e->sh.smt, t->threads);
	add_level(e, LEAF_TOPOLOGY_DIES, 1, LEVEL_CORE, e->sh.core,
		  t->cores * t->threads);
	add_level(e, LEAF_TOPOLOGY_DIES, 2, LEVEL_DIE, e->sh.die, package);
	add_level(e, LEAF_TOPOLOGY_DIES, 3, 0, 0, 0);

	at_least(e, LEAF_VENDOR, LEAF_TOPOLOGY_DIES);
}

/* Leaves 4 and 0x8000001d have the same form; @cores_eax only the first. */
static void set_caches(struct edit *e, u32 leaf, u32 cores_eax)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(caches); i++) {
		u32 shift = caches[i].level == 3 ? e->sh.core : e->sh.smt;
		struct kvm_cpuid_entry2 *c = add_index(e, leaf, i);

		c->eax = caches[i].type | caches[i].level << 5 |
			 CACHE_SELF_INIT | ((1u << shift) - 1) << 14 |
			 cores_eax;
		c->ebx = (caches[i].ways - 1) << 22 | (CACHE_LINE - 1);
		c->ecx = caches[i].sets - 1;
	}
	add_index(e, leaf, i);		/* no more */
}

static void set_intel(struct edit *e, u32 tsc_khz)
{
	u32 cores = min(1u << (e->sh.die - e->sh.smt), 64u);
	struct kvm_cpuid_entry2 *tsc;

	set_caches(e, LEAF_CACHES, (cores - 1) << 26);
	/* what is not known, or does not fit, is not said */
	if (!is_intel(e) || !tsc_khz || tsc_khz > UINT32_MAX / 1000)
		return;
	tsc = add(e, LEAF_TSC);
	tsc->eax = 1;
	tsc->ebx = 1;
	tsc->ecx = tsc_khz * 1000;
}

static u32 cache_kib(u32 i)
{
	return caches[i].ways * caches[i].sets * CACHE_LINE / 1024;
}

/* Linux looks for an L3 there before it looks which CPUs share it. */
static void set_amd_l2_l3(struct edit *e)
{
	struct kvm_cpuid_entry2 *c = find_or_add(e, LEAF_AMD_L2_L3);
	u32 lines = 1 << 8 | CACHE_LINE;

	/* associativity: 6 is 8 ways, 8 is 16 ways */
	c->ecx = cache_kib(2) << 16 | 6 << 12 | lines;
	c->edx = cache_kib(3) / 512 << 18 | 8 << 12 | lines;
}

static void set_amd_topology(struct edit *e)
{
	struct kvm_cpuid_entry2 *t = add(e, LEAF_AMD_TOPOLOGY);

	t->eax = e->apic_id;
	t->ebx = (e->topo->threads - 1) << 8 |
		 (((e->apic_id & ((1u << e->sh.die) - 1)) >> e->sh.smt) & 0xff);
	/*
	 * The number of an AMD "node", which before family 17h is that of the
	 * LLC for Linux; one in a package, or core ids were cut by it.
	 */
	t->ecx = (e->apic_id >> e->sh.core) & 0xff;
}

static void set_amd(struct edit *e)
{
	struct kvm_cpuid_entry2 *f = find_or_add(e, LEAF_AMD_FEATURES);
	u32 cpus = package_cpus(e->topo);

	f->eax = amd_signature(f->eax);
	f->ecx |= ECX_AMD_TOPOEXT;
	f->ecx &= ~ECX_AMD_CMP_LEGACY;
	if (cpus > 1)
		f->ecx |= ECX_AMD_CMP_LEGACY;
	find_or_add(e, LEAF_SIZES)->ecx = e->sh.die << 12 |
					  min(cpus - 1, 255u);
	set_caches(e, LEAF_AMD_CACHES, 0);
	set_amd_l2_l3(e);
	set_amd_topology(e);
	at_least(e, LEAF_EXT, LEAF_AMD_TOPOLOGY);
}

static void set_linear_bits(struct edit *e)
{
	struct kvm_cpuid_entry2 *s = find(e, LEAF_SIZES);

	if (s)
		s->eax = (s->eax & ~0xff00) | LINEAR_BITS_4LEVEL << 8;
}

int kt_x86_cpuid(struct kvm_cpuid2 *cpuid, u32 max,
		 const struct kt_topology *topo, u32 cpu, u32 tsc_khz)
{
	struct edit e = {
		.cpuid = cpuid, .max = max, .topo = topo,
		.sh = field_shifts(topo),
		.apic_id = kt_x86_apic_id(topo, cpu),
	};
	bool amd = is_amd(&e);

	drop_hosts(&e);
	set_features(&e, amd);
	set_topology(&e);
	if (amd)
		set_amd(&e);
	else
		set_intel(&e, tsc_khz);
	set_linear_bits(&e);
	return e.err;
}
