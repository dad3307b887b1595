/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Borrowed bytes: a pointer with its length, passed by value. */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Borrowed, read-only bytes.  A span never owns and is never freed. */
struct span {
	const uint8_t *at;
	size_t len;
};

/* The `len` bytes at `at`; `at` may be NULL only when `len` is 0. */
struct span span_of(const void *at, size_t len);

/* The bytes of a C string, without its NUL. */
struct span span_str(const char *text);

/* Same length and same bytes.  Not constant in time: never for secrets. */
bool span_eq(struct span a, struct span b);

/* Every byte is zero; true for the empty span. */
bool span_is_zero(struct span s);

#endif
