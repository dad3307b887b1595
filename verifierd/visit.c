/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "visit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "appraise/appraise.h"
#include "base/mem.h"
#include "sys/sys.h"

struct visit {
	struct verifierd *v;
	struct visit_request request;
	struct visit_result result;
	struct challenge challenge;
	struct agent *agent;
	struct timer *deadline;
	void (*done)(void *arg, const struct visit_result *,
	             const struct err *);
	void *arg;
};

static void
fail(struct visit *w, const struct err *why)
{
	const struct err reason = *why;

	w->done(w->arg, NULL, &reason);
}

static void
ask_quote(struct visit *w)
{
	struct err err = {0};

	w->challenge.selection = w->request.selection;
	if (sys_random(w->challenge.nonce, NONCE_SIZE, &err))
		agent_ask_quote(w->agent, &w->challenge,
		                w->v->config.deadline_ms);
	else
		fail(w, &err);
}

static void
ek_digest(const struct ek *ek, uint8_t out[SHA256_SIZE])
{
	struct span area = span_of(ek->public_area.at, ek->public_area.len);

	crypto_sha256(&area, 1, out);
}

/* The EK that the operator pinned, or the first one. */
static bool
choose_ek(const struct visit *w, const struct identity *id,
          struct attester *host, struct err *err)
{
	for (size_t i = 0; i < id->n_eks; i++) {
		uint8_t digest[SHA256_SIZE];

		ek_digest(&id->eks[i], digest);
		if (w->request.pinned &&
		    memcmp(digest, w->request.host.ek_sha256, SHA256_SIZE) != 0)
			continue;
		memcpy(host->ek_sha256, digest, SHA256_SIZE);
		memcpy(host->ek_algorithm, id->eks[i].algorithm,
		       EK_ALGORITHM_MAX);
		return true;
	}
	return err_set(err, ERR_PEER,
	               w->request.pinned
	                   ? "the host's TPM has no such endorsement key"
	                   : "the host's TPM has no endorsement key");
}

static void
on_identity(void *arg, const struct identity *id)
{
	struct visit *w = arg;
	struct attester *host = &w->result.host;
	struct err err = {0};

	if (!attester_ak_allowed(span_of(id->ak.at, id->ak.len), &err) ||
	    !choose_ek(w, id, host, &err)) {
		fail(w, &err);
		return;
	}
	w->result.identity = *id;
	host->ak = id->ak;
	memcpy(host->manufacturer, id->manufacturer, TPM_WORD_MAX);
	memcpy(host->vendor, id->vendor, TPM_WORD_MAX);
	host->firmware = id->firmware;
	host->endpoints = id->endpoints;
	host->enrolled_s = sys_unix_s();
	ask_quote(w);
}

static void
take_golden(struct visit *w, const struct evidence *evidence)
{
	struct golden *g = &w->result.golden;

	*g = (struct golden){
	    .state = GOLDEN_ACTIVE,
	    .created_s = sys_unix_s(),
	    .allow_sha1 = w->request.allow_sha1,
	    .values = evidence->values,
	    .attest = evidence->attest,
	    .signature = evidence->signature,
	};
	snprintf(g->scope, sizeof(g->scope), "%s", w->result.host.name);
}

static void
on_evidence(void *arg, const struct evidence *evidence)
{
	struct visit *w = arg;
	struct appraisal a = {
	    .host = &w->result.host,
	    .challenge = &w->challenge,
	    .exporter = agent_exporter(w->agent),
	    .evidence = evidence,
	    .goldens = &w->result.golden,
	    .n_goldens = 1,
	    .now_s = sys_unix_s(),
	};
	struct verdict verdict;
	struct err err = {0};

	take_golden(w, evidence);
	appraise(&a, &verdict);
	if (verdict.state == VERDICT_TRUSTED) {
		w->done(w->arg, &w->result, NULL);
		return;
	}
	err_set(&err, ERR_PEER, "the host's quote is refused: %s (%s)",
	        reason_text(verdict.reasons[0].code),
	        reason_name(verdict.reasons[0].code));
	fail(w, &err);
}

static void
on_failed(void *arg, const struct err *why, bool again)
{
	(void)again; /* the connection is new: there is no second try */
	fail(arg, why);
}

static void
on_deadline(void *arg)
{
	struct err err = {0};

	err_set(&err, ERR_TIMEOUT, "the host did not answer in time");
	fail(arg, &err);
}

static const struct agent_calls agent_says = {
    .identity = on_identity,
    .evidence = on_evidence,
    .failed = on_failed,
};

struct visit *
visit_new(struct verifierd *v, const struct visit_request *request,
          void (*done)(void *arg, const struct visit_result *,
                       const struct err *),
          void *arg)
{
	struct visit *w = mem_new(1, sizeof(*w));
	const struct attester *host = &request->host;
	const struct agent_place place = {host->address, host->port,
	                                  host->name};

	w->v = v;
	w->request = *request;
	w->result.host = *host;
	w->done = done;
	w->arg = arg;
	w->agent = agent_new(v->loop, v->tls, &place, &agent_says, w);
	/* A TPM that makes its keys for the first time takes its time. */
	w->deadline =
	    timer_new(v->loop, 3 * v->config.deadline_ms, on_deadline, w);
	if (request->enrolled)
		ask_quote(w);
	else
		agent_ask_identity(w->agent, v->config.deadline_ms);
	return w;
}

void
visit_free(struct visit *w)
{
	if (w == NULL)
		return;
	timer_free(w->deadline);
	agent_free(w->agent);
	free(w);
}
