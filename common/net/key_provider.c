/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* provider(7), provider-keymgmt(7), provider-signature(7). */
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>
#include <string.h>

#include "base/auto.h"
#include "net/key_private.h"

/* Our own parameter of EVP_PKEY_fromdata(): a `struct signer *`. */
#define PARAM_SIGNER "signer"
#define PROPERTIES   "provider=" KEY_PROVIDER
enum { SIGNER_SIZE = sizeof(void *) };

struct held_key {
	const char *type;
	EVP_PKEY *public;
	struct signer *signer; /* NULL: a peer's or a certificate's */
};

struct signing {
	const struct held_key *key;
	char digest[32];
};

/* ---- the key ---- */

static void *
key_new(const char *type)
{
	struct held_key *key = OPENSSL_zalloc(sizeof(*key));

	if (key != NULL)
		key->type = type;
	return key;
}

static void *
ec_new(void *provider)
{
	(void)provider;
	return key_new("EC");
}

static void *
rsa_new(void *provider)
{
	(void)provider;
	return key_new("RSA");
}

static void
key_free(void *arg)
{
	struct held_key *key = arg;

	if (key != NULL)
		EVP_PKEY_free(key->public);
	OPENSSL_free(key);
}

static int
key_has(const void *arg, int selection)
{
	const struct held_key *key = arg;

	return key->public != NULL &&
	       ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) == 0 ||
	        key->signer != NULL);
}

static int
key_match(const void *a, const void *b, int selection)
{
	const struct held_key *one = a, *other = b;

	(void)selection;
	return one->public != NULL && other->public != NULL &&
	       EVP_PKEY_eq(one->public, other->public) == 1;
}

static int
key_import(void *arg, int selection, const OSSL_PARAM params[])
{
	struct held_key *key = arg;
	const OSSL_PARAM *signer =
	    OSSL_PARAM_locate_const(params, PARAM_SIGNER);
	EVP_PKEY_CTX *ctx;
	bool ok;

	if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0) {
		if (signer == NULL || signer->data_size != SIGNER_SIZE)
			return 0;
		memcpy(&key->signer, signer->data, SIGNER_SIZE);
	}
	ctx = EVP_PKEY_CTX_new_from_name(NULL, key->type, NULL);
	ok = ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1 &&
	     EVP_PKEY_fromdata(ctx, &key->public, EVP_PKEY_PUBLIC_KEY,
	                       (OSSL_PARAM *)(uintptr_t)params) == 1;
	EVP_PKEY_CTX_free(ctx);
	return ok;
}

/* A private half that cannot be shown keeps the key here: OpenSSL turns to this
 * provider for the signature. */
static int
key_export(void *arg, int selection, OSSL_CALLBACK *take, void *take_arg)
{
	struct held_key *key = arg;
	OSSL_PARAM *params = NULL;
	int ok;

	if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0 ||
	    EVP_PKEY_todata(key->public, EVP_PKEY_PUBLIC_KEY, &params) != 1)
		return 0;
	ok = take(params, take_arg);
	OSSL_PARAM_free(params);
	return ok;
}

static int
key_get_params(void *arg, OSSL_PARAM params[])
{
	struct held_key *key = arg;

	return EVP_PKEY_get_params(key->public, params);
}

static const OSSL_PARAM *
key_gettable(void *provider)
{
	static const OSSL_PARAM known[] = {
	    OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, NULL),
	    OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, NULL),
	    OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, NULL),
	    OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
	    OSSL_PARAM_END};

	(void)provider;
	return known;
}

static const OSSL_PARAM *
ec_types(int selection)
{
	static const OSSL_PARAM known[] = {
	    OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
	    OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
	    OSSL_PARAM_octet_string(PARAM_SIGNER, NULL, 0), OSSL_PARAM_END};

	(void)selection;
	return known;
}

static const OSSL_PARAM *
rsa_types(int selection)
{
	static const OSSL_PARAM known[] = {
	    OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0),
	    OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0),
	    OSSL_PARAM_octet_string(PARAM_SIGNER, NULL, 0), OSSL_PARAM_END};

	(void)selection;
	return known;
}

