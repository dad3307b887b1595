/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "base/mem.h"
#include "csv.h"
#include "inventory.h"

static bool
address_allowed(const char *text, struct err *err)
{
	AUTO(json_auto) struct json *object = json_new_object();

	return put_address(object, text, err) &&
	       attester_name_allowed(json_as_text(json_get(object, "address")),
	                             err);
}

static bool
ek_allowed(const char *text, struct err *err)
{
	AUTO(buf_done) struct buf digest = {.max = SHA256_SIZE};

	return (text_unhex(text, &digest) && digest.len == SHA256_SIZE) ||
	       err_set(err, ERR_MALFORMED, "not 64 hexadecimal digits");
}

static bool
group_allowed(const char *text, struct err *err)
{
	if (strlen(text) >= GROUP_MAX)
		return err_set(err, ERR_LIMIT, "over %d characters",
		               GROUP_MAX - 1);
	return attester_name_allowed(text, err);
}

static bool
label_allowed(const char *text, struct err *err)
{
	if (strlen(text) >= GOLDEN_LABEL_MAX)
		return err_set(err, ERR_LIMIT, "over %d characters",
		               GOLDEN_LABEL_MAX - 1);
	return text_is_printable(text) ||
	       err_set(err, ERR_MALFORMED, "control characters");
}

#define AT(field) offsetof(struct inventory_host, field)
static const struct column {
	const char *name;
	size_t offset; /* of a char * */
	bool (*allowed)(const char *, struct err *);
} columns[] = {
    {"name", AT(name), attester_name_allowed},
    {"address", AT(address), address_allowed},
    {"ek_sha256", AT(ek), ek_allowed},
    {"group", AT(group), group_allowed},
    {"label", AT(label), label_allowed},
};
enum { NAME_COLUMN = 0 };

static char **
text_at(struct inventory_host *host, const struct column *column)
{
	return (char **)(void *)((char *)host + column->offset);
}

/* The columns in the file's order. */
struct header {
	size_t n;
	const struct column *columns[LENGTH_OF(columns)];
};

struct parse {
	const char *path;
	struct csv csv;
	struct csv_record record;
	struct header header;
};

static bool
wrong(const struct parse *p, size_t line, const char *what,
      const struct err *why, struct err *err)
{
	return err_set(err, why->code, "%.100s:%zu: %s%s%s", p->path, line,
	               what, *what != '\0' ? ": " : "", why->text);
}

static const struct column *
column_of(const char *name)
{
	for (size_t i = 0; i < LENGTH_OF(columns); i++)
		if (strcmp(columns[i].name, name) == 0)
			return &columns[i];
	return NULL;
}

static bool
add_column(struct header *h, const char *name, struct err *err)
{
	const struct column *column = column_of(name);

	if (column == NULL)
		return err_set(err, ERR_MALFORMED,
		               "no such column; there are name, address, "
		               "ek_sha256, group and label");
	for (size_t i = 0; i < h->n; i++)
		if (h->columns[i] == column)
			return err_set(err, ERR_MALFORMED,
			               "a column that is there already");
	h->columns[h->n++] = column;
	return true;
}

static bool
read_header(struct parse *p, struct err *err)
{
	enum csv_got got;
	struct err why = {0};
	bool named = false;

	got = csv_read(&p->csv, &p->record, &why);
	if (got == CSV_END)
		err_set(&why, ERR_MALFORMED, "no line that names the columns");
	if (got != CSV_RECORD)
		return wrong(p, p->record.line, "", &why, err);
	for (size_t i = 0; i < p->record.n; i++) {
		const char *name = p->record.fields[i];

		if (!add_column(&p->header, name, &why))
			return wrong(p, p->record.line,
			             label_allowed(name, NULL) ? name
			                                       : "(column)",
			             &why, err);
		named = named || p->header.columns[i] == &columns[NAME_COLUMN];
	}
	if (named)
		return true;
	err_set(&why, ERR_MALFORMED, "no column 'name'");
	return wrong(p, p->record.line, "", &why, err);
}

