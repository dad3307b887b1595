/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "screen.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"

enum {
	COLUMNS_MAX = 1000,
	LEAST = 20, /* in which a sentence can be read */
};

size_t
screen_columns(int fd)
{
	const char *given = getenv("COLUMNS");
	struct winsize size = {0};
	uint64_t columns;

	if (isatty(fd) == 0)
		return 0;
	if (given != NULL && text_u64(given, COLUMNS_MAX, &columns) &&
	    columns != 0)
		return (size_t)columns;
	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col != 0)
		return size.ws_col;
	return SCREEN_USUAL;
}

size_t
print_wrapped(FILE *to, size_t columns, size_t hang, size_t at,
              const char *text)
{
	bool wraps = columns >= hang + LEAST;

	while (*text != '\0') {
		size_t space = strspn(text, " ");
		size_t word = strcspn(text + space, " ");

		if (wraps && at > hang && at + space + word > columns) {
			fprintf(to, "\n%*s", (int)hang, "");
			at = hang;
		} else {
			fprintf(to, "%.*s", (int)space, text);
			at += space;
		}
		fprintf(to, "%.*s", (int)word, text + space);
		at += word;
		text += space + word;
	}
	return at;
}
