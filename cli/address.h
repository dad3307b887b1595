/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLI_ADDRESS_H
#define CLI_ADDRESS_H

#include "proto/json.h"

/* "ADDR", "ADDR:PORT", "[V6]:PORT" or "V6" as the members `address` and `port`.
 */
MUST_CHECK bool put_address(struct json *object, const char *text,
                            struct err *);

#endif
