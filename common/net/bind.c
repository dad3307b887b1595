/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where to listen becomes a bound socket. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "net/net_private.h"

/* "ADDRESS:PORT", "[V6]:PORT"; port 0 is the system's choice. */
static struct addrinfo *
parse_listen(const char *listen_on)
{
	const struct addrinfo hints = {
	    .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
	};
	AUTO(mem_auto) char *copy = mem_text(listen_on);
	char *port = strrchr(copy, ':'), *host = copy;
	struct addrinfo *found = NULL;
	uint64_t number;

	if (port == NULL || port == copy)
		return NULL;
	*port++ = '\0';
	if (*host == '[' && host[strlen(host) - 1] == ']') {
		host[strlen(host) - 1] = '\0';
		host++;
	} else if (strchr(host, ':') != NULL) {
		return NULL;
	}
	/* getaddrinfo(3) takes 65536 and -1 for a port. */
	if (!text_u64(port, UINT16_MAX, &number) ||
	    getaddrinfo(host, port, &hints, &found) != 0)
		return NULL;
	return found;
}

/* The address that the socket really has, "127.0.0.1:16515". */
static void
format_address(int fd, char *out, size_t size)
{
	struct sockaddr_storage at = {0};
	socklen_t len = sizeof(at);
	char host[64], port[8];

	if (getsockname(fd, (struct sockaddr *)&at, &len) == 0 &&
	    getnameinfo((struct sockaddr *)&at, len, host, sizeof(host), port,
	                sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) == 0)
		snprintf(out, size,
		         at.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host,
		         port);
}

/* A machine that is booting may not have its address yet: it is bound all the
 * same, and serves when it comes. */
static bool
bind_free(int fd, const struct addrinfo *to)
{
	int on = 1;

	return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	       setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof(on)) == 0 &&
	       bind(fd, to->ai_addr, to->ai_addrlen) == 0;
}

bool
bind_is_there(int fd)
{
	struct sockaddr_storage at = {0};
	socklen_t len = sizeof(at);
	bool there = true;
	int probe;

	if (getsockname(fd, (struct sockaddr *)&at, &len) != 0)
		return true;
	/* At the same address, on any port. */
	if (at.ss_family == AF_INET)
		((struct sockaddr_in *)&at)->sin_port = 0;
	else if (at.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&at)->sin6_port = 0;
	probe = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (probe < 0)
		return true;
	there = bind(probe, (struct sockaddr *)&at, len) == 0 ||
	        errno != EADDRNOTAVAIL;
	close(probe);
	return there;
}

int
bind_tcp(const char *listen_on, char *address, size_t size, struct err *err)
{
	struct addrinfo *to = parse_listen(listen_on);
	int fd;

	if (to == NULL) {
		err_set(err, ERR_CONFIG, "listen '%.80s': not ADDRESS:PORT",
		        listen_on);
		return -1;
	}
	fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || !bind_free(fd, to)) {
		err_set(err, ERR_IO, "listen '%.80s': %s", listen_on,
		        strerror(errno));
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	freeaddrinfo(to);
	if (fd >= 0)
		format_address(fd, address, size);
	return fd;
}

/* Whether somebody answers at the path; a file that nobody serves is stale. */
static bool
is_live(const struct sockaddr_un *at)
{
	/* Not to wait for one that is alive but stuck. */
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool live;

	if (fd < 0)
		return true;
	live = connect(fd, (const struct sockaddr *)at, sizeof(*at)) == 0 ||
	       (errno != ECONNREFUSED && errno != ENOENT);
	close(fd);
	return live;
}

int
bind_unix(const char *path, mode_t mode, struct err *err)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	struct stat found;
	int fd;

	if (strlen(path) >= sizeof(at.sun_path)) {
		err_set(err, ERR_CONFIG, "socket '%.80s...': path too long",
		        path);
		return -1;
	}
	memcpy(at.sun_path, path, strlen(path));
	/* A mistaken path must not cost a file. */
	if (lstat(path, &found) == 0 && !S_ISSOCK(found.st_mode)) {
		err_set(err, ERR_EXISTS, "socket '%s': not a socket", path);
		return -1;
	}
	if (is_live(&at)) {
		err_set(err, ERR_EXISTS, "socket '%s': already served", path);
		return -1;
	}
	(void)unlink(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* The file is born closed to all (Linux takes its mode from the
	 * socket's) and opened by chmod, whatever the umask is. */
	if (fd < 0 || fchmod(fd, 0) != 0 ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    chmod(path, mode) != 0) {
		err_set(err, ERR_IO, "socket '%s': %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static bool
has_option(int fd, int option, int value)
{
	socklen_t size = sizeof(int);
	int is = 0;

	return getsockopt(fd, SOL_SOCKET, option, &is, &size) == 0 &&
	       is == value;
}

bool
bind_passed(int fd, char *path, size_t size, struct err *err)
{
	struct sockaddr_un at = {0};
	socklen_t len = sizeof(at);

	if (!has_option(fd, SO_DOMAIN, AF_UNIX) ||
	    !has_option(fd, SO_TYPE, SOCK_STREAM) ||
	    !has_option(fd, SO_ACCEPTCONN, 1) ||
	    getsockname(fd, (struct sockaddr *)&at, &len) != 0)
		return err_set(err, ERR_CONFIG,
		               "the descriptor that was passed is no Unix "
		               "socket that listens (ListenStream=/PATH)");
	snprintf(path, size, "%.*s", (int)sizeof(at.sun_path), at.sun_path);
	return true;
}