static const char *
ec_signs_with(int operation)
{
	return operation == OSSL_OP_SIGNATURE ? "ECDSA" : NULL;
}

/* ---- the signature ---- */

static void *
signing_new(void *provider, const char *properties)
{
	(void)provider;
	(void)properties;
	return OPENSSL_zalloc(sizeof(struct signing));
}

static void
signing_free(void *arg)
{
	OPENSSL_free(arg);
}

/* A parameter of RSA comes as a number or as a word; none is as good. */
static bool
is_given(const OSSL_PARAM params[], const char *name, int number,
         const char *word)
{
	const OSSL_PARAM *p = OSSL_PARAM_locate_const(params, name);
	int is;

	if (p == NULL)
		return true;
	if (p->data_type == OSSL_PARAM_UTF8_STRING)
		return strcmp(p->data, word) == 0;
	return OSSL_PARAM_get_int(p, &is) == 1 && is == number;
}

/* RSA: what TLS 1.3 asks for is what the TPM is asked for; nothing else. */
static int
signing_set(void *arg, const OSSL_PARAM params[])
{
	(void)arg;
	return is_given(params, OSSL_SIGNATURE_PARAM_PAD_MODE,
	                RSA_PKCS1_PSS_PADDING, OSSL_PKEY_RSA_PAD_MODE_PSS) &&
	       is_given(params, OSSL_SIGNATURE_PARAM_PSS_SALTLEN,
	                RSA_PSS_SALTLEN_DIGEST,
	                OSSL_PKEY_RSA_PSS_SALT_LEN_DIGEST);
}

static const OSSL_PARAM *
signing_settable(void *arg, void *provider)
{
	static const OSSL_PARAM known[] = {
	    OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, NULL, 0),
	    OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL, 0),
	    OSSL_PARAM_END};

	(void)arg;
	(void)provider;
	return known;
}

static int
signing_start(void *arg, const char *digest, void *key,
              const OSSL_PARAM params[])
{
	struct signing *s = arg;

	if (key != NULL)
		s->key = key;
	if (s->key == NULL || s->key->signer == NULL || digest == NULL ||
	    strlen(digest) >= sizeof(s->digest))
		return 0;
	memcpy(s->digest, digest, strlen(digest) + 1);
	return params == NULL || signing_set(s, params);
}

static int
signing_sign(void *arg, unsigned char *out, size_t *len, size_t size,
             const unsigned char *text, size_t text_len)
{
	struct signing *s = arg;
	uint8_t hash[EVP_MAX_MD_SIZE];
	size_t hash_len = 0;

	if (out == NULL) {
		*len = (size_t)EVP_PKEY_get_size(s->key->public);
		return 1;
	}
	*len = size;
	return EVP_Q_digest(NULL, s->digest, NULL, text, text_len, hash,
	                    &hash_len) == 1 &&
	       signer_sign(s->key->signer, s->digest, span_of(hash, hash_len),
	                   out, len);
}

/* ---- the provider ---- */

#define ENTRY(id, function)                                                    \
	{                                                                      \
		OSSL_FUNC_##id, (void (*)(void))(function)                     \
	}
