/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A domain's UUID as text (RFC 4122, 3): 8-4-4-4-12 hexadecimal digits. */
#ifndef BASE_UUID_H
#define BASE_UUID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/auto.h"

enum {
	UUID_BYTES = 16,
	UUID_SIZE = 37, /* of its text, with the NUL */
};

/* In either case, as libvirt takes it; `out` has it in lower case, or is
 * empty. */
MUST_CHECK bool uuid_read(const char *text, char out[UUID_SIZE]);

/* In lower case alone, as libvirt writes it. */
MUST_CHECK bool uuid_is_lower(const char *text);

void uuid_format(const uint8_t bytes[UUID_BYTES], char out[UUID_SIZE]);

#endif
