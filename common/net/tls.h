/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TLS 1.3 with both ends certified, and nothing below it: no fallback, no
 * resumption, no switch that verifies less. */
#ifndef NET_TLS_H
#define NET_TLS_H

#include "base/err.h"
#include "base/span.h"

/* PEM files.  `crl` may be NULL or empty; when it is given, every CA of a chain
 * must have a current CRL in it.  `key` may be in a TPM (tls_key_in_tpm()), for
 * one context of a process; `tcti` is the way there as tpm2-tss spells it, NULL
 * where there is none. */
struct tls_files {
	const char *ca;
	const char *cert; /* leaf first, then intermediates */
	const char *key;
	const char *crl;
	const char *tcti;
};

struct tls;

/* A context for servers (purpose clientAuth is asked of peers) or for clients
 * (serverAuth, and the host name at stream_connect()).  ALPN `alpn` is offered
 * and required.  NULL with the file and OpenSSL's reason. */
struct tls *tls_server_new(const struct tls_files *, const char *alpn,
                           struct err *);
struct tls *tls_client_new(const struct tls_files *, const char *alpn,
                           struct err *);
/* After its streams. */
void tls_free(struct tls *);

/* A context that can take the place of `of`, from the files as they are now and
 * with no allowed names yet.  NULL and why: a file that tls_server_new() would
 * refuse, a certificate or a CRL that is out of date or CRLs of other CAs alone
 * (they would refuse everybody), a key that came into the TPM or left it.  `of`
 * serves on. */
struct tls *tls_renewed(const struct tls *of, const struct tls_files *,
                        struct err *);
/* It takes that place, and is gone: for every handshake that is not over, and
 * for the streams that are open.  These are looked at anew, each before another
 * byte passes over it and all within some turns of the loop; one whose peer is
 * refused now, by CA, CRL, date or name, ends by `closed` with ERR_PEER. */
void tls_replace(struct tls *, struct tls *renewed);

/* Whether `key` names a key in a TPM: a file with a TSS2 PRIVATE KEY, as
 * OpenSSL's provider tpm2 writes it, or "handle:0x81......", a persistent
 * handle.  False for a file that holds both kinds, and a bad handle; one that
 * cannot be read holds none. */
MUST_CHECK bool tls_key_in_tpm(const char *key, bool *in_tpm, struct err *);

/* Servers: only peers with one of these names (subjectAltName DNS, IP or
 * subject CN as libvirt's client certificates have it) are let in.  An empty
 * list lets in every certificate of the CA.  The names are copied. */
void tls_allow(struct tls *, const char *const *names, size_t n);

/* When what this context has runs out, as Unix time; 0: it has none. */
struct tls_dates {
	uint64_t certificate_s; /* its own, or one that it shows with it */
	uint64_t ca_s;          /* the first of the CAs */
	/* The first of the CAs' last lists: then everybody is refused. */
	uint64_t crl_s;
};
void tls_dates_look(const struct tls *, struct tls_dates *);

/* SHA-256 of the SubjectPublicKeyInfo (DER) of the first certificate in a PEM
 * file. */
MUST_CHECK bool tls_spki_of_file(const char *path, uint8_t sha256[32],
                                 struct err *);

#endif
