/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The texts that golden values refer to, read once and kept for the next
 * verdict: reference events, IMA policies. */
#ifndef VERIFIERD_LIBRARY_H
#define VERIFIERD_LIBRARY_H

#include "evidence/bootref.h"
#include "evidence/golden.h"
#include "evidence/imapolicy.h"
#include "store/store.h"

struct library;

/* A text with what it says; one of the two. */
struct volume {
	struct bootref events;
	struct imapolicy *ima_policy;
};

struct library *library_new(struct store *);
/* Everything must have been given back. */
void library_free(struct library *);

/* The text of that digest; library_give_back() follows.  NULL with ERR_IO or
 * ERR_NOT_FOUND when the store has it not, ERR_MALFORMED when it is none. */
const struct volume *library_events(struct library *,
                                    const uint8_t sha256[SHA256_SIZE],
                                    struct err *);
const struct volume *library_ima_policy(struct library *,
                                        const uint8_t sha256[SHA256_SIZE],
                                        struct err *);
/* NULL is nothing. */
void library_give_back(struct library *, const struct volume *);

/* Reference events as they are kept: {"events":[...]}. */
void library_write_events(const struct bootref *, struct buf *out);

#endif
