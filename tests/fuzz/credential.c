/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Credentials.  What an agent takes off the wire, tpm2-tss takes too.  And of
 * a public area that somebody changed: no credential, or one that the holder
 * of the private key opens by the area as tpm2-tss reads it. */
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tss2/tss2_mu.h>

#include "base/buf.h"
#include "base/reader.h"
#include "evidence/credential.h"
#include "evidence/endorsement.h"
#include "proto/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

enum { POINT_MAX = 133, P256_BYTES = 32, RSA_BYTES = 256 };

static const uint8_t secret[CREDENTIAL_SECRET_SIZE] = {7, 1, 9};

static void
must(bool ok)
{
	if (!ok)
		abort();
}

/* The holder of an EK: its key, and the TPMT_PUBLIC of the TCG's template. */
struct holder {
	EVP_PKEY *key;
	struct buf area;
	size_t numbers; /* at the area's end: what is the key's own */
};

static void
holder_begin(struct holder *h, const struct ek_template *t)
{
	buf_u16(&h->area, t->type);
	buf_u16(&h->area, t->name_alg);
	buf_u32(&h->area, t->attributes);
	buf_sized(&h->area, t->policy);
	buf_u16(&h->area, TPM_ALG_AES);
	buf_u16(&h->area, t->aes_bits);
	buf_u16(&h->area, TPM_ALG_CFB);
	buf_u16(&h->area, TPM_ALG_NULL);
}

static void
holder_rsa(struct holder *h)
{
	uint8_t modulus[RSA_BYTES];
	BIGNUM *n = NULL;

	h->key = EVP_RSA_gen(RSA_BYTES * 8);
	must(h->key != NULL &&
	     EVP_PKEY_get_bn_param(h->key, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
	     BN_bn2binpad(n, modulus, RSA_BYTES) == RSA_BYTES);
	BN_free(n);
	holder_begin(h, ek_template_of("rsa2048"));
	buf_u16(&h->area, RSA_BYTES * 8);
	buf_u32(&h->area, 0);
	buf_sized(&h->area, span_of(modulus, RSA_BYTES));
	h->numbers = RSA_BYTES;
}

static void
holder_ecc(struct holder *h)
{
	uint8_t point[POINT_MAX];
	size_t len;

	h->key = EVP_EC_gen("P-256");
	must(h->key != NULL &&
	     EVP_PKEY_get_octet_string_param(h->key, OSSL_PKEY_PARAM_PUB_KEY,
	                                     point, sizeof(point), &len) == 1);
	holder_begin(h, ek_template_of("ecc-p256"));
	buf_u16(&h->area, TPM_ECC_NIST_P256);
	buf_u16(&h->area, TPM_ALG_NULL);
	buf_sized(&h->area, span_of(point + 1, P256_BYTES));
	buf_sized(&h->area, span_of(point + 1 + P256_BYTES, P256_BYTES));
	h->numbers = 2 * P256_BYTES + 2;
}

static const char *
hash_name(uint16_t alg)
{
	return alg == TPM_ALG_SHA1     ? "SHA1"
	       : alg == TPM_ALG_SHA256 ? "SHA256"
	       : alg == TPM_ALG_SHA384 ? "SHA384"
	                               : "SHA512";
}

/* RSAES-OAEP (Part 1, B.10.4). */
static void
open_rsa(const struct holder *h, uint16_t hash, struct span sealed,
         struct digest *seed)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(h->key, NULL);
	const EVP_MD *md = EVP_get_digestbyname(hash_name(hash));
	uint8_t out[RSA_BYTES];
	size_t len = sizeof(out);

	must(ctx != NULL && EVP_PKEY_decrypt_init(ctx) == 1 &&
	     EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
	     EVP_PKEY_CTX_set_rsa_oaep_md(ctx, md) == 1 &&
	     EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, md) == 1 &&
	     EVP_PKEY_CTX_set0_rsa_oaep_label(
		 ctx, OPENSSL_memdup("IDENTITY", 9), 9) == 1 &&
	     EVP_PKEY_decrypt(ctx, out, &len, sealed.at, sealed.len) == 1 &&
	     len <= DIGEST_MAX);
	memcpy(seed->at, out, len);
	seed->len = (uint8_t)len;
	EVP_PKEY_CTX_free(ctx);
}

