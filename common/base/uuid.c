/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/uuid.h"

#include <string.h>

#include "base/text.h"

static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

_Static_assert(sizeof(shape) == UUID_SIZE, "see uuid.h");

bool
uuid_is_lower(const char *text)
{
	if (strlen(text) != UUID_SIZE - 1)
		return false;
	for (size_t i = 0; i < UUID_SIZE - 1; i++)
		if (shape[i] == '-'
		        ? text[i] != '-'
		        : strchr("0123456789abcdef", text[i]) == NULL)
			return false;
	return true;
}

bool
uuid_read(const char *text, char out[UUID_SIZE])
{
	bool fits = text_copy(text, out, UUID_SIZE);

	for (char *c = out; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'F')
			*c = (char)(*c - 'A' + 'a');
	if (fits && uuid_is_lower(out))
		return true;
	out[0] = '\0';
	return false;
}

void
uuid_format(const uint8_t bytes[UUID_BYTES], char out[UUID_SIZE])
{
	char digits[TEXT_HEX_SIZE(UUID_BYTES)];
	const char *next = text_hex(span_of(bytes, UUID_BYTES), digits);

	for (size_t i = 0; i < UUID_SIZE - 1; i++)
		out[i] = shape[i] == '-' ? '-' : *next++;
	out[UUID_SIZE - 1] = '\0';
}
