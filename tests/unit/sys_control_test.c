/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The client of the control socket: it waits for no one longer than it was
 * told, takes one whole line or nothing, and makes sure who serves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "sys/control.h"
#include "sys/sys.h"

/* Long enough for what must come, short for what must not; who is nobody. */
enum {
	COMES_MS = 10000,
	NEVER_MS = 60,
	TWICE_MS = 2 * NEVER_MS,
	LONGER_MS = 4 * NEVER_MS,
	REPLY_MAX = 64,
	NOBODY = 65534
};

static char folder[64], path[96];

static int
set_up(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/virt-attest.XXXXXX");
	if (mkdtemp(folder) == NULL || chmod(folder, 0711) != 0)
		return 1;
	snprintf(path, sizeof(path), "%s/v.sock", folder);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

/* A server's socket of this account; who listens is who serves. */
static int
serve(uid_t uid, int backlog)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	uid_t own = geteuid();
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(at.sun_path, path, strlen(path));
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(chmod(path, 0777), 0);
	assert_int_equal(seteuid(uid), 0);
	assert_int_equal(listen(fd, backlog), 0);
	assert_int_equal(seteuid(own), 0);
	return fd;
}

static void
expect_no_server(uint64_t timeout_ms, enum err_code code, const char *words)
{
	struct err err = {0};

	assert_int_equal(control_connect(path, timeout_ms, &err), -1);
	assert_int_equal(err.code, code);
	if (strstr(err.text, words) == NULL)
		fail_msg("'%s' is not in '%s'", words, err.text);
}

static void
a_server_of_our_own_is_taken(void **state)
{
	struct err err = {0};
	int server = serve(geteuid(), 4), fd;

	(void)state;
	fd = control_connect(path, COMES_MS, &err);
	if (fd < 0)
		fail_msg("%s", err.text);
	assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	close(fd);
	close(server);
}

static void
no_server_is_said_at_once(void **state)
{
	uint64_t before = sys_boot_ms();

	(void)state;
	expect_no_server(COMES_MS, ERR_UNAVAILABLE, "No such file");
	close(serve(geteuid(), 4)); /* it died, and its file is still there */
	expect_no_server(COMES_MS, ERR_UNAVAILABLE, "refused");
	assert_true(sys_boot_ms() - before < COMES_MS);
}

static void
a_path_that_no_socket_has_is_refused(void **state)
{
	char name[200];
	struct err err = {0};

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[0] = '/';
	name[108] = '\0';
	assert_int_equal(control_connect(name, COMES_MS, &err), -1);
	assert_int_equal(err.code, ERR_CONFIG);
	name[107] = '\0'; /* the longest that there is (unix(7)) */
	assert_int_equal(control_connect(name, COMES_MS, &err), -1);
	assert_int_equal(err.code, ERR_UNAVAILABLE);
}

static void
a_full_server_is_waited_for_until_the_deadline(void **state)
{
	enum { MORE = 8 };
	int server = serve(geteuid(), 0), fds[MORE], n = 0;
	uint64_t before;
	struct err err = {0};

	(void)state;
	do {
		before = sys_boot_ms();
		fds[n] = control_connect(path, NEVER_MS, &err);
	} while (fds[n] >= 0 && ++n < MORE);
	assert_in_range(n, 1, MORE - 1);
	assert_int_equal(err.code, ERR_TIMEOUT);
	assert_true(sys_boot_ms() - before >= NEVER_MS);
	while (n-- > 0)
		close(fds[n]);
	close(server);
}

static void
a_stranger_is_no_server(void **state)
{
	int server;

	(void)state;
	if (geteuid() != 0)
		skip();
	server = serve(NOBODY, 4);
	expect_no_server(COMES_MS, ERR_DENIED, "uid 65534");
	close(server);
}

/* Root serves everybody, and everybody serves himself.  A socket unit's socket
 * is root's until somebody served it: systemd called listen(2). */
static void
root_and_oneself_are_servers(void **state)
{
	static const uid_t servers[] = {0, NOBODY};

	(void)state;
	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i < LENGTH_OF(servers); i++) {
		int server = serve(servers[i], 4), fd;
		struct err err = {0};

		assert_int_equal(seteuid(NOBODY), 0);
		fd = control_connect(path, COMES_MS, &err);
		assert_int_equal(seteuid(0), 0);
		if (fd < 0)
			fail_msg("%s", err.text);
		close(fd);
		close(server);
		unlink(path);
	}
}

