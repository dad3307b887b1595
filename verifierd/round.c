/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "round.h"

#include <stdlib.h>
#include <string.h>

#include "appraise/appraise.h"
#include "appraise/trial.h"
#include "base/mem.h"
#include "logs.h"
#include "net/probe.h"
#include "sys/sys.h"
#include "trials.h"

struct round {
	struct verifierd *v;
	const struct round_calls *calls;
	void *arg;
	char host[HOST_NAME_MAX_SIZE];
	struct destination to;
	struct timer *soon, *deadline;
	struct agent *agent;
	struct probe *probe;
	struct golden *goldens; /* the active ones, then those on trial */
	size_t n_live, n_goldens;
	struct logs *logs; /* NULL: none is needed */
	bool gathering;
	struct round_memory *memory;
	bool has_last;
	struct boot_session last;
	bool outstanding; /* the agent owes an answer */
	bool has_evidence, asked_again;
	enum endpoint_sight sight;
	bool probing;
	struct err silence; /* why the endpoint showed nothing */
	uint8_t shown[SHA256_SIZE];
	struct record record;
	uint64_t agrees[TRIALS_LIVE_MAX];
	size_t n_agrees;
};

/* The one end: everything stops, then the verdict is told. */
static void
conclude(struct round *r, const struct verdict *verdict,
         const struct verdict *of_host, uint64_t until_s)
{
	struct round_result result = {
	    .verdict = verdict, .of_host = of_host, .until_s = until_s};

	timer_free(r->deadline);
	probe_free(r->probe);
	r->deadline = NULL;
	r->probe = NULL;
	/* Nobody waits for it: what comes late must find nobody. */
	if (r->outstanding)
		agent_drop(r->agent);
	if (r->has_evidence)
		result.record = &r->record;
	if (r->logs != NULL)
		result.boot_log = logs_boot_log(r->logs);
	result.agrees = r->agrees;
	result.n_agrees = r->n_agrees;
	r->calls->done(r->arg, &result);
}

static void
end_without(struct round *r, enum verdict_state state, enum reason_code reason,
            const char *detail)
{
	struct verdict verdict;

	verdict_set(&verdict, r->host, state, reason, detail);
	verdict.time_s = sys_unix_s();
	conclude(r, &verdict, &verdict, 0);
}

static void
end_failed(struct round *r, const struct err *err)
{
	enum reason_code reason =
	    err->code == ERR_IO ? REASON_STORE : REASON_INTERNAL;

	end_without(r, VERDICT_UNKNOWN, reason, err->text);
}

static void
appraisal_of(struct round *r, struct appraisal *a)
{
	*a = (struct appraisal){
	    .host = &r->record.host,
	    .challenge = &r->record.challenge,
	    .exporter = r->record.exporter,
	    .evidence = &r->record.evidence,
	    .goldens = r->goldens,
	    .n_goldens = r->n_live,
	    .last = r->has_last ? &r->last : NULL,
	    .sight = r->sight,
	    .now_s = sys_unix_s(),
	};
	memcpy(a->shown, r->shown, SHA256_SIZE);
	if (r->logs != NULL)
		logs_show(r->logs, a);
}

static void
judge(struct round *r)
{
	struct verdict verdict, of_host;
	struct appraisal a;

	appraisal_of(r, &a);
	r->record.time_s = a.now_s;
	appraise(&a, &verdict);
	r->n_agrees = trials_met(&a, r->n_goldens, r->agrees);
	of_host = verdict;
	if (r->sight != ENDPOINT_UNSEEN) {
		a.sight = ENDPOINT_UNSEEN;
		appraise(&a, &of_host);
	}
	/* Of one that is refused anyway, that is what there is to say. */
	if (r->sight == ENDPOINT_SILENT && of_host.state == VERDICT_TRUSTED) {
		verdict_set(&verdict, r->host, VERDICT_UNREACHABLE,
		            REASON_ENDPOINT_SILENT, r->silence.text);
		verdict.time_s = a.now_s;
	} else if (r->sight == ENDPOINT_SILENT) {
		verdict = of_host;
	}
	conclude(r, &verdict, &of_host,
	         a.match != NULL ? a.match->valid_until_s : 0);
}

/* The evidence with its logs and, where it was looked for, the endpoint's key.
 */
static void
judge_when_whole(struct round *r)
{
	if (r->has_evidence && !r->gathering && !r->probing)
		judge(r);
}

static void
on_logs(void *arg)
{
	struct round *r = arg;

	r->outstanding = r->gathering = false;
	judge_when_whole(r);
}

/* What the quote leaves to the logs is asked for behind it: so they are no
 * shorter than what it covers. */
static bool
gather(struct round *r, struct err *err)
{
	struct logs_need need = {
	    .goldens = r->goldens,
	    .n_goldens = r->n_goldens,
	    .evidence = &r->record.evidence,
	    .kept = &r->memory->ima_kept,
	    .done = on_logs,
	    .arg = r,
	};
	struct appraisal a;

	appraisal_of(r, &a);
	need.wanted = trials_want(&a, r->n_goldens);
	need.session = a.quote.session;
	if (need.wanted == 0)
		return true;
	r->logs = logs_new(r->v, r->agent, &need, err);
	r->outstanding = r->gathering = r->logs != NULL;
	return r->gathering;
}

static void
on_probed(void *arg, const uint8_t *sha256, const struct err *why)
{
	struct round *r = arg;

	r->probing = false;
	if (sha256 != NULL) {
		r->sight = ENDPOINT_SHOWN;
		memcpy(r->shown, sha256, SHA256_SIZE);
	} else {
		r->silence = *why;
	}
	judge_when_whole(r);
}

