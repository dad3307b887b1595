/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/log_line.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
	FORMAT_MAX = 512,
	MARKS_FIRST = 0x01,
	MARKS_LAST = 0x1f,
	PRINTED_MAX = LOG_LINE_MAX + 2 * LOG_FIELDS_MAX, /* with marks */
};

/* The values of a format: where each begins and ends, without its quotes. */
struct piece {
	const char *key, *at;
	size_t key_len, len;
};
struct pieces {
	size_t n;
	struct piece of[LOG_FIELDS_MAX];
};

static bool
is_key(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* A key and its value at the beginning of `at`, a word of the format; behind
 * it, or behind the word when it is none. */
static const char *
take_word(const char *at, struct piece *piece)
{
	size_t key = 0;
	const char *end;
	bool quoted;

	while (is_key(at[key]))
		key++;
	piece->key_len = 0;
	if (key < LOG_NAME_MAX - sizeof(LOG_FIELD_PREFIX) && at[key] == '=')
		piece->key_len = key;
	if (piece->key_len == 0)
		return at + strcspn(at, " ");
	piece->key = at;
	quoted = at[key + 1] == '"';
	piece->at = at + key + 1 + quoted;
	piece->len = strcspn(piece->at, quoted ? "\"" : " ");
	end = piece->at + piece->len;
	return quoted && *end == '"' ? end + 1 : end;
}

static void
find_pieces(const char *format, struct pieces *p)
{
	p->n = 0;
	for (const char *at = format; *at != '\0' && p->n < LOG_FIELDS_MAX;) {
		at = take_word(at, &p->of[p->n]);
		p->n += p->of[p->n].key_len != 0;
		at += strspn(at, " ");
	}
}

/* The format with a mark on both sides of each value; false when it is too
 * long. */
static bool
mark_format(const char *format, const struct pieces *p, char mark,
            char out[FORMAT_MAX])
{
	size_t n = 0, from = 0, len = strlen(format);

	if (len + 2 * p->n >= FORMAT_MAX)
		return false;
	for (size_t i = 0; i < p->n; i++) {
		size_t at = (size_t)(p->of[i].at - format);
		size_t end = at + p->of[i].len;

		memcpy(out + n, format + from, at - from);
		n += at - from;
		out[n++] = mark;
		memcpy(out + n, format + at, end - at);
		n += end - at;
		out[n++] = mark;
		from = end;
	}
	memcpy(out + n, format + from, len - from + 1);
	return true;
}

/* The format is ours, and only has marks put in. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void
print_marked(char *out, const char *marked, va_list args)
{
	vsnprintf(out, PRINTED_MAX, marked, args);
}
#pragma GCC diagnostic pop

/* Not one of the characters that stand in what is printed; '\0': all do. */
static char
free_mark(const char *printed)
{
	for (int mark = MARKS_FIRST; mark <= MARKS_LAST; mark++)
		if (strchr(printed, mark) == NULL)
			return (char)mark;
	return '\0';
}

/* Text of the line being made, as far as there is room. */
static void
put(struct log_line *l, size_t *n, const char *from, size_t len, bool value)
{
	for (size_t i = 0; i < len && *n + 1 < LOG_LINE_MAX; i++) {
		unsigned char c = (unsigned char)from[i];

		l->text[(*n)++] = c < 0x20 || c == 0x7f ? '?'
		                  : value && c == '"'   ? '\''
		                                        : (char)c;
	}
	l->text[*n] = '\0';
}

/* What an operator asks the journal for stands there by its own word; all else
 * has a prefix, since the journal's names are everybody's. */
static const struct {
	const char *key, *field;
} words[] = {
    {"host", "HOST"},
    {"verdict", "VERDICT"},
    {"reason", "REASON"},
    {"boot_session", "SESSION"},
};

static void
put_name(const struct piece *p, char name[LOG_NAME_MAX])
{
	size_t at = sizeof(LOG_FIELD_PREFIX) - 1;

	for (size_t i = 0; i < LENGTH_OF(words); i++)
		if (strlen(words[i].key) == p->key_len &&
		    memcmp(words[i].key, p->key, p->key_len) == 0) {
			snprintf(name, LOG_NAME_MAX, "%s", words[i].field);
			return;
		}
	memcpy(name, LOG_FIELD_PREFIX, at);
	for (size_t i = 0; i < p->key_len; i++) {
		char c = p->key[i];

		name[at++] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
	}
	name[at] = '\0';
}

static void
add_field(struct log_line *l, size_t *used, const struct piece *p,
          const char *value, size_t len)
{
	char *name = l->names[l->n], *copy = l->values + *used;

	if (*used + len + 1 > LOG_LINE_MAX || (len == 1 && *value == '-'))
		return;
	put_name(p, name);
	memcpy(copy, value, len);
	copy[len] = '\0';
	*used += len + 1;
	l->fields[l->n++] = (struct journal_field){name, copy};
}

/* The line and its fields, from what was printed with marks. */
static void
split(struct log_line *l, const char *printed, char mark,
      const struct pieces *p)
{
	const char both[] = {mark, '\0'};
	size_t n = 0, used = 0;

	for (size_t i = 0; *printed != '\0'; i++) {
		size_t len = strcspn(printed, both);
		bool quoted = len != 0 && printed[len - 1] == '"', bare;

		put(l, &n, printed, len, false);
		printed += len;
		if (*printed == '\0' || i >= p->n)
			return;
		len = strcspn(++printed, both);
		bare = !quoted && memchr(printed, ' ', len) != NULL;
		put(l, &n, "\"", bare, false);
		put(l, &n, printed, len, true);
		put(l, &n, "\"", bare, false);
		add_field(l, &used, &p->of[i], printed, len);
		printed += len;
		printed += *printed != '\0';
	}
}

void
log_line_make(struct log_line *l, const char *format, va_list args)
{
	char marked[FORMAT_MAX], printed[PRINTED_MAX];
	struct pieces pieces;
	va_list again;
	char mark;
	size_t n = 0;

	va_copy(again, args);
	vsnprintf(printed, sizeof(printed), format, args);
	find_pieces(format, &pieces);
	mark = free_mark(printed);
	l->n = 0;
	if (mark != '\0' && mark_format(format, &pieces, mark, marked)) {
		print_marked(printed, marked, again);
		split(l, printed, mark, &pieces);
	} else {
		/* Nobody's words need 31 control characters. */
		put(l, &n, printed, strlen(printed), false);
	}
	va_end(again);
}
