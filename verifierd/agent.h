/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One agent as the verifier sees it: a TLS connection that is made when there
 * is a question, kept for the next one, and asked one thing at a time. */
#ifndef VERIFIERD_AGENT_H
#define VERIFIERD_AGENT_H

#include "evidence/evidence.h"
#include "evidence/mlog.h"
#include "net/stream.h"
#include "proto/local_facts.h"

struct agent;

/* Where an agent is, and the name that its certificate must have. */
struct agent_place {
	const char *address;
	uint16_t port;
	const char *name;
};

/* Each question ends in one of the first seven.  The agent may be freed in
 * any of them. */
struct agent_calls {
	void (*identity)(void *arg, const struct identity *);
	void (*evidence)(void *arg, const struct evidence *);
	void (*activated)(void *arg, const struct activated *);
	void (*certified)(void *arg, const struct certified *);
	/* May be NULL where no log is asked for. */
	void (*log)(void *arg, const struct mlog_piece *);
	/* May be NULL where none are asked for; gone with the next question.
	 */
	void (*facts)(void *arg, const struct local_facts *);
	/* `again`: a kept connection turned out to be dead; a new question
	 * (with a new nonce) makes a new one. */
	void (*failed)(void *arg, const struct err *, bool again);
	/* The kept connection ended while nothing was asked; ERR_PEER: by us,
	 * as its certificate is refused by now.  May be NULL. */
	void (*lost)(void *arg, const struct err *);
};

struct agent *agent_new(struct loop *, struct tls *, const struct agent_place *,
                        const struct agent_calls *, void *arg);
void agent_free(struct agent *);

/* Ask, connecting within `timeout_ms` when there is no connection.  Only while
 * nothing is outstanding. */
void agent_ask_identity(struct agent *, uint64_t timeout_ms);
void agent_ask_quote(struct agent *, const struct challenge *,
                     uint64_t timeout_ms);
void agent_ask_secret(struct agent *, const struct activation *,
                      uint64_t timeout_ms);
void agent_ask_certified(struct agent *, const struct certifying *,
                         uint64_t timeout_ms);
/* A piece of a log; it is gone when `log` returns. */
void agent_ask_log(struct agent *, const struct mlog_asking *,
                   uint64_t timeout_ms);

/* What the host says of itself.  The question is borrowed until it ends, and is
 * within LOCAL_ASKING_MAX.  `took_ms` of the answer is measured here, from when
 * the question was sent. */
void agent_ask_facts(struct agent *, const struct local_asking *,
                     uint64_t timeout_ms);

/* Give up what is outstanding, and the connection with it. */
void agent_drop(struct agent *);

/* A connection stands. */
bool agent_is_connected(const struct agent *);

/* Whether its certificate has this name, too; only in a call and while the
 * connection stands. */
bool agent_is_named(const struct agent *, const char *name);

/* The exporter of the session that the last answer came over: EXPORTER_SIZE
 * bytes, valid in `evidence` and while the connection stands. */
const uint8_t *agent_exporter(const struct agent *);

/* The addresses that its certificate names, at most `max`; none without a
 * connection. */
size_t agent_addresses(const struct agent *, char (*out)[ADDRESS_TEXT_SIZE],
                       size_t max);

#endif
