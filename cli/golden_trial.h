/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The life of a golden value, between golden.c and golden_trial.c. */
#ifndef CLI_GOLDEN_TRIAL_H
#define CLI_GOLDEN_TRIAL_H

#include "golden.h"

/* golden.c: the argument `id`; NULL after the error was printed. */
struct json *id_arguments(const char *word);

/* golden_trial.c: --valid-from and --valid-until as members, where they are
 * given; how it stands now, in a word; its dates and its trial. */
MUST_CHECK bool put_validity(const struct cli *, struct json *into,
                             struct err *);
const char *golden_standing(const struct json *golden);
void print_life(const struct json *golden);

int run_golden_promote(struct cli *);
int run_golden_test(struct cli *);

#endif
