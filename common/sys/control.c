/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/control.h"

#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "sys/sys.h"

enum { ACCOUNT_ROOM = 1024, LOOK_MS = 10, SYSTEMD = 1 };

/* Waits for `events` until `deadline`; false when it passed. */
static bool
wait_for(int fd, short events, uint64_t deadline, struct err *err)
{
	struct pollfd one = {.fd = fd, .events = events};
	uint64_t now;
	int n;

	do {
		now = sys_boot_ms();
		if (now >= deadline)
			return err_set(err, ERR_TIMEOUT,
			               "the verifier did not answer in time");
		n = poll(&one, 1, (int)(deadline - now));
	} while (n == 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		return err_set(err, ERR_IO, "poll: %s", strerror(errno));
	return true;
}

static bool
connect_until(int fd, const struct sockaddr_un *at, uint64_t deadline,
              struct err *err)
{
	/* EAGAIN: the verifier's backlog is full. */
	while (connect(fd, (const struct sockaddr *)at, sizeof(*at)) != 0) {
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return err_set(err, ERR_UNAVAILABLE, "%s: %s",
			               at->sun_path, strerror(errno));
		if (sys_boot_ms() >= deadline)
			return err_set(err, ERR_TIMEOUT,
			               "%s: the verifier takes no more",
			               at->sun_path);
		(void)poll(NULL, 0, 10);
	}
	return true;
}

/* Whoever can make a socket file could give verdicts: only the verifier may.
 * The kernel tells who called listen(2) last: for a socket unit systemd, which
 * is root, until a verifier that it started has done so. */
static bool
owner_trusted(int fd, const char *path, struct err *err)
{
	struct ucred who;
	socklen_t size = sizeof(who);
	struct passwd account, *found = NULL;
	char room[ACCOUNT_ROOM]; /* getpwnam() has one for all threads */

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0)
		return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	if (who.uid == 0 || who.uid == geteuid())
		return true;
	if (getpwnam_r(CONTROL_USER, &account, room, sizeof(room), &found) ==
	        0 &&
	    found != NULL && account.pw_uid == who.uid)
		return true;
	return err_set(err, ERR_DENIED, "%s: served by uid %u, not by %s", path,
	               who.uid, CONTROL_USER);
}

int
control_connect(const char *path, uint64_t timeout_ms, struct err *err)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	uint64_t deadline = sys_boot_ms() + timeout_ms;
	int fd;

	if (strlen(path) >= sizeof(at.sun_path)) {
		err_set(err, ERR_CONFIG, "socket '%.80s...': path too long",
		        path);
		return -1;
	}
	memcpy(at.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		err_set(err, ERR_IO, "socket: %s", strerror(errno));
		return -1;
	}
	if (connect_until(fd, &at, deadline, err) &&
	    owner_trusted(fd, path, err))
		return fd;
	close(fd);
	return -1;
}

static uint64_t
soonest(uint64_t deadline)
{
	uint64_t taken = sys_boot_ms() + CONTROL_TAKEN_MS;

	return taken < deadline ? taken : deadline;
}

/* Who called listen(2) last, and whether he is there: systemd, whose socket
 * outlives those who serve it, or a verifier. */
static bool
not_taken(int fd, struct err *err)
{
	struct ucred who = {0};
	socklen_t size = sizeof(who);
	bool gone;

	(void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size);
	gone = who.pid == SYSTEMD ||
	       (who.pid > 0 && kill(who.pid, 0) != 0 && errno == ESRCH);
	return err_set(
	    err, ERR_TIMEOUT,
	    gone ? "virt-attest-verifierd did not come up to take the "
		   "question: 'systemctl status virt-attest-verifierd' says why"
		 : "the verifier did not take the question in time: does it "
		   "hang? ('systemctl status virt-attest-verifierd')");
}

/* A socket takes connections and bytes while nobody serves it.  The kernel
 * knows whether they were read. */
static bool
is_taken(int fd, uint64_t deadline, struct err *err)
{
	struct pollfd one = {.fd = fd, .events = POLLIN};
	uint64_t last = soonest(deadline);
	int unread = 0;

	while (ioctl(fd, SIOCOUTQ, &unread) == 0 && unread != 0 &&
	       poll(&one, 1, LOOK_MS) <= 0)
		if (sys_boot_ms() >= last)
			return not_taken(fd, err);
	return true;
}

static bool
send_line(int fd, struct span line, uint64_t deadline, struct err *err)
{
	while (line.len != 0) {
		ssize_t n = send(fd, line.at, line.len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			if (!wait_for(fd, POLLOUT, soonest(deadline), err))
				return not_taken(fd, err);
			continue;
		}
		if (n < 0)
			return err_set(err, ERR_UNAVAILABLE, "verifier: %s",
			               strerror(errno));
		line.at += n;
		line.len -= (size_t)n;
	}
	return is_taken(fd, deadline, err);
}

/* One part; `*whole` when it ended in the newline. */
static bool
receive(int fd, size_t max, struct buf *reply, bool *whole, struct err *err)
{
	uint8_t part[16 * 1024];
	const uint8_t *end;
	ssize_t n;

	n = recv(fd, part, sizeof(part), 0);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (n < 0)
		return err_set(err, ERR_UNAVAILABLE, "verifier: %s",
		               strerror(errno));
	if (n == 0)
		return err_set(err, ERR_UNAVAILABLE,
		               "the verifier hung up before its answer ended");
	if ((size_t)n > max - reply->len)
		return err_set(err, ERR_LIMIT,
		               "the verifier's answer is over %zu bytes", max);
	end = memchr(part, '\n', (size_t)n);
	if (end != NULL && end + 1 != part + n)
		return err_set(err, ERR_MALFORMED,
		               "the verifier sent more than its answer");
	*whole = end != NULL;
	buf_add(reply, span_of(part, (size_t)n - (end != NULL)));
	return true;
}

bool
control_exchange(int fd, struct span line, size_t max, uint64_t timeout_ms,
                 struct buf *reply, struct err *err)
{
	uint64_t deadline = sys_boot_ms() + timeout_ms;
	bool whole = false;

	reply->len = 0;
	if (!send_line(fd, line, deadline, err))
		return false;
	while (!whole)
		if (!wait_for(fd, POLLIN, deadline, err) ||
		    !receive(fd, max, reply, &whole, err))
			return false;
	return true;
}

bool
control_say(int fd, struct span line, uint64_t timeout_ms, struct err *err)
{
	return send_line(fd, line, sys_boot_ms() + timeout_ms, err);
}

bool
control_hear(int fd, uint8_t *out, size_t size, size_t *n, struct err *err)
{
	struct pollfd one = {.fd = fd, .events = POLLIN};
	ssize_t got;

	for (;;) {
		if (poll(&one, 1, -1) < 0 && errno != EINTR)
			return err_set(err, ERR_IO, "poll: %s",
			               strerror(errno));
		got = recv(fd, out, size, 0);
		if (got > 0)
			break;
		if (got == 0)
			return err_set(err, ERR_UNAVAILABLE,
			               "the verifier hung up");
		if (errno != EINTR && errno != EAGAIN)
			return err_set(err, ERR_UNAVAILABLE, "verifier: %s",
			               strerror(errno));
	}
	*n = (size_t)got;
	return true;
}
