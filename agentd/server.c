/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "server.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/mem.h"
#include "proto/agent_session.h"
#include "refused.h"
#include "sys/log.h"

enum {
	HANDSHAKES_MAX = 64,
	HANDSHAKE_MS = 5000,
	/* Above that the next request waits: who does not read what he asked
	 * for is not read more for. */
	UNSENT_MAX = 64 * 1024,
};

struct client {
	LIST_ENTRY(client) of_server;
	struct server *server;
	struct stream *stream;
	struct agent_session session;
	uint8_t exporter[EXPORTER_SIZE];
	struct job *job;         /* while the TPM works for it */
	struct reading *reading; /* while a log is read for it */
	struct looking *looking; /* while the host is looked at for it */
	/* What its question is signed over: a reload may bring others before
	 * the TPM has answered. */
	struct endpoint_keys endpoints;
	bool facts_allowed;
};

struct server {
	struct listener *listener;
	struct worker *worker;
	struct server_options options;
	LIST_HEAD(, client) clients;
	struct server_numbers numbers;
};

static void
client_free(struct client *c)
{
	LIST_REMOVE(c, of_server);
	c->server->numbers.clients--;
	worker_cancel(c->server->worker, c->job);
	logs_cancel(c->server->options.logs, c->reading);
	facts_cancel(c->server->options.facts, c->looking);
	agent_session_done(&c->session);
	stream_free(c->stream);
	free(c);
}

static void
send_out(struct client *c, const struct buf *out)
{
	stream_write(c->stream, buf_span(out));
}

static void
count(struct client *c, enum err_code end)
{
	c->server->numbers.requests[c->session.want][end]++;
}

/* An answer went out: go on with what the verifier sent meanwhile. */
static void
answered(struct client *c, const struct buf *out)
{
	c->job = NULL;
	c->reading = NULL;
	c->looking = NULL;
	send_out(c, out);
	stream_resume(c->stream);
}

static void
fail(struct client *c, const struct err *why)
{
	/* A host without such a log is no news each time it is asked. */
	bool usual = why->code == ERR_NOT_FOUND;
	AUTO(buf_done) struct buf out = {0};

	count(c, why->code);
	log_write(usual ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
	          "event=failed peer=\"%s\" request=%s error=\"%s\"",
	          stream_peer(c->stream), server_request_name(c->session.want),
	          why->text);
	agent_session_error(&c->session, why, &out);
	answered(c, &out);
}

static void
on_answer(void *arg, union tpm_answer *answer, const struct err *why)
{
	AUTO(buf_done) struct buf out = {0};
	struct client *c = arg;

	if (answer == NULL) {
		fail(c, why);
		return;
	}
	count(c, ERR_NONE);
	if (c->session.want == AGENT_WANT_IDENTITY) {
		answer->identity->endpoints = *c->server->options.endpoints;
		answer->identity->migration_ca =
		    *c->server->options.migration_ca;
		agent_session_identity(&c->session, answer->identity, &out);
	} else if (c->session.want == AGENT_WANT_EVIDENCE) {
		answer->evidence.endpoints = c->endpoints;
		agent_session_evidence(&c->session, &answer->evidence, &out);
	} else if (c->session.want == AGENT_WANT_CERTIFIED) {
		agent_session_certified(&c->session, &answer->certified, &out);
	} else {
		agent_session_activated(&c->session, &answer->activated, &out);
	}
	answered(c, &out);
}

/* What is signed is to cover the question, the channel and the endpoint's keys.
 */
static struct statement
statement_of(const struct client *c, const uint8_t nonce[NONCE_SIZE])
{
	struct statement said;

	memcpy(said.nonce, nonce, NONCE_SIZE);
	memcpy(said.exporter, c->exporter, EXPORTER_SIZE);
	endpoint_keys_digest(&c->endpoints, said.endpoint);
	return said;
}

static void
ask_for_quote(const struct client *c, struct tpm_request *request)
{
	const struct statement said =
	    statement_of(c, c->session.challenge.nonce);

	request->question = TPM_ASK_QUOTE;
	request->selection = c->session.challenge.selection;
	statement_leaf(&said, request->leaf);
}

static void
ask_for_certified(const struct client *c, struct tpm_request *request)
{
	const struct statement said =
	    statement_of(c, c->session.certifying.nonce);

	request->question = TPM_ASK_CERTIFIED;
	request->iak = c->session.certifying.iak;
	statement_certify(&said, request->leaf);
}

static void
ask_worker(struct client *c)
{
	struct tpm_request request = {.question = TPM_ASK_IDENTITY};
	struct err busy = {0};

	c->endpoints = *c->server->options.endpoints;
	if (c->session.want == AGENT_WANT_EVIDENCE) {
		ask_for_quote(c, &request);
	} else if (c->session.want == AGENT_WANT_SECRET) {
		request.question = TPM_ASK_SECRET;
		request.activation = c->session.activation;
	} else if (c->session.want == AGENT_WANT_CERTIFIED) {
		ask_for_certified(c, &request);
	}
	c->job = worker_ask(c->server->worker, &request, on_answer, c);
	if (c->job == NULL) {
		err_set(&busy, ERR_BUSY, "%d requests wait already",
		        WORKER_QUEUE_MAX);
		fail(c, &busy);
	}
}

