/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who was let in is looked at anew when the rules change: everybody who talks
 * before the next byte passes, and the others in their turn, so that ten
 * thousand of them do not hold up the loop. */
#include <stdlib.h>

#include "base/mem.h"
#include "net/review_private.h"
#include "net/tls_private.h"

/* A timer of 0 ms is no rest: it comes before whoever else waits is looked for.
 */
enum { REVIEWS_A_TURN = 16, REST_MS = 1 };

void
review_join(struct stream *s, struct tls *tls)
{
	s->tls = tls;
	s->rules = tls->rules;
	LIST_INSERT_HEAD(&tls->streams, s, of_tls);
}

void
review_leave(struct stream *s)
{
	if (s->tls == NULL)
		return;
	if (s->tls->review == s)
		s->tls->review = LIST_NEXT(s, of_tls);
	LIST_REMOVE(s, of_tls);
	/* The loop may be gone before the rules are. */
	if (LIST_EMPTY(&s->tls->streams)) {
		timer_free(s->tls->reviewer);
		s->tls->reviewer = NULL;
	}
	s->tls = NULL;
}

bool
review_admits(struct stream *s, struct err *err)
{
	bool judged = s->rules == s->tls->rules;

	s->rules = s->tls->rules;
	return judged ? tls_accept_peer(s->tls, s->ssl, err)
	              : tls_peer_stands(s->tls, s->ssl, err);
}

static void
on_refused(void *arg)
{
	struct stream *s = arg;
	const struct err why = *s->refused;

	stream_end(s, &why);
}

bool
review_passed(struct stream *s)
{
	struct err why;

	/* A handshake that is not over is judged when it is. */
	if (s->tls == NULL || s->rules == s->tls->rules || !s->open ||
	    s->ended || s->finishing)
		return true;
	s->rules = s->tls->rules;
	if (tls_peer_stands(s->tls, s->ssl, &why))
		return true;
	/* `closed` must not come from in here. */
	s->finishing = true;
	s->refused = mem_new(1, sizeof(why));
	*s->refused = why;
	timer_free(s->timer);
	s->timer = timer_new(s->loop, 0, on_refused, s);
	return false;
}

static void
on_turn(void *arg)
{
	struct tls *tls = arg;

	timer_free(tls->reviewer);
	tls->reviewer = NULL;
	for (int i = 0; i < REVIEWS_A_TURN && tls->review != NULL; i++) {
		struct stream *s = tls->review;

		tls->review = LIST_NEXT(s, of_tls);
		(void)review_passed(s);
	}
	if (tls->review != NULL)
		tls->reviewer =
		    timer_new(tls->review->loop, REST_MS, on_turn, tls);
}

void
review_begin(struct tls *tls)
{
	tls->rules++;
	tls->review = LIST_FIRST(&tls->streams);
	if (tls->review != NULL && tls->reviewer == NULL)
		tls->reviewer =
		    timer_new(tls->review->loop, REST_MS, on_turn, tls);
}
