/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One page for programs on this machine: `GET PATH`, an answer, and the
 * connection ends.
 *
 * Not libevent's evhttp: its clients are not counted, and its timeout begins
 * anew with each byte of a request.  Here a client has HTTP_MS for all of it,
 * HTTP_HEAD_MAX bytes to ask with, and no body; what it does not read is one
 * page, for STREAM_LINGER_MS; and who comes when HTTP_CLIENTS_MAX are there
 * takes the place of the oldest. */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include "base/buf.h"
#include "base/err.h"
#include "net/loop.h"

enum {
	HTTP_CLIENTS_MAX = 8,
	HTTP_HEAD_MAX = 4096,
	HTTP_MS = 5000,
	/* Of a Unix socket.  Its group is the daemon's, or that of its folder
	 * where that has the set-group-id bit. */
	HTTP_SOCKET_MODE = 0660,
};

struct http;

struct http_page {
	const char *path; /* "/metrics"; borrowed */
	/* `accept` is that header of the request, printable ASCII; empty: there
	 * was none.  Fills `body` and returns its media type. */
	const char *(*get)(void *arg, const char *accept, struct buf *body);
	void *arg;
};

/* "127.0.0.1:9116", "[::1]:9116", "unix:/path": what is on this machine alone.
 * Anything else is refused in words.  For a configuration's table, where empty
 * is none. */
MUST_CHECK bool http_where_allowed(const char *where, struct err *);

struct http *http_listen(struct loop *, const char *where,
                         const struct http_page *, struct err *);
/* Where it really listens (port 0 is resolved). */
const char *http_address(const struct http *);
void http_free(struct http *);

#endif
