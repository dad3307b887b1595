/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The head of an HTTP/1.x request (RFC 9112, 2 and 3), as far as one page needs
 * it.  Pure. */
#ifndef NET_HTTP_HEAD_H
#define NET_HTTP_HEAD_H

#include "base/auto.h"
#include "base/span.h"

enum { HTTP_ACCEPT_MAX = 512 };

struct http_head {
	bool get;         /* the method */
	struct span path; /* without a query; of the request's bytes */
	char accept[HTTP_ACCEPT_MAX]; /* what is longer is cut */
};

/* The bytes of the head, with the empty line that ends it; 0: it is not there
 * yet. */
size_t http_head_size(struct span request);

/* False for what is no request of HTTP/1.0 or 1.1. */
MUST_CHECK bool http_head_read(struct span head, struct http_head *);

#endif
