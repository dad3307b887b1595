/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The files that an import reads: as they were named, and those of folders as
 * systemd looks for .pcrlock files. */
#ifndef CLI_GOLDEN_FILES_H
#define CLI_GOLDEN_FILES_H

#include <stddef.h>

#include "base/auto.h"
#include "base/err.h"

enum { FILES_MAX = 512 };

struct named_file {
	char *path;
	char *name;  /* "650-kernel.pcrlock.d/6.1.pcrlock", or the last part */
	bool masked; /* empty or a device: it hides others, and says nothing */
};

/* {0} has none. */
struct named_files {
	size_t n;
	struct named_file *files;
	size_t n_found; /* in folders, the hidden ones too */
};

/* Adds a file; or of a folder its .pcrlock files and those of its .pcrlock.d
 * folders, in the order of their names.  One hides another of the same name in
 * a later folder (systemd.pcrlock(5)). */
MUST_CHECK bool files_add(struct named_files *, const char *path, struct err *);
void files_done(struct named_files *);

#endif
