/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "evidence/endorsement.h"

#include <string.h>

enum {
	LOW = OBJECT_OF_THIS_TPM | OBJECT_ADMIN_WITH_POLICY |
	      OBJECT_RESTRICTED | OBJECT_DECRYPT,
	HIGH = LOW | OBJECT_USER_WITH_AUTH,
};

/* ITU-T X.690, 8.1.2 and 8.1.3. */
enum { DER_SEQUENCE = 0x30, DER_LONG = 0x80, DER_LENGTH_OCTETS_MAX = 3 };

/* PolicyA: PolicySecret(TPM_RH_ENDORSEMENT). */
static const uint8_t policy_a[] = {
    0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8, 0x1a, 0x90, 0xcc,
    0x8d, 0x46, 0xa5, 0xd7, 0x24, 0xfd, 0x52, 0xd7, 0x6e, 0x06, 0x52,
    0x0b, 0x64, 0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa};

/* PolicyB: PolicyA or PolicyAuthorizeNV of the index I-1, I-2 or I-3. */
static const uint8_t policy_b_sha256[] = {
    0xca, 0x3d, 0x0a, 0x99, 0xa2, 0xb9, 0x39, 0x06, 0xf7, 0xa3, 0x34,
    0x24, 0x14, 0xef, 0xcf, 0xb3, 0xa3, 0x85, 0xd4, 0x4c, 0xd1, 0xfd,
    0x45, 0x90, 0x89, 0xd1, 0x9b, 0x50, 0x71, 0xc0, 0xb7, 0xa0};
static const uint8_t policy_b_sha384[] = {
    0xb2, 0x6e, 0x7d, 0x28, 0xd1, 0x1a, 0x50, 0xbc, 0x53, 0xd8, 0x82, 0xbc,
    0xf5, 0xfd, 0x3a, 0x1a, 0x07, 0x41, 0x48, 0xbb, 0x35, 0xd3, 0xb4, 0xe4,
    0xcb, 0x1c, 0x0a, 0xd9, 0xbd, 0xe4, 0x19, 0xca, 0xcb, 0x47, 0xba, 0x09,
    0x69, 0x96, 0x46, 0x15, 0x0f, 0x9f, 0xc0, 0x00, 0xf3, 0xf8, 0x0e, 0x12};
static const uint8_t policy_b_sha512[] = {
    0xb8, 0x22, 0x1c, 0xa6, 0x9e, 0x85, 0x50, 0xa4, 0x91, 0x4d, 0xe3,
    0xfa, 0xa6, 0xa1, 0x8c, 0x07, 0x2c, 0xc0, 0x12, 0x08, 0x07, 0x3a,
    0x92, 0x8d, 0x5d, 0x66, 0xd5, 0x9e, 0xf7, 0x9e, 0x49, 0xa4, 0x29,
    0xc4, 0x1a, 0x6b, 0x26, 0x95, 0x71, 0xd5, 0x7e, 0xdb, 0x25, 0xfb,
    0xdb, 0x18, 0x38, 0x42, 0x56, 0x08, 0xb4, 0x13, 0xcd, 0x61, 0x6a,
    0x5f, 0x6d, 0xb5, 0xb6, 0x07, 0x1a, 0xf9, 0x9b, 0xea};

/* clang-format off */
#define RSA(name, nv, bits, hash, aes, attributes, policy, unique) \
	{name, {policy, sizeof(policy)}, nv, attributes, TPM_ALG_RSA, bits, 0, \
	 hash, aes, unique}
#define ECC(name, nv, curve, hash, aes, attributes, policy, unique) \
	{name, {policy, sizeof(policy)}, nv, attributes, TPM_ALG_ECC, 0, curve, \
	 hash, aes, unique}

static const struct ek_template templates[] = {
    RSA("rsa2048", 0x01c00002, 2048, TPM_ALG_SHA256, 128, LOW, policy_a, 256),
    ECC("ecc-p256", 0x01c0000a, TPM_ECC_NIST_P256, TPM_ALG_SHA256, 128, LOW,
        policy_a, 32),
    RSA("rsa2048-high", 0x01c00012, 2048, TPM_ALG_SHA256, 128, HIGH,
        policy_b_sha256, 0),
    ECC("ecc-p256-high", 0x01c00014, TPM_ECC_NIST_P256, TPM_ALG_SHA256, 128,
        HIGH, policy_b_sha256, 0),
    ECC("ecc-p384", 0x01c00016, TPM_ECC_NIST_P384, TPM_ALG_SHA384, 256, HIGH,
        policy_b_sha384, 0),
    ECC("ecc-p521", 0x01c00018, TPM_ECC_NIST_P521, TPM_ALG_SHA512, 256, HIGH,
        policy_b_sha512, 0),
    RSA("rsa3072", 0x01c0001c, 3072, TPM_ALG_SHA384, 256, HIGH,
        policy_b_sha384, 0),
    RSA("rsa4096", 0x01c0001e, 4096, TPM_ALG_SHA384, 256, HIGH,
        policy_b_sha384, 0),
};
/* clang-format on */

