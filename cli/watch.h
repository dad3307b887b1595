/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* watch: prints what changes, as it changes. */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include "cli.h"

enum { WATCHED_MAX = 64 }; /* hosts that are named */

int run_watch(struct cli *);

#endif
