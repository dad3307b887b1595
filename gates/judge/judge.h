/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is on, whether it holds, and which ways it leaves open. */
#ifndef GATEJUDGE_JUDGE_H
#define GATEJUDGE_JUDGE_H

#include "gatejudge/facts.h"

/* Each with its name in JSON and its words. */
#define GATES(X)                                                               \
	X(TRUST, "trust", "trust file")                                        \
	X(LOCK, "lock", "lock driver")                                         \
	X(NET, "network", "network")                                           \
	X(PASS, "pass", "the pass")                                            \
	X(POLKIT, "polkit", "polkit")                                          \
	X(PMC, "pmc", "patched driver")                                        \
	X(CALLERS, "callers", "callers' hooks")

enum gate {
#define X(id, name, words) GATE_##id,
	GATES(X)
#undef X
	    GATE_COUNT
};

/* Zero is the worst: it may be on or not, and nobody looked. */
enum gate_state { GATE_NOT_KNOWN, GATE_BROKEN, GATE_OFF, GATE_ON };

enum { GATE_TEXT_MAX = 600 };

struct gate_line {
	enum gate_state state;
	char evidence[GATE_TEXT_MAX];
	char remedy[GATE_TEXT_MAX]; /* "": none */
	const char *leaves;         /* what is open though it is on */
	bool keeps_paused;          /* the lock driver: paused guests, too */
};

const char *gate_name(enum gate);
const char *gate_words(enum gate);
const char *gate_state_name(enum gate_state);

/* Fills a line for each gate. */
void gates_judge(const struct gate_facts *, struct gate_line[GATE_COUNT]);

/* 0: what is on holds; 2: something that is on does not; 4: it is not known. */
int gates_status(const struct gate_line[GATE_COUNT]);

/* Ways of a domain to a host that is not trusted. */
#define WAYS(X)                                                                \
	X(DIRECT, "direct")                                                    \
	X(P2P, "p2p")                                                          \
	X(TUNNELLED, "tunnelled")                                              \
	X(OFFLINE, "offline")                                                  \
	X(PAUSED, "a paused guest")                                            \
	X(MONITOR, "the monitor's migrate")                                    \
	X(ROOT, "root's own hands")

enum way {
#define X(id, name) WAY_##id,
	WAYS(X)
#undef X
	    WAY_COUNT
};

/* WAY_PERMIT: not without a permit, but a permit for another host will do. */
enum way_state { WAY_OPEN, WAY_PERMIT, WAY_CLOSED };

const char *way_name(enum way);

/* What one gate does to a way while it is on, and what all do together that
 * are. */
enum way_state gate_closes(enum gate, enum way);
enum way_state way_state(const struct gate_line[GATE_COUNT], enum way);

enum { HOLES_TEXT_MAX = 600 };

/* The one line about all of them. */
void gates_holes(const struct gate_line[GATE_COUNT], char out[HOLES_TEXT_MAX]);

#endif
