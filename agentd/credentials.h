/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What this host shows, and whom it lets in: its certificate and key, the CA,
 * its revocation list and the verifiers' names, and the keys of its endpoints.
 */
#ifndef AGENTD_CREDENTIALS_H
#define AGENTD_CREDENTIALS_H

#include "config.h"
#include "net/tls.h"

struct credentials {
	struct tls *tls;
	struct endpoint_keys endpoints;
	struct certificate_bytes migration_ca;
};

/* All of it from the files as they are now, or none of it and why.  `of`: whose
 * place they are to take, or NULL. */
MUST_CHECK bool credentials_read(const struct config *, const struct tls *of,
                                 struct credentials *, struct err *);
/* They take that place, and are gone. */
void credentials_replace(struct credentials *, struct credentials *fresh);
void credentials_done(struct credentials *);

#endif
