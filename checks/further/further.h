/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checks of others: shared objects and executables, each run in a process of
 * its own that ends with it. */
#ifndef FURTHER_FURTHER_H
#define FURTHER_FURTHER_H

#include "checks/report.h"

#define FURTHER_OBJECTS     VIRT_ATTEST_LIBDIR "/virt-attest/checks"
#define FURTHER_EXECUTABLES "/etc/virt-attest/checks.d"

enum {
	FURTHER_MAX = 64,       /* of a folder; more are an error that blocks */
	FURTHER_MS = 10000,     /* one check's time */
	FURTHER_ALL_MS = 60000, /* that of all of them */
	FURTHER_ANSWER_MAX = 16 * 1024,
	FURTHER_FACTS_MAX = 16 * 1024 * 1024,
};

/* Runs all of both folders (a folder that is not there is none; names that
 * begin with a dot, and what is not *.so or not executable, are left out, the
 * latter with a warning finding) and adds a finding for each to `report`.
 * `facts` is facts_encode()'s.  What cannot be trusted, started, understood,
 * or ended in time is a finding of its own that blocks and names the file. */
void further_run(const char *objects, const char *executables,
                 const struct json *facts, struct report *);

#endif
