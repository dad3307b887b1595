/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CAs, certificates and revocation lists for tests of crypto/certificate.h,
 * with the fault that a test wants, made when it runs.  Any failure aborts.
 * What was made lives until ca_forget().
 *
 *	const struct issued *root = ca_new(&(struct ca_spec){
 *	    .name = "root", .extensions = CA_EXTENSIONS});
 *	const struct issued *ek = ca_new(&(struct ca_spec){
 *	    .name = "ek", .by = root, .extensions = EK_ECC_EXTENSIONS});
 *	check_vouched(&(struct asked){.roots = {root}, .leaf = ek});
 */
#ifndef TEST_CA_H
#define TEST_CA_H

#include <openssl/x509.h>

#include "crypto/certificate.h"

#define CA_EXTENSIONS                                                          \
	"basicConstraints=critical,CA:TRUE\n"                                  \
	"keyUsage=critical,keyCertSign,cRLSign\n"                              \
	"subjectKeyIdentifier=hash\n"                                          \
	"authorityKeyIdentifier=keyid\n"
/* What a leaf of each kind says. */
#define NO_CA        "basicConstraints=critical,CA:FALSE\n"
#define NAMES_ISSUER "authorityKeyIdentifier=keyid\n"
#define FOR_EK       "extendedKeyUsage=2.23.133.8.1\n"
#define FOR_IAK      "extendedKeyUsage=2.23.133.8.3\n"
#define AGREES       "keyUsage=critical,keyAgreement\n"
#define ENCIPHERS    "keyUsage=critical,keyEncipherment\n"
#define SIGNS        "keyUsage=critical,digitalSignature\n"

#define EK_ECC_EXTENSIONS NO_CA NAMES_ISSUER FOR_EK AGREES
#define EK_RSA_EXTENSIONS NO_CA NAMES_ISSUER FOR_EK ENCIPHERS
#define IAK_EXTENSIONS    NO_CA NAMES_ISSUER FOR_IAK SIGNS

#define TEST_NOW_S 1800000000u /* 2027-01-15 */

enum {
	DAY_S = 24 * 60 * 60,
	CA_WORDS = 3, /* manufacturer, model, version */
	ASKED_MAX = 12,
};

/* A certificate (or a CRL, which has no key), and its DER. */
struct issued {
	EVP_PKEY *key;
	X509 *cert;
	X509_CRL *crl;
	struct span der;
};

struct ca_spec {
	const char *name;        /* the subject's CN; NULL: an empty subject */
	const struct issued *by; /* NULL: by itself */
	EVP_PKEY *key;           /* NULL: a new one on P-256 */
	const char *extensions;  /* as in openssl.cnf; NULL: version 1 */
	int from_d, to_d;        /* in days from now; both 0: -10 and 30 */
	const EVP_MD *hash;      /* NULL: SHA-256 */
	struct span words[CA_WORDS]; /* in a critical subjectAltName */
};

const struct issued *ca_new(const struct ca_spec *);

struct crl_spec {
	const struct issued *by;
	const struct issued *revoked; /* NULL: none */
	EVP_PKEY *key;                /* that signs; NULL: the CA's */
	const char *extensions;       /* NULL: authorityKeyIdentifier */
	int from_d, to_d;             /* as above */
};

const struct issued *ca_crl(const struct crl_spec *);

/* An RSA key, made once for each size; it is borrowed. */
EVP_PKEY *ca_rsa(unsigned bits);
/* A key on a curve; the caller's to EVP_PKEY_free(). */
EVP_PKEY *ca_ecc(const char *curve);

/* A key's public half as a TPM would tell it; the bytes are in `at`. */
enum { CA_KEY_BYTES = 512 };
struct crypto_key ca_key(EVP_PKEY *, uint8_t at[CA_KEY_BYTES]);

/* A question to roots_vouch(); a chain ends with NULL. */
struct asked {
	const struct issued *roots[ASKED_MAX];
	const struct issued *chain[ASKED_MAX];
	const struct issued *leaf;
	EVP_PKEY *key;            /* NULL: the leaf's */
	enum certificate_use use; /* 0: of an EK */
	uint64_t now_s;           /* 0: TEST_NOW_S */
};

bool ca_vouch(const struct asked *, struct vouched *, struct err *);

/* Vouched for, and nothing is expired. */
void check_vouched(const struct asked *);
/* Vouched for, and `expired` has both words in it. */
void check_expired(const struct asked *, const char *what, const char *when);
/* Refused with ERR_PEER and a reason with `word` in it, whatever the case; the
 * certificate was read all the same. */
void check_refused(const struct asked *, const char *word);

/* PEM of `n` of them, one behind the other. */
struct buf ca_pem(const struct issued *const *, size_t n);

void ca_forget(void);
int ca_teardown(void **state); /* the same, for cmocka */

#endif
