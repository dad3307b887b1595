/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An endpoint's thread and the questions that it is given.
 *
 * libvirt's client waits for an answer as long as the connection stands, and
 * the wait cannot be ended from outside.  So each connection has a thread that
 * may be left behind: a question's memory is its own until it is answered, and
 * whoever asked waits on a condition, not on libvirt. */
#ifndef VIRT_ENDPOINT_PRIVATE_H
#define VIRT_ENDPOINT_PRIVATE_H

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <pthread.h>

#include "virt/endpoint.h"

/* A test's are shorter. */
struct endpoint_limits {
	uint64_t connect_ms;
	uint64_t call_ms;     /* one call of libvirt's */
	uint64_t question_ms; /* all calls of a question */
	uint64_t close_ms;    /* endpoint_free(), when no call hangs */
};
extern const struct endpoint_limits endpoint_limits;

struct endpoint *endpoint_open_within(const char *uri,
                                      const struct endpoint_limits *,
                                      struct err *);

struct endpoint {
	struct endpoint_limits limits;
	char *label, *uri;
	virConnectPtr connection; /* its thread's */
	bool lost;                /* its thread's */
	char *lost_words;         /* its thread's */

	pthread_t thread; /* whoever opened it */
	bool started;

	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t changed;
	unsigned holders; /* who opened it, and its thread */
	struct question *question;
	const char *calling; /* a call's name; NULL: none yet */
	uint64_t since_ms;   /* that call began */
	bool stuck, closing, closed;
};

struct question {
	/* In the endpoint's thread.  False with `err`. */
	bool (*ask)(struct endpoint *, struct question *);
	struct arena arena; /* what is asked, and the answer */
	struct err err;
	const char *text; /* a domain's name, or its XML */
	const char *pass; /* an element of its metadata; NULL: none */
	size_t n_paths;
	const char **paths; /* of its disks: some are not in its XML */
	bool running;
	enum endpoint_role role; /* of a host */
	void *answer;
	bool done, ok;
};

/* Asks and waits.  True: the answer is there, and what it points to is
 * `arena`'s.  `q` is taken in any case. */
MUST_CHECK bool endpoint_ask(struct endpoint *, struct question *q,
                             struct arena *, void *answer, size_t size,
                             struct err *);
struct question *question_new(bool (*ask)(struct endpoint *,
                                          struct question *));

/* To virConnectClose(), in any thread; NULL, with words: it was given up. */
virConnectPtr endpoint_share(struct endpoint *, struct err *);

/* --- in the endpoint's thread --- */

/* Says which call is next, so that one that hangs has a name. */
#define CALL(endpoint, function, ...)                                          \
	(endpoint_calls((endpoint), #function), function(__VA_ARGS__))
void endpoint_calls(struct endpoint *, const char *function);
/* Nobody waits any more: the rest need not be asked. */
bool endpoint_is_given_up(struct endpoint *);
/* After a call that failed: libvirt's words with the call's name, the arena's.
 * A connection that is gone is noted. */
const char *endpoint_said(struct endpoint *, struct arena *);
/* False, with a sentence, when the connection is gone. */
MUST_CHECK bool endpoint_is_there(struct endpoint *, struct err *);
/* What libvirt said of it: the peer's words, printable, a line.  `out`. */
enum { LIBVIRT_WORDS_MAX = 480 };
const char *libvirt_words(char out[LIBVIRT_WORDS_MAX]);
/* libvirt's code of the call that failed last in this thread. */
bool libvirt_said(int code);

/* The first question. */
bool ask_connection(struct endpoint *, struct question *);

/* endpoint_dial.c.  Connects, and keeps alive where libvirt can; nothing is
 * asked of a terminal.  Any thread. */
virConnectPtr libvirt_dial(const char *uri);
/* ssh would ask on its terminal, behind the program's back: the URI that tells
 * it not to, to free(); NULL: there is nothing to add.  And what was added is
 * cut from the URI that libvirt gives back. */
char *dial_quiet_uri(const char *uri);
void dial_cut_uri(const char *asked, char *uri);

/* endpoint_domain.c: its job at work, or NULL; false: libvirt does not say. */
bool domain_job(struct endpoint *, virDomainPtr, const char **job);

#endif
