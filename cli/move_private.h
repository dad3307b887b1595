/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What check, migrate and permit share. */
#ifndef CLI_MOVE_PRIVATE_H
#define CLI_MOVE_PRIVATE_H

#include "base/arena.h"
#include "checks/report.h"
#include "cli.h"
#include "virt/migration.h"

enum {
	MOVE_JOBS_MAX = 64, /* at once, of --all and --all-hosts */
	MOVE_XML_MAX = 4 * 1024 * 1024,
};

/* Whose command line it is. */
enum move_for { MOVE_CHECK = 1, MOVE_MIGRATE = 2, MOVE_PERMIT = 4 };

/* The command line. */
struct move {
	const struct cli *cli;
	const char *connect; /* the source's URI; NULL: libvirt's default */
	const char *domain;  /* name or UUID; NULL: as --xml or --all say */
	const char *destination_uri; /* as given; NULL: --all-hosts */
	const char *xml;             /* check --xml: the domain's own */
	const char *force[FORCED_MAX];
	size_t n_force;
	bool json, verbose, all, all_hosts, evacuate;
	bool timeout_suspend, timeout_postcopy, postcopy_after_precopy;
	bool unchecked;     /* permit: by the verdict alone */
	uint64_t timeout_s; /* 0: none */
	uint64_t seconds;   /* of a permit */
	uint64_t jobs;
	struct migration_how how;
	struct arena arena; /* of what is read for it */
	/* The source, from move_open() on; NULL: none, as source_err says. */
	struct endpoint *source;
	struct err source_err;
	struct err domain_err;  /* way_open_one(): there is no such domain */
	const char *source_uri; /* alias resolved; NULL: the default */
	bool source_is_here;    /* this machine */
};

/* Where one migration may go: a destination, and what was learnt of it. */
struct way {
	struct move *move;
	struct plan plan;
	struct endpoint *destination; /* NULL: see below */
	const char *destination_missing;
	struct err dial_err;
	struct trust trust;
	/* Of way_open_one(), in move's arena; NULL: not asked for yet. */
	struct domain_facts *domain;
	uint64_t asked_ms; /* since boot, when its verdict was asked for */
	struct arena arena;
};

/* A domain on a way, judged. */
struct assessment {
	struct facts facts;
	struct report report;
	struct arena arena;
};

/* move_options.c: false when it is said what was wrong; `*status` is what to
 * exit with.  move_done() follows in either case. */
MUST_CHECK bool move_read(struct move *, struct cli *, enum move_for,
                          int *status);
void move_done(struct move *);
/* Ends the program, after move_done(): threads of libvirt's and of its TLS may
 * be at work still, and no library's clean-up at exit() is to take from under
 * them what they use. */
_Noreturn void move_leave(int status);

/* uri.c: aliases of libvirt.conf (docs/uri.rst, "Configuring URI aliases"):
 * the URI that is meant, `arena`'s. */
MUST_CHECK bool uri_resolve(const char *text, struct arena *, const char **out,
                            struct err *);
/* Fills destination_uri, destination_host, what `how` says, and where the
 * memory goes (migrate_uri, data_host); false, in words, for a URI by which
 * nobody knows where it leads. */
MUST_CHECK bool plan_of(const char *destination_uri,
                        const struct migration_how *, struct arena *,
                        struct plan *, struct err *);

/* ways.c: connects to the source. */
MUST_CHECK bool move_open(struct move *, struct err *);
/* All about a domain by its name, or (NULL) of `move.xml`; false, and `out`
 * missing in words. */
bool move_find(struct move *, const char *domain, struct arena *,
               struct domain_facts *out, struct err *);
/* 0, or the exit status after it was said what is not there: the source, or the
 * one domain.  Without it there is nothing to look at: one sentence, and not
 * one of each check. */
int move_status(const struct move *);
/* Connects to the destination and asks the verifier for a fresh verdict of it,
 * both at once.  What does not come is missing, in words.  False only for a
 * URI that is refused.  way_done() follows in either case. */
MUST_CHECK bool way_open(struct way *, struct move *, const char *uri,
                         struct err *);
/* The same for `move.domain` alone on its way to `move.destination_uri`, with
 * move_open() at once, whose failure is `move.source` NULL and source_err. */
MUST_CHECK bool way_open_one(struct way *, struct move *, struct err *);
void way_done(struct way *);
/* The verdict again; true when it is a whole and fresh "trusted" for this
 * host, else `verdict`, or `err` (its code is not NONE), says why. */
MUST_CHECK bool verdict_holds(const struct cli *, const char *uri,
                              const char *host, struct verdict *, struct err *);

/* assess.c: collects what is known of the domain (by name; NULL: `move.xml`)
 * and both hosts, and runs all checks.  assessment_done() follows. */
void assess(struct way *, const char *domain, struct assessment *);
/* --force: 0, or the exit status after it was said what is wrong. */
int force_checks(const struct move *, struct report *);
void assessment_done(struct assessment *);

/* move_print.c */
void print_report(const struct assessment *, bool all);
void print_blocks(const char *domain, const struct report *);
/* The last column of a row; "": nothing. */
void print_reason(const char *);

/* Of two exit statuses the one that counts for both: what failed by itself
 * before what was refused, unreachable, unknown. */
int worse_status(int a, int b);

/* together.c: runs `n` tasks, each in a thread, `at_once` at a time, and waits
 * for all. */
void together(void (*run)(void *task), void *const *tasks, size_t n,
              size_t at_once);

#endif
