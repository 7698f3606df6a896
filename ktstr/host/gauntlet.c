// SPDX-License-Identifier: GPL-2.0-only
/*
 * Enumerating the gauntlet. A cell's test is a copy of the case as if it had
 * declared that topology and those flags: nothing that runs it knows more.
 */
#include "../base/log.h"
#include "../base/near.h"
#include "../base/presets.h"
#include "declared.h"
#include "gauntlet.h"
#include "profiles.h"

#define NAMES_MAX	4096
#define WHY_MAX		256

struct gauntlet {
	struct kt_selection *sel;
	const struct kt_options *o;
	const struct kt_session *sessions;
	u32 nr_sessions;
	FILE *left_out;
	struct kt_strv profiles;	/* names of all valid ones that were seen */
};

/* The flag profiles that are to be run of a case. */
struct profiles {
	u32 v[1u << KTSTR_MAX_FLAGS];
	u32 nr;
};

struct own_test {
	struct ktstr_test test;
	const char *flags[KTSTR_MAX_FLAGS + 1];
};

static bool is_among(const struct kt_strv *names, const char *name)
{
	u32 i;

	for (i = 0; i < names->nr; i++)
		if (!strcmp(names->v[i], name))
			return true;
	return false;
}

/* No name chooses all. */
static bool is_chosen(const struct kt_strv *names, const char *name)
{
	return !names->nr || is_among(names, name);
}

static void leave_out(const struct gauntlet *g, const struct ktstr_test *t,
		      const char *preset, const char *profile, const char *why)
{
	if (g->left_out)
		fprintf(g->left_out, "# left out: %s/%s/%s: %s\n", t->name,
			preset, profile, why);
}

/* Under another scheduler the flags of the case's own are not known. */
static const struct ktstr_sched *sched_of(const struct gauntlet *g,
					  const struct ktstr_test *t)
{
	return g->o->scheduler ? NULL : t->sched;
}

static void choose_profiles(struct gauntlet *g, const struct ktstr_test *t,
			    struct profiles *chosen)
{
	const struct ktstr_sched *sched = sched_of(g, t);
	const struct ktstr_test any = { .sched = sched };
	char name[KT_PROFILE_STR], why[WHY_MAX];
	u32 i;

	chosen->nr = 0;
	for (i = 0; i < kt_profiles_nr(sched); i++) {
		kt_profile_name(sched, i, name, sizeof(name));
		if (kt_profile_fits(&any, i, why, sizeof(why)) &&
		    !is_among(&g->profiles, name))
			kt_strv_add(&g->profiles, name);
		if (!is_chosen(&g->o->profiles, name))
			continue;
		if (sched && !kt_profile_fits(t, i, why, sizeof(why)))
			leave_out(g, t, "*", name, why);
		else
			chosen->v[chosen->nr++] = i;
	}
}

static struct own_test *make_test(const struct gauntlet *g,
				  const struct ktstr_test *t,
				  const struct kt_preset *preset,
				  const struct kt_topology *topo, u32 profile)
{
	const struct ktstr_flag *f = t->sched ? t->sched->flags : NULL;
	struct own_test *own = calloc(1, sizeof(*own));
	u32 i, nr = 0;

	if (!own)
		return NULL;
	own->test = *t;
	own->test.topology = preset->topology;
	/* meant for the case's own topology: what a larger one takes is more */
	own->test.memory_mib = 0;
	own->test.memory_mib = max(t->memory_mib,
				   kt_case_memory_mib(&own->test, topo));
	if (!sched_of(g, t))
		return own;
	for (i = 0; f && f[i].name; i++)
		if (profile & (1u << i))
			own->flags[nr++] = f[i].name;
	own->test.flags = own->flags;
	return own;
}

static int add_cell(struct gauntlet *g, const struct ktstr_test *t,
		    const struct kt_preset *preset,
		    const struct kt_topology *topo, u32 profile,
		    const struct kt_session *s)
{
	struct kt_cell cell = { .session = s };
	char name[KT_PROFILE_STR];
	struct own_test *own;

	kt_profile_name(sched_of(g, t), profile, name, sizeof(name));
	if (asprintf(&cell.pattern, "%s/%s/%s", t->name, preset->name,
		     name) < 0)
		cell.pattern = NULL;
	if (asprintf(&cell.name, "%s/%s/%s%s%s", t->name, preset->name, name,
		     s->label ? "/" : "", s->label ? s->label : "") < 0)
		cell.name = NULL;
	if (cell.name && !kt_options_match_cell(g->o, cell.name)) {
		free(cell.name);
		free(cell.pattern);
		return 0;
	}
	own = make_test(g, t, preset, topo, profile);
	cell.own = own;
	cell.test = own ? &own->test : NULL;
	return kt_selection_add_cell(g->sel, &cell);
}

