/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a TPM's key is certified by a CA that is believed. */
#include <assert.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "roots_private.h"

/* OpenSSL's level of 80 bits and more; what an operator put among the roots is
 * not measured by it. */
enum { VOUCH_AUTH_LEVEL = 1 };

/* What X509_STORE_CTX carries for us. */
struct path {
	struct vouched *out;
	bool failed; /* `err` says why */
	struct err *err;
};

static void
note_expired(struct vouched *out, const char *what, const X509_NAME *whose,
             const ASN1_TIME *when)
{
	char name[64], day[16] = "?";
	struct tm utc;

	if (out->expired[0] != '\0')
		return; /* the first says enough */
	openssl_name(whose, name, sizeof(name));
	if (when != NULL && ASN1_TIME_to_tm(when, &utc) == 1)
		strftime(day, sizeof(day), "%Y-%m-%d", &utc);
	snprintf(out->expired, sizeof(out->expired), "%s '%s' ended on %s",
	         what, name, day);
}

/* A revocation list counts where there is one; dates are the caller's. */
static bool
is_allowed(X509_STORE_CTX *ctx, int error, struct vouched *out)
{
	X509 *cert = X509_STORE_CTX_get_current_cert(ctx);
	X509_CRL *crl = X509_STORE_CTX_get0_current_crl(ctx);
	int depth = X509_STORE_CTX_get_error_depth(ctx);

	switch (error) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		note_expired(out, "the certificate of",
		             X509_get_subject_name(cert),
		             X509_get0_notAfter(cert));
		return true;
	case X509_V_ERR_CRL_HAS_EXPIRED:
		note_expired(out, "the revocation list of",
		             X509_CRL_get_issuer(crl),
		             X509_CRL_get0_nextUpdate(crl));
		return true;
	case X509_V_ERR_UNABLE_TO_GET_CRL:
		return true;
	case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
		/* Of the anchor's issuer, who is not there to be asked. */
		return depth == sk_X509_num(X509_STORE_CTX_get0_chain(ctx)) - 1;
	default:
		return false;
	}
}

static int
on_verified(int ok, X509_STORE_CTX *ctx)
{
	struct path *path = X509_STORE_CTX_get_app_data(ctx);
	int error = X509_STORE_CTX_get_error(ctx);
	X509 *cert = X509_STORE_CTX_get_current_cert(ctx);
	char name[100] = "";

	if (ok == 1)
		return 1;
	if (is_allowed(ctx, error, path->out)) {
		X509_STORE_CTX_set_error(ctx, X509_V_OK);
		return 1;
	}
	if (cert != NULL)
		openssl_name(X509_get_subject_name(cert), name, sizeof(name));
	path->out->revoked = error == X509_V_ERR_CERT_REVOKED;
	path->failed = true;
	err_set(path->err, ERR_PEER, "%s ('%s', certificate %d of its path)",
	        X509_verify_cert_error_string(error), name,
	        X509_STORE_CTX_get_error_depth(ctx));
	return 0;
}

/* Those that only came along say in so many words that they are CAs; OpenSSL
 * would take a key usage for it. */
static bool
intermediates_allowed(X509_STORE_CTX *ctx, struct err *err)
{
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);

	for (int i = 1; i < sk_X509_num(chain) - 1; i++)
		if (X509_check_ca(sk_X509_value(chain, i)) != 1)
			return err_set(err, ERR_PEER,
			               "certificate %d of its path is of no CA",
			               i);
	return true;
}

/* Whether `crl` is that of the CA that issued `cert`. */
static bool
is_list_for(X509_CRL *crl, X509 *cert, X509 *ca)
{
	EVP_PKEY *key = X509_get0_pubkey(ca);

	return key != NULL && X509_check_issued(ca, cert) == X509_V_OK &&
	       X509_NAME_cmp(X509_CRL_get_issuer(crl),
	                     X509_get_subject_name(ca)) == 0 &&
	       X509_CRL_verify(crl, key) == 1;
}

/* Whether a list of the roots revokes number `i` of the chain. */
static bool
is_revoked(const struct roots *roots, STACK_OF(X509) * chain, int i,
           X509_CRL *crl)
{
	X509 *cert = sk_X509_value(chain, i);
	X509_REVOKED *entry;

	if (X509_CRL_get0_by_cert(crl, &entry, cert) != 1)
		return false;
	if (i + 1 < sk_X509_num(chain))
		return is_list_for(crl, cert, sk_X509_value(chain, i + 1));
	for (size_t k = 0; k < roots->n; k++)
		if (roots->entries[k].cert != NULL &&
		    is_list_for(crl, cert, roots->entries[k].cert))
			return true;
	return false;
}

/* OpenSSL looks at one list of each CA, the newest, and at none of the anchor's
 * issuer when that is among the roots too. */
static bool
revocation_allowed(const struct roots *roots, X509_STORE_CTX *ctx,
                   struct vouched *out, struct err *err)
{
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);
	char name[100];

	for (int i = 0; i < sk_X509_num(chain); i++)
		for (size_t k = 0; k < roots->n; k++) {
			X509_CRL *crl = roots->entries[k].crl;

			if (crl == NULL || !is_revoked(roots, chain, i, crl))
				continue;
			out->revoked = true;
			openssl_name(
			    X509_get_subject_name(sk_X509_value(chain, i)),
			    name, sizeof(name));
			return err_set(err, ERR_PEER,
			               "certificate revoked ('%s', certificate "
			               "%d of its path; list in %.60s)",
			               name, i, roots->entries[k].name);
		}
	return true;
}

