/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "test_ca.h"

enum { MADE_MAX = 256, RSA_KINDS = 4 };

static struct issued *made[MADE_MAX];
static size_t n_made;
static long last_serial = 0x1000;

static void
need(bool ok)
{
	if (!ok)
		abort();
}

static struct issued *
issued_new(void)
{
	struct issued *one = calloc(1, sizeof(*one));

	need(one != NULL && n_made < MADE_MAX);
	made[n_made++] = one;
	return one;
}

EVP_PKEY *
ca_rsa(unsigned bits)
{
	static struct {
		unsigned bits;
		EVP_PKEY *key;
	} keys[RSA_KINDS];

	for (size_t i = 0; i < RSA_KINDS; i++) {
		if (keys[i].key == NULL) {
			keys[i].bits = bits;
			keys[i].key = EVP_RSA_gen(bits);
			need(keys[i].key != NULL);
		}
		if (keys[i].bits == bits)
			return keys[i].key;
	}
	abort();
}

EVP_PKEY *
ca_ecc(const char *curve)
{
	EVP_PKEY *key = EVP_EC_gen(curve);

	need(key != NULL);
	return key;
}

static EVP_PKEY *
key_of(EVP_PKEY *given)
{
	if (given == NULL)
		return ca_ecc("P-256");
	need(EVP_PKEY_up_ref(given) == 1);
	return given;
}

static ASN1_TIME *
day(int days)
{
	ASN1_TIME *t =
	    ASN1_TIME_set(NULL, (time_t)TEST_NOW_S + (time_t)days * DAY_S);

	need(t != NULL);
	return t;
}

static void
set_dates(X509 *cert, const struct ca_spec *spec)
{
	bool given = spec->from_d != 0 || spec->to_d != 0;
	ASN1_TIME *from = day(given ? spec->from_d : -10);
	ASN1_TIME *to = day(given ? spec->to_d : 30);

	need(X509_set1_notBefore(cert, from) == 1);
	need(X509_set1_notAfter(cert, to) == 1);
	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
}

/* The TCG's form: a directoryName with the TPM's words (EK Credential Profile
 * 2.5, 3.2.9). */
static void
add_words(X509 *cert, const struct span words[CA_WORDS])
{
	static const char *const oids[CA_WORDS] = {
	    "2.23.133.2.1", "2.23.133.2.2", "2.23.133.2.3"};
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	GENERAL_NAME *name = GENERAL_NAME_new();
	X509_NAME *directory = X509_NAME_new();

	need(names != NULL && name != NULL && directory != NULL);
	for (size_t i = 0; i < CA_WORDS; i++)
		if (words[i].at != NULL)
			need(X509_NAME_add_entry_by_txt(
				 directory, oids[i], V_ASN1_UTF8STRING,
				 words[i].at, (int)words[i].len, -1, 0) == 1);
	GENERAL_NAME_set0_value(name, GEN_DIRNAME, directory);
	need(sk_GENERAL_NAME_push(names, name) > 0);
	need(X509_add1_ext_i2d(cert, NID_subject_alt_name, names, 1,
	                       X509V3_ADD_APPEND) == 1);
	GENERAL_NAMES_free(names);
}

static CONF *
conf_of(const char *text)
{
	BIO *from = BIO_new_mem_buf(text, -1);
	CONF *conf = NCONF_new(NULL);
	long line = 0;

	need(from != NULL && conf != NULL &&
	     NCONF_load_bio(conf, from, &line) == 1);
	BIO_free(from);
	return conf;
}

static void
extend(X509 *cert, X509 *issuer, const char *text)
{
	CONF *conf = conf_of(text);
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	X509V3_set_nconf(&ctx, conf);
	need(X509V3_EXT_add_nconf(conf, &ctx, "default", cert) == 1);
	NCONF_free(conf);
}

