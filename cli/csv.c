/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "csv.h"

/* What one field ended at. */
enum end { END_BAD, END_FIELD, END_RECORD };

static bool
is_next(const struct csv *c, size_t ahead, char what)
{
	return c->rest.len > ahead && c->rest.at[ahead] == (uint8_t)what;
}

static void
skip(struct csv *c, size_t n)
{
	c->rest.at += n;
	c->rest.len -= n;
}

/* The length of the line's end that stands here: 0 when none does. */
static size_t
line_end(const struct csv *c)
{
	if (is_next(c, 0, '\n'))
		return 1;
	return is_next(c, 0, '\r') && is_next(c, 1, '\n') ? 2 : 0;
}

static bool
is_record_end(const struct csv *c)
{
	return c->rest.len == 0 || line_end(c) != 0;
}

/* Takes one byte into the field. */
static bool
take(struct csv *c, char *field, size_t *len, struct err *err)
{
	if (c->rest.at[0] == '\0')
		return err_set(err, ERR_MALFORMED, "a byte of zero");
	if (*len == CSV_FIELD_SIZE - 1)
		return err_set(err, ERR_LIMIT, "a field is over %d bytes",
		               CSV_FIELD_SIZE - 1);
	c->line += c->rest.at[0] == '\n';
	field[(*len)++] = (char)c->rest.at[0];
	skip(c, 1);
	return true;
}

static bool
read_quoted(struct csv *c, char *field, size_t *len, struct err *err)
{
	skip(c, 1);
	while (c->rest.len != 0) {
		if (is_next(c, 0, '"') && is_next(c, 1, '"')) {
			skip(c, 1); /* two of them are one */
		} else if (is_next(c, 0, '"')) {
			skip(c, 1);
			return is_record_end(c) || is_next(c, 0, ',') ||
			       err_set(err, ERR_MALFORMED,
			               "text behind the closing quote");
		}
		if (!take(c, field, len, err))
			return false;
	}
	return err_set(err, ERR_MALFORMED, "a quote that is never closed");
}

static bool
read_bare(struct csv *c, char *field, size_t *len, struct err *err)
{
	while (!is_record_end(c) && !is_next(c, 0, ',')) {
		if (is_next(c, 0, '"'))
			return err_set(err, ERR_MALFORMED,
			               "a quote inside an unquoted field");
		if (is_next(c, 0, '\r'))
			return err_set(err, ERR_MALFORMED,
			               "a carriage return alone");
		if (!take(c, field, len, err))
			return false;
	}
	return true;
}

static enum end
read_field(struct csv *c, char *field, struct err *err)
{
	size_t len = 0;
	bool ok = is_next(c, 0, '"') ? read_quoted(c, field, &len, err)
	                             : read_bare(c, field, &len, err);

	field[len] = '\0';
	if (!ok)
		return END_BAD;
	if (is_next(c, 0, ',')) {
		skip(c, 1);
		return END_FIELD;
	}
	c->line += line_end(c) != 0;
	skip(c, line_end(c));
	return END_RECORD;
}

enum csv_got
csv_read(struct csv *c, struct csv_record *record, struct err *err)
{
	enum end end = END_FIELD;

	for (; line_end(c) != 0; c->line++)
		skip(c, line_end(c));
	record->line = c->line;
	record->n = 0;
	if (c->rest.len == 0)
		return CSV_END;
	while (end == END_FIELD) {
		if (record->n == CSV_FIELDS_MAX) {
			err_set(err, ERR_LIMIT, "a line has over %d fields",
			        CSV_FIELDS_MAX);
			return CSV_BAD;
		}
		end = read_field(c, record->fields[record->n++], err);
	}
	return end == END_RECORD ? CSV_RECORD : CSV_BAD;
}
