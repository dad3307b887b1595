/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files about passes share. */
#ifndef VERIFIERD_PASS_PRIVATE_H
#define VERIFIERD_PASS_PRIVATE_H

#include "pass.h"

/* A file HOST.pem of `pass_keys`. */
struct pass_key {
	char host[HOST_NAME_MAX_SIZE];
	struct signing_public public;
};

/* The folder as it is now: it is read again when a file of it has changed. */
struct pass_keys {
	char *folder;
	bool read;
	uint8_t stamp[SHA256_SIZE];
	size_t n;
	struct pass_key *all;
	size_t n_bad;       /* files that were left out */
	struct err why_bad; /* the first of them */
};

/* ERR_CONFIG when the folder may not be read or may not be believed. */
MUST_CHECK bool pass_keys_now(struct pass_keys *, struct err *);
void pass_keys_done(struct pass_keys *);

/* Used passes, kept for as long as they would be taken again. */
struct pass_seen {
	bool remembers; /* what was used before this verifier's start */
	size_t n;
	struct pass_used {
		uint8_t id[PASS_ID_SIZE];
		uint64_t until_s; /* its own end */
		char source[HOST_NAME_MAX_SIZE];
	} all[PASSES_SEEN_MAX];
};

/* Uses it up.  ERR_EXISTS: it was used before; ERR_BUSY: the list is full. */
MUST_CHECK bool pass_seen_add(struct pass_seen *, const struct pass *,
                              uint64_t now_s, struct err *);

/* What the audit log says was used, once after a start. */
MUST_CHECK bool pass_seen_remember(struct pass_seen *, struct store *,
                                   uint64_t now_s, struct err *);

/* The line in the audit log that pass_seen_remember() reads. */
#define PASS_USE_EVENT "pass-use"
void pass_use_detail(const struct pass *, char out[AUDIT_DETAIL_MAX]);

#endif
