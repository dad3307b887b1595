/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "evidence/attester.h"

#include <string.h>

#include "evidence/endorsement.h"

static const struct {
	const char *name, *text;
} endorsers[] = {
#define X(id, name, text) {name, text},
    ENDORSERS(X)
#undef X
};

static const char *const likenesses[] = {
#define X(id, text) text,
    LIKENESSES(X)
#undef X
};

enum {
	AK_ATTRIBUTES = OBJECT_OF_THIS_TPM | OBJECT_USER_WITH_AUTH |
	                OBJECT_NO_DA | OBJECT_RESTRICTED | OBJECT_SIGN,
	AK_RSA_BITS = 2048,
	AK_P256_BYTES = 32,
	AK_EXPONENT = 65537,
};

/* What an attestation key must be, with the key's own numbers filled in. */
static struct tpm_public
expected_ak(const struct tpm_public *got)
{
	struct tpm_public want = {
	    .name_alg = TPM_ALG_SHA256,
	    .attributes = AK_ATTRIBUTES,
	    .symmetric = TPM_ALG_NULL,
	    .scheme_hash = TPM_ALG_SHA256,
	    .kdf = TPM_ALG_NULL,
	    .key.type = got->key.type,
	};

	if (got->key.type == TPM_ALG_RSA) {
		want.scheme = TPM_ALG_RSASSA;
		want.key_bits = AK_RSA_BITS;
		want.key.exponent = AK_EXPONENT;
		want.key.modulus =
		    span_of(got->key.modulus.at, AK_RSA_BITS / 8);
	} else {
		want.scheme = TPM_ALG_ECDSA;
		want.key.curve = TPM_ECC_NIST_P256;
		want.key.x = span_of(got->key.x.at, AK_P256_BYTES);
		want.key.y = span_of(got->key.y.at, AK_P256_BYTES);
	}
	return want;
}

/* All of it; the key's bytes themselves are free, their lengths are not. */
static bool
public_eq(const struct tpm_public *a, const struct tpm_public *b)
{
	return a->name_alg == b->name_alg && a->attributes == b->attributes &&
	       span_eq(a->policy, b->policy) && a->symmetric == b->symmetric &&
	       a->scheme == b->scheme && a->scheme_hash == b->scheme_hash &&
	       a->key_bits == b->key_bits && a->key.curve == b->key.curve &&
	       a->kdf == b->kdf && a->key.type == b->key.type &&
	       a->key.exponent == b->key.exponent &&
	       a->key.modulus.len == b->key.modulus.len &&
	       a->key.x.len == b->key.x.len && a->key.y.len == b->key.y.len;
}

bool
attester_ak_allowed(struct span ak, struct err *err)
{
	struct tpm_public got, want;

	if (!tpm_public_parse(ak, &got, err))
		return false;
	if (got.key.type == TPM_ALG_RSA
	        ? got.key.modulus.at == NULL
	        : got.key.x.at == NULL || got.key.y.at == NULL)
		return err_set(err, ERR_MALFORMED,
		               "attestation key: no key in the public area");
	want = expected_ak(&got);
	if (!public_eq(&got, &want))
		return err_set(err, ERR_PEER,
		               "attestation key: not a restricted, fixed "
		               "signing key with one SHA-256 scheme "
		               "(attributes 0x%08x, scheme 0x%04x)",
		               got.attributes, got.scheme);
	return true;
}

bool
attester_name_allowed(const char *name, struct err *err)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-._:";
	size_t len = strlen(name);

	if (len == 0 || len >= HOST_NAME_MAX_SIZE)
		return err_set(err, ERR_MALFORMED,
		               "host name: 1 to %d characters",
		               HOST_NAME_MAX_SIZE - 1);
	if (strspn(name, letters) != len || name[0] == '-')
		return err_set(err, ERR_MALFORMED,
		               "host name: letters, digits, '-', '.', '_', ':' "
		               "and no '-' first");
	return true;
}

const char *
endorser_name(enum endorser e)
{
	return (size_t)e < LENGTH_OF(endorsers)
	           ? endorsers[e].name
	           : endorsers[ENDORSED_BY_NOBODY].name;
}

const char *
endorser_text(enum endorser e)
{
	return (size_t)e < LENGTH_OF(endorsers)
	           ? endorsers[e].text
	           : endorsers[ENDORSED_BY_NOBODY].text;
}

bool
endorser_of(const char *name, enum endorser *e)
{
	for (size_t i = 0; i < LENGTH_OF(endorsers); i++) {
		if (strcmp(endorsers[i].name, name) != 0)
			continue;
		*e = (enum endorser)i;
		return true;
	}
	return false;
}

bool
identity_has_ek(const struct identity *id, const uint8_t sha256[SHA256_SIZE])
{
	for (size_t i = 0; i < id->n_eks; i++) {
		uint8_t digest[SHA256_SIZE];

		ek_digest(&id->eks[i], digest);
		if (memcmp(digest, sha256, SHA256_SIZE) == 0)
			return true;
	}
	return false;
}

static bool
certificate_is(const struct certificate_bytes *c,
               const uint8_t sha256[SHA256_SIZE])
{
	struct span der = span_of(c->at, c->len);
	uint8_t digest[SHA256_SIZE];

	crypto_sha256(&der, 1, digest);
	return memcmp(digest, sha256, SHA256_SIZE) == 0;
}

static bool
has_certificate(const struct identity *id, const uint8_t sha256[SHA256_SIZE])
{
	if (span_is_zero(span_of(sha256, SHA256_SIZE)))
		return false;
	for (size_t i = 0; i < id->n_eks; i++)
		if (certificate_is(&id->eks[i].certificate, sha256))
			return true;
	for (size_t i = 0; i < id->n_iaks; i++)
		if (certificate_is(&id->iaks[i].certificate, sha256))
			return true;
	return false;
}

enum likeness
attester_likeness(const struct attester *enrolled, const struct identity *id,
                  const uint8_t *proved_ek)
{
	bool same_ak = span_eq(span_of(enrolled->ak.at, enrolled->ak.len),
	                       span_of(id->ak.at, id->ak.len));
	bool same_ek =
	    proved_ek != NULL
		? memcmp(proved_ek, enrolled->ek_sha256, SHA256_SIZE) == 0
		: identity_has_ek(id, enrolled->ek_sha256);

	/* A key lives in one TPM, whichever of its EKs vouched for it. */
	if (same_ak && (same_ek || proved_ek != NULL))
		return LIKENESS_SAME;
	if (same_ek)
		return LIKENESS_OTHER_AK;
	return has_certificate(id, enrolled->certificate.sha256)
	           ? LIKENESS_RESEEDED
	           : LIKENESS_OTHER_TPM;
}

const char *
likeness_text(enum likeness l)
{
	return likenesses[(size_t)l < LENGTH_OF(likenesses)
	                      ? l
	                      : LIKENESS_OTHER_TPM];
}
