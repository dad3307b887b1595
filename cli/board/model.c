/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "board/board_private.h"

static const enum verdict_state ranks[BOARD_STATES] = {
    VERDICT_UNTRUSTED, VERDICT_UNREACHABLE, VERDICT_STALE,
    VERDICT_UNKNOWN,   VERDICT_TRUSTED,
};

enum verdict_state
board_of_rank(size_t rank)
{
	return ranks[rank];
}

size_t
board_rank(enum verdict_state state)
{
	size_t rank = 0;

	while (rank < BOARD_STATES - 1 && ranks[rank] != state)
		rank++;
	return rank;
}

struct board *
board_new(void)
{
	return mem_new(1, sizeof(struct board));
}

static void
host_free(struct board_host *h)
{
	free(h->name);
	free(h->detail);
	free(h);
}

void
board_free(struct board *b)
{
	if (b == NULL)
		return;
	for (size_t i = 0; i < b->n; i++)
		host_free(b->by_name[i]);
	free(b->by_name);
	free(b->order);
	free(b);
}

size_t
board_hosts(const struct board *b)
{
	return b->n;
}

void
board_begin(struct board *b, uint64_t hosts)
{
	b->begun++;
	b->announced = hosts;
	b->told = b->left_out = 0;
	b->complete = false;
	b->n_figures = 0;
}

bool
board_is_complete(const struct board *b)
{
	return b->complete;
}

/* Where the host is, or would be, in `by_name`. */
static size_t
place_of(const struct board *b, const char *name, bool *there)
{
	size_t low = 0, high = b->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(b->by_name[middle]->name, name);

		if (order == 0) {
			*there = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*there = false;
	return low;
}

static struct board_host *
add(struct board *b, size_t at, const struct standing *s)
{
	struct board_host *h = mem_new(1, sizeof(*h));
	size_t len = strlen(s->host);

	if (b->n == b->room) {
		b->room = b->room != 0 ? 2 * b->room : 64;
		b->by_name =
		    mem_grow(b->by_name, b->room, sizeof(struct board_host *));
		b->order =
		    mem_grow(b->order, b->room, sizeof(struct board_host *));
	}
	memmove(b->by_name + at + 1, b->by_name + at,
	        (b->n - at) * sizeof(struct board_host *));
	b->by_name[at] = h;
	b->n++;
	b->of_state[s->state]++;
	b->sorted = false;
	if (len > b->longest)
		b->longest = len;
	h->name = mem_text(s->host);
	h->state = s->state;
	h->since_s = s->time_s;
	return h;
}

static void
take_away(struct board *b, size_t at)
{
	struct board_host *h = b->by_name[at];

	b->n--;
	b->of_state[h->state]--;
	b->sorted = false;
	memmove(b->by_name + at, b->by_name + at + 1,
	        (b->n - at) * sizeof(struct board_host *));
	host_free(h);
}

static void
stand(struct board *b, struct board_host *h, enum verdict_state state,
      uint64_t now_s)
{
	if (h->state == state)
		return;
	b->of_state[h->state]--;
	b->of_state[state]++;
	b->changes++;
	b->sorted = false;
	h->state = state;
	h->since_s = now_s;
	h->since_is_seen = true;
}

static void
take_reason(struct board_host *h, const struct standing *s)
{
	const char *detail = s->reason.detail;

	h->has_reason = s->has_reason;
	h->reason = s->reason.code;
	if (!s->has_reason || detail[0] == '\0') {
		free(h->detail);
		h->detail = NULL;
	} else if (h->detail == NULL || strcmp(h->detail, detail) != 0) {
		free(h->detail);
		h->detail = mem_text(detail);
	}
}

void
board_tell(struct board *b, const struct standing *s, uint64_t now_ms,
           uint64_t now_s)
{
	bool there;
	size_t at = place_of(b, s->host, &there);
	struct board_host *h = there ? b->by_name[at] : NULL;

	/* It was forgotten. */
	if (s->state == VERDICT_UNKNOWN && s->has_reason &&
	    s->reason.code == REASON_NO_HOST) {
		if (h != NULL)
			take_away(b, at);
		return;
	}
	b->told++;
	if (h == NULL && b->n == BOARD_HOSTS_MAX) {
		b->left_out++;
		return;
	}
	if (h == NULL) {
		h = add(b, at, s);
		/* It came to stand so just now; STANDING says it of before. */
		if (s->was != s->state) {
			h->since_s = now_s;
			h->since_is_seen = true;
			b->changes++;
		}
	}
	stand(b, h, s->state, now_s);
	take_reason(h, s);
	h->has_session = s->has_session;
	h->reset_count = s->session.reset_count;
	h->golden = s->golden;
	h->time_s = s->time_s;
	h->until_ms = now_ms + s->trusted_ms;
	h->begun = b->begun;
	memcpy(h->address, s->n_addresses != 0 ? s->addresses[0] : "",
	       s->n_addresses != 0 ? sizeof(h->address) : 1);
}

void
board_complete(struct board *b)
{
	b->complete = true;
	for (size_t i = b->n; i > 0; i--)
		if (b->by_name[i - 1]->begun != b->begun)
			take_away(b, i - 1);
}

void
board_count(struct board *b, const struct board_figures *figures)
{
	b->figures[1] = b->figures[0];
	b->figures[0] = *figures;
	if (b->n_figures < LENGTH_OF(b->figures))
		b->n_figures++;
}

/* Trouble first, the youngest on top; who is trusted by name. */
static int
compare(const void *a, const void *b)
{
	const struct board_host *x = *(struct board_host *const *)a;
	const struct board_host *y = *(struct board_host *const *)b;
	size_t rank_x = board_rank(x->state), rank_y = board_rank(y->state);

	if (rank_x != rank_y)
		return rank_x < rank_y ? -1 : 1;
	if (x->state != VERDICT_TRUSTED && x->since_s != y->since_s)
		return x->since_s > y->since_s ? -1 : 1;
	return strcmp(x->name, y->name);
}

void
board_settle(struct board *b, uint64_t now_ms, uint64_t now_s)
{
	for (size_t i = 0; i < b->n; i++) {
		struct board_host *h = b->by_name[i];

		if (h->state != VERDICT_TRUSTED || now_ms < h->until_ms)
			continue;
		stand(b, h, VERDICT_STALE, now_s);
		h->has_reason = true;
		h->reason = REASON_AGE;
	}
	if (b->sorted || b->n == 0)
		return;
	memcpy(b->order, b->by_name, b->n * sizeof(struct board_host *));
	qsort(b->order, b->n, sizeof(struct board_host *), compare);
	b->sorted = true;
}
