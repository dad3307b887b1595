/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the verifier says, for ever: when it is gone, what was said of a host
 * holds as long as was said, and no longer. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "gated.h"
#include "proto/codec.h"
#include "proto/message.h"
#include "sys/control.h"
#include "sys/log.h"
#include "sys/sys.h"

enum {
	CONNECT_MS = 1000,
	RETRY_MS = 1500,   /* between two attempts */
	ANSWER_MS = 30000, /* to `watch`, with the whole list */
	PARTS_A_TURN = 64, /* then others have theirs */
	PART_SIZE = 16 * 1024,
};

struct feed {
	struct gated *gated;
	int fd; /* -1: not connected */
	struct watch *watch;
	struct timer *timer; /* of the next attempt, or of the answer's end */
	struct line line;
	bool answered; /* from there on there are events alone */
	bool told_down, told_shut;
};

static void on_retry(void *arg);

/* And comes back, so much later. */
static void
hang_up(struct feed *f, uint64_t ms)
{
	watch_free(f->watch);
	f->watch = NULL;
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	line_done(&f->line);
	timer_free(f->timer);
	f->timer = timer_new(f->gated->loop, ms, on_retry, f);
}

static void
go_down(struct feed *f, const char *why)
{
	/* Once, not every second. */
	if (!f->told_down)
		log_warning("no word of the verifier: %s; "
		            "what it said last holds for its time",
		            why);
	f->told_down = true;
	if (f->gated->heard) {
		f->gated->heard = false;
		table_follow(f->gated->table); /* its status has it */
	}
	hang_up(f, RETRY_MS);
}

static void
on_no_answer(void *arg)
{
	go_down(arg, "it does not answer");
}

static size_t
ips_of(const struct standing *s, struct ip *ips)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_addresses; i++)
		if (parse_ip(s->addresses[i], &ips[n]))
			n++;
		else
			log_warning("host=%s address %s is not let through",
			            s->host, s->addresses[i]);
	return n;
}

static bool
is_looked_at(const struct config_list *networks, const struct ip *ip)
{
	bool looked_at = false;

	for (size_t i = 0; i < networks->n; i++) {
		struct ip_prefix network, its = {.ip = *ip};

		if (!parse_prefix(networks->items[i], &network))
			continue;
		if (its.ip.six != network.ip.six)
			continue;
		its.bits = network.bits;
		ip_prefix_mask(&its);
		looked_at |= ip_compare(&its.ip, &network.ip) == 0;
	}
	return looked_at;
}

/* Such a host is reached there whatever its verdict: networks names too few. */
static void
tell_of_holes(const struct feed *f, const char *host, const struct ip *ips,
              size_t n)
{
	char text[IP_TEXT_SIZE];

	for (size_t i = 0; i < n; i++)
		if (!is_looked_at(&f->gated->config.networks, &ips[i]))
			log_warning("host=%s address %s is in none of the "
			            "networks of gated.conf: it is reached "
			            "there, attested or not",
			            host, ip_format(&ips[i], text));
}

static void
take_standing(struct feed *f, const struct standing *s)
{
	uint64_t now_ms = sys_boot_ms();
	bool trusted = s->state == VERDICT_TRUSTED && s->trusted_ms != 0;
	struct ip ips[STANDING_ADDRESSES_MAX];
	size_t n = trusted ? ips_of(s, ips) : 0;

	if (!book_take(&f->gated->book, s->host,
	               trusted ? now_ms + s->trusted_ms : 0, now_ms, ips, n))
		log_error("host=%s is not let through: over %d trusted hosts",
		          s->host, BOOK_HOSTS_MAX);
	if (s->changed || !f->gated->heard)
		tell_of_holes(f, s->host, ips, n);
	if (s->changed || !trusted)
		log_notice("host=%s state=%s addresses=%zu trusted_ms=%llu",
		           s->host, verdict_state_name(s->state), n,
		           (unsigned long long)s->trusted_ms);
}

static bool
take_answer(struct feed *f, struct span line, struct err *err)
{
	struct reply reply = {0};
	bool ok = reply_parse(line, &reply, err);

	if (ok && reply.result == NULL) {
		*err = reply.error;
		ok = false;
	}
	reply_done(&reply);
	f->answered = ok;
	if (ok)
		book_list(&f->gated->book);
	return ok;
}

static void
take_complete(struct feed *f)
{
	book_listed(&f->gated->book);
	log_notice("the verifier is heard: %zu hosts are trusted",
	           f->gated->book.n);
	f->told_down = f->told_shut = false;
	f->gated->heard = true;
	timer_free(f->timer);
	f->timer = NULL;
}

