/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/mem.h"
#include "base/text.h"
#include "net/http_head.h"
#include "net/net_private.h"

enum { WHERE_MAX = 128 };

#define UNIX_PREFIX "unix:"

struct http_client {
	TAILQ_ENTRY(http_client) next;
	struct http *of;
	struct stream *stream;
	struct timer *deadline;
};

struct http {
	struct listener *listener;
	struct loop *loop;
	struct http_page page;
	TAILQ_HEAD(, http_client) clients; /* the oldest first */
	size_t n;
};

static void
client_free(struct http_client *c)
{
	TAILQ_REMOVE(&c->of->clients, c, next);
	c->of->n--;
	timer_free(c->deadline);
	stream_free(c->stream);
	free(c);
}

/* `more`: headers of this answer, each with its end of line. */
static void
answer(struct http_client *c, const char *status, const char *more,
       struct span body)
{
	char head[HTTP_HEAD_MAX];

	snprintf(head, sizeof(head),
	         "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\nConnection: close\r\n"
	         "X-Content-Type-Options: nosniff\r\n\r\n",
	         status, more, body.len);
	stream_write(c->stream, span_str(head));
	stream_write(c->stream, body);
	stream_finish(c->stream);
}

static void
refuse(struct http_client *c, const char *status, const char *more)
{
	char headers[WHERE_MAX], body[WHERE_MAX];

	snprintf(headers, sizeof(headers), "Content-Type: text/plain\r\n%s",
	         more);
	snprintf(body, sizeof(body), "%s\n", status);
	answer(c, status, headers, span_str(body));
}

static void
give(struct http_client *c, const struct http_head *head)
{
	const struct http_page *page = &c->of->page;
	AUTO(buf_done) struct buf body = {0};
	char type[WHERE_MAX];

	snprintf(type, sizeof(type), "Content-Type: %.100s\r\n",
	         page->get(page->arg, head->accept, &body));
	answer(c, "200 OK", type, buf_span(&body));
}

static size_t
on_bytes(void *arg, struct span in)
{
	struct http_client *c = arg;
	struct http_head head;
	size_t size = http_head_size(
	    span_of(in.at, in.len < HTTP_HEAD_MAX ? in.len : HTTP_HEAD_MAX));

	if (size == 0 && in.len < HTTP_HEAD_MAX)
		return 0;
	if (size == 0)
		refuse(c, "431 Request Header Fields Too Large", "");
	else if (!http_head_read(span_of(in.at, size), &head))
		refuse(c, "400 Bad Request", "");
	else if (!head.get)
		refuse(c, "405 Method Not Allowed", "Allow: GET\r\n");
	else if (!span_eq(head.path, span_str(c->of->page.path)))
		refuse(c, "404 Not Found", "");
	else
		give(c, &head);
	return in.len; /* one question a connection, and no body */
}

static void
on_closed(void *arg, const struct err *why)
{
	(void)why;
	client_free(arg);
}

static void
on_deadline(void *arg)
{
	client_free(arg);
}

static const struct stream_calls client_says = {
    .bytes = on_bytes,
    .closed = on_closed,
};

static void
on_accepted(void *arg, struct stream *stream)
{
	struct http *http = arg;
	struct http_client *c = mem_new(1, sizeof(*c));

	if (http->n == HTTP_CLIENTS_MAX)
		client_free(TAILQ_FIRST(&http->clients));
	c->of = http;
	c->stream = stream;
	c->deadline = timer_new(http->loop, HTTP_MS, on_deadline, c);
	TAILQ_INSERT_TAIL(&http->clients, c, next);
	http->n++;
	stream_own(stream, &client_says, c);
}

/* An address in one spelling (RFC 5952), so that no other way to write one
 * gets past. */
static bool
is_loopback(const char *where)
{
	char host[WHERE_MAX], address[ADDRESS_TEXT_SIZE];
	const char *port = strrchr(where, ':');
	uint64_t number;
	size_t len;

	if (port == NULL || !text_u64(port + 1, UINT16_MAX, &number) ||
	    (size_t)(port - where) >= sizeof(host))
		return false;
	len = (size_t)(port - where);
	memcpy(host, where, len);
	host[len] = '\0';
	if (len > 2 && host[0] == '[' && host[len - 1] == ']') {
		host[len - 1] = '\0';
		return address_of_text(host + 1, address) &&
		       strcmp(address, "::1") == 0;
	}
	return address_of_text(host, address) &&
	       strncmp(address, "127.", 4) == 0;
}

static const char *
unix_path(const char *where)
{
	size_t len = strlen(UNIX_PREFIX);

	return strncmp(where, UNIX_PREFIX, len) == 0 ? where + len : NULL;
}

bool
http_where_allowed(const char *where, struct err *err)
{
	const char *path = unix_path(where);

	if (path != NULL ? path[0] == '/'
	                 : *where == '\0' || is_loopback(where))
		return true;
	return err_set(err, ERR_CONFIG,
	               "'%.60s' is neither a loopback address with a port "
	               "(127.0.0.1:9116, [::1]:9116) nor unix:/PATH: there is "
	               "no password here, so what is not on this machine may "
	               "not ask",
	               where);
}

struct http *
http_listen(struct loop *loop, const char *where, const struct http_page *page,
            struct err *err)
{
	const struct listener_limits limits = {
	    /* One more: the oldest goes when it comes. */
	    .streams_max = HTTP_CLIENTS_MAX + 1,
	};
	struct http *http = mem_new(1, sizeof(*http));
	const struct listener_calls calls = {.accepted = on_accepted,
	                                     .arg = http};
	const char *path = unix_path(where);

	http->loop = loop;
	http->page = *page;
	TAILQ_INIT(&http->clients);
	if (http_where_allowed(where, err))
		http->listener =
		    path != NULL
			? listen_unix(loop, path, HTTP_SOCKET_MODE, &limits,
		                      &calls, err)
			: listen_plain(loop, where, &limits, &calls, err);
	if (http->listener != NULL)
		return http;
	free(http);
	return NULL;
}

const char *
http_address(const struct http *http)
{
	return listener_address(http->listener);
}

void
http_free(struct http *http)
{
	struct http_client *c;

	if (http == NULL)
		return;
	while ((c = TAILQ_FIRST(&http->clients)) != NULL)
		client_free(c);
	listener_free(http->listener);
	free(http);
}
