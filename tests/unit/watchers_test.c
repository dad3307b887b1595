/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ten thousand hosts, one who reads and one who does not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "proto/codec.h"
#include "proto/message.h"
#include "trust.h"
#include "watchers.h"

enum { HOSTS = 10000, ENDS = 2, READER = 0, LAZY = 1, WAIT_MS = 60000 };

/* The trust core, as far as watchers know it. */
struct trust_listener {
	void (*said)(void *arg, const struct standing *);
	void *arg;
};
static struct trust_listener listening;
static bool is_forgotten[HOSTS];
static bool is_untrusted[HOSTS];

static void
stands(size_t i, struct standing *s)
{
	*s = (struct standing){
	    .state = is_untrusted[i] ? VERDICT_UNTRUSTED : VERDICT_TRUSTED,
	    .was = VERDICT_TRUSTED,
	    .trusted_ms = is_untrusted[i] ? 0 : 1000,
	    .n_addresses = 1,
	    .addresses = {"192.0.2.1"},
	};
	s->has_reason = is_untrusted[i];
	s->reason.code = REASON_GOLDEN;
	snprintf(s->host, sizeof(s->host), "host-%zu", i);
}

struct trust_listener *
trust_listen(struct trust *t, void (*said)(void *arg, const struct standing *),
             void *arg)
{
	(void)t;
	listening = (struct trust_listener){said, arg};
	return &listening;
}

void
trust_unlisten(struct trust_listener *l)
{
	l->said = NULL;
}

bool
trust_of(struct trust *t, const char *host, struct standing *s)
{
	size_t i = strtoul(host + strlen("host-"), NULL, 10);

	(void)t;
	stands(i, s);
	return !is_forgotten[i];
}

void
trust_each(struct trust *t, bool (*each)(void *arg, const struct standing *),
           void *arg)
{
	struct standing s;

	(void)t;
	for (size_t i = 0; i < HOSTS; i++) {
		stands(i, &s);
		if (!is_forgotten[i] && !each(arg, &s))
			return;
	}
}

/* Both sides of two connections. */
static struct world {
	struct verifierd v;
	struct listener *listener;
	char path[64];
	struct served {
		struct stream *stream;
		struct watcher *watcher;
		size_t most; /* that was unsent */
	} served[ENDS];
	size_t n;
	int client[ENDS];
	struct watch *reads;
	struct line line;
	size_t standings, verdicts, complete;
	bool quit_closed;
	size_t stop_at; /* verdicts; 0: the end of the first look */
	void (*at_first)(void);
	struct timer *limit;
} w;

static void
say_all(enum verdict_state state)
{
	for (size_t i = 0; i < HOSTS; i++) {
		struct standing s;

		is_untrusted[i] = state == VERDICT_UNTRUSTED;
		stands(i, &s);
		s.changed = true;
		listening.said(listening.arg, &s);
	}
}

static size_t
on_bytes(void *arg, struct span in)
{
	(void)arg;
	return in.len;
}

static void
measure(void)
{
	for (size_t i = 0; i < w.n; i++)
		if (w.served[i].stream != NULL &&
		    stream_unsent(w.served[i].stream) > w.served[i].most)
			w.served[i].most = stream_unsent(w.served[i].stream);
}

static void
on_sent(void *arg)
{
	struct served *s = arg;

	watcher_sent(s->watcher);
	measure();
}

static void
on_closed(void *arg, const struct err *why)
{
	struct served *s = arg;

	(void)why;
	watcher_free(s->watcher);
	stream_free(s->stream);
	*s = (struct served){.most = s->most};
	if (w.quit_closed)
		loop_quit(w.v.loop);
}

static const struct stream_calls calls = {
    .bytes = on_bytes, .sent = on_sent, .closed = on_closed};

static void
on_accepted(void *arg, struct stream *stream)
{
	struct served *s = &w.served[w.n++];
	const struct watcher_of of = {.stream = stream, .uid = 7};
	struct err err = {0};
	size_t hosts = 0;

	(void)arg;
	s->stream = stream;
	stream_own(stream, &calls, s);
	s->watcher = watcher_new(w.v.watchers, &of, &hosts, &err);
	assert_non_null(s->watcher);
	assert_int_equal(hosts, HOSTS);
	assert_int_equal(stream_unsent(stream), 0);
	watcher_start(s->watcher);
	if (w.n == ENDS)
		measure();
}

static void
on_event(const struct event *event)
{
	struct standing s;
	struct err err = {0};
	uint64_t n = 0;

	if (strcmp(event->name, "COMPLETE") == 0) {
		assert_true(
		    json_get_u64(event->data, "hosts", HOSTS, &n, &err));
		w.complete = (size_t)n;
		if (w.stop_at == 0)
			loop_quit(w.v.loop);
		return;
	}
	assert_true(standing_decode(event->data, &s, &err));
	if (strcmp(event->name, "STANDING") == 0) {
		assert_int_equal(w.complete, 0);
		assert_false(s.changed);
		if (w.standings++ == 0 && w.at_first != NULL)
			w.at_first();
		return;
	}
	assert_string_equal(event->name, "VERDICT");
	assert_true(s.changed);
	if (++w.verdicts == w.stop_at)
		loop_quit(w.v.loop);
}

