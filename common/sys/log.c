/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "sys/log_limit.h"
#include "sys/log_line.h"
#include "sys/sys.h"

static const struct {
	const char *name;
	int priority; /* syslog(3) */
} levels[] = {
    [LOG_LEVEL_ERROR] = {"error", LOG_ERR},
    [LOG_LEVEL_WARNING] = {"warning", LOG_WARNING},
    [LOG_LEVEL_NOTICE] = {"notice", LOG_NOTICE},
    [LOG_LEVEL_INFO] = {"info", LOG_INFO},
    [LOG_LEVEL_DEBUG] = {"debug", LOG_DEBUG},
};

enum target { TO_STDERR, TO_JOURNAL, TO_SYSLOG };

/* Written once, by log_open(), before there is a second thread; `least` at any
 * time. */
static struct {
	const char *program;
	atomic_int least;
	enum target target;
	bool journal; /* it is where our lines go to */
} to = {.program = "virt-attest", .least = LOG_LEVEL_NOTICE};

bool
log_level_of(const char *name, enum log_level *out)
{
	for (size_t i = 0; i < LENGTH_OF(levels); i++)
		if (strcmp(levels[i].name, name) == 0) {
			*out = (enum log_level)i;
			return true;
		}
	return false;
}

bool
log_level_allowed(const char *name, struct err *err)
{
	enum log_level level;

	return log_level_of(name, &level) ||
	       err_set(err, ERR_CONFIG,
	               "not error, warning, notice, info or debug");
}

void
log_open(const char *program, bool foreground, enum log_level least)
{
	to.program = program;
	log_least(least);
	if (getenv("JOURNAL_STREAM") != NULL && isatty(STDERR_FILENO) == 0)
		to.target = TO_JOURNAL;
	else
		to.target = foreground ? TO_STDERR : TO_SYSLOG;
	/* In the background it is beside syslog(3), if it is there. */
	to.journal = to.target == TO_SYSLOG || journal_has_stderr();
	if (to.target == TO_SYSLOG)
		openlog(program, LOG_PID, LOG_DAEMON);
}

void
log_least(enum log_level least)
{
	to.least = (int)least;
}

/* One write a line: threads do not mix theirs. */
static void
write_text(enum log_level level, const char *text)
{
	if (to.target == TO_SYSLOG)
		syslog(levels[level].priority, "%s", text);
	else if (to.target == TO_JOURNAL)
		fprintf(stderr, "<%d>%s\n", levels[level].priority, text);
	else
		fprintf(stderr, "%s: %s: %s\n", to.program, levels[level].name,
		        text);
}

static bool
entry_sent(const struct log_entry *e, const struct log_line *line)
{
	char priority[] = {(char)('0' + levels[e->level].priority), '\0'};
	struct journal_field all[JOURNAL_FIELDS_MAX] = {
	    {"MESSAGE", e->message != NULL ? e->message : line->text},
	    {"MESSAGE_ID", e->id},
	    {"PRIORITY", priority},
	    {"SYSLOG_IDENTIFIER", to.program},
	};
	size_t first = JOURNAL_FIELDS_MAX - LOG_FIELDS_MAX;

	for (size_t i = 0; i < line->n; i++)
		all[first + i] = line->fields[i];
	return journal_send(JOURNAL_SOCKET, all, first + line->n);
}

static void
write_entry(const struct log_entry *e, const char *format, va_list args)
{
	struct log_line line;

	log_line_make(&line, format, args);
	if (!to.journal || !entry_sent(e, &line))
		write_text(e->level, line.text);
}

void
log_entry(const struct log_entry *e, const char *format, ...)
{
	va_list args;

	if ((int)e->level > to.least)
		return;
	va_start(args, format);
	write_entry(e, format, args);
	va_end(args);
}

/* With the next line, whichever it is. */
static void
tell_left_out(uint64_t now_ms)
{
	const struct log_entry warning = {.level = LOG_LEVEL_WARNING};
	const char *format;
	uint64_t lines;

	while (log_limit_left_out(now_ms, &format, &lines))
		log_entry(&warning,
		          "event=left-out lines=%llu seconds=%d kind=\"%s\"",
		          (unsigned long long)lines, LOG_KIND_MS / 1000,
		          format);
}

void
log_write(enum log_level level, const char *format, ...)
{
	const struct log_entry plain = {.level = level};
	uint64_t now_ms;
	va_list args;

	if ((int)level > to.least)
		return;
	now_ms = sys_boot_ms();
	tell_left_out(now_ms);
	if (!log_limit_lets(format, now_ms))
		return;
	va_start(args, format);
	write_entry(&plain, format, args);
	va_end(args);
}
