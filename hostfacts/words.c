/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "proto/local_facts.h"

const char *
words_kept(struct arena *arena, const char *text)
{
	char shown[LOCAL_TEXT_MAX + 1];

	if (text == NULL || strlen(text) > LOCAL_TEXT_MAX)
		return NULL;
	text_ascii(span_str(text), shown, sizeof(shown));
	return strcmp(shown, text) == 0 ? arena_text(arena, text) : NULL;
}

const char *
words_shown(struct arena *arena, const char *text)
{
	char shown[LOCAL_TEXT_MAX + 1];

	text_ascii(span_str(text), shown, sizeof(shown));
	return arena_text(arena, shown);
}

const char *
words_errno(struct arena *arena, int number)
{
	char text[LOCAL_TEXT_MAX];

	/* GNU's form, which any thread may call. */
	return words_shown(arena, strerror_r(number, text, sizeof(text)));
}

/* Reads up to `max` bytes and one more, so that a longer file shows. */
static bool
read_up_to(int fd, size_t max, struct buf *out)
{
	uint8_t part[16 * 1024];

	while (out->len <= max) {
		ssize_t n = read(fd, part, sizeof(part));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		buf_add(out, span_of(part, (size_t)n));
	}
	errno = EFBIG;
	return false;
}

bool
words_file(const char *path, size_t max, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), why;
	struct stat is;
	bool ok;

	if (fd < 0)
		return false;
	ok = fstat(fd, &is) == 0;
	if (ok && !S_ISREG(is.st_mode)) {
		errno = EINVAL;
		ok = false;
	}
	ok = ok && read_up_to(fd, max, out);
	why = errno;
	close(fd);
	errno = why;
	return ok;
}

bool
words_line(const char *path, char *out, size_t size)
{
	AUTO(buf_done) struct buf file = {0};
	size_t len = 0;

	out[0] = '\0';
	if (!words_file(path, WORDS_FILE_MAX, &file))
		return false;
	while (len < file.len && file.at[len] != '\n' && file.at[len] != '\0')
		len++;
	if (len >= size) {
		errno = EFBIG;
		return false;
	}
	if (len != 0)
		memcpy(out, file.at, len);
	out[len] = '\0';
	return true;
}

bool
words_number(const char *path, uint64_t *out)
{
	char text[32];

	*out = 0;
	return words_line(path, text, sizeof(text)) &&
	       text_u64(text, UINT64_MAX, out);
}
