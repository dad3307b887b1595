/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The commands about golden values, and what they share. */
#ifndef CLI_GOLDEN_H
#define CLI_GOLDEN_H

#include "cli.h"

/* A file with a golden value or its IMA policy, which is most of it: below the
 * line that carries it (LINE_CONTROL_ADMIN_MAX). */
enum { GOLDEN_FILE_MAX = 30 * 1024 * 1024 };

int run_golden_list(struct cli *);
int run_golden_show(struct cli *);
int run_golden_add(struct cli *);
int run_golden_set(struct cli *);
int run_golden_diff(struct cli *);
int run_golden_import(struct cli *);

/* golden.c: one golden value, for ask_and_print(). */
int print_golden(const struct json *golden);

/* golden_words.c: what a golden value judges, and what it leaves free. */
void print_golden_words(const struct json *golden);
/* What it refers to: its reference events ({0}: it has none). */
MUST_CHECK bool golden_events(const struct json *golden, struct bootref *,
                              struct err *);

#endif
