/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a name to a connected socket: every address in turn. */
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/net_private.h"

struct connecting {
	struct loop *loop;
	struct lookup *lookup;
	struct addrinfo *all, *next;
	const struct addrinfo *tried; /* last */
	int fd;                       /* -1, or being connected */
	struct event *event;
	struct err last;
	void (*done)(void *arg, int fd, const struct err *);
	void *arg;
};

static void try_next(struct connecting *c);

static void
attempt_over(struct connecting *c)
{
	if (c->event != NULL)
		event_free(c->event);
	if (c->fd >= 0)
		close(c->fd);
	c->event = NULL;
	c->fd = -1;
}

/* Which of its addresses, and why. */
static void
no_connection(struct connecting *c, int error)
{
	char host[64] = "?", port[8] = "?";

	(void)getnameinfo(c->tried->ai_addr, c->tried->ai_addrlen, host,
	                  sizeof(host), port, sizeof(port),
	                  NI_NUMERICHOST | NI_NUMERICSERV);
	err_set(&c->last, ERR_UNAVAILABLE, "%s port %s: %s", host, port,
	        strerror(error));
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct connecting *c = arg;
	socklen_t size = sizeof(int);
	int error = 0;

	(void)what;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
		error = errno;
	if (error != 0) {
		no_connection(c, error);
		attempt_over(c);
		try_next(c);
		return;
	}
	event_free(c->event);
	c->event = NULL;
	c->fd = -1;
	c->done(c->arg, fd, NULL);
}

static bool
try_address(struct connecting *c, const struct addrinfo *a)
{
	c->fd =
	    socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return false;
	stream_tune(c->fd);
	if (connect(c->fd, a->ai_addr, a->ai_addrlen) != 0 &&
	    errno != EINPROGRESS)
		return false;
	c->event = event_new(c->loop->base, c->fd, EV_WRITE, on_writable, c);
	if (c->event == NULL || event_add(c->event, NULL) != 0)
		abort();
	return true;
}

static void
try_next(struct connecting *c)
{
	while (c->next != NULL) {
		const struct addrinfo *a = c->next;

		c->next = a->ai_next;
		c->tried = a;
		if (try_address(c, a))
			return;
		no_connection(c, errno);
		attempt_over(c);
	}
	c->done(c->arg, -1, &c->last);
}

static void
on_found(void *arg, struct addrinfo *found, const struct err *why)
{
	struct connecting *c = arg;

	lookup_free(c->lookup);
	c->lookup = NULL;
	if (found == NULL)
		c->last = *why;
	c->all = c->next = found;
	try_next(c);
}

struct connecting *
connecting_new(struct loop *loop, const char *address, uint16_t port,
               void (*done)(void *arg, int fd, const struct err *), void *arg)
{
	struct connecting *c = mem_new(1, sizeof(*c));

	c->loop = loop;
	c->fd = -1;
	c->done = done;
	c->arg = arg;
	c->lookup = lookup_new(loop, address, port, on_found, c);
	return c;
}

void
connecting_free(struct connecting *c)
{
	if (c == NULL)
		return;
	lookup_free(c->lookup);
	attempt_over(c);
	if (c->all != NULL)
		freeaddrinfo(c->all);
	free(c);
}
