/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feed.h"

#include <string.h>

#include "sys/control.h"
#include "sys/sys.h"
#include "watch.h"

enum { FEED_PART = 64 * 1024 };

static bool
say(struct feed *f, const char *command, struct err *err)
{
	AUTO(buf_done) struct buf line = {0};

	request_format(command, NULL, ++f->session.id, &line);
	return control_say(f->session.fd, buf_span(&line), WATCH_SAY_MS, err);
}

bool
feed_open(struct feed *f, struct err *err)
{
	f->line.limit = LINE_EVENT_MAX;
	return session_open(&f->session, f->cli, err) && say(f, "watch", err);
}

void
feed_close(struct feed *f)
{
	session_done(&f->session);
	line_done(&f->line);
	f->session = (struct session){0};
	f->line = (struct line){0};
	f->answered = f->asked = false;
}

bool
feed_ask(struct feed *f, struct err *err)
{
	if (!f->answered || f->asked)
		return true;
	f->asked = true;
	return say(f, "status", err);
}

static bool
on_event(struct feed *f, const struct event *event, struct err *err)
{
	struct standing s;

	if (event_has_standing(event)) {
		if (!standing_decode(event->data, &s, err))
			return false;
		board_tell(f->board, &s, sys_boot_ms(), sys_unix_s());
	} else if (strcmp(event->name, "COMPLETE") == 0) {
		board_complete(f->board);
	}
	return true;
}

static uint64_t
number(const struct reply *reply, const char *key)
{
	return json_as_u64(json_get(reply->result, key));
}

static bool
on_reply(struct feed *f, const struct reply *reply, struct err *err)
{
	if (reply->result == NULL) {
		*err = reply->error;
		return false;
	}
	if (!f->answered) {
		f->answered = true;
		board_begin(f->board, number(reply, "hosts"));
		return true;
	}
	f->asked = false;
	board_count(f->board, &(struct board_figures){
				  .taken_ms = sys_boot_ms(),
				  .uptime_ms = number(reply, "uptime_ms"),
				  .answers = number(reply, "answers"),
				  .rounds = number(reply, "attestations"),
				  .late = number(reply, "reattestations_late"),
				  .waiting = number(reply, "askers_waiting"),
			      });
	return true;
}

/* The first line is an answer, and so may any other be. */
static bool
on_line(void *arg, struct span text, struct err *err)
{
	struct feed *f = arg;
	struct event event;
	struct reply reply;
	bool ok = f->answered && event_parse(text, &event, err);

	if (ok) {
		ok = on_event(f, &event, err);
		event_done(&event);
		return ok;
	}
	if (f->answered)
		event_done(&event);
	if (f->answered && !f->asked)
		return false;
	*err = (struct err){0};
	ok = reply_parse(text, &reply, err) && on_reply(f, &reply, err);
	reply_done(&reply);
	return ok;
}

bool
feed_read(struct feed *f, struct err *err)
{
	uint8_t part[FEED_PART];
	size_t n = 0;

	return control_hear(f->session.fd, part, sizeof(part), &n, err) &&
	       each_line(&f->line, span_of(part, n), on_line, f, err);
}
