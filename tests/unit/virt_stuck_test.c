/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Peers that say nothing or go away, and calls that do not come back. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "virt_help.h"

enum { SOON_MS = 10000 }; /* far below a limit that was not shortened */

static uint64_t
clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* --- peers that are none --- */

static int
listening(struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char dir[] = "/tmp/virt-endpoint-XXXXXX";

	assert_true(fd >= 0);
	assert_non_null(mkdtemp(dir));
	*at = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(at->sun_path, sizeof(at->sun_path), "%s/s", dir);
	assert_int_equal(bind(fd, (struct sockaddr *)at, sizeof(*at)), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

static void
forget(int fd, const struct sockaddr_un *at)
{
	char dir[sizeof(at->sun_path)];

	close(fd);
	unlink(at->sun_path);
	snprintf(dir, sizeof(dir), "%s", at->sun_path);
	*strrchr(dir, '/') = '\0';
	rmdir(dir);
}

static void
test_mute(void **state)
{
	const struct endpoint_limits limits = {.connect_ms = 200,
	                                       .call_ms = 200,
	                                       .question_ms = 60000,
	                                       .close_ms = 60000};
	struct sockaddr_un at;
	int fd = listening(&at);
	uint64_t begin = clock_ms();
	struct err err = {0};
	char uri[256];

	(void)state;
	snprintf(uri, sizeof(uri), "qemu+unix:///system?socket=%s",
	         at.sun_path);
	assert_null(endpoint_open_within(uri, &limits, &err));
	check_said(&err, ERR_TIMEOUT,
	           "has not answered virConnectOpenAuth for");
	check_said(&err, ERR_TIMEOUT, uri);
	assert_true(clock_ms() - begin < SOON_MS);
	forget(fd, &at);
}

/* One that hangs up; and libvirt prints nothing of it. */
static void
test_gone(void **state)
{
	int before = dup(STDERR_FILENO), said[2];
	struct err err = {0};
	char printed[256];

	(void)state;
	assert_int_equal(pipe2(said, O_CLOEXEC | O_NONBLOCK), 0);
	dup2(said[1], STDERR_FILENO);
	assert_null(
	    endpoint_open("qemu+unix:///system?socket=/nowhere/s", &err));
	dup2(before, STDERR_FILENO);
	close(before);
	check_said(&err, ERR_UNAVAILABLE, "no connection to libvirt at qemu+");
	check_said(&err, ERR_UNAVAILABLE, "/nowhere/s");
	assert_int_equal(read(said[0], printed, sizeof(printed)), -1);
	close(said[0]);
	close(said[1]);
	assert_null(endpoint_open("nosuchdriver:///system", &err));
	assert_int_equal(err.code, ERR_UNAVAILABLE);
}

/* --- a call that hangs in a question --- */

static int hang[2], ended[2];

static int
callOfNoReturn(void)
{
	char byte;

	return (int)read(hang[0], &byte, 1);
}

static bool
ask_that_hangs(struct endpoint *e, struct question *q)
{
	(void)CALL(e, callOfNoReturn);
	/* The memory is the question's still. */
	q->answer = arena_new(&q->arena, 1, sizeof(int));
	assert_true(endpoint_is_given_up(e));
	assert_int_equal(write(ended[1], "x", 1), 1);
	return true;
}

static void
test_stuck(void **state)
{
	const struct endpoint_limits limits = {.connect_ms = 60000,
	                                       .call_ms = 100,
	                                       .question_ms = 60000,
	                                       .close_ms = 60000};
	AUTO(arena_done) struct arena a = {0};
	struct endpoint_domains names = {0};
	struct err err = {0};
	struct endpoint *e;
	uint64_t begin;
	int answer = 7;
	char byte;

	(void)state;
	assert_int_equal(pipe2(hang, O_CLOEXEC), 0);
	assert_int_equal(pipe2(ended, O_CLOEXEC), 0);
	e = endpoint_open_within("test:///default", &limits, &err);
	assert_non_null(e);
	begin = clock_ms();
	assert_false(endpoint_ask(e, question_new(ask_that_hangs), &a, &answer,
	                          sizeof(answer), &err));
	check_said(&err, ERR_TIMEOUT,
	           "libvirtd of test:///default has not answered "
	           "callOfNoReturn for");
	/* Nothing more is asked of it, and nobody gets a connection that its
	 * thread closes as soon as it comes back. */
	err = (struct err){0};
	assert_null(endpoint_share(e, &err));
	check_said(&err, ERR_UNAVAILABLE, "was given up");
	err = (struct err){0};
	assert_false(endpoint_domains(e, false, &a, &names, &err));
	check_said(&err, ERR_TIMEOUT, "callOfNoReturn");
	endpoint_free(e);
	assert_true(clock_ms() - begin < SOON_MS);
	assert_int_equal(answer, 7);
	/* It comes back at last, to nobody. */
	assert_int_equal(write(hang[1], "x", 1), 1);
	assert_int_equal(read(ended[0], &byte, 1), 1);
	close(hang[0]);
	close(hang[1]);
	close(ended[0]);
	close(ended[1]);
}

static bool
ask_that_loses(struct endpoint *e, struct question *q)
{
	e->lost = true;
	e->lost_words = strdup("it was pulled out");
	return endpoint_is_there(e, &q->err);
}

static void
test_lost(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	struct endpoint *e = opened("test:///default");
	struct endpoint_domains names = {0};
	struct err err = {0};

	(void)state;
	assert_false(
	    endpoint_ask(e, question_new(ask_that_loses), &a, NULL, 0, &err));
	check_said(&err, ERR_UNAVAILABLE,
	           "test:///default is gone: it was pulled out");
	err = (struct err){0};
	assert_false(endpoint_domains(e, false, &a, &names, &err));
	check_said(&err, ERR_UNAVAILABLE, "it was pulled out");
	endpoint_free(e);
}

static bool
ask_for_ever(struct endpoint *e, struct question *q)
{
	(void)q;
	while (!endpoint_is_given_up(e))
		(void)CALL(e, getpid);
	return false;
}

/* Each call is answered, and there is no end of them. */
static void
test_endless(void **state)
{
	const struct endpoint_limits limits = {.connect_ms = 60000,
	                                       .call_ms = 60000,
	                                       .question_ms = 100,
	                                       .close_ms = 60000};
	AUTO(arena_done) struct arena a = {0};
	struct err err = {0};
	struct endpoint *e;
	uint64_t begin;

	(void)state;
	e = endpoint_open_within("test:///default", &limits, &err);
	assert_non_null(e);
	begin = clock_ms();
	assert_false(
	    endpoint_ask(e, question_new(ask_for_ever), &a, NULL, 0, &err));
	check_said(&err, ERR_TIMEOUT, "what it was asked, at getpid");
	endpoint_free(e);
	assert_true(clock_ms() - begin < SOON_MS);
	endpoint_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_mute),    cmocka_unit_test(test_gone),
	    cmocka_unit_test(test_stuck),   cmocka_unit_test(test_lost),
	    cmocka_unit_test(test_endless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
