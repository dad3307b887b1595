/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Many small things with one life: taken one by one, given back together. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

/* {0} is an empty one. */
struct arena {
	struct arena_piece *pieces;
};

/* `n` zeroed objects of `size` bytes, the arena's.  Aborts when memory is out,
 * as mem_new() does. */
void *arena_new(struct arena *, size_t n, size_t size);

/* A copy of `text`, the arena's; NULL gives NULL. */
const char *arena_text(struct arena *, const char *text);

/* What was taken of `from` is `arena`'s from now on, and `from` is {0}. */
void arena_take(struct arena *, struct arena *from);

/* Frees all that was taken and makes it {0} again; for AUTO(). */
void arena_done(struct arena *);

#endif
