/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How many lines of a kind go to the log: whoever knocks must not fill it.  A
 * kind is a format, by its address.  Any thread may. */
#ifndef SYS_LOG_LIMIT_H
#define SYS_LOG_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"

enum {
	LOG_KINDS_MAX = 128, /* those beyond are not limited */
	LOG_KIND_LINES = 200,
	LOG_KIND_MS = 60 * 1000, /* in that time */
};

/* Whether one more may go, now. */
MUST_CHECK bool log_limit_lets(const char *format, uint64_t now_ms);

/* A kind whose time is over and of which lines were left out: once. */
MUST_CHECK bool log_limit_left_out(uint64_t now_ms, const char **format,
                                   uint64_t *lines);

#endif
