// SPDX-License-Identifier: GPL-2.0-only
/*
 * The box is one page that stays where it is, as far as the kernel allows: its
 * physical address is looked up each time but the second, and the host touches
 * only a page that begins as the box does.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "hold.h"

#define PAGE_BYTES	4096u
#define PRESENT		0x8000000000000000ULL	/* in /proc/PID/pagemap */
#define PFN_MASK	((1ULL << 55) - 1)

static_assert(sizeof(struct kt_hold_box) == PAGE_BYTES, "a page");

void kt_hold_init(struct kt_port *port)
{
	void *box;

	if (!port->stamps)
		return;
	/* no page fault on the way to the Plan: all of this process is there, */
	if (!mlockall(MCL_CURRENT))
		munlockall();
	/* and room for its bytes */
	kt_assembler_reserve(&port->in, KT_HOLD_BOX_BYTES);
	box = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE |
		   MAP_ANONYMOUS | MAP_POPULATE | MAP_LOCKED, -1, 0);
	if (box == MAP_FAILED)
		kt_warn("no page for the host's answers: %m");
	else
		port->box = box;
	port->hold_padding = kt_hold_padding_crc();
}

/* 0: it is not known. */
static u64 gpa_of(const void *page)
{
	u64 entry = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	off_t at = (uintptr_t)page / PAGE_BYTES * sizeof(entry);

	if (fd < 0 || pread(fd, &entry, sizeof(entry), at) != sizeof(entry) ||
	    !(entry & PRESENT))
		entry = 0;
	kt_close(&fd);
	return (entry & PFN_MASK) * PAGE_BYTES;
}

/* Whether there is more to come. */
static bool take_answers(struct kt_port *port)
{
	struct kt_hold_box *box = port->box;
	u32 len_bytes = le32_to_cpu(box->len_bytes);

	kt_assembler_feed(&port->in, box->data,
			  min_t(u32, len_bytes, sizeof(box->data)));
	return box->more;
}

void kt_port_hold(struct kt_port *port)
{
	static u8 payload[KT_HOLD_BYTES];
	struct kt_hold hold = {};
	bool more = true;

	while (more && port->stamps && !port->dead) {
		hold.seq = ++port->holds;
		if (port->box) {
			port->box->magic = cpu_to_le64(KT_HOLD_BOX_MAGIC);
			port->box->seq = cpu_to_le64(hold.seq);
			port->box->len_bytes = 0;
			port->box->more = 0;
			/* that one comes right behind the first, see init.c */
			if (hold.seq != 2)
				port->box_gpa = gpa_of(port->box);
			hold.box_gpa = port->box_gpa;
		}
		if (kt_hold_encode(&hold, payload, sizeof(payload)) < 0 ||
		    kt_port_send_crc(port, KT_TAG_HOLD, payload, sizeof(payload),
				     kt_hold_crc(payload, port->hold_padding)))
			return;
		more = port->box && take_answers(port);
	}
	/* where its engine looks whether the host has changed the stops */
	if (port->stamps)
		getppid();
}

bool kt_hold_wanted(u32 tag, const void *payload, size_t len_bytes)
{
	struct kt_kernel_op_req op;

	/* what follows belongs to the same call */
	if (tag == KT_TAG_KERNEL_OP_REQ)
		return kt_kernel_op_req_decode(&op, payload, len_bytes) ||
		       !op.more;
	return tag == KT_TAG_SNAPSHOT_REQ || tag == KT_TAG_SCENARIO_END;
}
