/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "source/mlog_read.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/span.h"
#include "base/text.h"

enum { PATH_SHOWN_MAX = 96 };

/* Why a log is empty, by its kind. */
static const char *const empty[MLOG_KINDS] = {
    [MLOG_BOOT] = "the firmware or boot loader left none",
    [MLOG_IMA] = "the kernel measured nothing",
};

/* A path in an answer: the configuration's, printable whatever it is. */
static bool
no_log(const char *path, enum mlog_kind kind, const char *why, struct err *err)
{
	char shown[PATH_SHOWN_MAX];

	text_ascii(span_str(path), shown, sizeof(shown));
	return err_set(err, ERR_NOT_FOUND, "%s (%s): %s", mlog_kind_text(kind),
	               shown, why);
}

static bool
failed(const char *path, enum mlog_kind kind, struct err *err)
{
	const char *why = strerror(errno);
	char shown[PATH_SHOWN_MAX];

	if (errno == ENOENT || errno == ENOTDIR)
		return no_log(path, kind, "there is no such file", err);
	if (errno == EACCES || errno == EPERM)
		return no_log(path, kind, "the agent's account may not read it",
		              err);
	text_ascii(span_str(path), shown, sizeof(shown));
	return err_set(err, ERR_IO, "%s (%s): %s", mlog_kind_text(kind), shown,
	               why);
}

/* A regular file; securityfs's are that, too.  O_NONBLOCK: a FIFO that nobody
 * writes to is looked at and refused, and not waited for.  Links are followed:
 * the path is the operator's own, and /sys/kernel/security/ima is one. */
static int
open_log(const char *path, enum mlog_kind kind, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat is;

	if (fd < 0) {
		failed(path, kind, err);
		return -1;
	}
	if (fstat(fd, &is) == 0 && S_ISREG(is.st_mode))
		return fd;
	no_log(path, kind, "it is no regular file", err);
	close(fd);
	return -1;
}

/* Up to `size` bytes from `from` on; fewer are there when it gives fewer.  The
 * kernel gives a page or so at a time, and says no size (fstat: 0). */
static ssize_t
read_at(int fd, uint8_t *to, size_t size, uint64_t from)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n =
		    pread(fd, to + done, size - done, (off_t)(from + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

/* Asked once: what comes later is `more` of the next piece. */
static bool
read_piece(int fd, uint64_t from, struct mlog_piece *piece)
{
	ssize_t len = read_at(fd, piece->at, MLOG_PIECE_MAX, from);
	ssize_t next = 0;
	uint8_t byte;

	if (len == MLOG_PIECE_MAX)
		next = read_at(fd, &byte, 1, from + MLOG_PIECE_MAX);
	piece->len = len > 0 ? (size_t)len : 0;
	piece->more = next > 0;
	return len >= 0 && next >= 0;
}

bool
mlog_read(const char *path, const struct mlog_asking *asking,
          struct mlog_piece *piece, struct err *err)
{
	bool ok;
	int fd;

	piece->len = 0;
	piece->more = false;
	if (path == NULL || *path == '\0')
		return err_set(err, ERR_NOT_FOUND,
		               "%s is switched off on this host",
		               mlog_kind_text(asking->kind));
	fd = open_log(path, asking->kind, err);
	if (fd < 0)
		return false;
	ok = read_piece(fd, asking->from, piece) ||
	     failed(path, asking->kind, err);
	close(fd);
	if (ok && asking->from == 0 && piece->len == 0)
		return err_set(err, ERR_NOT_FOUND, "%s is empty: %s",
		               mlog_kind_text(asking->kind),
		               empty[asking->kind]);
	return ok;
}
