/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "soft_host.h"

#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/mem.h"
#include "base/reader.h"
#include "evidence/credential.h"
#include "evidence/endorsement.h"
#include "soft_tpm.h"

enum { COORDINATE = 32, POINT = 1 + 2 * COORDINATE, AES_KEY = 16 };

struct soft_host {
	char *name;
	struct soft_tpm *ak;
	EVP_PKEY *ek;
	uint8_t point[POINT]; /* the EK's */
	struct public_bytes ak_public, ek_public;
	struct tpm_name ak_name, signer;
};

static const char ek_name[] = "ecc-p256";

/* TPMT_PUBLIC (Part 2, 12.2.4) of the template. */
static void
put_ek(struct soft_host *h)
{
	const struct ek_template *t = ek_template_of(ek_name);
	AUTO(buf_done) struct buf b = {0};

	buf_u16(&b, t->type);
	buf_u16(&b, t->name_alg);
	buf_u32(&b, t->attributes);
	buf_sized(&b, t->policy);
	buf_u16(&b, TPM_ALG_AES);
	buf_u16(&b, t->aes_bits);
	buf_u16(&b, TPM_ALG_CFB);
	buf_u16(&b, TPM_ALG_NULL);
	buf_u16(&b, t->curve);
	buf_u16(&b, TPM_ALG_NULL);
	buf_sized(&b, span_of(h->point + 1, COORDINATE));
	buf_sized(&b, span_of(h->point + 1 + COORDINATE, COORDINATE));
	memcpy(h->ek_public.at, b.at, b.len);
	h->ek_public.len = b.len;
}

struct soft_host *
soft_host_new(const char *name)
{
	struct soft_host *h = mem_new(1, sizeof(*h));
	size_t len = 0;
	bool ok;

	h->name = mem_text(name);
	h->ak = soft_tpm_new();
	h->ek = EVP_EC_gen("P-256");
	soft_tpm_public(h->ak, &h->ak_public);
	ok = h->ek != NULL &&
	     EVP_PKEY_get_octet_string_param(h->ek, OSSL_PKEY_PARAM_PUB_KEY,
	                                     h->point, POINT, &len) == 1 &&
	     len == POINT &&
	     tpm_name_of(span_of(h->ak_public.at, h->ak_public.len),
	                 &h->ak_name) &&
	     tpm_qualified_name_of(&h->ak_name, &h->signer);
	assert(ok);
	put_ek(h);
	return h;
}

void
soft_host_free(struct soft_host *h)
{
	if (h == NULL)
		return;
	soft_tpm_free(h->ak);
	EVP_PKEY_free(h->ek);
	free(h->name);
	free(h);
}

const char *
soft_host_name(const struct soft_host *h)
{
	return h->name;
}

void
soft_host_identity(const struct soft_host *h, struct identity *id)
{
	*id = (struct identity){.ak = h->ak_public,
	                        .n_eks = 1,
	                        .manufacturer = "SOFT",
	                        .vendor = "farm",
	                        .n_banks = 1,
	                        .banks = {TPM_ALG_SHA256}};
	memcpy(id->eks[0].algorithm, ek_name, sizeof(ek_name));
	id->eks[0].public_area = h->ek_public;
}

/* The other side of one-pass ECDH (Part 1, C.6.1): Z of their point and our
 * key. */
static bool
derive(const struct soft_host *h, const uint8_t theirs[POINT],
       uint8_t z[COORDINATE])
{
	EVP_PKEY *peer = EVP_PKEY_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(h->ek, NULL);
	size_t len = COORDINATE;
	bool ok;

	ok = peer != NULL && ctx != NULL &&
	     EVP_PKEY_copy_parameters(peer, h->ek) == 1 &&
	     EVP_PKEY_set1_encoded_public_key(peer, theirs, POINT) == 1 &&
	     EVP_PKEY_derive_init(ctx) == 1 &&
	     EVP_PKEY_derive_set_peer(ctx, peer) == 1 &&
	     EVP_PKEY_derive(ctx, z, &len) == 1 && len == COORDINATE;
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(peer);
	return ok;
}

static bool
open_seed(const struct soft_host *h, const struct credential *c,
          uint8_t seed[SHA256_SIZE])
{
	uint8_t theirs[POINT] = {POINT_CONVERSION_UNCOMPRESSED}, z[COORDINATE];
	struct reader r = reader_of(span_of(c->sealed, c->sealed_len));
	struct span x = reader_sized(&r), y = reader_sized(&r);
	const struct crypto_kdf kdf = {TPM_ALG_SHA256, span_of(z, sizeof(z)),
	                               CREDENTIAL_LABEL, x,
	                               span_of(h->point + 1, COORDINATE)};

	if (!reader_is_done(&r) || x.len != COORDINATE || y.len != COORDINATE)
		return false;
	memcpy(theirs + 1, x.at, COORDINATE);
	memcpy(theirs + 1 + COORDINATE, y.at, COORDINATE);
	return derive(h, theirs, z) && crypto_kdfe(&kdf, seed, SHA256_SIZE);
}

