/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A frozen machine's memory in a file, with all it takes to look into it
 * again without the machine, and with what was seen of it then.
 */
#ifndef KTSTR_COORD_IMAGE_H
#define KTSTR_COORD_IMAGE_H

#include "subject.h"

#define KT_IMAGE_FORMAT	1

/*
 * Writes the regions of @m one behind another to @path, with holes for pages
 * of zeroes, and to @path.json an object: "format", "vmlinux", "hz", "slide",
 * "phys_base", "regions" ({ "gpa", "bytes" } each) and "state", which is
 * @state. -errno, reported.
 */
int kt_image_save(const char *path, const struct kt_machine *m,
		  const struct kt_subject *s, const json_t *state);

#endif /* KTSTR_COORD_IMAGE_H */
