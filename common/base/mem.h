/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Allocation that does not return when there is no memory: every size is
 * bounded by a named limit, so running out is the machine's end, not a case. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* `n` zeroed objects of `size` bytes; the caller's to free().  Aborts when
 * memory is out. */
void *mem_new(size_t n, size_t size);

/* `at` (or NULL) resized to `n` objects of `size` bytes; new bytes are not
 * zeroed.  Aborts when memory is out. */
void *mem_grow(void *at, size_t n, size_t size);

/* A copy of `text`; the caller's to free().  NULL gives NULL. */
char *mem_text(const char *text);

/* For AUTO(): frees the pointer that `at` points to. */
void mem_auto(void *at);

#endif
