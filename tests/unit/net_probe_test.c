/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The look at an endpoint's key, and Unix sockets. */
#include <errno.h>
#include <pthread.h>
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
#include <unistd.h>

#include <cmocka.h>
#include <openssl/ssl.h>

#include "net_help.h"

/* A server as libvirt's may be: it answers one connection on a thread. */
struct foreign {
	SSL_CTX *ctx;
	int fd;
	uint16_t port;
	pthread_t thread;
};

static void *
serve_one(void *arg)
{
	struct foreign *f = arg;
	int fd = accept(f->fd, NULL, NULL);
	SSL *ssl = SSL_new(f->ctx);
	char byte;

	SSL_set_fd(ssl, fd);
	/* Until the other end leaves. */
	if (SSL_accept(ssl) == 1)
		(void)SSL_read(ssl, &byte, 1);
	SSL_free(ssl);
	close(fd);
	return NULL;
}

static void
foreign_start(struct foreign *f, int version, const char *key, int verify)
{
	f->ctx = SSL_CTX_new(TLS_server_method());
	assert_non_null(f->ctx);
	SSL_CTX_set_min_proto_version(f->ctx, version);
	SSL_CTX_set_max_proto_version(f->ctx, version);
	assert_int_equal(
	    SSL_CTX_use_certificate_file(f->ctx, pki_path(&net_pki, "host.pem"),
	                                 SSL_FILETYPE_PEM),
	    1);
	assert_int_equal(SSL_CTX_use_PrivateKey_file(
			     f->ctx, pki_path(&net_pki, key), SSL_FILETYPE_PEM),
	                 1);
	SSL_CTX_set_verify(f->ctx, verify, NULL);
	f->fd = net_plain_listener(&f->port);
	assert_int_equal(pthread_create(&f->thread, NULL, serve_one, f), 0);
}

static void
foreign_stop(struct foreign *f)
{
	pthread_join(f->thread, NULL);
	SSL_CTX_free(f->ctx);
	close(f->fd);
}

struct look {
	struct loop *loop;
	struct probe *probe;
	bool seen;
	uint8_t sha256[32];
	struct err why;
};

static void
on_done(void *arg, const uint8_t *sha256, const struct err *why)
{
	struct look *look = arg;

	look->seen = sha256 != NULL;
	if (sha256 != NULL)
		memcpy(look->sha256, sha256, 32);
	look->why = *why;
	probe_free(look->probe); /* allowed in here */
	look->probe = NULL;
	loop_quit(look->loop);
}

static void
look_at(struct look *look, uint16_t port, uint64_t ms)
{
	const struct probe_target target = {"127.0.0.1", port, ms};

	*look = (struct look){.loop = loop_new()};
	look->probe = probe_new(look->loop, &target, on_done, look);
	loop_run(look->loop);
	assert_null(look->probe);
	loop_free(look->loop);
}

static void
the_key_is_seen(void **state)
{
	static const int verify[] = {
	    SSL_VERIFY_NONE, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT};
	static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	uint8_t sha256[32];

	(void)state;
	assert_true(
	    tls_spki_of_file(pki_path(&net_pki, "host.pem"), sha256, NULL));
	for (size_t i = 0; i < 4; i++) {
		struct foreign f;
		struct look look;

		foreign_start(&f, versions[i / 2], "host.key", verify[i % 2]);
		look_at(&look, f.port, CASE_MS);
		if (!look.seen)
			fail_msg("case %zu: %s", i, look.why.text);
		assert_memory_equal(look.sha256, sha256, 32);
		foreign_stop(&f);
	}
}

/* A certificate is public: who shows it need not have its key. */
static void
a_borrowed_certificate_proves_nothing(void **state)
{
	static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

	(void)state;
	pki_false_key(&net_pki, "false", "host");
	for (size_t i = 0; i < 2; i++) {
		struct foreign f;
		struct look look;

		foreign_start(&f, versions[i], "false.key", SSL_VERIFY_NONE);
		look_at(&look, f.port, CASE_MS);
		assert_false(look.seen);
		assert_int_equal(look.why.code, ERR_UNAVAILABLE);
		assert_non_null(strstr(look.why.text, "did not prove"));
		foreign_stop(&f);
	}
}

static void
no_server_is_no_key(void **state)
{
	struct look look;
	uint16_t port;
	int fd = net_plain_listener(&port);

	(void)state;
	look_at(&look, port, 50);
	assert_false(look.seen);
	assert_int_equal(look.why.code, ERR_TIMEOUT);
	close(fd);
	look_at(&look, port, CASE_MS);
	assert_false(look.seen);
	assert_int_equal(look.why.code, ERR_UNAVAILABLE);
	assert_non_null(strstr(look.why.text, "refused"));
}

