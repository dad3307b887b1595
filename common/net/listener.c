/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/net_private.h"
#include "net/review_private.h"
#include "net/tls_private.h"

enum { BACKLOG = 512, REST_MS = 100, ADDRESS_TEXT_MAX = 128 };

LIST_HEAD(stream_list, stream);

struct listener {
	struct loop *loop;
	struct tls *tls; /* NULL: Unix, or plain */
	bool plain;      /* TCP of this machine, of whoever is on it */
	struct evconnlistener *socket;
	struct listener_limits limits;
	struct listener_calls calls;
	struct stream_list streams;    /* open, owned by others */
	struct stream_list handshakes; /* ours; newest first */
	size_t n_streams, n_handshakes;
	uint64_t refused, refusals[REFUSAL_COUNT];
	struct err why; /* of the last one that was refused */
	struct timer *rest;
	char address[ADDRESS_TEXT_MAX];
	char *path; /* a Unix socket that we made: to be removed */
};

void
listener_drop(struct listener *l, struct stream *s, const struct err *why)
{
	enum refusal refusal = refusal_of(s, why);

	l->refused++;
	l->refusals[refusal]++;
	l->why = *why;
	if (l->calls.refused != NULL)
		l->calls.refused(l->calls.arg, s->peer, refusal, why);
	stream_free(s);
}

/* A handshake ends without a stream. */
static void
drop(struct listener *l, struct stream *s, const char *why)
{
	struct err err;

	err_set(&err, ERR_LIMIT, "%s", why);
	listener_drop(l, s, &err);
}

void
listener_forget(struct listener *l, struct stream *s)
{
	LIST_REMOVE(s, of_listener);
	if (s->open && s->calls != NULL)
		l->n_streams--;
	else
		l->n_handshakes--;
	s->listener = NULL;
}

static const struct stream_calls nobody;

static bool
hand_over(struct listener *l, struct stream *s)
{
	if (l->n_streams >= l->limits.streams_max)
		return false;
	LIST_REMOVE(s, of_listener);
	l->n_handshakes--;
	LIST_INSERT_HEAD(&l->streams, s, of_listener);
	l->n_streams++;
	timer_free(s->timer);
	s->timer = NULL;
	s->calls = &nobody; /* it counts as open from here on */
	l->calls.accepted(l->calls.arg, s);
	return true;
}

void
listener_opened(struct listener *l, struct stream *s)
{
	struct err err;

	if (!review_admits(s, &err)) {
		listener_drop(l, s, &err);
		return;
	}
	tls_peer_name(s->ssl, s->peer, sizeof(s->peer));
	if (!hand_over(l, s))
		drop(l, s, "too many are connected");
}

static struct stream *
oldest_handshake(struct listener *l)
{
	struct stream *s, *last = NULL;

	LIST_FOREACH(s, &l->handshakes, of_listener)
		last = s;
	return last;
}

static void
on_slow(void *arg)
{
	struct stream *s = arg;

	drop(s->listener, s, "the handshake took too long");
}

static struct stream *
admit(struct listener *l)
{
	struct stream *s = stream_new(l->loop);

	/* Those who say nothing make room for those who may. */
	if (l->n_handshakes > 0 && l->n_handshakes >= l->limits.handshakes_max)
		drop(l, oldest_handshake(l), "too many handshakes at a time");
	s->listener = l;
	LIST_INSERT_HEAD(&l->handshakes, s, of_listener);
	l->n_handshakes++;
	return s;
}

static void
on_tls(struct evconnlistener *socket, evutil_socket_t fd,
       struct sockaddr *address, int len, void *arg)
{
	struct listener *l = arg;
	struct stream *s = admit(l);

	(void)socket;
	if (getnameinfo(address, (socklen_t)len, s->peer, sizeof(s->peer), NULL,
	                0, NI_NUMERICHOST) != 0)
		s->peer[0] = '\0';
	stream_tune(fd);
	s->ssl = tls_session(l->tls, NULL);
	review_join(s, l->tls);
	s->timer = timer_new(l->loop, l->limits.handshake_ms, on_slow, s);
	stream_begin(s, fd, true);
}

static bool
read_credentials(struct stream *s, int fd)
{
	struct ucred who;
	socklen_t size = sizeof(who),
		  groups = sizeof(s->groups) - sizeof(gid_t);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0)
		return false;
	s->is_unix = true;
	s->uid = who.uid;
	s->groups[0] = who.gid;
	/* Over PEER_GROUPS_MAX groups: the primary one alone. */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, s->groups + 1, &groups) !=
	    0)
		groups = 0;
	s->n_groups = 1 + groups / sizeof(gid_t);
	snprintf(s->peer, sizeof(s->peer), "uid=%u pid=%d", who.uid, who.pid);
	return true;
}

/* Without TLS. */
static void
on_local(struct evconnlistener *socket, evutil_socket_t fd,
         struct sockaddr *address, int len, void *arg)
{
	struct listener *l = arg;
	struct stream *s;

