/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "life/life.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "sys/service.h"
#include "sys/sys.h"

enum { SAID_MAX = LIFE_STATUS_MAX + 128 };

struct life {
	struct loop *loop;
	struct life_calls calls;
	struct watch *on_term, *on_int, *on_hup;
	struct timer *tick;
	uint64_t tick_ms; /* 0: nobody hears */
	bool watched, ready;
	struct err refused; /* why the last reload was; ERR_NONE: it was not */
	char told[LIFE_STATUS_MAX];
};

/* Text of a peer or a file is a line, too. */
static void
one_line(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

static void
status_now(struct life *l, char out[LIFE_STATUS_MAX])
{
	size_t len;

	out[0] = '\0';
	l->calls.status(l->calls.arg, out, LIFE_STATUS_MAX);
	len = strlen(out);
	if (l->refused.code != ERR_NONE)
		snprintf(out + len, LIFE_STATUS_MAX - len,
		         "; the last reload was refused: %s", l->refused.text);
	one_line(out);
}

/* Says `what` and how it stands; with nothing else to say, only what is news.
 */
static void
tell(struct life *l, const char *what)
{
	char now[LIFE_STATUS_MAX], said[SAID_MAX];

	if (l->tick_ms == 0)
		return;
	status_now(l, now);
	if (what == NULL && strcmp(now, l->told) == 0)
		return;
	memcpy(l->told, now, sizeof(now));
	snprintf(said, sizeof(said), "%s%sSTATUS=%s", what != NULL ? what : "",
	         what != NULL ? "\n" : "", now);
	sys_notify(said);
}

static void
on_tick(void *arg)
{
	struct life *l = arg;

	timer_free(l->tick);
	l->tick = timer_new(l->loop, l->tick_ms, on_tick, l);
	if (l->watched)
		sys_notify("WATCHDOG=1");
	if (l->ready)
		tell(l, NULL);
}

static void
on_stop(void *arg)
{
	const struct life *l = arg;

	sys_notify("STOPPING=1");
	l->calls.stop(l->calls.arg);
}

/* The time tells systemd (253 and later) that what follows is an answer to its
 * own signal. */
static void
say_reloading(void)
{
	struct timespec now;
	char said[64];

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(said, sizeof(said), "RELOADING=1\nMONOTONIC_USEC=%llu",
	         (unsigned long long)now.tv_sec * 1000000 +
	             (unsigned long long)now.tv_nsec / 1000);
	sys_notify(said);
}

static void
on_reload(void *arg)
{
	struct life *l = arg;
	struct err why = {0};

	if (l->ready)
		say_reloading();
	if (l->calls.reload(l->calls.arg, &why))
		why = (struct err){0};
	l->refused = why;
	if (l->ready)
		tell(l, "READY=1");
}

static void
hold(int how)
{
	sigset_t hup;

	sigemptyset(&hup);
	sigaddset(&hup, SIGHUP);
	(void)sigprocmask(how, &hup, NULL);
}

void
life_hold(void)
{
	hold(SIG_BLOCK);
}

struct life *
life_new(struct loop *loop, const struct life_calls *calls)
{
	uint64_t watchdog_ms = service_watchdog_ms();
	struct life *l = mem_new(1, sizeof(*l));

	l->loop = loop;
	l->calls = *calls;
	l->on_term = watch_signal(loop, SIGTERM, on_stop, l);
	l->on_int = watch_signal(loop, SIGINT, on_stop, l);
	l->on_hup = watch_signal(loop, SIGHUP, on_reload, l);
	hold(SIG_UNBLOCK);
	l->watched = watchdog_ms != 0;
	if (service_is_heard())
		l->tick_ms = l->watched && watchdog_ms < LIFE_STATUS_MS
		                 ? watchdog_ms
		                 : LIFE_STATUS_MS;
	if (l->tick_ms != 0)
		l->tick = timer_new(loop, l->tick_ms, on_tick, l);
	return l;
}

void
life_free(struct life *l)
{
	if (l == NULL)
		return;
	timer_free(l->tick);
	watch_free(l->on_term);
	watch_free(l->on_int);
	watch_free(l->on_hup);
	free(l);
}

void
life_ready(struct life *l)
{
	if (l->ready)
		return;
	l->ready = true;
	tell(l, "READY=1");
}

void
life_changed(struct life *l)
{
	if (l->ready)
		tell(l, NULL);
}
