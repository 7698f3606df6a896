// SPDX-License-Identifier: GPL-2.0-only
/*
 * The scheduler, its queues and CPUs in a dump's text.
 */
#include "../inspect/json.h"
#include "dump_out.h"

#define BRIEF_CPUS	16
#define BRIEF_DSQS	8
#define BRIEF_IN_DSQ	4
#define BRIEF_VCPUS	4
#define BRIEF_EXIT	16	/* frames of the error's stack */
#define NSEC_PER_MS	1000000

/* The words for a capture's cause. */
static const char *say_cause(const char *cause)
{
	static const struct {
		const char *cause, *words;
	} all[] = {
		{ "failure", "when it ended" },
		{ "watchdog", "when the watchdog ended the run" },
		{ "post-mortem", "after the machine had ended" },
		{ "watchpoint", "at the store" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		if (!strcmp(cause, all[i].cause))
			return all[i].words;
	return cause;
}

/* When and by whom it was seen. */
static void show_moment(struct kt_dump_out *o, const json_t *state)
{
	const json_t *watch = json_object_get(state, "watch");
	const char *late = kt_dump_str(state, "late");
	u64 vcpu = 0, ns = 0;

	kt_dump_num(state, "workload_ns", &ns);
	if (watch && kt_dump_num(watch, "vcpu", &vcpu))
		kt_dump_line(o, "  seen %llu ms into the workload, at the store to %s by vCPU %llu in %s",
			     (unsigned long long)(ns / NSEC_PER_MS),
			     kt_dump_str(watch, "symbol"),
			     (unsigned long long)vcpu,
			     kt_dump_str(watch, "at"));
	else
		kt_dump_line(o, "  seen %llu ms into the workload, %s",
			     (unsigned long long)(ns / NSEC_PER_MS), *late ?
			     late : say_cause(kt_dump_str(state, "cause")));
}

static void show_exit(struct kt_dump_out *o, const json_t *ended)
{
	const json_t *stack = json_object_get(ended, "stack");
	size_t nr = json_array_size(stack), i;
	json_t *frame;

	if (nr)
		kt_dump_line(o, "  the error was raised in");
	json_array_foreach(stack, i, frame) {
		if (!kt_dump_more(o, i, BRIEF_EXIT, nr))
			break;
		kt_dump_line(o, "    %s", json_string_value(frame) ?: "?");
	}
}

/* Whether a scheduler of this kind of exit was ended. */
static bool is_end(const char *kind)
{
	return *kind && strncmp(kind, "SCX_EXIT_NONE", 13) &&
	       strncmp(kind, "SCX_EXIT_DONE", 13);
}

void kt_dump_show_sched(struct kt_dump_out *o, const json_t *state)
{
	const json_t *scx = json_object_get(state, "sched_ext");
	const json_t *ended = json_object_get(scx, "exit");
	const char *kind = kt_dump_str(ended, "kind");
	const char *reason = kt_dump_str(ended, "reason");
	const char *msg = kt_dump_str(ended, "msg");
	const char *ops = kt_dump_str(scx, "ops");
	bool error = is_end(kind);

	if (!scx) {
		kt_dump_line(o, "scheduler: what sched_ext does was not seen");
		show_moment(o, state);
		return;
	}
	kt_dump_line(o, "scheduler%s%s, %s%s%s%s%s%s%s", *ops ? " " : "",
		     *ops ? ops : ": none attached",
		     kt_dump_str(scx, "state"), error ? ": " : ", no error",
		     error ? kind : "", error && *reason ? ": " : "",
		     error ? reason : "", error && *msg ? ": " : "",
		     error ? msg : "");
	show_moment(o, state);
	if (error)
		show_exit(o, ended);
}

static void show_cpu(struct kt_dump_out *o, const json_t *cpu)
{
	const json_t *curr = json_object_get(cpu, "curr");
	const char *flags = kt_dump_str(cpu, "scx_flags");
	u64 nr = 0, running = 0, ext = 0, depth = 0, pid = 0;

	kt_dump_num(cpu, "cpu", &nr);
	kt_dump_num(cpu, "nr_running", &running);
	kt_dump_num(cpu, "scx_nr_running", &ext);
	kt_dump_num(cpu, "local_dsq", &depth);
	kt_dump_num(curr, "pid", &pid);
	kt_dump_line(o, "  cpu%llu: %llu runnable (%llu ext), %llu in its local DSQ, runs %s[%llu]%s%s",
		     (unsigned long long)nr, (unsigned long long)running,
		     (unsigned long long)ext, (unsigned long long)depth,
		     curr ? kt_dump_str(curr, "comm") : "?",
		     (unsigned long long)pid, *flags ? ", " : "", flags);
}

struct extreme {
	u64 cpu, running;
};

/* The fullest and the emptiest CPU; false when there is none. */
static bool find_extremes(const json_t *cpus, struct extreme *most,
			  struct extreme *least)
{
	struct extreme e;
	bool any = false;
	json_t *cpu;
	u64 online;
	size_t i;

	json_array_foreach(cpus, i, cpu) {
		if (!kt_dump_num(cpu, "cpu", &e.cpu) ||
		    !kt_dump_num(cpu, "nr_running", &e.running) ||
		    (kt_dump_num(cpu, "online", &online) && !online))
			continue;
		if (!any || e.running < least->running)
			*least = e;
		if (!any || e.running > most->running)
			*most = e;
		any = true;
	}
	return any;
}

/* What the monitor saw at most, in percent. */
static u64 worst_imbalance(const json_t *dump)
{
	const json_t *timeline, *phases;
	u64 worst = 0, pct;
	json_t *phase;
	size_t i;

	timeline = json_object_get(json_object_get(dump, "monitor"), "timeline");
	phases = json_object_get(timeline, "phases");
	json_array_foreach(phases, i, phase)
		if (kt_dump_num(phase, "imbalance_pct", &pct))
			worst = max(worst, pct);
	return worst;
}

static void show_imbalance(struct kt_dump_out *o, const json_t *cpus)
{
	struct extreme least = {}, most = {};
	u64 by, worst = worst_imbalance(o->dump);
	char over[64] = "";

	if (worst >= 2 * 100)
		snprintf(over, sizeof(over), "; up to %llu.%02llu over the workload",
			 (unsigned long long)(worst / 100),
			 (unsigned long long)(worst % 100));
	if (!find_extremes(cpus, &most, &least))
		return;
	if (most.running < 2 || most.running == least.running) {
		if (*over)
			kt_dump_line(o, "imbalance: none then%s", over);
		return;
	}
	by = max_t(u64, least.running, 1);
	kt_dump_line(o, "imbalance: %llu runnable on cpu%llu, %llu on cpu%llu: %llu.%02llu%s",
		     (unsigned long long)most.running,
		     (unsigned long long)most.cpu,
		     (unsigned long long)least.running,
		     (unsigned long long)least.cpu,
		     (unsigned long long)(most.running / by),
		     (unsigned long long)(most.running % by * 100 / by), over);
}

void kt_dump_show_cpus(struct kt_dump_out *o, const json_t *state)
{
	const json_t *cpus = json_object_get(state, "cpus");
	size_t nr = json_array_size(cpus), i;
	json_t *cpu;

	if (nr)
		kt_dump_line(o, "CPUs");
	json_array_foreach(cpus, i, cpu) {
		if (!kt_dump_more(o, i, BRIEF_CPUS, nr))
			break;
		show_cpu(o, cpu);
	}
	show_imbalance(o, cpus);
}

static void add_queue(struct kt_strbuf *sb, const json_t *dsq)
{
	const char *kind = kt_dump_str(dsq, "kind");
	u64 n;

	if (kt_dump_num(dsq, "cpu", &n))
		kt_strbuf_addf(sb, "  %.16s DSQ of cpu%llu", kind,
			       (unsigned long long)n);
	else if (kt_dump_num(dsq, "node", &n))
		kt_strbuf_addf(sb, "  %.16s DSQ of node %llu", kind,
			       (unsigned long long)n);
	else
		kt_strbuf_addf(sb, "  DSQ %.32s (%.16s)",
			       kt_dump_str(dsq, "id"), kind);
}

static void show_dsq(struct kt_dump_out *o, const json_t *dsq)
{
	const json_t *tasks = json_object_get(dsq, "tasks");
	const char *broken = kt_dump_str(dsq, "broken");
	struct kt_strbuf sb;
	u64 nr = 0, n, pid;
	json_t *task;
	size_t i;

	kt_dump_num(dsq, "nr", &nr);
	kt_strbuf_init(&sb, 1u << 16);
	add_queue(&sb, dsq);
	kt_strbuf_addf(&sb, ": %llu queued by %.16s%s%.64s",
		       (unsigned long long)nr, kt_dump_str(dsq, "order"),
		       *broken ? ", but " : "", broken);
	json_array_foreach(tasks, i, task) {
		if (o->brief && i == BRIEF_IN_DSQ) {
			kt_strbuf_addf(&sb, ", ...");
			break;
		}
		pid = 0;
		kt_dump_num(task, "pid", &pid);
		kt_strbuf_addf(&sb, "%s%.32s[%llu]", i ? ", " : ": ",
			       kt_dump_str(task, "comm"),
			       (unsigned long long)pid);
		if (kt_dump_num(task, "runnable_ms", &n))
			kt_strbuf_addf(&sb, " %llu ms", (unsigned long long)n);
	}
	kt_dump_line(o, "%s", kt_strbuf_str(&sb));
	kt_strbuf_fini(&sb);
}

void kt_dump_show_dsqs(struct kt_dump_out *o, const json_t *state)
{
	const json_t *dsqs = json_object_get(state, "dsqs");
	size_t full = 0, shown = 0, i;
	json_t *dsq;
	u64 nr;

	json_array_foreach(dsqs, i, dsq)
		full += (kt_dump_num(dsq, "nr", &nr) && nr) ||
			json_object_get(dsq, "broken");
	if (json_array_size(dsqs))
		kt_dump_line(o, "queues: %zu of %zu hold tasks", full,
			     json_array_size(dsqs));
	json_array_foreach(dsqs, i, dsq) {
		if (!(kt_dump_num(dsq, "nr", &nr) && nr) &&
		    !json_object_get(dsq, "broken"))
			continue;
		if (!kt_dump_more(o, shown++, BRIEF_DSQS, full))
			break;
		show_dsq(o, dsq);
	}
}

/* A vCPU that waits for work says nothing of what went wrong. */
static bool is_idle(const json_t *vcpu)
{
	const json_t *stack = json_object_get(vcpu, "stack");
	json_t *frame;
	size_t i;

	json_array_foreach(stack, i, frame)
		if (json_is_string(frame) &&
		    !strncmp(json_string_value(frame), "do_idle+", 8))
			return true;
	return false;
}

static void show_vcpu(struct kt_dump_out *o, const json_t *vcpu)
{
	const json_t *stack = json_object_get(vcpu, "stack");
	const char *why = kt_dump_str(vcpu, "no_stack");
	const char *at = kt_dump_str(vcpu, "at");
	char head[96];
	u64 nr = 0;

	kt_dump_num(vcpu, "vcpu", &nr);
	snprintf(head, sizeof(head), "  vCPU %llu", (unsigned long long)nr);
	if (!json_array_size(stack) || *why)
		kt_dump_line(o, "%s: %s%s%s", head, at,
			     *at && *why ? ": " : "", why);
	if (json_array_size(stack))
		kt_dump_stack(o, head, stack);
}

void kt_dump_show_vcpus(struct kt_dump_out *o, const json_t *state)
{
	const json_t *vcpus = json_object_get(state, "vcpus");
	size_t nr = json_array_size(vcpus), busy = 0, shown = 0, i;
	json_t *vcpu;

	json_array_foreach(vcpus, i, vcpu)
		busy += !is_idle(vcpu);
	if (nr)
		kt_dump_line(o, "vCPUs: %zu, %zu idle", nr, nr - busy);
	json_array_foreach(vcpus, i, vcpu) {
		if (o->brief && is_idle(vcpu))
			continue;
		if (!kt_dump_more(o, shown++, BRIEF_VCPUS, busy))
			break;
		show_vcpu(o, vcpu);
	}
}
