/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A thread that does what the loop must not wait for, the queue before it, and
 * the way back.  Who asks is on the loop's thread, and may give up. */
#ifndef AGENTD_ERRANDS_H
#define AGENTD_ERRANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/auto.h"
#include "net/loop.h"

/* The first member of what is asked. */
struct errand {
	STAILQ_ENTRY(errand) next;
	bool taken, cancelled; /* errands.c's own */
};
STAILQ_HEAD(errand_list, errand);

struct errand_kind {
	size_t waiting_max; /* more are not taken on */
	/* Done and not yet fetched by the loop: the thread rests before it has
	 * more.  0: no such limit, all that waits may be done. */
	size_t ahead_max;
	/* Moves what is done next, at least one, from `waiting` to `taken`, and
	 * returns how many; the queue is locked.  NULL: the oldest alone. */
	size_t (*take)(struct errand_list *waiting, struct errand_list *taken);
	/* On the thread: does what was taken (`n` of it). */
	void (*work)(void *arg, struct errand_list *taken, size_t n);
	/* On the loop's thread: it is done.  Not for one that was given up. */
	void (*done)(void *arg, struct errand *);
	void (*release)(struct errand *);
	/* The rest may be NULL.  On the thread, idle since then: when there is
	 * something to tend (UINT64_MAX: never), and tending it. */
	uint64_t (*due_ms)(void *arg, uint64_t since_ms);
	void (*tend)(void *arg);
	/* The last on the thread. */
	void (*ended)(void *arg);
	/* On the loop's thread, before any `done`: errands_wake() was called,
	 * or something is done. */
	void (*woken)(void *arg);
};

struct errands;

/* `kind` is borrowed for its life. */
struct errands *errands_new(struct loop *, const struct errand_kind *,
                            void *arg);
/* Nothing of `kind` is called before. */
void errands_start(struct errands *);
/* Ends the thread when it has done what it is at; what is left is released and
 * not told.  NULL is none. */
void errands_free(struct errands *);

/* It is the errands' when true, and the caller's when waiting_max wait. */
MUST_CHECK bool errands_ask(struct errands *, struct errand *);

/* Nobody waits for it any more: `done` does not come.  Not from `done`. */
void errands_cancel(struct errands *, struct errand *);

/* On the thread: have the loop call `woken`. */
void errands_wake(struct errands *);

/* How many wait for the thread. */
size_t errands_waiting(struct errands *);

/* The clock of due_ms, and a finer reading of it. */
uint64_t errands_now_ms(void);
uint64_t errands_now_us(void);

#endif