const struct issued *
ca_new(const struct ca_spec *spec)
{
	struct issued *one = issued_new();
	X509 *cert = X509_new();
	X509 *issuer = spec->by != NULL ? spec->by->cert : cert;
	const EVP_MD *hash = spec->hash != NULL ? spec->hash : EVP_sha256();
	unsigned char *der = NULL;
	int len;

	need(cert != NULL);
	one->key = key_of(spec->key);
	one->cert = cert;
	need(X509_set_version(cert, spec->extensions != NULL ? 2 : 0) == 1);
	need(ASN1_INTEGER_set(X509_get_serialNumber(cert), ++last_serial));
	set_dates(cert, spec);
	if (spec->name != NULL)
		need(X509_NAME_add_entry_by_txt(
			 X509_get_subject_name(cert), "CN", MBSTRING_UTF8,
			 (const unsigned char *)spec->name, -1, -1, 0) == 1);
	need(X509_set_issuer_name(cert, X509_get_subject_name(issuer)) == 1);
	need(X509_set_pubkey(cert, one->key) == 1);
	if (spec->extensions != NULL)
		extend(cert, issuer, spec->extensions);
	if (spec->words[0].at != NULL)
		add_words(cert, spec->words);
	need(X509_sign(cert, spec->by != NULL ? spec->by->key : one->key,
	               hash) > 0);
	len = i2d_X509(cert, &der);
	need(len > 0);
	one->der = span_of(der, (size_t)len);
	return one;
}

static void
revoke(X509_CRL *crl, X509 *cert, const ASN1_TIME *when)
{
	X509_REVOKED *entry = X509_REVOKED_new();

	need(entry != NULL);
	need(X509_REVOKED_set_serialNumber(entry,
	                                   X509_get_serialNumber(cert)) == 1);
	need(X509_REVOKED_set_revocationDate(
		 entry, (ASN1_TIME *)(uintptr_t)when) == 1);
	need(X509_CRL_add0_revoked(crl, entry) == 1);
}

const struct issued *
ca_crl(const struct crl_spec *spec)
{
	bool given = spec->from_d != 0 || spec->to_d != 0;
	ASN1_TIME *from = day(given ? spec->from_d : -5);
	ASN1_TIME *to = day(given ? spec->to_d : 5);
	CONF *conf =
	    conf_of(spec->extensions != NULL ? spec->extensions : NAMES_ISSUER);
	struct issued *one = issued_new();
	X509_CRL *crl = X509_CRL_new();
	unsigned char *der = NULL;
	X509V3_CTX ctx;
	int len;

	need(crl != NULL);
	one->crl = crl;
	need(X509_CRL_set_version(crl, 1) == 1);
	need(X509_CRL_set_issuer_name(
		 crl, X509_get_subject_name(spec->by->cert)) == 1);
	need(X509_CRL_set1_lastUpdate(crl, from) == 1);
	need(X509_CRL_set1_nextUpdate(crl, to) == 1);
	if (spec->revoked != NULL)
		revoke(crl, spec->revoked->cert, from);
	X509V3_set_ctx(&ctx, spec->by->cert, NULL, NULL, crl, 0);
	X509V3_set_nconf(&ctx, conf);
	need(X509V3_EXT_CRL_add_nconf(conf, &ctx, "default", crl) == 1);
	need(X509_CRL_sort(crl) == 1);
	need(X509_CRL_sign(crl, spec->key != NULL ? spec->key : spec->by->key,
	                   EVP_sha256()) > 0);
	len = i2d_X509_CRL(crl, &der);
	need(len > 0);
	one->der = span_of(der, (size_t)len);
	NCONF_free(conf);
	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	return one;
}

static struct crypto_key
rsa_key(EVP_PKEY *key, uint8_t at[CA_KEY_BYTES])
{
	int len = (EVP_PKEY_get_bits(key) + 7) / 8;
	struct crypto_key out = {.type = TPM_ALG_RSA};
	BIGNUM *modulus = NULL, *exponent = NULL;

	need(len <= CA_KEY_BYTES &&
	     EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &modulus) == 1 &&
	     EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) ==
	         1 &&
	     BN_bn2binpad(modulus, at, len) == len);
	out.modulus = span_of(at, (size_t)len);
	out.exponent = (uint32_t)BN_get_word(exponent);
	BN_free(modulus);
	BN_free(exponent);
	return out;
}

