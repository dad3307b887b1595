/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Another context in the place of one that is in use. */
#include <openssl/err.h>
#include <openssl/x509.h>
#include <string.h>

#include "net/net_private.h"
#include "net/review_private.h"
#include "net/tls_private.h"

/* The i-th of them, when it is a list of that CA's and is not out of date. */
static X509_CRL *
list_of(STACK_OF(X509_OBJECT) * all, int i, const X509_NAME *issuer)
{
	X509_CRL *crl = X509_OBJECT_get0_X509_CRL(sk_X509_OBJECT_value(all, i));
	const ASN1_TIME *next =
	    crl != NULL ? X509_CRL_get0_nextUpdate(crl) : NULL;

	if (crl == NULL || X509_NAME_cmp(X509_CRL_get_issuer(crl), issuer) != 0)
		return NULL;
	return next == NULL || X509_cmp_current_time(next) > 0 ? crl : NULL;
}

/* Whether there is another list of the same CA that is not out of date. */
static bool
has_current(STACK_OF(X509_OBJECT) * all, X509_CRL *old)
{
	for (int i = 0; i < sk_X509_OBJECT_num(all); i++)
		if (list_of(all, i, X509_CRL_get_issuer(old)) != NULL)
			return true;
	return false;
}

/* Whether a list that is current now is of this CA, and by its key. */
static bool
has_list(STACK_OF(X509_OBJECT) * all, X509 *ca)
{
	for (int i = 0; i < sk_X509_OBJECT_num(all); i++) {
		X509_CRL *crl = list_of(all, i, X509_get_subject_name(ca));

		if (crl != NULL &&
		    X509_CRL_verify(crl, X509_get0_pubkey(ca)) == 1 &&
		    X509_cmp_current_time(X509_CRL_get0_lastUpdate(crl)) < 0)
			return true;
	}
	return false;
}

/* A list of another CA, or one that somebody else signed, lets nobody in. */
static bool
lists_are_of_ours(const struct tls *tls, const struct tls_files *files,
                  struct err *err)
{
	STACK_OF(X509_OBJECT) *all =
	    X509_STORE_get0_objects(SSL_CTX_get_cert_store(tls->ctx));

	if (files->crl == NULL || files->crl[0] == '\0')
		return true;
	for (int i = 0; i < sk_X509_OBJECT_num(all); i++) {
		X509 *ca = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(all, i));

		if (ca != NULL && has_list(all, ca))
			return true;
	}
	return err_set(err, ERR_CONFIG,
	               "%s: it is of no CA in %s, or not by its key, or not "
	               "valid yet, and would refuse everybody",
	               files->crl, files->ca);
}

/* At a start such files are taken: what they refuse is refused, and said, one
 * by one.  In the place of those that serve they would be a loss. */
static bool
dates_hold(const struct tls *tls, const struct tls_files *files,
           struct err *err)
{
	STACK_OF(X509_OBJECT) *all =
	    X509_STORE_get0_objects(SSL_CTX_get_cert_store(tls->ctx));
	const X509 *cert = SSL_CTX_get0_certificate(tls->ctx);

	if (X509_cmp_current_time(X509_get0_notAfter(cert)) <= 0)
		return err_set(err, ERR_CONFIG, "%s: it has expired",
		               files->cert);
	if (X509_cmp_current_time(X509_get0_notBefore(cert)) >= 0)
		return err_set(err, ERR_CONFIG, "%s: it is not valid yet",
		               files->cert);
	for (int i = 0; i < sk_X509_OBJECT_num(all); i++) {
		X509_CRL *crl =
		    X509_OBJECT_get0_X509_CRL(sk_X509_OBJECT_value(all, i));

		if (crl != NULL && !has_current(all, crl))
			return err_set(err, ERR_CONFIG,
			               "%s: it has run out and would refuse "
			               "everybody: a fresh one is wanted",
			               files->crl);
	}
	return true;
}

struct tls *
tls_renewed(const struct tls *of, const struct tls_files *files,
            struct err *err)
{
	char alpn[sizeof(of->alpn)] = "";
	struct tls *tls;

	memcpy(alpn, of->alpn + 1, of->alpn_len - 1);
	tls = tls_make(of->server, files, alpn, of, err);
	if (tls != NULL && !(dates_hold(tls, files, err) &&
	                     lists_are_of_ours(tls, files, err))) {
		tls_free(tls);
		tls = NULL;
	}
	ERR_clear_error();
	return tls;
}

void
tls_replace(struct tls *tls, struct tls *fresh)
{
	SSL_CTX *ctx = tls->ctx;
	char **allowed = tls->allowed;
	size_t n = tls->n_allowed;

	tls->ctx = fresh->ctx;
	tls->allowed = fresh->allowed;
	tls->n_allowed = fresh->n_allowed;
	tls_own_context(tls);
	/* The old one goes with the last session that was made from it. */
	fresh->ctx = ctx;
	fresh->allowed = allowed;
	fresh->n_allowed = n;
	tls_free(fresh);
	review_begin(tls);
}
