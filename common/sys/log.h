/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Log lines of the programs (floor 4), key=value, one line an event. */
#ifndef SYS_LOG_H
#define SYS_LOG_H

#include "base/auto.h"
#include "base/err.h"
#include "sys/journal.h"

/* syslog's severities, the least first. */
enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_NOTICE,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

/* "error", "warning", "notice", "info", "debug". */
MUST_CHECK bool log_level_of(const char *name, enum log_level *);

/* For a configuration's table: whether log_level_of() takes it. */
bool log_level_allowed(const char *name, struct err *);

/* Call once.  To stderr when `foreground` or when systemd listens there
 * (JOURNAL_STREAM; lines then carry "<N>" priorities), else to syslog(3).
 * Thread-safe afterwards. */
void log_open(const char *program, bool foreground, enum log_level least);

/* Another level from now on. */
void log_least(enum log_level least);

/* Control characters in the text are written as '?': a peer's bytes cannot
 * forge a line. */
void log_write(enum log_level, const char *format, ...) PRINTF_LIKE(2, 3);

/* What the journal keeps with fields of its own, and everybody else reads as a
 * line. */
struct log_entry {
	enum log_level level;
	const char *id;      /* MESSAGE_ID: 32 hexadecimal digits */
	const char *message; /* a sentence, for the journal */
	const struct journal_field *fields;
	size_t n; /* at most LOG_FIELDS_MAX */
};
enum { LOG_FIELDS_MAX = JOURNAL_FIELDS_MAX - 4 };

/* One entry, or one line, which is format's: where what we log goes to no
 * journal, or the journal takes nothing at this moment.  Never both. */
void log_entry(const struct log_entry *, const char *format, ...)
    PRINTF_LIKE(2, 3);

/* What fits of `text` into `out` of `size`, to stand between quotes in a line:
 * a host's words end no field of it and begin none. */
void log_quotable(const char *text, char *out, size_t size);

#define log_error(...)   log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...)  log_write(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...)    log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
