/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "watchers.h"

#include <stdlib.h>
#include <sys/queue.h>

#include "base/mem.h"
#include "proto/codec.h"
#include "proto/message.h"
#include "sys/log.h"
#include "sys/sys.h"
#include "trust.h"

struct watcher {
	struct watchers *all;
	struct watcher_of of;
	bool started, dropped;
	/* The first look: by name, so that nothing of a host waits here until
	 * it is wrong. */
	char **names;
	size_t n, room, next, said;
	LIST_ENTRY(watcher) of_all;
};

LIST_HEAD(watcher_list, watcher);

struct watchers {
	struct verifierd *v;
	struct trust *trust;
	struct trust_listener *listener;
	struct watcher_list list;
};

/* One that does not read loses its connection, and nothing is kept for it.
 * What was queued is not waited for: it is what it did not read. */
static void
drop(struct watcher *w)
{
	w->dropped = true;
	w->all->v->counters.watchers_dropped++;
	log_warning("event=watch uid=%u error=\"does not read: %d bytes are "
	            "waiting for it, disconnected\"",
	            w->of.uid, WATCH_UNSENT_MAX);
	stream_finish(w->of.stream);
}

static void
put(struct watcher *w, struct span line)
{
	if (w->dropped)
		return;
	/* An answer may be waiting, too, and be longer than that. */
	if (stream_unsent(w->of.stream) + line.len > WATCH_UNSENT_MAX)
		drop(w);
	else
		stream_write(w->of.stream, line);
}

static void
on_said(void *arg, const struct standing *s)
{
	struct watchers *all = arg;
	AUTO(buf_done) struct buf line = {0};
	struct watcher *w;

	if (LIST_EMPTY(&all->list))
		return;
	event_format(s->changed ? "VERDICT" : "CONFIRMED", standing_encode(s),
	             sys_unix_us(), &line);
	LIST_FOREACH(w, &all->list, of_all)
		if (w->started)
			put(w, buf_span(&line));
}

struct watchers *
watchers_new(struct verifierd *v)
{
	struct watchers *all = mem_new(1, sizeof(*all));

	LIST_INIT(&all->list);
	all->v = v;
	all->trust = v->trust;
	all->listener = trust_listen(v->trust, on_said, all);
	return all;
}

void
watchers_free(struct watchers *all)
{
	if (all == NULL)
		return;
	trust_unlisten(all->listener);
	free(all);
}

static bool
add_name(void *arg, const struct standing *s)
{
	struct watcher *w = arg;

	if (w->n == w->room) {
		w->room = w->room != 0 ? 2 * w->room : 64;
		w->names = mem_grow(w->names, w->room, sizeof(*w->names));
	}
	w->names[w->n++] = mem_text(s->host);
	return true;
}

static bool
has_room(const struct watchers *all, const struct watcher_of *of,
         struct err *err)
{
	const struct watcher *w;
	size_t n = 0;

	LIST_FOREACH(w, &all->list, of_all)
		n += w->of.counts && w->of.uid == of->uid;
	return !of->counts || n < WATCHERS_OF_ONE_MAX ||
	       err_set(err, ERR_BUSY, "uid %u watches %d times already",
	               of->uid, WATCHERS_OF_ONE_MAX);
}

struct watcher *
watcher_new(struct watchers *all, const struct watcher_of *of, size_t *hosts,
            struct err *err)
{
	struct watcher *w;

	if (!has_room(all, of, err))
		return NULL;
	w = mem_new(1, sizeof(*w));
	w->all = all;
	w->of = *of;
	trust_each(all->trust, add_name, w);
	LIST_INSERT_HEAD(&all->list, w, of_all);
	*hosts = w->n;
	return w;
}

static void
names_done(struct watcher *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->names[i]);
	free(w->names);
	w->names = NULL;
	w->n = w->next = 0;
}

static void
say_complete(struct watcher *w)
{
	AUTO(buf_done) struct buf line = {0};
	struct json *data = json_new_object();

	json_put_u64(data, "hosts", w->said);
	event_format("COMPLETE", data, sys_unix_us(), &line);
	put(w, buf_span(&line));
	names_done(w);
}

void
watcher_sent(struct watcher *w)
{
	while (w->names != NULL && w->next < w->n && !w->dropped &&
	       stream_unsent(w->of.stream) < WATCH_AHEAD) {
		AUTO(buf_done) struct buf line = {0};
		struct standing s;

		/* One that was forgotten meanwhile was an event. */
		if (!trust_of(w->all->trust, w->names[w->next++], &s))
			continue;
		s.changed = false;
		event_format("STANDING", standing_encode(&s), sys_unix_us(),
		             &line);
		put(w, buf_span(&line));
		w->said++;
	}
	if (w->names != NULL && w->next == w->n && !w->dropped)
		say_complete(w);
}

void
watcher_start(struct watcher *w)
{
	w->started = true;
	if (w->n == 0)
		say_complete(w);
	else
		watcher_sent(w);
}

void
watcher_free(struct watcher *w)
{
	if (w == NULL)
		return;
	LIST_REMOVE(w, of_all);
	names_done(w);
	free(w);
}

size_t
watchers_count(const struct watchers *all)
{
	const struct watcher *w;
	size_t n = 0;

	LIST_FOREACH(w, &all->list, of_all)
		n++;
	return n;
}
