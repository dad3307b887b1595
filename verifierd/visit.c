/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "visit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "appraise/appraise.h"
#include "appraise/certification.h"
#include "base/mem.h"
#include "base/text.h"
#include "endorse.h"
#include "evidence/credential.h"
#include "evidence/endorsement.h"
#include "sys/sys.h"

struct visit {
	struct verifierd *v;
	struct visit_request request;
	struct visit_result result;
	struct identity *identity; /* of a host that is not enrolled; owned */
	struct challenge challenge;
	/* What only the TPM that holds the EK and the AK can tell; judged once,
	 * then burnt. */
	uint8_t secret[CREDENTIAL_SECRET_SIZE];
	/* The IAK that must certify the AK, in `identity`; NULL: none must. */
	const struct iak *iak;
	uint8_t certify_nonce[NONCE_SIZE]; /* used once */
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

/* A secret for the holder of this EK and of the very key that will sign. */
static bool
ask_secret(struct visit *w, const struct ek *ek, struct err *err)
{
	const struct span public_area = ek_public(ek);
	const struct attester *host = &w->result.host;
	struct activation activation = {0};
	struct sealed_seed seed;
	struct tpm_public area;
	struct tpm_name ak;

	memcpy(activation.ek, ek->algorithm, EK_ALGORITHM_MAX);
	if (!tpm_public_parse(public_area, &area, err) ||
	    !tpm_name_of(span_of(host->ak.at, host->ak.len), &ak) ||
	    !sys_random(w->secret, sizeof(w->secret), err) ||
	    !crypto_seal_seed(&area.key, area.name_alg, CREDENTIAL_LABEL, &seed,
	                      err) ||
	    !credential_make(public_area, &seed, &ak, w->secret,
	                     &activation.credential, err))
		return false;
	w->proving = true;
	agent_ask_secret(w->agent, &activation, w->v->config.deadline_ms);
	return true;
}

/* A known name is refused with both EKs and what that means, by what the
 * machine says of itself: nothing is proved yet. */
static bool
name_is_free(struct visit *w, const struct identity *id, struct err *err)
{
	const struct attester *known = &w->request.known;
	char was[TEXT_HEX_SIZE(SHA256_SIZE)], is[TEXT_HEX_SIZE(SHA256_SIZE)];
	uint8_t sha256[SHA256_SIZE];
	enum likeness likeness;

	if (!w->request.is_known || w->request.replace)
		return true;
	likeness = attester_likeness(known, id, NULL);
	if (likeness == LIKENESS_SAME)
		return err_set(err, ERR_EXISTS,
		               "host '%.100s' is enrolled already, with this "
		               "TPM and this key; to do it anew: 'virt-attest "
		               "reenroll'",
		               known->name);
	if (id->n_eks == 0)
		return err_set(err, ERR_PEER, "it names no endorsement key");
	ek_digest(&id->eks[0], sha256);
	return err_set(
	    err, ERR_PEER,
	    "enrolled with EK %.12s, answers with EK %.12s; by its own word: "
	    "%s; see 'virt-attest reenroll'",
	    text_hex(span_of(known->ek_sha256, SHA256_SIZE), was),
	    text_hex(span_of(sha256, SHA256_SIZE), is),
	    likeness_text(likeness));
}

static void
take_identity(struct visit *w, const struct identity *id,
              const struct endorsement *e)
{
	struct attester *host = &w->result.host;

	memcpy(host->ek_sha256, e->ek_sha256, SHA256_SIZE);
	memcpy(host->ek_algorithm, e->ek->algorithm, EK_ALGORITHM_MAX);
	host->endorser = e->endorser;
	host->certificate = e->certificate;
	memcpy(w->result.note, e->note, sizeof(w->result.note));
	host->ak = id->ak;
	memcpy(host->manufacturer, id->manufacturer, TPM_WORD_MAX);
	memcpy(host->vendor, id->vendor, TPM_WORD_MAX);
	host->firmware = id->firmware;
	host->endpoints = id->endpoints;
	host->enrolled_s = sys_unix_s();
}

/* The EK that the operator pinned: now, or when he enrolled the host that is to
 * be replaced, if it still shows that one. */
static const uint8_t *
pinned_ek(const struct visit *w, const struct identity *id)
{
	const struct visit_request *r = &w->request;

	if (r->pinned)
		return r->host.ek_sha256;
	return r->replace && r->known.endorser == ENDORSED_BY_OPERATOR &&
	               identity_has_ek(id, r->known.ek_sha256)
	           ? r->known.ek_sha256
	           : NULL;
}

static void
on_identity(void *arg, const struct identity *id)
{
	struct visit *w = arg;
	const uint8_t *pinned = pinned_ek(w, id);
	struct endorsement e;
	struct err err = {0};

	*w->identity = *id;
	id = w->identity; /* the session's own goes with the next question */
	if (!attester_ak_allowed(span_of(id->ak.at, id->ak.len), &err) ||
	    !name_is_free(w, id, &err) ||
	    !endorse(w->v, id, pinned, &e, &err)) {
		fail(w, &err);
		return;
	}
	take_identity(w, id, &e);
	if (w->request.replace)
		w->result.likeness =
		    attester_likeness(&w->request.known, id, e.ek_sha256);
	w->iak = e.iak;
	if (!ask_secret(w, e.ek, &err))
		fail(w, &err);
}

static struct span
public_of(const struct public_bytes *area)
{
	return span_of(area->at, area->len);
}

static void
ask_certified(struct visit *w)
{
	struct certifying certifying = {0};
	struct err err = {0};

	if (!sys_random(w->certify_nonce, NONCE_SIZE, &err)) {
		fail(w, &err);
		return;
	}
	memcpy(certifying.nonce, w->certify_nonce, NONCE_SIZE);
	/* A key of a template has a name: its hash is one that we know. */
	(void)!tpm_name_of(public_of(&w->iak->public_area), &certifying.iak);
	agent_ask_certified(w->agent, &certifying, w->v->config.deadline_ms);
}

static void
on_certified(void *arg, const struct certified *certified)
{
	struct visit *w = arg;
	struct certification c = {
	    .iak = public_of(&w->iak->public_area),
	    .ak = public_of(&w->result.host.ak),
	    .certified = certified,
	};
	struct err err = {0};

	memcpy(c.statement.nonce, w->certify_nonce, NONCE_SIZE);
	memcpy(c.statement.exporter, agent_exporter(w->agent), EXPORTER_SIZE);
	endpoint_keys_digest(&w->result.host.endpoints, c.statement.endpoint);
	memset(w->certify_nonce, 0, NONCE_SIZE);
	if (certification_appraise(&c, &err))
		ask_quote(w);
	else
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
	if (!same)
		not_proved(w);
	else if (w->iak != NULL)
		ask_certified(w);
	else
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
    .certified = on_certified,
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
	if (!request->enrolled)
		w->identity = mem_new(1, sizeof(*w->identity));
	w->result.identity = w->identity;
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
	free(w->identity);
	free(w);
}
