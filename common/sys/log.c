/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

enum { LINE_MAX_SIZE = 2048 };

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

/* Written once, by log_open(), before there is a second thread. */
static struct {
	const char *program;
	enum log_level least;
	enum target target;
} to = {"virt-attest", LOG_LEVEL_NOTICE, TO_STDERR};

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
	to.least = least;
	if (getenv("JOURNAL_STREAM") != NULL && isatty(STDERR_FILENO) == 0)
		to.target = TO_JOURNAL;
	else
		to.target = foreground ? TO_STDERR : TO_SYSLOG;
	if (to.target == TO_SYSLOG)
		openlog(program, LOG_PID, LOG_DAEMON);
}

void
log_write(enum log_level level, const char *format, ...)
{
	char line[LINE_MAX_SIZE];
	va_list args;

	if (level > to.least)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	for (char *c = line; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	/* One write a line: threads do not mix theirs. */
	if (to.target == TO_SYSLOG)
		syslog(levels[level].priority, "%s", line);
	else if (to.target == TO_JOURNAL)
		fprintf(stderr, "<%d>%s\n", levels[level].priority, line);
	else
		fprintf(stderr, "%s: %s: %s\n", to.program, levels[level].name,
		        line);
}
