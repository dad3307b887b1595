/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "net/key_private.h"
#include "net/net_private.h"
#include "net/tls_private.h"

/* A TPM that is away is not asked at every handshake: the loop waits for each
 * try. */
enum { RETRY_MS = 1000 };

struct tpm_key {
	char *name;
	char *tcti;
	OSSL_LIB_CTX *library; /* of TLS: OpenSSL's own and our provider */
	OSSL_PROVIDER *added[KEY_PROVIDERS]; /* to it */
	EVP_PKEY *public, *pkey;
	/* What the provider tpm2 holds, in a library context of its own; all
	 * NULL while the TPM is away. */
	OSSL_LIB_CTX *tpm_library;
	OSSL_PROVIDER *base, *tpm2;
	EVP_PKEY *key;
	uint64_t next_try_ms;
	struct err why;
};

static uint64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool
refuse(struct tpm_key *k, enum err_code code, const char *what)
{
	char why[128];

	return err_set(&k->why, code, "%s: %s: %s", k->name, what,
	               tls_queue_text(why, sizeof(why)));
}

/* A library context that ends takes no provider along that is still loaded. */
static void
unload(OSSL_PROVIDER *provider)
{
	if (provider != NULL)
		(void)OSSL_PROVIDER_unload(provider);
}

static void
let_go(struct tpm_key *k)
{
	EVP_PKEY_free(k->key);
	unload(k->tpm2);
	unload(k->base);
	OSSL_LIB_CTX_free(k->tpm_library);
	k->key = NULL;
	k->tpm2 = k->base = NULL;
	k->tpm_library = NULL;
}

static EVP_PKEY *
read_handle(const struct tpm_key *k)
{
	OSSL_STORE_CTX *store = OSSL_STORE_open_ex(
	    k->name, k->tpm_library, NULL, UI_null(), NULL, NULL, NULL, NULL);
	OSSL_STORE_INFO *info = NULL;
	EVP_PKEY *key = NULL;

	if (store != NULL)
		info = OSSL_STORE_load(store);
	if (info != NULL)
		key = OSSL_STORE_INFO_get1_PKEY(info);
	OSSL_STORE_INFO_free(info);
	(void)OSSL_STORE_close(store);
	return key;
}

static EVP_PKEY *
read_file(const struct tpm_key *k)
{
	BIO *file = BIO_new_file(k->name, "r");
	EVP_PKEY *key = NULL;

	if (file != NULL)
		key = PEM_read_bio_PrivateKey_ex(file, NULL, key_no_passphrase,
		                                 NULL, k->tpm_library, NULL);
	BIO_free(file);
	return key;
}

/* The provider keeps one connection to the TPM for its life and does not open
 * another: after a failure a new library context is what brings a new one. */
static bool
look_for(struct tpm_key *k)
{
	ERR_clear_error();
	k->tpm_library = OSSL_LIB_CTX_new();
	if (k->tpm_library == NULL)
		abort();
	k->base = OSSL_PROVIDER_load(k->tpm_library, "base");
	k->tpm2 = OSSL_PROVIDER_load(k->tpm_library, "tpm2");
	if (k->base == NULL || k->tpm2 == NULL) {
		char what[160];

		snprintf(what, sizeof(what),
		         "OpenSSL's provider tpm2 is not there or does not "
		         "reach the TPM '%.60s'",
		         k->tcti);
		return refuse(k, ERR_UNAVAILABLE, what);
	}
	k->key = key_is_handle(k->name) ? read_handle(k) : read_file(k);
	if (k->key == NULL)
		return refuse(k, ERR_UNAVAILABLE, "not a key of this TPM");
	if (key_type(k->key) == NULL)
		return refuse(k, ERR_UNSUPPORTED, "neither EC nor RSA");
	return true;
}

static bool
have_key(struct tpm_key *k)
{
	if (k->key != NULL)
		return true;
	if (now_ms() < k->next_try_ms)
		return false;
	if (look_for(k))
		return true;
	let_go(k);
	k->next_try_ms = now_ms() + RETRY_MS;
	return false;
}

static bool
is_rsa(const struct tpm_key *k)
{
	return EVP_PKEY_is_a(k->key, "RSA");
}

