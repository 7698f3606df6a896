// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making the machine of a case.
 */
#include <stdio.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "../inspect/kernel.h"
#include "boot.h"
#include "identity.h"
#include "rerun.h"

#define QUIET_BOOT	"quiet"
#define VERBOSE_BOOT	"loglevel=7"
/* what comes of a Hold is for the CPU that has made the first ones */
#define HOLDS_BOOT	" irqaffinity=0 " KT_HOLD_ENV "=1"

static void find_apic_timer(const struct kt_session *s,
			    struct kt_apic_timer *at)
{
	const struct kt_symbol *measure, *period;

	if (!s->symbols)
		return;
	measure = kt_symbols_find(s->symbols, "setup_boot_APIC_clock");
	period = kt_symbols_find(s->symbols, "lapic_timer_period");
	if (!measure || !period)
		return;
	at->measure_kva = measure->link_kva;
	at->period_gpa = period->link_kva - KT_START_KERNEL_MAP;
}

void kt_boot_plan(const struct kt_session *s, const struct kt_case *c,
		  struct kt_machine_plan *mp, char *cmdline)
{
	const struct kt_options *o = s->options;

	/* too long a line is the engine's to refuse: it fills the buffer */
	snprintf(cmdline, KT_CMDLINE_MAX, "%s%s%s%s",
		 o->verbose ? VERBOSE_BOOT : QUIET_BOOT,
		 c->icount.on ? HOLDS_BOOT : "",
		 o->append ? " " : "", o->append ? o->append : "");
	memset(mp, 0, sizeof(*mp));
	mp->topo = c->topo;
	mp->memory_mib = c->memory_mib;
	mp->kernel = c->kaslr ? s->kernel.bzimage : s->kernel.boot;
	mp->kaslr = c->kaslr;
	mp->icount = c->icount;
	mp->stops = c->icount.on;
	mp->host_cpu = c->icount.on ? &c->host_cpu : NULL;
	mp->nested = c->test->nested;
	mp->performance = c->performance;
	mp->hz = s->kernel.hz;
	if (!c->kaslr)
		find_apic_timer(s, &mp->apic_timer);
	mp->initrd_fd = -1;
	mp->cmdline = cmdline;
	mp->disks = c->disks.disks;
	mp->nr_disks = c->disks.nr;
}

static struct kt_initramfs_extra extra_of(const struct kt_case *c)
{
	return (struct kt_initramfs_extra){
		.sched = *c->sched ? c->sched : NULL,
		.scheds = c->scheds,
		.files = (const char *const *)c->files,
	};
}

static int find_template(const struct kt_session *s, const struct kt_case *c,
			 struct kt_template *t)
{
	struct kt_initramfs_extra extra = extra_of(c);
	const char *refusal = kt_template_refusal(s, c);
	char cmdline[KT_CMDLINE_MAX];
	struct kt_machine_plan mp;
	u64 identity;
	int ret;

	if (refusal) {
		if (*refusal)
			fprintf(t->out, "boots without a template: %s\n",
				refusal);
		return 0;
	}
	ret = kt_initramfs_identify(s->base, &extra, &identity);
	if (ret)
		return ret;
	kt_boot_plan(s, c, &mp, cmdline);
	kt_template_find(t, s, &mp, identity, &c->disks);
	return 0;
}

static int build_initrd(const struct kt_session *s, const struct kt_case *c,
			struct kt_boot *b)
{
	struct kt_initramfs_extra extra = extra_of(c);
	u64 len_bytes;

	if (b->initrd_fd >= 0)
		return 0;
	return kt_initramfs_build(s->base, &extra, &b->initrd_fd, &len_bytes);
}

int kt_boot_prepare(const struct kt_session *s, const struct kt_case *c,
		    struct kt_boot *b, FILE *out)
{
	int ret;

	b->initrd_fd = -1;
	kt_template_init(&b->template, out);
	ret = find_template(s, c, &b->template);
	if (!ret && !b->template.loaded)
		ret = build_initrd(s, c, b);
	return ret;
}

void kt_boot_fini(struct kt_boot *b)
{
	kt_template_fini(&b->template);
	kt_close(&b->initrd_fd);
}

/* A machine from a template boots nothing: the hashes are in the file. */
static int hash_booted(const struct kt_boot *b, const struct kt_machine_plan *mp,
		       struct kt_identity_files *files)
{
	int ret;

	if (b->template.loaded) {
		*files = b->template.image.head.booted;
		return 0;
	}
	ret = kt_identity_hash_file(mp->kernel, &files->kernel);
	return ret ? ret : kt_identity_hash_fd(b->initrd_fd, "initramfs",
					       &files->initramfs);
}

static int record_identity(const struct kt_session *s, struct kt_case *c,
			   const struct kt_record *rec, struct kt_boot *b,
			   const struct kt_machine_plan *mp)
{
	u8 plan[KT_PLAN_MAX_BYTES];
	struct kt_identity_parts parts = {
		.engine = s->engine,
		.engine_version = s->caps.version,
		.kernel = &s->kernel,
		.mp = mp,
		.plan = plan,
		.events_kib = c->plan.events_kib,
	};
	struct kt_plan untraced = c->plan;
	struct kt_identity id;
	int ret;

	if (!c->icount.on)
		return 0;
	ret = hash_booted(b, mp, &b->template.booted);
	if (ret)
		return ret;
	parts.files = b->template.booted;
	untraced.events_kib = 0;
	ret = kt_plan_encode(&untraced, plan, sizeof(plan));
	if (ret < 0)
		return kt_err(ret, "the plan of %s cannot be encoded",
			      c->test->name);
	parts.plan_bytes = ret;
	ret = kt_identity_make(&id, &parts);
	if (ret)
		return ret;
	c->identity = id.hash;
	kt_record_text(rec, KT_RERUN_IDENTITY, id.text);
	kt_identity_fini(&id);
	return 0;
}

static int start_saved(const struct kt_session *s, struct kt_boot *b,
		       struct kt_machine_plan *mp, struct kt_machine **m)
{
	struct kt_template *t = &b->template;
	int ret;

	mp->saved = &t->image.saved;
	ret = s->engine->create(mp, m);
	mp->saved = NULL;
	t->started = !ret;
	if (ret) {
		kt_template_discard(t, "no machine starts from it", ret);
		return ret;
	}
	kt_template_trust(t);
	fprintf(t->out, "from template %s\n", t->name);
	return 0;
}

int kt_boot_machine(const struct kt_session *s, struct kt_case *c,
		    const struct kt_record *rec, struct kt_boot *b,
		    struct kt_machine **m)
{
	char cmdline[KT_CMDLINE_MAX];
	struct kt_machine_plan mp;
	int ret;

	kt_boot_plan(s, c, &mp, cmdline);
	if (b->template.loaded) {
		ret = record_identity(s, c, rec, b, &mp);
		if (ret || !start_saved(s, b, &mp, m))
			return ret;
	}
	ret = build_initrd(s, c, b);
	if (!ret)
		ret = record_identity(s, c, rec, b, &mp);
	mp.initrd_fd = b->initrd_fd;
	return ret ? ret : s->engine->create(&mp, m);
}