static bool
path_holds(const struct roots *roots, X509 *leaf, STACK_OF(X509) * chain,
           uint64_t now_s, struct vouched *out, struct err *err)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	struct path path = {.out = out, .err = err};
	X509_VERIFY_PARAM *param;
	bool ok;

	if (ctx == NULL ||
	    X509_STORE_CTX_init(ctx, roots->store, leaf, chain) != 1)
		abort();
	param = X509_STORE_CTX_get0_param(ctx);
	/* Without the policy check a critical policyConstraints is taken for
	 * understood and not looked at; we ask for no policy of our own. */
	X509_VERIFY_PARAM_set_flags(
	    param, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST |
		       X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL |
		       X509_V_FLAG_POLICY_CHECK);
	if (X509_VERIFY_PARAM_add0_policy(param, OBJ_nid2obj(NID_any_policy)) !=
	    1)
		abort();
	X509_VERIFY_PARAM_set_depth(param, CERTIFICATE_CHAIN_MAX + 1);
	X509_VERIFY_PARAM_set_auth_level(param, VOUCH_AUTH_LEVEL);
	X509_VERIFY_PARAM_set_time(param, (time_t)now_s);
	X509_STORE_CTX_set_app_data(ctx, &path);
	X509_STORE_CTX_set_verify_cb(ctx, on_verified);
	ok = X509_verify_cert(ctx) == 1 && !path.failed &&
	     intermediates_allowed(ctx, err) &&
	     revocation_allowed(roots, ctx, out, err);
	if (!ok && err->code == ERR_NONE)
		err_set(err, ERR_PEER, "%s",
		        X509_verify_cert_error_string(
			    X509_STORE_CTX_get_error(ctx)));
	X509_STORE_CTX_free(ctx);
	return ok;
}

static bool
has_extended_usage(const X509 *leaf, const char *oid)
{
	EXTENDED_KEY_USAGE *usages =
	    X509_get_ext_d2i(leaf, NID_ext_key_usage, NULL, NULL);
	bool found = false;

	for (int i = 0; i < sk_ASN1_OBJECT_num(usages); i++)
		if (openssl_oid_is(sk_ASN1_OBJECT_value(usages, i), oid))
			found = true;
	EXTENDED_KEY_USAGE_free(usages);
	return found;
}

/* tcg-kp-EKCertificate and tcg-kp-AIKCertificate, and the key usage that the
 * profile names for each kind of key. */
static bool
leaf_allowed(X509 *leaf, const struct vouching *v, struct err *err)
{
	bool is_ek = v->use == CERTIFICATE_OF_EK;
	const char *oid = is_ek ? "2.23.133.8.1" : "2.23.133.8.3";
	uint32_t usage = KU_DIGITAL_SIGNATURE;
	EVP_PKEY *key = openssl_key(&v->key);
	bool same =
	    key != NULL && EVP_PKEY_eq(X509_get0_pubkey(leaf), key) == 1;

	EVP_PKEY_free(key);
	if (is_ek)
		usage = v->key.type == TPM_ALG_RSA ? KU_KEY_ENCIPHERMENT
		                                   : KU_KEY_AGREEMENT;
	if (!same)
		return err_set(err, ERR_PEER,
		               "the certificate is of another key");
	/* OpenSSL finds no CA where the key usage has no keyCertSign. */
	if ((X509_get_extension_flags(leaf) & EXFLAG_CA) != 0 ||
	    X509_check_ca(leaf) != 0)
		return err_set(err, ERR_PEER, "the certificate is a CA's");
	if (!has_extended_usage(leaf, oid))
		return err_set(err, ERR_PEER,
		               "the certificate is not for an %s (%s is not "
		               "in its extended key usage)",
		               is_ek ? "endorsement key" : "attestation key",
		               oid);
	if ((X509_get_extension_flags(leaf) & EXFLAG_KUSAGE) == 0 ||
	    (X509_get_key_usage(leaf) & usage) == 0)
		return err_set(err, ERR_PEER,
		               "the certificate's key usage is not that of "
		               "such a key");
	return true;
}

/* The certificates that came along; NULL when one is none. */
static STACK_OF(X509) * read_chain(const struct vouching *v, struct err *err)
{
	STACK_OF(X509) *chain = sk_X509_new_null();

	if (chain == NULL)
		abort();
	for (size_t i = 0; i < v->n_chain; i++) {
		X509 *cert = openssl_certificate(v->chain[i], err);

		if (cert == NULL) {
			sk_X509_pop_free(chain, X509_free);
			return NULL;
		}
		if (sk_X509_push(chain, cert) <= 0)
			abort();
	}
	return chain;
}

bool
roots_vouch(const struct roots *roots, const struct vouching *v,
            struct vouched *out, struct err *err)
{
	struct err why = {0};
	STACK_OF(X509) * chain;
	X509 *leaf;
	bool ok;

	assert(v->use == CERTIFICATE_OF_EK || v->use == CERTIFICATE_OF_IAK);
	*out = (struct vouched){0};
	leaf = openssl_certificate(v->leaf, err);
	if (leaf == NULL)
		return false;
	openssl_certificate_says(leaf, v->leaf, &out->certificate);
	if (v->n_chain > CERTIFICATE_CHAIN_MAX) {
		X509_free(leaf);
		return err_set(err, ERR_LIMIT, "over %d intermediates",
		               CERTIFICATE_CHAIN_MAX);
	}
	chain = read_chain(v, err);
	ok = chain != NULL;
	if (ok) {
		ok = path_holds(roots, leaf, chain, v->now_s, out, &why) &&
		     leaf_allowed(leaf, v, &why);
		if (!ok)
			err_set(err, why.code, "%s", why.text);
	}
	sk_X509_pop_free(chain, X509_free);
	X509_free(leaf);
	ERR_clear_error();
	return ok;
}
