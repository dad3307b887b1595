/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificates, lists and names change under a server and a client that are at
 * it: who is open and may be there notices nothing. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "net_help.h"

/* More than are looked at in two turns. */
enum { MANY = 36 };

struct renewal {
	const char *cert, *key, *ca, *crl; /* NULL: as it was */
	const char *why;                   /* NULL: it is taken */
};

static struct tls_files
files_of(const struct renewal *r, const char *own)
{
	char cert[80], key[80];

	snprintf(cert, sizeof(cert), "%s.pem", r->cert != NULL ? r->cert : own);
	snprintf(key, sizeof(key), "%s.key",
	         r->key != NULL    ? r->key
	         : r->cert != NULL ? r->cert
	                           : own);
	return (struct tls_files){
	    .ca = r->ca != NULL ? pki_path(&net_other_pki, r->ca)
	                        : pki_path(&net_pki, "ca.pem"),
	    .cert = pki_path(&net_pki, cert),
	    .key = pki_path(&net_pki, key),
	    .crl = r->crl != NULL ? pki_path(&net_pki, r->crl) : NULL,
	};
}

static void
renew(struct tls *tls, const char *own, const struct renewal *r)
{
	const struct tls_files files = files_of(r, own);
	struct err err = {0};
	struct tls *fresh = tls_renewed(tls, &files, &err);

	if (r->why == NULL) {
		if (fresh == NULL)
			fail_msg("%s", err.text);
		tls_replace(tls, fresh);
		return;
	}
	assert_null(fresh);
	if (strstr(err.text, r->why) == NULL)
		fail_msg("'%s' is not in '%s'", r->why, err.text);
}

static void
open_one(struct net_case *c, size_t n)
{
	c->server[c->n_server].echo = true;
	c->client[n].quit_opened = true;
	net_connect(c, n, "host.test");
	net_run(c);
	/* The server heard of it, too. */
	c->client[n].quit_bytes = c->client[n].n_in + 1;
	stream_write(c->client[n].stream, span_str("a"));
	net_run(c);
}

static void
say(struct net_case *c, size_t n)
{
	c->client[n].quit_bytes = c->client[n].n_in + 1;
	stream_write(c->client[n].stream, span_str("b"));
	net_run(c);
}

static void
the_next_one_sees_the_new_certificate_and_the_open_one_lives(void **state)
{
	char at[8][ADDRESS_TEXT_SIZE];
	struct net_case c = {0};

	(void)state;
	net_start(&c, NULL);
	open_one(&c, 0);
	renew(c.server_tls, "host",
	      &(struct renewal){.cert = "many", .crl = "crl.pem"});
	renew(c.client_tls, "verifier", &(struct renewal){.crl = "crl.pem"});
	say(&c, 0);
	open_one(&c, 1);
	say(&c, 0);
	assert_int_equal(stream_peer_addresses(c.client[0].stream, at, 8), 1);
	assert_int_equal(stream_peer_addresses(c.client[1].stream, at, 8), 3);
	/* And once more, over sessions of two contexts that are gone. */
	renew(c.server_tls, "host", &(struct renewal){.crl = "crl.pem"});
	say(&c, 0);
	say(&c, 1);
	net_stop(&c);
}

static void
what_cannot_serve_leaves_the_old(void **state)
{
	static const struct renewal bad[] = {
	    {.cert = "old", .why = "expired"},
	    {.cert = "host", .key = "verifier", .why = "key values mismatch"},
	    {.cert = "nowhere", .why = "nowhere.pem"},
	    {.crl = "crl-old.pem", .why = "crl-old.pem: it has run out"},
	    {.crl = "nowhere.pem", .why = "nowhere"},
	    {.crl = "ca.pem", .why = "ca.pem"},
	    {.ca = "nowhere", .why = "nowhere"},
	    {.ca = "other.pem", .crl = "crl.pem", .why = "of no CA in"},
	    {.crl = "fifo.pem", .why = "fifo.pem: no file"},
	    {.cert = "fifo", .why = "fifo.pem: no file"},
	    {.crl = ".", .why = ": no file"},
	};
	struct net_case c = {0};

	(void)state;
	/* Who opens it waits for a writer. */
	assert_int_equal(mkfifo(pki_path(&net_pki, "fifo.pem"), 0600), 0);
	net_start(&c, NULL);
	open_one(&c, 0);
	for (size_t i = 0; i < LENGTH_OF(bad); i++)
		renew(c.server_tls, "host", &bad[i]);
	say(&c, 0);
	open_one(&c, 1);
	net_stop(&c);
}

