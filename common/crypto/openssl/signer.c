/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys that sign files, whose digests somebody else has made. */
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "openssl_private.h"

enum { RSA_BITS_MIN = 2048, RSA_BITS_MAX = 4096, IDS_MAX = 2 };

struct crypto_signer {
	EVP_PKEY *key;
	size_t n;
	uint8_t ids[IDS_MAX][CRYPTO_SIGNER_ID_SIZE];
};

static void
add_id(struct crypto_signer *s, struct span bytes)
{
	if (bytes.len < CRYPTO_SIGNER_ID_SIZE)
		return;
	memcpy(s->ids[s->n++], bytes.at + bytes.len - CRYPTO_SIGNER_ID_SIZE,
	       CRYPTO_SIGNER_ID_SIZE);
}

static void
take_ids(struct crypto_signer *s, X509 *cert, const X509_PUBKEY *public)
{
	const ASN1_OCTET_STRING *subject =
	    cert != NULL ? X509_get0_subject_key_id(cert) : NULL;
	const unsigned char *bits = NULL;
	struct digest sha1;
	struct span hashed;
	int len = 0;

	if (subject != NULL && ASN1_STRING_length(subject) > 0)
		add_id(s, span_of(ASN1_STRING_get0_data(subject),
		                  (size_t)ASN1_STRING_length(subject)));
	if (X509_PUBKEY_get0_param(NULL, &bits, &len, NULL, public) != 1 ||
	    len <= 0)
		return;
	hashed = span_of(bits, (size_t)len);
	if (crypto_hash(TPM_ALG_SHA1, &hashed, 1, &sha1))
		add_id(s, digest_span(&sha1));
}

static bool
is_allowed(const EVP_PKEY *key)
{
	static const char *const groups[] = {"prime256v1", "secp384r1",
	                                     "secp521r1"};
	int bits = EVP_PKEY_get_bits(key);
	char group[32] = "";

	if (EVP_PKEY_is_a(key, "RSA"))
		return bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX;
	if (!EVP_PKEY_is_a(key, "EC") ||
	    EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) != 1)
		return false;
	for (size_t i = 0; i < LENGTH_OF(groups); i++)
		if (strcmp(group, groups[i]) == 0)
			return true;
	return false;
}

struct crypto_signer *
crypto_signer_of(struct span der)
{
	X509 *cert = openssl_certificate(der, NULL);
	const unsigned char *at = der.at;
	X509_PUBKEY *public = NULL, *own = NULL;
	struct crypto_signer *s = NULL;
	EVP_PKEY *key = NULL;

	if (cert != NULL)
	public = X509_get_X509_PUBKEY(cert);
	else if (der.len != 0 && der.len <= CERTIFICATE_MAX) public = own =
	    d2i_X509_PUBKEY(NULL, &at, (long)der.len);
	if (public != NULL && (own == NULL || at == der.at + der.len))
		key = X509_PUBKEY_get(public);
	if (key != NULL && is_allowed(key)) {
		s = mem_new(1, sizeof(*s));
		s->key = key;
		take_ids(s, cert, public);
	} else {
		EVP_PKEY_free(key);
	}
	X509_PUBKEY_free(own);
	X509_free(cert);
	ERR_clear_error();
	return s;
}

void
crypto_signer_free(struct crypto_signer *s)
{
	if (s == NULL)
		return;
	EVP_PKEY_free(s->key);
	free(s);
}

bool
crypto_signer_has_id(const struct crypto_signer *s,
                     const uint8_t id[CRYPTO_SIGNER_ID_SIZE])
{
	for (size_t i = 0; i < s->n; i++)
		if (memcmp(s->ids[i], id, CRYPTO_SIGNER_ID_SIZE) == 0)
			return true;
	return false;
}

bool
crypto_signer_signed(const struct crypto_signer *s, uint16_t hash,
                     struct span digest, struct span signature)
{
	const EVP_MD *md = openssl_hash(hash);
	EVP_PKEY_CTX *ctx;
	bool ok;

	if (md == NULL || digest.len != crypto_digest_size(hash) ||
	    signature.len == 0)
		return false;
	ctx = EVP_PKEY_CTX_new(s->key, NULL);
	ok = ctx != NULL && EVP_PKEY_verify_init(ctx) == 1 &&
	     (!EVP_PKEY_is_a(s->key, "RSA") ||
	      EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1) &&
	     EVP_PKEY_CTX_set_signature_md(ctx, md) == 1 &&
	     EVP_PKEY_verify(ctx, signature.at, signature.len, digest.at,
	                     digest.len) == 1;
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error(); /* a refusal is no error of the next caller's */
	return ok;
}
