/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The CAs that are believed: what is added, and what is odd about it. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "roots_private.h"

/* RSA-2048 and SHA-256 are 112 bits and more (NIST SP 800-57, part 1, 5.6). */
enum { STRONG_BITS = 112 };

struct roots *
roots_new(void)
{
	struct roots *roots = mem_new(1, sizeof(*roots));

	roots->store = X509_STORE_new();
	if (roots->store == NULL)
		abort();
	return roots;
}

void
roots_free(struct roots *roots)
{
	if (roots == NULL)
		return;
	for (size_t i = 0; i < roots->n; i++) {
		free(roots->entries[i].name);
		X509_free(roots->entries[i].cert);
		X509_CRL_free(roots->entries[i].crl);
	}
	free(roots->entries);
	X509_STORE_free(roots->store);
	free(roots);
}

size_t
roots_count(const struct roots *roots)
{
	size_t n = 0;

	for (size_t i = 0; i < roots->n; i++)
		n += roots->entries[i].cert != NULL;
	return n;
}

/* Takes a certificate or a list. */
static bool
keep(struct roots *roots, const char *name, X509 *cert, X509_CRL *crl,
     struct err *err)
{
	struct root *entry;
	bool ok;

	if (roots->n == ROOTS_MAX) {
		X509_free(cert);
		X509_CRL_free(crl);
		return err_set(err, ERR_LIMIT, "%.100s: over %d certificates",
		               name, ROOTS_MAX);
	}
	roots->entries =
	    mem_grow(roots->entries, roots->n + 1, sizeof(*roots->entries));
	entry = &roots->entries[roots->n++];
	*entry = (struct root){mem_text(name), cert, crl};
	ok = cert != NULL ? X509_STORE_add_cert(roots->store, cert) == 1
	                  : X509_STORE_add_crl(roots->store, crl) == 1;
	if (!ok)
		abort(); /* memory alone */
	return true;
}

static bool
add_der(struct roots *roots, const char *name, struct span der,
        bool certificate, struct err *err)
{
	const unsigned char *at = der.at;
	X509 *cert = NULL;
	X509_CRL *crl = NULL;

	if (certificate)
		cert = d2i_X509(NULL, &at, (long)der.len);
	else
		crl = d2i_X509_CRL(NULL, &at, (long)der.len);
	ERR_clear_error();
	if ((cert != NULL || crl != NULL) && at == der.at + der.len)
		return keep(roots, name, cert, crl, err);
	X509_free(cert);
	X509_CRL_free(crl);
	return err_set(err, ERR_MALFORMED,
	               "%.100s: no certificate and no revocation list that "
	               "can be read",
	               name);
}

static bool
add_block(struct roots *roots, const char *name, const char *kind,
          struct span der, struct err *err)
{
	if (strcmp(kind, PEM_STRING_X509) == 0)
		return add_der(roots, name, der, true, err);
	if (strcmp(kind, PEM_STRING_X509_CRL) == 0)
		return add_der(roots, name, der, false, err);
	return err_set(err, ERR_MALFORMED,
	               "%.100s: '%.40s' is neither a certificate nor a "
	               "revocation list",
	               name, kind);
}

static const char pem_begin[] = "-----BEGIN ";

/* How many blocks a file says that it has. */
static size_t
pem_blocks(struct span file)
{
	size_t n = 0, len = sizeof(pem_begin) - 1;

	for (size_t i = 0; i + len <= file.len; i++)
		n += memcmp(file.at + i, pem_begin, len) == 0;
	return n;
}

/* OpenSSL passes over a block whose first line is not whole, and over all that
 * does not begin its line: that would silently be missing. */
static bool
add_pem(struct roots *roots, const char *name, struct span file,
        struct err *err)
{
	const void *text = file.len != 0 ? (const void *)file.at : "";
	BIO *from = BIO_new_mem_buf(text, (int)file.len);
	char *kind = NULL, *header = NULL;
	unsigned char *der = NULL;
	bool ok = true;
	size_t n = 0;
	long len = 0;

	if (from == NULL)
		abort(); /* memory alone */
	while (ok && PEM_read_bio(from, &kind, &header, &der, &len) == 1) {
		ok = add_block(roots, name, kind, span_of(der, (size_t)len),
		               err);
		OPENSSL_free(kind);
		OPENSSL_free(header);
		OPENSSL_free(der);
		n++;
	}
	if (ok && (n == 0 || n != pem_blocks(file)))
		ok = err_set(err, ERR_MALFORMED,
		             "%.100s: a PEM block that cannot be read", name);
	ERR_clear_error();
	BIO_free(from);
	return ok;
}

