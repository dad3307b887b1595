/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Texts of the system as an answer may have them. */
#ifndef HOSTFACTS_WORDS_H
#define HOSTFACTS_WORDS_H

#include "base/arena.h"
#include "base/auto.h"
#include "base/buf.h"

enum { WORDS_FILE_MAX = 64 * 1024 }; /* of a file that is read for a word */

/* A copy of `text`; NULL for one that an answer cannot have: too long, or not
 * printable ASCII.  One that was cut or mended could be taken for another. */
const char *words_kept(struct arena *, const char *text);

/* For people: what does not fit is cut, what is not printable becomes '?'. */
const char *words_shown(struct arena *, const char *text);

/* errno's own. */
const char *words_errno(struct arena *, int number);

/* The first line of a file, without its newline, in `out`; false, with errno,
 * when there is none.  A FIFO is not waited for. */
MUST_CHECK bool words_line(const char *path, char *out, size_t size);
MUST_CHECK bool words_number(const char *path, uint64_t *out);

/* A regular file to `max` bytes; errno EFBIG above, EINVAL for what is no
 * regular file. */
MUST_CHECK bool words_file(const char *path, size_t max, struct buf *out);

#endif
