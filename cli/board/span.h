/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Words that the table has in common with what is printed once. */
#ifndef BOARD_SPAN_H
#define BOARD_SPAN_H

#include "evidence/verdict.h"

/* "12 s", "5 min", "3 h", "9 d"; `out` holds BOARD_SPAN_SIZE. */
enum { BOARD_SPAN_SIZE = 24 };
const char *board_span(uint64_t seconds, char *out);

/* How much a state is to be looked at: 0 first. */
size_t board_rank(enum verdict_state);
enum verdict_state board_of_rank(size_t);

#endif
