/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts.h"

#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/mem.h"

/* A line of the list: six members, any number of others up to "-", and three.
 */
struct line {
	struct span device, root, point, type, source;
};

static struct span
take_until(struct span *rest, char end)
{
	const uint8_t *at =
	    rest->len != 0 ? memchr(rest->at, end, rest->len) : NULL;
	size_t len = at != NULL ? (size_t)(at - rest->at) : rest->len;
	struct span word = span_of(rest->at, len);

	*rest = span_of(rest->at + len + (at != NULL),
	                rest->len - len - (at != NULL));
	return word;
}

static bool
read_line(struct span text, struct line *line)
{
	struct span word;

	(void)take_until(&text, ' '); /* its number, its parent's */
	(void)take_until(&text, ' ');
	line->device = take_until(&text, ' ');
	line->root = take_until(&text, ' ');
	line->point = take_until(&text, ' ');
	do {
		if (text.len == 0)
			return false;
		word = take_until(&text, ' ');
	} while (!span_eq(word, span_str("-")));
	line->type = take_until(&text, ' ');
	line->source = take_until(&text, ' ');
	return line->point.len != 0 && line->type.len != 0;
}

static bool
is_octal(struct span s, size_t at)
{
	if (s.len - at < 4 || s.at[at] != '\\')
		return false;
	for (size_t i = 1; i < 4; i++)
		if (s.at[at + i] < '0' || s.at[at + i] > '7')
			return false;
	return true;
}

/* Space, tab, newline and backslash are written in octal. */
static bool
plain(struct span s, char *out, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; n++) {
		if (n + 1 >= size)
			return false;
		if (is_octal(s, i)) {
			out[n] = (char)(((s.at[i + 1] - '0') & 3) << 6 |
			                (s.at[i + 2] - '0') << 3 |
			                (s.at[i + 3] - '0'));
			i += 4;
		} else {
			out[n] = (char)s.at[i++];
		}
	}
	out[n] = '\0';
	return true;
}

static bool
is_above(const char *point, const char *path)
{
	size_t len = strlen(point);

	if (len == 1)
		return true; /* "/" */
	return strncmp(point, path, len) == 0 &&
	       (path[len] == '/' || path[len] == '\0');
}

struct search {
	const char *path;
	char device[32];
	struct line best[2]; /* of any device, of the one */
	size_t len[2];       /* of its mount point; 0: none yet */
	char *point;         /* room for one */
};

static void
look_at(struct search *s, const struct line *line)
{
	size_t n = span_eq(line->device, span_str(s->device)) ? 2 : 1;
	size_t len;

	if (!plain(line->point, s->point, MOUNTS_PATH_SIZE) ||
	    !is_above(s->point, s->path))
		return;
	len = strlen(s->point);
	for (size_t i = 0; i < n; i++)
		if (len >= s->len[i]) {
			s->best[i] = *line;
			s->len[i] = len;
		}
}

bool
mounts_find(struct span list, const char *path, dev_t device,
            struct mounted *out)
{
	AUTO(mem_auto) char *point = mem_new(MOUNTS_PATH_SIZE, 1);
	struct search s = {.path = path, .point = point};
	const struct line *best;

	snprintf(s.device, sizeof(s.device), "%u:%u", major(device),
	         minor(device));
	while (list.len != 0) {
		struct line line;

		if (read_line(take_until(&list, '\n'), &line))
			look_at(&s, &line);
	}
	best = &s.best[s.len[1] != 0];
	return s.len[0] != 0 &&
	       plain(best->type, out->type, MOUNTS_TYPE_SIZE) &&
	       plain(best->source, out->source, MOUNTS_PATH_SIZE) &&
	       plain(best->root, out->root, MOUNTS_PATH_SIZE);
}
