/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "when.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { DAY_S = 24 * 3600, NUMBER_MAX = 16 };

bool
when_span_read(const char *text, uint64_t max_s, uint64_t *out, struct err *err)
{
	static const struct {
		char unit;
		uint64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', DAY_S}};
	size_t len = strlen(text);
	char number[NUMBER_MAX];
	uint64_t n;

	for (size_t i = 0; i < LENGTH_OF(units); i++) {
		if (len < 2 || len > NUMBER_MAX ||
		    text[len - 1] != units[i].unit)
			continue;
		memcpy(number, text, len - 1);
		number[len - 1] = '\0';
		if (!text_u64(number, max_s / units[i].seconds, &n) || n == 0)
			break;
		*out = n * units[i].seconds;
		return true;
	}
	return err_set(err, ERR_CONFIG,
	               "'%.40s' is no time: a number above zero and s, m, h "
	               "or d, at most %llu s",
	               text, (unsigned long long)max_s);
}

/* A number of so many digits, between two bounds; `*at` goes behind it. */
static bool
take_number(const char **at, size_t digits, unsigned min, unsigned max,
            unsigned *out)
{
	unsigned n = 0;

	for (size_t i = 0; i < digits; i++, ++*at) {
		if (**at < '0' || **at > '9')
			return false;
		n = 10 * n + (unsigned)(**at - '0');
	}
	*out = n;
	return n >= min && n <= max;
}

static bool
take_mark(const char **at, char mark)
{
	if (**at != mark)
		return false;
	++*at;
	return true;
}

/* Days of the Gregorian calendar since 1970-01-01. */
static bool
take_date(const char **at, uint64_t *days)
{
	static const unsigned before[] = {0,   31,  59,  90,  120, 151,
	                                  181, 212, 243, 273, 304, 334};
	static const unsigned lengths[] = {31, 28, 31, 30, 31, 30,
	                                   31, 31, 30, 31, 30, 31};
	unsigned year, month, day, past;
	bool leap;

	if (!take_number(at, 4, 1970, 9999, &year) || !take_mark(at, '-') ||
	    !take_number(at, 2, 1, 12, &month) || !take_mark(at, '-') ||
	    !take_number(at, 2, 1, 31, &day))
		return false;
	leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	if (day > lengths[month - 1] + (month == 2 && leap))
		return false;
	/* Leap days of the years before this one. */
	past = year - 1;
	*days = (uint64_t)(year - 1970) * 365 +
	        (past / 4 - past / 100 + past / 400) -
	        (1969 / 4 - 1969 / 100 + 1969 / 400) + before[month - 1] +
	        (month > 2 && leap) + (day - 1);
	return true;
}

/* Of a day, "18:30" or "18:30:05". */
static bool
take_time(const char **at, uint64_t *seconds)
{
	unsigned hour, minute, second = 0;

	if (!take_number(at, 2, 0, 23, &hour) || !take_mark(at, ':') ||
	    !take_number(at, 2, 0, 59, &minute))
		return false;
	if (take_mark(at, ':') && !take_number(at, 2, 0, 59, &second))
		return false;
	*seconds = hour * UINT64_C(3600) + minute * UINT64_C(60) + second;
	return true;
}

static bool
read_date(const char *text, uint64_t *out)
{
	uint64_t days, seconds = 0;
	bool timed;

	if (!take_date(&text, &days))
		return false;
	timed = take_mark(&text, 'T');
	if (timed && !take_time(&text, &seconds))
		return false;
	if (timed)
		(void)take_mark(&text, 'Z');
	*out = days * DAY_S + seconds;
	return *text == '\0';
}

bool
when_read(const char *text, uint64_t now_s, uint64_t *out, struct err *err)
{
	uint64_t s = 0;

	if (text[0] == '+') {
		if (!when_span_read(text + 1, WHEN_MAX_S, &s, err))
			return false;
		s += now_s;
	} else if (!text_u64(text, WHEN_MAX_S, &s) && !read_date(text, &s)) {
		return err_set(err, ERR_CONFIG,
		               "'%.40s' is no time: write 2026-12-24, "
		               "2026-12-24T18:30Z (UTC), +4h or +30d",
		               text);
	}
	if (s < WHEN_MIN_S || s > WHEN_MAX_S)
		return err_set(err, ERR_CONFIG,
		               "'%.40s' is not between 2001 and 9999", text);
	*out = s;
	return true;
}

bool
when_past_read(const char *text, uint64_t now_s, uint64_t *out, struct err *err)
{
	uint64_t s = 0;

	if (text[0] != '-')
		return when_read(text, now_s, out, err);
	if (!when_span_read(text + 1, now_s, &s, err))
		return false;
	*out = now_s - s;
	return true;
}
