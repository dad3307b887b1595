/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "metrics.h"

#include <stddef.h>

#include "announce.h"
#include "hosts.h"
#include "permits.h"
#include "store/numbers.h"
#include "sys/log.h"
#include "sys/sys.h"
#include "trust_gate.h"
#include "watchers.h"

/* All that is told, at one moment; what is one number each is named by the
 * table. */
struct look {
	const struct counters *counters;
	const struct store_numbers *store;
	struct trust_numbers trust;
	uint64_t oldest_us, max_age_us;
	uint64_t asking, watchers, permits, events_lost, audit_lines;
	uint64_t gate_on, gate_hosts, gate_failing;
};

static void
put_hosts(struct metrics *m, const struct look *l)
{
	for (size_t i = 0; i <= VERDICT_STALE; i++) {
		const struct metric_label state[] = {
		    {"state", verdict_state_name((enum verdict_state)i)},
		    {NULL, NULL}};

		metrics_put(m, state, l->trust.hosts[i]);
	}
}

static void
put_reasons(struct metrics *m, const struct look *l)
{
	for (size_t i = 0; i < REASON_COUNT; i++) {
		const struct metric_label reason[] = {
		    {"reason", reason_name((enum reason_code)i)}, {NULL, NULL}};

		if (l->trust.reasons[i] != 0)
			metrics_put(m, reason, l->trust.reasons[i]);
	}
}

/* Of a state that has none yet, the one without a reason. */
static void
put_verdicts(struct metrics *m, const struct look *l)
{
	for (size_t i = 0; i <= VERDICT_STALE; i++)
		for (size_t j = 0; j <= REASON_COUNT; j++) {
			const struct metric_label labels[] = {
			    {"state",
			     verdict_state_name((enum verdict_state)i)},
			    {"reason", j == REASON_COUNT
			                   ? "none"
			                   : reason_name((enum reason_code)j)},
			    {NULL, NULL}};
			uint64_t n = l->counters->rounds[i][j];

			if (j == REASON_COUNT || n != 0)
				metrics_put(m, labels, n);
		}
}

static void
put_answers(struct metrics *m, const struct look *l)
{
	for (size_t i = 0; i <= VERDICT_STALE; i++) {
		const struct metric_label state[] = {
		    {"state", verdict_state_name((enum verdict_state)i)},
		    {NULL, NULL}};

		metrics_put(m, state, l->counters->verdicts[i]);
	}
}

static void
put_failures(struct metrics *m, const struct look *l)
{
	for (size_t i = 0; i < ERR_COUNT; i++) {
		const struct metric_label reason[] = {
		    {"reason", err_class((enum err_code)i)}, {NULL, NULL}};
		uint64_t n = l->counters->agent_failures[i];

		if (i == ERR_PEER || i == ERR_UNAVAILABLE || n != 0)
			metrics_put(m, reason, n);
	}
}

static void
put_round_times(struct metrics *m, const struct look *l)
{
	metrics_histogram(m, &histogram_times, &l->counters->round_times);
}

static void
put_answer_times(struct metrics *m, const struct look *l)
{
	metrics_histogram(m, &histogram_times, &l->counters->answer_times);
}

static void
put_writes(struct metrics *m, const struct look *l)
{
	metrics_histogram(m, &histogram_times, &l->store->writes);
}

/* One number: of struct look, of the counters, of the store. */
#define LOOK(member)  NULL, offsetof(struct look, member), FROM_LOOK
#define COUNT(member) NULL, offsetof(struct counters, member), FROM_COUNTERS
#define STORE(member) NULL, offsetof(struct store_numbers, member), FROM_STORE

