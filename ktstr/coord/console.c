// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading the serial console for signs of a dying kernel. The worst sign wins,
 * and of equal ones the first: what follows is only its consequence.
 */
#include "../base/strbuf.h"
#include "console.h"

static const struct {
	const char *says;
	enum kt_console_event event;
} signs[] = {
	{ "Kernel panic - not syncing", KT_CONSOLE_PANIC },
	{ "Oops: ", KT_CONSOLE_OOPS },
	{ "BUG: ", KT_CONSOLE_OOPS },
	{ "kernel BUG at ", KT_CONSOLE_OOPS },
	{ "Out of memory: Killed process", KT_CONSOLE_OOM },
	{ "Memory cgroup out of memory", KT_CONSOLE_OOM },
	{ "soft lockup", KT_CONSOLE_STALL },
	{ "rcu_preempt detected stalls", KT_CONSOLE_STALL },
	{ "rcu_preempt detected expedited stalls", KT_CONSOLE_STALL },
	{ "rcu_preempt self-detected stall", KT_CONSOLE_STALL },
	{ "blocked for more than", KT_CONSOLE_STALL },
};

void kt_console_fini(struct kt_console *c)
{
	kt_tail_fini(&c->tail);
}

static void judge_line(struct kt_console *c)
{
	size_t i;

	c->line[c->line_len] = '\0';
	kt_text_sanitize(c->line, c->line_len);
	/* a soft lockup starts with "BUG: " too, and is none */
	for (i = ARRAY_SIZE(signs); i-- > 0;) {
		if (!strstr(c->line, signs[i].says))
			continue;
		if (signs[i].event > c->worst) {
			c->worst = signs[i].event;
			memcpy(c->text, c->line, c->line_len + 1);
		}
		break;
	}
	c->line_len = 0;
}

void kt_console_feed(struct kt_console *c, const void *data, size_t len_bytes)
{
	const char *p = data;
	size_t i;

	kt_tail_add(&c->tail, data, len_bytes);
	for (i = 0; i < len_bytes; i++) {
		if (p[i] == '\n')
			judge_line(c);
		else if (p[i] != '\r' && c->line_len < sizeof(c->line) - 1)
			c->line[c->line_len++] = p[i];
	}
}

const char *kt_console_event_str(enum kt_console_event event)
{
	switch (event) {
	case KT_CONSOLE_STALL:
		return "the guest kernel reported a stall";
	case KT_CONSOLE_OOM:
		return "the guest ran out of memory";
	case KT_CONSOLE_OOPS:
		return "the guest kernel crashed";
	case KT_CONSOLE_PANIC:
		return "the guest kernel panicked";
	default:
		return NULL;
	}
}
