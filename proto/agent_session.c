/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "proto/agent_session.h"

#include <assert.h>
#include <string.h>

#include "proto/codec.h"

void
agent_session_open(struct agent_session *s)
{
	*s = (struct agent_session){.line.limit = LINE_AGENT_REQUEST_MAX};
}

void
agent_session_done(struct agent_session *s)
{
	line_done(&s->line);
	arena_done(&s->arena);
}

void
agent_session_allow_facts(struct agent_session *s)
{
	s->line.limit = LINE_FACTS_REQUEST_MAX;
}

static void
refuse(struct agent_session *s, const struct err *err, struct buf *out)
{
	reply_format_error(err, s->id, out);
	s->want = AGENT_WANT_BYTES;
}

/* A line that is no request at all ends the session: whoever sends it speaks
 * something else. */
static void
end(struct agent_session *s, const struct err *err, struct buf *out)
{
	reply_format_error(err, s->id, out);
	s->want = AGENT_WANT_CLOSE;
}

static void
on_identity(struct agent_session *s, const struct request *r, struct buf *out)
{
	(void)r;
	(void)out;
	s->want = AGENT_WANT_IDENTITY;
}

static void
on_quote(struct agent_session *s, const struct request *r, struct buf *out)
{
	struct err err = {0};

	if (challenge_decode(r->arguments, &s->challenge, &err))
		s->want = AGENT_WANT_EVIDENCE;
	else
		refuse(s, &err, out);
}

static void
on_activate(struct agent_session *s, const struct request *r, struct buf *out)
{
	struct err err = {0};

	if (activation_decode(r->arguments, &s->activation, &err))
		s->want = AGENT_WANT_SECRET;
	else
		refuse(s, &err, out);
}

static void
on_certify(struct agent_session *s, const struct request *r, struct buf *out)
{
	struct err err = {0};

	if (certifying_decode(r->arguments, &s->certifying, &err))
		s->want = AGENT_WANT_CERTIFIED;
	else
		refuse(s, &err, out);
}

static void
on_log(struct agent_session *s, const struct request *r, struct buf *out)
{
	struct err err = {0};

	if (mlog_asking_decode(r->arguments, &s->log, &err))
		s->want = AGENT_WANT_LOG;
	else
		refuse(s, &err, out);
}

static void
on_facts(struct agent_session *s, const struct request *r, struct buf *out)
{
	struct err err = {0};

	arena_done(&s->arena);
	if (local_asking_decode(r->arguments, &s->arena, &s->facts, &err))
		s->want = AGENT_WANT_FACTS;
	else
		refuse(s, &err, out);
}

static const struct {
	const char *name;
	void (*on)(struct agent_session *, const struct request *,
	           struct buf *);
} commands[] = {
    {"identity", on_identity},
    {"quote", on_quote},
    {"activate-credential", on_activate},
    {"certify", on_certify},
    {"log", on_log},
    {"facts", on_facts},
};

static void
on_line(struct agent_session *s, struct buf *out)
{
	struct err err = {0};
	struct request r;
	bool parsed = request_parse(buf_span(&s->line.buf), &r, &err);

	s->id = r.id;
	if (!parsed && err.code == ERR_VERSION) {
		refuse(s, &err, out);
	} else if (!parsed) {
		end(s, &err, out);
	} else {
		size_t i = 0;

		while (i < LENGTH_OF(commands) &&
		       strcmp(commands[i].name, r.command) != 0)
			i++;
		if (i < LENGTH_OF(commands)) {
			commands[i].on(s, &r, out);
		} else {
			err_set(&err, ERR_COMMAND, "no such request");
			refuse(s, &err, out);
		}
	}
	request_done(&r);
	line_clear(&s->line);
}

static const char *
longer(const struct agent_session *s)
{
	return s->line.limit == LINE_FACTS_REQUEST_MAX
	           ? ""
	           : ", but from one of this agent's facts_verifiers";
}

enum agent_want
agent_session_feed(struct agent_session *s, struct span in, size_t *used,
                   struct buf *out)
{
	struct err err = {0};

	assert(s->want == AGENT_WANT_BYTES || s->want == AGENT_WANT_CLOSE);
	*used = 0;
	while (s->want == AGENT_WANT_BYTES && *used < in.len) {
		struct span rest = span_of(in.at + *used, in.len - *used);
		enum line_state state;
		size_t taken;

		state = line_feed(&s->line, rest, &taken);
		*used += taken;
		if (state == LINE_WHOLE) {
			on_line(s, out);
		} else if (state == LINE_TOO_LONG) {
			err_set(&err, ERR_LIMIT,
			        "a request is %zu bytes at most%s",
			        s->line.limit, longer(s));
			end(s, &err, out);
		}
	}
	return s->want;
}

void
agent_session_identity(struct agent_session *s, const struct identity *identity,
                       struct buf *out)
{
	assert(s->want == AGENT_WANT_IDENTITY);
	reply_format(identity_encode(identity), s->id, out);
	s->want = AGENT_WANT_BYTES;
}

void
agent_session_evidence(struct agent_session *s, const struct evidence *evidence,
                       struct buf *out)
{
	assert(s->want == AGENT_WANT_EVIDENCE);
	reply_format(evidence_encode(evidence), s->id, out);
	s->want = AGENT_WANT_BYTES;
}

void
agent_session_activated(struct agent_session *s,
                        const struct activated *activated, struct buf *out)
{
	assert(s->want == AGENT_WANT_SECRET);
	reply_format(activated_encode(activated), s->id, out);
	s->want = AGENT_WANT_BYTES;
}

void
agent_session_certified(struct agent_session *s,
                        const struct certified *certified, struct buf *out)
{
	assert(s->want == AGENT_WANT_CERTIFIED);
	reply_format(certified_encode(certified), s->id, out);
	s->want = AGENT_WANT_BYTES;
}

void
agent_session_log(struct agent_session *s, const struct mlog_piece *piece,
                  struct buf *out)
{
	assert(s->want == AGENT_WANT_LOG);
	reply_format(mlog_piece_encode(piece), s->id, out);
	s->want = AGENT_WANT_BYTES;
}

void
agent_session_facts(struct agent_session *s, const struct local_facts *facts,
                    struct buf *out)
{
	AUTO(buf_done) struct buf line = {0};
	struct err err = {0};

	assert(s->want == AGENT_WANT_FACTS);
	reply_format(local_facts_encode(facts), s->id, &line);
	if (line.len > LINE_FACTS_MAX) {
		err_set(&err, ERR_LIMIT, "the facts are over %d bytes",
		        LINE_FACTS_MAX);
		agent_session_error(s, &err, out);
		return;
	}
	buf_add(out, buf_span(&line));
	arena_done(&s->arena);
	s->want = AGENT_WANT_BYTES;
}

void
agent_session_error(struct agent_session *s, const struct err *err,
                    struct buf *out)
{
	assert(s->want != AGENT_WANT_BYTES && s->want != AGENT_WANT_CLOSE);
	arena_done(&s->arena);
	refuse(s, err, out);
}