/* One-pass ECDH (Part 1, C.6.1). */
static void
open_ecc(const struct holder *h, uint16_t hash, struct span sealed,
         struct digest *seed)
{
	struct reader r = reader_of(sealed);
	struct span x = reader_sized(&r), y = reader_sized(&r);
	uint8_t point[1 + 2 * P256_BYTES] = {4}, z[P256_BYTES];
	struct crypto_kdf kdf = {
	    hash, span_of(z, sizeof(z)), "IDENTITY", x, {0}};
	EVP_PKEY *theirs = EVP_PKEY_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(h->key, NULL);
	size_t len = sizeof(z);

	must(reader_is_done(&r) && x.len == P256_BYTES && y.len == P256_BYTES);
	memcpy(point + 1, x.at, x.len);
	memcpy(point + 1 + P256_BYTES, y.at, y.len);
	must(EVP_PKEY_copy_parameters(theirs, h->key) == 1 &&
	     EVP_PKEY_set1_encoded_public_key(theirs, point, sizeof(point)) ==
	         1 &&
	     EVP_PKEY_derive_init(ctx) == 1 &&
	     EVP_PKEY_derive_set_peer(ctx, theirs) == 1 &&
	     EVP_PKEY_derive(ctx, z, &len) == 1);
	kdf.v = span_of(h->area.at + h->area.len - h->numbers, P256_BYTES);
	seed->len = (uint8_t)crypto_digest_size(hash);
	must(crypto_kdfe(&kdf, seed->at, seed->len));
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(theirs);
}

/* The integrity, and the identity in the clear (Part 1, 24). */
static void
must_open(const struct holder *h, const TPMT_PUBLIC *area,
          const struct tpm_name *name, const struct credential *c)
{
	bool rsa = area->type == TPM_ALG_RSA;
	const TPMT_SYM_DEF_OBJECT *symmetric =
	    rsa ? &area->parameters.rsaDetail.symmetric
		: &area->parameters.eccDetail.symmetric;
	size_t key_len = symmetric->keyBits.aes / 8u;
	struct reader r = reader_of(span_of(c->blob, c->blob_len));
	struct span integrity = reader_sized(&r), parts[2];
	uint8_t key[32], mac[DIGEST_MAX], plain[2 + CREDENTIAL_SECRET_SIZE];
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	static const uint8_t iv[16];
	struct crypto_kdf kdf = {.hash = area->nameAlg, .label = "STORAGE"};
	struct digest seed = {0}, want;
	int len = 0;

	(rsa ? open_rsa : open_ecc)(h, area->nameAlg,
	                            span_of(c->sealed, c->sealed_len), &seed);
	must(!r.bad && r.rest.len == sizeof(plain));
	kdf.key = digest_span(&seed);
	kdf.u = tpm_name_span(name);
	must(crypto_kdfa(&kdf, key, key_len));
	kdf.label = "INTEGRITY";
	kdf.u = (struct span){0};
	must(crypto_kdfa(&kdf, mac, seed.len));
	parts[0] = r.rest;
	parts[1] = tpm_name_span(name);
	must(crypto_hmac(area->nameAlg, span_of(mac, seed.len), parts, 2,
	                 &want));
	must(span_eq(digest_span(&want), integrity));
	must(EVP_DecryptInit_ex(ctx,
	                        key_len == 16 ? EVP_aes_128_cfb128()
	                                      : EVP_aes_256_cfb128(),
	                        NULL, key, iv) == 1 &&
	     EVP_DecryptUpdate(ctx, plain, &len, r.rest.at, (int)r.rest.len) ==
	         1);
	must(plain[0] == 0 && plain[1] == CREDENTIAL_SECRET_SIZE &&
	     memcmp(plain + 2, secret, sizeof(secret)) == 0);
	EVP_CIPHER_CTX_free(ctx);
}

