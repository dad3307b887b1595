/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* check and migrate: may this domain go there, and going. */
#ifndef CLI_MOVE_H
#define CLI_MOVE_H

#include "cli.h"

/* Their options are a table of their own (move_options.c). */
int run_check(struct cli *);
int run_migrate(struct cli *);

#endif
