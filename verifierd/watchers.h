/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connections that events go to: first how every host stands, as fast as it is
 * read, and from then on each change and confirmation. */
#ifndef VERIFIERD_WATCHERS_H
#define VERIFIERD_WATCHERS_H

#include "verifierd.h"

struct watchers;
struct watcher;

enum {
	/* Of one account that may change nothing. */
	WATCHERS_OF_ONE_MAX = 8,
	/* Unread by a watcher; more, and it is disconnected.  A change of all
	 * of 10,000 hosts in one moment takes half of it. */
	WATCH_UNSENT_MAX = 8 * 1024 * 1024,
	/* Of the first look at all hosts, queued ahead of what is read. */
	WATCH_AHEAD = 64 * 1024,
};

/* After trust_new(). */
struct watchers *watchers_new(struct verifierd *);
/* After the last watcher, and before trust_free(). */
void watchers_free(struct watchers *);

/* How many there are. */
size_t watchers_count(const struct watchers *);

/* Whose connection it is; `counts`: against WATCHERS_OF_ONE_MAX. */
struct watcher_of {
	struct stream *stream;
	uid_t uid;
	bool counts;
};

/* NULL with ERR_BUSY when its account has too many.  `*hosts` is how many are
 * enrolled.  Nothing is written before watcher_start(), so that the answer to
 * who asked stands before its first event. */
struct watcher *watcher_new(struct watchers *, const struct watcher_of *,
                            size_t *hosts, struct err *);
void watcher_start(struct watcher *);
/* All that was queued is sent. */
void watcher_sent(struct watcher *);
void watcher_free(struct watcher *);

#endif
