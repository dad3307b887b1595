/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An agent that hands out another log than its host's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lies.h"
#include "source/mlog_read.h"

bool __real_mlog_read(const char *path, const struct mlog_asking *,
                      struct mlog_piece *, struct err *);
bool __wrap_mlog_read(const char *path, const struct mlog_asking *,
                      struct mlog_piece *, struct err *);

/* "boot-bytes=N", "ima-bytes=N": so many at a time, and never the last of them.
 */
static void
never_end(const char *n, struct mlog_piece *piece)
{
	size_t len = (size_t)strtoul(n, NULL, 10);

	if (piece->len < len)
		memset(piece->at + piece->len, 0, len - piece->len);
	piece->len = len;
	piece->more = true;
}

/* "boot-log=PATH", "ima-log=PATH": that file in its place; "boot-says=TEXT",
 * "ima-says=TEXT": there is none, and why. */
bool
__wrap_mlog_read(const char *path, const struct mlog_asking *asking,
                 struct mlog_piece *piece, struct err *err)
{
	const char *kind = mlog_kind_name(asking->kind);
	char word[32], other[LIE_MAX], n[LIE_MAX];

	(void)snprintf(word, sizeof(word), "%s-says=", kind);
	if (lie_says(word, other))
		return err_set(err, ERR_NOT_FOUND, "%s", other);
	(void)snprintf(word, sizeof(word), "%s-log=", kind);
	if (lie_says(word, other))
		path = other;
	if (!__real_mlog_read(path, asking, piece, err))
		return false;
	(void)snprintf(word, sizeof(word), "%s-bytes=", kind);
	if (lie_says(word, n))
		never_end(n, piece);
	return true;
}