static bool
read_host(struct parse *p, struct inventory_host *host, struct err *err)
{
	struct err why = {0};

	*host = (struct inventory_host){.line = p->record.line};
	for (size_t i = 0; i < LENGTH_OF(columns); i++)
		*text_at(host, &columns[i]) = mem_text("");
	if (p->record.n != p->header.n) {
		err_set(&why, ERR_MALFORMED, "%zu fields for %zu columns",
		        p->record.n, p->header.n);
		return wrong(p, host->line, "", &why, err);
	}
	for (size_t i = 0; i < p->record.n; i++) {
		const struct column *column = p->header.columns[i];
		const char *text = p->record.fields[i];
		char **to = text_at(host, column);

		if (*text == '\0' && column != &columns[NAME_COLUMN])
			continue;
		if (!column->allowed(text, &why))
			return wrong(p, host->line, column->name, &why, err);
		free(*to);
		*to = mem_text(text);
	}
	return true;
}

static bool
read_hosts(struct parse *p, struct inventory *inventory, struct err *err)
{
	struct err why = {0};
	enum csv_got got;
	size_t room = 0;

	while ((got = csv_read(&p->csv, &p->record, &why)) == CSV_RECORD) {
		if (inventory->n == INVENTORY_HOSTS_MAX) {
			err_set(&why, ERR_LIMIT, "over %d hosts",
			        INVENTORY_HOSTS_MAX);
			return wrong(p, p->record.line, "", &why, err);
		}
		if (inventory->n == room) {
			room = room == 0 ? 64 : 2 * room;
			inventory->hosts = mem_grow(inventory->hosts, room,
			                            sizeof(*inventory->hosts));
		}
		if (!read_host(p, &inventory->hosts[inventory->n++], err))
			return false;
	}
	if (got == CSV_END && inventory->n == 0)
		err_set(&why, ERR_MALFORMED, "no host in it");
	return (got == CSV_END && inventory->n != 0) ||
	       wrong(p, p->record.line, "", &why, err);
}

/* A text of the file, and where it stands. */
struct mention {
	const char *text;
	size_t line;
};

/* Names are the same in either case of letters, and so are digits. */
static int
by_text(const void *left, const void *right)
{
	const struct mention *a = left, *b = right;
	int order = strcasecmp(a->text, b->text);

	return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

static bool
all_differ(const struct parse *p, const struct inventory *inventory,
           const char *name, struct err *err)
{
	AUTO(mem_auto)
	struct mention *sorted = mem_new(inventory->n, sizeof(*sorted));
	struct err why = {0};

	for (size_t i = 0; i < inventory->n; i++) {
		sorted[i].text =
		    *text_at(&inventory->hosts[i], column_of(name));
		sorted[i].line = inventory->hosts[i].line;
	}
	qsort(sorted, inventory->n, sizeof(*sorted), by_text);
	for (size_t i = 1; i < inventory->n; i++) {
		if (*sorted[i].text == '\0' ||
		    strcasecmp(sorted[i].text, sorted[i - 1].text) != 0)
			continue;
		err_set(&why, ERR_MALFORMED, "the same as in line %zu",
		        sorted[i - 1].line);
		return wrong(p, sorted[i].line, name, &why, err);
	}
	return true;
}

bool
inventory_parse(struct span text, const char *path, struct inventory *inventory,
                struct err *err)
{
	/* Spreadsheets begin UTF-8 with it. */
	static const uint8_t mark[] = {0xef, 0xbb, 0xbf};
	struct parse p = {.path = path, .csv = {text, 1}};

	*inventory = (struct inventory){0};
	if (text.len >= sizeof(mark) &&
	    memcmp(text.at, mark, sizeof(mark)) == 0)
		p.csv.rest =
		    span_of(text.at + sizeof(mark), text.len - sizeof(mark));
	return read_header(&p, err) && read_hosts(&p, inventory, err) &&
	       all_differ(&p, inventory, "name", err) &&
	       all_differ(&p, inventory, "ek_sha256", err);
}

void
inventory_done(struct inventory *inventory)
{
	for (size_t i = 0; i < inventory->n; i++) {
		struct inventory_host *host = &inventory->hosts[i];

		for (size_t k = 0; k < LENGTH_OF(columns); k++)
			free(*text_at(host, &columns[k]));
		free(host->why);
	}
	free(inventory->hosts);
	*inventory = (struct inventory){0};
}
