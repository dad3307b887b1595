/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The audit log: shown, verified, signed, and taken to another machine. */
#ifndef CLI_AUDIT_H
#define CLI_AUDIT_H

#include <stdio.h>

#include "cli.h"
#include "proto/audit.h"

int run_audit_show(struct cli *);
int run_audit_verify(struct cli *);
int run_audit_checkpoint(struct cli *);
int run_audit_export(struct cli *);

/* Calls `each` for the log's lines that `asked` (arguments of `audit`, not
 * taken; an own `first` and `max` aside) wants, and `before`, once, with what
 * the first of them follows; either returns false to stop.  0, or the exit
 * status after the error was printed. */
struct audit_pages {
	struct json *asked;
	uint64_t first;
	void (*before)(void *arg, const struct audit_head *);
	bool (*each)(void *arg, const struct json *line);
	void *arg;
};
int audit_pages(struct session *, const struct cli *,
                const struct audit_pages *);

/* --since and --until as the arguments of `audit`. */
MUST_CHECK bool put_period(const struct cli *, struct json *asked,
                           struct err *);

/* As session_ask(); STATUS_REFUSED: the log does not hold. */
int audit_ask(struct session *, const struct cli *, const char *command);

/* The verifier's key, from the file of --key or from itself.  0 or the exit
 * status, the error printed. */
int audit_key(struct session *, const struct cli *, struct signing_public *);

/* audit_export.c: the log as an export, from `since_s` on (0: all), read as
 * another machine would, and written where `to` is not NULL. */
struct audit_export {
	uint64_t since_s;
	FILE *to;
	struct export_reading reading; /* .key, .walk.known: the caller's */
	struct err err;
};
int audit_export(struct session *, const struct cli *, struct audit_export *);
/* A file of one. */
MUST_CHECK bool export_read_file(const char *path, struct export_reading *,
                                 struct err *);
/* The checkpoint that a file is, or that the export ends with that it is. */
MUST_CHECK bool checkpoint_read_file(const char *path,
                                     const struct signing_public *,
                                     struct checkpoint *, struct err *);

#endif
