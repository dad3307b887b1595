/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A terminal that a picture is kept on: the other screen of it, no echo, its
 * size, its keys; and given back as it was. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <termios.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/err.h"

enum terminal_key {
	KEY_NONE,
	KEY_QUIT,
	KEY_UP,
	KEY_DOWN,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_HOME,
	KEY_END,
};

struct terminal {
	int in, out;  /* `in`: -1 when there are no keys */
	int signals;  /* readable when one came (signalfd) */
	bool own_out; /* `out` is ours, and never waits */
	bool on;
	struct termios before;
	struct buf unsent;
};

/* Whether standard output can show a picture: a terminal, and one that does
 * more than print (TERM). */
bool terminal_can(void);
/* Whether it shows UTF-8, and whether it is to show colours (NO_COLOR). */
bool terminal_has_utf8(void);
bool terminal_is_plain(void);

/* Takes standard output's terminal; SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT
 * and SIGWINCH come by `signals` from now on. */
MUST_CHECK bool terminal_open(struct terminal *, struct err *);
/* To the other screen, and back to what was there before. */
void terminal_on(struct terminal *);
void terminal_off(struct terminal *);
/* Turns it off, and signals do again what they did. */
void terminal_done(struct terminal *);

void terminal_size(const struct terminal *, size_t *columns, size_t *rows);
/* Stops this process, as Ctrl-Z does, and comes back when it is continued. */
void terminal_stop(struct terminal *);

/* The next signal that came, or 0. */
int terminal_signal(struct terminal *);
/* The keys that were pressed, at most `max`; false when no more will come. */
MUST_CHECK bool terminal_keys(struct terminal *, enum terminal_key *keys,
                              size_t max, size_t *n);
/* Writes of `unsent` what it takes; false when it is gone. */
MUST_CHECK bool terminal_send(struct terminal *);

#endif
