// SPDX-License-Identifier: GPL-2.0-only
/*
 * Saving a memory image. Most of a guest's pages were never written: they take
 * no room in the file.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "image.h"

#define PAGE_BYTES	4096

static bool is_zero(const u8 *page)
{
	return !page[0] && !memcmp(page, page + 1, PAGE_BYTES - 1);
}

static int write_at(int fd, const u8 *data, size_t len_bytes, off_t at)
{
	ssize_t n;

	while (len_bytes) {
		n = pwrite(fd, data, len_bytes, at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -ENOSPC;
		data += n;
		len_bytes -= n;
		at += n;
	}
	return 0;
}

/* Runs of pages that are not zero, each at once. */
static int write_region(int fd, const struct kt_region *r, off_t at)
{
	const u8 *data = r->hva;
	u64 from, end;
	int ret = 0;

	for (from = 0; !ret && from < r->size_bytes; from = end) {
		for (end = from; end < r->size_bytes && !is_zero(data + end);
		     end += PAGE_BYTES)
			;
		if (end > from)
			ret = write_at(fd, data + from, end - from, at + from);
		else
			end += PAGE_BYTES;
	}
	return ret;
}

static int write_memory(int fd, const struct kt_machine *m)
{
	off_t at = 0;
	int ret = 0;
	u32 i;

	for (i = 0; !ret && i < m->nr_regions; i++) {
		ret = write_region(fd, &m->regions[i], at);
		at += m->regions[i].size_bytes;
	}
	if (!ret && ftruncate(fd, at))
		ret = -errno;
	return ret;
}

static json_t *header(const struct kt_machine *m, const struct kt_subject *s,
		      const json_t *state)
{
	json_t *o = json_object(), *regions = json_array(), *r;
	u32 i;

	kt_json_set_u64(o, "format", KT_IMAGE_FORMAT);
	kt_json_set_text(o, "vmlinux", s->opts.vmlinux);
	kt_json_set_u64(o, "hz", s->opts.hz);
	kt_json_set_hex(o, "slide", s->kernel.slide);
	kt_json_set_hex(o, "phys_base", s->kernel.phys_base);
	for (i = 0; i < m->nr_regions; i++) {
		r = json_object();
		kt_json_set_hex(r, "gpa", m->regions[i].gpa);
		kt_json_set_u64(r, "bytes", m->regions[i].size_bytes);
		json_array_append_new(regions, r);
	}
	kt_json_set(o, "regions", regions);
	kt_json_set(o, "state", json_deep_copy(state));
	return o;
}

int kt_image_save(const char *path, const struct kt_machine *m,
		  const struct kt_subject *s, const json_t *state)
{
	char json_path[PATH_MAX];
	json_t *o;
	int fd, ret;

	if ((size_t)snprintf(json_path, sizeof(json_path), "%s.json", path) >=
	    sizeof(json_path))
		return kt_err(-ENAMETOOLONG, "%.80s...: too long a path", path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return kt_err(-errno, "%s: %s", path, strerror(errno));
	ret = write_memory(fd, m);
	close(fd);
	if (!ret) {
		o = header(m, s, state);
		ret = json_dump_file(o, json_path, JSON_INDENT(1)) ? -EIO : 0;
		json_decref(o);
	}
	return ret ? kt_err(ret, "%s: the memory's image cannot be written: %s",
			    path, strerror(-ret)) : 0;
}