/* The two ends of a connection; the client's as control_connect() gives it. */
struct pair {
	int client, server;
};

static struct pair
connected(void)
{
	int fds[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	return (struct pair){fds[0], fds[1]};
}

/* The server said this beforehand, and then hung up or not. */
static bool
exchange(const char *said, bool hangs_up, uint64_t timeout_ms, struct buf *out,
         struct err *err)
{
	struct pair p = connected();
	bool ok;

	assert_int_equal(write(p.server, said, strlen(said)), strlen(said));
	if (hangs_up)
		assert_int_equal(shutdown(p.server, SHUT_WR), 0);
	ok = control_exchange(p.client, span_str("ask\n"), REPLY_MAX,
	                      timeout_ms, out, err);
	close(p.client);
	close(p.server);
	return ok;
}

static void
a_whole_line_is_an_answer(void **state)
{
	AUTO(buf_done) struct buf reply = {0};
	char full[REPLY_MAX + 1];
	struct err err = {0};

	(void)state;
	assert_true(exchange("yes\n", false, COMES_MS, &reply, &err));
	assert_true(span_eq(buf_span(&reply), span_str("yes")));
	/* Also from one who hung up behind it; nothing of before is left. */
	assert_true(exchange("\n", true, COMES_MS, &reply, &err));
	assert_int_equal(reply.len, 0);
	memset(full, 'x', sizeof(full));
	full[REPLY_MAX - 1] = '\n';
	full[REPLY_MAX] = '\0';
	assert_true(exchange(full, false, COMES_MS, &reply, &err));
	assert_int_equal(reply.len, REPLY_MAX - 1);
}

static void
what_is_no_whole_line_is_no_answer(void **state)
{
	char over[REPLY_MAX + 2];
	const struct {
		const char *said;
		bool hangs_up;
		enum err_code code;
	} cases[] = {
	    {"", true, ERR_UNAVAILABLE},
	    {"half", true, ERR_UNAVAILABLE},
	    {"", false, ERR_TIMEOUT},
	    {"half", false, ERR_TIMEOUT},
	    {"yes\nno\n", false, ERR_MALFORMED},
	    {"yes\nn", true, ERR_MALFORMED},
	    {over, false, ERR_LIMIT},
	    {over + 1, false, ERR_TIMEOUT},
	};

	(void)state;
	memset(over, 'x', sizeof(over));
	over[REPLY_MAX + 1] = '\0';
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		bool late = cases[i].code == ERR_TIMEOUT;
		AUTO(buf_done) struct buf reply = {0};
		struct err err = {0};
		uint64_t before = sys_boot_ms();

		if (exchange(cases[i].said, cases[i].hangs_up,
		             late ? NEVER_MS : COMES_MS, &reply, &err))
			fail_msg("taken: case %zu", i);
		if (err.code != cases[i].code)
			fail_msg("case %zu: %s", i, err.text);
		if (late)
			assert_true(sys_boot_ms() - before >= NEVER_MS);
	}
}

static void
a_server_that_is_gone_is_said(void **state)
{
	AUTO(buf_done) struct buf reply = {0};
	struct pair p = connected();
	struct err err = {0};

	(void)state;
	close(p.server); /* and no signal comes (SIGPIPE) */
	assert_false(control_exchange(p.client, span_str("ask\n"), REPLY_MAX,
	                              COMES_MS, &reply, &err));
	assert_int_equal(err.code, ERR_UNAVAILABLE);
	close(p.client);
}

struct slow {
	int fd;
	size_t n_read;
	bool silent; /* it does not answer */
};

/* Takes the whole question, piece by piece, then answers in two pieces. */
static void *
read_then_answer(void *arg)
{
	struct slow *s = arg;
	uint8_t part[1000];
	ssize_t n;

	do {
		n = read(s->fd, part, sizeof(part));
		s->n_read += n > 0 ? (size_t)n : 0;
	} while (n > 0 && part[n - 1] != '\n');
	if (s->silent)
		return NULL;
	(void)!write(s->fd, "ye", 2);
	(void)!write(s->fd, "s\n", 2);
	return NULL;
}