#define KEY_ENTRIES(type)                                                      \
	ENTRY(KEYMGMT_NEW, type##_new), ENTRY(KEYMGMT_FREE, key_free),         \
	    ENTRY(KEYMGMT_HAS, key_has), ENTRY(KEYMGMT_MATCH, key_match),      \
	    ENTRY(KEYMGMT_IMPORT, key_import),                                 \
	    ENTRY(KEYMGMT_IMPORT_TYPES, type##_types),                         \
	    ENTRY(KEYMGMT_EXPORT, key_export),                                 \
	    ENTRY(KEYMGMT_EXPORT_TYPES, type##_types),                         \
	    ENTRY(KEYMGMT_GET_PARAMS, key_get_params),                         \
	    ENTRY(KEYMGMT_GETTABLE_PARAMS, key_gettable)
#define SIGNATURE_ENTRIES                                                      \
	ENTRY(SIGNATURE_NEWCTX, signing_new),                                  \
	    ENTRY(SIGNATURE_FREECTX, signing_free),                            \
	    ENTRY(SIGNATURE_DIGEST_SIGN_INIT, signing_start),                  \
	    ENTRY(SIGNATURE_DIGEST_SIGN, signing_sign)

static const OSSL_DISPATCH ec_key[] = {
    KEY_ENTRIES(ec),
    ENTRY(KEYMGMT_QUERY_OPERATION_NAME, ec_signs_with),
    {0, NULL}};
static const OSSL_DISPATCH rsa_key[] = {KEY_ENTRIES(rsa), {0, NULL}};
static const OSSL_DISPATCH ecdsa[] = {SIGNATURE_ENTRIES, {0, NULL}};
static const OSSL_DISPATCH rsa_pss[] = {
    SIGNATURE_ENTRIES,
    ENTRY(SIGNATURE_SET_CTX_PARAMS, signing_set),
    ENTRY(SIGNATURE_SETTABLE_CTX_PARAMS, signing_settable),
    {0, NULL}};

static const OSSL_ALGORITHM *
query(void *provider, int operation, int *no_cache)
{
	static const OSSL_ALGORITHM keys[] = {
	    {"EC:id-ecPublicKey:1.2.840.10045.2.1", PROPERTIES, ec_key, NULL},
	    {"RSA:rsaEncryption:1.2.840.113549.1.1.1", PROPERTIES, rsa_key,
	     NULL},
	    {NULL, NULL, NULL, NULL}};
	static const OSSL_ALGORITHM signatures[] = {
	    {"ECDSA", PROPERTIES, ecdsa, NULL},
	    {"RSA:rsaEncryption:1.2.840.113549.1.1.1", PROPERTIES, rsa_pss,
	     NULL},
	    {NULL, NULL, NULL, NULL}};

	(void)provider;
	*no_cache = 0;
	if (operation == OSSL_OP_KEYMGMT)
		return keys;
	return operation == OSSL_OP_SIGNATURE ? signatures : NULL;
}

static int
start(const OSSL_CORE_HANDLE *core, const OSSL_DISPATCH *in,
      const OSSL_DISPATCH **out, void **provider)
{
	static const OSSL_DISPATCH functions[] = {
	    ENTRY(PROVIDER_QUERY_OPERATION, query), {0, NULL}};

	(void)core;
	(void)in;
	*out = functions;
	*provider = NULL;
	return 1;
}

bool
key_provider_add(OSSL_LIB_CTX *library, OSSL_PROVIDER *added[KEY_PROVIDERS])
{
	added[0] = OSSL_PROVIDER_load(library, "default");
	if (OSSL_PROVIDER_add_builtin(library, KEY_PROVIDER, start) == 1)
		added[1] = OSSL_PROVIDER_load(library, KEY_PROVIDER);
	return added[0] != NULL && added[1] != NULL;
}

EVP_PKEY *
key_provider_pkey(OSSL_LIB_CTX *library, EVP_PKEY *public,
                  struct signer *signer)
{
	EVP_PKEY_CTX *ctx =
	    EVP_PKEY_CTX_new_from_name(library, key_type(public), PROPERTIES);
	const OSSL_PARAM own[] = {
	    OSSL_PARAM_octet_string(PARAM_SIGNER, (void *)&signer, SIGNER_SIZE),
	    OSSL_PARAM_END};
	OSSL_PARAM *half = NULL, *params = NULL;
	EVP_PKEY *key = NULL;

	if (EVP_PKEY_todata(public, EVP_PKEY_PUBLIC_KEY, &half) == 1)
		params = OSSL_PARAM_merge(half, own);
	if (ctx != NULL && params != NULL && EVP_PKEY_fromdata_init(ctx) == 1)
		(void)EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params);
	OPENSSL_free(params); /* it borrows from the two */
	OSSL_PARAM_free(half);
	EVP_PKEY_CTX_free(ctx);
	return key;
}
