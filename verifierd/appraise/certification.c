/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "appraise/certification.h"

#include "evidence/iak.h"

static struct span
attest_of(const struct certification *c)
{
	return span_of(c->certified->attest.at, c->certified->attest.len);
}

static bool
signature_holds(const struct certification *c)
{
	struct span bytes =
	    span_of(c->certified->signature.at, c->certified->signature.len);
	struct crypto_signature signature;
	struct tpm_public key;

	return tpm_public_parse(c->iak, &key, NULL) &&
	       signature_parse(bytes, &signature, NULL) &&
	       signature.scheme == key.scheme &&
	       signature.hash == key.scheme_hash &&
	       crypto_signed(&key.key, attest_of(c), &signature);
}

/* A key that is not restricted would sign a forged statement as well. */
static bool
key_holds(const struct certification *c)
{
	return iak_template_of(c->iak, NULL) != NULL;
}

static bool
magic_holds(const struct certification *c)
{
	return c->said.magic == TPM_GENERATED_VALUE;
}

static bool
type_holds(const struct certification *c)
{
	return c->said.type == TPM_ST_ATTEST_CERTIFY;
}

static bool
length_holds(const struct certification *c)
{
	return c->read && c->said.trailing == 0;
}

/* The qualified name of a primary of the endorsement hierarchy. */
static bool
is_qualified_name(struct span public_area, struct span qualified)
{
	struct tpm_name name, want;

	return tpm_name_of(public_area, &name) &&
	       tpm_qualified_name_of(&name, &want) &&
	       span_eq(tpm_name_span(&want), qualified);
}

static bool
signer_holds(const struct certification *c)
{
	return c->read && is_qualified_name(c->iak, c->said.signer);
}

static bool
nonce_holds(const struct certification *c)
{
	uint8_t want[SHA256_SIZE];

	/* Zeroes are forgotten memory, not a nonce or a session. */
	if (!c->read || span_is_zero(span_of(c->statement.nonce, NONCE_SIZE)) ||
	    span_is_zero(span_of(c->statement.exporter, EXPORTER_SIZE)))
		return false;
	statement_certify(&c->statement, want);
	return span_eq(span_of(want, sizeof(want)), c->said.extra);
}

static bool
name_holds(const struct certification *c)
{
	struct tpm_name name;

	return c->read && tpm_name_of(c->ak, &name) &&
	       span_eq(tpm_name_span(&name), c->said.name);
}

static bool
hierarchy_holds(const struct certification *c)
{
	return c->read && is_qualified_name(c->ak, c->said.qualified);
}

const struct certification_check certification_checks[] = {
    {"signature", "it is not signed by the IAK", signature_holds},
    {"key", "the IAK is of none of the TCG's templates", key_holds},
    {"magic", "no TPM made it", magic_holds},
    {"type", "it is a statement of another kind", type_holds},
    {"length", "it is cut, or something stands behind it", length_holds},
    {"signer", "it names another signer", signer_holds},
    {"nonce", "it answers another question, or another session", nonce_holds},
    {"name", "it is about another key", name_holds},
    {"hierarchy", "the key is of another hierarchy", hierarchy_holds},
};
const size_t certification_checks_n = LENGTH_OF(certification_checks);

bool
certification_appraise(struct certification *c, struct err *err)
{
	c->read = false;
	c->said = (struct certify){0};
	for (size_t i = 0; i < certification_checks_n; i++) {
		const struct certification_check *check =
		    &certification_checks[i];

		if (!check->holds(c))
			return err_set(err, ERR_PEER,
			               "the IAK does not certify the host's "
			               "attestation key: %s (%s)",
			               check->text, check->name);
		/* What is not signed earns no reading. */
		if (i == 0)
			c->read = certify_read(attest_of(c), &c->said, NULL);
	}
	return true;
}
