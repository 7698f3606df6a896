// SPDX-License-Identifier: GPL-2.0-only
/*
 * When a machine starts from a template, when it becomes one, and when neither.
 * The first machine of a key boots, is saved at SysRdy, and goes on as that of
 * its case: what it costs is a twentieth of what it spares the next.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/fnv.h"
#include "../base/log.h"
#include "template.h"

/* of the host's clock, against that of the host it was made on: 1 in this */
#define CLOCK_PART	200
#define ANSWER_PART	8	/* of the time to boot: for the first answer */

const char *kt_template_refusal(const struct kt_session *s,
				const struct kt_case *c)
{
	if (s->options->cold)
		return "";
	if (!s->engine->save || !s->engine->describe)
		return "this engine makes no templates";
	if (c->chased)
		return "it is to stop at times that are counted from its boot on";
	if (c->kaslr)
		return "with KASLR each machine is to have its own addresses";
	if (c->performance)
		return "a template's memory is not that of performance mode";
	if (c->test->nested)
		return "machines that run machines are not saved";
	if (kt_disks_shared(&c->disks))
		return "a shared disk may be another one by the time a machine starts";
	return NULL;
}

void kt_template_init(struct kt_template *t, FILE *out)
{
	memset(t, 0, sizeof(*t));
	t->out = out;
	t->image.saved.state_fd = -1;
	t->image.saved.memory_fd = -1;
	kt_strbuf_init(&t->key, KT_TEMPLATE_KEY_MAX);
}

void kt_template_fini(struct kt_template *t)
{
	kt_template_image_fini(&t->image);
	kt_strbuf_fini(&t->key);
}

void kt_template_discard(struct kt_template *t, const char *what, int ret)
{
	kt_warn("template %s: %s%s%s: it is removed, and the machine boots",
		t->name, what, ret ? ": " : "", ret ? strerror(-ret) : "");
	kt_template_cache_remove(t->name);
	kt_template_image_fini(&t->image);
	t->loaded = false;
	t->started = false;
	t->wanted = false;
}

/* Which one of the host's this is; 0: it does not tell. */
static u64 this_boot(void)
{
	char id[64];

	if (kt_read_line("/proc/sys/kernel/random/boot_id", id, sizeof(id)))
		return 0;
	return kt_fnv64_str(KT_FNV64_INIT, id);
}

/* It is whole; whether it is the one, and fits this host. */
static const char *mismatch(const struct kt_template *t)
{
	const struct kt_template_head *h = &t->image.head;
	u32 khz = kt_engine_tsc_khz();

	if (h->key_bytes != t->key.len_bytes ||
	    memcmp(t->image.key, kt_strbuf_str(&t->key), h->key_bytes))
		return "it is of another kernel, program, topology, engine or version";
	if (max(khz, h->tsc_khz) - min(khz, h->tsc_khz) > khz / CLOCK_PART)
		return "it was made while this host's clock had another rate";
	return NULL;
}

static void load(struct kt_template *t)
{
	char why[128];
	int fd, ret;

	ret = kt_template_cache_open(t->name, &fd);
	if (ret == -ENOENT)
		return;
	if (ret) {
		kt_warn("template %s cannot be opened: %s: the machine boots",
			t->name, strerror(-ret));
		t->wanted = false;
		return;
	}
	if (kt_template_file_read(&t->image, fd, why, sizeof(why)))
		kt_template_discard(t, why, 0);
	else if (mismatch(t))
		kt_template_discard(t, mismatch(t), 0);
	else
		t->loaded = true;
	t->image.saved.trusted = t->image.head.boot &&
				 t->image.head.boot == this_boot();
}

void kt_template_trust(struct kt_template *t)
{
	struct kt_saved *saved = &t->image.saved;
	char path[64];
	int fd;

	if (saved->trusted)
		return;
	/* this very file, whatever has that name by now */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", saved->memory_fd);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	t->image.head.boot = this_boot();
	if (fd >= 0)
		kt_template_head_write(fd, &t->image.head);
	kt_close(&fd);
	saved->trusted = true;
}

void kt_template_find(struct kt_template *t, const struct kt_session *s,
		      const struct kt_machine_plan *mp, u64 initramfs,
		      const struct kt_disks *disks)
{
	int ret = kt_template_key(s, mp, initramfs, disks, &t->key);

	if (ret) {
		kt_warn("no template for this machine: %s", strerror(-ret));
		return;
	}
	snprintf(t->name, sizeof(t->name), "%016llx", (unsigned long long)
		 kt_fnv64_str(KT_FNV64_INIT, kt_strbuf_str(&t->key)));
	t->wanted = true;
	load(t);
}

static u64 memory_bytes(const struct kt_machine *m)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < m->nr_regions; i++)
		sum += m->regions[i].size_bytes;
	return sum;
}

/* The machine stands still meanwhile. */
static int write_draft(struct kt_template *t, struct kt_machine *m, int fd,
		       const void *early, size_t early_bytes)
{
	struct kt_template_image image = {
		.head = {
			.key_bytes = t->key.len_bytes,
			.early_bytes = early_bytes,
			.memory_bytes = memory_bytes(m),
			.tsc_khz = kt_engine_tsc_khz(),
			.boot = this_boot(),
			.booted = t->booted,
		},
		.key = t->key.str,
		.early = (u8 *)early,
		.saved = {
			.memory_fd = fd,
			.memory_at = KT_TEMPLATE_MEMORY_AT,
		},
	};
	int ret;

	image.saved.state_fd = memfd_create("ktstr-state", MFD_CLOEXEC);
	if (image.saved.state_fd < 0)
		return -errno;
	ret = m->ops->save(m, &image.saved);
	if (!ret)
		ret = kt_template_file_write(fd, &image);
	kt_close(&image.saved.state_fd);
	return ret;
}

/* Then the next machine's disks are not the same. */
static bool wrote_to_disks(const struct kt_machine *m)
{
	struct kt_block_counters c;
	u32 i;

	for (i = 0; i < m->nr_disks; i++) {
		kt_block_counters(m->disks[i], &c);
		if (c.writes)
			return true;
	}
	return false;
}

static void save(void *arg, struct kt_machine *m, const void *early,
		 size_t early_bytes)
{
	struct kt_template_draft draft;
	struct kt_template *t = arg;
	int ret;

	ret = kt_template_cache_begin(t->name, &draft);
	if (ret == -EBUSY || ret == -EEXIST)
		return;
	if (!ret && wrote_to_disks(m))
		ret = -EBUSY;
	else if (!ret)
		ret = write_draft(t, m, draft.fd, early, early_bytes);
	if (!ret)
		ret = kt_template_cache_commit(&draft);
	else
		kt_template_cache_abandon(&draft);
	if (ret)
		kt_warn("this machine is not saved as a template: %s",
			strerror(-ret));
	else
		fprintf(t->out, "saved as template %s\n", t->name);
}

void kt_template_coord(struct kt_template *t, struct kt_coord_opts *opts)
{
	opts->early = NULL;
	opts->early_bytes = 0;
	opts->at_ready = NULL;
	if (t->started) {
		opts->early = t->image.early;
		opts->early_bytes = t->image.head.early_bytes;
		opts->answer_budget_ns = opts->boot_budget_ns / ANSWER_PART;
	} else if (t->wanted) {
		opts->at_ready = save;
		opts->at_ready_arg = t;
	}
}
