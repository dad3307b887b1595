/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "announce.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "events_dir.h"
#include "sys/log.h"
#include "trust.h"

struct announcer {
	struct events_dir *events_dir; /* NULL: off */
	struct trust_listener *listener;
};

enum { NUMBER_SIZE = 21, SESSION_SIZE = 2 * NUMBER_SIZE, MESSAGE_SIZE = 1024 };

static void
put_message(const struct standing *s, char out[MESSAGE_SIZE])
{
	int n = snprintf(out, MESSAGE_SIZE, "%s is %s", s->host,
	                 verdict_state_name(s->state));
	const struct reason *r = &s->reason;

	if (s->was != s->state)
		n += snprintf(out + n, MESSAGE_SIZE - (size_t)n, " (was %s)",
		              verdict_state_name(s->was));
	if (s->has_reason)
		snprintf(out + n, MESSAGE_SIZE - (size_t)n, ": %s%s%s",
		         reason_text(r->code), r->detail[0] != '\0' ? ": " : "",
		         r->detail);
}

static void
announce(const struct standing *s)
{
	char message[MESSAGE_SIZE];
	char golden[NUMBER_SIZE] = "-", session[SESSION_SIZE] = "-";
	const struct log_entry entry = {
	    .level = s->state == VERDICT_TRUSTED ? LOG_LEVEL_NOTICE
	                                         : LOG_LEVEL_WARNING,
	    .id = ANNOUNCE_MESSAGE_ID,
	    .message = message,
	};

	put_message(s, message);
	if (s->golden != 0)
		snprintf(golden, sizeof(golden), "%" PRIu64, s->golden);
	if (s->has_session)
		snprintf(session, sizeof(session), "%" PRIu32 ".%" PRIu32,
		         s->session.reset_count, s->session.restart_count);
	log_entry(&entry,
	          "event=verdict host=%s verdict=%s was=%s golden=%s "
	          "reason=%s boot_session=%s detail=\"%s\"",
	          s->host, verdict_state_name(s->state),
	          verdict_state_name(s->was), golden,
	          s->has_reason ? reason_name(s->reason.code) : "-", session,
	          s->has_reason ? s->reason.detail : "");
}

static void
on_said(void *arg, const struct standing *s)
{
	const struct announcer *a = arg;

	if (!s->changed)
		return;
	announce(s);
	if (a->events_dir != NULL)
		events_dir_tell(a->events_dir, s);
}

struct announcer *
announcer_new(struct verifierd *v, struct err *err)
{
	struct announcer *a = mem_new(1, sizeof(*a));

	if (v->config.events_dir[0] != '\0') {
		a->events_dir = events_dir_new(v->config.events_dir, err);
		if (a->events_dir == NULL) {
			free(a);
			return NULL;
		}
	}
	a->listener = trust_listen(v->trust, on_said, a);
	return a;
}

void
announcer_free(struct announcer *a)
{
	if (a == NULL)
		return;
	trust_unlisten(a->listener);
	events_dir_free(a->events_dir);
	free(a);
}

uint64_t
announcer_lost(const struct announcer *a)
{
	return a->events_dir != NULL ? events_dir_lost(a->events_dir) : 0;
}