/* How long ago, by the clock of both ends: what lay in the socket while we
 * stood still has become old. */
static uint64_t
age_of(const struct event *e)
{
	uint64_t now_us = sys_unix_us();

	return now_us > e->time_us ? (now_us - e->time_us) / 1000 : 0;
}

static bool
take_event(struct feed *f, struct span line, struct err *err)
{
	struct event e = {0};
	struct standing s;
	bool ok = event_parse(line, &e, err);

	if (ok && event_has_standing(&e)) {
		uint64_t age = age_of(&e);

		ok = standing_decode(e.data, &s, err);
		s.trusted_ms -= s.trusted_ms < age ? s.trusted_ms : age;
		if (ok)
			take_standing(f, &s);
	} else if (ok && strcmp(e.name, "COMPLETE") == 0) {
		take_complete(f);
	}
	event_done(&e);
	return ok;
}

static bool
take_part(struct feed *f, struct span in, struct err *err)
{
	while (in.len != 0) {
		size_t used = 0;
		struct span line;
		enum line_state state = line_feed(&f->line, in, &used);

		in = span_of(in.at + used, in.len - used);
		if (state == LINE_TOO_LONG)
			return err_set(err, ERR_LIMIT, "a line is too long");
		if (state != LINE_WHOLE)
			continue;
		line = buf_span(&f->line.buf);
		if (!(f->answered ? take_event(f, line, err)
		                  : take_answer(f, line, err)))
			return false;
		line_clear(&f->line);
	}
	return true;
}

/* It may have been the end of somebody's trust. */
static void
take_nothing(struct feed *f, const struct err *err)
{
	book_list(&f->gated->book);
	book_listed(&f->gated->book);
	if (err->code == ERR_DENIED && !f->told_shut) {
		log_error("all are shut out: the verifier does not tell us: "
		          "%s. What to do: read_group in verifierd.conf has to "
		          "be a group that this account is in "
		          "(virt-attest-read)",
		          err->text);
		f->told_down = true;
	} else if (!f->told_shut) {
		log_error("all are shut out: what the verifier says is not "
		          "understood");
	}
	f->told_shut = true;
	go_down(f, err->text);
}

static void
on_readable(void *arg)
{
	struct feed *f = arg;
	uint8_t part[PART_SIZE];
	struct err err = {0};

	for (int i = 0; i < PARTS_A_TURN; i++) {
		ssize_t n = recv(f->fd, part, sizeof(part), 0);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n <= 0) {
			go_down(f, n == 0 ? "it hung up" : strerror(errno));
			break;
		}
		if (!take_part(f, span_of(part, (size_t)n), &err)) {
			take_nothing(f, &err);
			break;
		}
	}
	table_follow(f->gated->table);
}

static bool
ask(struct feed *f, struct err *err)
{
	AUTO(buf_done) struct buf line = {0};

	request_format("watch", NULL, 1, &line);
	/* Of a new connection's buffer this is a small part. */
	return send(f->fd, line.at, line.len, MSG_NOSIGNAL) ==
	           (ssize_t)line.len ||
	       err_set(err, ERR_UNAVAILABLE, "it takes no question");
}

static void
on_retry(void *arg)
{
	struct feed *f = arg;
	struct err err = {0};

	timer_free(f->timer);
	f->timer = NULL;
	f->line = (struct line){.limit = LINE_EVENT_MAX};
	f->answered = false;
	f->fd = control_connect(f->gated->config.socket, CONNECT_MS, &err);
	if (f->fd < 0 || !ask(f, &err)) {
		go_down(f, err.text);
		return;
	}
	f->watch = watch_fd(f->gated->loop, f->fd, on_readable, f);
	f->timer = timer_new(f->gated->loop, ANSWER_MS, on_no_answer, f);
}

void
feed_again(struct feed *f)
{
	f->gated->heard = false;
	hang_up(f, 0);
}

struct feed *
feed_new(struct gated *g)
{
	struct feed *f = mem_new(1, sizeof(*f));

	f->gated = g;
	f->fd = -1;
	f->timer = timer_new(g->loop, 0, on_retry, f);
	return f;
}

void
feed_free(struct feed *f)
{
	if (f == NULL)
		return;
	watch_free(f->watch);
	timer_free(f->timer);
	if (f->fd >= 0)
		close(f->fd);
	line_done(&f->line);
	free(f);
}