/* One list that has run out beside a current one of the same CA is no harm. */
static void
a_list_may_stand_before_its_follower(void **state)
{
	struct net_case c = {0};

	(void)state;
	pki_crl(&net_pki, "crl-two", NULL, -1);
	net_start(&c, NULL);
	renew(c.server_tls, "host",
	      &(struct renewal){.crl = "crl-two.pem", .why = "run out"});
	pki_crl(&net_pki, "crl-two", NULL, 5);
	renew(c.server_tls, "host", &(struct renewal){.crl = "crl-two.pem"});
	net_stop(&c);
}

/* So many days are left of the lists of that file. */
static void
expect_days(const char *crl, uint64_t days)
{
	const uint64_t day_s = 24 * 3600;
	struct net_case c = {0};
	struct tls_dates dates;

	net_start(&c, &(struct net_setup){.server_crl = crl});
	tls_dates_look(c.server_tls, &dates);
	assert_in_range(dates.crl_s, (uint64_t)time(NULL) + days * day_s - 60,
	                (uint64_t)time(NULL) + days * day_s);
	net_stop(&c);
}

/* The last list of each CA says how long, and of those the first. */
static void
an_old_list_beside_a_current_one_is_no_end(void **state)
{
	struct pki of_dates = {0};

	(void)state;
	pki_crl(&net_pki, "crl-dates", NULL, -1);
	pki_crl(&net_pki, "crl-dates", NULL, 5);
	pki_crl(&net_pki, "crl-dates", NULL, 3);
	expect_days("crl-dates", 5);
	/* A CA of another name, in this one's folder. */
	pki_sub(&of_dates, &net_pki, "dates");
	pki_crl(&of_dates, "crl-dates", NULL, 2);
	expect_days("crl-dates", 2);
	pki_crl(&of_dates, "crl-dates", NULL, 4);
	expect_days("crl-dates", 4);
	pki_done(&of_dates);
}

/* The one at the other end of client 0 is refused by `r`; nothing more passes,
 * and it ends. */
static void
expect_end(struct net_case *c, struct end *judge, struct tls *tls,
           const struct renewal *r, const char *text)
{
	struct end *other =
	    judge == &c->server[0] ? &c->client[0] : &c->server[0];
	size_t heard = judge->n_in, told = other->n_in;

	/* It is on its way already. */
	stream_write(other->stream, span_str("late"));
	renew(tls, judge == &c->server[0] ? "host" : "verifier", r);
	stream_write(judge->stream, span_str("too late"));
	judge->quit_closed = true;
	net_run(c);
	if (strstr(judge->why.text, text) == NULL)
		fail_msg("'%s' is not in '%s'", text, judge->why.text);
	assert_int_equal(judge->why.code, ERR_PEER);
	assert_int_equal(judge->n_in, heard);
	stream_free(judge->stream);
	judge->stream = NULL;
	other->quit_closed = true;
	if (!other->closed)
		net_run(c);
	assert_int_equal(other->why.code, ERR_NONE);
	assert_int_equal(other->n_in, told);
}

static void
who_is_revoked_ends_at_once(void **state)
{
	struct net_case c = {0};

	(void)state;
	net_start(&c, &(struct net_setup){.client = "bad"});
	open_one(&c, 0);
	expect_end(&c, &c.server[0], c.server_tls,
	           &(struct renewal){.crl = "crl.pem"}, "revoked");
	net_stop(&c);
	c = (struct net_case){0};
	net_start(&c, &(struct net_setup){.server = "bad"});
	open_one(&c, 0);
	expect_end(&c, &c.client[0], c.client_tls,
	           &(struct renewal){.crl = "crl.pem"}, "revoked");
	net_stop(&c);
}

