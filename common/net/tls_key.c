/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a private key is, and what two places need to know of one. */
#include <ctype.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

#include "net/key_private.h"
#include "net/net_private.h"

#define HANDLE "handle:"

/* A file may hold certificates beside its key. */
enum { KEY_FILE_BLOCKS_MAX = 32 };

int
key_no_passphrase(char *out, int size, int writing, void *arg)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

const char *
key_type(const EVP_PKEY *key)
{
	if (EVP_PKEY_is_a(key, "EC"))
		return "EC";
	return EVP_PKEY_is_a(key, "RSA") ? "RSA" : NULL;
}

EVP_PKEY *
key_public_half(EVP_PKEY *from, OSSL_LIB_CTX *library)
{
	EVP_PKEY_CTX *ctx =
	    EVP_PKEY_CTX_new_from_name(library, key_type(from), NULL);
	OSSL_PARAM *params = NULL;
	EVP_PKEY *half = NULL;

	if (ctx != NULL &&
	    EVP_PKEY_todata(from, EVP_PKEY_PUBLIC_KEY, &params) == 1 &&
	    EVP_PKEY_fromdata_init(ctx) == 1)
		(void)EVP_PKEY_fromdata(ctx, &half, EVP_PKEY_PUBLIC_KEY,
		                        params);
	OSSL_PARAM_free(params);
	EVP_PKEY_CTX_free(ctx);
	return half;
}

bool
key_signed(EVP_PKEY *public, const char *digest, struct span hash,
           struct span signature)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, public, NULL);
	EVP_MD *md = EVP_MD_fetch(NULL, digest, NULL);
	bool ok;

	ok = ctx != NULL && md != NULL && EVP_PKEY_verify_init(ctx) == 1 &&
	     (!EVP_PKEY_is_a(public, "RSA") ||
	      (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) ==
	           1)) &&
	     EVP_PKEY_CTX_set_signature_md(ctx, md) == 1 &&
	     EVP_PKEY_verify(ctx, signature.at, signature.len, hash.at,
	                     hash.len) == 1;
	EVP_MD_free(md);
	EVP_PKEY_CTX_free(ctx);
	return ok;
}

bool
key_is_handle(const char *key)
{
	return strncmp(key, HANDLE, strlen(HANDLE)) == 0;
}

/* A persistent handle (Part 2, 7.2): 0x81 and six digits. */
static bool
handle_is_right(const char *handle)
{
	if (strncmp(handle, "0x81", 4) != 0 || strlen(handle) != 10)
		return false;
	for (handle += 4; *handle != '\0'; handle++)
		if (isxdigit((unsigned char)*handle) == 0)
			return false;
	return true;
}

/* Counts the private keys of a PEM file by their kind. */
static void
count_keys(BIO *file, size_t *plain, size_t *in_tpm)
{
	char *name, *header;
	unsigned char *data;
	long len;

	for (int i = 0; i < KEY_FILE_BLOCKS_MAX; i++) {
		const char *end;

		if (PEM_read_bio(file, &name, &header, &data, &len) != 1)
			break;
		end = strstr(name, "PRIVATE KEY");
		if (strcmp(name, "TSS2 PRIVATE KEY") == 0)
			++*in_tpm;
		else if (end != NULL)
			++*plain;
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_clear_free(data, (size_t)len);
	}
	ERR_clear_error();
}

bool
tls_key_in_tpm(const char *key, bool *in_tpm, struct err *err)
{
	size_t n_plain = 0, n_in_tpm = 0;
	BIO *file;

	if (key_is_handle(key)) {
		*in_tpm = true;
		return handle_is_right(key + strlen(HANDLE)) ||
		       err_set(err, ERR_CONFIG,
		               "%s: not a persistent handle (" HANDLE
		               "0x81 and six digits)",
		               key);
	}
	ERR_clear_error();
	file = BIO_new_file(key, "r");
	if (file != NULL)
		count_keys(file, &n_plain, &n_in_tpm);
	BIO_free(file);
	ERR_clear_error();
	/* What has no key or cannot be read is refused by who reads it. */
	*in_tpm = n_in_tpm > 0;
	return n_in_tpm == 0 || (n_in_tpm == 1 && n_plain == 0) ||
	       err_set(err, ERR_CONFIG,
	               "%s: a key in a TPM and another one beside it", key);
}
