/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Doors that are open, shut, and silent. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys/knock.h"
#include "sys/sys.h"

enum { PATIENCE_MS = 300, SLACK_MS = 20000, FILLERS = 8 };

static int
listener(int backlog, uint16_t *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
	                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (void *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(fd, (void *)&at, &size), 0);
	if (backlog >= 0)
		assert_int_equal(listen(fd, backlog), 0);
	*port = ntohs(at.sin_port);
	return fd;
}

static void
open_and_shut(void **state)
{
	struct err err = {0};
	uint16_t port;
	int fd = listener(4, &port);

	(void)state;
	assert_int_equal(knock("127.0.0.1", port, PATIENCE_MS, &err),
	                 KNOCK_OPEN);
	/* A name of several addresses: the one that is open counts. */
	assert_int_equal(knock("localhost", port, PATIENCE_MS, &err),
	                 KNOCK_OPEN);
	close(fd);
	fd = listener(-1, &port); /* bound, so that nobody else listens */
	assert_int_equal(knock("127.0.0.1", port, PATIENCE_MS, &err),
	                 KNOCK_REFUSED);
	assert_non_null(strstr(err.text, "refused"));
	close(fd);
}

/* One that is full lets a knock go unanswered, as a firewall would. */
static void
silent(void **state)
{
	int fillers[FILLERS], fd;
	struct err err = {0};
	uint64_t began;
	uint16_t port;

	(void)state;
	fd = listener(0, &port);
	for (size_t i = 0; i < FILLERS; i++) {
		struct sockaddr_in at = {.sin_family = AF_INET,
		                         .sin_port = htons(port),
		                         .sin_addr.s_addr =
		                             htonl(INADDR_LOOPBACK)};

		fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		assert_true(fillers[i] >= 0);
		(void)connect(fillers[i], (void *)&at, sizeof(at));
	}
	began = sys_boot_ms();
	assert_int_equal(knock("127.0.0.1", port, PATIENCE_MS, &err),
	                 KNOCK_FAILED);
	assert_true(sys_boot_ms() - began >= PATIENCE_MS);
	assert_true(sys_boot_ms() - began < SLACK_MS);
	assert_non_null(strstr(err.text, "timed out"));
	for (size_t i = 0; i < FILLERS; i++)
		close(fillers[i]);
	close(fd);
}

static void
nobody(void **state)
{
	struct err err = {0};

	(void)state;
	assert_int_equal(knock("no-such-host.invalid", 1, PATIENCE_MS, &err),
	                 KNOCK_FAILED);
	assert_non_null(strstr(err.text, "no-such-host.invalid"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(open_and_shut),
	    cmocka_unit_test(silent),
	    cmocka_unit_test(nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
