/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/net_private.h"
#include "net/review_private.h"
#include "net/tls_private.h"

/* A host that died is noticed in about 20 s, also when nothing is asked.  Seven
 * probes in a row have to be lost by then: a thousand idle connections send two
 * hundred a second, and where every fiftieth packet is lost, three in a row are
 * every other minute. */
enum {
	KEEP_IDLE_S = 5,
	KEEP_INTERVAL_S = 2,
	KEEP_PROBES = 7,
	UNACKED_MS = 20000
};

void
stream_tune(int fd)
{
	static const struct {
		int level, name, value;
	} options[] = {
	    {IPPROTO_TCP, TCP_NODELAY, 1},
	    {SOL_SOCKET, SO_KEEPALIVE, 1},
	    {IPPROTO_TCP, TCP_KEEPIDLE, KEEP_IDLE_S},
	    {IPPROTO_TCP, TCP_KEEPINTVL, KEEP_INTERVAL_S},
	    {IPPROTO_TCP, TCP_KEEPCNT, KEEP_PROBES},
	    {IPPROTO_TCP, TCP_USER_TIMEOUT, UNACKED_MS},
	};

	/* Tuning that the system does not know is no reason to stop. */
	for (size_t i = 0; i < LENGTH_OF(options); i++)
		(void)setsockopt(fd, options[i].level, options[i].name,
		                 &options[i].value, sizeof(int));
}

struct stream *
stream_new(struct loop *loop)
{
	struct stream *s = mem_new(1, sizeof(*s));

	s->loop = loop;
	return s;
}

void
stream_own(struct stream *s, const struct stream_calls *calls, void *arg)
{
	s->calls = calls;
	s->arg = arg;
}

void
stream_end(struct stream *s, const struct err *why)
{
	if (s->ended)
		return;
	s->ended = true;
	timer_free(s->timer);
	s->timer = NULL;
	if (s->bev != NULL)
		bufferevent_disable(s->bev, EV_READ | EV_WRITE);
	if (s->calls != NULL)
		s->calls->closed(s->arg, why);
	else
		listener_drop(s->listener, s, why); /* nobody owns it yet */
}

/* Offers what is there until the owner takes no more. */
static void
offer(struct stream *s)
{
	struct evbuffer *in = bufferevent_get_input(s->bev);
	bool freed = false;

	while (s->open && !s->finishing && !s->ended && s->calls != NULL &&
	       review_passed(s)) {
		size_t len = evbuffer_get_length(in), used;

		if (len == 0)
			break;
		s->freed = &freed;
		used = s->calls->bytes(s->arg,
		                       span_of(evbuffer_pullup(in, -1), len));
		if (freed)
			return;
		s->freed = NULL;
		assert(used <= len);
		evbuffer_drain(in, used);
		if (used == 0)
			break;
	}
}

static void
on_read(struct bufferevent *bev, void *arg)
{
	(void)bev;
	offer(arg);
}

static void
on_written(struct bufferevent *bev, void *arg)
{
	struct stream *s = arg;
	const struct err none = {0};

	(void)bev;
	/* It is called once for a new connection, too, and then behind bytes
	 * that may have been answered already. */
	if (s->finishing && stream_unsent(s) == 0) {
		const struct err why = s->refused != NULL ? *s->refused : none;

		stream_end(s, &why);
		return;
	}
	if (evbuffer_get_length(bufferevent_get_input(s->bev)) != 0)
		stream_resume(s);
	/* Nothing after it: the owner may free the stream. */
	if (s->open && s->calls != NULL && s->calls->sent != NULL)
		s->calls->sent(s->arg);
}

static void
opened(struct stream *s)
{
	struct err why = {0};

	s->open = true;
	if (s->listener != NULL) {
		listener_opened(s->listener, s);
		return;
	}
	if (!review_admits(s, &why)) {
		stream_end(s, &why);
		return;
	}
	timer_free(s->timer);
	s->timer = NULL;
	if (s->calls->opened != NULL)
		s->calls->opened(s->arg);
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct stream *s = arg;
	int error = EVUTIL_SOCKET_ERROR();
	struct err why = {0};

	if ((what & BEV_EVENT_CONNECTED) != 0) {
		opened(s);
		return;
	}
	if (s->ssl != NULL)
		tls_explain(s->ssl, bufferevent_get_openssl_error(bev), &why);
	if (why.code == ERR_NONE && (what & BEV_EVENT_ERROR) != 0)
		err_set(&why, ERR_UNAVAILABLE, "%s",
		        error != 0 ? strerror(error)
		                   : "the connection was cut");
	if (why.code == ERR_NONE && !s->open)
		err_set(&why, ERR_UNAVAILABLE,
		        "the peer hung up during the handshake");
	stream_end(s, &why);
}