/* A SEQUENCE of more than 127 bytes (X.690, 8.1.3.5), which is no text. */
static bool
is_der(struct span file)
{
	return file.len > 1 && file.at[0] == 0x30 && file.at[1] > 0x80;
}

/* One form or the other: PEM within DER, in a comment or behind it, is seen by
 * nobody who looks at the file. */
bool
roots_add(struct roots *roots, const char *name, struct span file,
          struct err *err)
{
	X509 *cert;

	if (file.len > INT32_MAX)
		return err_set(err, ERR_LIMIT, "%.100s: too large", name);
	if (!is_der(file))
		return add_pem(roots, name, file, err);
	cert =
	    d2i_X509(NULL, &(const unsigned char *){file.at}, (long)file.len);
	X509_free(cert);
	return add_der(roots, name, file, cert != NULL, err);
}

/* Where a review stands. */
struct review {
	const struct root *entry;
	char subject[CERTIFICATE_NAME_MAX];
	void (*odd)(void *, const char *, const char *, const char *);
	void *arg;
};

static void
say(const struct review *r, const char *why)
{
	r->odd(r->arg, r->entry->name, r->subject, why);
}

/* OpenSSL's own list of what RFC 5280 wants of a CA.  Whether there is an
 * issuer is said in our own words. */
static int
on_strict(int ok, X509_STORE_CTX *ctx)
{
	const struct review *r = X509_STORE_CTX_get_app_data(ctx);
	int error = X509_STORE_CTX_get_error(ctx);

	if (ok != 1 && error != X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT &&
	    error != X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY &&
	    error != X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE)
		say(r, X509_verify_cert_error_string(error));
	return 1;
}

static void
review_strictly(const struct roots *roots, const struct review *r,
                uint64_t now_s)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509_VERIFY_PARAM *param;

	if (ctx == NULL ||
	    X509_STORE_CTX_init(ctx, roots->store, r->entry->cert, NULL) != 1)
		abort();
	param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT |
	                                       X509_V_FLAG_CHECK_SS_SIGNATURE);
	X509_VERIFY_PARAM_set_time(param, (time_t)now_s);
	X509_STORE_CTX_set_app_data(ctx, (void *)(uintptr_t)r);
	X509_STORE_CTX_set_verify_cb(ctx, on_strict);
	(void)X509_verify_cert(ctx);
	X509_STORE_CTX_free(ctx);
	ERR_clear_error();
}

static bool
has_issuer(const struct roots *roots, X509 *cert)
{
	for (size_t i = 0; i < roots->n; i++)
		if (roots->entries[i].cert != NULL &&
		    X509_check_issued(roots->entries[i].cert, cert) ==
		        X509_V_OK)
			return true;
	return false;
}

static void
review_certificate(const struct roots *roots, const struct review *r,
                   uint64_t now_s)
{
	X509 *cert = r->entry->cert;
	const EVP_PKEY *key = X509_get0_pubkey(cert);
	int hash_bits = 0;

	review_strictly(roots, r, now_s);
	if (X509_check_ca(cert) != 1)
		say(r, "does not say in basicConstraints that it is a CA");
	if (key == NULL)
		say(r, "its public key cannot be read");
	else if (EVP_PKEY_get_security_bits(key) < STRONG_BITS)
		say(r, "its key is weaker than RSA of 2048 bits");
	if (!has_issuer(roots, cert))
		say(r, "its issuer is not here: it is believed by itself");
	else if ((X509_get_extension_flags(cert) & EXFLAG_SI) == 0 &&
	         X509_get_signature_info(cert, NULL, NULL, &hash_bits, NULL) ==
	             1 &&
	         hash_bits < STRONG_BITS)
		say(r, "it is signed with a weak hash");
	ERR_clear_error();
}

void
roots_review(const struct roots *roots, uint64_t now_s,
             void (*odd)(void *arg, const char *name, const char *subject,
                         const char *why),
             void *arg)
{
	for (size_t i = 0; i < roots->n; i++) {
		const struct root *entry = &roots->entries[i];
		struct review r = {.entry = entry, .odd = odd, .arg = arg};
		const X509_NAME *name = entry->cert != NULL
		                            ? X509_get_subject_name(entry->cert)
		                            : X509_CRL_get_issuer(entry->crl);
		const ASN1_TIME *next =
		    entry->crl != NULL ? X509_CRL_get0_nextUpdate(entry->crl)
				       : NULL;

		openssl_name(name, r.subject, sizeof(r.subject));
		if (entry->cert != NULL)
			review_certificate(roots, &r, now_s);
		else if (next == NULL || openssl_unix(next) < now_s)
			say(&r, "its revocation list is out of date");
	}
}
