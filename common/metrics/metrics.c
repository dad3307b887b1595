/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "metrics/metrics.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { NUMBER_MAX = 32 };

/* As OpenMetrics and the older format name a kind, and the ends of a name. */
static const struct {
	const char *type, *old_type, *end;
} kinds[] = {
    [METRIC_GAUGE] = {"gauge", "gauge", ""},
    [METRIC_COUNTER] = {"counter", "counter", "_total"},
    [METRIC_HISTOGRAM] = {"histogram", "histogram", ""},
    [METRIC_INFO] = {"info", "gauge", "_info"},
};

const char *
metrics_type(bool old)
{
	return old ? "text/plain; version=0.0.4; charset=utf-8"
	           : "application/openmetrics-text; version=1.0.0; "
	             "charset=utf-8";
}

static void
put_line(struct metrics *m, const char *word, const char *what)
{
	const struct metric *f = m->family;

	buf_text(&m->out, "# ");
	buf_text(&m->out, word);
	buf_text(&m->out, " ");
	buf_text(&m->out, f->name);
	buf_text(&m->out, m->old ? kinds[f->kind].end : "");
	buf_text(&m->out, " ");
	buf_text(&m->out, what);
	buf_text(&m->out, "\n");
}

/* OpenMetrics: a unit is the end of the name, and information has none. */
static bool
is_sound(const struct metric *f)
{
	size_t len = strlen(f->name), unit;

	if (f->unit == NULL)
		return true;
	unit = strlen(f->unit);
	return f->kind != METRIC_INFO && len > unit + 1 &&
	       f->name[len - unit - 1] == '_' &&
	       strcmp(f->name + len - unit, f->unit) == 0;
}

void
metrics_begin(struct metrics *m, const struct metric *family)
{
	assert(is_sound(family));
	m->out.max = METRICS_MAX;
	m->family = family;
	put_line(m, "HELP", family->help);
	put_line(m, "TYPE",
	         m->old ? kinds[family->kind].old_type
	                : kinds[family->kind].type);
	if (family->unit != NULL && !m->old)
		put_line(m, "UNIT", family->unit);
}

static void
put_value(struct metrics *m, const char *value)
{
	char text[METRIC_LABEL_MAX];

	(void)snprintf(text, sizeof(text), "%s", value);
	text_make_utf8(text); /* also what was cut in the middle of a letter */
	for (const char *at = text; *at != '\0'; at++) {
		if (*at == '\n') {
			buf_text(&m->out, "\\n");
			continue;
		}
		if (*at == '\\' || *at == '"')
			buf_text(&m->out, "\\");
		buf_u8(&m->out, (uint8_t)*at);
	}
}

/* "name_end{a="1",b="2"} number" */
static void
put_sample(struct metrics *m, const char *end,
           const struct metric_label *labels, const char *number)
{
	const char *before = "{";

	buf_text(&m->out, m->family->name);
	buf_text(&m->out, end);
	for (; labels != NULL && labels->name != NULL; labels++) {
		buf_text(&m->out, before);
		buf_text(&m->out, labels->name);
		buf_text(&m->out, "=\"");
		put_value(m, labels->value);
		buf_text(&m->out, "\"");
		before = ",";
	}
	buf_text(&m->out, *before == ',' ? "} " : " ");
	buf_text(&m->out, number);
	buf_text(&m->out, "\n");
}

/* A number that must read as a real one ("1.0") has a point. */
static void
format(const struct metrics *m, uint64_t n, bool real, char out[NUMBER_MAX])
{
	unsigned long long whole = m->family->micro ? n / 1000000 : n;
	int len;

	if (!m->family->micro) {
		snprintf(out, NUMBER_MAX, real ? "%llu.0" : "%llu", whole);
		return;
	}
	len = snprintf(out, NUMBER_MAX, "%llu.%06llu", whole,
	               (unsigned long long)(n % 1000000));
	while (out[len - 1] == '0' && out[len - 2] != '.')
		out[--len] = '\0';
}

void
metrics_put(struct metrics *m, const struct metric_label *labels, uint64_t n)
{
	char number[NUMBER_MAX];

	format(m, n, false, number);
	put_sample(m, kinds[m->family->kind].end, labels, number);
}

void
metrics_histogram(struct metrics *m, const struct histogram_bounds *bounds,
                  const struct histogram *h)
{
	char number[NUMBER_MAX], bound[NUMBER_MAX];
	const struct metric_label le[] = {{"le", bound}, {NULL, NULL}};
	uint64_t count = 0;

	assert(m->family->kind == METRIC_HISTOGRAM);
	for (size_t i = 0; i <= bounds->n; i++) {
		count += h->in[i];
		if (i < bounds->n)
			format(m, bounds->at[i], true, bound);
		else
			snprintf(bound, sizeof(bound), "+Inf");
		snprintf(number, sizeof(number), "%llu",
		         (unsigned long long)count);
		put_sample(m, "_bucket", le, number);
	}
	put_sample(m, "_count", NULL, number);
	format(m, h->sum, false, number);
	put_sample(m, "_sum", NULL, number);
}

struct span
metrics_end(struct metrics *m)
{
	if (!m->old)
		buf_text(&m->out, "# EOF\n");
	/* Families and labels are tables: a text over the limit is our bug. */
	assert(!m->out.over);
	return buf_span(&m->out);
}

void
metrics_done(struct metrics *m)
{
	buf_done(&m->out);
}
