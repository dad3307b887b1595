/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Peers that say nothing or nonsense, and owners that let go at every
 * moment. */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/ssl.h>

#include "net/net_private.h"
#include "net_help.h"

static void
nobody_listens(void **state)
{
	struct net_case c = {0};
	uint16_t port;
	int fd = net_plain_listener(&port);

	(void)state;
	close(fd);
	net_start(&c, NULL);
	c.client[0].quit_closed = true;
	net_connect_to(&c, 0, "127.0.0.1", port, CASE_MS);
	assert_false(c.client[0].closed); /* never from in there */
	net_run(&c);
	assert_int_equal(c.client[0].why.code, ERR_UNAVAILABLE);
	assert_non_null(strstr(c.client[0].why.text, "refused"));
	net_stop(&c);
}

static void
a_silent_server_is_a_timeout(void **state)
{
	struct net_case c = {0};
	uint16_t port;
	int fd = net_plain_listener(&port);

	(void)state;
	net_start(&c, NULL);
	c.client[0].quit_closed = true;
	net_connect_to(&c, 0, "127.0.0.1", port, 50);
	net_run(&c);
	assert_int_equal(c.client[0].why.code, ERR_TIMEOUT);
	net_stop(&c);
	close(fd);
}

static void
a_name_is_looked_up(void **state)
{
	struct net_case c = {0};
	struct addrinfo *known = NULL;

	(void)state;
	if (getaddrinfo("localhost", NULL, NULL, &known) != 0)
		skip(); /* a machine without /etc/hosts */
	freeaddrinfo(known);
	net_start(&c, NULL);
	c.client[0].quit_opened = true;
	net_connect_to(&c, 0, "localhost", c.port, CASE_MS);
	net_run(&c);
	/* Let go of one that is being looked up. */
	net_connect_to(&c, 1, "localhost", c.port, CASE_MS);
	net_stop(&c);
}

static void
no_such_name_is_unavailable(void **state)
{
	struct net_case c = {0};

	(void)state;
	net_start(&c, NULL);
	c.client[0].quit_closed = true;
	/* Refused by the resolver itself: the label is over 63 characters. */
	net_connect_to(&c, 0,
	               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.invalid",
	               c.port, CASE_MS);
	net_run(&c);
	assert_int_equal(c.client[0].why.code, ERR_UNAVAILABLE);
	assert_non_null(strstr(c.client[0].why.text, "look-up"));
	net_stop(&c);
}

/* Waits until the listener refused something: it has no event for that. */
static void
poll_refused(void *arg)
{
	struct net_case *c = arg;

	timer_free(c->poll);
	c->poll = NULL;
	if (listener_refused(c->listener) != 0)
		loop_quit(c->loop);
	else
		c->poll = timer_new(c->loop, 1, poll_refused, c);
}

static void
run_until_refused(struct net_case *c)
{
	c->poll = timer_new(c->loop, 1, poll_refused, c);
	net_run(c);
}

static void
a_slow_handshake_ends(void **state)
{
	struct net_case c = {.limits = {16, 8, 30}};
	char byte;
	int fd;

	(void)state;
	net_start(&c, NULL);
	fd = net_plain_socket(&c);
	run_until_refused(&c);
	assert_non_null(strstr(listener_why(c.listener), "too long"));
	net_stop(&c);
	assert_true(read(fd, &byte, 1) <= 0);
	close(fd);
}

static void
random_bytes_are_refused(void **state)
{
	struct net_case c = {0};
	uint8_t noise[4096];
	uint32_t x = 2463534242;
	int fd;

	(void)state;
	for (size_t i = 0; i < sizeof(noise); i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		noise[i] = (uint8_t)x;
	}
	net_start(&c, NULL);
	fd = net_plain_socket(&c);
	assert_int_equal(write(fd, noise, sizeof(noise)), sizeof(noise));
	run_until_refused(&c);
	c.client[0].quit_opened = true;
	net_connect(&c, 0, "host.test");
	net_run(&c);
	net_stop(&c);
	close(fd);
}

/* A client of plain OpenSSL that is not one of ours: its first bytes. */
static void
send_hello(int fd, int max_version, const char *alpn)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
	SSL *ssl;
	char *bytes;
	long len;

	assert_non_null(ctx);
	SSL_CTX_set_max_proto_version(ctx, max_version);
	ssl = SSL_new(ctx);
	SSL_set_bio(ssl, in, out);
	if (alpn != NULL)
		SSL_set_alpn_protos(ssl, (const unsigned char *)alpn,
		                    (unsigned)strlen(alpn));
	assert_int_equal(SSL_connect(ssl), -1);
	len = BIO_get_mem_data(out, &bytes);
	assert_int_equal(write(fd, bytes, (size_t)len), len);
	SSL_free(ssl);
	SSL_CTX_free(ctx);
}

static void
expect_hello_refused(int max_version, const char *alpn, uint8_t alert)
{
	struct net_case c = {0};
	uint8_t answer[7];
	int fd;

	net_start(&c, NULL);
	fd = net_plain_socket(&c);
	send_hello(fd, max_version, alpn);
	run_until_refused(&c);
	/* RFC 8446, 5.1 and 6: a fatal alert in a record of its own. */
	assert_int_equal(recv(fd, answer, sizeof(answer), 0), sizeof(answer));
	assert_int_equal(answer[0], 21);
	assert_int_equal(answer[5], 2);
	assert_int_equal(answer[6], alert);
	net_stop(&c);
	close(fd);
}

static void
tls_1_2_is_refused(void **state)
{
	(void)state;
	expect_hello_refused(TLS1_2_VERSION, "\6test/1", 70);
}

