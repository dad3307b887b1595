/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "checks/words.h"

#include <string.h>

bool
same_text(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool
same_name(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return false;
	while (*a != '\0' && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return lower(*a) == lower(*b);
}

bool
begins_with(const char *text, const char *start)
{
	return text != NULL && strncmp(text, start, strlen(start)) == 0;
}

bool
is_one_of(const char *const *list, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (same_text(list[i], text))
			return true;
	return false;
}

const char *
or_unknown(const char *text)
{
	return text != NULL ? text : "not known";
}

bool
is_every_hosts(const char *address)
{
	static const char *const everywhere[] = {"0.0.0.0", "::", "::1",
	                                         "localhost"};

	return is_one_of(everywhere, LENGTH_OF(everywhere), address) ||
	       begins_with(address, "127.");
}

/* The number at *at, which moves behind it. */
static bool
read_number(const char **at, unsigned *number)
{
	const char *from = *at;
	unsigned n = 0;

	while (**at >= '0' && **at <= '9') {
		n = n * 10 + (unsigned)(**at - '0');
		if (n >= CPUSET_SIZE)
			return false;
		(*at)++;
	}
	*number = n;
	return *at != from;
}

static void
put(struct cpuset *set, unsigned number, bool in)
{
	uint8_t bit = (uint8_t)(1U << (number % 8));

	if (in)
		set->bits[number / 8] |= bit;
	else
		set->bits[number / 8] &= (uint8_t)~bit;
}

/* One member, "3", "0-3" or "^2". */
static bool
read_member(const char **at, struct cpuset *set)
{
	bool out = **at == '^';
	unsigned first, last;

	if (out)
		(*at)++;
	if (!read_number(at, &first))
		return false;
	last = first;
	if (**at == '-' && !out) {
		(*at)++;
		if (!read_number(at, &last) || last < first)
			return false;
	}
	for (unsigned n = first; n <= last; n++)
		put(set, n, !out);
	return true;
}

bool
cpuset_parse(const char *text, struct cpuset *set)
{
	*set = (struct cpuset){{0}};
	if (text == NULL || strlen(text) > CPUSET_TEXT_MAX)
		return false;
	if (*text == '\0')
		return true;
	while (read_member(&text, set)) {
		if (*text == '\0')
			return true;
		if (*text++ != ',')
			break;
	}
	*set = (struct cpuset){{0}};
	return false;
}

bool
cpuset_has(const struct cpuset *set, unsigned number)
{
	return number < CPUSET_SIZE &&
	       (set->bits[number / 8] >> (number % 8) & 1) != 0;
}

bool
cpuset_is_within(const struct cpuset *a, const struct cpuset *b,
                 unsigned *first)
{
	for (unsigned i = 0; i < CPUSET_SIZE; i++)
		if (cpuset_has(a, i) && !cpuset_has(b, i)) {
			*first = i;
			return false;
		}
	return true;
}
