/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A list of hosts to enrol: a CSV file, and what became of each. */
#ifndef CLI_INVENTORY_H
#define CLI_INVENTORY_H

#include <stdint.h>
#include <stdio.h>

#include "cli.h"

/* A whole data centre; of the file, about 160 bytes a host. */
enum {
	INVENTORY_HOSTS_MAX = 100000,
	INVENTORY_FILE_MAX = 16 * 1024 * 1024,
};

/* What became of a host.  The least comes first: nothing at all. */
#define OUTCOMES(X)                                                            \
	X(NOT_ASKED, "not asked", STATUS_FAILED)                               \
	X(FAILED, "failed", STATUS_FAILED)                                     \
	X(REFUSED, "refused", STATUS_REFUSED)                                  \
	X(CONFLICT, "conflict", STATUS_REFUSED)                                \
	X(UNREACHABLE, "unreachable", STATUS_UNREACHABLE)                      \
	X(ALREADY, "already", STATUS_DONE)                                     \
	X(WOULD, "would enrol", STATUS_DONE)                                   \
	X(ENROLLED, "enrolled", STATUS_DONE)

enum outcome {
#define X(id, word, status) OUTCOME_##id,
	OUTCOMES(X)
#undef X
	    OUTCOME_COUNT
};

/* One line of the file; texts are empty where it says nothing. */
struct inventory_host {
	size_t line;
	char *name, *address, *ek, *group, *label;
	enum outcome outcome;
	uint64_t golden; /* OUTCOME_ENROLLED */
	char *why;       /* NULL, or what was wrong */
};

struct inventory {
	size_t n;
	struct inventory_host *hosts;
};

/* Reads a whole file's text; its first line names the columns, in any order,
 * of: name address ek_sha256 group label.  False, with "PATH:LINE: ...", when
 * any line of it is wrong.  inventory_done() follows in either case. */
MUST_CHECK bool inventory_parse(struct span text, const char *path,
                                struct inventory *, struct err *);
void inventory_done(struct inventory *);

/* How hosts are enrolled over one connection. */
struct visiting {
	struct session *session;
	const char *pcrs; /* NULL: the verifier's own choice */
	bool dry;         /* nothing is kept */
	/* Whether the host that was shown may be kept: asked just before. */
	bool (*may_commit)(void *arg);
	void *arg;
};

/* inventory_enrol.c: what became of the host stands in it.  False, with `err`,
 * when no host can be enrolled any more. */
MUST_CHECK bool inventory_enrol(const struct visiting *,
                                struct inventory_host *, struct err *);

/* inventory_report.c: how it goes, on a terminal's standard error as one line
 * that is written anew; each host when it is done, and the sum, on standard
 * output.  Not for several threads at once. */
struct report {
	bool json, terminal, dry;
	size_t hosts, under_way;
	size_t counts[OUTCOME_COUNT];
};
void report_progress(const struct report *);
void report_host(struct report *, const struct inventory_host *);
/* The last words, and the exit status. */
int report_end(struct report *, const struct inventory *);

int run_enroll_from(struct cli *);

#endif
