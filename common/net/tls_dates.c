/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When certificates and lists run out. */
#include <openssl/x509.h>
#include <time.h>

#include "net/net_private.h"

/* The earlier one counts; a date that cannot be read is over already. */
static void
note(uint64_t *until_s, const ASN1_TIME *when)
{
	struct tm tm = {0};
	uint64_t s = 1;
	time_t unix_s;

	if (when == NULL) /* a list need not say */
		return;
	if (ASN1_TIME_to_tm(when, &tm) == 1) {
		unix_s = timegm(&tm);
		s = unix_s > 0 ? (uint64_t)unix_s : 1;
	}
	if (*until_s == 0 || s < *until_s)
		*until_s = s;
}

void
tls_dates_look(const struct tls *tls, struct tls_dates *out)
{
	STACK_OF(X509_OBJECT) *objects =
	    X509_STORE_get0_objects(SSL_CTX_get_cert_store(tls->ctx));
	STACK_OF(X509) *chain = NULL;
	const X509 *own = SSL_CTX_get0_certificate(tls->ctx);

	*out = (struct tls_dates){0};
	if (own != NULL)
		note(&out->certificate_s, X509_get0_notAfter(own));
	(void)SSL_CTX_get0_chain_certs(tls->ctx, &chain);
	for (int i = 0; i < sk_X509_num(chain); i++)
		note(&out->certificate_s,
		     X509_get0_notAfter(sk_X509_value(chain, i)));
	for (int i = 0; i < sk_X509_OBJECT_num(objects); i++) {
		X509_OBJECT *o = sk_X509_OBJECT_value(objects, i);

		if (X509_OBJECT_get_type(o) == X509_LU_X509)
			note(&out->ca_s,
			     X509_get0_notAfter(X509_OBJECT_get0_X509(o)));
		else if (X509_OBJECT_get_type(o) == X509_LU_CRL)
			note(&out->crl_s, X509_CRL_get0_nextUpdate(
					      X509_OBJECT_get0_X509_CRL(o)));
	}
}
