/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "openssl_private.h"

X509 *
openssl_certificate(struct span der, struct err *err)
{
	const unsigned char *at = der.at;
	X509 *cert = NULL;

	if (der.len > CERTIFICATE_MAX) {
		err_set(err, ERR_LIMIT, "a certificate is %d bytes at most",
		        CERTIFICATE_MAX);
		return NULL;
	}
	if (der.len != 0)
		cert = d2i_X509(NULL, &at, (long)der.len);
	ERR_clear_error();
	if (cert != NULL && at == der.at + der.len)
		return cert;
	X509_free(cert);
	err_set(err, ERR_MALFORMED, "not one X.509 certificate in DER");
	return NULL;
}

void
openssl_name(const X509_NAME *name, char *out, size_t size)
{
	BIO *text = BIO_new(BIO_s_mem());
	char *at;
	long len;

	if (text == NULL)
		abort();
	out[0] = '\0';
	if (X509_NAME_print_ex(text, name, 0, XN_FLAG_RFC2253) >= 0) {
		len = BIO_get_mem_data(text, &at);
		text_ascii(span_of(at, (size_t)len), out, size);
	}
	BIO_free(text);
	ERR_clear_error();
}

uint64_t
openssl_unix(const ASN1_TIME *when)
{
	struct tm utc;
	time_t unix_s;

	if (ASN1_TIME_to_tm(when, &utc) != 1)
		return 0;
	unix_s = timegm(&utc);
	return unix_s > 0 ? (uint64_t)unix_s : 0;
}

void
openssl_key_digest(const X509 *cert, uint8_t out[SHA256_SIZE])
{
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
	struct span key;

	if (len < 0)
		abort(); /* it was read: memory alone */
	key = span_of(der, (size_t)len);
	crypto_sha256(&key, 1, out);
	OPENSSL_free(der);
}

bool
openssl_oid_is(const ASN1_OBJECT *object, const char *oid)
{
	char text[64];
	int len = OBJ_obj2txt(text, sizeof(text), object, 1);

	return len > 0 && (size_t)len < sizeof(text) && strcmp(text, oid) == 0;
}

/* tcg-at-tpmManufacturer, -tpmModel, -tpmVersion. */
static void
take_word(const X509_NAME_ENTRY *entry, struct certificate *c)
{
	const struct {
		const char *oid;
		char *word;
	} words[] = {
	    {"2.23.133.2.1", c->tpm_manufacturer},
	    {"2.23.133.2.2", c->tpm_model},
	    {"2.23.133.2.3", c->tpm_version},
	};
	const ASN1_STRING *value = X509_NAME_ENTRY_get_data(entry);
	int len = ASN1_STRING_length(value);

	for (size_t i = 0; i < LENGTH_OF(words); i++)
		if (len > 0 && openssl_oid_is(X509_NAME_ENTRY_get_object(entry),
		                              words[i].oid))
			text_ascii(
			    span_of(ASN1_STRING_get0_data(value), (size_t)len),
			    words[i].word, CERTIFICATE_WORD_MAX);
}

static void
take_words(const X509 *cert, struct certificate *c)
{
	GENERAL_NAMES *names =
	    X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type != GEN_DIRNAME)
			continue;
		for (int k = 0; k < X509_NAME_entry_count(name->d.dirn); k++)
			take_word(X509_NAME_get_entry(name->d.dirn, k), c);
	}
	GENERAL_NAMES_free(names);
	ERR_clear_error();
}

void
openssl_certificate_says(const X509 *cert, struct span der,
                         struct certificate *c)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(cert);
	int len = ASN1_STRING_length(serial);

	*c = (struct certificate){0};
	crypto_sha256(&der, 1, c->sha256);
	openssl_name(X509_get_subject_name(cert), c->subject,
	             sizeof(c->subject));
	openssl_name(X509_get_issuer_name(cert), c->issuer, sizeof(c->issuer));
	if (len > CERTIFICATE_SERIAL_MAX)
		len = CERTIFICATE_SERIAL_MAX;
	if (len > 0)
		text_hex(span_of(ASN1_STRING_get0_data(serial), (size_t)len),
		         c->serial);
	c->not_after_s = openssl_unix(X509_get0_notAfter(cert));
	take_words(cert, c);
}

bool
certificate_read(struct span der, struct certificate *c, struct err *err)
{
	X509 *cert = openssl_certificate(der, err);

	*c = (struct certificate){0};
	if (cert == NULL)
		return false;
	openssl_certificate_says(cert, der, c);
	X509_free(cert);
	return true;
}

bool
certificate_is_of(struct span der, const struct crypto_key *from)
{
	X509 *cert = openssl_certificate(der, NULL);
	EVP_PKEY *key = openssl_key(from);
	bool same = cert != NULL && key != NULL &&
	            EVP_PKEY_eq(X509_get0_pubkey(cert), key) == 1;

	EVP_PKEY_free(key);
	X509_free(cert);
	ERR_clear_error();
	return same;
}
