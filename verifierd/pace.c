/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pace.h"

/* A part of it, by the draw: 0 to all of it. */
static uint64_t
part(uint64_t ms, uint32_t draw)
{
	return (ms * draw) >> 32;
}

static uint64_t
retry(uint64_t interval_ms, unsigned failures, uint32_t draw)
{
	uint64_t max = PACE_RETRY_MAX_MS, ms = PACE_RETRY_MS;

	if (interval_ms < max)
		max = interval_ms;
	while (--failures > 0 && ms < max)
		ms *= 2;
	if (ms > max)
		ms = max;
	return ms - part(ms / 2, draw);
}

uint64_t
pace_next(uint64_t interval_ms, unsigned failures, uint32_t draw)
{
	if (failures != 0)
		return retry(interval_ms, failures, draw);
	return interval_ms -
	       part(interval_ms * PACE_JITTER_PERCENT / 100, draw);
}

uint64_t
pace_second(uint64_t interval_ms, uint32_t draw)
{
	return part(interval_ms, draw);
}

uint64_t
pace_start(uint64_t interval_ms, size_t i, size_t n, size_t at_once)
{
	if (n <= at_once)
		return 0;
	if (n > interval_ms / PACE_START_MS)
		return interval_ms * i / n;
	return (uint64_t)PACE_START_MS * i;
}

uint64_t
pace_lost(unsigned before, uint32_t draw)
{
	if (before != 0)
		return retry(PACE_RETRY_MAX_MS, before + 1, draw);
	return PACE_GAP_MS + part(PACE_LOST_MS - PACE_GAP_MS, draw);
}
