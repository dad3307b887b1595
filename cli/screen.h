/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sentences at a terminal. */
#ifndef CLI_SCREEN_H
#define CLI_SCREEN_H

#include <stddef.h>
#include <stdio.h>

enum { SCREEN_USUAL = 80 };

/* How wide the terminal `fd` is: COLUMNS of the environment, or what it says
 * itself.  0 when it is no terminal: who reads that wants lines as they are. */
size_t screen_columns(int fd);

/* Prints `text` from column `at` on, broken between words where it would leave
 * the screen; it goes on below in column `hang`.  A word that is too long stays
 * whole.  With `columns` 0, or too few for it, nothing is broken.  Returns the
 * column that it came to. */
size_t print_wrapped(FILE *, size_t columns, size_t hang, size_t at,
                     const char *text);

/* options.c: how a command is called. */
struct command;
void print_command_usage(FILE *, const struct command *);

#endif
