/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A client of the verifier's control socket: one line out, one line in, never
 * longer than a deadline. */
#ifndef SYS_CONTROL_H
#define SYS_CONTROL_H

#include "base/auto.h"
#include "base/buf.h"
#include "base/err.h"

#define CONTROL_SOCKET "/run/virt-attest/verifierd.sock"
#define CONTROL_USER   "virt-attest-verifierd" /* the service's account */

/* So long a question waits to be read.  More than a restart of the verifier
 * takes, for which its socket stands; an answer takes as long as the verb does.
 */
enum { CONTROL_TAKEN_MS = 10 * 1000 };

/* Connects to `path` within `timeout_ms` and makes sure who listens: root, our
 * own uid, or CONTROL_USER; anyone else is ERR_DENIED ("the socket belongs to
 * uid 1000").  Of a socket unit that is systemd, so root, until a verifier
 * has served it.
 * Returns a descriptor (close-on-exec) to close(), or -1. */
int control_connect(const char *path, uint64_t timeout_ms, struct err *);

/* Sends `line` (with its newline), reads until a newline.  `reply` is without
 * it.  False when the peer closes first, says more than `max` bytes, does not
 * even read within CONTROL_TAKEN_MS, or `timeout_ms` pass; what came so far is
 * then worth nothing. */
MUST_CHECK bool control_exchange(int fd, struct span line, size_t max,
                                 uint64_t timeout_ms, struct buf *reply,
                                 struct err *);

/* The two halves of it, for who goes on listening.  `say` sends `line`, which
 * is read when it returns; `hear` waits, for as long as it takes, for some
 * bytes: `*n` of them.  False when the peer is gone. */
MUST_CHECK bool control_say(int fd, struct span line, uint64_t timeout_ms,
                            struct err *);
MUST_CHECK bool control_hear(int fd, uint8_t *out, size_t size, size_t *n,
                             struct err *);

#endif
