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

/* `format` is a literal: "host=%s event=refused error=\"%s\"".  It makes the
 * line and, where that goes to the journal, its fields (log_line.h): control
 * characters and quotes of a value cannot forge either.  Of one format no more
 * than LOG_KIND_LINES a minute; a line says how many were left out. */
void log_write(enum log_level, const char *format, ...) PRINTF_LIKE(2, 3);

/* A line that is never left out, and may have more in the journal. */
struct log_entry {
	enum log_level level;
	const char *id;      /* MESSAGE_ID: 32 hexadecimal digits; or NULL */
	const char *message; /* a sentence for the journal, or NULL: the line */
};

/* One entry of the journal, or one line, where what we log goes to no journal,
 * or it takes nothing at this moment.  Never both. */
void log_entry(const struct log_entry *, const char *format, ...)
    PRINTF_LIKE(2, 3);

#define log_error(...)   log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...)  log_write(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...)    log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