void
stream_begin(struct stream *s, int fd, bool server)
{
	const int options = BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS;

	if (s->ssl != NULL)
		s->bev = bufferevent_openssl_socket_new(
		    s->loop->base, fd, s->ssl,
		    server ? BUFFEREVENT_SSL_ACCEPTING
			   : BUFFEREVENT_SSL_CONNECTING,
		    options);
	else
		s->bev = bufferevent_socket_new(s->loop->base, fd, options);
	if (s->bev == NULL)
		abort();
	bufferevent_setcb(s->bev, on_read, on_written, on_event, s);
	bufferevent_setwatermark(s->bev, EV_READ, 0, STREAM_IN_MAX);
	(void)bufferevent_enable(s->bev, EV_READ | EV_WRITE);
}

static void
on_unsent(void *arg)
{
	struct err why = {0};

	err_set(&why, ERR_LIMIT, "the peer does not read");
	stream_end(arg, &why);
}

void
stream_write(struct stream *s, struct span bytes)
{
	struct evbuffer *out;

	if (s->bev == NULL || s->ended || s->finishing || !review_passed(s))
		return;
	out = bufferevent_get_output(s->bev);
	if (bytes.len > STREAM_OUT_MAX - evbuffer_get_length(out)) {
		/* `closed` must not come from in here. */
		s->finishing = true;
		timer_free(s->timer);
		s->timer = timer_new(s->loop, 0, on_unsent, s);
		return;
	}
	if (bufferevent_write(s->bev, bytes.at, bytes.len) != 0)
		abort();
}

size_t
stream_unsent(const struct stream *s)
{
	return s->bev == NULL
	           ? 0
	           : evbuffer_get_length(bufferevent_get_output(s->bev));
}

static void
on_resume(void *arg)
{
	struct stream *s = arg;

	timer_free(s->resume);
	s->resume = NULL;
	if (s->bev != NULL)
		offer(s);
}

void
stream_resume(struct stream *s)
{
	if (s->resume == NULL && !s->ended)
		s->resume = timer_new(s->loop, 0, on_resume, s);
}

static void
on_linger(void *arg)
{
	const struct err none = {0};

	stream_end(arg, &none);
}

void
stream_finish(struct stream *s)
{
	bool sent = stream_unsent(s) == 0;

	if (s->ended || s->finishing)
		return;
	s->finishing = true;
	timer_free(s->timer);
	s->timer =
	    timer_new(s->loop, sent ? 0 : STREAM_LINGER_MS, on_linger, s);
}

void
stream_free(struct stream *s)
{
	if (s == NULL)
		return;
	if (s->freed != NULL)
		*s->freed = true;
	if (s->listener != NULL)
		listener_forget(s->listener, s);
	review_leave(s);
	connecting_free(s->connecting);
	timer_free(s->timer);
	timer_free(s->resume);
	/* A close_notify, so that the peer sees an end and not a cut. */
	if (s->ssl != NULL && s->open && (!s->ended || s->finishing))
		(void)SSL_shutdown(s->ssl);
	ERR_clear_error(); /* of a session that was broken already */
	if (s->bev != NULL)
		bufferevent_free(s->bev);
	else
		SSL_free(s->ssl);
	free(s->refused);
	free(s);
}

bool
stream_exporter(const struct stream *s, uint8_t out[32])
{
	static const char label[] = "EXPORTER-Channel-Binding";

	/* RFC 9266, 4.2: no context value, 32 bytes. */
	return s->ssl != NULL && s->open &&
	       SSL_export_keying_material(s->ssl, out, 32, label,
	                                  sizeof(label) - 1, NULL, 0, 0) == 1;
}

const char *
stream_peer(const struct stream *s)
{
	return s->peer;
}

bool
stream_peer_named(const struct stream *s, const char *const *names, size_t n)
{
	return s->ssl != NULL && s->open && tls_peer_named(s->ssl, names, n);
}

size_t
stream_peer_addresses(const struct stream *s, char (*out)[ADDRESS_TEXT_SIZE],
                      size_t max)
{
	return s->ssl != NULL && s->open ? tls_peer_addresses(s->ssl, out, max)
	                                 : 0;
}

bool
stream_peer_uid(const struct stream *s, uid_t *uid)
{
	*uid = s->uid;
	return s->is_unix;
}

bool
stream_peer_in_group(const struct stream *s, gid_t group)
{
	for (size_t i = 0; s->is_unix && i < s->n_groups; i++)
		if (s->groups[i] == group)
			return true;
	return false;
}
