/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "endorse.h"

#include <stdio.h>
#include <string.h>

#include "evidence/endorsement.h"
#include "evidence/iak.h"
#include "sys/sys.h"

/* An EK is one of the TCG's templates, by the name that it goes by. */
static bool
ek_allowed(const struct ek *ek, struct err *err)
{
	const struct ek_template *t = ek_template_of(ek->algorithm);

	if (t == NULL)
		return err_set(err, ERR_PEER,
		               "endorsement key: no template '%s'",
		               ek->algorithm);
	return ek_public_allowed(ek_public(ek), t, err);
}

/* `v` says what for, and which certificate. */
static bool
vouch(const struct roots *roots, const struct identity *id,
      struct span public_area, struct vouching v, struct vouched *out,
      struct err *err)
{
	struct span chain[CERTIFICATE_CHAIN_MAX];
	struct tpm_public area;

	for (size_t i = 0; i < id->n_chain; i++)
		chain[i] = span_of(id->chain[i].at, id->chain[i].len);
	v.chain = chain;
	v.n_chain = id->n_chain;
	v.now_s = sys_unix_s();
	*out = (struct vouched){0};
	if (v.leaf.len == 0)
		return err_set(err, ERR_PEER, "the TPM keeps no certificate");
	if (!tpm_public_parse(public_area, &area, err))
		return false;
	v.key = area.key;
	return roots_vouch(roots, &v, out, err);
}

/* What a CA says of this key, by the configured policy on dates. */
static bool
certified(const struct config *config, const struct roots *roots,
          const struct identity *id, struct endorsement *e, struct err *err)
{
	const struct certificate_bytes *leaf =
	    e->iak != NULL ? &e->iak->certificate : &e->ek->certificate;
	const struct public_bytes *key =
	    e->iak != NULL ? &e->iak->public_area : &e->ek->public_area;
	const struct vouching v = {
	    .use = e->iak != NULL ? CERTIFICATE_OF_IAK : CERTIFICATE_OF_EK,
	    .leaf = span_of(leaf->at, leaf->len),
	};
	struct vouched vouched;
	bool ok =
	    vouch(roots, id, span_of(key->at, key->len), v, &vouched, err);

	e->certificate = vouched.certificate;
	e->revoked = vouched.revoked;
	if (ok && vouched.expired[0] != '\0' &&
	    strcmp(config->ek_expired, "refuse") == 0)
		return err_set(err, ERR_PEER, "%s", vouched.expired);
	snprintf(e->note, sizeof(e->note), "%s", vouched.expired);
	return ok;
}

/* `why` is of the first certificate that does not do, or of a revoked one. */
static void
note_why(const struct endorsement *e, const char *name,
         const struct err *of_this, struct err *why)
{
	if (why->code == ERR_NONE || e->revoked)
		err_set(why, of_this->code, "%s: %s", name, of_this->text);
}

/* The first EK that is certified.  Its maker's no to one of them is a no to the
 * TPM, whatever else it shows: `*revoked`. */
static bool
by_certificate(const struct config *config, const struct roots *roots,
               const struct identity *id, struct endorsement *e, bool *revoked,
               struct err *why)
{
	bool found = false;

	for (size_t i = 0; i < id->n_eks; i++) {
		const struct ek *ek = &id->eks[i];
		struct endorsement one = {.ek = ek,
		                          .endorser = ENDORSED_BY_CERTIFICATE};
		struct err of_this = {0};
		bool ok;

		if (ek->certificate.len == 0)
			continue;
		ek_digest(one.ek, one.ek_sha256);
		ok = ek_allowed(ek, &of_this) &&
		     certified(config, roots, id, &one, &of_this);
		if (!ok)
			note_why(&one, ek->algorithm, &of_this, why);
		if (ok && !found)
			*e = one;
		found = found || ok;
		*revoked = *revoked || one.revoked;
	}
	return found && !*revoked;
}

/* The IAK certifies the AK; the EK that goes with them is any of the TPM's. */
static bool
by_iak(const struct config *config, const struct roots *roots,
       const struct identity *id, struct endorsement *e, struct err *why)
{
	for (size_t i = 0; i < id->n_iaks && id->n_eks != 0; i++) {
		const struct iak *iak = &id->iaks[i];
		const struct iak_template *t;
		struct err of_this = {0};

		*e = (struct endorsement){
		    .ek = &id->eks[0], .iak = iak, .endorser = ENDORSED_BY_IAK};
		ek_digest(e->ek, e->ek_sha256);
		t = iak_template_of(
		    span_of(iak->public_area.at, iak->public_area.len),
		    &of_this);
		if (t != NULL && ek_allowed(e->ek, &of_this) &&
		    certified(config, roots, id, e, &of_this))
			return true;
		note_why(e, t != NULL ? "IAK" : "IAK of no template", &of_this,
		         why);
		if (e->revoked)
			return false;
	}
	return false;
}

/* The operator's word is enough; a certificate beside it is still told. */
static bool
by_operator(const struct config *config, const struct roots *roots,
            const struct identity *id, const uint8_t *pinned,
            struct endorsement *e, struct err *err)
{
	struct err why = {0};
	size_t i = 0;

	for (; i < id->n_eks; i++) {
		*e = (struct endorsement){.ek = &id->eks[i],
		                          .endorser = ENDORSED_BY_OPERATOR};
		ek_digest(e->ek, e->ek_sha256);
		if (memcmp(e->ek_sha256, pinned, SHA256_SIZE) == 0)
			break;
	}
	if (i == id->n_eks)
		return err_set(err, ERR_PEER,
		               "the host's TPM has no such endorsement key");
	if (!ek_allowed(e->ek, err))
		return false;
	if (!certified(config, roots, id, e, &why) &&
	    e->ek->certificate.len != 0)
		snprintf(e->note, sizeof(e->note),
		         "no CA vouches for the EK's certificate: %.150s",
		         why.text);
	return true;
}

static bool
by_maker(const struct config *config, const struct roots *roots,
         const struct identity *id, struct endorsement *e, struct err *err)
{
	struct err why = {0};
	bool revoked = false;

	if (by_certificate(config, roots, id, e, &revoked, &why) ||
	    (!revoked && by_iak(config, roots, id, e, &why)))
		return true;
	return err_set(err, ERR_PEER,
	               "no CA vouches for the host's TPM (%.90s): is its "
	               "maker's in ek_roots? or compare 'virt-attest-agentd "
	               "--show-ek' there and give --ek-sha256",
	               why.code != ERR_NONE ? why.text
	                                    : "it keeps no certificate");
}

bool
endorse(struct verifierd *v, const struct identity *id,
        const uint8_t *pinned_sha256, struct endorsement *e, struct err *err)
{
	const struct roots *roots = ek_roots_now(v->ek_roots, err);

	if (roots == NULL)
		return false;
	return pinned_sha256 != NULL
	           ? by_operator(&v->config, roots, id, pinned_sha256, e, err)
	           : by_maker(&v->config, roots, id, e, err);
}
