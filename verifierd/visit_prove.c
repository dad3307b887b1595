/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whose TPM it is: by the EK's certificate or the operator's word, and by what
 * only the TPM that holds EK and AK can tell. */
#include <string.h>

#include "appraise/certification.h"
#include "base/text.h"
#include "endorse.h"
#include "evidence/credential.h"
#include "evidence/endorsement.h"
#include "migration.h"
#include "sys/sys.h"
#include "visit_private.h"

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
		               "reenroll %.100s --replace'",
		               known->name, known->name);
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
	host->migration_ca = id->migration_ca;
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

static bool
is_certified(void *arg, const char *name)
{
	return agent_is_named(arg, name);
}

/* The list of keys is the host's word as yet: its quote is over it, and is
 * judged last. */
static bool
migration_allowed(const struct visit *w, struct err *err)
{
	const struct migration_host m = {
	    .host = &w->result.host,
	    .certified = is_certified,
	    .arg = w->agent,
	    .now_s = sys_unix_s(),
	};

	return migration_agrees(&m, err) &&
	       migration_apart_from_all(w->v, m.host, err);
}

void
visit_identity(void *arg, const struct identity *id)
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
		visit_fail(w, &err);
		return;
	}
	take_identity(w, id, &e);
	if (w->request.replace)
		w->result.likeness =
		    attester_likeness(&w->request.known, id, e.ek_sha256);
	w->iak = e.iak;
	if (!migration_allowed(w, &err) || !ask_secret(w, e.ek, &err))
		visit_fail(w, &err);
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
		visit_fail(w, &err);
		return;
	}
	memcpy(certifying.nonce, w->certify_nonce, NONCE_SIZE);
	/* A key of a template has a name: its hash is one that we know. */
	(void)!tpm_name_of(public_of(&w->iak->public_area), &certifying.iak);
	agent_ask_certified(w->agent, &certifying, w->v->config.deadline_ms);
}

void
visit_certified(void *arg, const struct certified *certified)
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
		visit_quote(w);
	else
		visit_fail(w, &err);
}

/* The same words whatever was wrong. */
void
visit_not_proved(struct visit *w)
{
	struct err err = {0};

	err_set(&err, ERR_PEER,
	        "the host's attestation key is not proved to live in the TPM "
	        "of its endorsement key");
	visit_fail(w, &err);
}

void
visit_activated(void *arg, const struct activated *activated)
{
	struct visit *w = arg;
	bool same =
	    activated->len == sizeof(w->secret) &&
	    crypto_same(activated->secret, w->secret, sizeof(w->secret));

	memset(w->secret, 0, sizeof(w->secret));
	w->proving = false;
	if (!same)
		visit_not_proved(w);
	else if (w->iak != NULL)
		ask_certified(w);
	else
		visit_quote(w);
}
