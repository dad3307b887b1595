/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A client's stream: connect, shake hands, within one time. */
#include <stdio.h>

#include "net/net_private.h"
#include "net/review_private.h"
#include "net/tls_private.h"

static void
on_connected(void *arg, int fd, const struct err *why)
{
	struct stream *s = arg;
	const struct err reason = why != NULL ? *why : (struct err){0};

	connecting_free(s->connecting);
	s->connecting = NULL;
	if (fd >= 0)
		stream_begin(s, fd, false);
	else
		stream_end(s, &reason);
}

static void
on_timeout(void *arg)
{
	struct err why = {0};

	err_set(&why, ERR_TIMEOUT, "no TLS session within the time given");
	stream_end(arg, &why);
}

static void
on_no_session(void *arg)
{
	struct err why = {0};

	err_set(&why, ERR_INTERNAL, "TLS: no session for this name");
	stream_end(arg, &why);
}

struct stream *
stream_connect(struct loop *loop, struct tls *tls,
               const struct stream_target *target,
               const struct stream_calls *calls, void *arg)
{
	struct stream *s = stream_new(loop);

	stream_own(s, calls, arg);
	snprintf(s->peer, sizeof(s->peer), "%s", target->name);
	s->ssl = tls_session(tls, target->name);
	review_join(s, tls);
	if (s->ssl == NULL) {
		s->timer = timer_new(loop, 0, on_no_session, s);
		return s;
	}
	s->timer = timer_new(loop, target->timeout_ms, on_timeout, s);
	s->connecting = connecting_new(loop, target->address, target->port,
	                               on_connected, s);
	return s;
}
