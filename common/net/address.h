/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* IP addresses as text, each in one spelling (RFC 5952 for IPv6). */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include <stddef.h>

#include "base/err.h"

enum { ADDRESS_TEXT_SIZE = 46 }; /* of the longest, with its NUL */

/* The one spelling of a literal address.  False for a name, and for an IPv4
 * address that is dressed up as IPv6 (::ffff:192.0.2.1): nothing on the wire
 * has that one. */
MUST_CHECK bool address_of_text(const char *text, char out[ADDRESS_TEXT_SIZE]);

/* The same of the bytes of one, 4 or 16. */
MUST_CHECK bool address_of_bytes(const unsigned char *at, size_t len,
                                 char out[ADDRESS_TEXT_SIZE]);

#endif
