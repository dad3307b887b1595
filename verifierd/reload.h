/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The configuration and the certificates, read again while the verifier
 * serves. */
#ifndef VERIFIERD_RELOAD_H
#define VERIFIERD_RELOAD_H

#include "verifierd.h"

/* TLS towards the agents, from the files as they are now; in the place of what
 * is there, or NULL.  NULL and why. */
struct tls *verifierd_tls(const struct config *, const struct tls *of,
                          struct err *);

/* For life_calls: whole, or not at all and why; logged either way. */
bool verifierd_reload(void *verifierd, struct err *why);

/* For life_calls: how it stands, in a line. */
void verifierd_status(void *verifierd, char *out, size_t size);

#endif
