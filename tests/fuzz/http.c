/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The head of a request for the metrics, from whoever is on this machine. */
#include <assert.h>
#include <string.h>

#include "net/http_head.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	size_t size = http_head_size(span_of(at, len));
	struct http_head head;

	assert(size <= len);
	if (size != 0 && http_head_read(span_of(at, size), &head)) {
		assert(head.path.at >= at && head.path.len < size);
		assert(strlen(head.accept) < sizeof(head.accept));
	}
	return 0;
}
