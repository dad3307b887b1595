/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/journal.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"

/* A value of several lines goes with its length, 64 bits little-endian, before
 * it: a newline in it begins no other field. */
static void
put_field(struct buf *out, const struct journal_field *f)
{
	size_t len = f->value != NULL ? strlen(f->value) : 0;

	if (len == 0)
		return;
	buf_text(out, f->name);
	if (strchr(f->value, '\n') == NULL) {
		buf_text(out, "=");
	} else {
		buf_text(out, "\n");
		for (unsigned i = 0; i < 8; i++)
			buf_u8(out, (uint8_t)((uint64_t)len >> (8 * i)));
	}
	buf_text(out, f->value);
	buf_text(out, "\n");
}

static bool
send_whole(const char *path, struct span entry)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	size_t len = strlen(path);
	ssize_t n;
	int fd;

	if (len >= sizeof(at.sun_path))
		return false;
	memcpy(at.sun_path, path, len);
	/* One for each entry: they are few, and the journal may have been
	 * started anew since the last one. */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	do
		n = sendto(fd, entry.at, entry.len, MSG_DONTWAIT | MSG_NOSIGNAL,
		           (const struct sockaddr *)&at, sizeof(at));
	while (n < 0 && errno == EINTR);
	close(fd);
	return n >= 0 && (size_t)n == entry.len;
}

bool
journal_send(const char *path, const struct journal_field *fields, size_t n)
{
	AUTO(buf_done) struct buf entry = {.max = JOURNAL_ENTRY_MAX};

	assert(n <= JOURNAL_FIELDS_MAX);
	for (size_t i = 0; i < n; i++)
		put_field(&entry, &fields[i]);
	return !entry.over && entry.len != 0 &&
	       send_whole(path, buf_span(&entry));
}

bool
journal_has_stderr(void)
{
	const char *named = getenv("JOURNAL_STREAM");
	char ours[64];
	struct stat at;

	if (named == NULL || fstat(STDERR_FILENO, &at) != 0)
		return false;
	snprintf(ours, sizeof(ours), "%ju:%ju", (uintmax_t)at.st_dev,
	         (uintmax_t)at.st_ino);
	return strcmp(named, ours) == 0;
}