struct crypto_key
ca_key(EVP_PKEY *key, uint8_t at[CA_KEY_BYTES])
{
	int bits = EVP_PKEY_get_bits(key);
	struct crypto_key out = {.type = TPM_ALG_ECC};
	size_t len, size;

	if (EVP_PKEY_is_a(key, "RSA"))
		return rsa_key(key, at);
	out.curve = bits == 256 ? TPM_ECC_NIST_P256 : TPM_ECC_NIST_P384;
	need(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, at,
	                                     CA_KEY_BYTES, &len) == 1);
	size = (len - 1) / 2;
	out.x = span_of(at + 1, size);
	out.y = span_of(at + 1 + size, size);
	return out;
}

bool
ca_vouch(const struct asked *asked, struct vouched *out, struct err *err)
{
	struct roots *roots = roots_new();
	struct span chain[ASKED_MAX];
	uint8_t at[CA_KEY_BYTES];
	struct vouching v = {
	    .use = asked->use != 0 ? asked->use : CERTIFICATE_OF_EK,
	    .leaf = asked->leaf->der,
	    .chain = chain,
	    .now_s = asked->now_s != 0 ? asked->now_s : TEST_NOW_S,
	};
	struct err why = {0};
	bool ok;

	*err = (struct err){0};
	v.key = ca_key(asked->key != NULL ? asked->key : asked->leaf->key, at);
	for (size_t i = 0; i < ASKED_MAX; i++)
		if (asked->roots[i] != NULL)
			need(roots_add(roots, "root", asked->roots[i]->der,
			               &why));
	while (v.n_chain < ASKED_MAX && asked->chain[v.n_chain] != NULL) {
		chain[v.n_chain] = asked->chain[v.n_chain]->der;
		v.n_chain++;
	}
	ok = roots_vouch(roots, &v, out, err);
	roots_free(roots);
	return ok;
}

static void
check_read(const struct asked *asked, const struct vouched *out)
{
	struct certificate c;

	assert_true(certificate_read(asked->leaf->der, &c, NULL));
	assert_memory_equal(&c, &out->certificate, sizeof(c));
}

void
check_vouched(const struct asked *asked)
{
	check_expired(asked, "", "");
}

void
check_expired(const struct asked *asked, const char *what, const char *when)
{
	struct vouched out;
	struct err err;

	if (!ca_vouch(asked, &out, &err))
		fail_msg("refused: %s: %s", err_class(err.code), err.text);
	check_read(asked, &out);
	if (what[0] == '\0')
		assert_string_equal(out.expired, "");
	else if (strstr(out.expired, what) == NULL ||
	         strstr(out.expired, when) == NULL)
		fail_msg("expired: '%s', not '%s' and '%s'", out.expired, what,
		         when);
}

void
check_refused(const struct asked *asked, const char *word)
{
	struct vouched out;
	struct err err;

	if (ca_vouch(asked, &out, &err))
		fail_msg("vouched for, not refused with '%s'", word);
	if (err.code != ERR_PEER || strcasestr(err.text, word) == NULL)
		fail_msg("%s '%s', not '%s'", err_class(err.code), err.text,
		         word);
	check_read(asked, &out);
}

struct buf
ca_pem(const struct issued *const *list, size_t n)
{
	BIO *to = BIO_new(BIO_s_mem());
	struct buf out = {0};
	char *at;
	long len;

	need(to != NULL);
	for (size_t i = 0; i < n; i++)
		need(list[i]->crl != NULL
		         ? PEM_write_bio_X509_CRL(to, list[i]->crl) == 1
		         : PEM_write_bio_X509(to, list[i]->cert) == 1);
	len = BIO_get_mem_data(to, &at);
	buf_add(&out, span_of(at, (size_t)len));
	BIO_free(to);
	return out;
}

void
ca_forget(void)
{
	while (n_made > 0) {
		struct issued *one = made[--n_made];

		EVP_PKEY_free(one->key);
		X509_free(one->cert);
		X509_CRL_free(one->crl);
		OPENSSL_free((void *)(uintptr_t)one->der.at);
		free(one);
	}
}

int
ca_teardown(void **state)
{
	(void)state;
	ca_forget();
	return 0;
}