static bool
ask_tpm(const struct tpm_key *k, const char *digest, struct span hash,
        uint8_t *signature, size_t *size)
{
	EVP_PKEY_CTX *ctx =
	    EVP_PKEY_CTX_new_from_pkey(k->tpm_library, k->key, NULL);
	char name[32], pss[] = OSSL_PKEY_RSA_PAD_MODE_PSS;
	OSSL_PARAM params[3], *p = params;
	bool ok;

	snprintf(name, sizeof(name), "%s", digest);
	*p++ = OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST,
	                                        name, 0);
	if (is_rsa(k))
		*p++ = OSSL_PARAM_construct_utf8_string(
		    OSSL_SIGNATURE_PARAM_PAD_MODE, pss, 0);
	*p = OSSL_PARAM_construct_end();
	ok = ctx != NULL && EVP_PKEY_sign_init_ex(ctx, params) == 1 &&
	     EVP_PKEY_sign(ctx, signature, size, hash.at, hash.len) == 1;
	EVP_PKEY_CTX_free(ctx);
	return ok;
}

static bool
try_sign(struct tpm_key *k, const char *digest, struct span hash,
         uint8_t *signature, size_t *size)
{
	ERR_clear_error();
	if (!ask_tpm(k, digest, hash, signature, size))
		return refuse(k, ERR_UNAVAILABLE, "the TPM does not sign");
	if (!key_signed(k->public, digest, hash, span_of(signature, *size)))
		return refuse(k, ERR_TPM,
		              "another key's signature, or RSA-PSS with a salt "
		              "that TLS 1.3 does not take");
	k->why = (struct err){0};
	return true;
}

bool
tpm_key_sign(struct tpm_key *k, const char *digest, struct span hash,
             uint8_t *signature, size_t *size)
{
	size_t room = *size;

	/* Once more over a new connection: the resource manager or the TPM may
	 * have started anew. */
	for (int i = 0; i < 2; i++) {
		if (!have_key(k))
			return false;
		*size = room;
		if (try_sign(k, digest, hash, signature, size))
			return true;
		let_go(k);
	}
	k->next_try_ms = now_ms() + RETRY_MS;
	return false;
}

static bool
signs(struct tpm_key *k)
{
	static const uint8_t hash[32] = {1};
	uint8_t signature[KEY_SIGNATURE_MAX];
	size_t size = sizeof(signature);

	return try_sign(k, "SHA256", span_of(hash, sizeof(hash)), signature,
	                &size);
}

static bool
make_pkey(struct tpm_key *k, struct signer *signer)
{
	k->public = key_public_half(k->key, NULL);
	k->library = OSSL_LIB_CTX_new();
	if (k->public == NULL || k->library == NULL ||
	    !key_provider_add(k->library, k->added))
		return refuse(k, ERR_INTERNAL, "OpenSSL gave no context");
	k->pkey = key_provider_pkey(k->library, k->public, signer);
	return k->pkey != NULL ||
	       refuse(k, ERR_INTERNAL, "OpenSSL does not take it");
}

struct tpm_key *
tpm_key_new(const char *key, const char *tcti, struct signer *signer,
            struct err *err)
{
	struct tpm_key *k = mem_new(1, sizeof(*k));

	k->name = mem_text(key);
	k->tcti = mem_text(tcti);
	/* The provider's one way to be told.  Before there is any thread: later
	 * ones read the environment. */
	if (setenv("TPM2OPENSSL_TCTI", tcti, 1) != 0)
		abort();
	if (!have_key(k) || !make_pkey(k, signer) || !signs(k)) {
		*err = k->why;
		tpm_key_free(k);
		return NULL;
	}
	return k;
}

void
tpm_key_free(struct tpm_key *k)
{
	if (k == NULL)
		return;
	let_go(k);
	EVP_PKEY_free(k->pkey);
	EVP_PKEY_free(k->public);
	for (size_t i = 0; i < KEY_PROVIDERS; i++)
		unload(k->added[i]);
	OSSL_LIB_CTX_free(k->library);
	free(k->name);
	free(k->tcti);
	free(k);
}

const struct err *
tpm_key_why(const struct tpm_key *k)
{
	return &k->why;
}

OSSL_LIB_CTX *
tpm_key_library(const struct tpm_key *k)
{
	return k->library;
}

EVP_PKEY *
tpm_key_pkey(const struct tpm_key *k)
{
	return k->pkey;
}