/* HMAC over the enciphered identity and the name (Part 1, 24.5). */
static bool
integrity_holds(const struct soft_host *h, struct span seed,
                struct span identity, struct span integrity)
{
	const struct crypto_kdf kdf = {
	    .hash = TPM_ALG_SHA256, .key = seed, .label = "INTEGRITY"};
	const struct span parts[] = {identity, tpm_name_span(&h->ak_name)};
	uint8_t key[SHA256_SIZE];
	struct digest mac;

	return crypto_kdfa(&kdf, key, sizeof(key)) &&
	       crypto_hmac(TPM_ALG_SHA256, span_of(key, sizeof(key)), parts,
	                   LENGTH_OF(parts), &mac) &&
	       integrity.len == mac.len &&
	       crypto_same(integrity.at, mac.at, mac.len);
}

static bool
decipher(const struct soft_host *h, struct span seed, struct span in,
         uint8_t *out)
{
	const struct crypto_kdf kdf = {.hash = TPM_ALG_SHA256,
	                               .key = seed,
	                               .label = "STORAGE",
	                               .u = tpm_name_span(&h->ak_name)};
	static const uint8_t iv[16] = {0};
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t key[AES_KEY];
	int len = 0;
	bool ok;

	ok = ctx != NULL && crypto_kdfa(&kdf, key, sizeof(key)) &&
	     EVP_DecryptInit_ex2(ctx, EVP_aes_128_cfb128(), key, iv, NULL) ==
	         1 &&
	     EVP_DecryptUpdate(ctx, out, &len, in.at, (int)in.len) == 1 &&
	     (size_t)len == in.len;
	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

bool
soft_host_activate(const struct soft_host *h, const struct activation *a,
                   struct activated *out, struct err *err)
{
	uint8_t seed[SHA256_SIZE], plain[CREDENTIAL_BLOB_MAX];
	struct reader r =
	    reader_of(span_of(a->credential.blob, a->credential.blob_len));
	struct span integrity = reader_sized(&r), identity = r.rest, secret;
	const struct span key = span_of(seed, sizeof(seed));

	if (r.bad || strcmp(a->ek, ek_name) != 0 ||
	    !open_seed(h, &a->credential, seed) ||
	    !integrity_holds(h, key, identity, integrity) ||
	    !decipher(h, key, identity, plain))
		return err_set(err, ERR_UNSUPPORTED, "no such credential");
	r = reader_of(span_of(plain, identity.len));
	secret = reader_sized(&r);
	if (!reader_is_done(&r) || secret.len > sizeof(out->secret))
		return err_set(err, ERR_UNSUPPORTED, "no such credential");
	memcpy(out->secret, secret.at, secret.len);
	out->len = secret.len;
	return true;
}

/* Every PCR holds the hash of the host's name and its own number. */
static void
fill_values(const struct soft_host *h, const struct pcr_selection *selection,
            struct pcr_values *values)
{
	*values = (struct pcr_values){.selection = *selection};
	for (uint8_t p = 0; p < PCR_COUNT; p++) {
		const struct span parts[] = {span_str(h->name), span_of(&p, 1)};
		struct digest *value = &values->values[0][p];

		if ((selection->banks[0].mask >> p & 1) == 0)
			continue;
		value->len = SHA256_SIZE;
		crypto_sha256(parts, LENGTH_OF(parts), value->at);
	}
}

bool
soft_host_quote(const struct soft_host *h,
                const struct pcr_selection *selection,
                const uint8_t qualifying[SHA256_SIZE], struct evidence *e,
                struct err *err)
{
	struct quote q = {
	    .magic = TPM_GENERATED_VALUE,
	    .type = TPM_ST_ATTEST_QUOTE,
	    .signer = tpm_name_span(&h->signer),
	    .extra = span_of(qualifying, SHA256_SIZE),
	    .session = {.clock_ms = 1, .reset_count = 1, .safe = 1},
	    .selection = *selection};
	struct digest digest;

	*e = (struct evidence){.place = {.size = 1}, .counters = {1, 1}};
	if (selection->n != 1 || selection->banks[0].alg != TPM_ALG_SHA256)
		return err_set(err, ERR_UNSUPPORTED, "no such bank");
	fill_values(h, selection, &e->values);
	if (!pcr_values_digest(&e->values, TPM_ALG_SHA256, &digest))
		return err_set(err, ERR_INTERNAL, "no digest of the PCRs");
	q.pcr_digest = digest_span(&digest);
	soft_attest(&q, &e->attest);
	soft_tpm_sign(h->ak, span_of(e->attest.at, e->attest.len),
	              &e->signature);
	return true;
}
