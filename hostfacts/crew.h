/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Threads for what may hang: a mount whose server is gone, a resolver that
 * nobody answers.  What is not done in time is left behind, and the rest is
 * told. */
#ifndef HOSTFACTS_CREW_H
#define HOSTFACTS_CREW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CREW_SIZE = 8 };

struct crew_job {
	void (*work)(struct crew_job *);
	bool done; /* valid once crew_run() returned */
};

/* Does `n` jobs with CREW_SIZE threads, within `ms`.  False when one is not
 * done: its thread may still write to it and what it points to, which must stay
 * until the process ends. */
bool crew_run(struct crew_job *const *jobs, size_t n, uint64_t ms);

#endif
