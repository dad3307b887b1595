/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* watch: how hosts stand, and each change from then on, a line each. */
#include <stdio.h>
#include <string.h>

#include "sys/control.h"
#include "watch.h"

struct watching {
	const struct cli *cli;
	bool answered;
	uint64_t seen; /* of the hosts that are named: a bit each */
};

static bool
is_wanted(struct watching *w, const char *host)
{
	if (w->cli->n_words == 0)
		return true;
	for (int i = 0; i < w->cli->n_words; i++)
		if (strcmp(w->cli->words[i], host) == 0) {
			w->seen |= UINT64_C(1) << i;
			return true;
		}
	return false;
}

/* A name that was spelt wrong would be watched for ever. */
static void
tell_missing(const struct watching *w)
{
	for (int i = 0; i < w->cli->n_words; i++)
		if ((w->seen >> i & 1) == 0)
			fprintf(stderr,
			        "virt-attest: %s is not enrolled: it is "
			        "watched for\n",
			        w->cli->words[i]);
}

static void
print_standing(const struct event *event, const struct standing *s)
{
	const struct reason *r = &s->reason;

	print_time("", event->time_us / 1000000);
	printf("  %s: ", s->host);
	if (s->was != s->state)
		printf("%s -> ", verdict_state_name(s->was));
	printf("%s", verdict_state_name(s->state));
	if (s->golden != 0)
		printf(" (golden value %llu)", (unsigned long long)s->golden);
	if (s->has_reason)
		printf(": %s%s%s", reason_text(r->code),
		       r->detail[0] != '\0' ? ": " : "", r->detail);
	printf("\n");
}

static bool
on_event(struct watching *w, const struct event *event, struct err *err)
{
	bool json = w->cli->option[OPTION_JSON] != NULL;
	struct standing s;

	if (strcmp(event->name, "COMPLETE") == 0)
		tell_missing(w);
	/* A later version's events are nobody's here. */
	if (!event_has_standing(event)) {
		if (json)
			print_json_line(event->root);
		return true;
	}
	if (!standing_decode(event->data, &s, err))
		return false;
	if (!is_wanted(w, s.host))
		return true;
	if (json)
		print_json_line(event->root);
	else if (strcmp(event->name, "CONFIRMED") != 0)
		print_standing(event, &s);
	return true;
}

/* The first line is the answer, all others are events. */
static bool
on_line(void *arg, struct span line, struct err *err)
{
	struct watching *w = arg;
	struct reply reply;
	struct event event;
	bool ok;

	if (w->answered) {
		ok = event_parse(line, &event, err) && on_event(w, &event, err);
		event_done(&event);
	} else {
		ok = reply_parse(line, &reply, err);
		if (ok && reply.result == NULL) {
			*err = reply.error;
			ok = false;
		}
		w->answered = ok;
		reply_done(&reply);
	}
	if (ok && (fflush(stdout) != 0 || ferror(stdout) != 0))
		ok = err_set(err, ERR_IO, "standard output takes no more");
	return ok;
}

bool
each_line(struct line *line, struct span in,
          bool (*each)(void *arg, struct span line, struct err *), void *arg,
          struct err *err)
{
	while (in.len != 0) {
		size_t used;
		enum line_state state = line_feed(line, in, &used);

		in.at += used;
		in.len -= used;
		if (state == LINE_TOO_LONG)
			return err_set(err, ERR_LIMIT,
			               "the verifier's line is over %d bytes",
			               LINE_EVENT_MAX);
		if (state != LINE_WHOLE)
			continue;
		if (!each(arg, buf_span(&line->buf), err))
			return false;
		line_clear(line);
	}
	return true;
}

/* Never true: it goes on for as long as there is a verifier. */
static bool
listen_on(int fd, struct watching *w, struct err *err)
{
	AUTO(line_done) struct line line = {.limit = LINE_EVENT_MAX};
	AUTO(buf_done) struct buf asking = {0};
	uint8_t part[16 * 1024];
	size_t n = 0;

	request_format("watch", NULL, 1, &asking);
	if (!control_say(fd, buf_span(&asking), WATCH_SAY_MS, err))
		return false;
	while (control_hear(fd, part, sizeof(part), &n, err))
		if (!each_line(&line, span_of(part, n), on_line, w, err))
			return false;
	return false;
}

int
run_watch(struct cli *cli)
{
	AUTO(session_done) struct session s = {0};
	struct watching w = {.cli = cli};
	struct err err = {0};

	if (session_open(&s, cli, &err))
		(void)listen_on(s.fd, &w, &err);
	return fail(&err);
}