/* A nonce is drawn for every question and used for that one alone. */
static bool
ask(struct round *r, struct err *err)
{
	struct challenge *c = &r->record.challenge;

	if (!sys_random(c->nonce, NONCE_SIZE, err))
		return false;
	r->v->counters.attestations++;
	r->outstanding = true;
	agent_ask_quote(r->agent, c, r->v->config.deadline_ms);
	return true;
}

static bool
load(struct round *r, struct err *err)
{
	struct store *store = r->v->store;
	struct attester *host = &r->record.host;

	if (!store_host_get(store, r->host, host, err) ||
	    !store_goldens_live(store, host, sys_unix_s(), &r->goldens,
	                        &r->n_live, err))
		return false;
	r->n_goldens = r->n_live;
	if (!trials_load(r->v, host, &r->goldens, &r->n_goldens, err))
		return false;
	r->has_last = r->memory->has_session;
	r->last = r->memory->session;
	return r->has_last || store_session_last(store, host->name, &r->last,
	                                         &r->has_last, err);
}

static void
look_at_endpoint(struct round *r)
{
	const struct probe_target target = {
	    .address = r->to.host,
	    .port = r->to.port,
	    .timeout_ms = r->v->config.deadline_ms,
	};

	if (!r->to.tls ||
	    !endpoint_keys_have_kind(&r->record.host.endpoints, "libvirt-tls"))
		return;
	r->sight = ENDPOINT_SILENT;
	r->probing = true;
	r->probe = probe_new(r->v->loop, &target, on_probed, r);
}

/* Where the host has answered whole, it is the endpoint that did not. */
static void
on_deadline(void *arg)
{
	struct round *r = arg;
	const struct err why = {.code = ERR_TIMEOUT,
	                        .text = "it did not answer in time"};

	if (r->probing && r->has_evidence && !r->gathering)
		on_probed(r, NULL, &why);
	else
		end_without(r, VERDICT_UNREACHABLE, REASON_DEADLINE, NULL);
}

static void
on_begin(void *arg)
{
	struct round *r = arg;
	struct err err = {0};

	timer_free(r->soon);
	r->soon = NULL;
	if (!load(r, &err)) {
		if (err.code == ERR_NOT_FOUND)
			end_without(r, VERDICT_UNKNOWN, REASON_NO_HOST, NULL);
		else
			end_failed(r, &err);
		return;
	}
	if (r->n_goldens == 0) {
		end_without(r, VERDICT_UNKNOWN, REASON_NO_GOLDEN, NULL);
		return;
	}
	r->n_goldens = trial_selection(r->goldens, r->n_live, r->n_goldens,
	                               &r->record.challenge.selection);
	r->agent = r->calls->agent(r->arg, &r->record.host);
	r->deadline =
	    timer_new(r->v->loop, r->v->config.deadline_ms, on_deadline, r);
	look_at_endpoint(r);
	if (!ask(r, &err))
		end_failed(r, &err);
}

void
round_evidence(struct round *r, const struct evidence *evidence)
{
	struct err err = {0};

	r->outstanding = false;
	r->record.evidence = *evidence;
	memcpy(r->record.exporter, agent_exporter(r->agent), EXPORTER_SIZE);
	r->has_evidence = true;
	if (gather(r, &err))
		judge_when_whole(r);
	else
		end_failed(r, &err);
}

void
round_log(struct round *r, const struct mlog_piece *piece)
{
	if (r->logs != NULL)
		logs_piece(r->logs, piece);
}

static enum reason_code
reason_of_failure(enum err_code code)
{
	switch (code) {
	case ERR_PEER:
		return REASON_PEER;
	case ERR_TIMEOUT:
		return REASON_DEADLINE;
	case ERR_MALFORMED:
	case ERR_LIMIT:
	case ERR_VERSION:
	case ERR_COMMAND:
		return REASON_PROTOCOL;
	default:
		return REASON_UNREACHABLE;
	}
}

void
round_failed(struct round *r, const struct err *why, bool again)
{
	enum reason_code reason = reason_of_failure(why->code);
	struct err err = {0};

	if (r->gathering && logs_failed(r->logs, why))
		return;
	r->outstanding = r->gathering = false;
	if (again && !r->asked_again) {
		r->asked_again = true;
		r->has_evidence = false;
		logs_free(r->logs);
		r->logs = NULL;
		if (!ask(r, &err))
			end_failed(r, &err);
		return;
	}
	/* An agent that is there and cannot: its TPM, mostly. */
	if (reason == REASON_UNREACHABLE && agent_is_connected(r->agent))
		reason = REASON_AGENT;
	end_without(r, VERDICT_UNREACHABLE, reason, why->text);
}

struct round *
round_new(struct verifierd *v, const char *host, const struct destination *to,
          struct round_memory *memory, const struct round_calls *calls,
          void *arg)
{
	struct round *r = mem_new(1, sizeof(*r));

	r->v = v;
	r->calls = calls;
	r->arg = arg;
	memcpy(r->host, host, strlen(host) + 1);
	r->to = *to;
	r->memory = memory;
	r->soon = timer_new(v->loop, 0, on_begin, r);
	return r;
}

void
round_free(struct round *r)
{
	if (r == NULL)
		return;
	timer_free(r->soon);
	timer_free(r->deadline);
	probe_free(r->probe);
	logs_free(r->logs);
	free(r->goldens);
	free(r);
}