struct local {
	struct loop *loop;
	struct stream *stream;
	size_t n, n_wanted;
};

static size_t
ignore_bytes(void *arg, struct span in)
{
	(void)arg;
	(void)in;
	return 0;
}

static void
ignore_closed(void *arg, const struct err *why)
{
	(void)arg;
	(void)why;
}

static void
on_local(void *arg, struct stream *stream)
{
	static const struct stream_calls calls = {.bytes = ignore_bytes,
	                                          .closed = ignore_closed};
	struct local *local = arg;

	stream_free(local->stream);
	local->stream = stream;
	stream_own(stream, &calls, local);
	if (++local->n == local->n_wanted)
		loop_quit(local->loop);
}

static int
connect_to(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

static void
a_unix_peer_is_known(void **state)
{
	/* The second attempt to listen looks who is there, and hangs up. */
	struct local local = {.loop = loop_new(), .n_wanted = 2};
	const struct listener_limits limits = {.streams_max = 4};
	const struct listener_calls calls = {.accepted = on_local,
	                                     .arg = &local};
	const char *path = pki_path(&net_pki, "socket");
	struct listener *l;
	struct err err;
	uint8_t exporter[32];
	struct stat found;
	uid_t uid;
	int fd;

	(void)state;
	l = listen_unix(local.loop, path, 0660, &limits, &calls, &err);
	assert_non_null(l);
	assert_int_equal(stat(path, &found), 0);
	assert_int_equal(found.st_mode & 07777, 0660);
	assert_null(listen_unix(local.loop, path, 0660, &limits, &calls, &err));
	assert_int_equal(err.code, ERR_EXISTS);
	fd = connect_to(path);
	loop_run(local.loop);
	assert_true(stream_peer_uid(local.stream, &uid));
	assert_int_equal(uid, getuid());
	assert_true(stream_peer_in_group(local.stream, getgid()));
	assert_false(stream_peer_in_group(local.stream, 4242424));
	assert_false(stream_exporter(local.stream, exporter));
	stream_free(local.stream);
	listener_free(l);
	assert_int_equal(access(path, F_OK), -1);
	loop_free(local.loop);
	close(fd);
}

static void
a_stale_socket_is_replaced_and_a_file_is_not(void **state)
{
	struct loop *loop = loop_new();
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	const struct listener_limits limits = {.streams_max = 4};
	const struct listener_calls calls = {.accepted = on_local, .arg = NULL};
	const char *path = pki_path(&net_pki, "stale");
	struct listener *l;
	struct err err;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	close(fd);
	l = listen_unix(loop, path, 0600, &limits, &calls, &err);
	assert_non_null(l);
	listener_free(l);
	path = pki_path(&net_pki, "host.pem");
	assert_null(listen_unix(loop, path, 0600, &limits, &calls, &err));
	assert_int_equal(access(path, F_OK), 0);
	loop_free(loop);
}

static void
an_address_is_a_literal_with_a_port(void **state)
{
	static const char *const bad[] = {
	    "",       "16515",       ":16515",      "127.0.0.1",
	    "host:1", "127.0.0.1:",  "127.0.0.1:x", "127.0.0.1:65536",
	    "[::1]",  "127.0.0.1:1 "};
	struct net_case c = {0};
	const struct listener_calls calls = {.accepted = on_local, .arg = NULL};
	struct err err;

	(void)state;
	net_start(&c, NULL);
	for (size_t i = 0; i < LENGTH_OF(bad); i++) {
		err = (struct err){0};
		if (listen_tls(c.loop, c.server_tls, bad[i], &c.limits, &calls,
		               &err) != NULL)
			fail_msg("'%s' was taken", bad[i]);
		assert_int_equal(err.code, ERR_CONFIG);
	}
	net_stop(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_key_is_seen),
	    cmocka_unit_test(a_borrowed_certificate_proves_nothing),
	    cmocka_unit_test(no_server_is_no_key),
	    cmocka_unit_test(a_unix_peer_is_known),
	    cmocka_unit_test(a_stale_socket_is_replaced_and_a_file_is_not),
	    cmocka_unit_test(an_address_is_a_literal_with_a_port),
	};

	return cmocka_run_group_tests(tests, net_group_start, net_group_end);
}