static int add_preset(struct gauntlet *g, const struct ktstr_test *t,
		      const struct kt_preset *preset,
		      const struct profiles *profiles)
{
	struct kt_topology topo;
	char why[WHY_MAX];
	u32 i, k;
	int ret;

	ret = kt_topology_parse(preset->topology, &topo, why, sizeof(why));
	if (ret)
		return kt_err(ret, "preset %s: %s", preset->name, why);
	if (kt_declared_lacks(t, &topo, why, sizeof(why))) {
		leave_out(g, t, preset->name, "*", why);
		return 0;
	}
	for (i = 0; i < profiles->nr; i++)
		for (k = 0; !ret && k < g->nr_sessions; k++)
			ret = add_cell(g, t, preset, &topo, profiles->v[i],
				       &g->sessions[k]);
	return ret;
}

static int add_case(struct gauntlet *g, const struct ktstr_test *t)
{
	const struct kt_preset *preset;
	struct profiles profiles;
	u32 before = g->sel->nr;
	int ret = 0;

	if (!kt_options_match_case(g->o, t->name))
		return 0;
	choose_profiles(g, t, &profiles);
	for (preset = kt_presets; !ret && preset->name; preset++)
		if (is_chosen(&g->o->presets, preset->name))
			ret = add_preset(g, t, preset, &profiles);
	/* named as a whole it has a result, even if nothing of it is left */
	if (!ret && (g->sel->nr > before || kt_options_match(g->o, t->name)))
		ret = kt_selection_group(g->sel, t->name, g->sel->nr - before);
	return ret;
}

/* Whether each profile that was asked for is one of some scheduler. */
static int check_profiles(const struct gauntlet *g)
{
	const struct kt_strv *asked = &g->o->profiles;
	struct kt_name_list *names = calloc(1, sizeof(*names));
	struct kt_strbuf there;
	u32 i;
	int ret = names ? 0 : -ENOMEM;

	for (i = 0; !ret && i < g->profiles.nr; i++)
		kt_name_list_add(names, g->profiles.v[i]);
	for (i = 0; !ret && i < asked->nr; i++) {
		if (is_among(&g->profiles, asked->v[i]))
			continue;
		kt_strbuf_init(&there, NAMES_MAX);
		kt_name_list_text(names, asked->v[i], &there);
		ret = kt_err(-ENOENT, "--profile \"%s\": the schedulers of these cases have %s",
			     asked->v[i], kt_strbuf_str(&there));
		kt_strbuf_fini(&there);
	}
	free(names);
	return ret;
}

int kt_gauntlet_cells(struct kt_selection *sel, const struct kt_options *o,
		      const struct kt_session *s, u32 nr, FILE *left_out)
{
	struct gauntlet g = {
		.sel = sel,
		.o = o,
		.sessions = s,
		.nr_sessions = nr,
		.left_out = left_out,
	};
	u32 i;
	int ret = 0;

	for (i = 0; !ret && i < kt_cases_count(); i++)
		ret = add_case(&g, kt_cases_get(i));
	if (!ret && !sel->nr_groups)
		ret = kt_err(-ENOENT,
			     "nothing of the gauntlet matches \"%s\"; --gauntlet --list shows what there is",
			     o->patterns[0]);
	if (!ret)
		ret = check_profiles(&g);
	kt_strv_fini(&g.profiles);
	return ret;
}

/* The last part of @spec, made of what a name in KTAP may have. */
static void label_of(const char *spec, char *label, size_t size)
{
	size_t len = strlen(spec);
	const char *from;

	while (len && spec[len - 1] == '/')
		len--;
	for (from = spec + len; from > spec && from[-1] != '/'; from--)
		;
	snprintf(label, size, "%.*s", (int)(spec + len - from), from);
	for (; *label; label++)
		if (*label <= ' ' || *label > '~' || *label == '#')
			*label = '_';
}

int kt_gauntlet_labels(const struct kt_options *o, struct kt_strv *labels)
{
	char label[NAME_MAX], name[NAME_MAX + 16];
	u32 i, nr;

	kt_strv_init(labels);
	for (i = 0; i < o->kernels.nr; i++) {
		label_of(o->kernels.v[i], label, sizeof(label));
		snprintf(name, sizeof(name), "%s", label);
		for (nr = 2; is_among(labels, name); nr++)
			snprintf(name, sizeof(name), "%s-%u", label, nr);
		kt_strv_add(labels, name);
	}
	return labels->err;
}