static void
on_readable(void *arg)
{
	uint8_t part[8192];
	ssize_t n = recv(w.client[READER], part, sizeof(part), MSG_DONTWAIT);
	struct span in = span_of(part, n > 0 ? (size_t)n : 0);

	(void)arg;
	assert_true(n > 0 || errno == EAGAIN);
	while (in.len != 0) {
		struct event event;
		struct err err = {0};
		size_t used;
		enum line_state state = line_feed(&w.line, in, &used);

		assert_int_not_equal(state, LINE_TOO_LONG);
		in.at += used;
		in.len -= used;
		if (state != LINE_WHOLE)
			continue;
		assert_true(event_parse(buf_span(&w.line.buf), &event, &err));
		on_event(&event);
		event_done(&event);
		line_clear(&w.line);
	}
}

static void
on_limit(void *arg)
{
	(void)arg;
	fprintf(stderr, "the events did not come\n");
	abort();
}

static int
connected(void)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(at.sun_path, w.path, strlen(w.path));
	assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof(at)),
	                 0);
	return fd;
}

static int
begin(void **state)
{
	const struct listener_limits limits = {.streams_max = 8};
	const struct listener_calls accept = {.accepted = on_accepted};
	struct err err = {0};

	(void)state;
	w = (struct world){.line.limit = LINE_EVENT_MAX};
	memset(is_forgotten, 0, sizeof(is_forgotten));
	memset(is_untrusted, 0, sizeof(is_untrusted));
	snprintf(w.path, sizeof(w.path), "/tmp/virt-attest-test-%d.sock",
	         getpid());
	w.v.loop = loop_new();
	w.v.watchers = watchers_new(&w.v);
	w.listener =
	    listen_unix(w.v.loop, w.path, 0600, &limits, &accept, &err);
	if (w.listener == NULL)
		return -1;
	for (size_t i = 0; i < ENDS; i++)
		w.client[i] = connected();
	w.reads = watch_fd(w.v.loop, w.client[READER], on_readable, NULL);
	w.limit = timer_new(w.v.loop, WAIT_MS, on_limit, NULL);
	return 0;
}

static int
finish(void **state)
{
	(void)state;
	timer_free(w.limit);
	watch_free(w.reads);
	for (size_t i = 0; i < ENDS; i++) {
		close(w.client[i]);
		watcher_free(w.served[i].watcher);
		stream_free(w.served[i].stream);
	}
	watchers_free(w.v.watchers);
	listener_free(w.listener);
	loop_free(w.v.loop);
	line_done(&w.line);
	return 0;
}

/* The last one goes while the first one is read. */
static void
forget_last(void)
{
	struct standing s;

	stands(HOSTS - 1, &s);
	s.state = VERDICT_UNKNOWN;
	s.trusted_ms = 0;
	s.changed = true;
	is_forgotten[HOSTS - 1] = true;
	listening.said(listening.arg, &s);
}

static void
the_first_look_goes_as_it_is_read(void **state)
{
	(void)state;
	w.at_first = forget_last;
	loop_run(w.v.loop);
	assert_int_equal(w.standings, HOSTS - 1);
	assert_int_equal(w.complete, HOSTS - 1);
	assert_int_equal(w.verdicts, 1);
	for (size_t i = 0; i < ENDS; i++)
		assert_in_range(w.served[i].most, WATCH_AHEAD / 2,
		                WATCH_AHEAD + 2 * LINE_EVENT_MAX);
	assert_non_null(w.served[LAZY].stream);
}

/* Each change of all hosts is read by the one before the next one comes. */
static void
who_does_not_read_is_dropped(void **state)
{
	size_t waiting = 0;

	(void)state;
	loop_run(w.v.loop);
	for (size_t i = 1; i <= 4; i++) {
		say_all(i % 2 != 0 ? VERDICT_UNTRUSTED : VERDICT_TRUSTED);
		if (w.served[LAZY].stream != NULL)
			waiting = stream_unsent(w.served[LAZY].stream);
		assert_in_range(waiting, 1, WATCH_UNSENT_MAX);
		w.stop_at = i * HOSTS;
		loop_run(w.v.loop);
		/* One whole change of everybody fits. */
		assert_true(i > 1 || w.served[LAZY].stream != NULL);
	}
	assert_int_equal(w.verdicts, 4 * HOSTS);
	assert_non_null(w.served[READER].stream);
	/* Its end comes within STREAM_LINGER_MS. */
	w.quit_closed = true;
	if (w.served[LAZY].stream != NULL)
		loop_run(w.v.loop);
	assert_null(w.served[LAZY].stream);
}

static void
an_account_has_so_many(void **state)
{
	const struct watcher_of of = {.uid = 9, .counts = true};
	const struct watcher_of root = {.uid = 9},
				other = {.uid = 10, .counts = true};
	struct watcher *all[WATCHERS_OF_ONE_MAX + 2];
	struct err err = {0};
	size_t hosts, n = WATCHERS_OF_ONE_MAX;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		all[i] = watcher_new(w.v.watchers, &of, &hosts, &err);
		assert_non_null(all[i]);
	}
	assert_null(watcher_new(w.v.watchers, &of, &hosts, &err));
	assert_int_equal(err.code, ERR_BUSY);
	all[n] = watcher_new(w.v.watchers, &root, &hosts, &err);
	all[n + 1] = watcher_new(w.v.watchers, &other, &hosts, &err);
	assert_non_null(all[n]);
	assert_non_null(all[n + 1]);
	for (size_t i = 0; i < LENGTH_OF(all); i++)
		watcher_free(all[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	    TEST(the_first_look_goes_as_it_is_read),
	    TEST(who_does_not_read_is_dropped),
	    TEST(an_account_has_so_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
