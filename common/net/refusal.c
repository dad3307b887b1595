/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/refusal.h"

#include "net/net_private.h"

static const char *const names[] = {
#define X(name, text) text,
    REFUSALS(X)
#undef X
};

/* What OpenSSL says of a certificate; what is not here is REFUSAL_CERTIFICATE.
 */
static const struct {
	long result;
	enum refusal refusal;
} results[] = {
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, REFUSAL_CA},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, REFUSAL_CA},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, REFUSAL_CA},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, REFUSAL_CA},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, REFUSAL_CA},
    {X509_V_ERR_CERT_UNTRUSTED, REFUSAL_CA},
    {X509_V_ERR_CERT_SIGNATURE_FAILURE, REFUSAL_CA},
    {X509_V_ERR_CERT_NOT_YET_VALID, REFUSAL_DATE},
    {X509_V_ERR_CERT_HAS_EXPIRED, REFUSAL_DATE},
    {X509_V_ERR_CERT_REVOKED, REFUSAL_REVOKED},
    {X509_V_ERR_UNABLE_TO_GET_CRL, REFUSAL_CRL},
    {X509_V_ERR_CRL_NOT_YET_VALID, REFUSAL_CRL},
    {X509_V_ERR_CRL_HAS_EXPIRED, REFUSAL_CRL},
    {X509_V_ERR_CRL_SIGNATURE_FAILURE, REFUSAL_CRL},
    {X509_V_ERR_APPLICATION_VERIFICATION, REFUSAL_NAME},
};

const char *
refusal_name(enum refusal refusal)
{
	return names[refusal];
}

static enum refusal
of_certificate(long result)
{
	for (size_t i = 0; i < LENGTH_OF(results); i++)
		if (results[i].result == result)
			return results[i].refusal;
	return REFUSAL_CERTIFICATE;
}

enum refusal
refusal_of(const struct stream *s, const struct err *why)
{
	if (why->code == ERR_LIMIT)
		return REFUSAL_LIMIT;
	if (s->ssl != NULL && SSL_get_verify_result(s->ssl) != X509_V_OK)
		return of_certificate(SSL_get_verify_result(s->ssl));
	return why->code == ERR_UNAVAILABLE ? REFUSAL_GONE : REFUSAL_TLS;
}