static void
so_does_who_is_of_another_ca(void **state)
{
	struct net_case c = {0};

	(void)state;
	net_start(&c, NULL);
	open_one(&c, 0);
	expect_end(&c, &c.server[0], c.server_tls,
	           &(struct renewal){.ca = "other.pem"}, "self-signed");
	net_stop(&c);
}

static void
the_names_hold_for_who_is_open(void **state)
{
	static const char *const names[] = {"other.test", "verifier.test"};
	const struct renewal same = {0};
	const struct tls_files files = files_of(&same, "host");
	struct net_case c = {0};
	struct err err = {0};
	struct tls *fresh;

	(void)state;
	net_start(&c, NULL);
	open_one(&c, 0);
	fresh = tls_renewed(c.server_tls, &files, &err);
	tls_allow(fresh, names, 2);
	tls_replace(c.server_tls, fresh);
	say(&c, 0);
	fresh = tls_renewed(c.server_tls, &files, &err);
	tls_allow(fresh, names, 1);
	tls_replace(c.server_tls, fresh);
	c.server[0].quit_closed = true;
	net_run(&c);
	assert_non_null(strstr(c.server[0].why.text, "allowed names"));
	net_stop(&c);
}

/* It began by the old rules, and ends by the new ones. */
static void
a_handshake_under_way_is_judged_by_the_new(void **state)
{
	struct net_case c = {.client[0].quit_closed = true,
	                     .client[0].quit_opened = true};

	(void)state;
	net_start(&c, &(struct net_setup){.server = "bad"});
	net_connect(&c, 0, "host.test");
	renew(c.client_tls, "verifier", &(struct renewal){.crl = "crl.pem"});
	net_run(&c);
	assert_false(c.client[0].opened);
	assert_non_null(strstr(c.client[0].why.text, "revoked"));
	net_stop(&c);
}

/* The client's is over a flight before the server's (RFC 8446, 2). */
static void
so_is_one_that_the_server_has_not_ended(void **state)
{
	struct net_case c = {.client[0].quit_opened = true};

	(void)state;
	net_start(&c, &(struct net_setup){.client = "bad"});
	net_connect(&c, 0, "host.test");
	net_run(&c);
	assert_int_equal(c.n_server, 0);
	renew(c.server_tls, "host", &(struct renewal){.crl = "crl.pem"});
	c.client[0].quit_closed = true;
	net_run(&c);
	assert_int_equal(c.n_server, 0);
	assert_int_equal(listener_refused(c.listener), 1);
	assert_non_null(strstr(listener_why(c.listener), "revoked"));
	net_stop(&c);
}

/* Somebody else is served between two turns. */
struct other {
	const struct net_case *c;
	struct watch *watch;
	size_t served, closed;
};

static void
on_other(void *arg)
{
	struct other *o = arg;

	if (++o->served != 2)
		return;
	for (size_t i = 0; i < MANY - 1; i++)
		o->closed += o->c->server[i].closed;
	watch_free(o->watch);
	loop_quit(o->c->loop);
}

static void
many_are_looked_at_in_their_turns(void **state)
{
	struct other other = {.served = 0};
	int ends[2];
	struct net_case c = {.limits = {MANY, MANY, CASE_MS}};

	(void)state;
	net_start(&c, &(struct net_setup){.client = "bad"});
	for (size_t i = 0; i < MANY; i++)
		open_one(&c, i);
	assert_int_equal(c.n_server, MANY);
	renew(c.server_tls, "host", &(struct renewal){.crl = "crl.pem"});
	/* One goes by itself, just before its turn. */
	stream_free(c.server[MANY - 1].stream);
	c.server[MANY - 1].stream = NULL;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	other.c = &c;
	other.watch = watch_fd(c.loop, ends[0], on_other, &other);
	net_run(&c);
	assert_in_range(other.closed, 0, MANY - 2);
	for (size_t i = 0; i < MANY - 1; i++)
		c.server[i].quit_closed = true;
	for (size_t i = 0; i < MANY - 1; i++)
		while (!c.server[i].closed)
			net_run(&c);
	close(ends[0]);
	close(ends[1]);
	net_stop(&c);
}

