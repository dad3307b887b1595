/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A site's own executables, told of every change of a host's standing: one
 * event after another, in order, on a thread of their own, so that nobody
 * waits for them. */
#ifndef VERIFIERD_EVENTS_DIR_H
#define VERIFIERD_EVENTS_DIR_H

#include "evidence/standing.h"
#include "verifierd.h"

enum {
	EVENTS_DIR_FILES_MAX = 64, /* executables; the first of them run */
	EVENTS_DIR_RUN_MS = 10000, /* each; then it is killed */
	EVENTS_DIR_SAID_MAX =
	    65536, /* its standard output, which is nobody's */
	/* What events wait for their turn; one more is lost, and that is
	 * said. */
	EVENTS_DIR_QUEUED_MAX = 8 * 1024 * 1024,
};

struct events_dir;

/* Of a folder's absolute path, kept by the caller.  NULL with ERR_IO: there is
 * no thread to be had. */
struct events_dir *events_dir_new(const char *path, struct err *);
/* What runs is killed, what waits is dropped with a word. */
void events_dir_free(struct events_dir *);

/* Events that were lost since the start; of who queues. */
uint64_t events_dir_lost(const struct events_dir *);

/* Queues one; never waits. */
void events_dir_tell(struct events_dir *, const struct standing *);

#endif
