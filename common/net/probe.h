/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks at the key that a TLS server presents, without trusting it: the caller
 * compares it with an attested one.  Nothing is sent over the session. */
#ifndef NET_PROBE_H
#define NET_PROBE_H

#include "base/err.h"
#include "net/loop.h"

struct probe;

struct probe_target {
	const char *address;
	uint16_t port;
	uint64_t timeout_ms;
};

/* Connects, takes the server's certificate in the handshake, hangs up.  `done`
 * comes once, with SHA-256 of its SubjectPublicKeyInfo, or NULL and why. */
struct probe *probe_new(struct loop *, const struct probe_target *,
                        void (*done)(void *arg, const uint8_t *sha256,
                                     const struct err *),
                        void *arg);
/* Also ends one that is under way; then `done` does not come. */
void probe_free(struct probe *);

#endif
