/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test_pki.h"

enum { DAY_S = 24 * 60 * 60 };

static void
need(bool ok)
{
	if (!ok)
		abort();
}

const char *
pki_path(struct pki *pki, const char *file)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", pki->dir, file);
	for (size_t i = 0; i < pki->n_paths; i++)
		if (strcmp(pki->paths[i], path) == 0)
			return pki->paths[i];
	need(pki->n_paths < PKI_PATHS_MAX);
	pki->paths[pki->n_paths] = strdup(path);
	need(pki->paths[pki->n_paths] != NULL);
	return pki->paths[pki->n_paths++];
}

static FILE *
file_of(struct pki *pki, const char *name, const char *suffix, const char *mode)
{
	char file[80];
	FILE *out;

	snprintf(file, sizeof(file), "%s%s", name, suffix);
	out = fopen(pki_path(pki, file), mode);
	need(out != NULL);
	return out;
}

static void
extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *extension;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	need(extension != NULL && X509_add_ext(cert, extension, -1) == 1);
	X509_EXTENSION_free(extension);
}

static X509 *
cert_new(struct pki *pki, const char *name, EVP_PKEY *key, int days)
{
	X509 *cert = X509_new();
	X509_NAME *subject;

	need(cert != NULL && X509_set_version(cert, 2) == 1);
	need(ASN1_INTEGER_set(X509_get_serialNumber(cert), ++pki->serial));
	need(X509_gmtime_adj(X509_getm_notBefore(cert), -10L * DAY_S) != NULL);
	need(X509_gmtime_adj(X509_getm_notAfter(cert), (long)days * DAY_S) !=
	     NULL);
	subject = X509_get_subject_name(cert);
	need(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
	                                (const unsigned char *)name, -1, -1,
	                                0) == 1);
	need(X509_set_pubkey(cert, key) == 1);
	return cert;
}

/* With the certificate of the CA behind it, where that is not the root. */
static void
cert_write(struct pki *pki, const char *name, X509 *cert, X509 *behind)
{
	FILE *out = file_of(pki, name, ".pem", "w");

	need(PEM_write_X509(out, cert) == 1);
	need(behind == NULL || PEM_write_X509(out, behind) == 1);
	fclose(out);
}

static void
key_write(struct pki *pki, const char *name, EVP_PKEY *key)
{
	FILE *out = file_of(pki, name, ".key", "w");

	need(PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL) == 1);
	fclose(out);
}

/* The certificate of `pki` as a CA, issued by `of`. */
static void
make_ca(struct pki *pki, struct pki *of, const char *name)
{
	pki->key = EVP_EC_gen("P-256");
	need(pki->key != NULL);
	pki->ca = cert_new(of, name, pki->key, 30);
	need(X509_set_issuer_name(pki->ca, X509_get_subject_name(of->ca)) == 1);
	extend(pki->ca, of->ca, NID_basic_constraints, "critical,CA:TRUE");
	extend(pki->ca, of->ca, NID_key_usage, "critical,keyCertSign,cRLSign");
	extend(pki->ca, of->ca, NID_subject_key_identifier, "hash");
	need(X509_sign(pki->ca, of->key, EVP_sha256()) > 0);
	cert_write(pki, name, pki->ca, NULL);
}

void
pki_new(struct pki *pki, const char *ca_name)
{
	*pki = (struct pki){.dir = "/tmp/virt-attest-pki-XXXXXX"};
	need(mkdtemp(pki->dir) != NULL);
	make_ca(pki, pki, ca_name);
}

void
pki_sub(struct pki *pki, struct pki *of, const char *ca_name)
{
	*pki = (struct pki){.is_sub = true};
	memcpy(pki->dir, of->dir, sizeof(pki->dir));
	make_ca(pki, of, ca_name);
}

void
pki_leaf(struct pki *pki, const struct pki_leaf *leaf)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert;

	need(key != NULL);
	cert = cert_new(pki, leaf->name, key, leaf->days);
	need(X509_set_issuer_name(cert, X509_get_subject_name(pki->ca)) == 1);
	extend(cert, pki->ca, NID_authority_key_identifier, "keyid");
	if (leaf->sans != NULL)
		extend(cert, pki->ca, NID_subject_alt_name, leaf->sans);
	if (leaf->eku != NULL)
		extend(cert, pki->ca, NID_ext_key_usage, leaf->eku);
	need(X509_sign(cert, pki->key, EVP_sha256()) > 0);
	cert_write(pki, leaf->name, cert, pki->is_sub ? pki->ca : NULL);
	key_write(pki, leaf->name, key);
	X509_free(cert);
	EVP_PKEY_free(key);
}

