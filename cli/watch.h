/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* watch: prints what changes, as it changes. */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include "cli.h"

enum {
	WATCHED_MAX = 64,    /* hosts that are named */
	WATCH_SAY_MS = 5000, /* for the verifier to take the request */
};

int run_watch(struct cli *);

/* Collects what came into lines; false when `each` of them is, or one is over
 * the limit. */
MUST_CHECK bool each_line(struct line *, struct span in,
                          bool (*each)(void *arg, struct span line,
                                       struct err *),
                          void *arg, struct err *);

/* print.c: as print_json(), in one line. */
void print_json_line(const struct json *);

#endif
