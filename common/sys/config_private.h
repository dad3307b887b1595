/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SYS_CONFIG_PRIVATE_H
#define SYS_CONFIG_PRIVATE_H

#include "sys/config.h"

/* Sets one field from text; a list gets its items.  Replaces what was there.
 * `where` stands before the reason: "FILE:3: key". */
bool config_set_text(const struct config_key *, const char *value,
                     const char *where, void *into, struct err *);
bool config_add_item(const struct config_key *, const char *item,
                     const char *where, void *into, struct err *);
/* Gives each of two the other's field; whether they differed. */
bool config_field_swap(const struct config_key *, void *a, void *b);
/* Free one field and make it empty. */
void config_field_clear(const struct config_key *, void *into);

#endif
