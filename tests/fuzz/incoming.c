/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any text as the XML of a domain that comes in. */
#include <stdlib.h>
#include <string.h>

#include "incoming/incoming.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	struct incoming in;

	if (incoming_read(span_of(at, len), &in, NULL) &&
	    (!uuid_is_lower(in.uuid) || strlen(in.pass) > PASS_MAX))
		abort();
	return 0;
}
