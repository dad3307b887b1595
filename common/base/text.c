/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/text.h"

#include <string.h>

static const char hex_digits[] = "0123456789abcdef";
static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *
text_hex(struct span s, char *out)
{
	for (size_t i = 0; i < s.len; i++) {
		out[2 * i] = hex_digits[s.at[i] >> 4];
		out[2 * i + 1] = hex_digits[s.at[i] & 15];
	}
	out[2 * s.len] = '\0';
	return out;
}

char *
text_base64(struct span s, char *out)
{
	char *to = out;

	for (size_t i = 0; i < s.len; i += 3) {
		size_t n = s.len - i < 3 ? s.len - i : 3;
		uint32_t bits = 0;

		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 | (k < n ? s.at[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			*to++ = k <= n
			            ? base64_digits[bits >> (18 - 6 * k) & 63]
			            : '=';
	}
	*to = '\0';
	return out;
}

char *
text_base64url(struct span s, char *out)
{
	char *at = text_base64(s, out);

	for (; *at != '\0' && *at != '='; at++) {
		if (*at == '+')
			*at = '-';
		else if (*at == '/')
			*at = '_';
	}
	*at = '\0';
	return out;
}

static int
digit_of(const char *digits, int fold, char c)
{
	const char *at;

	if (fold && c >= 'A' && c <= 'F')
		c = (char)(c - 'A' + 'a');
	at = c != '\0' ? strchr(digits, c) : NULL;
	return at != NULL ? (int)(at - digits) : -1;
}

bool
text_unhex(const char *text, struct buf *out)
{
	size_t len = strlen(text), before = out->len;

	if (len % 2 != 0)
		return false;
	for (size_t i = 0; i < len; i += 2) {
		int high = digit_of(hex_digits, 1, text[i]);
		int low = digit_of(hex_digits, 1, text[i + 1]);

		if (high < 0 || low < 0) {
			out->len = before;
			return false;
		}
		buf_u8(out, (uint8_t)(high << 4 | low));
	}
	return !out->over;
}

/* One group of four: 1 to 3 bytes into `bytes`, their count; 0 when bad. */
static size_t
base64_group(const uint8_t *text, bool last, uint8_t bytes[3])
{
	uint32_t bits = 0;
	size_t n = 4;

	while (last && n > 2 && text[n - 1] == '=')
		n--;
	for (size_t k = 0; k < 4; k++) {
		int digit = 0;

		if (k < n)
			digit = digit_of(base64_digits, 0, (char)text[k]);
		if (digit < 0)
			return 0;
		bits = bits << 6 | (uint32_t)digit;
	}
	for (size_t k = 0; k < 3; k++)
		bytes[k] = (uint8_t)(bits >> (16 - 8 * k));
	for (size_t k = n - 1; k < 3; k++)
		if (bytes[k] != 0)
			return 0;
	return n - 1;
}

bool
text_unbase64(struct span text, struct buf *out)
{
	size_t before = out->len;

	if (text.len % 4 != 0)
		return false;
	for (size_t i = 0; i < text.len; i += 4) {
		uint8_t bytes[3];
		size_t n;

		n = base64_group(text.at + i, i + 4 == text.len, bytes);
		if (n == 0) {
			out->len = before;
			return false;
		}
		buf_add(out, span_of(bytes, n));
	}
	return !out->over;
}

bool
text_unbase64url(struct span text, struct buf *out)
{
	AUTO(buf_done) struct buf padded = {.max = TEXT_BASE64URL_MAX + 4};

	if (text.len > TEXT_BASE64URL_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];

		if (c == '+' || c == '/' || c == '=')
			return false;
		buf_u8(&padded, c == '-' ? '+' : c == '_' ? '/' : c);
	}
	while (padded.len % 4 != 0)
		buf_u8(&padded, '=');
	return text_unbase64(buf_span(&padded), out);
}

bool
text_u64(const char *text, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		uint64_t digit = (uint64_t)(*text - '0');

		if (*text < '0' || *text > '9' || digit > max ||
		    value > (max - digit) / 10)
			return false;
		value = 10 * value + digit;
	}
	*out = value;
	return true;
}

bool
text_copy(const char *text, char *out, size_t size)
{
	size_t len = strlen(text);

	out[0] = '\0';
	if (len >= size)
		return false;
	memcpy(out, text, len + 1);
	return true;
}

void
text_ascii(struct span s, char *out, size_t size)
{
	size_t n = s.len < size ? s.len : size - 1;

	for (size_t i = 0; i < n; i++) {
		bool shows = s.at[i] >= 0x20 && s.at[i] < 0x7f;

		out[i] = shows ? (char)s.at[i] : '?';
	}
	out[n] = '\0';
}

/* What moves a terminal's cursor or turns the order of letters around, in
 * UTF-8: the second set of controls (ISO 6429), U+200E and F, U+2028 to E,
 * U+2066 to 9.
 */
static const struct {
	const char *lead;
	unsigned char first, last;
} unseen[] = {
    {"\xc2", 0x80, 0x9f},
    {"\xe2\x80", 0x8e, 0x8f},
    {"\xe2\x80", 0xa8, 0xae},
    {"\xe2\x81", 0xa6, 0xa9},
};

bool
text_is_printable(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
		for (size_t i = 0; i < LENGTH_OF(unseen); i++) {
			size_t len = strlen(unseen[i].lead);
			unsigned char next;

			if (strncmp(text, unseen[i].lead, len) != 0)
				continue;
			next = (unsigned char)text[len];
			if (next >= unseen[i].first && next <= unseen[i].last)
				return false;
		}
	}
	return true;
}

/* How many bytes the letter has that begins here; 0: none does. */
static size_t
letter(const unsigned char *at)
{
	size_t n = at[0] < 0x80   ? 1
	           : at[0] < 0xc2 ? 0
	           : at[0] < 0xe0 ? 2
	           : at[0] < 0xf0 ? 3
	           : at[0] < 0xf5 ? 4
	                          : 0;

	for (size_t i = 1; i < n; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	/* Longer than need be, a surrogate, beyond the last one. */
	if ((at[0] == 0xe0 && at[1] < 0xa0) ||
	    (at[0] == 0xed && at[1] > 0x9f) ||
	    (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
		return 0;
	return n;
}

void
text_make_utf8(char *text)
{
	while (*text != '\0') {
		size_t n = letter((const unsigned char *)text);

		if (n == 0)
			*text = '?';
		text += n != 0 ? n : 1;
	}
}

void
text_make_printable(char *text)
{
	text_make_utf8(text);
	while (*text != '\0') {
		size_t n = letter((const unsigned char *)text);
		char one[5] = "";

		memcpy(one, text, n);
		if (!text_is_printable(one))
			memset(text, '?', n);
		text += n;
	}
}
