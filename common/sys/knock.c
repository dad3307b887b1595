/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/knock.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/sys.h"

/* Of a connection that was begun: 0, or what became of it. */
static int
outcome_of(int fd, uint64_t until_ms)
{
	struct pollfd wait = {.fd = fd, .events = POLLOUT};
	uint64_t now = sys_boot_ms();
	int error = 0;
	socklen_t size = sizeof(error);

	if (now >= until_ms || poll(&wait, 1, (int)(until_ms - now)) != 1)
		return ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
		return errno;
	return error;
}

static int
try_one(const struct addrinfo *at, uint64_t until_ms)
{
	int fd = socket(at->ai_family,
	                SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error;

	if (fd < 0)
		return errno;
	error = connect(fd, at->ai_addr, at->ai_addrlen) == 0 ? 0 : errno;
	if (error == EINPROGRESS)
		error = outcome_of(fd, until_ms);
	close(fd);
	return error;
}

enum knocked
knock(const char *host, uint16_t port, uint64_t timeout_ms, struct err *err)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
	                               .ai_flags = AI_NUMERICSERV};
	uint64_t until_ms = sys_boot_ms() + timeout_ms;
	enum knocked best = KNOCK_FAILED;
	struct addrinfo *list = NULL;
	char service[8];
	int error;

	snprintf(service, sizeof(service), "%u", port);
	error = getaddrinfo(host, service, &hints, &list);
	if (error != 0) {
		err_set(err, ERR_UNAVAILABLE, "%.100s: %s", host,
		        gai_strerror(error));
		return KNOCK_FAILED;
	}
	for (struct addrinfo *at = list; at != NULL && best != KNOCK_OPEN;
	     at = at->ai_next) {
		error = try_one(at, until_ms);
		if (error == 0)
			best = KNOCK_OPEN;
		else if (error == ECONNREFUSED)
			best = KNOCK_REFUSED;
		if (error != 0)
			err_set(err, ERR_UNAVAILABLE, "%.100s port %u: %s",
			        host, port, strerror(error));
	}
	freeaddrinfo(list);
	return best;
}
