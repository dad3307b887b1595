/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What `inspect` can look at: one kind of file, one file here. */
#ifndef CLI_INSPECT_H
#define CLI_INSPECT_H

#include "cli.h"

struct inspect_kind {
	/* Whether the bytes begin as this kind does. */
	bool (*is)(struct span);
	size_t max; /* bytes of such a file */
	/* Prints what is in them, as text or JSON; false, and nothing is
	 * printed, when they are not what they began as. */
	bool (*show)(const struct cli *, struct span, struct err *);
};

int run_inspect(struct cli *);

extern const struct inspect_kind inspect_bootlog, inspect_imalog;

/* A boot log as `inspect --json` shows it; NULL when it is none. */
struct json *inspect_bootlog_encode(struct span log, struct err *);

#endif