static void
no_alpn_is_refused(void **state)
{
	(void)state;
	expect_hello_refused(TLS1_3_VERSION, NULL, 120);
}

static void
a_cut_is_no_orderly_end(void **state)
{
	struct net_case c = {.server[0].quit_opened = true};
	struct sockaddr_storage peer;
	socklen_t size;

	(void)state;
	net_start(&c, NULL);
	net_connect(&c, 0, "host.test");
	net_run(&c);
	/* The client's process dies: the kernel closes its sockets. */
	c.server[0].quit_closed = true;
	for (int fd = 3; fd < 256; fd++) {
		size = sizeof(peer);
		if (getpeername(fd, (struct sockaddr *)&peer, &size) == 0 &&
		    peer.ss_family == AF_INET)
			(void)shutdown(fd, SHUT_WR);
	}
	net_run(&c);
	assert_int_equal(c.server[0].why.code, ERR_UNAVAILABLE);
	net_stop(&c);
}

static void
an_orderly_end_is_one(void **state)
{
	struct net_case c = {.server[0].quit_opened = true};

	(void)state;
	net_start(&c, NULL);
	net_connect(&c, 0, "host.test");
	net_run(&c);
	c.server[0].quit_closed = true;
	stream_free(c.client[0].stream);
	c.client[0].stream = NULL;
	net_run(&c);
	assert_int_equal(c.server[0].why.code, ERR_NONE);
	net_stop(&c);
}

static void
an_owner_may_let_go_in_every_call(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct net_case c = {.server[0].echo = true};

		c.free_accepted = i == 0;
		c.client[0].quit_closed = i == 0 || i == 3;
		c.client[0].free_at_opened = i == 1;
		c.client[0].quit_opened = i != 0;
		c.client[0].free_at_bytes = i == 2;
		c.client[0].free_at_closed = i == 0 || i == 3;
		net_start(&c, NULL);
		net_connect(&c, 0, "host.test");
		net_run(&c);
		if (i == 2) {
			stream_write(c.client[0].stream, span_str("x"));
			c.client[0].quit_bytes = 1;
			net_run(&c);
		} else if (i == 3) {
			stream_finish(c.client[0].stream);
			net_run(&c);
		}
		assert_null(c.client[0].stream);
		net_stop(&c);
	}
}

static void
quit_loop(void *arg)
{
	loop_quit(arg);
}

/* The loop stops between the bytes' arrival and the call that takes them:
 * what libevent had put off must not hold the connection for ever. */
static void
a_stop_in_mid_turn_leaves_nothing_open(void **state)
{
	struct net_case c = {0};
	struct timeval wait = {.tv_sec = 2};
	struct watch *came;
	struct timer *due;
	uint16_t port;
	char byte;
	int listener = net_plain_listener(&port), fd;

	(void)state;
	for (int i = 0; i < 8; i++) {
		net_start(&c, NULL);
		net_connect_to(&c, 0, "127.0.0.1", port, CASE_MS);
		came = watch_fd(c.loop, listener, quit_loop, c.loop);
		net_run(&c);
		watch_free(came);
		fd = accept(listener, NULL, NULL);
		came = watch_fd(c.loop, fd, quit_loop, c.loop);
		net_run(&c);
		watch_free(came);
		assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait,
		                            sizeof(wait)),
		                 0);
		assert_int_equal(write(fd, "nonsense", 8), 8);
		due = timer_new(c.loop, 1, quit_loop, c.loop);
		usleep(5000); /* both are ready in the loop's first turn */
		loop_run(c.loop);
		timer_free(due);
		net_stop(&c);
		errno = 0;
		while (recv(fd, &byte, 1, 0) > 0)
			;
		/* An end or a reset, but not: still open. */
		assert_int_not_equal(errno, EAGAIN);
		close(fd);
		memset(&c, 0, sizeof(c));
	}
	close(listener);
}

static int
option(int fd, int name)
{
	socklen_t size = sizeof(int);
	int value = 0;

	assert_int_equal(getsockopt(fd, IPPROTO_TCP, name, &value, &size), 0);
	return value;
}

/* Where one packet in fifty is lost, a probe is unanswered one time in 25.  A
 * thousand idle hosts are probed 720,000 times an hour: five that are lost in a
 * row would end a connection of a host that is well every ten hours. */
static void
an_idle_connection_outlives_lost_probes(void **state)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), ends_ms,
	    probes;

	(void)state;
	stream_tune(fd);
	ends_ms = option(fd, TCP_USER_TIMEOUT);
	probes = (ends_ms / 1000 - option(fd, TCP_KEEPIDLE)) /
	         option(fd, TCP_KEEPINTVL);
	assert_in_range(probes, 7, 20);
	assert_true(option(fd, TCP_KEEPCNT) >= 7);
	assert_in_range(ends_ms, 1, 20000); /* a dead host is noticed */
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_stop_in_mid_turn_leaves_nothing_open),
	    cmocka_unit_test(an_idle_connection_outlives_lost_probes),
	    cmocka_unit_test(nobody_listens),
	    cmocka_unit_test(a_silent_server_is_a_timeout),
	    cmocka_unit_test(a_name_is_looked_up),
	    cmocka_unit_test(no_such_name_is_unavailable),
	    cmocka_unit_test(a_slow_handshake_ends),
	    cmocka_unit_test(random_bytes_are_refused),
	    cmocka_unit_test(tls_1_2_is_refused),
	    cmocka_unit_test(no_alpn_is_refused),
	    cmocka_unit_test(a_cut_is_no_orderly_end),
	    cmocka_unit_test(an_orderly_end_is_one),
	    cmocka_unit_test(an_owner_may_let_go_in_every_call),
	};

	return cmocka_run_group_tests(tests, net_group_start, net_group_end);
}
