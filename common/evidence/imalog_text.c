/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "imalog_private.h"

/* A line that is read, and the data that is made of it. */
struct line {
	struct span rest;
	uint8_t *to;
	size_t used, size;
	bool bad, over;
};

static void
put(struct line *l, const uint8_t *at, size_t len)
{
	if (len > l->size - l->used)
		l->over = true;
	else if (len != 0)
		memcpy(l->to + l->used, at, len);
	if (!l->over)
		l->used += len;
}

static int
digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* As the kernel writes it: lower case, two digits for a byte. */
static void
put_hex(struct line *l, struct span hex)
{
	l->bad = l->bad || hex.len % 2 != 0;
	for (size_t i = 0; i < hex.len && !l->bad && !l->over; i += 2) {
		int high = digit(hex.at[i]), low = digit(hex.at[i + 1]);
		uint8_t byte;

		if (high < 0 || low < 0) {
			l->bad = true;
			return;
		}
		byte = (uint8_t)(high << 4 | low);
		put(l, &byte, 1);
	}
}

/* "sha256:" is followed by a NUL in the binary form. */
static void
put_digest(struct line *l, struct span word)
{
	size_t prefix = word.len;

	while (prefix != 0 && word.at[prefix - 1] != ':')
		prefix--;
	if (word.len == 0)
		return;
	if (prefix == 0)
		l->bad = true;
	put(l, word.at, prefix);
	put(l, (const uint8_t *)"", 1);
	put_hex(l, span_of(word.at + prefix, word.len - prefix));
}

/* The text up to a space or the end; a space in front of it is its own. */
static struct span
word(struct line *l)
{
	struct span taken;
	size_t len = 0;

	if (l->rest.len == 0 || l->rest.at[0] != ' ') {
		l->bad = true;
		return (struct span){0};
	}
	l->rest = span_of(l->rest.at + 1, l->rest.len - 1);
	while (len < l->rest.len && l->rest.at[len] != ' ')
		len++;
	taken = span_of(l->rest.at, len);
	l->rest = span_of(l->rest.at + len, l->rest.len - len);
	return taken;
}

static void
put_field(struct line *l, const struct imalog_field *f)
{
	static const uint8_t none[4] = {0};
	struct span text = word(l);
	size_t before = l->used, len;

	if (!f->bare)
		put(l, none, sizeof(none));
	if (f->show == IMALOG_SHOW_DIGEST)
		put_digest(l, text);
	else if (f->show == IMALOG_SHOW_HASH || f->show == IMALOG_SHOW_HEX)
		put_hex(l, text);
	else
		put(l, text.at, text.len);
	if (f->show == IMALOG_SHOW_NAME)
		put(l, none, 1);
	if (f->bare || l->over)
		return;
	len = l->used - before - sizeof(none);
	for (size_t i = 0; i < sizeof(none); i++)
		l->to[before + i] = (uint8_t)(len >> (8 * i));
}

/* "%2d": a space or nothing in front of one digit. */
static bool
read_pcr(struct line *l, uint32_t *pcr)
{
	const uint8_t *at = l->rest.at;
	int ten, one;

	if (l->rest.len < 2)
		return false;
	ten = at[0] == ' ' ? 0 : digit(at[0]);
	one = digit(at[1]);
	if (ten < 0 || ten > 9 || one < 0 || one > 9 || at[0] == '0')
		return false;
	*pcr = (uint32_t)(10 * ten + one);
	l->rest = span_of(at + 2, l->rest.len - 2);
	return *pcr < IMALOG_PCR_COUNT;
}

static const char *
read_line(struct line *l, uint16_t alg, struct imalog_entry *e)
{
	const struct imalog_template *t;
	size_t start;

	if (!read_pcr(l, &e->pcr))
		return "no PCR";
	put_hex(l, word(l));
	e->digest = span_of(l->to, l->used);
	if (l->bad || l->used != crypto_digest_size(alg))
		return "no template's digest";
	e->template = word(l);
	if (l->bad || !imalog_name_allowed(e->template))
		return "no template's name";
	t = imalog_template_of(e->template);
	if (t == NULL)
		return NULL;
	start = l->used;
	for (size_t i = 0; i < t->n; i++)
		put_field(l, &t->fields[i]);
	if (l->over || l->used - start > IMALOG_DATA_MAX)
		return "template data over the limit";
	e->data = span_of(l->to + start, l->used - start);
	e->known = e->whole = true;
	e->old = t->fields[0].bare;
	if (l->bad || l->rest.len != 0 || !imalog_fields_take(t, e))
		return "data that is not its template's";
	return NULL;
}

static enum imalog_got
refuse(const struct imalog *log, enum err_code code, const char *why,
       struct err *err)
{
	(void)err_set(err, code, "ima log: entry %llu, offset %llu: %s",
	              (unsigned long long)log->n,
	              (unsigned long long)log->offset, why);
	return IMALOG_BAD;
}

enum imalog_got
imalog_text_next(struct imalog *log, struct imalog_entry *e, struct err *err)
{
	size_t seen =
	    log->rest.len < IMALOG_LINE_MAX ? log->rest.len : IMALOG_LINE_MAX;
	const uint8_t *end = memchr(log->rest.at, '\n', seen);
	struct line l = {.to = log->scratch, .size = log->scratch_size};
	const char *why;
	size_t len;

	if (end == NULL && seen == IMALOG_LINE_MAX)
		return refuse(log, ERR_LIMIT, "a line over the limit", err);
	if (end == NULL) {
		(void)refuse(log, ERR_MALFORMED, "the line has no end", err);
		return IMALOG_CUT;
	}
	len = (size_t)(end - log->rest.at);
	l.rest = span_of(log->rest.at, len);
	why = read_line(&l, log->alg, e);
	if (why != NULL)
		return refuse(log, l.over ? ERR_LIMIT : ERR_MALFORMED, why,
		              err);
	log->rest = span_of(end + 1, log->rest.len - len - 1);
	log->offset += len + 1;
	return IMALOG_ENTRY;
}
