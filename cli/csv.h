/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Comma-separated values as RFC 4180 has them, a record at a time. */
#ifndef CLI_CSV_H
#define CLI_CSV_H

#include "base/err.h"
#include "base/span.h"

enum { CSV_FIELDS_MAX = 8, CSV_FIELD_SIZE = 512 };

/* {text, 1} begins a file. */
struct csv {
	struct span rest; /* not yet read */
	size_t line;      /* of its first byte */
};

/* Fields without their quotes, each ended by a NUL. */
struct csv_record {
	size_t line; /* where it begins */
	size_t n;
	char fields[CSV_FIELDS_MAX][CSV_FIELD_SIZE];
};

/* CSV_BAD: `err` says why, `record->line` where.  Lines end in CRLF or LF, the
 * last one may have no end; an empty line is no record.  No comments: the RFC
 * has none. */
enum csv_got { CSV_BAD, CSV_RECORD, CSV_END };
MUST_CHECK enum csv_got csv_read(struct csv *, struct csv_record *record,
                                 struct err *);

#endif
