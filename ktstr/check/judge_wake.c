// SPDX-License-Identifier: GPL-2.0-only
/*
 * The checks on wake latencies. Percentiles are of all that the cgroup's
 * workers have kept, each of which stands for as many as its worker has seen.
 * Nothing is sorted and nothing allocated: 4096 workers keep a million.
 */
#include "judge_priv.h"
#include "spread.h"

#define MAX_LOOKED_AT	(64u << 10)	/* samples, of all workers */
#define NEARLY		0.999999999	/* sums of weights are not quite exact */

/* The kept ones of a worker, every @step-th of them. */
struct sample {
	const u32 *us;
	u32 nr;
	u32 step;
	double weight;			/* of each */
};

static struct sample sample_of(const struct kt_judge_input *in, u32 i)
{
	const struct kt_wakes *w = &in->reports[i].wakes;
	u32 nr = min_t(u64, w->nr, KT_WAKES_KEPT);
	u32 room = max(MAX_LOOKED_AT / in->nr, 1u);
	struct sample s = { .us = w->kept_us, .nr = nr, .step = 1 };

	if (!nr)
		return s;
	s.step = max((nr + room - 1) / room, 1u);
	s.weight = w->nr / (double)((nr + s.step - 1) / s.step);
	return s;
}

static double weight_up_to(const struct kt_judge_input *in, u32 us)
{
	double weight = 0;
	u32 i, j;

	for (i = 0; i < in->nr; i++) {
		struct sample s = sample_of(in, i);

		for (j = 0; j < s.nr; j += s.step)
			if (s.us[j] <= us)
				weight += s.weight;
	}
	return weight;
}

/* The least that so many percent are not above. */
static u32 percentile(const struct kt_judge_input *in,
		      const struct kt_wake_stats *s, u32 pct)
{
	double wanted = s->nr * (pct / 100.0) * NEARLY;
	u32 low = 0, high = s->max_us;

	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (weight_up_to(in, mid) >= wanted)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

static u32 to_us(u64 ns)
{
	return min_t(u64, ns / 1000, UINT32_MAX);
}

struct kt_wake_stats kt_wake_stats_of(const struct kt_judge_input *in)
{
	struct kt_wake_stats s = { .nr = 0 };
	double sum_us = 0, sum_sq = 0;
	u32 i;

	for (i = 0; i < in->nr; i++) {
		const struct kt_wakes *w = &in->reports[i].wakes;

		s.nr += w->nr;
		s.max_us = max(s.max_us, to_us(w->max_ns));
		sum_us += w->sum_us;
		sum_sq += w->sum_sq;
	}
	if (!s.nr)
		return s;
	s.mean_us = to_us(min(sum_us / s.nr, 1e9 * UINT32_MAX) * 1000);
	s.cv_pct = kt_spread_cv_pct(s.nr, sum_us, sum_sq);
	s.p50_us = percentile(in, &s, 50);
	s.p99_us = percentile(in, &s, 99);
	return s;
}

void kt_judge_wakes(struct kt_verdict *v, const struct kt_thresholds *th,
		    const struct kt_judge_input *in)
{
	struct kt_wake_stats s;

	if (th->wake_p99_us <= 0 && th->wake_cv_pct <= 0)
		return;
	s = kt_wake_stats_of(in);
	if (!s.nr) {
		kt_verdict_unjudged(v, KT_DETAIL_WAKE,
				    "cgroup %s: no wake was measured: wake latency was not judged",
				    in->cgroup);
		return;
	}
	if (th->wake_p99_us > 0 && s.p99_us > (u32)th->wake_p99_us)
		kt_verdict_detail(v, KT_DETAIL_WAKE,
				  "cgroup %s: p99 wake latency %uus (bound %dus; %llu wakes, p50 %uus, max %uus)",
				  in->cgroup, s.p99_us, th->wake_p99_us,
				  (unsigned long long)s.nr, s.p50_us,
				  s.max_us);
	if (th->wake_cv_pct > 0 && s.cv_pct > (u32)th->wake_cv_pct)
		kt_verdict_detail(v, KT_DETAIL_WAKE,
				  "cgroup %s: wake latency varies by %u%% (bound %d%%; %llu wakes, mean %uus, max %uus)",
				  in->cgroup, s.cv_pct, th->wake_cv_pct,
				  (unsigned long long)s.nr, s.mean_us,
				  s.max_us);
	kt_verdict_judged(v);
}
