/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "agent.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "proto/verifier_session.h"
#include "sys/sys.h"

enum question {
	ASKED_NOTHING,
	ASKED_IDENTITY,
	ASKED_QUOTE,
	ASKED_SECRET,
	ASKED_CERTIFIED,
	ASKED_LOG,
	ASKED_FACTS,
};

struct agent {
	struct loop *loop;
	struct tls *tls;
	char *address, *name;
	uint16_t port;
	const struct agent_calls *calls;
	void *arg;
	struct stream *stream; /* NULL: no connection */
	bool open;             /* the handshake is over */
	bool kept;             /* it answered before */
	struct verifier_session session;
	uint8_t exporter[EXPORTER_SIZE];
	enum question asked;
	struct challenge challenge;
	struct activation activation;
	struct certifying certifying;
	struct mlog_asking log;
	const struct local_asking *facts;
	uint64_t sent_ms; /* when the question was */
};

struct agent *
agent_new(struct loop *loop, struct tls *tls, const struct agent_place *place,
          const struct agent_calls *calls, void *arg)
{
	struct agent *a = mem_new(1, sizeof(*a));

	a->loop = loop;
	a->tls = tls;
	a->address = mem_text(place->address);
	a->port = place->port;
	a->name = mem_text(place->name);
	a->calls = calls;
	a->arg = arg;
	return a;
}

static void
disconnect(struct agent *a)
{
	stream_free(a->stream);
	a->stream = NULL;
	a->open = a->kept = false;
	verifier_session_done(&a->session);
}

void
agent_drop(struct agent *a)
{
	disconnect(a);
	a->asked = ASKED_NOTHING;
}

void
agent_free(struct agent *a)
{
	if (a == NULL)
		return;
	disconnect(a);
	free(a->address);
	free(a->name);
	free(a);
}

bool
agent_is_connected(const struct agent *a)
{
	return a->stream != NULL && a->open;
}

bool
agent_is_named(const struct agent *a, const char *name)
{
	return a->stream != NULL && stream_peer_named(a->stream, &name, 1);
}

const uint8_t *
agent_exporter(const struct agent *a)
{
	return a->exporter;
}

size_t
agent_addresses(const struct agent *a, char (*out)[ADDRESS_TEXT_SIZE],
                size_t max)
{
	return a->stream != NULL ? stream_peer_addresses(a->stream, out, max)
	                         : 0;
}

/* The last thing that is done with `a`: the callee may free it. */
static void
fail(struct agent *a, const struct err *err, bool again)
{
	bool outstanding = a->asked != ASKED_NOTHING;
	const struct err why = *err;

	agent_drop(a);
	if (outstanding)
		a->calls->failed(a->arg, &why, again);
	else if (a->calls->lost != NULL)
		a->calls->lost(a->arg, &why);
}

static void
send_question(struct agent *a)
{
	AUTO(buf_done) struct buf out = {0};

	if (a->asked == ASKED_IDENTITY)
		verifier_session_ask_identity(&a->session, &out);
	else if (a->asked == ASKED_SECRET)
		verifier_session_ask_secret(&a->session, &a->activation, &out);
	else if (a->asked == ASKED_CERTIFIED)
		verifier_session_ask_certified(&a->session, &a->certifying,
		                               &out);
	else if (a->asked == ASKED_LOG)
		verifier_session_ask_log(&a->session, &a->log, &out);
	else if (a->asked == ASKED_FACTS)
		verifier_session_ask_facts(&a->session, a->facts, &out);
	else
		verifier_session_ask_quote(&a->session, &a->challenge, &out);
	a->sent_ms = sys_boot_ms();
	stream_write(a->stream, buf_span(&out));
}

static void
on_opened(void *arg)
{
	struct agent *a = arg;
	struct err err = {0};

	if (!stream_exporter(a->stream, a->exporter)) {
		err_set(&err, ERR_INTERNAL, "TLS gave no exporter");
		fail(a, &err, false);
		return;
	}
	a->open = true;
	verifier_session_open(&a->session);
	send_question(a);
}