static const struct row {
	struct metric metric;
	void (*put)(struct metrics *, const struct look *); /* NULL: `at` */
	size_t at;
	enum { FROM_LOOK, FROM_COUNTERS, FROM_STORE } from;
} table[] = {
    {{METRIC_GAUGE, "virt_attest_verifier_hosts", NULL, false,
      "Enrolled hosts, by how they stand now."},
     put_hosts,
     0,
     FROM_LOOK},
    {{METRIC_GAUGE, "virt_attest_verifier_hosts_not_trusted", NULL, false,
      "Enrolled hosts that are not trusted, by the first reason."},
     put_reasons,
     0,
     FROM_LOOK},
    {{METRIC_GAUGE, "virt_attest_verifier_oldest_confirmation_seconds",
      "seconds", true,
      "Of the hosts that are trusted: how long ago the one was confirmed "
      "whose turn is longest ago."},
     LOOK(oldest_us)},
    {{METRIC_GAUGE, "virt_attest_verifier_max_age_seconds", "seconds", true,
      "What max_age_s is: a host that is not confirmed for so long is stale."},
     LOOK(max_age_us)},
    {{METRIC_COUNTER, "virt_attest_verifier_verdicts", NULL, false,
      "Rounds of evidence that ended, by their verdict and its first reason."},
     put_verdicts,
     0,
     FROM_LOOK},
    {{METRIC_HISTOGRAM, "virt_attest_verifier_verdict_seconds", "seconds", true,
      "From the challenge of a round until its verdict is durable."},
     put_round_times,
     0,
     FROM_LOOK},
    {{METRIC_COUNTER, "virt_attest_verifier_answers", NULL, false,
      "Verdicts given to whoever asked, by state."},
     put_answers,
     0,
     FROM_LOOK},
    {{METRIC_COUNTER, "virt_attest_verifier_answers_kept", NULL, false,
      "Of the answers: those that repeated a verdict that stood."},
     COUNT(cached)},
    {{METRIC_HISTOGRAM, "virt_attest_verifier_answer_seconds", "seconds", true,
      "From a question on the control socket until its answer."},
     put_answer_times,
     0,
     FROM_LOOK},
    {{METRIC_GAUGE, "virt_attest_verifier_askers", NULL, false,
      "Questions that wait for a verdict."},
     LOOK(asking)},
    {{METRIC_COUNTER, "virt_attest_verifier_reattestations", NULL, false,
      "Rounds that nobody asked for."},
     COUNT(reattestations)},
    {{METRIC_COUNTER, "virt_attest_verifier_reattestations_late", NULL, false,
      "Of these, those that began late: there are more hosts than it can ask."},
     COUNT(reattestations_late)},
    {{METRIC_COUNTER, "virt_attest_verifier_agent_failures", NULL, false,
      "Questions to agents that failed and connections that broke, by the kind "
      "of failure (PeerRefused: TLS)."},
     put_failures,
     0,
     FROM_LOOK},
    {{METRIC_HISTOGRAM, "virt_attest_verifier_store_write_seconds", "seconds",
      true, "What a durable transaction of the store took."},
     put_writes,
     0,
     FROM_LOOK},
    {{METRIC_COUNTER, "virt_attest_verifier_store_failures", NULL, false,
      "Writes that the store's database could not do."},
     STORE(failures)},
    {{METRIC_COUNTER, "virt_attest_verifier_audit_lines", NULL, false,
      "Lines of the audit log since the store was made."},
     LOOK(audit_lines)},
    {{METRIC_GAUGE, "virt_attest_verifier_trust_file_enabled", NULL, false,
      "1 when the trust gate keeps a trust_file."},
     LOOK(gate_on)},
    {{METRIC_GAUGE, "virt_attest_verifier_trust_file_hosts", NULL, false,
      "Other hosts in the trust_file."},
     LOOK(gate_hosts)},
    {{METRIC_GAUGE, "virt_attest_verifier_trust_file_failing", NULL, false,
      "1 while the trust_file cannot be written: it is not what it must be."},
     LOOK(gate_failing)},
    {{METRIC_GAUGE, "virt_attest_verifier_watchers", NULL, false,
      "Connections that events go to: the network gate's, and others."},
     LOOK(watchers)},
    {{METRIC_COUNTER, "virt_attest_verifier_watchers_dropped", NULL, false,
      "Watchers that were disconnected because they did not read."},
     COUNT(watchers_dropped)},
    {{METRIC_GAUGE, "virt_attest_verifier_permits", NULL, false,
      "Permits that are open."},
     LOOK(permits)},
    {{METRIC_COUNTER, "virt_attest_verifier_events_dropped", NULL, false,
      "Events that the executables of events_dir were too slow for."},
     LOOK(events_lost)},
};

static void
look_at_gate(const struct trust_gate *gate, struct look *l)
{
	struct trust_gate_state state;

	if (gate == NULL)
		return;
	trust_gate_look(gate, &state);
	l->gate_on = 1;
	l->gate_hosts = state.hosts;
	l->gate_failing = state.failing;
}

static void
look_at_all(struct verifierd *v, struct look *l)
{
	uint64_t now = sys_boot_ms();

	*l = (struct look){
	    .counters = &v->counters,
	    .store = store_look(v->store),
	    .max_age_us = v->config.max_age_s * 1000000,
	    .asking = hosts_waiting(v->hosts),
	    .watchers = watchers_count(v->watchers),
	    .events_lost = announcer_lost(v->announcer),
	};
	trust_look(v->trust, &l->trust);
	l->oldest_us = l->trust.oldest_ms * 1000;
	look_at_gate(v->trust_gate, l);
	for (size_t i = 0; i < v->permits->n; i++)
		l->permits += !v->permits->all[i].used &&
		              v->permits->all[i].until_ms > now;
	/* A store that cannot be read is told of elsewhere, and loudly. */
	if (!store_audit_lines(v->store, &l->audit_lines, NULL))
		l->audit_lines = 0;
}

static void
put_all(void *arg, struct metrics *m)
{
	struct verifierd *v = arg;
	struct look look;

	look_at_all(v, &look);
	for (size_t i = 0; i < LENGTH_OF(table); i++) {
		const struct row *row = &table[i];
		const char *const from[] = {
		    [FROM_LOOK] = (const char *)&look,
		    [FROM_COUNTERS] = (const char *)look.counters,
		    [FROM_STORE] = (const char *)look.store,
		};

		metrics_begin(m, &row->metric);
		if (row->put != NULL)
			row->put(m, &look);
		else
			metrics_put(
			    m, NULL,
			    *(const uint64_t *)(const void *)(from[row->from] +
			                                      row->at));
	}
	scrape_put_dates(m, v->tls);
}

struct scrape *
verifierd_metrics(struct verifierd *v)
{
	struct err err = {0};
	struct scrape *scrape =
	    scrape_new(v->loop, v->config.metrics_listen, put_all, v, &err);

	if (scrape != NULL)
		log_notice("metrics=%s", scrape_address(scrape));
	else if (err.code != ERR_NONE)
		log_error("metrics_listen: no metrics until a restart: %s",
		          err.text);
	return scrape;
}
