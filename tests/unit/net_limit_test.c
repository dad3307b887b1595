/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Limits: of what is read, what is unsent, who waits, and of descriptors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "net_help.h"

enum { SILENT = 500, LOAD = 200 * 1024, REST_MS = 300 };

static void
silent_connections_do_not_keep_a_good_one_out(void **state)
{
	struct net_case c = {.limits = {16, 8, CASE_MS}};
	int fds[SILENT];

	(void)state;
	net_start(&c, NULL);
	for (size_t i = 0; i < SILENT; i++)
		fds[i] = net_plain_socket(&c);
	c.client[0].quit_opened = true;
	net_connect(&c, 0, "host.test");
	net_run(&c);
	assert_true(c.client[0].opened);
	assert_true(listener_refused(c.listener) >= SILENT - 8);
	net_stop(&c);
	for (size_t i = 0; i < SILENT; i++)
		close(fds[i]);
}

static void
too_many_streams_are_closed(void **state)
{
	struct net_case c = {.limits = {1, 8, CASE_MS}};

	(void)state;
	net_start(&c, NULL);
	c.server[0].quit_opened = true;
	net_connect(&c, 0, "host.test");
	net_run(&c);
	c.client[1].quit_closed = true;
	net_connect(&c, 1, "host.test");
	net_run(&c);
	assert_int_equal(c.n_server, 1);
	/* When the first has left there is room. */
	stream_free(c.server[0].stream);
	c.server[0].stream = NULL;
	c.server[1].quit_opened = true;
	net_connect(&c, 2, "host.test");
	net_run(&c);
	net_stop(&c);
}

static void
stop_loop(void *arg)
{
	loop_quit(arg);
}

static void
no_descriptors_is_a_rest_and_no_spin(void **state)
{
	struct net_case c = {0};
	struct rlimit old, none;
	struct timer *timer;
	clock_t began;
	int fds[4];

	(void)state;
	net_start(&c, NULL);
	for (size_t i = 0; i < LENGTH_OF(fds); i++)
		fds[i] = net_plain_socket(&c);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	none.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	timer = timer_new(c.loop, REST_MS, stop_loop, c.loop);
	began = clock();
	loop_run(c.loop);
	assert_true((clock() - began) * 1000 / CLOCKS_PER_SEC < REST_MS / 3);
	timer_free(timer);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	c.client[0].quit_opened = true;
	net_connect(&c, 0, "host.test");
	net_run(&c);
	net_stop(&c);
	for (size_t i = 0; i < LENGTH_OF(fds); i++)
		close(fds[i]);
}

static void
what_is_not_used_is_not_read(void **state)
{
	struct net_case c = {.server[0].idle = true,
	                     .server[0].quit_bytes = STREAM_IN_MAX};
	uint8_t *load = calloc(1, LOAD);

	(void)state;
	net_start(&c, NULL);
	c.client[0].quit_opened = true;
	net_connect(&c, 0, "host.test");
	net_run(&c);
	stream_write(c.client[0].stream, span_of(load, LOAD));
	net_run(&c);
	/* Many turns of the loop later it is still so. */
	c.server[0].quit_bytes = 0;
	c.server[1].echo = true;
	for (int i = 0; i < 20; i++) {
		c.client[1].quit_opened = i == 0;
		c.client[1].quit_bytes = c.client[1].n_in + 1;
		if (i == 0)
			net_connect(&c, 1, "host.test");
		else
			stream_write(c.client[1].stream, span_str("x"));
		net_run(&c);
	}
	/* One record may overlap the limit. */
	assert_true(c.server[0].offered <= STREAM_IN_MAX + 16384);
	c.server[0].idle = false;
	c.server[0].quit_bytes = LOAD;
	stream_resume(c.server[0].stream);
	net_run(&c);
	assert_int_equal(c.server[0].n_in, LOAD);
	net_stop(&c);
	free(load);
}

/* What was put off until the peer has read is offered when it has. */
static void
what_waits_for_the_unsent_is_offered_again(void **state)
{
	struct net_case c = {.server[0].idle = true, .server[0].quit_bytes = 4};
	uint8_t *load = calloc(1, LOAD);

	(void)state;
	net_start(&c, NULL);
	c.client[0].quit_opened = true;
	net_connect(&c, 0, "host.test");
	net_run(&c);
	stream_write(c.client[0].stream, span_str("more"));
	net_run(&c);
	assert_int_equal(c.server[0].n_in, 0);
	assert_int_equal(stream_unsent(c.server[0].stream), 0);
	c.server[0].idle = false;
	stream_write(c.server[0].stream, span_of(load, LOAD));
	assert_int_equal(stream_unsent(c.server[0].stream), LOAD);
	net_run(&c);
	assert_int_equal(c.server[0].n_in, 4);
	net_stop(&c);
	free(load);
}

static void
too_much_unsent_closes(void **state)
{
	struct net_case c = {.server[0].idle = true};
	uint8_t *load = calloc(1, STREAM_OUT_MAX);

	(void)state;
	net_start(&c, NULL);
	c.client[0].quit_opened = true;
	net_connect(&c, 0, "host.test");
	net_run(&c);
	c.client[0].quit_closed = true;
	stream_write(c.client[0].stream, span_of(load, STREAM_OUT_MAX));
	stream_write(c.client[0].stream, span_of(load, 1));
	assert_false(c.client[0].closed);
	net_run(&c);
	assert_int_equal(c.client[0].why.code, ERR_LIMIT);
	net_stop(&c);
	free(load);
}

static void
finish_sends_all_first(void **state)
{
	struct net_case c = {.server[0].quit_closed = true};
	uint8_t *load = calloc(1, LOAD);

	(void)state;
	net_start(&c, NULL);
	c.client[0].quit_opened = true;
	c.client[0].free_at_closed = true;
	net_connect(&c, 0, "host.test");
	net_run(&c);
	stream_write(c.client[0].stream, span_of(load, LOAD));
	stream_finish(c.client[0].stream);
	net_run(&c);
	assert_int_equal(c.server[0].n_in, LOAD);
	assert_int_equal(c.server[0].why.code, ERR_NONE);
	net_stop(&c);
	free(load);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(silent_connections_do_not_keep_a_good_one_out),
	    cmocka_unit_test(too_many_streams_are_closed),
	    cmocka_unit_test(no_descriptors_is_a_rest_and_no_spin),
	    cmocka_unit_test(what_is_not_used_is_not_read),
	    cmocka_unit_test(what_waits_for_the_unsent_is_offered_again),
	    cmocka_unit_test(too_much_unsent_closes),
	    cmocka_unit_test(finish_sends_all_first),
	};

	return cmocka_run_group_tests(tests, net_group_start, net_group_end);
}
