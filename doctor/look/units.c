/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What systemd knows of a unit, by `systemctl show`, which changes nothing. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "look_private.h"
#include "sys/child.h"
#include "sys/sys.h"
#include "words.h"

enum { SHOWN_MAX = 64 * 1024, VALUE_SIZE = 1024 };

/* What is asked, each with its place. */
struct shown {
	char load[VALUE_SIZE], active[VALUE_SIZE], file[VALUE_SIZE],
	    result[VALUE_SIZE], restarts[VALUE_SIZE], stale[VALUE_SIZE],
	    status[VALUE_SIZE], changed[VALUE_SIZE], began[VALUE_SIZE],
	    environment[VALUE_SIZE];
};

static const struct {
	const char *property;
	size_t offset;
} asked[] = {
    {"LoadState", offsetof(struct shown, load)},
    {"ActiveState", offsetof(struct shown, active)},
    {"UnitFileState", offsetof(struct shown, file)},
    {"Result", offsetof(struct shown, result)},
    {"NRestarts", offsetof(struct shown, restarts)},
    {"NeedDaemonReload", offsetof(struct shown, stale)},
    {"StatusText", offsetof(struct shown, status)},
    {"StateChangeTimestampMonotonic", offsetof(struct shown, changed)},
    {"ExecMainStartTimestampMonotonic", offsetof(struct shown, began)},
    {"Environment", offsetof(struct shown, environment)},
};

static void
take_line(struct span line, struct shown *out)
{
	for (size_t i = 0; i < LENGTH_OF(asked); i++) {
		size_t n = strlen(asked[i].property);

		if (line.len > n && line.at[n] == '=' &&
		    memcmp(line.at, asked[i].property, n) == 0)
			text_ascii(span_of(line.at + n + 1, line.len - n - 1),
			           (char *)out + asked[i].offset, VALUE_SIZE);
	}
}

static void
take_lines(struct span said, struct shown *out)
{
	while (said.len != 0) {
		const uint8_t *end = memchr(said.at, '\n', said.len);
		size_t n = end != NULL ? (size_t)(end - said.at) : said.len;

		take_line(span_of(said.at, n), out);
		n += end != NULL;
		said = span_of(said.at + n, said.len - n);
	}
}

static bool
show(struct arena *arena, const char *unit, struct shown *out, const char **why)
{
	char what[512] = "--property=";
	const char *const argv[] = {
	    "/usr/bin/systemctl", "show", "--no-pager", what, unit, NULL};
	const struct child_asked child = {.path = argv[0],
	                                  .argv = argv,
	                                  .max = SHOWN_MAX,
	                                  .timeout_ms = LOOK_ASK_MS};
	struct child_told told = {0};
	struct err err = {0};
	bool ok;

	*out = (struct shown){0};
	if (access("/run/systemd/system", F_OK) != 0) {
		*why = "this machine does not run systemd";
		return false;
	}
	for (size_t i = 0; i < LENGTH_OF(asked); i++)
		snprintf(what + strlen(what), sizeof(what) - strlen(what),
		         "%s%s", i == 0 ? "" : ",", asked[i].property);
	ok = child_run(&child, &told, &err) && told.status == 0;
	if (ok)
		take_lines(buf_span(&told.out), out);
	else
		*why = words_shown(arena,
		                   err.text[0] != '\0' ? err.text : told.said);
	buf_done(&told.out);
	return ok;
}

/* systemd tells in microseconds of CLOCK_MONOTONIC.  Unix time; 0: not known.
 * A time of sleep in between makes it later than it was, never earlier. */
static uint64_t
unix_ms(const char *text)
{
	struct timespec now;
	uint64_t us, now_ms;

	if (!text_u64(text, UINT64_MAX, &us) || us == 0 ||
	    clock_gettime(CLOCK_MONOTONIC, &now) != 0)
		return 0;
	now_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	return us / 1000 > now_ms ? 0
	                          : sys_unix_us() / 1000 - (now_ms - us / 1000);
}

static bool
is_one_of(const char *text, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcmp(text, *words) == 0)
			return true;
	return false;
}

/* The key that it is handed, from the words of its environment.  Not from
 * LoadCredential=, of which systemctl's words are not the same everywhere. */
static const char *
key_of(struct arena *arena, char *environment)
{
	static const char is[] = "VIRT_ATTEST_TLS_KEY=";
	char *rest = NULL;

	for (char *word = strtok_r(environment, " ", &rest); word != NULL;
	     word = strtok_r(NULL, " ", &rest))
		if (strncmp(word, is, strlen(is)) == 0)
			return arena_text(arena, word + strlen(is));
	return NULL;
}

void
look_unit_of(struct arena *arena, const char *unit, struct health_daemon *d)
{
	/* Those that nobody has to enable are as good. */
	static const char *const enabled[] = {
	    "enabled", "enabled-runtime", "static", "alias",
	    "linked",  "generated",       NULL};
	static const char *const active[] = {"active", "reloading", NULL};
	static const char *const starting[] = {"activating", "deactivating",
	                                       NULL};
	struct shown s;
	uint64_t began, changed;

	d->result = d->status = "";
	if (!show(arena, unit, &s, &d->why))
		return;
	d->unit = strcmp(s.load, "loaded") == 0;
	d->active = is_one_of(s.active, active);
	d->starting = is_one_of(s.active, starting);
	d->failed = strcmp(s.active, "failed") == 0;
	d->enabled = is_one_of(s.file, enabled);
	d->stale_unit = strcmp(s.stale, "yes") == 0;
	d->tls_key = key_of(arena, s.environment);
	d->result = arena_text(arena, s.result);
	d->status = arena_text(arena, s.status);
	if (!text_u64(s.restarts, UINT64_MAX, &d->restarts))
		d->restarts = 0;
	/* A reload changes the state, too. */
	began = unix_ms(s.began);
	changed = unix_ms(s.changed);
	d->read_ms = began > changed ? began : changed;
}

bool
look_unit_is_active(struct arena *arena, const char *unit)
{
	struct health_daemon d = {0};

	look_unit_of(arena, unit, &d);
	return d.active;
}
