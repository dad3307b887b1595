/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* status: what the verifier does, once or live. */
#ifndef CLI_STATUS_H
#define CLI_STATUS_H

#include "cli.h"

int run_status(struct cli *);

/* status_watch.c */
int watch_status(struct cli *);

#endif
