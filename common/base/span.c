/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/span.h"

#include <assert.h>
#include <string.h>

struct span
span_of(const void *at, size_t len)
{
	assert(at != NULL || len == 0);
	return (struct span){at, len};
}

struct span
span_str(const char *text)
{
	return span_of(text, strlen(text));
}

bool
span_eq(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool
span_is_zero(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] != 0)
			return false;
	return true;
}
