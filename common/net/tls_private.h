/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TLS between the files of this folder: tls.c, tls_peer.c, tls_error.c. */
#ifndef NET_TLS_PRIVATE_H
#define NET_TLS_PRIVATE_H

#include <openssl/ssl.h>

#include "net/address.h"
#include "net/tls.h"

/* `of`: whose place it is to take, or NULL. */
struct tls *tls_make(bool server, const struct tls_files *, const char *alpn,
                     const struct tls *of, struct err *);
/* Its callbacks are told of this `tls`. */
void tls_own_context(struct tls *);
SSL *tls_session(struct tls *, const char *name);
bool tls_is_address(const char *name);
bool tls_name_allowed(const struct tls *, X509 *);
/* Whether a session's peer would be let in now. */
bool tls_peer_stands(struct tls *, SSL *, struct err *);
/* Whether an open session is what it must be: ALPN, allowed names. */
bool tls_accept_peer(struct tls *, SSL *, struct err *);
void tls_peer_name(SSL *, char *out, size_t size);
/* Whether its certificate has one of these names. */
bool tls_peer_named(SSL *, const char *const *names, size_t n);
/* The IP addresses in its certificate; returns how many. */
size_t tls_peer_addresses(SSL *, char (*out)[ADDRESS_TEXT_SIZE], size_t max);
/* Why its certificate is refused, by a result of X509_verify_cert(3). */
void tls_explain_refused(SSL *, long result, struct err *);
/* Why the handshake or session failed; `code` is OpenSSL's, 0 for none. */
void tls_explain(SSL *, unsigned long code, struct err *);
/* SHA-256 of a certificate's SubjectPublicKeyInfo. */
bool tls_spki_of(X509 *, uint8_t sha256[32]);
/* OpenSSL's first queued error as text; clears the queue. */
const char *tls_queue_text(char *out, size_t size);

#endif
