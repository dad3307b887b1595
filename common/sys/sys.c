/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

uint64_t
sys_unix_s(void)
{
	return (uint64_t)time(NULL);
}

uint64_t
sys_unix_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

uint64_t
sys_boot_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t
sys_boot_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

bool
sys_random(void *out, size_t size, struct err *err)
{
	uint8_t *at = out;

	while (size != 0) {
		ssize_t n = getrandom(at, size, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_set(err, ERR_INTERNAL, "getrandom: %s",
			               strerror(errno));
		at += n;
		size -= (size_t)n;
	}
	return true;
}

static bool
read_all(int fd, size_t max, struct buf *out)
{
	size_t before = out->len;
	uint8_t part[4096];

	for (;;) {
		ssize_t n = read(fd, part, sizeof(part));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		if ((size_t)n > max - (out->len - before)) {
			errno = EFBIG;
			return false;
		}
		buf_add(out, span_of(part, (size_t)n));
		if (out->over) {
			errno = EFBIG;
			return false;
		}
	}
}

bool
sys_read_file(const char *path, size_t max, struct buf *out, struct err *err)
{
	bool from_stdin = strcmp(path, "-") == 0;
	int fd = STDIN_FILENO;
	bool ok;

	if (!from_stdin)
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ok = fd >= 0 && read_all(fd, max, out);
	if (!ok)
		err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
		        "%.150s: %s", path, strerror(errno));
	if (!from_stdin && fd >= 0)
		close(fd);
	return ok;
}

/* Nothing but write(2) and _exit(2): whatever thread it comes to may hold any
 * lock. */
static void
on_overdue(int signal)
{
	static const char said[] = "it did not end in time: ended at once\n";

	(void)signal;
	(void)!write(STDERR_FILENO, said, sizeof(said) - 1);
	_exit(1);
}

void
sys_end_within(unsigned seconds)
{
	struct sigaction overdue = {.sa_handler = on_overdue};

	(void)sigaction(SIGALRM, &overdue, NULL);
	(void)alarm(seconds);
}

void
sys_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd;

	if (path == NULL || (path[0] != '/' && path[0] != '@') ||
	    strlen(path) >= sizeof(to.sun_path))
		return;
	memcpy(to.sun_path, path, strlen(path));
	if (path[0] == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	/* systemd that does not listen is no failure of ours. */
	(void)!sendto(
	    fd, state, strlen(state), MSG_NOSIGNAL,
	    (const struct sockaddr *)&to,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path)));
	close(fd);
}
