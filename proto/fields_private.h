/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Structures as JSON objects by a table of their members: one writer and one
 * reader for all of them. */
#ifndef PROTO_FIELDS_PRIVATE_H
#define PROTO_FIELDS_PRIVATE_H

#include "base/arena.h"
#include "proto/json.h"

enum { FIELD_TEXT_SIZE = 1024 }; /* the longest text, with its NUL */

/* What a text must be, beside printable. */
struct text_rule {
	size_t size; /* with its NUL */
	bool (*holds)(const char *text);
	const char *is; /* for the refusal */
};

enum field_type {
	FIELD_TEXT,
	FIELD_BOOL,
	FIELD_U64,
	FIELD_UNSIGNED,
	FIELD_TEXTS,
	FIELD_OBJECTS,
};

struct field {
	const char *name; /* NULL ends a table */
	enum field_type type;
	bool optional; /* may be missing or null, and is nothing then */
	size_t at;     /* of the member in its structure */
	/* Texts, and those of a list. */
	const struct text_rule *rule;
	/* Of a list. */
	size_t n_at, max;
	size_t size; /* of an element */
	const struct field *fields;
};

struct json *fields_encode(const struct field *, const void *from);
/* Texts and lists are the arena's; `into` is zeroed before.  What is not in the
 * table is ignored. */
MUST_CHECK bool fields_decode(const struct field *, const struct json *,
                              struct arena *, void *into, struct err *);

#endif
