/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests and replies, one JSON object a line: what both wires share.
 * PROTOCOL.md, "Messages". */
#ifndef PROTO_MESSAGE_H
#define PROTO_MESSAGE_H

#include "proto/json.h"

#define PROTO_ALPN "virt-attest/1"
enum { PROTO_MAJOR = 1 };

/* How long a line may be, in bytes with its newline, by what is awaited. */
enum {
	LINE_AGENT_REQUEST_MAX = 4 * 1024,
	LINE_IDENTITY_MAX = 136 * 1024, /* certificates are in it */
	LINE_ACTIVATED_MAX = 1024,
	LINE_CERTIFIED_MAX = 4 * 1024,
	LINE_EVIDENCE_MAX = 64 * 1024,
	LINE_LOG_MAX = 344 * 1024, /* base64 of MLOG_PIECE_MAX, and the rest */
	/* `facts`, from those who may ask for them; the answer. */
	LINE_FACTS_REQUEST_MAX = 196 * 1024,
	LINE_FACTS_MAX = 260 * 1024,
	LINE_CONTROL_REQUEST_MAX = 8 * 1024,
	/* A golden value with an IMA policy of a whole distribution. */
	LINE_CONTROL_ADMIN_MAX = 32 * 1024 * 1024,
	LINE_CONTROL_REPLY_MAX = 64 * 1024 * 1024,
	LINE_EVENT_MAX = 8 * 1024,
	COMMAND_MAX = 32,
};

/* Of arguments on the control wire, for both of its ends. */
enum {
	ASKED_DOMAIN_MAX = 64, /* a domain's name that a verdict or a permit is
	                        * asked for, with its NUL */
	PERMIT_S = 60,         /* where no time is asked for */
	PERMIT_MAX_S = 600,
	PERMIT_AGE_MAX_S = 7, /* of the verdict that it rests on, for who asks
	                       * for one that is not fresh */
	FORCED_CHECKS_MAX = 704, /* their ids, with the NUL: what is forced is
	                          * whole in a line of the audit log */
};

/* Collects a line.  {.limit = n} is a fresh one. */
struct line {
	struct buf buf;
	size_t limit;
	bool whole; /* `buf` holds a line, without its newline */
};

enum line_state { LINE_MORE, LINE_WHOLE, LINE_TOO_LONG };

/* Takes from `in` up to the end of the line and says in `*used` how much.  A
 * line over the limit is refused before it is stored.  After LINE_WHOLE the
 * line stands in `buf` until line_clear(). */
enum line_state line_feed(struct line *, struct span in, size_t *used);
void line_clear(struct line *);
void line_done(struct line *);

/* A request: {"execute":"NAME","arguments":{...},"id":7}. */
struct request {
	struct json *root; /* owned */
	char command[COMMAND_MAX];
	const struct json *arguments; /* in `root`; an object, may be empty */
	uint64_t id;                  /* 0 when absent */
};

/* Parses one.  On a failure `id` is what could be read of it, for the answer.
 * request_done() follows in either case. */
MUST_CHECK bool request_parse(struct span line, struct request *, struct err *);
void request_done(struct request *);

/* Append a request with its newline; `arguments` is taken, may be NULL. */
void request_format(const char *command, struct json *arguments, uint64_t id,
                    struct buf *out);

/* A reply: {"return":{...},"id":7} or {"error":{"class","desc"},"id":7}. */
struct reply {
	struct json *root;         /* owned */
	const struct json *result; /* in `root`; NULL for an error */
	struct err error;
	uint64_t id;
};

/* Parses one.  reply_done() follows in either case. */
MUST_CHECK bool reply_parse(struct span line, struct reply *, struct err *);
void reply_done(struct reply *);

/* Append a reply with its newline; `result` is taken. */
void reply_format(struct json *result, uint64_t id, struct buf *out);
void reply_format_error(const struct err *, uint64_t id, struct buf *out);

/* What nobody asked for at this moment:
 * {"event":"NAME","data":{...},"timestamp":{"seconds":s,"microseconds":u}}. */
struct event {
	struct json *root; /* owned */
	char name[COMMAND_MAX];
	const struct json *data; /* in `root`; an object */
	uint64_t time_us;        /* since the epoch */
};

/* Whether the line is one, to be told apart from a reply, and parses it.
 * event_done() follows in either case. */
MUST_CHECK bool event_parse(struct span line, struct event *, struct err *);
void event_done(struct event *);

/* Whether it says how a host stands: its data is for standing_decode(). */
bool event_has_standing(const struct event *);

/* Append an event with its newline; `data` is taken. */
void event_format(const char *name, struct json *data, uint64_t time_us,
                  struct buf *out);

#endif
