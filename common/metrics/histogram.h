/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How often a value was in which range.  Whoever counts owns it: no lock. */
#ifndef METRICS_HISTOGRAM_H
#define METRICS_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

enum { HISTOGRAM_BOUNDS_MAX = 16 };

/* Upper bounds, ascending; a value that is a bound is below it. */
struct histogram_bounds {
	size_t n;
	uint64_t at[HISTOGRAM_BOUNDS_MAX];
};

/* 1 ms to 30 s, in microseconds; and 1 to 1024, by powers of two. */
extern const struct histogram_bounds histogram_times, histogram_sizes;

struct histogram {
	uint64_t sum;
	uint64_t in[HISTOGRAM_BOUNDS_MAX + 1]; /* the last: above all bounds */
};

void histogram_add(struct histogram *, const struct histogram_bounds *,
                   uint64_t value);

#endif
