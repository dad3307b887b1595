/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The agent's half of the agent wire, without I/O: it eats bytes and says what
 * it wants.  One request is answered at a time; what a verifier sends behind
 * it waits in the caller's buffer. */
#ifndef PROTO_AGENT_SESSION_H
#define PROTO_AGENT_SESSION_H

#include "evidence/evidence.h"
#include "evidence/mlog.h"
#include "proto/local_facts.h"
#include "proto/message.h"

enum agent_want {
	AGENT_WANT_BYTES,     /* nothing to do until more arrives */
	AGENT_WANT_IDENTITY,  /* answer with agent_session_identity() */
	AGENT_WANT_EVIDENCE,  /* answer with agent_session_evidence() */
	AGENT_WANT_SECRET,    /* answer with agent_session_activated() */
	AGENT_WANT_CERTIFIED, /* answer with agent_session_certified() */
	AGENT_WANT_LOG,       /* answer with agent_session_log() */
	AGENT_WANT_FACTS,     /* answer with agent_session_facts() */
	AGENT_WANT_CLOSE,     /* send what is in `out`, then close */
};

struct agent_session {
	struct line line;
	enum agent_want want;
	uint64_t id; /* of the request being answered */
	union {
		struct challenge challenge;   /* while AGENT_WANT_EVIDENCE */
		struct activation activation; /* while AGENT_WANT_SECRET */
		struct certifying certifying; /* while AGENT_WANT_CERTIFIED */
		struct mlog_asking log;       /* while AGENT_WANT_LOG */
		struct local_asking facts;    /* while AGENT_WANT_FACTS */
	};
	struct arena arena; /* of `facts` */
};

void agent_session_open(struct agent_session *);
void agent_session_done(struct agent_session *);

/* Who may ask for facts may ask at length.  Before the first byte. */
void agent_session_allow_facts(struct agent_session *);

/* Eats bytes of `in` until something is wanted; `*used` says how many.  Not to
 * be called while an answer is wanted. */
enum agent_want agent_session_feed(struct agent_session *, struct span in,
                                   size_t *used, struct buf *out);

/* Answer what is wanted; the session then wants bytes again. */
void agent_session_identity(struct agent_session *, const struct identity *,
                            struct buf *out);
void agent_session_evidence(struct agent_session *, const struct evidence *,
                            struct buf *out);
void agent_session_activated(struct agent_session *, const struct activated *,
                             struct buf *out);
void agent_session_certified(struct agent_session *, const struct certified *,
                             struct buf *out);
void agent_session_log(struct agent_session *, const struct mlog_piece *,
                       struct buf *out);
/* What does not fit the line is refused in its place. */
void agent_session_facts(struct agent_session *, const struct local_facts *,
                         struct buf *out);
void agent_session_error(struct agent_session *, const struct err *,
                         struct buf *out);

#endif
