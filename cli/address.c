/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "address.h"
#include "base/mem.h"

bool
put_address(struct json *object, const char *text, struct err *err)
{
	AUTO(mem_auto) char *copy = mem_text(text);
	char *address = copy, *port = strrchr(copy, ':');
	uint64_t number;

	if (*address == '[') {
		port = strchr(++address, ']');
		if (port == NULL)
			return err_set(err, ERR_CONFIG, "address: no ']'");
		*port++ = '\0';
		port = *port == ':' ? port : NULL;
	} else if (port != NULL && strchr(address, ':') != port) {
		port = NULL; /* a bare IPv6 address */
	}
	if (port != NULL) {
		*port++ = '\0';
		if (!text_u64(port, UINT16_MAX, &number) || number == 0)
			return err_set(err, ERR_CONFIG,
			               "address: the port is 1 to 65535");
		json_put_u64(object, "port", number);
	}
	json_put_text(object, "address", address);
	return true;
}
