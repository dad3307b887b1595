/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When certificates and lists run out. */
#include <openssl/x509.h>
#include <time.h>

#include "net/net_private.h"

#define NEVER UINT64_MAX

/* A date that cannot be read is over already. */
static uint64_t
end_of(const ASN1_TIME *when)
{
	struct tm tm = {0};
	time_t unix_s;

	if (when == NULL) /* a list need not say */
		return NEVER;
	if (ASN1_TIME_to_tm(when, &tm) != 1)
		return 1;
	unix_s = timegm(&tm);
	return unix_s > 0 ? (uint64_t)unix_s : 1;
}

/* The earlier one counts. */
static void
note(uint64_t *until_s, uint64_t s)
{
	if (s != NEVER && (*until_s == 0 || s < *until_s))
		*until_s = s;
}

static X509_CRL *
list_at(STACK_OF(X509_OBJECT) * objects, int i)
{
	return X509_OBJECT_get0_X509_CRL(sk_X509_OBJECT_value(objects, i));
}

/* Of an issuer's lists one that is current is enough: its last one counts. */
static uint64_t
end_of_issuer(STACK_OF(X509_OBJECT) * objects, const X509_CRL *list)
{
	uint64_t last = 0, s;

	for (int i = 0; i < sk_X509_OBJECT_num(objects); i++) {
		X509_CRL *other = list_at(objects, i);

		if (other == NULL ||
		    X509_NAME_cmp(X509_CRL_get_issuer(other),
		                  X509_CRL_get_issuer(list)) != 0)
			continue;
		s = end_of(X509_CRL_get0_nextUpdate(other));
		last = s > last ? s : last;
	}
	return last;
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
		note(&out->certificate_s, end_of(X509_get0_notAfter(own)));
	(void)SSL_CTX_get0_chain_certs(tls->ctx, &chain);
	for (int i = 0; i < sk_X509_num(chain); i++)
		note(&out->certificate_s,
		     end_of(X509_get0_notAfter(sk_X509_value(chain, i))));
	for (int i = 0; i < sk_X509_OBJECT_num(objects); i++) {
		const X509 *ca =
		    X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
		const X509_CRL *list = list_at(objects, i);

		if (ca != NULL)
			note(&out->ca_s, end_of(X509_get0_notAfter(ca)));
		else if (list != NULL)
			note(&out->crl_s, end_of_issuer(objects, list));
	}
}
