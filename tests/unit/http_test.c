/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The page for programs on this machine: who may ask, how, and how long.  The
 * loop runs on a thread of its own, so that a client is a plain socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "net/http.h"
#include "net/http_head.h"

enum { ANSWER_MAX = 4096, WAIT_S = 10 };

static struct page_server {
	struct loop *loop;
	struct http *http;
	struct watch *watch;
	int stop[2];
	pthread_t thread;
	char accept[HTTP_ACCEPT_MAX];
	unsigned asked;
} s;

static const char *
get(void *arg, const char *accept, struct buf *body)
{
	(void)arg;
	s.asked++;
	snprintf(s.accept, sizeof(s.accept), "%s", accept);
	buf_text(body, "page\n");
	return "text/x-test";
}

static void
on_stop(void *arg)
{
	loop_quit(arg);
}

static void *
serve(void *arg)
{
	loop_run(arg);
	return NULL;
}

static void
start(const char *where)
{
	const struct http_page page = {.path = "/metrics", .get = get};
	struct err err = {0};

	memset(&s, 0, sizeof(s));
	s.loop = loop_new();
	s.http = http_listen(s.loop, where, &page, &err);
	assert_string_equal(err.text, "");
	assert_int_equal(pipe(s.stop), 0);
	s.watch = watch_fd(s.loop, s.stop[0], on_stop, s.loop);
	assert_int_equal(pthread_create(&s.thread, NULL, serve, s.loop), 0);
}

static void
stop(void)
{
	assert_int_equal(write(s.stop[1], "x", 1), 1);
	pthread_join(s.thread, NULL);
	watch_free(s.watch);
	http_free(s.http);
	loop_free(s.loop);
	close(s.stop[0]);
	close(s.stop[1]);
}

static int
connected(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	const struct timeval wait = {.tv_sec = WAIT_S};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port =
	    htons((uint16_t)atoi(strchr(http_address(s.http), ':') + 1));
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	return fd;
}

/* Until it closes; the descriptor is closed, too. */
static void
hear(int fd, char answer[ANSWER_MAX])
{
	size_t n = 0;
	ssize_t got;

	while ((got = read(fd, answer + n, ANSWER_MAX - 1 - n)) > 0)
		n += (size_t)got;
	answer[n] = '\0';
	close(fd);
}

static void
ask(const char *request, char answer[ANSWER_MAX])
{
	int fd = connected();

	assert_int_equal(write(fd, request, strlen(request)), strlen(request));
	hear(fd, answer);
}

static void
is_status(const char *request, const char *status)
{
	char answer[ANSWER_MAX];

	ask(request, answer);
	assert_memory_equal(answer, "HTTP/1.1 ", 9);
	assert_memory_equal(answer + 9, status, strlen(status));
}

static void
a_page_is_given(void **state)
{
	char answer[ANSWER_MAX];

	(void)state;
	start("127.0.0.1:0");
	ask("GET /metrics?x=1 HTTP/1.1\r\nHost: a\r\naCCept: "
	    "text/one,two\r\n\r\n",
	    answer);
	assert_string_equal(answer,
	                    "HTTP/1.1 200 OK\r\nContent-Type: text/x-test\r\n"
	                    "Content-Length: 5\r\nConnection: close\r\n"
	                    "X-Content-Type-Options: nosniff\r\n\r\npage\n");
	assert_non_null(strstr(s.accept, "text/one,two"));
	stop();
}

static void
a_request_may_come_in_pieces(void **state)
{
	const char request[] = "GET /metrics HTTP/1.0\r\n\r\n";
	char answer[ANSWER_MAX];
	int fd;

	(void)state;
	start("127.0.0.1:0");
	fd = connected();
	for (size_t i = 0; i < sizeof(request) - 1; i++)
		assert_int_equal(write(fd, request + i, 1), 1);
	hear(fd, answer);
	assert_memory_equal(answer, "HTTP/1.1 200 ", 13);
	assert_int_equal(s.asked, 1);
	stop();
}

