/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Why a listener did not let somebody in, in kinds that can be counted. */
#ifndef NET_REFUSAL_H
#define NET_REFUSAL_H

#include <stdint.h>

#define REFUSALS(X)                                                            \
	X(CA, "unknown-ca")                                                    \
	X(DATE, "out-of-date")                                                 \
	X(REVOKED, "revoked")                                                  \
	X(CRL, "crl")   /* there is none of that CA, or it ran out */          \
	X(NAME, "name") /* none of tls_allow() */                              \
	X(CERTIFICATE, "certificate") /* anything else about one */            \
	X(TLS, "tls") /* no certificate at all, another version, noise */      \
	X(LIMIT, "limit")                                                      \
	X(GONE, "hung-up")

enum refusal {
#define X(name, text) REFUSAL_##name,
	REFUSALS(X)
#undef X
	    REFUSAL_COUNT
};

const char *refusal_name(enum refusal);

struct listener;
/* Handshakes that failed or were dropped so far, and why the last one did
 * (empty: none did). */
uint64_t listener_refused(const struct listener *);
const char *listener_why(const struct listener *);
/* How often since it listens: REFUSAL_COUNT numbers. */
const uint64_t *listener_refusals(const struct listener *);

#endif
