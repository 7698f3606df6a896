// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finding a Hold that has begun, and the box of its machine.
 */
#include "hold.h"

static void set(struct kt_coord_hold *h, bool begun)
{
	h->begun = begun;
	h->stands = begun;
}

void kt_coord_hold_look(struct kt_coord_hold *h, const struct kt_assembler *a)
{
	const void *rest;
	size_t len = kt_assembler_residue(a, &rest);

	if (!h->begun && kt_hold_begun(&h->at, rest, len))
		set(h, true);
}

void kt_coord_hold_over(struct kt_coord_hold *h)
{
	set(h, false);
}

/* NULL unless it is that of this Hold. */
static struct kt_hold_box *box_of(const struct kt_coord_hold *h,
				  const struct kt_machine *m)
{
	const struct kt_guest_mem mem = { m->regions, m->nr_regions };
	struct kt_hold_box *box = NULL;

	if (h->at.box_gpa && h->at.box_gpa % KT_HOLD_BOX_BYTES == 0)
		box = kt_guest_mem_ptr(&mem, h->at.box_gpa, sizeof(*box));
	if (box && (box->magic != cpu_to_le64(KT_HOLD_BOX_MAGIC) ||
		    box->seq != cpu_to_le64(h->at.seq)))
		box = NULL;
	return box;
}

bool kt_coord_hold_end(struct kt_coord_hold *h, const struct kt_machine *m,
		       struct kt_outbox *o)
{
	struct kt_hold_box *box = box_of(h, m);
	size_t len = o->tail - o->head;

	h->stands = false;
	h->more = false;
	if (!len || !box)
		return !len;
	len = min(len, sizeof(box->data));
	memcpy(box->data, o->buf + o->head, len);
	o->head += len;
	h->more = !kt_outbox_empty(o);
	box->len_bytes = cpu_to_le32(len);
	box->more = cpu_to_le32(h->more);
	return true;
}