static void
what_is_no_question_is_refused(void **state)
{
	char is_long[HTTP_HEAD_MAX + 1];

	(void)state;
	memset(is_long, 'x', HTTP_HEAD_MAX);
	is_long[HTTP_HEAD_MAX] = '\0';
	start("127.0.0.1:0");
	is_status("POST /metrics HTTP/1.1\r\nContent-Length: 9\r\n\r\n", "405");
	is_status("HEAD /metrics HTTP/1.1\r\n\r\n", "405");
	is_status("GET / HTTP/1.1\r\n\r\n", "404");
	is_status("GET /metrics/ HTTP/1.1\r\n\r\n", "404");
	is_status("GET /metrics HTTP/2.0\r\n\r\n", "400");
	is_status("GET  /metrics HTTP/1.1\r\n\r\n", "400");
	is_status("GET /metrics\r\n\r\n", "400");
	is_status("GET /metrics HTTP/1.1\r\nno header\r\n\r\n", "400");
	is_status("GET /metrics HTTP/1.1\r\na : 1\r\n\r\n", "400");
	is_status("GET /metrics HTTP/1.1\r\n: 1\r\n\r\n", "400");
	is_status("GET /metrics HTTP/1.1\r\na: \x1b[2J\r\n\r\n", "400");
	is_status(is_long, "431");
	assert_int_equal(s.asked, 0);
	stop();
}

static void
who_says_nothing_makes_room(void **state)
{
	int silent[HTTP_CLIENTS_MAX + 4];
	char answer[ANSWER_MAX];

	(void)state;
	start("127.0.0.1:0");
	for (size_t i = 0; i < LENGTH_OF(silent); i++)
		silent[i] = connected();
	ask("GET /metrics HTTP/1.1\r\n\r\n", answer);
	assert_memory_equal(answer, "HTTP/1.1 200 ", 13);
	/* Five had to go, and those came first. */
	for (size_t i = 0; i < LENGTH_OF(silent); i++) {
		if (i < 5)
			assert_int_equal(read(silent[i], answer, 1), 0);
		else
			assert_int_equal(
			    recv(silent[i], answer, 1, MSG_DONTWAIT), -1);
		close(silent[i]);
	}
	stop();
}

static void
a_socket_is_for_its_group(void **state)
{
	char path[] = "/tmp/http_test.XXXXXX", where[100];
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	const char request[] = "GET /metrics HTTP/1.1\r\n\r\n";
	char answer[ANSWER_MAX];
	struct stat found;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(path));
	snprintf(where, sizeof(where), "unix:%s/sock", path);
	start(where);
	assert_int_equal(stat(where + 5, &found), 0);
	assert_int_equal(found.st_mode & 07777, HTTP_SOCKET_MODE);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	snprintf(to.sun_path, sizeof(to.sun_path), "%.100s", where + 5);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(write(fd, request, strlen(request)), strlen(request));
	hear(fd, answer);
	assert_memory_equal(answer, "HTTP/1.1 200 ", 13);
	stop();
	assert_int_equal(stat(where + 5, &found), -1);
	assert_int_equal(rmdir(path), 0);
}

static void
only_this_machine_may_ask(void **state)
{
	static const char *const good[] = {"", "127.0.0.1:9116", "127.9.9.9:1",
	                                   "[::1]:9116", "unix:/run/x"};
	static const char *const bad[] = {
	    "0.0.0.0:9116",   "[::]:9116",  "10.0.0.1:9116",
	    "localhost:9116", "127.1:9116", "[::ffff:127.0.0.1]:9116",
	    "127.0.0.1",      "127.0.0.1:", "127.0.0.1:65536",
	    "127.0.0.1:-1",   "unix:run/x", "127.0.0.1.example.org:9116",
	    "::1:9116",       ":9116",      "[::1%lo]:9116",
	    "[127.0.0.1]:1",  "9116",       "/run/x"};
	const struct http_page page = {.path = "/metrics", .get = get};
	struct loop *loop = loop_new();
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(good); i++)
		assert_true(http_where_allowed(good[i], &err));
	for (size_t i = 0; i < LENGTH_OF(bad); i++) {
		assert_false(http_where_allowed(bad[i], &err));
		assert_non_null(strstr(err.text, "neither a loopback"));
		assert_null(http_listen(loop, bad[i], &page, &err));
	}
	loop_free(loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_page_is_given),
	    cmocka_unit_test(a_request_may_come_in_pieces),
	    cmocka_unit_test(what_is_no_question_is_refused),
	    cmocka_unit_test(who_says_nothing_makes_room),
	    cmocka_unit_test(a_socket_is_for_its_group),
	    cmocka_unit_test(only_this_machine_may_ask),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
