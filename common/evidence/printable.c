/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "evidence/printable.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { WORDS_MAX = 160, UNIT_MAX = 16, GUID_SIZE = 16 };
static const char dots[] = "...";

struct printable
printable_of(char *out, size_t size)
{
	out[0] = '\0';
	return (struct printable){.out = out, .size = size};
}

/* A piece goes in whole or not at all, and there is always room for the dots.
 */
static void
add(struct printable *p, const char *piece)
{
	size_t len = strlen(piece);

	if (p->cut)
		return;
	if (p->len + len + sizeof(dots) > p->size) {
		p->cut = true;
		memcpy(p->out + p->len, dots, sizeof(dots));
		p->len += sizeof(dots) - 1;
		return;
	}
	memcpy(p->out + p->len, piece, len + 1);
	p->len += len;
}

void
printable_add(struct printable *p, const char *format, ...)
{
	char words[WORDS_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	add(p, words);
}

static void
add_byte(struct printable *p, uint8_t byte)
{
	char unit[UNIT_MAX];

	snprintf(unit, sizeof(unit), "\\x%02x", byte);
	add(p, unit);
}

static bool
is_surrogate(uint32_t c)
{
	return c >= 0xd800 && c <= 0xdfff;
}

static void
add_character(struct printable *p, uint32_t c)
{
	char unit[UNIT_MAX] = {0};
	char *to = unit;

	if (c < 0x80) {
		*to++ = (char)c;
	} else if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
		*to++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*to++ = (char)(0xe0 | c >> 12);
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
		*to++ = (char)(0x80 | (c & 0x3f));
	} else {
		*to++ = (char)(0xf0 | c >> 18);
		*to++ = (char)(0x80 | (c >> 12 & 0x3f));
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
		*to++ = (char)(0x80 | (c & 0x3f));
	}
	if (is_surrogate(c) || !text_is_printable(unit))
		snprintf(unit, sizeof(unit), "\\u{%x}", c);
	add(p, unit);
}

/* The character at the start of `s` (RFC 3629: shortest form, no surrogate, up
 * to U+10FFFF) and its length; 0 when there is none. */
static size_t
utf8_character(struct span s, uint32_t *out)
{
	static const struct {
		uint8_t lead, mask;
		uint32_t least;
	} forms[] = {{0x00, 0x80, 0},
	             {0xc0, 0xe0, 0x80},
	             {0xe0, 0xf0, 0x800},
	             {0xf0, 0xf8, 0x10000}};

	for (size_t n = 1; n <= LENGTH_OF(forms) && n <= s.len; n++) {
		uint8_t mask = forms[n - 1].mask;
		uint32_t c = s.at[0] & (uint8_t)~mask;

		if ((s.at[0] & mask) != forms[n - 1].lead)
			continue;
		for (size_t i = 1; i < n; i++) {
			if ((s.at[i] & 0xc0) != 0x80)
				return 0;
			c = c << 6 | (s.at[i] & 0x3f);
		}
		*out = c;
		return c < forms[n - 1].least || c > 0x10ffff || is_surrogate(c)
		           ? 0
		           : n;
	}
	return 0;
}

void
printable_utf8(struct printable *p, struct span s)
{
	for (size_t i = 0; i < s.len && s.at[i] != '\0' && !p->cut;) {
		uint32_t c;
		size_t n = utf8_character(span_of(s.at + i, s.len - i), &c);

		if (n == 0)
			add_byte(p, s.at[i]);
		else
			add_character(p, c);
		i += n == 0 ? 1 : n;
	}
}

static uint32_t
unit_at(struct span s, size_t i)
{
	return (uint32_t)s.at[i] | (uint32_t)s.at[i + 1] << 8;
}

void
printable_utf16(struct printable *p, struct span s)
{
	for (size_t i = 0; i + 1 < s.len && !p->cut; i += 2) {
		uint32_t c = unit_at(s, i), low;

		if (c == 0)
			return;
		if (c >= 0xd800 && c <= 0xdbff && i + 3 < s.len) {
			low = unit_at(s, i + 2);
			if (low >= 0xdc00 && low <= 0xdfff) {
				c = 0x10000 + ((c & 0x3ff) << 10) +
				    (low & 0x3ff);
				i += 2;
			}
		}
		add_character(p, c);
	}
}

void
printable_hex(struct printable *p, struct span s)
{
	for (size_t i = 0; i < s.len && !p->cut; i++)
		printable_add(p, "%02x", s.at[i]);
}

void
printable_guid(struct printable *p, struct span guid)
{
	static const uint8_t order[GUID_SIZE] = {3, 2, 1,  0,  5,  4,  7,  6,
	                                         8, 9, 10, 11, 12, 13, 14, 15};
	char text[2 * GUID_SIZE + 5] = {0};
	size_t len = 0;

	if (guid.len != GUID_SIZE)
		return;
	for (size_t i = 0; i < GUID_SIZE; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text[len++] = '-';
		snprintf(text + len, sizeof(text) - len, "%02x",
		         guid.at[order[i]]);
		len += 2;
	}
	add(p, text);
}
