/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Entries of systemd's journal with fields of their own, by its native
 * protocol (systemd.io, "Native Journal Protocol"): one datagram each. */
#ifndef SYS_JOURNAL_H
#define SYS_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

struct journal_field {
	const char *name;  /* capital letters, digits and '_' */
	const char *value; /* any text; NULL or "": left out */
};

enum {
	JOURNAL_FIELDS_MAX = 16,
	JOURNAL_ENTRY_MAX = 16 * 1024, /* a longer one is not sent */
};

/* Sends an entry to the journal's socket at `path`.  Never waits: false when it
 * could not be sent whole at once, and then nothing was.  Any thread may. */
MUST_CHECK bool journal_send(const char *path, const struct journal_field *,
                             size_t n);

/* Whether standard error leads to the journal: JOURNAL_STREAM, which a child
 * with another standard error inherits, names this very one. */
bool journal_has_stderr(void);

#endif
