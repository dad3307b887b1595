/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "judge_private.h"

enum { STATUS_DONE = 0, STATUS_REFUSED = 2, STATUS_UNKNOWN = 4 };

static const char *const names[GATE_COUNT] = {
#define X(id, name, words) name,
    GATES(X)
#undef X
};

static const char *const words[GATE_COUNT] = {
#define X(id, name, words) words,
    GATES(X)
#undef X
};

static const struct {
	const char *leaves;
	void (*judge)(const struct gate_facts *, struct gate_line *);
} gates[GATE_COUNT] = {
    [GATE_TRUST] = {"tunnelled and offline migrations, QEMU's monitor, root",
                    judge_trust},
    [GATE_LOCK] = {"a paused guest, QEMU's monitor, root; it does not see "
                   "where to, and takes a permit for any host",
                   judge_lock},
    [GATE_NET] = {"an offline domain's definition, networks that gated.conf "
                  "does not name, root",
                  judge_net},
    [GATE_PASS] = {"what leaves this host: it judges what comes", judge_pass},
    [GATE_POLKIT] = {"root, QEMU's monitor for who may write domains; it does "
                     "not see where to",
                     judge_polkit},
    [GATE_PMC] = {"QEMU's monitor, root", judge_pmc},
    [GATE_CALLERS] = {"every other caller of libvirt", judge_callers},
};

const char *
gate_name(enum gate gate)
{
	return names[gate];
}

const char *
gate_words(enum gate gate)
{
	return words[gate];
}

const char *
gate_state_name(enum gate_state state)
{
	static const char *const states[] = {
	    [GATE_NOT_KNOWN] = "unknown",
	    [GATE_BROKEN] = "broken",
	    [GATE_OFF] = "off",
	    [GATE_ON] = "on",
	};

	return states[state];
}

bool
gate_says(struct gate_line *line, enum gate_state state, const char *remedy,
          const char *format, ...)
{
	va_list args;

	line->state = state;
	snprintf(line->remedy, sizeof(line->remedy), "%s", remedy);
	va_start(args, format);
	vsnprintf(line->evidence, sizeof(line->evidence), format, args);
	va_end(args);
	return true;
}

bool
gate_not_read(const struct gate_daemon *d, const struct gate_file *file,
              struct gate_line *line)
{
	if (!d->runs || d->started_ms == 0 || file->written_ms <= d->started_ms)
		return false;
	return gate_says(line, GATE_BROKEN,
	                 "restart that daemon (guests run on)",
	                 "%s was changed after %s started, and it has not read "
	                 "it since",
	                 file->path, d->name);
}

bool
gate_unread(const struct gate_file *file, struct gate_line *line)
{
	if (file->why == NULL)
		return false;
	return gate_says(line, GATE_NOT_KNOWN, "run this as root",
	                 "%s cannot be looked at: %s", file->path, file->why);
}

bool
gate_loose(const struct gate_file *file, struct gate_line *line)
{
	if (file->loose == NULL)
		return false;
	return gate_says(line, GATE_BROKEN,
	                 "give it and its folders to root, and to nobody else "
	                 "the right to write",
	                 "others than root may change %s: %s", file->path,
	                 file->loose);
}

void
gates_judge(const struct gate_facts *f, struct gate_line lines[GATE_COUNT])
{
	for (size_t i = 0; i < GATE_COUNT; i++) {
		lines[i] = (struct gate_line){.leaves = gates[i].leaves};
		gates[i].judge(f, &lines[i]);
	}
}

int
gates_status(const struct gate_line lines[GATE_COUNT])
{
	int status = STATUS_DONE;

	for (size_t i = 0; i < GATE_COUNT; i++) {
		if (lines[i].state == GATE_BROKEN)
			return STATUS_REFUSED;
		if (lines[i].state == GATE_NOT_KNOWN)
			status = STATUS_UNKNOWN;
	}
	return status;
}
