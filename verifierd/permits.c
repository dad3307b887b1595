/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "permits.h"

#include <assert.h>
#include <string.h>

static bool
same(const char *a, const char *b)
{
	return *a != '\0' && strcmp(a, b) == 0;
}

/* Given for a UUID in the name's place: it is of whatever name. */
static bool
is_nameless(const struct permit *p)
{
	char uuid[UUID_SIZE];

	return uuid_read(p->domain, uuid) && same(p->uuid, uuid);
}

bool
permit_is_of(const struct permit *p, const struct permit_of *of)
{
	char uuid[UUID_SIZE];

	if (of->domain[0] == '\0' && of->uuid[0] == '\0')
		return false;
	if (of->uuid[0] != '\0' && !same(p->uuid, of->uuid))
		return false;
	if (of->uuid[0] != '\0' && is_nameless(p))
		return true;
	return of->domain[0] == '\0' || same(p->domain, of->domain) ||
	       (uuid_read(of->domain, uuid) && same(p->uuid, uuid));
}

bool
permit_is_of_session(const struct permit *p, const struct boot_session *s)
{
	return p->session.reset_count == s->reset_count &&
	       p->session.restart_count == s->restart_count;
}

static void
drop(struct permits *permits, size_t i)
{
	permits->all[i] = permits->all[--permits->n];
}

void
permits_tidy(struct permits *permits, uint64_t now_ms)
{
	for (size_t i = permits->n; i-- > 0;)
		if (now_ms >= permits->all[i].until_ms)
			drop(permits, i);
}

static bool
is_replaced_by(const struct permit *old, const struct permit *new)
{
	return same(old->uuid, new->uuid) || same(old->domain, new->domain);
}

/* The used one that would go first, or `n`. */
static size_t
used_one(const struct permits *permits)
{
	size_t first = permits->n;

	for (size_t i = 0; i < permits->n; i++)
		if (permits->all[i].used &&
		    (first == permits->n ||
		     permits->all[i].until_ms < permits->all[first].until_ms))
			first = i;
	return first;
}

bool
permits_have_room(struct permits *permits, const struct permit *permit,
                  uint64_t now_ms, struct err *err)
{
	permits_tidy(permits, now_ms);
	if (permits->n < PERMITS_MAX || used_one(permits) < permits->n)
		return true;
	for (size_t i = 0; i < permits->n; i++)
		if (is_replaced_by(&permits->all[i], permit))
			return true;
	return err_set(err, ERR_BUSY,
	               "%d permits are open already: each ends with its use "
	               "or its time",
	               PERMITS_MAX);
}

void
permits_add(struct permits *permits, const struct permit *permit)
{
	for (size_t i = permits->n; i-- > 0;)
		if (is_replaced_by(&permits->all[i], permit))
			drop(permits, i);
	if (permits->n == PERMITS_MAX) {
		size_t i = used_one(permits);

		assert(i < permits->n);
		drop(permits, i);
	}
	permits->all[permits->n++] = *permit;
}

/* The open one, or `n`. */
static size_t
open_one(struct permits *permits, const struct permit_of *of, uint64_t now_ms)
{
	size_t i = 0;

	permits_tidy(permits, now_ms);
	while (i < permits->n &&
	       (permits->all[i].used || !permit_is_of(&permits->all[i], of)))
		i++;
	return i;
}

bool
permits_take(struct permits *permits, const struct permit_of *of,
             uint64_t now_ms, struct permit *out)
{
	size_t i = open_one(permits, of, now_ms);

	if (i == permits->n)
		return false;
	permits->all[i].used = true;
	*out = permits->all[i];
	return true;
}

bool
permits_withdraw(struct permits *permits, const struct permit_of *of,
                 uint64_t now_ms, struct permit *out)
{
	size_t i = open_one(permits, of, now_ms);

	if (i == permits->n)
		return false;
	*out = permits->all[i];
	drop(permits, i);
	return true;
}

void
permits_void(struct permits *permits, const struct standing *s, uint64_t now_ms,
             void (*gone)(void *arg, const struct permit *), void *arg)
{
	permits_tidy(permits, now_ms);
	for (size_t i = permits->n; i-- > 0;) {
		const struct permit p = permits->all[i];

		if (strcmp(p.host, s->host) != 0 ||
		    (s->state == VERDICT_TRUSTED && s->has_session &&
		     permit_is_of_session(&p, &s->session)))
			continue;
		drop(permits, i);
		if (!p.used)
			gone(arg, &p);
	}
}