static void
a_review_ends_with_those_it_is_of(void **state)
{
	struct net_case c = {0};

	(void)state;
	net_start(&c, NULL);
	open_one(&c, 0);
	renew(c.server_tls, "host", &(struct renewal){.crl = "crl.pem"});
	renew(c.client_tls, "verifier", &(struct renewal){.crl = "crl.pem"});
	net_stop(&c);
}

static int
unix_socket(char path[64])
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(path, 64, "/tmp/virt-attest-passed.%d", getpid());
	memcpy(at.sun_path, path, strlen(path));
	(void)unlink(path);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

static void
on_passed(void *arg, struct stream *stream)
{
	struct net_case *c = arg;

	c->n_server++;
	stream_free(stream);
	loop_quit(c->loop);
}

static void
a_socket_that_was_passed_is_served_and_stays(void **state)
{
	const struct listener_limits limits = {.streams_max = 4};
	struct net_case c = {.loop = loop_new()};
	const struct listener_calls calls = {.accepted = on_passed, .arg = &c};
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd, client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct listener *l;
	struct err err = {0};
	char path[64];

	(void)state;
	fd = unix_socket(path);
	memcpy(at.sun_path, path, strlen(path));
	/* One that does not listen, and a file. */
	assert_null(listen_passed(c.loop, fd, &limits, &calls, &err));
	assert_null(listen_passed(c.loop, 0, &limits, &calls, &err));
	assert_non_null(strstr(err.text, "ListenStream"));
	assert_int_equal(listen(fd, 4), 0);
	l = listen_passed(c.loop, fd, &limits, &calls, &err);
	assert_non_null(l);
	assert_string_equal(listener_address(l), path);
	assert_int_equal(connect(client, (struct sockaddr *)&at, sizeof(at)),
	                 0);
	net_run(&c);
	assert_int_equal(c.n_server, 1);
	listener_free(l);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(unlink(path), 0);
	close(client);
	loop_free(c.loop);
}

/* 192.0.2.0/24 is nobody's (RFC 5737). */
static void
an_address_that_is_not_there_yet_is_no_failure(void **state)
{
	const struct listener_calls calls = {.accepted = on_passed};
	struct net_case c = {0};
	struct listener *l;
	struct err err = {0};

	(void)state;
	net_start(&c, NULL);
	assert_true(listener_is_there(c.listener));
	l = listen_tls(c.loop, c.server_tls, "192.0.2.77:0", &c.limits, &calls,
	               &err);
	assert_non_null(l);
	assert_false(listener_is_there(l));
	listener_free(l);
	l = listen_tls(c.loop, c.server_tls, "[2001:db8::77]:0", &c.limits,
	               &calls, &err);
	assert_non_null(l);
	assert_false(listener_is_there(l));
	listener_free(l);
	net_stop(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		the_next_one_sees_the_new_certificate_and_the_open_one_lives),
	    cmocka_unit_test(what_cannot_serve_leaves_the_old),
	    cmocka_unit_test(a_list_may_stand_before_its_follower),
	    cmocka_unit_test(an_old_list_beside_a_current_one_is_no_end),
	    cmocka_unit_test(who_is_revoked_ends_at_once),
	    cmocka_unit_test(so_does_who_is_of_another_ca),
	    cmocka_unit_test(the_names_hold_for_who_is_open),
	    cmocka_unit_test(a_handshake_under_way_is_judged_by_the_new),
	    cmocka_unit_test(so_is_one_that_the_server_has_not_ended),
	    cmocka_unit_test(many_are_looked_at_in_their_turns),
	    cmocka_unit_test(a_review_ends_with_those_it_is_of),
	    cmocka_unit_test(a_socket_that_was_passed_is_served_and_stays),
	    cmocka_unit_test(an_address_that_is_not_there_yet_is_no_failure),
	};

	return cmocka_run_group_tests(tests, net_group_start, net_group_end);
}
