// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one table of named topologies. Odd numbers of LLCs and CPUs that are no
 * power of two are there on purpose.
 */
#include "presets.h"

const struct kt_preset kt_presets[] = {
	{ "tiny-1llc",		"1n1l4c1t" },
	{ "tiny-2llc",		"1n2l2c1t" },
	{ "odd-3llc",		"1n3l3c1t" },
	{ "odd-5llc",		"1n5l3c1t" },
	{ "odd-7llc",		"1n7l2c1t" },
	{ "smt-2llc",		"1n2l2c2t" },
	{ "smt-3llc",		"1n3l2c2t" },
	{ "medium-4llc",	"1n4l4c2t" },
	{ "medium-8llc",	"1n8l4c2t" },
	{ "large-4llc",		"1n4l16c2t" },
	{ "large-8llc",		"1n8l8c2t" },
	{ "near-max-llc",	"1n15l8c2t" },
	{ "max-cpu",		"1n14l9c2t" },
	{ "medium-4llc-nosmt",	"1n4l8c1t" },
	{ "medium-8llc-nosmt",	"1n8l8c1t" },
	{ "large-4llc-nosmt",	"1n4l32c1t" },
	{ "large-8llc-nosmt",	"1n8l16c1t" },
	{ "near-max-llc-nosmt",	"1n15l16c1t" },
	{ "max-cpu-nosmt",	"1n14l18c1t" },
	{ "numa2-4llc",		"2n4l4c1t" },
	{ "numa2-8llc",		"2n8l8c2t" },
	{ "numa2-8llc-nosmt",	"2n8l16c1t" },
	{ "numa4-8llc",		"4n8l4c1t" },
	{ "numa4-12llc",	"4n12l8c2t" },
	{ NULL, NULL },
};

const struct kt_preset *kt_preset_find(const char *name)
{
	const struct kt_preset *p = kt_presets;

	while (p->name && strcmp(p->name, name))
		p++;
	return p->name ? p : NULL;
}
