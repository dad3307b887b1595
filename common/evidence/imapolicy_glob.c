/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Paths as they are written in a policy, and as they match. */
#include <string.h>

#include "imapolicy_private.h"

int
imapolicy_hex(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte that an escape stands for, and its length; 0 for none. */
static size_t
escape(struct span s, uint8_t *out)
{
	static const uint8_t letters[][2] = {
	    {'n', '\n'}, {'r', '\r'}, {'\\', '\\'}, {'*', '*'}, {'?', '?'}};

	for (size_t i = 0; s.len >= 2 && i < LENGTH_OF(letters); i++)
		if (s.at[1] == letters[i][0]) {
			*out = letters[i][1];
			return 2;
		}
	if (s.len < 4 || s.at[1] != 'x' || imapolicy_hex(s.at[2]) < 0 ||
	    imapolicy_hex(s.at[3]) < 0)
		return 0;
	*out = (uint8_t)(imapolicy_hex(s.at[2]) << 4 | imapolicy_hex(s.at[3]));
	return 4;
}

/* The token at the start of a glob, and its length; 0: a byte. */
static size_t
star(struct span s, uint8_t *token)
{
	*token = IMAPOLICY_BYTE;
	if (s.at[0] == '?')
		*token = IMAPOLICY_ANY;
	else if (s.at[0] == '*' && s.len > 1 && s.at[1] == '*')
		*token = IMAPOLICY_ACROSS;
	else if (s.at[0] == '*')
		*token = IMAPOLICY_WITHIN;
	if (*token == IMAPOLICY_BYTE)
		return 0;
	return *token == IMAPOLICY_ACROSS ? 2 : 1;
}

/* The next byte or token; how many bytes it is of, 0 for an error. */
static size_t
take(struct span rest, enum imapolicy_form form, uint8_t *byte, uint8_t *token,
     struct err *err)
{
	size_t len = form == IMAPOLICY_GLOB ? star(rest, token) : 0;

	*byte = '*';
	if (len != 0)
		return len;
	*token = IMAPOLICY_BYTE;
	*byte = rest.at[0];
	len = 1;
	if (form != IMAPOLICY_PLAIN && rest.at[0] == '\\')
		len = escape(rest, byte);
	if (len == 0)
		(void)err_set(err, ERR_MALFORMED,
		              "not an escape: \\n \\r \\\\ \\* \\? \\xNN are");
	if (*byte == '\0') {
		(void)err_set(err, ERR_MALFORMED, "a NUL in a path");
		return 0;
	}
	/* As ima_template_lib.c writes it. */
	if (*byte == ' ')
		*byte = '_';
	return len;
}

bool
imapolicy_unescape(struct span s, enum imapolicy_form form,
                   struct imapolicy_text *out, struct err *err)
{
	out->n = 0;
	out->glob = false;
	while (s.len != 0) {
		uint8_t byte, token = IMAPOLICY_BYTE;
		size_t len = take(s, form, &byte, &token, err);

		if (len == 0)
			return false;
		if (out->n == IMAPOLICY_PATH_MAX)
			return err_set(err, ERR_LIMIT,
			               "a path is %d bytes at most",
			               IMAPOLICY_PATH_MAX);
		out->bytes[out->n] = byte;
		out->tokens[out->n++] = token;
		out->glob |= token != IMAPOLICY_BYTE;
		s = span_of(s.at + len, s.len - len);
	}
	return out->n != 0 || err_set(err, ERR_MALFORMED, "no path");
}

/* How far into the glob some reading of the path can have come. */
enum { WORD_BITS = 64 };
struct places {
	uint64_t bits[IMAPOLICY_GLOB_MAX / WORD_BITS + 1];
};

/* To this place, and over stars, which may stand for nothing. */
static void
enter(struct places *s, const uint8_t *tokens, size_t n, size_t i)
{
	for (;; i++) {
		s->bits[i / WORD_BITS] |= UINT64_C(1) << i % WORD_BITS;
		if (i == n || tokens[i] < IMAPOLICY_WITHIN)
			return;
	}
}

static void
step(const struct places *from, struct places *to, const uint8_t *tokens,
     const uint8_t *bytes, size_t n, uint8_t c)
{
	*to = (struct places){0};
	for (size_t w = 0; w <= n / WORD_BITS; w++) {
		uint64_t left = from->bits[w];

		for (; left != 0; left &= left - 1) {
			size_t i =
			    w * WORD_BITS + (size_t)__builtin_ctzll(left);
			uint8_t token;

			if (i == n)
				continue;
			token = tokens[i];
			if (token == IMAPOLICY_BYTE
			        ? bytes[i] != c
			        : token != IMAPOLICY_ACROSS && c == '/')
				continue;
			enter(to, tokens, n,
			      token < IMAPOLICY_WITHIN ? i + 1 : i);
		}
	}
}

bool
imapolicy_glob_matches(const struct imapolicy *p,
                       const struct imapolicy_glob *g, struct span path)
{
	const uint8_t *tokens = p->pool.at + g->at, *bytes = tokens + g->n;
	struct places now = {0}, next;

	if (path.len == 0 || path.len > IMAPOLICY_PATH_MAX ||
	    path.len < g->literal || memcmp(bytes, path.at, g->literal) != 0)
		return false;
	enter(&now, tokens, g->n, g->literal);
	for (size_t i = g->literal; i < path.len; i++) {
		step(&now, &next, tokens, bytes, g->n, path.at[i]);
		now = next;
	}
	return now.bits[g->n / WORD_BITS] >> g->n % WORD_BITS & 1;
}
