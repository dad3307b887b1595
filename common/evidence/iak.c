/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "evidence/iak.h"

/* What makes an IAK's word worth something is `restricted`: it signs nothing
 * that looks like a TPM's statement and is not one (Part 1, 27.2.4). */
enum {
	IAK_ATTRIBUTES = OBJECT_OF_THIS_TPM | OBJECT_USER_WITH_AUTH |
	                 OBJECT_ADMIN_WITH_POLICY | OBJECT_RESTRICTED |
	                 OBJECT_SIGN,
	IAK_EXPONENT = 65537,
};

/* The profile's policies for an IAK's administration, by name hash. */
static const uint8_t policy_sha256[] = {
    0x54, 0x37, 0x18, 0x23, 0x26, 0xe4, 0x14, 0xfc, 0xa7, 0x97, 0xd5,
    0xf1, 0x74, 0x61, 0x5a, 0x16, 0x41, 0xf6, 0x12, 0x55, 0x79, 0x7c,
    0x3a, 0x2b, 0x22, 0xc2, 0x1d, 0x12, 0x0b, 0x2d, 0x1e, 0x07};
static const uint8_t policy_sha384[] = {
    0x12, 0x9d, 0x94, 0xeb, 0xf8, 0x45, 0x56, 0x65, 0x2c, 0x6e, 0xef, 0x43,
    0xbb, 0xb7, 0x57, 0x51, 0x2a, 0xc8, 0x7e, 0x52, 0xbe, 0x7b, 0x34, 0x9c,
    0xa6, 0xce, 0x4d, 0x82, 0x6f, 0x74, 0x9f, 0xcf, 0x67, 0x2f, 0x51, 0x71,
    0x6c, 0x5c, 0xbb, 0x60, 0x5f, 0x31, 0x3b, 0xf3, 0x45, 0xaa, 0xb3, 0x12};

static const struct iak_template templates[] = {
    {.name = "rsa2048",
     .policy = {policy_sha256, sizeof(policy_sha256)},
     .type = TPM_ALG_RSA,
     .key_bits = 2048,
     .hash = TPM_ALG_SHA256,
     .scheme = TPM_ALG_RSAPSS},
    {.name = "ecc-p256",
     .policy = {policy_sha256, sizeof(policy_sha256)},
     .type = TPM_ALG_ECC,
     .curve = TPM_ECC_NIST_P256,
     .coordinate_size = 32,
     .hash = TPM_ALG_SHA256,
     .scheme = TPM_ALG_ECDSA},
    {.name = "ecc-p384",
     .policy = {policy_sha384, sizeof(policy_sha384)},
     .type = TPM_ALG_ECC,
     .curve = TPM_ECC_NIST_P384,
     .coordinate_size = 48,
     .hash = TPM_ALG_SHA384,
     .scheme = TPM_ALG_ECDSA},
};

static bool
key_allowed(const struct crypto_key *key, const struct iak_template *t)
{
	if (t->type == TPM_ALG_RSA)
		return key->exponent == IAK_EXPONENT &&
		       key->modulus.len == t->key_bits / 8u;
	return key->x.len != 0 && key->x.len <= t->coordinate_size &&
	       key->y.len != 0 && key->y.len <= t->coordinate_size;
}

static bool
is_of(const struct tpm_public *p, const struct iak_template *t)
{
	return p->key.type == t->type && p->name_alg == t->hash &&
	       p->attributes == IAK_ATTRIBUTES &&
	       span_eq(p->policy, t->policy) && p->symmetric == TPM_ALG_NULL &&
	       p->scheme == t->scheme && p->scheme_hash == t->hash &&
	       p->kdf == TPM_ALG_NULL && p->key_bits == t->key_bits &&
	       p->key.curve == t->curve && key_allowed(&p->key, t);
}

const struct iak_template *
iak_template_of(struct span public_area, struct err *err)
{
	struct tpm_public p;

	if (!tpm_public_parse(public_area, &p, err))
		return NULL;
	for (size_t i = 0; i < LENGTH_OF(templates); i++)
		if (is_of(&p, &templates[i]))
			return &templates[i];
	err_set(err, ERR_PEER,
	        "initial attestation key: of none of the TCG's templates "
	        "(attributes 0x%08x, scheme 0x%04x)",
	        p.attributes, p.scheme);
	return NULL;
}
