/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The event loop.  libevent stands behind common/net and does not pass its
 * headers.  Everything here belongs to the loop's own thread. */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include <stdint.h>

struct loop;

/* Never NULL: a machine that has no event loop to give is out of memory. */
struct loop *loop_new(void);
void loop_free(struct loop *);

/* Runs until loop_quit(). */
void loop_run(struct loop *);
void loop_quit(struct loop *);

/* Calls `fire` once, `ms` from now (0: at the end of this turn).  Freeing it
 * before cancels it; it is to be freed in any case, also from `fire`. */
struct timer;
struct timer *timer_new(struct loop *, uint64_t ms, void (*fire)(void *),
                        void *arg);
void timer_free(struct timer *);

/* Calls `ready` whenever `fd` has something to read, or on each `signal`.
 * The descriptor stays the caller's. */
struct watch;
struct watch *watch_fd(struct loop *, int fd, void (*ready)(void *), void *arg);
struct watch *watch_signal(struct loop *, int signal, void (*ready)(void *),
                           void *arg);
void watch_free(struct watch *);

#endif
