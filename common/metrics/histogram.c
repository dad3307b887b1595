/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "metrics/histogram.h"

const struct histogram_bounds histogram_times = {
    .n = 14,
    .at = {1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000,
           1000000, 2500000, 5000000, 10000000, 30000000},
};

const struct histogram_bounds histogram_sizes = {
    .n = 11,
    .at = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024},
};

void
histogram_add(struct histogram *h, const struct histogram_bounds *bounds,
              uint64_t value)
{
	size_t i = 0;

	while (i < bounds->n && value > bounds->at[i])
		i++;
	h->in[i]++;
	h->sum += value;
}
