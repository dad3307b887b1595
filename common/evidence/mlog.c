/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "evidence/mlog.h"

#include <assert.h>
#include <string.h>

static const struct {
	const char *name, *text;
} kinds[] = {
#define X(id, name, text) {name, text},
    MLOGS(X)
#undef X
};

static_assert(LENGTH_OF(kinds) == MLOG_KINDS, "MLOG_IMA is the last");

const char *
mlog_kind_name(enum mlog_kind kind)
{
	return kinds[kind].name;
}

const char *
mlog_kind_text(enum mlog_kind kind)
{
	return kinds[kind].text;
}

bool
mlog_kind_of(const char *name, enum mlog_kind *kind)
{
	for (size_t i = 0; i < LENGTH_OF(kinds); i++)
		if (strcmp(kinds[i].name, name) == 0) {
			*kind = (enum mlog_kind)i;
			return true;
		}
	return false;
}
