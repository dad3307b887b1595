/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The CA of one host's keys for QEMU's migration channel.  A port as crypto.h
 * is.  While such a CA is in another host's trust file, whatever it signed is
 * believed there: so it must be one that can sign for its own host alone. */
#ifndef CRYPTO_MIGRATION_CA_H
#define CRYPTO_MIGRATION_CA_H

#include "base/buf.h"
#include "base/err.h"
#include "crypto/certificate.h"

#define MIGRATION_CA_KIND "migration-ca" /* among the endpoint keys */

enum {
	MIGRATION_CA_NAMES_MAX = 16,
	MIGRATION_CA_NAME_SIZE = 256,
	MIGRATION_CA_PEM_MAX = 64 * 1024, /* bytes of its file */
};

struct migration_ca {
	uint8_t sha256[SHA256_SIZE];        /* of its DER */
	uint8_t key_sha256[SHA256_SIZE];    /* of the SubjectPublicKeyInfo */
	uint64_t not_before_s, not_after_s; /* Unix time */
	/* All that it may sign for: DNS names and literal addresses. */
	size_t n_names;
	char names[MIGRATION_CA_NAMES_MAX][MIGRATION_CA_NAME_SIZE];
};

/* Reads one (the whole of `der`) and holds it to all that is required of such a
 * CA but whose names those are: a CA's flag with path length 0, a signature of
 * its own key, a key usage (if any) of signing certificates alone, a strong
 * key, no names of its own that a host could have, and critical name
 * constraints that leave it no DNS name and no address of either family but
 * `names`.  ERR_MALFORMED, ERR_LIMIT, or ERR_PEER with what it lacks. */
MUST_CHECK bool migration_ca_read(struct span der, struct migration_ca *,
                                  struct err *);

/* Appends to `der` the one certificate of a PEM file.  ERR_MALFORMED when there
 * is none or more than one, or one of another size than CERTIFICATE_MAX. */
MUST_CHECK bool migration_ca_unpem(struct span pem, struct buf *der,
                                   struct err *);

/* Whether what is permitted by `name` has `other` in it: the same name, or one
 * below it, in either case; addresses are compared as addresses. */
bool migration_ca_covers(const char *name, const char *other);

#endif
