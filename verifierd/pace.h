/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When a host is asked next: arithmetic alone.  `draw` is a random number, all
 * of its values equally likely. */
#ifndef VERIFIERD_PACE_H
#define VERIFIERD_PACE_H

#include <stddef.h>
#include <stdint.h>

enum {
	/* Downwards alone: "within an interval" is a promise. */
	PACE_JITTER_PERCENT = 10,
	/* A lost connection is tried again after up to this. */
	PACE_LOST_MS = 1000,
	/* One that stood for less than this before it was lost again is tried
	 * less and less, as one that is down: each time is two changes that all
	 * gates, watchers and disks take part in. */
	PACE_CALM_MS = 60000,
	/* One that is down: this, twice this, and so on, up to the longest, or
	 * the interval where that is shorter. */
	PACE_RETRY_MS = 1000,
	PACE_RETRY_MAX_MS = 30000,
	/* From one host's first question to the next one's, after a start. */
	PACE_START_MS = 5,
	/* From one round's end to the next one's beginning. */
	PACE_GAP_MS = 100,
};

/* From a round's beginning to the next one's; `failures` in a row, that are
 * counted from the round's end. */
uint64_t pace_next(uint64_t interval_ms, unsigned failures, uint32_t draw);

/* From a host's first round to its second: anywhere in the interval, so that
 * hosts that began together do not stay together. */
uint64_t pace_second(uint64_t interval_ms, uint32_t draw);

/* From the start to the first question to the `i`-th of `n` hosts, `at_once` of
 * which can be asked at a time.  A few are asked at once; many, one after the
 * other, and all within an interval. */
uint64_t pace_start(uint64_t interval_ms, size_t i, size_t n, size_t at_once);

/* After a connection was lost, and was so `before` times with no calm. */
uint64_t pace_lost(unsigned before, uint32_t draw);

#endif