	(void)socket;
	(void)address;
	(void)len;
	if (l->n_streams >= l->limits.streams_max) {
		l->refused++;
		err_set(&l->why, ERR_LIMIT, "too many are connected");
		close(fd);
		return;
	}
	s = stream_new(l->loop);
	s->listener = l;
	LIST_INSERT_HEAD(&l->handshakes, s, of_listener);
	l->n_handshakes++;
	s->open = l->plain || read_credentials(s, fd);
	stream_begin(s, fd, false);
	if (!s->open || !hand_over(l, s))
		drop(l, s, "no credentials of the peer");
}

static void
on_rested(void *arg)
{
	struct listener *l = arg;

	timer_free(l->rest);
	l->rest = NULL;
	(void)evconnlistener_enable(l->socket);
}

/* No descriptor to be had: wait, do not spin. */
static void
on_accept_error(struct evconnlistener *socket, void *arg)
{
	struct listener *l = arg;

	if (l->rest != NULL)
		return;
	(void)evconnlistener_disable(socket);
	l->rest = timer_new(l->loop, REST_MS, on_rested, l);
}

static struct listener *
listener_new(struct loop *loop, struct tls *tls,
             const struct listener_limits *limits,
             const struct listener_calls *calls)
{
	struct listener *l = mem_new(1, sizeof(*l));

	l->loop = loop;
	l->tls = tls;
	l->limits = *limits;
	l->calls = *calls;
	LIST_INIT(&l->streams);
	LIST_INIT(&l->handshakes);
	return l;
}

/* Listen on a bound socket; NULL and the listener freed when that fails. */
static struct listener *
start(struct listener *l, int fd, evconnlistener_cb accepted)
{
	(void)evutil_make_socket_nonblocking(fd);
	l->socket = evconnlistener_new(
	    l->loop->base, accepted, l,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, BACKLOG, fd);
	if (l->socket == NULL) {
		close(fd);
		listener_free(l);
		return NULL;
	}
	evconnlistener_set_error_cb(l->socket, on_accept_error);
	return l;
}

static struct listener *
listen_tcp(struct loop *loop, struct tls *tls, const char *listen_on,
           const struct listener_limits *limits,
           const struct listener_calls *calls, struct err *err)
{
	char address[ADDRESS_TEXT_MAX] = "";
	int fd = bind_tcp(listen_on, address, sizeof(address), err);
	struct listener *l;

	if (fd < 0)
		return NULL;
	l = listener_new(loop, tls, limits, calls);
	memcpy(l->address, address, sizeof(address));
	l->plain = tls == NULL;
	l = start(l, fd, tls == NULL ? on_local : on_tls);
	if (l == NULL)
		err_set(err, ERR_IO, "listen '%.80s': %s", listen_on,
		        strerror(errno));
	return l;
}

struct listener *
listen_tls(struct loop *loop, struct tls *tls, const char *listen_on,
           const struct listener_limits *limits,
           const struct listener_calls *calls, struct err *err)
{
	return listen_tcp(loop, tls, listen_on, limits, calls, err);
}

struct listener *
listen_plain(struct loop *loop, const char *listen_on,
             const struct listener_limits *limits,
             const struct listener_calls *calls, struct err *err)
{
	return listen_tcp(loop, NULL, listen_on, limits, calls, err);
}

struct listener *
listen_unix(struct loop *loop, const char *path, mode_t mode,
            const struct listener_limits *limits,
            const struct listener_calls *calls, struct err *err)
{
	int fd = bind_unix(path, mode, err);
	struct listener *l;

	if (fd < 0)
		return NULL;
	l = listener_new(loop, NULL, limits, calls);
	l->path = mem_text(path);
	snprintf(l->address, sizeof(l->address), "%s", path);
	l = start(l, fd, on_local);
	if (l == NULL)
		err_set(err, ERR_IO, "socket '%s': %s", path, strerror(errno));
	return l;
}

struct listener *
listen_passed(struct loop *loop, int fd, const struct listener_limits *limits,
              const struct listener_calls *calls, struct err *err)
{
	char address[ADDRESS_TEXT_MAX];
	struct listener *l;

	if (!bind_passed(fd, address, sizeof(address), err))
		return NULL;
	l = listener_new(loop, NULL, limits, calls);
	memcpy(l->address, address, sizeof(address));
	l = start(l, fd, on_local);
	if (l == NULL)
		err_set(err, ERR_IO, "socket '%s': %s", address,
		        strerror(errno));
	return l;
}

bool
listener_is_there(const struct listener *l)
{
	return bind_is_there(evconnlistener_get_fd(l->socket));
}

void
listener_take(struct listener *l, size_t streams_max)
{
	l->limits.streams_max = streams_max;
}

const char *
listener_address(const struct listener *l)
{
	return l->address;
}

const char *
listener_why(const struct listener *l)
{
	return l->why.text;
}

uint64_t
listener_refused(const struct listener *l)
{
	return l->refused;
}

const uint64_t *
listener_refusals(const struct listener *l)
{
	return l->refusals;
}

void
listener_free(struct listener *l)
{
	struct stream *s;

	if (l == NULL)
		return;
	if (l->socket != NULL)
		evconnlistener_free(l->socket);
	while ((s = LIST_FIRST(&l->handshakes)) != NULL)
		stream_free(s);
	while ((s = LIST_FIRST(&l->streams)) != NULL)
		listener_forget(l, s);
	timer_free(l->rest);
	if (l->path != NULL)
		(void)unlink(l->path);
	free(l->path);
	free(l);
}
