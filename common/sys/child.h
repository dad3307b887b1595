/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Another program, for one answer and within a deadline. */
#ifndef SYS_CHILD_H
#define SYS_CHILD_H

#include <stdint.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/err.h"

enum { CHILD_PATH_SIZE = 4096 }; /* PATH_MAX */

struct child_asked {
	const char *path;        /* absolute; no shell, no PATH */
	const char *const *argv; /* argv[0] and on, ended by NULL */
	struct span in;          /* its standard input */
	size_t max;              /* of its standard output */
	uint64_t timeout_ms;     /* from its start to its end */
	/* When this descriptor is readable, the child is killed.  0: none. */
	int stop;
};

struct child_told {
	struct buf out; /* its standard output; buf_done() it */
	char said[256]; /* the last line of its standard error, printable */
	int status;     /* of its exit; -1: ended by a signal */
	int signal;     /* that ended it; 0 */
};

/* Runs it with an environment of PATH and LC_ALL=C alone, "/" as its folder, no
 * descriptor but the three, in a session of its own.  False, with a sentence,
 * when it could not be started (ERR_IO), said more than `max` (ERR_LIMIT), or
 * was not through in time (ERR_TIMEOUT) or before `stop` (ERR_BUSY); it is
 * killed then, and not waited for longer than a moment.  True when it ended by
 * itself, however it ended.  What it left of its process group is killed either
 * way.  Any thread may call it.  Where SIGCHLD is ignored nothing is run
 * (ERR_INTERNAL). */
MUST_CHECK bool child_run(const struct child_asked *, struct child_told *,
                          struct err *);

/* Whether `path` and every folder above it belong to root and can be written
 * by nobody else (a sticky bit does not help), links followed: only then may
 * root's work run it.  False with ERR_DENIED, naming the folder or file. */
MUST_CHECK bool child_trusted(const char *path, struct err *);

/* Where one of our own programs is: beside the one that runs, as in a build
 * tree, else at `otherwise`, where it is installed.  Returns `out`. */
const char *child_beside(const char *name, const char *otherwise,
                         char out[CHILD_PATH_SIZE]);

#endif