/* Whether the question was read tells who is slow from who is not there. */
static void
a_question_that_nobody_takes_is_said(void **state)
{
	static const char not_taken[] = "did not take the question";
	const uint64_t taken_ms = CONTROL_TAKEN_MS;

	(void)state;
	assert_in_range(taken_ms, 6000, 15000); /* RestartSec=; patience */
	for (int reads = 0; reads < 2; reads++) {
		AUTO(buf_done) struct buf reply = {0};
		struct pair p = connected();
		struct err err = {0};
		struct slow slow = {.fd = p.server, .silent = true};
		pthread_t thread;

		if (reads)
			assert_int_equal(pthread_create(&thread, NULL,
			                                read_then_answer,
			                                &slow),
			                 0);
		assert_false(control_exchange(p.client, span_str("ask\n"),
		                              REPLY_MAX, TWICE_MS, &reply,
		                              &err));
		assert_int_equal(err.code, ERR_TIMEOUT);
		if ((strstr(err.text, not_taken) == NULL) != (reads == 1))
			fail_msg("%d: '%s'", reads, err.text);
		if (!reads && strstr(err.text, "systemctl status") == NULL)
			fail_msg("no remedy: '%s'", err.text);
		err = (struct err){0};
		if (control_say(p.client, span_str("more\n"), NEVER_MS, &err))
			fail_msg("said to nobody");
		if (reads)
			pthread_join(thread, NULL);
		close(p.client);
		close(p.server);
	}
}

/* More than a socket holds, for a server that does not read. */
static void
a_server_that_does_not_read_is_not_waited_for(void **state)
{
	AUTO(buf_done) struct buf reply = {0}, line = {0};
	static const uint8_t block[64 * 1024];
	struct pair p = connected();
	uint64_t before = sys_boot_ms();
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < 64; i++)
		buf_add(&line, span_of(block, sizeof(block)));
	assert_false(control_exchange(p.client, buf_span(&line), REPLY_MAX,
	                              NEVER_MS, &reply, &err));
	assert_int_equal(err.code, ERR_TIMEOUT);
	assert_true(sys_boot_ms() - before >= NEVER_MS);
	close(p.client);
	close(p.server);
}

static void
a_long_question_arrives_whole(void **state)
{
	AUTO(buf_done) struct buf reply = {0}, line = {0};
	static const uint8_t block[64 * 1024];
	struct pair p = connected();
	struct slow slow = {.fd = p.server};
	struct err err = {0};
	pthread_t thread;

	(void)state;
	for (size_t i = 0; i < 16; i++)
		buf_add(&line, span_of(block, sizeof(block)));
	buf_u8(&line, '\n');
	assert_int_equal(pthread_create(&thread, NULL, read_then_answer, &slow),
	                 0);
	if (!control_exchange(p.client, buf_span(&line), REPLY_MAX, COMES_MS,
	                      &reply, &err))
		fail_msg("%s", err.text);
	pthread_join(thread, NULL);
	assert_int_equal(slow.n_read, line.len);
	assert_true(span_eq(buf_span(&reply), span_str("yes")));
	close(p.client);
	close(p.server);
}

/* One byte now and then, and never an end, until nobody listens. */
static void *
drip(void *arg)
{
	const struct slow *s = arg;

	while (send(s->fd, "x", 1, MSG_NOSIGNAL) == 1)
		(void)poll(NULL, 0, NEVER_MS / 4);
	return NULL;
}

static void
who_drips_has_no_more_time_than_others(void **state)
{
	AUTO(buf_done) struct buf reply = {0};
	struct pair p = connected();
	struct slow slow = {.fd = p.server};
	struct err err = {0};
	pthread_t thread;
	bool ok;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, drip, &slow), 0);
	ok = control_exchange(p.client, span_str("ask\n"), REPLY_MAX, LONGER_MS,
	                      &reply, &err);
	close(p.client);
	pthread_join(thread, NULL);
	close(p.server);
	assert_false(ok);
	assert_int_equal(err.code, ERR_TIMEOUT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_server_of_our_own_is_taken),
	    TEST(no_server_is_said_at_once),
	    TEST(a_path_that_no_socket_has_is_refused),
	    TEST(a_full_server_is_waited_for_until_the_deadline),
	    TEST(a_stranger_is_no_server),
	    TEST(root_and_oneself_are_servers),
	    cmocka_unit_test(a_whole_line_is_an_answer),
	    cmocka_unit_test(what_is_no_whole_line_is_no_answer),
	    cmocka_unit_test(a_server_that_is_gone_is_said),
	    cmocka_unit_test(a_question_that_nobody_takes_is_said),
	    cmocka_unit_test(a_server_that_does_not_read_is_not_waited_for),
	    cmocka_unit_test(a_long_question_arrives_whole),
	    cmocka_unit_test(who_drips_has_no_more_time_than_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
