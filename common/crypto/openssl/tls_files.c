/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crypto/tls_files.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "crypto/tls_certificate.h"
#include "openssl_private.h"

static BIO *
over(struct span pem)
{
	BIO *bio = BIO_new_mem_buf(pem.len != 0 ? (const void *)pem.at : "",
	                           (int)pem.len);

	if (bio == NULL)
		abort(); /* memory alone */
	return bio;
}

static bool
fits(struct span pem, struct err *err)
{
	return pem.len <= TLS_FILE_MAX ||
	       err_set(err, ERR_LIMIT, "more than %d bytes", TLS_FILE_MAX);
}

static bool
is_signed(X509_CRL *crl, struct span cas)
{
	BIO *from = over(cas);
	bool found = false;
	X509 *ca;

	for (int i = 0; i < TLS_CAS_MAX && !found; i++) {
		ca = PEM_read_bio_X509(from, NULL, NULL, NULL);
		if (ca == NULL)
			break;
		found = X509_get0_pubkey(ca) != NULL &&
		        X509_NAME_cmp(X509_get_subject_name(ca),
		                      X509_CRL_get_issuer(crl)) == 0 &&
		        X509_CRL_verify(crl, X509_get0_pubkey(ca)) == 1;
		X509_free(ca);
	}
	BIO_free(from);
	return found;
}

static bool
revokes(X509_CRL *crl, struct span certificate)
{
	BIO *from = over(certificate);
	X509 *cert = PEM_read_bio_X509(from, NULL, NULL, NULL);
	X509_REVOKED *entry = NULL;
	bool found =
	    cert != NULL && X509_CRL_get0_by_cert(crl, &entry, cert) == 1;

	X509_free(cert);
	BIO_free(from);
	return found;
}

bool
tls_crl_read(struct span pem, struct span cas, struct span certificate,
             struct tls_crl *out, struct err *err)
{
	const ASN1_TIME *until;
	X509_CRL *crl;
	BIO *from;

	*out = (struct tls_crl){0};
	if (!fits(pem, err) || !fits(cas, err) || !fits(certificate, err))
		return false;
	from = over(pem);
	crl = PEM_read_bio_X509_CRL(from, NULL, NULL, NULL);
	BIO_free(from);
	if (crl == NULL) {
		ERR_clear_error();
		return err_set(err, ERR_MALFORMED,
		               "no revocation list in PEM that can be read");
	}
	until = X509_CRL_get0_nextUpdate(crl);
	out->until_s = until != NULL ? openssl_unix(until) : 0;
	out->revoked =
	    (uint64_t)(X509_CRL_get_REVOKED(crl) != NULL
	                   ? sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl))
	                   : 0);
	out->is_signed = is_signed(crl, cas);
	out->revokes = revokes(crl, certificate);
	X509_CRL_free(crl);
	ERR_clear_error();
	return true;
}

static int
no_passphrase(char *out, int size, int writing, void *arg)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

bool
tls_private_key_digest(struct span pem, uint8_t out[SHA256_SIZE],
                       struct err *err)
{
	unsigned char *der = NULL;
	struct span bytes;
	EVP_PKEY *key;
	BIO *from;
	int len = 0;

	if (!fits(pem, err))
		return false;
	from = over(pem);
	key = PEM_read_bio_PrivateKey(from, NULL, no_passphrase, NULL);
	BIO_free(from);
	if (key != NULL)
		len = i2d_PUBKEY(key, &der);
	EVP_PKEY_free(key);
	ERR_clear_error();
	if (len <= 0)
		return err_set(err, ERR_MALFORMED,
		               "no private key in PEM that can be read "
		               "without a passphrase");
	bytes = span_of(der, (size_t)len);
	crypto_sha256(&bytes, 1, out);
	OPENSSL_free(der);
	return true;
}