/* It is large: a connection that is kept does not keep it. */
static void
on_log(struct agent *a)
{
	struct mlog_piece *piece = a->session.piece;

	a->session.piece = NULL;
	a->calls->log(a->arg, piece);
	free(piece);
}

static void
on_facts(struct agent *a)
{
	a->session.facts.took_ms = sys_boot_ms() - a->sent_ms;
	a->calls->facts(a->arg, &a->session.facts);
}

static size_t
on_bytes(void *arg, struct span in)
{
	struct agent *a = arg;
	enum verifier_want want;
	struct err why;
	size_t used;

	want = verifier_session_feed(&a->session, in, &used);
	if (want == VERIFIER_WANT_BYTES)
		return used;
	if (want == VERIFIER_BROKEN) {
		fail(a, &a->session.error, false);
		return used;
	}
	a->asked = ASKED_NOTHING;
	a->kept = true;
	if (want == VERIFIER_HAS_IDENTITY)
		a->calls->identity(a->arg, a->session.identity);
	else if (want == VERIFIER_HAS_EVIDENCE)
		a->calls->evidence(a->arg, &a->session.evidence);
	else if (want == VERIFIER_HAS_SECRET)
		a->calls->activated(a->arg, &a->session.activated);
	else if (want == VERIFIER_HAS_CERTIFIED)
		a->calls->certified(a->arg, &a->session.certified);
	else if (want == VERIFIER_HAS_LOG)
		on_log(a);
	else if (want == VERIFIER_HAS_FACTS)
		on_facts(a);
	else {
		why = a->session.error;
		a->calls->failed(a->arg, &why, false);
	}
	return used;
}

static void
on_closed(void *arg, const struct err *why)
{
	struct agent *a = arg;
	struct err err = *why;

	if (err.code == ERR_NONE)
		err_set(&err, ERR_UNAVAILABLE,
		        "the agent closed the connection");
	fail(a, &err, a->kept);
}

static const struct stream_calls stream_says = {
    .opened = on_opened,
    .bytes = on_bytes,
    .closed = on_closed,
};

static void
ask(struct agent *a, enum question question, uint64_t timeout_ms)
{
	const struct stream_target target = {
	    .address = a->address,
	    .port = a->port,
	    .name = a->name,
	    .timeout_ms = timeout_ms,
	};

	assert(a->asked == ASKED_NOTHING);
	a->asked = question;
	if (agent_is_connected(a))
		send_question(a);
	else
		a->stream =
		    stream_connect(a->loop, a->tls, &target, &stream_says, a);
}

void
agent_ask_identity(struct agent *a, uint64_t timeout_ms)
{
	ask(a, ASKED_IDENTITY, timeout_ms);
}

void
agent_ask_quote(struct agent *a, const struct challenge *challenge,
                uint64_t timeout_ms)
{
	a->challenge = *challenge;
	ask(a, ASKED_QUOTE, timeout_ms);
}

void
agent_ask_secret(struct agent *a, const struct activation *activation,
                 uint64_t timeout_ms)
{
	a->activation = *activation;
	ask(a, ASKED_SECRET, timeout_ms);
}

void
agent_ask_certified(struct agent *a, const struct certifying *certifying,
                    uint64_t timeout_ms)
{
	a->certifying = *certifying;
	ask(a, ASKED_CERTIFIED, timeout_ms);
}

void
agent_ask_log(struct agent *a, const struct mlog_asking *asking,
              uint64_t timeout_ms)
{
	assert(a->calls->log != NULL);
	a->log = *asking;
	ask(a, ASKED_LOG, timeout_ms);
}

void
agent_ask_facts(struct agent *a, const struct local_asking *asking,
                uint64_t timeout_ms)
{
	assert(a->calls->facts != NULL);
	a->facts = asking;
	ask(a, ASKED_FACTS, timeout_ms);
}
