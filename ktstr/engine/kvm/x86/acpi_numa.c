// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tables that tell nodes apart: SRAT (which CPU and which memory is in
 * which), SLIT (distances), HMAT (latency and bandwidth). A proximity domain
 * has the number of its node. A node may have memory and no CPU.
 */
#include "../../distance.h"
#include "acpi_table.h"

#define SRAT_REVISION		3
#define SLIT_REVISION		1
#define HMAT_REVISION		2

#define SRAT_CPU		0
#define SRAT_MEMORY		1
#define SRAT_X2APIC		2

#define HMAT_MEMORY		0
#define HMAT_LOCALITY		1
#define HMAT_INITIATOR_VALID	1
#define HMAT_ACCESS_LATENCY	0
#define HMAT_ACCESS_BANDWIDTH	3
#define PSEC_PER_NSEC		1000

struct srat_cpu {
	u8 type;
	u8 len;
	u8 node_low;
	u8 apic_id;
	__le32 flags;
	u8 sapic_eid;
	u8 node_high[3];
	__le32 clock_domain;
} __packed;

struct srat_x2apic {
	u8 type;
	u8 len;
	__le16 reserved;
	__le32 node;
	__le32 apic_id;
	__le32 flags;
	__le32 clock_domain;
	__le32 reserved2;
} __packed;

struct srat_memory {
	u8 type;
	u8 len;
	__le32 node;
	__le16 reserved;
	__le64 base;
	__le64 size;
	__le32 reserved2;
	__le32 flags;
	__le64 reserved3;
} __packed;

struct hmat_memory {
	__le16 type;
	__le16 reserved;
	__le32 len;
	__le16 flags;
	__le16 reserved2;
	__le32 initiator;
	__le32 node;
	u8 reserved3[20];
} __packed;

struct hmat_locality {
	__le16 type;
	__le16 reserved;
	__le32 len;
	u8 flags;
	u8 data_type;
	__le16 reserved2;
	__le32 nr_initiators;
	__le32 nr_targets;
	__le32 reserved3;
	__le64 base_unit;	/* picoseconds, or MB/s */
} __packed;

static void put_u8(struct kt_acpi_out *o, u8 v)
{
	kt_acpi_put(o, &v, sizeof(v));
}

static void put_u16(struct kt_acpi_out *o, u16 v)
{
	kt_acpi_put(o, &v, sizeof(v));
}

static void put_u32(struct kt_acpi_out *o, u32 v)
{
	kt_acpi_put(o, &v, sizeof(v));
}

static void put_u64(struct kt_acpi_out *o, u64 v)
{
	kt_acpi_put(o, &v, sizeof(v));
}

u32 kt_acpi_nodes(const struct kt_acpi_opts *opts)
{
	u32 nodes = opts->topo->nodes, i;

	for (i = 0; i < opts->nr_mem; i++)
		nodes = max(nodes, opts->mem[i].node + 1);
	return nodes;
}

static void put_srat_cpu(struct kt_acpi_out *o, u32 apic_id, u32 node)
{
	struct srat_cpu c = {
		.type = SRAT_CPU, .len = sizeof(c), .apic_id = apic_id,
		.node_low = node, .node_high = { node >> 8 },
		.flags = KT_ACPI_ENABLED,
	};
	struct srat_x2apic x = {
		.type = SRAT_X2APIC, .len = sizeof(x), .apic_id = apic_id,
		.node = node, .flags = KT_ACPI_ENABLED,
	};

	if (apic_id <= KT_ACPI_MAX_XAPIC_ID)
		kt_acpi_put(o, &c, sizeof(c));
	else
		kt_acpi_put(o, &x, sizeof(x));
}

size_t kt_acpi_put_srat(struct kt_acpi_out *o, const struct kt_acpi_opts *opts)
{
	size_t at = kt_acpi_begin(o, "SRAT", SRAT_REVISION);
	u32 cpus = kt_topology_cpus(opts->topo), i;

	put_u32(o, 1);		/* reserved */
	put_u64(o, 0);		/* reserved */
	for (i = 0; i < cpus; i++)
		put_srat_cpu(o, kt_x86_apic_id(opts->topo, i),
			     kt_x86_node(opts->topo, i));
	for (i = 0; i < opts->nr_mem; i++) {
		struct srat_memory m = {
			.type = SRAT_MEMORY, .len = sizeof(m),
			.node = opts->mem[i].node,
			.base = opts->mem[i].gpa,
			.size = opts->mem[i].size_bytes,
			.flags = KT_ACPI_ENABLED,
		};

		kt_acpi_put(o, &m, sizeof(m));
	}
	kt_acpi_end(o, at);
	return at;
}

size_t kt_acpi_put_slit(struct kt_acpi_out *o, const struct kt_acpi_opts *opts)
{
	size_t at = kt_acpi_begin(o, "SLIT", SLIT_REVISION);
	u32 nodes = kt_acpi_nodes(opts), i, j;

	put_u64(o, nodes);
	for (i = 0; i < nodes; i++)
		for (j = 0; j < nodes; j++)
			put_u8(o, i == j ? KT_LOCAL_DISTANCE :
			       KT_REMOTE_DISTANCE);
	kt_acpi_end(o, at);
	return at;
}

/* How @initiators nodes with CPUs reach the memory of each of @nodes. */
static void put_locality(struct kt_acpi_out *o, u32 initiators, u32 nodes,
			 u8 data_type, u64 base_unit, u16 local, u16 remote)
{
	struct hmat_locality l = {
		.type = HMAT_LOCALITY, .data_type = data_type,
		.len = sizeof(l) + sizeof(u32) * (initiators + nodes) +
		       sizeof(u16) * initiators * nodes,
		.nr_initiators = initiators, .nr_targets = nodes,
		.base_unit = base_unit,
	};
	u32 i, j;

	kt_acpi_put(o, &l, sizeof(l));
	for (i = 0; i < initiators; i++)
		put_u32(o, i);
	for (i = 0; i < nodes; i++)
		put_u32(o, i);
	for (i = 0; i < initiators; i++)
		for (j = 0; j < nodes; j++)
			put_u16(o, i == j ? local : remote);
}

size_t kt_acpi_put_hmat(struct kt_acpi_out *o, const struct kt_acpi_opts *opts)
{
	size_t at = kt_acpi_begin(o, "HMAT", HMAT_REVISION);
	u32 initiators = opts->topo->nodes, nodes = kt_acpi_nodes(opts), i;

	put_u32(o, 0);		/* reserved */
	for (i = 0; i < nodes; i++) {
		struct hmat_memory m = {
			.type = HMAT_MEMORY, .len = sizeof(m), .node = i,
		};

		if (i < initiators) {
			m.flags = HMAT_INITIATOR_VALID;
			m.initiator = i;
		}
		kt_acpi_put(o, &m, sizeof(m));
	}
	put_locality(o, initiators, nodes, HMAT_ACCESS_LATENCY, PSEC_PER_NSEC,
		     KT_LOCAL_NSEC, KT_REMOTE_NSEC);
	put_locality(o, initiators, nodes, HMAT_ACCESS_BANDWIDTH, 1,
		     KT_LOCAL_MBPS, KT_REMOTE_MBPS);
	kt_acpi_end(o, at);
	return at;
}
