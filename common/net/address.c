/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/address.h"

#include <arpa/inet.h>
#include <string.h>

_Static_assert(ADDRESS_TEXT_SIZE == INET6_ADDRSTRLEN, "the longest");

bool
address_of_bytes(const unsigned char *at, size_t len,
                 char out[ADDRESS_TEXT_SIZE])
{
	struct in6_addr six;

	if (len == sizeof(struct in_addr))
		return inet_ntop(AF_INET, at, out, ADDRESS_TEXT_SIZE) != NULL;
	if (len != sizeof(six))
		return false;
	memcpy(&six, at, sizeof(six));
	return !IN6_IS_ADDR_V4MAPPED(&six) &&
	       inet_ntop(AF_INET6, &six, out, ADDRESS_TEXT_SIZE) != NULL;
}

bool
address_of_text(const char *text, char out[ADDRESS_TEXT_SIZE])
{
	unsigned char at[sizeof(struct in6_addr)];

	if (inet_pton(AF_INET, text, at) == 1)
		return address_of_bytes(at, sizeof(struct in_addr), out);
	return inet_pton(AF_INET6, text, at) == 1 &&
	       address_of_bytes(at, sizeof(at), out);
}
