/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a daemon counts, as text that Prometheus reads.  Written when it is
 * asked for, from plain numbers: there is no registry, and nobody counts here.
 *
 * OpenMetrics 1.0, or the older "text format 0.0.4" for who does not ask for
 * it: in that a counter's family has the name of its samples, there is no unit,
 * no information and no end. */
#ifndef METRICS_METRICS_H
#define METRICS_METRICS_H

#include "base/buf.h"
#include "metrics/histogram.h"

enum metric_kind {
	METRIC_GAUGE,
	METRIC_COUNTER,
	METRIC_HISTOGRAM,
	METRIC_INFO, /* always 1; its labels tell */
};

/* One family.  `name` has no "_total" or "_info"; where there is a unit (a base
 * unit in the plural: "seconds", "bytes"; else NULL), it ends in it.  Numbers
 * of a `micro` one are millionths, and written as such: microseconds become
 * seconds. */
struct metric {
	enum metric_kind kind;
	const char *name, *unit;
	bool micro;
	const char *help;
};

/* A list ends in {NULL, NULL}; NULL in its place is none.  Values may be any
 * text: it is escaped, and cut to METRIC_LABEL_MAX - 1 bytes. */
struct metric_label {
	const char *name, *value;
};

enum {
	METRIC_LABEL_MAX = 128,
	METRICS_MAX = 1024 * 1024, /* of a whole text */
};

struct metrics {
	bool old; /* text format 0.0.4; set it before the first family */
	struct buf out;
	const struct metric *family;
};

/* The media type of what is written, for an HTTP answer. */
const char *metrics_type(bool old);

void metrics_begin(struct metrics *, const struct metric *);
/* A sample of the family that was begun. */
void metrics_put(struct metrics *, const struct metric_label *, uint64_t);
void metrics_histogram(struct metrics *, const struct histogram_bounds *,
                       const struct histogram *);
/* All of it; valid until metrics_done(). */
struct span metrics_end(struct metrics *);
void metrics_done(struct metrics *);

#endif