const struct ek_template *
ek_template_at(size_t index)
{
	return index < LENGTH_OF(templates) ? &templates[index] : NULL;
}

const struct ek_template *
ek_template_of(const char *name)
{
	for (size_t i = 0; i < LENGTH_OF(templates); i++)
		if (strcmp(templates[i].name, name) == 0)
			return &templates[i];
	return NULL;
}

struct span
ek_public(const struct ek *ek)
{
	return span_of(ek->public_area.at, ek->public_area.len);
}

void
ek_digest(const struct ek *ek, uint8_t sha256[SHA256_SIZE])
{
	struct span area = ek_public(ek);

	crypto_sha256(&area, 1, sha256);
}

/* How long the DER at `s` is with its header; 0 when it is no SEQUENCE of a
 * definite length. */
static size_t
der_length(struct span s)
{
	size_t len, n_octets;

	if (s.len < 2 || s.at[0] != DER_SEQUENCE)
		return 0;
	if ((s.at[1] & DER_LONG) == 0)
		return 2 + (size_t)s.at[1];
	n_octets = s.at[1] & ~(unsigned)DER_LONG;
	if (n_octets == 0 || n_octets > DER_LENGTH_OCTETS_MAX ||
	    s.len < 2 + n_octets)
		return 0;
	len = 0;
	for (size_t i = 0; i < n_octets; i++)
		len = len << 8 | s.at[2 + i];
	return 2 + n_octets + len;
}

struct span
certificate_next(struct span *left)
{
	struct span none = {0}, found;
	size_t len;

	while (left->len != 0 && (left->at[0] == 0x00 || left->at[0] == 0xff))
		*left = span_of(left->at + 1, left->len - 1);
	len = der_length(*left);
	if (len == 0 || len > left->len) {
		*left = none;
		return none;
	}
	found = span_of(left->at, len);
	*left = span_of(left->at + len, left->len - len);
	return found;
}

/* Bytes of a coordinate on a curve of the templates. */
static size_t
coordinate_size(uint16_t curve)
{
	static const struct {
		uint16_t curve;
		size_t size;
	} curves[] = {{TPM_ECC_NIST_P256, 32},
	              {TPM_ECC_NIST_P384, 48},
	              {TPM_ECC_NIST_P521, 66}};

	for (size_t i = 0; i < LENGTH_OF(curves); i++)
		if (curves[i].curve == curve)
			return curves[i].size;
	return 0;
}

/* The profile's sizes; the TPM may leave out a coordinate's leading zeroes. The
 * exponent is written as the template has it, so that one key has one digest.
 */
static bool
key_allowed(const struct tpm_public *p, const struct ek_template *t)
{
	const struct crypto_key *key = &p->key;

	if (t->type == TPM_ALG_RSA)
		return p->exponent == 0 && key->modulus.len == t->key_bits / 8u;
	return key->x.len != 0 && key->x.len <= coordinate_size(t->curve) &&
	       key->y.len != 0 && key->y.len <= coordinate_size(t->curve);
}

bool
ek_public_allowed(struct span public_area, const struct ek_template *t,
                  struct err *err)
{
	struct tpm_public p;

	if (!tpm_public_parse(public_area, &p, err))
		return false;
	if (p.key.type == t->type && p.name_alg == t->name_alg &&
	    p.attributes == t->attributes && span_eq(p.policy, t->policy) &&
	    p.symmetric == TPM_ALG_AES && p.symmetric_bits == t->aes_bits &&
	    p.symmetric_mode == TPM_ALG_CFB && p.scheme == TPM_ALG_NULL &&
	    p.kdf == TPM_ALG_NULL && p.key_bits == t->key_bits &&
	    p.key.curve == t->curve && key_allowed(&p, t))
		return true;
	return err_set(err, ERR_PEER,
	               "endorsement key: not of the TCG's template for %s "
	               "(attributes 0x%08x, name hash 0x%04x)",
	               t->name, p.attributes, p.name_alg);
}
