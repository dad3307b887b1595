/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "proto/verifier_session.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "proto/codec.h"

void
verifier_session_open(struct verifier_session *s)
{
	*s = (struct verifier_session){0};
}

/* Answers that are kept on the heap. */
static void
let_go(struct verifier_session *s)
{
	free(s->identity);
	s->identity = NULL;
	free(s->piece);
	s->piece = NULL;
	arena_done(&s->arena);
	s->facts = (struct local_facts){0};
}

void
verifier_session_done(struct verifier_session *s)
{
	line_done(&s->line);
	let_go(s);
}

static void
begin(struct verifier_session *s, enum verifier_want asked, size_t limit)
{
	assert(s->want != VERIFIER_WANT_BYTES && s->want != VERIFIER_BROKEN);
	line_clear(&s->line);
	let_go(s);
	s->line.limit = limit;
	s->asked = asked;
	s->want = VERIFIER_WANT_BYTES;
	s->id++;
}

void
verifier_session_ask_identity(struct verifier_session *s, struct buf *out)
{
	begin(s, VERIFIER_HAS_IDENTITY, LINE_IDENTITY_MAX);
	request_format("identity", NULL, s->id, out);
}

void
verifier_session_ask_quote(struct verifier_session *s,
                           const struct challenge *challenge, struct buf *out)
{
	begin(s, VERIFIER_HAS_EVIDENCE, LINE_EVIDENCE_MAX);
	request_format("quote", challenge_encode(challenge), s->id, out);
}

void
verifier_session_ask_secret(struct verifier_session *s,
                            const struct activation *activation,
                            struct buf *out)
{
	begin(s, VERIFIER_HAS_SECRET, LINE_ACTIVATED_MAX);
	request_format("activate-credential", activation_encode(activation),
	               s->id, out);
}

void
verifier_session_ask_certified(struct verifier_session *s,
                               const struct certifying *certifying,
                               struct buf *out)
{
	begin(s, VERIFIER_HAS_CERTIFIED, LINE_CERTIFIED_MAX);
	request_format("certify", certifying_encode(certifying), s->id, out);
}

void
verifier_session_ask_log(struct verifier_session *s,
                         const struct mlog_asking *asking, struct buf *out)
{
	begin(s, VERIFIER_HAS_LOG, LINE_LOG_MAX);
	request_format("log", mlog_asking_encode(asking), s->id, out);
}

void
verifier_session_ask_facts(struct verifier_session *s,
                           const struct local_asking *asking, struct buf *out)
{
	begin(s, VERIFIER_HAS_FACTS, LINE_FACTS_MAX);
	request_format("facts", local_asking_encode(asking), s->id, out);
}

/* What the reply holds; false with `err` when it breaks the protocol. */
static bool
take_reply(struct verifier_session *s, const struct reply *r, struct err *err)
{
	if (r->id != s->id)
		return err_set(err, ERR_MALFORMED,
		               "a reply to another question");
	if (r->result == NULL) {
		s->error = r->error;
		s->want = VERIFIER_HAS_ERROR;
		return true;
	}
	s->want = s->asked;
	if (s->asked == VERIFIER_HAS_EVIDENCE)
		return evidence_decode(r->result, &s->evidence, err);
	if (s->asked == VERIFIER_HAS_SECRET)
		return activated_decode(r->result, &s->activated, err);
	if (s->asked == VERIFIER_HAS_CERTIFIED)
		return certified_decode(r->result, &s->certified, err);
	if (s->asked == VERIFIER_HAS_FACTS)
		return local_facts_decode(r->result, &s->arena, &s->facts, err);
	if (s->asked == VERIFIER_HAS_LOG) {
		s->piece = mem_new(1, sizeof(*s->piece));
		return mlog_piece_decode(r->result, s->piece, err);
	}
	s->identity = mem_new(1, sizeof(*s->identity));
	return identity_decode(r->result, s->identity, err);
}

static void
on_line(struct verifier_session *s)
{
	struct reply r;

	if (!reply_parse(buf_span(&s->line.buf), &r, &s->error) ||
	    !take_reply(s, &r, &s->error))
		s->want = VERIFIER_BROKEN;
	reply_done(&r);
	/* Its memory goes too: connections are kept, and lines are long. */
	line_done(&s->line);
}

enum verifier_want
verifier_session_feed(struct verifier_session *s, struct span in, size_t *used)
{
	enum line_state state;

	*used = 0;
	if (s->want == VERIFIER_BROKEN || in.len == 0)
		return s->want;
	if (s->want != VERIFIER_WANT_BYTES) {
		err_set(&s->error, ERR_MALFORMED,
		        "bytes that answer no question");
		return s->want = VERIFIER_BROKEN;
	}
	state = line_feed(&s->line, in, used);
	if (state == LINE_WHOLE) {
		on_line(s);
	} else if (state == LINE_TOO_LONG) {
		err_set(&s->error, ERR_LIMIT, "an answer over %zu bytes",
		        s->line.limit);
		s->want = VERIFIER_BROKEN;
	}
	return s->want;
}
