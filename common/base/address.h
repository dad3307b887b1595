/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses as text. */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <stdbool.h>

/* Whether `text` is an IPv4 or IPv6 address as inet_pton(3) reads it, and
 * nothing else: no name, no scope, no prefix, no brackets. */
bool address_is_literal(const char *text);

#endif
