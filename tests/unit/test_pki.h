/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificates for tests, made when they run, in a folder of their own.  Any
 * failure aborts the test.
 *
 *	struct pki pki;
 *	pki_new(&pki, "ca");                       DIR/ca.pem
 *	pki_leaf(&pki, &(struct pki_leaf){"host", "DNS:host.test,IP:127.0.0.1",
 *	         "serverAuth,clientAuth", 1});     DIR/host.pem, DIR/host.key
 *	pki_crl(&pki, "crl", "host", 1);           DIR/crl.pem, host revoked
 *	tls_files.ca = pki_path(&pki, "ca.pem");   freed by pki_done()
 *	pki_done(&pki);                            removes the folder
 */
#ifndef TEST_PKI_H
#define TEST_PKI_H

#include <openssl/x509.h>
#include <stdbool.h>

enum { PKI_PATHS_MAX = 128 };

struct pki {
	char dir[64];
	bool is_sub;
	EVP_PKEY *key;
	X509 *ca;
	long serial;
	char *paths[PKI_PATHS_MAX];
	size_t n_paths;
};

struct pki_leaf {
	const char *name; /* of the files, and the subject's CN */
	const char *sans; /* as in openssl.cnf; NULL: none */
	const char *eku;  /* NULL: none */
	int days;         /* until it expires; negative: it has */
};

void pki_new(struct pki *, const char *ca_name);
/* An intermediate CA of `of`, whose folder it uses: it is done first.  Its
 * leaves' files have its certificate behind theirs. */
void pki_sub(struct pki *, struct pki *of, const char *ca_name);
void pki_leaf(struct pki *, const struct pki_leaf *);
/* A CRL of the CA, in which the certificate of file `revoked` (or NULL) is,
 * behind those that the file has already. */
void pki_crl(struct pki *, const char *name, const char *revoked, int days);
/* A key file that claims the public key of NAME.pem but cannot sign with it. */
void pki_false_key(struct pki *, const char *name, const char *of);
const char *pki_path(struct pki *, const char *file);
void pki_done(struct pki *);

#endif
