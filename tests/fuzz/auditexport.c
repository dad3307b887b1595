/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any file as an export.  The corpus has one that is signed, of five lines:
 * what holds by its key ends as that does, and nothing holds by another. */
#include <stdlib.h>
#include <string.h>

#include "proto/audit.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

enum { LINES = 5 };

static bool
holds(const uint8_t private, struct span file, struct export_reading *r)
{
	const uint8_t key[SIGNING_KEY_SIZE] = {[31] = private};
	struct signing_public public;
	struct err err = {0};

	if (!signing_public_of(key, &public, NULL))
		abort();
	*r = (struct export_reading){.key = &public};
	while (file.len != 0) {
		const uint8_t *end = memchr(file.at, '\n', file.len);
		size_t n = end != NULL ? (size_t)(end - file.at) : file.len;

		if (!export_line(r, span_of(file.at, n), &err)) {
			if (err.code == ERR_NONE)
				abort();
			return false;
		}
		n += end != NULL;
		file = span_of(file.at + n, file.len - n);
	}
	return export_done(r, &err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	struct export_reading r;

	if (holds(2, span_of(at, len), &r))
		abort();
	if (holds(1, span_of(at, len), &r) &&
	    (r.walk.head.size != LINES || r.checkpoint.head.size != LINES ||
	     memcmp(r.walk.head.hash, r.checkpoint.head.hash, SHA256_SIZE) !=
	         0))
		abort();
	return 0;
}
