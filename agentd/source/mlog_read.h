/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A measurement log as a source: a file of securityfs, or one like it. */
#ifndef SOURCE_MLOG_READ_H
#define SOURCE_MLOG_READ_H

#include "base/err.h"
#include "evidence/mlog.h"

/* Reads a piece of the log in the file `path` ("" or NULL: it is switched off).
 * ERR_NOT_FOUND with a sentence for who asked: switched off, no such file, no
 * regular file, not to be read by us, or empty; ERR_IO.  It may take
 * milliseconds: the kernel walks a list from its start. */
MUST_CHECK bool mlog_read(const char *path, const struct mlog_asking *,
                          struct mlog_piece *, struct err *);

#endif
