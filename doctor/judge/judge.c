/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "judge_private.h"

const char health_as_root[] = "run this as root";

static const char *const names[] = {
    [HEALTH_SKIP] = "skip",
    [HEALTH_OK] = "ok",
    [HEALTH_WARN] = "warn",
    [HEALTH_FAIL] = "fail",
};

static const struct {
	const char *name;
	void (*judge)(const struct health_facts *, struct health_report *);
} parts[HEALTH_PART_COUNT] = {
#define X(id, field, words) [HEALTH_PART_##id] = {words, judge_##field},
    HEALTH_PARTS(X)
#undef X
};

const char *
health_name(enum health state)
{
	return names[state];
}

enum health
health_of_name(const char *name)
{
	for (size_t i = 0; i < LENGTH_OF(names); i++)
		if (strcmp(names[i], name) == 0)
			return (enum health)i;
	return HEALTH_SKIP;
}

void
health_add(struct health_report *r, enum health state, const char *subject,
           const char *text, const char *remedy)
{
	struct health_line *line;

	/* One that is left out must not hide a failure. */
	if (r->n == HEALTH_LINES_MAX) {
		line = &r->lines[HEALTH_LINES_MAX - 1];
		if (state > line->state)
			line->state = state;
		subject = "doctor";
		text = "there is more to say than there is room for";
		remedy = "mend what is above, and run this again";
		state = line->state;
	} else {
		line = &r->lines[r->n++];
	}
	line->state = state;
	snprintf(line->subject, sizeof(line->subject), "%s", subject);
	snprintf(line->text, sizeof(line->text), "%s", text);
	snprintf(line->remedy, sizeof(line->remedy), "%s", remedy);
}

void
health_say(struct health_report *r, struct health_about about,
           const char *format, ...)
{
	char text[HEALTH_TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	health_add(r, about.state, about.subject, text, about.remedy);
}

const char *
health_span(uint64_t seconds, char out[HEALTH_SPAN_SIZE])
{
	static const struct {
		uint64_t s;
		const char *word;
	} units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}};
	size_t i = 0;
	uint64_t n;

	while (i < LENGTH_OF(units) - 1 && seconds < 2 * units[i].s)
		i++;
	n = seconds / units[i].s;
	snprintf(out, HEALTH_SPAN_SIZE, "%llu %s%s", (unsigned long long)n,
	         units[i].word, n == 1 ? "" : "s");
	return out;
}

bool
health_is_set_up(const struct health_daemon *d)
{
	return d->asked || d->conf_there || d->unit;
}

void
health_judge(const struct health_facts *f, struct health_report *r)
{
	for (size_t i = 0; i < HEALTH_PART_COUNT; i++) {
		if (f->late[i])
			health_say(
			    r,
			    (struct health_about){
				HEALTH_SKIP, parts[i].name,
				"what does it hang on: a TPM, a mount, a "
				"directory of accounts?"},
			    "no answer within %d seconds",
			    HEALTH_LOOK_MS / 1000);
		else
			parts[i].judge(f, r);
	}
}
