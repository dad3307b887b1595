/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/address.h"

#include <stddef.h>
#include <string.h>

enum { OCTETS = 4, OCTET_DIGITS = 3, GROUPS = 8, GROUP_DIGITS = 4 };

static const char decimal[] = "0123456789";
static const char hexadecimal[] = "0123456789abcdefABCDEF";

static bool
is_octet(const char *at, size_t len)
{
	unsigned value = 0;

	if (len == 0 || len > OCTET_DIGITS || (len > 1 && at[0] == '0'))
		return false;
	for (size_t i = 0; i < len; i++)
		value = value * 10 + (unsigned)(at[i] - '0');
	return value <= 255;
}

static bool
is_ipv4(const char *text)
{
	for (int i = 0; i < OCTETS; i++) {
		size_t len = strspn(text, decimal);

		if (!is_octet(text, len))
			return false;
		text += len;
		if (*text != (i + 1 < OCTETS ? '.' : '\0'))
			return false;
		text++;
	}
	return true;
}

/* RFC 4291, 2.2: "::" stands for one group or more, once. */
static bool
is_ipv6(const char *text)
{
	int groups = 0;
	bool gap = strncmp(text, "::", 2) == 0;

	if (gap)
		text += 2;
	while (*text != '\0') {
		size_t len = strspn(text, hexadecimal);

		/* The last two may be written as IPv4. */
		if (text[len] == '.')
			return is_ipv4(text) && (gap ? groups + 2 < GROUPS
			                             : groups + 2 == GROUPS);
		if (len == 0 || len > GROUP_DIGITS || ++groups > GROUPS)
			return false;
		text += len;
		if (strncmp(text, "::", 2) == 0) {
			if (gap)
				return false;
			gap = true;
			text += 2;
		} else if (*text == ':' && text[1] != '\0') {
			text++;
		} else if (*text != '\0') {
			return false;
		}
	}
	return gap ? groups < GROUPS : groups == GROUPS;
}

bool
address_is_literal(const char *text)
{
	return strchr(text, ':') != NULL ? is_ipv6(text) : is_ipv4(text);
}