static void
on_piece(void *arg, const struct mlog_piece *piece, const struct err *why)
{
	AUTO(buf_done) struct buf out = {0};
	struct client *c = arg;

	if (piece == NULL) {
		fail(c, why);
		return;
	}
	count(c, ERR_NONE);
	agent_session_log(&c->session, piece, &out);
	answered(c, &out);
}

static void
ask_logs(struct client *c)
{
	struct err busy = {0};

	c->reading =
	    logs_ask(c->server->options.logs, &c->session.log, on_piece, c);
	if (c->reading != NULL)
		return;
	err_set(&busy, ERR_BUSY, "%d requests for logs wait already",
	        LOGS_QUEUE_MAX);
	fail(c, &busy);
}

static void
on_facts(void *arg, const struct local_facts *facts, const struct err *why)
{
	AUTO(buf_done) struct buf out = {0};
	struct client *c = arg;

	if (facts == NULL) {
		fail(c, why);
		return;
	}
	count(c, ERR_NONE);
	agent_session_facts(&c->session, facts, &out);
	answered(c, &out);
}

static void
ask_facts(struct client *c)
{
	struct err no = {0};

	if (!c->facts_allowed) {
		err_set(
		    &no, ERR_DENIED,
		    "'%.80s' may not ask for facts: none of its names is in "
		    "facts_verifiers of the agentd.conf there",
		    stream_peer(c->stream));
		fail(c, &no);
		return;
	}
	c->looking = facts_ask(c->server->options.facts, &c->session.facts,
	                       on_facts, c, &no);
	if (c->looking == NULL)
		fail(c, &no);
}

static size_t
on_bytes(void *arg, struct span in)
{
	AUTO(buf_done) struct buf out = {0};
	struct client *c = arg;
	enum agent_want want;
	size_t used;

	/* One thing at a time; the rest waits in the stream. */
	if (c->job != NULL || c->reading != NULL || c->looking != NULL ||
	    stream_unsent(c->stream) > UNSENT_MAX)
		return 0;
	want = agent_session_feed(&c->session, in, &used, &out);
	send_out(c, &out);
	if (want == AGENT_WANT_LOG)
		ask_logs(c);
	else if (want == AGENT_WANT_FACTS)
		ask_facts(c);
	else if (want != AGENT_WANT_BYTES && want != AGENT_WANT_CLOSE)
		ask_worker(c);
	if (want == AGENT_WANT_CLOSE) {
		log_warning("peer=\"%s\" event=refused error=\"not our "
		            "protocol\"",
		            stream_peer(c->stream));
		stream_finish(c->stream);
	}
	return used;
}

static void
on_closed(void *arg, const struct err *why)
{
	struct client *c = arg;

	/* Who was let in and is no more is worth a line. */
	log_write(why->code == ERR_PEER ? LOG_LEVEL_NOTICE : LOG_LEVEL_INFO,
	          "peer=\"%s\" event=closed reason=\"%s\"",
	          stream_peer(c->stream),
	          why->code != ERR_NONE ? why->text : "in order");
	client_free(c);
}

static const struct stream_calls stream_says = {
    .bytes = on_bytes,
    .closed = on_closed,
};

static void
judge_facts(struct client *c)
{
	const struct server_options *o = &c->server->options;

	c->facts_allowed = stream_peer_named(c->stream, o->facts_verifiers,
	                                     o->n_facts_verifiers);
	if (c->facts_allowed)
		agent_session_allow_facts(&c->session);
}

static void
on_accepted(void *arg, struct stream *stream)
{
	struct server *server = arg;
	struct client *c = mem_new(1, sizeof(*c));

	c->server = server;
	c->stream = stream;
	agent_session_open(&c->session);
	judge_facts(c);
	LIST_INSERT_HEAD(&server->clients, c, of_server);
	server->numbers.clients++;
	server->numbers.accepted++;
	stream_own(stream, &stream_says, c);
	if (!stream_exporter(stream, c->exporter)) {
		log_error("peer=\"%s\" event=refused error=\"TLS gave no "
		          "exporter\"",
		          stream_peer(stream));
		client_free(c);
		return;
	}
	log_info("peer=\"%s\" event=connected", stream_peer(stream));
}

struct server *
server_new(struct loop *loop, struct tls *tls, struct worker *worker,
           const struct server_options *options, struct err *err)
{
	struct server *server = mem_new(1, sizeof(*server));
	const struct listener_limits limits = {
	    .streams_max = options->max_clients,
	    .handshakes_max = HANDSHAKES_MAX,
	    .handshake_ms = HANDSHAKE_MS,
	};
	const struct listener_calls calls = {
	    .accepted = on_accepted,
	    .arg = server,
	    .refused = refused_log,
	};

	server->worker = worker;
	server->options = *options;
	LIST_INIT(&server->clients);
	server->listener =
	    listen_tls(loop, tls, options->listen, &limits, &calls, err);
	if (server->listener == NULL) {
		free(server);
		return NULL;
	}
	return server;
}

const struct server_numbers *
server_look(const struct server *server)
{
	return &server->numbers;
}

void
server_take(struct server *server, const struct server_options *options)
{
	struct client *c;

	server->options = *options;
	listener_take(server->listener, options->max_clients);
	LIST_FOREACH(c, &server->clients, of_server)
		judge_facts(c);
}

const struct listener *
server_listener(const struct server *server)
{
	return server->listener;
}

void
server_free(struct server *server)
{
	struct client *c;

	if (server == NULL)
		return;
	while ((c = LIST_FIRST(&server->clients)) != NULL)
		client_free(c);
	listener_free(server->listener);
	free(server);
}
