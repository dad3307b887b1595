/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The verifier's half of the agent wire, without I/O.  One question is
 * outstanding at a time. */
#ifndef PROTO_VERIFIER_SESSION_H
#define PROTO_VERIFIER_SESSION_H

#include "evidence/evidence.h"
#include "evidence/mlog.h"
#include "proto/local_facts.h"
#include "proto/message.h"

enum verifier_want {
	VERIFIER_IDLE,          /* ask something */
	VERIFIER_WANT_BYTES,    /* the answer is not here yet */
	VERIFIER_HAS_IDENTITY,  /* it is in `identity` */
	VERIFIER_HAS_EVIDENCE,  /* it is in `evidence` */
	VERIFIER_HAS_SECRET,    /* it is in `activated` */
	VERIFIER_HAS_CERTIFIED, /* it is in `certified` */
	VERIFIER_HAS_LOG,       /* it is in `piece` */
	VERIFIER_HAS_FACTS,     /* they are in `facts` */
	VERIFIER_HAS_ERROR,     /* the agent could not; `error` says why */
	VERIFIER_BROKEN, /* the peer broke the protocol; `error` says how */
};

struct verifier_session {
	struct line line;
	enum verifier_want want;
	enum verifier_want asked;  /* what a good answer will be */
	uint64_t id;               /* of the question outstanding or last */
	struct identity *identity; /* until the next question; owned */
	struct mlog_piece *piece;  /* as `identity` */
	struct evidence evidence;
	struct activated activated;
	struct certified certified;
	struct local_facts facts; /* as `identity`; its texts are `arena`'s */
	struct arena arena;
	struct err error;
};

void verifier_session_open(struct verifier_session *);
void verifier_session_done(struct verifier_session *);

/* Append a question to `out`.  Only while nothing is outstanding and the
 * session is not broken. */
void verifier_session_ask_identity(struct verifier_session *, struct buf *out);
void verifier_session_ask_quote(struct verifier_session *,
                                const struct challenge *, struct buf *out);
void verifier_session_ask_secret(struct verifier_session *,
                                 const struct activation *, struct buf *out);
void verifier_session_ask_certified(struct verifier_session *,
                                    const struct certifying *, struct buf *out);

void verifier_session_ask_log(struct verifier_session *,
                              const struct mlog_asking *, struct buf *out);
/* It must fit LINE_FACTS_REQUEST_MAX: what is over LOCAL_ASKING_MAX does not.
 */
void verifier_session_ask_facts(struct verifier_session *,
                                const struct local_asking *, struct buf *out);

/* Eats bytes; VERIFIER_HAS_* ends the question.  Bytes that come when nothing
 * was asked break the session, and a broken one stays broken. */
enum verifier_want verifier_session_feed(struct verifier_session *,
                                         struct span in, size_t *used);

#endif
