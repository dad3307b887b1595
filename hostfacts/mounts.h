/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is mounted where, by the kernel's list (proc_pid_mountinfo(5)). */
#ifndef HOSTFACTS_MOUNTS_H
#define HOSTFACTS_MOUNTS_H

#include <sys/types.h>

#include "base/auto.h"
#include "base/span.h"

enum {
	MOUNTS_FILE_MAX = 4 * 1024 * 1024,
	MOUNTS_TYPE_SIZE = 64,
	MOUNTS_PATH_SIZE = 4096,
};

struct mounted {
	char type[MOUNTS_TYPE_SIZE];   /* "nfs4" */
	char source[MOUNTS_PATH_SIZE]; /* "server:/export" */
	char root[MOUNTS_PATH_SIZE];   /* what of it is mounted */
};

/* The mount that `path`, absolute and without links, is on: of those above it
 * that are of `device` the one with the longest mount point, the last of
 * equals; when none is of it (a subvolume has a number of its own), of all.
 * False when there is none.  `list` is mountinfo's text. */
MUST_CHECK bool mounts_find(struct span list, const char *path, dev_t device,
                            struct mounted *);

#endif
