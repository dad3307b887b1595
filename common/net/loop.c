/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <signal.h>
#include <stdlib.h>

#include "base/mem.h"
#include "net/net_private.h"

struct timer {
	struct event *event;
	void (*fire)(void *);
	void *arg;
};

struct watch {
	struct event *event;
	void (*ready)(void *);
	void *arg;
};

struct loop *
loop_new(void)
{
	struct loop *loop = mem_new(1, sizeof(*loop));

	/* A peer that went away is an error of write(2), not the end. */
	signal(SIGPIPE, SIG_IGN);
	loop->lookups = mem_new(1, sizeof(*loop->lookups));
	atomic_init(&loop->lookups->refs, 1);
	loop->base = event_base_new();
	if (loop->base == NULL)
		abort();
	return loop;
}

void
loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	/* A connection that was freed lives on for as long as a call of it is
	 * put off; loop_quit() may have left some.  They are told nothing, but
	 * they let go. */
	(void)event_base_loop(loop->base, EVLOOP_NONBLOCK);
	event_base_free(loop->base);
	lookups_leave(loop->lookups);
	free(loop);
}

void
loop_run(struct loop *loop)
{
	(void)event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY);
}

void
loop_quit(struct loop *loop)
{
	(void)event_base_loopbreak(loop->base);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct timer *timer = arg;

	(void)fd;
	(void)what;
	timer->fire(timer->arg);
}

struct timer *
timer_new(struct loop *loop, uint64_t ms, void (*fire)(void *), void *arg)
{
	struct timeval in = {.tv_sec = (time_t)(ms / 1000),
	                     .tv_usec = (suseconds_t)(ms % 1000 * 1000)};
	struct timer *timer = mem_new(1, sizeof(*timer));

	timer->fire = fire;
	timer->arg = arg;
	timer->event = evtimer_new(loop->base, on_timer, timer);
	if (timer->event == NULL)
		abort();
	if (ms == 0)
		event_active(timer->event, EV_TIMEOUT, 0);
	else if (evtimer_add(timer->event, &in) != 0)
		abort();
	return timer;
}

void
timer_free(struct timer *timer)
{
	if (timer == NULL)
		return;
	event_free(timer->event);
	free(timer);
}

static void
on_watch(evutil_socket_t fd, short what, void *arg)
{
	struct watch *watch = arg;

	(void)fd;
	(void)what;
	watch->ready(watch->arg);
}

static struct watch *
watch_new(struct loop *loop, int fd, short what, void (*ready)(void *),
          void *arg)
{
	struct watch *watch = mem_new(1, sizeof(*watch));

	watch->ready = ready;
	watch->arg = arg;
	watch->event = event_new(loop->base, fd, (short)(what | EV_PERSIST),
	                         on_watch, watch);
	if (watch->event == NULL || event_add(watch->event, NULL) != 0)
		abort();
	return watch;
}

struct watch *
watch_fd(struct loop *loop, int fd, void (*ready)(void *), void *arg)
{
	return watch_new(loop, fd, EV_READ, ready, arg);
}

struct watch *
watch_signal(struct loop *loop, int signal_number, void (*ready)(void *),
             void *arg)
{
	return watch_new(loop, signal_number, EV_SIGNAL, ready, arg);
}

void
watch_free(struct watch *watch)
{
	if (watch == NULL)
		return;
	event_free(watch->event);
	free(watch);
}
