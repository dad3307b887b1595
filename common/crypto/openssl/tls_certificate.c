/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crypto/tls_certificate.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "openssl_private.h"

/* Certificates of a PEM file. */
struct certificates {
	X509 *at[TLS_CAS_MAX];
	size_t n;
};

static void
certificates_done(struct certificates *list)
{
	for (size_t i = 0; i < list->n; i++)
		X509_free(list->at[i]);
	list->n = 0;
}

/* Blocks of another kind (a key, parameters) are passed over, as TLS libraries
 * do.  False when a certificate cannot be read. */
static bool
certificates_load(struct span pem, size_t max, struct certificates *list)
{
	BIO *from;
	unsigned long why;

	if (pem.len == 0)
		return true;
	from = BIO_new_mem_buf(pem.at, (int)pem.len);
	if (from == NULL)
		abort(); /* memory alone */
	ERR_clear_error();
	while (list->n < max) {
		X509 *cert = PEM_read_bio_X509(from, NULL, NULL, NULL);

		if (cert == NULL)
			break;
		list->at[list->n++] = cert;
	}
	why = ERR_peek_last_error();
	ERR_clear_error();
	BIO_free(from);
	return list->n == max || why == 0 ||
	       ERR_GET_REASON(why) == PEM_R_NO_START_LINE;
}

static bool
is_word(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] <= 0x20 || text.at[i] > 0x7e)
			return false;
	return text.len != 0 && text.len < TLS_NAME_SIZE;
}

static void
take_name(const GENERAL_NAME *name, struct tls_certificate *c)
{
	char *out = c->names[c->n_names];
	const ASN1_STRING *value;
	struct span text;

	if (name->type != GEN_DNS && name->type != GEN_IPADD)
		return;
	value = name->type == GEN_DNS ? name->d.dNSName : name->d.iPAddress;
	text = span_of(ASN1_STRING_get0_data(value),
	               (size_t)ASN1_STRING_length(value));
	if (name->type == GEN_DNS && is_word(text)) {
		text_ascii(text, out, TLS_NAME_SIZE);
		c->n_names++;
	} else if (name->type == GEN_IPADD &&
	           (text.len == 4 || text.len == 16)) {
		c->n_names += inet_ntop(text.len == 4 ? AF_INET : AF_INET6,
		                        text.at, out, TLS_NAME_SIZE) != NULL;
	}
}

static void
take_names(const X509 *cert, struct tls_certificate *c)
{
	GENERAL_NAMES *names =
	    X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++)
		if (c->n_names < TLS_NAMES_MAX)
			take_name(sk_GENERAL_NAME_value(names, i), c);
	GENERAL_NAMES_free(names);
	ERR_clear_error();
}

static void
find_signer(X509 *cert, const struct certificates *cas,
            struct tls_certificate *c)
{
	for (size_t i = 0; i < cas->n && !c->is_signed; i++) {
		EVP_PKEY *key = X509_get0_pubkey(cas->at[i]);

		c->is_signed =
		    key != NULL &&
		    X509_check_issued(cas->at[i], cert) == X509_V_OK &&
		    X509_verify(cert, key) == 1;
		if (c->is_signed)
			openssl_key_digest(cas->at[i], c->signer_sha256);
	}
	ERR_clear_error();
}

static void
says(X509 *cert, const struct certificates *cas, struct tls_certificate *c)
{
	*c = (struct tls_certificate){0};
	c->not_before_s = openssl_unix(X509_get0_notBefore(cert));
	c->not_after_s = openssl_unix(X509_get0_notAfter(cert));
	c->is_ca = X509_check_ca(cert) == 1;
	openssl_key_digest(cert, c->key_sha256);
	take_names(cert, c);
	find_signer(cert, cas, c);
}

bool
tls_certificates_read(struct span pem, struct span cas,
                      struct tls_certificate *out, size_t max, size_t *n,
                      struct err *err)
{
	AUTO(certificates_done) struct certificates list = {0}, signers = {0};

	*n = 0;
	if (pem.len > TLS_FILE_MAX || cas.len > TLS_FILE_MAX)
		return err_set(err, ERR_LIMIT,
		               "a file of certificates is %d bytes at most",
		               TLS_FILE_MAX);
	if (!certificates_load(pem, max < TLS_CAS_MAX ? max : TLS_CAS_MAX,
	                       &list) ||
	    list.n == 0)
		return err_set(err, ERR_MALFORMED,
		               "no certificate in PEM that can be read");
	(void)certificates_load(cas, TLS_CAS_MAX, &signers);
	for (; *n < list.n; (*n)++)
		says(list.at[*n], &signers, &out[*n]);
	return true;
}
