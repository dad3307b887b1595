/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A log line and the fields that the journal has of it, both from the one
 * format that the program wrote: "host=%s event=refused error=\"%s\"" is a
 * line, and HOST, VIRT_ATTEST_EVENT and _ERROR.  What stands in a value is
 * never taken for a field: the format alone says where one begins and ends. */
#ifndef SYS_LOG_LINE_H
#define SYS_LOG_LINE_H

#include <stdarg.h>

#include "base/auto.h"
#include "sys/journal.h"

#define LOG_FIELD_PREFIX "VIRT_ATTEST_"

enum {
	LOG_LINE_MAX = 2048,
	LOG_FIELDS_MAX = JOURNAL_FIELDS_MAX - 4, /* beside the journal's own */
	LOG_NAME_MAX = 32,
};

struct log_line {
	/* Control characters are '?'; a value in quotes has none in it, and one
	 * with a space stands in quotes. */
	char text[LOG_LINE_MAX];
	/* As they came; one that is "-" is none. */
	size_t n;
	struct journal_field fields[LOG_FIELDS_MAX];
	char names[LOG_FIELDS_MAX][LOG_NAME_MAX];
	char values[LOG_LINE_MAX];
};

void log_line_make(struct log_line *, const char *format, va_list);

#endif
