/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "library.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/mem.h"
#include "proto/codec.h"

/* Texts that are kept though nobody looks at them now.  A policy of 100,000
 * files takes some 20 MiB. */
enum { LIBRARY_IDLE_MAX = 8 };

/* What a text is read as. */
typedef bool reading(struct span text, struct volume *, struct err *);

struct shelved {
	struct volume volume; /* first: this is what is lent */
	TAILQ_ENTRY(shelved) next;
	reading *read; /* it is lent as this, and as nothing else */
	uint8_t sha256[SHA256_SIZE];
	size_t lent;
};

struct library {
	struct store *store;
	TAILQ_HEAD(shelf_head, shelved)
	shelf; /* what was lent last stands first */
	size_t n_idle;
};

struct library *
library_new(struct store *store)
{
	struct library *l = mem_new(1, sizeof(*l));

	l->store = store;
	TAILQ_INIT(&l->shelf);
	return l;
}

static void
shelved_free(struct shelved *s)
{
	assert(s->lent == 0);
	bootref_done(&s->volume.events);
	imapolicy_free(s->volume.ima_policy);
	free(s);
}

void
library_free(struct library *l)
{
	struct shelved *s, *next;

	if (l == NULL)
		return;
	for (s = TAILQ_FIRST(&l->shelf); s != NULL; s = next) {
		next = TAILQ_NEXT(s, next);
		shelved_free(s);
	}
	free(l);
}

static bool
read_events(struct span text, struct volume *out, struct err *err)
{
	AUTO(json_auto) struct json *json = json_parse(text, err);
	const struct json *array;

	return json != NULL &&
	       json_get_array(json, "events", BOOTREF_EVENTS_MAX, &array,
	                      err) &&
	       bootref_decode(array, &out->events, err);
}

static bool
read_ima_policy(struct span text, struct volume *out, struct err *err)
{
	out->ima_policy = imapolicy_parse(text, err);
	return out->ima_policy != NULL;
}

static struct shelved *
acquire(struct library *l, const uint8_t sha256[SHA256_SIZE], reading *read,
        struct err *err)
{
	AUTO(buf_done) struct buf text = {0};
	struct shelved *s;

	if (!store_text_get(l->store, sha256, &text, err))
		return NULL;
	s = mem_new(1, sizeof(*s));
	s->read = read;
	memcpy(s->sha256, sha256, SHA256_SIZE);
	if (!read(buf_span(&text), &s->volume, err)) {
		free(s);
		return NULL;
	}
	TAILQ_INSERT_HEAD(&l->shelf, s, next);
	l->n_idle++;
	return s;
}

static const struct volume *
lend(struct library *l, const uint8_t sha256[SHA256_SIZE], reading *read,
     struct err *err)
{
	struct shelved *s;

	TAILQ_FOREACH(s, &l->shelf, next)
		if (s->read == read &&
		    memcmp(s->sha256, sha256, SHA256_SIZE) == 0)
			break;
	if (s == NULL)
		s = acquire(l, sha256, read, err);
	if (s == NULL)
		return NULL;
	if (s->lent++ == 0)
		l->n_idle--;
	TAILQ_REMOVE(&l->shelf, s, next);
	TAILQ_INSERT_HEAD(&l->shelf, s, next);
	return &s->volume;
}

const struct volume *
library_events(struct library *l, const uint8_t sha256[SHA256_SIZE],
               struct err *err)
{
	return lend(l, sha256, read_events, err);
}

const struct volume *
library_ima_policy(struct library *l, const uint8_t sha256[SHA256_SIZE],
                   struct err *err)
{
	return lend(l, sha256, read_ima_policy, err);
}

void
library_give_back(struct library *l, const struct volume *volume)
{
	struct shelved *s, *before;

	TAILQ_FOREACH(s, &l->shelf, next)
		if (&s->volume == volume && --s->lent == 0)
			l->n_idle++;
	for (s = TAILQ_LAST(&l->shelf, shelf_head);
	     s != NULL && l->n_idle > LIBRARY_IDLE_MAX; s = before) {
		before = TAILQ_PREV(s, shelf_head, next);
		if (s->lent != 0)
			continue;
		l->n_idle--;
		TAILQ_REMOVE(&l->shelf, s, next);
		shelved_free(s);
	}
}

void
library_write_events(const struct bootref *events, struct buf *out)
{
	AUTO(json_auto) struct json *json = json_new_object();

	json_put(json, "events", bootref_encode(events));
	json_format(json, out);
}