/* The holder's area with changes: each of three bytes, where and what. */
static void
make(const struct holder *h, struct span changes)
{
	AUTO(buf_done) struct buf area = {0};
	struct reader r = reader_of(changes);
	struct tpm_name name = {.len = 34, .at = {0, TPM_ALG_SHA256}};
	size_t fixed = h->area.len - h->numbers, used = 0;
	struct sealed_seed seed;
	struct tpm_public p;
	struct credential c;
	TPMT_PUBLIC theirs;
	struct err err;

	buf_add(&area, buf_span(&h->area));
	while (r.rest.len >= 3) {
		size_t where = reader_u16(&r) % area.len;

		area.at[where] ^= reader_u8(&r);
	}
	if (!tpm_public_parse(buf_span(&area), &p, &err) ||
	    !crypto_seal_seed(&p.key, p.name_alg, CREDENTIAL_LABEL, &seed,
	                      &err) ||
	    !credential_make(buf_span(&area), &seed, &name, secret, &c, &err))
		return;
	must(c.blob_len <= CREDENTIAL_BLOB_MAX && c.sealed_len <= SEALED_MAX);
	/* Of another key: nobody here can open it. */
	if (memcmp(area.at + fixed, h->area.at + fixed, h->numbers) != 0)
		return;
	if (Tss2_MU_TPMT_PUBLIC_Unmarshal(area.at, area.len, &used, &theirs) !=
	    TSS2_RC_SUCCESS)
		return;
	must(used == area.len);
	must_open(h, &theirs, &name, &c);
}

/* `blob` and `sealed` as JSON and back; then as tpm2-tss would send them. */
static void
pass(struct span blob, struct span sealed)
{
	AUTO(buf_done) struct buf text = {0}, marshalled = {0};
	AUTO(json_auto) struct json *object = json_new_object();
	AUTO(json_auto) struct json *again = NULL;
	TPM2B_ENCRYPTED_SECRET their_secret = {0};
	TPM2B_ID_OBJECT their_blob = {0};
	struct activation a;
	struct err err;
	size_t used = 0;
	bool fits = blob.len <= CREDENTIAL_BLOB_MAX && sealed.len <= SEALED_MAX;

	json_put_text(object, "ek", "rsa2048");
	json_put_base64(object, "credential_blob", blob);
	json_put_base64(object, "encrypted_secret", sealed);
	json_format(object, &text);
	again = json_parse(buf_span(&text), &err);
	must(again != NULL);
	must(activation_decode(again, &a, &err) == fits);
	if (!fits)
		return;
	must(span_eq(span_of(a.credential.blob, a.credential.blob_len), blob));
	must(span_eq(span_of(a.credential.sealed, a.credential.sealed_len),
	             sealed));
	buf_sized(&marshalled, blob);
	buf_sized(&marshalled, sealed);
	must(Tss2_MU_TPM2B_ID_OBJECT_Unmarshal(marshalled.at, marshalled.len,
	                                       &used,
	                                       &their_blob) == TSS2_RC_SUCCESS);
	must(their_blob.size == blob.len && used == 2 + blob.len);
	must(Tss2_MU_TPM2B_ENCRYPTED_SECRET_Unmarshal(
		 marshalled.at, marshalled.len, &used, &their_secret) ==
	     TSS2_RC_SUCCESS);
	must(their_secret.size == sealed.len && used == marshalled.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	static struct holder rsa, ecc;
	struct reader r = reader_of(span_of(at, len));
	struct span blob;

	if (rsa.key == NULL) {
		holder_rsa(&rsa);
		holder_ecc(&ecc);
	}
	switch (reader_u8(&r)) {
	case 0:
		make(&rsa, r.rest);
		break;
	case 1:
		make(&ecc, r.rest);
		break;
	default:
		blob = reader_sized(&r);
		pass(blob, reader_sized(&r));
	}
	return 0;
}
