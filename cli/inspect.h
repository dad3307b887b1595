/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What `inspect` can look at: one kind of file, one file here. */
#ifndef CLI_INSPECT_H
#define CLI_INSPECT_H

#include "cli.h"

struct inspect_kind {
	/* Whether the bytes begin as this kind does. */
	bool (*is)(struct span);
	/* What is in them; NULL when they are not what they began as. */
	struct json *(*show)(struct span, struct err *);
	/* That as text. */
	void (*print)(const struct json *shown);
};

extern const struct inspect_kind inspect_bootlog;

/* Members, one to a line; objects as PCR values. */
void inspect_print(const struct json *shown);

#endif
