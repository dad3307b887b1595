/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One migration at work, in a thread of its own (virDomainMigrate3,
 * virDomainMigrateToURI3), looked at and ended from outside. */
#ifndef VIRT_MIGRATION_H
#define VIRT_MIGRATION_H

#include "virt/endpoint.h"

/* virsh migrate's options that are flags or parameters of libvirt's API. */
enum migration_kind {
	MIGRATION_FLAG,
	MIGRATION_TEXT,
	MIGRATION_FILE, /* a file's name on the command line; its text here */
	MIGRATION_NUMBER,
	MIGRATION_LIST, /* "vda,vdb" */
};

struct migration_option {
	const char *name; /* "copy-storage-all" */
	enum migration_kind kind;
};

enum { MIGRATION_OPTIONS_MAX = 64 };

/* The `i`-th option there is, or NULL. */
const struct migration_option *migration_option_at(size_t i);

/* How it is to be done.  {0} is "no options". */
struct migration_how {
	unsigned long flags;                       /* libvirt's VIR_MIGRATE_* */
	const char *values[MIGRATION_OPTIONS_MAX]; /* by option; NULL: not
	                                            * given; borrowed */
};

/* Sets the `i`-th option; `value` is "" for a flag and borrowed.  False for a
 * number that is none. */
MUST_CHECK bool migration_set(struct migration_how *, size_t i,
                              const char *value, struct err *);
/* What the option of that name was set to; NULL: not given. */
const char *migration_value(const struct migration_how *, const char *name);

/* What the checks want to know of it. */
void migration_plan(const struct migration_how *, struct plan *);

struct migration_progress {
	bool running;                         /* a job is there */
	uint64_t total, processed, remaining; /* bytes, memory and disks */
	uint64_t elapsed_ms;
	uint64_t iteration; /* passes over memory that were begun; 0: not said
	                     */
};

struct migration;

/* Begins with the domain of that UUID; where an end was given up (it hung) it
 * is over at once.  `destination` is used for a direct migration only: with p2p
 * and tunnelled the source's libvirt connects to plan.destination_uri. */
struct migration *migration_begin(struct endpoint *source,
                                  struct endpoint *destination,
                                  const char *uuid, const struct plan *,
                                  const struct migration_how *);
/* Waits up to `ms` for the end; true: it is over, migration_ended() tells. */
MUST_CHECK bool migration_wait(struct migration *, uint64_t ms);
/* How far it is; false: not to be had now. */
MUST_CHECK bool migration_look(struct migration *, struct migration_progress *);
/* These ask from threads of their own and do not wait: a libvirt that hangs
 * holds nobody.  Abort: virDomainAbortJob.  The others are --timeout's. */
void migration_abort(struct migration *);
void migration_suspend(struct migration *);
void migration_start_postcopy(struct migration *);
/* True: done, the guest runs there.  False: libvirt's own words. */
MUST_CHECK bool migration_ended(struct migration *, struct err *);
/* One that is not over is given up with its thread, not aborted. */
void migration_free(struct migration *);

#endif
