/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An agent that hands out another log than its host's. */
#include <stdio.h>

#include "lies.h"
#include "source/mlog_read.h"

bool __real_mlog_read(const char *path, const struct mlog_asking *,
                      struct mlog_piece *, struct err *);
bool __wrap_mlog_read(const char *path, const struct mlog_asking *,
                      struct mlog_piece *, struct err *);

/* "boot-log=PATH", "ima-log=PATH": that file in its place. */
bool
__wrap_mlog_read(const char *path, const struct mlog_asking *asking,
                 struct mlog_piece *piece, struct err *err)
{
	char word[32], other[LIE_MAX];

	(void)snprintf(word, sizeof(word),
	               "%s-log=", mlog_kind_name(asking->kind));
	if (lie_says(word, other))
		path = other;
	return __real_mlog_read(path, asking, piece, err);
}
