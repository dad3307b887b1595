/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What differs between two orders of events: their longest common subsequence
 * by digests stays, and of what lies between, an event that is of the same
 * thing is a change and not one thing less and another more. */
#include <stdlib.h>

#include "base/mem.h"
#include "evidence/bootref_private.h"

enum {
	/* Cells of the table of common subsequences: 1000 events on either
	 * side, where a PCR has 50.  With more, what lies between the first and
	 * the last difference is paired and not aligned. */
	CELLS_MAX = 1000 * 1000,
	/* How far a pair is looked for. */
	PAIR_MAX = 64,
};

/* The events of one PCR. */
struct item {
	const struct bootref_event *event;
	const struct bootref_kind *kind;
};
struct line {
	size_t n;
	struct item *items;
};

struct aligning {
	struct line a, b;
	uint16_t bank;
	size_t n;
	struct bootref_difference *out;
};

static struct line
line_of(const struct bootref *ref, unsigned pcr)
{
	struct line line = {.items = mem_new(ref->n + 1, sizeof(struct item))};

	for (size_t i = 0; i < ref->n; i++)
		if (ref->events[i].pcr == pcr)
			line.items[line.n++] = (struct item){
			    &ref->events[i], bootref_kind_of(&ref->events[i])};
	return line;
}

static bool
eq(const struct aligning *w, size_t i, size_t j)
{
	return bootref_event_eq(w->a.items[i].event, w->b.items[j].event,
	                        w->bank);
}

static void
tell(struct aligning *w, const struct bootref_event *before,
     const struct bootref_event *after)
{
	w->out[w->n++] = (struct bootref_difference){before, after, false};
}

static bool
is_subject(const struct aligning *w, size_t i, size_t j)
{
	const struct bootref_kind *kind = w->a.items[i].kind;

	return kind == w->b.items[j].kind &&
	       (kind->same == NULL || kind->same(w->a.items[i].event->text,
	                                         w->b.items[j].event->text));
}

/* As many on either side, and of the same kinds: each took another's place. */
static bool
is_in_step(const struct aligning *w, size_t a, size_t a_end, size_t b,
           size_t b_end)
{
	if (a_end - a != b_end - b)
		return false;
	for (; a < a_end; a++, b++)
		if (w->a.items[a].kind != w->b.items[b].kind)
			return false;
	return true;
}

/* What lies between two events that stay. */
static void
pair(struct aligning *w, size_t a, size_t a_end, size_t b, size_t b_end)
{
	bool in_step = is_in_step(w, a, a_end, b, b_end);

	for (; a < a_end; a++) {
		size_t k = b;

		while (!in_step && k < b_end && k < b + PAIR_MAX &&
		       !is_subject(w, a, k))
			k++;
		if (k == b_end || k == b + PAIR_MAX) {
			tell(w, w->a.items[a].event, NULL);
			continue;
		}
		while (b < k)
			tell(w, NULL, w->b.items[b++].event);
		tell(w, w->a.items[a].event, w->b.items[b++].event);
	}
	while (b < b_end)
		tell(w, NULL, w->b.items[b++].event);
}

/* lengths[i * (m + 1) + j]: of the longest common subsequence of a from a0 + i
 * and b from b0 + j. */
static uint16_t *
lengths_of(const struct aligning *w, size_t a0, size_t n, size_t b0, size_t m)
{
	uint16_t *lengths = mem_new((n + 1) * (m + 1), sizeof(*lengths));

	for (size_t i = n; i-- > 0;)
		for (size_t j = m; j-- > 0;) {
			uint16_t *at = &lengths[i * (m + 1) + j];
			uint16_t down = at[m + 1], right = at[1];

			*at = down > right ? down : right;
			if (eq(w, a0 + i, b0 + j))
				*at = (uint16_t)(at[m + 2] + 1);
		}
	return lengths;
}

static void
align(struct aligning *w, size_t a0, size_t n, size_t b0, size_t m)
{
	size_t i = 0, j = 0, from_i = 0, from_j = 0;
	uint16_t *lengths;

	if (n == 0 || m == 0 || n > CELLS_MAX / m) {
		pair(w, a0, a0 + n, b0, b0 + m);
		return;
	}
	lengths = lengths_of(w, a0, n, b0, m);
	while (i < n && j < m) {
		const uint16_t *at = &lengths[i * (m + 1) + j];

		if (!eq(w, a0 + i, b0 + j)) {
			if (at[m + 1] >= at[1])
				i++;
			else
				j++;
			continue;
		}
		pair(w, a0 + from_i, a0 + i, b0 + from_j, b0 + j);
		from_i = ++i;
		from_j = ++j;
	}
	pair(w, a0 + from_i, a0 + n, b0 + from_j, b0 + m);
	free(lengths);
}

/* What is missing here and added there has moved. */
static void
find_moved(struct aligning *w)
{
	if (w->n != 0 && w->n > CELLS_MAX / w->n)
		return;
	for (size_t i = 0; i < w->n; i++)
		for (size_t j = 0; j < w->n && w->out[i].after == NULL; j++) {
			if (w->out[j].before != NULL || w->out[j].moved ||
			    !bootref_event_eq(w->out[i].before, w->out[j].after,
			                      w->bank))
				continue;
			w->out[i].after = w->out[j].after;
			w->out[i].moved = w->out[j].moved = true;
		}
}

/* A moved event is told once, where it is met first. */
static void
drop_twins(struct aligning *w)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->n; i++)
		if (!w->out[i].moved || w->out[i].before != NULL)
			w->out[kept++] = w->out[i];
	w->n = kept;
}

struct bootref_difference *
bootref_differences(const struct bootref *before, const struct bootref *after,
                    uint16_t bank, unsigned pcr, size_t *n)
{
	struct aligning w = {
	    .a = line_of(before, pcr), .b = line_of(after, pcr), .bank = bank};
	size_t first = 0, last = 0;

	w.out = mem_new(w.a.n + w.b.n + 1, sizeof(*w.out));
	while (first < w.a.n && first < w.b.n && eq(&w, first, first))
		first++;
	while (first + last < w.a.n && first + last < w.b.n &&
	       eq(&w, w.a.n - 1 - last, w.b.n - 1 - last))
		last++;
	align(&w, first, w.a.n - first - last, first, w.b.n - first - last);
	find_moved(&w);
	drop_twins(&w);
	free(w.a.items);
	free(w.b.items);
	*n = w.n;
	return w.out;
}