static X509 *
cert_read(struct pki *pki, const char *name)
{
	char file[80];
	FILE *in;
	X509 *cert;

	snprintf(file, sizeof(file), "%s.pem", name);
	in = fopen(pki_path(pki, file), "r");
	need(in != NULL);
	cert = PEM_read_X509(in, NULL, NULL, NULL);
	need(cert != NULL);
	fclose(in);
	return cert;
}

static void
add_revoked(X509_CRL *crl, X509 *cert)
{
	X509_REVOKED *entry = X509_REVOKED_new();

	need(entry != NULL);
	need(X509_REVOKED_set_serialNumber(entry,
	                                   X509_get_serialNumber(cert)) == 1);
	need(X509_REVOKED_set_revocationDate(entry,
	                                     X509_getm_notBefore(cert)) == 1);
	need(X509_CRL_add0_revoked(crl, entry) == 1);
}

void
pki_crl(struct pki *pki, const char *name, const char *revoked, int days)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *from = X509_gmtime_adj(NULL, -10L * DAY_S);
	ASN1_TIME *to = X509_gmtime_adj(NULL, (long)days * DAY_S);
	FILE *out;

	need(crl != NULL && from != NULL && to != NULL);
	need(X509_CRL_set_version(crl, 1) == 1);
	need(X509_CRL_set_issuer_name(crl, X509_get_subject_name(pki->ca)) ==
	     1);
	need(X509_CRL_set1_lastUpdate(crl, from) == 1);
	need(X509_CRL_set1_nextUpdate(crl, to) == 1);
	if (revoked != NULL) {
		X509 *cert = cert_read(pki, revoked);

		add_revoked(crl, cert);
		X509_free(cert);
	}
	need(X509_CRL_sign(crl, pki->key, EVP_sha256()) > 0);
	out = file_of(pki, name, ".pem", "a");
	need(PEM_write_X509_CRL(out, crl) == 1);
	fclose(out);
	X509_CRL_free(crl);
	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
}

void
pki_false_key(struct pki *pki, const char *name, const char *of)
{
	X509 *cert = cert_read(pki, of);
	EVP_PKEY *other = EVP_EC_gen("P-256"), *false_key = NULL;
	OSSL_PARAM_BLD *fields = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	unsigned char point[133];
	size_t len;
	BIGNUM *secret = NULL;
	OSSL_PARAM *params;

	need(other != NULL && fields != NULL && ctx != NULL);
	need(EVP_PKEY_get_octet_string_param(X509_get0_pubkey(cert),
	                                     OSSL_PKEY_PARAM_PUB_KEY, point,
	                                     sizeof(point), &len) == 1);
	need(EVP_PKEY_get_bn_param(other, OSSL_PKEY_PARAM_PRIV_KEY, &secret));
	need(OSSL_PARAM_BLD_push_utf8_string(fields, OSSL_PKEY_PARAM_GROUP_NAME,
	                                     "prime256v1", 0) == 1);
	need(OSSL_PARAM_BLD_push_octet_string(fields, OSSL_PKEY_PARAM_PUB_KEY,
	                                      point, len) == 1);
	need(OSSL_PARAM_BLD_push_BN(fields, OSSL_PKEY_PARAM_PRIV_KEY, secret));
	params = OSSL_PARAM_BLD_to_param(fields);
	need(EVP_PKEY_fromdata_init(ctx) == 1);
	need(EVP_PKEY_fromdata(ctx, &false_key, EVP_PKEY_KEYPAIR, params) == 1);
	key_write(pki, name, false_key);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(fields);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(false_key);
	EVP_PKEY_free(other);
	BN_free(secret);
	X509_free(cert);
}

void
pki_done(struct pki *pki)
{
	for (size_t i = 0; i < pki->n_paths; i++) {
		(void)unlink(pki->paths[i]);
		free(pki->paths[i]);
	}
	if (!pki->is_sub)
		(void)rmdir(pki->dir);
	X509_free(pki->ca);
	EVP_PKEY_free(pki->key);
}
