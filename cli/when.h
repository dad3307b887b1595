/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Times as an operator writes them. */
#ifndef CLI_WHEN_H
#define CLI_WHEN_H

#include <stdint.h>

#include "base/auto.h"
#include "base/err.h"

/* No time of ours is before 2001-09-09 or behind the year 9999: a shorter
 * number is a slip (20261224, 4). */
#define WHEN_MIN_S UINT64_C(1000000000)
#define WHEN_MAX_S UINT64_C(253402300799)

/* Unix time of `text`: a date or a time of a date (ISO 8601, in UTC), "+4h" or
 * "+30d" from `now_s` on, or Unix time itself.
 *
 *   2026-12-24  2026-12-24T18:30  2026-12-24T18:30:05Z  +90m  1798137000 */
MUST_CHECK bool when_read(const char *text, uint64_t now_s, uint64_t *out,
                          struct err *);

/* Of what was: that, or "-4h" before `now_s`. */
MUST_CHECK bool when_past_read(const char *text, uint64_t now_s, uint64_t *out,
                               struct err *);

/* Seconds of "4h": a number above zero and s, m, h or d, at most `max_s`. */
MUST_CHECK bool when_span_read(const char *text, uint64_t max_s, uint64_t *out,
                               struct err *);

#endif
