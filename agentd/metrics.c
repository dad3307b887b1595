/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "metrics.h"

#include <stddef.h>

#include "sys/log.h"

/* All that is told, at one moment. */
struct look {
	const struct server_numbers *server;
	const uint64_t *refusals;
	struct worker_numbers worker;
};

static void
put_clients(struct metrics *m, const struct look *l)
{
	metrics_put(m, NULL, l->server->clients);
}

static void
put_accepted(struct metrics *m, const struct look *l)
{
	metrics_put(m, NULL, l->server->accepted);
}

/* By kind: who and what it was is in the journal. */
static void
put_refused(struct metrics *m, const struct look *l)
{
	for (size_t i = 0; i < REFUSAL_COUNT; i++) {
		const struct metric_label reason[] = {
		    {"reason", refusal_name((enum refusal)i)}, {NULL, NULL}};

		metrics_put(m, reason, l->refusals[i]);
	}
}

static void
put_requests(struct metrics *m, const struct look *l)
{
	for (size_t i = 0; i < SERVER_REQUESTS; i++)
		for (size_t end = 0; end < ERR_COUNT; end++) {
			const struct metric_label labels[] = {
			    {"request",
			     server_request_name((enum agent_want)i)},
			    {"result", end == ERR_NONE
			                   ? "ok"
			                   : err_class((enum err_code)end)},
			    {NULL, NULL}};
			uint64_t n = l->server->requests[i][end];

			if (labels[0].value != NULL &&
			    (end == ERR_NONE || n != 0))
				metrics_put(m, labels, n);
		}
}

static void
put_quotes(struct metrics *m, const struct look *l)
{
	metrics_histogram(m, &histogram_times, &l->worker.quotes);
}

static void
put_batches(struct metrics *m, const struct look *l)
{
	metrics_histogram(m, &histogram_sizes, &l->worker.batches);
}

static void
put_waiting(struct metrics *m, const struct look *l)
{
	metrics_put(m, NULL, l->worker.waiting);
}

static void
put_tpm(struct metrics *m, const struct look *l)
{
	metrics_put(m, NULL, l->worker.tpm_is_there);
}

static void
put_ends(struct metrics *m, const struct look *l)
{
	for (size_t i = 0; i < TPM_END_COUNT; i++) {
		const struct metric_label code[] = {
		    {"code", tpm_end_name((enum tpm_end)i)}, {NULL, NULL}};

		metrics_put(m, code, l->worker.ends[i]);
	}
}

static const struct {
	struct metric metric;
	void (*put)(struct metrics *, const struct look *);
} table[] = {
    {{METRIC_GAUGE, "virt_attest_agent_tpm_present", NULL, false,
      "1 when the TPM answered last, 0 when it is away."},
     put_tpm},
    {{METRIC_COUNTER, "virt_attest_agent_tpm_commands", NULL, false,
      "Commands to the TPM, by the code that they ended in."},
     put_ends},
    {{METRIC_HISTOGRAM, "virt_attest_agent_quote_seconds", "seconds", true,
      "From a verifier's question for a quote to its answer."},
     put_quotes},
    {{METRIC_HISTOGRAM, "virt_attest_agent_batch_quotes", NULL, false,
      "Quotes that one signature of the TPM answered."},
     put_batches},
    {{METRIC_GAUGE, "virt_attest_agent_queue_requests", NULL, false,
      "Requests that wait for the TPM."},
     put_waiting},
    {{METRIC_COUNTER, "virt_attest_agent_requests", NULL, false,
      "Requests that were answered, by what they asked for and how they "
      "ended."},
     put_requests},
    {{METRIC_GAUGE, "virt_attest_agent_clients", NULL, false,
      "Verifiers that are connected."},
     put_clients},
    {{METRIC_COUNTER, "virt_attest_agent_connections", NULL, false,
      "Verifiers that connected."},
     put_accepted},
    {{METRIC_COUNTER, "virt_attest_agent_connections_refused", NULL, false,
      "Connections that did not get through TLS, or were over a limit."},
     put_refused},
};

static void
put_all(void *arg, struct metrics *m)
{
	const struct agentd_told *a = arg;
	struct look look = {.server = server_look(a->server),
	                    .refusals =
	                        listener_refusals(server_listener(a->server))};

	worker_look(a->worker, &look.worker);
	for (size_t i = 0; i < LENGTH_OF(table); i++) {
		metrics_begin(m, &table[i].metric);
		table[i].put(m, &look);
	}
	scrape_put_dates(m, a->tls);
}

struct scrape *
agentd_metrics(struct loop *loop, const char *where, struct agentd_told *told)
{
	struct err err = {0};
	struct scrape *scrape = scrape_new(loop, where, put_all, told, &err);

	if (scrape != NULL)
		log_notice("metrics=%s", scrape_address(scrape));
	else if (err.code != ERR_NONE)
		log_error("metrics_listen: no metrics until a restart: %s",
		          err.text);
	return scrape;
}
