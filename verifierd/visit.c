/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "visit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "appraise/appraise.h"
#include "base/mem.h"
#include "evidence/credential.h"
#include "evidence/endorsement.h"
#include "sys/sys.h"

struct visit {
	struct verifierd *v;
	struct visit_request request;
	struct visit_result result;
	struct challenge challenge;
	/* What only the TPM that holds the EK and the AK can tell; judged once,
	 * then burnt. */
	uint8_t secret[CREDENTIAL_SECRET_SIZE];
	struct agent *agent;
	bool proving; /* the secret is asked for */
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

static struct span
ek_span(const struct ek *ek)
{
	return span_of(ek->public_area.at, ek->public_area.len);
}

/* The EK that the operator pinned, or the first one. */
static const struct ek *
choose_ek(const struct visit *w, const struct identity *id,
          uint8_t digest[SHA256_SIZE], struct err *err)
{
	for (size_t i = 0; i < id->n_eks; i++) {
		struct span area = ek_span(&id->eks[i]);

		crypto_sha256(&area, 1, digest);
		if (!w->request.pinned ||
		    memcmp(digest, w->request.host.ek_sha256, SHA256_SIZE) == 0)
			return &id->eks[i];
	}
	err_set(err, ERR_PEER,
	        w->request.pinned ? "the host's TPM has no such endorsement key"
	                          : "the host's TPM has no endorsement key");
	return NULL;
}

/* An EK is one of the TCG's templates, by the name that it goes by. */
static bool
ek_allowed(const struct ek *ek, struct err *err)
{
	const struct ek_template *t = ek_template_of(ek->algorithm);

	if (t == NULL)
		return err_set(err, ERR_PEER,
		               "endorsement key: no template '%s'",
		               ek->algorithm);
	return ek_public_allowed(ek_span(ek), t, err);
}

/* A secret for the holder of this EK and of the very key that will sign. */
static bool
ask_secret(struct visit *w, const struct ek *ek, struct err *err)
{
	const struct attester *host = &w->result.host;
	struct activation activation = {0};
	struct sealed_seed seed;
	struct tpm_public area;
	struct tpm_name ak;

	memcpy(activation.ek, ek->algorithm, EK_ALGORITHM_MAX);
	if (!tpm_public_parse(ek_span(ek), &area, err) ||
	    !tpm_name_of(span_of(host->ak.at, host->ak.len), &ak) ||
	    !sys_random(w->secret, sizeof(w->secret), err) ||
	    !crypto_seal_seed(&area.key, area.name_alg, CREDENTIAL_LABEL, &seed,
	                      err) ||
	    !credential_make(ek_span(ek), &seed, &ak, w->secret,
	                     &activation.credential, err))
		return false;
	w->proving = true;
	agent_ask_secret(w->agent, &activation, w->v->config.deadline_ms);
	return true;
}

static void
on_identity(void *arg, const struct identity *id)
{
	struct visit *w = arg;
	struct attester *host = &w->result.host;
	struct err err = {0};
	const struct ek *ek;

	if (!attester_ak_allowed(span_of(id->ak.at, id->ak.len), &err) ||
	    (ek = choose_ek(w, id, host->ek_sha256, &err)) == NULL ||
	    !ek_allowed(ek, &err)) {
		fail(w, &err);
		return;
	}
	w->result.identity = *id;
	memcpy(host->ek_algorithm, ek->algorithm, EK_ALGORITHM_MAX);
	host->ak = id->ak;
	memcpy(host->manufacturer, id->manufacturer, TPM_WORD_MAX);
	memcpy(host->vendor, id->vendor, TPM_WORD_MAX);
	host->firmware = id->firmware;
	host->endpoints = id->endpoints;
	host->enrolled_s = sys_unix_s();
	if (!ask_secret(w, ek, &err))
		fail(w, &err);
}

/* The same words whatever was wrong. */
static void
not_proved(struct visit *w)
{
	struct err err = {0};

	err_set(&err, ERR_PEER,
	        "the host's attestation key is not proved to live in the TPM "
	        "of its endorsement key");
	fail(w, &err);
}

static void
on_activated(void *arg, const struct activated *activated)
{
	struct visit *w = arg;
	bool same =
	    activated->len == sizeof(w->secret) &&
	    crypto_same(activated->secret, w->secret, sizeof(w->secret));

	memset(w->secret, 0, sizeof(w->secret));
	w->proving = false;
	if (same)
		ask_quote(w);
	else
		not_proved(w);
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
	struct visit *w = arg;

	(void)again; /* the connection is new: there is no second try */
	if (w->proving && why->code == ERR_UNSUPPORTED)
		not_proved(w);
	else
		fail(w, why);
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
    .activated = on_activated,
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
