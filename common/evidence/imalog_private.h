/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The templates that we know, by the fields of their data. */
#ifndef EVIDENCE_IMALOG_PRIVATE_H
#define EVIDENCE_IMALOG_PRIVATE_H

#include "evidence/imalog.h"

/* How a field is written as text (ima_template_lib.c). */
enum imalog_show {
	IMALOG_SHOW_HASH,   /* hexadecimal */
	IMALOG_SHOW_DIGEST, /* "sha256:" and hexadecimal */
	IMALOG_SHOW_NAME,   /* as it is; its NUL is not shown */
	IMALOG_SHOW_EVENT,  /* as it is, without NUL */
	IMALOG_SHOW_HEX,
};

enum { IMALOG_FIELDS_MAX = 5 };

struct imalog_field {
	enum imalog_show show;
	bool bare; /* no length in front (`d` of the template `ima`) */
	bool (*take)(struct span, struct imalog_entry *);
};

struct imalog_template {
	const char *name;
	size_t n;
	struct imalog_field fields[IMALOG_FIELDS_MAX];
};

enum { IMALOG_BARE_SIZE = 20 };

/* NULL: not known. */
const struct imalog_template *imalog_template_of(struct span name);

/* Reads the fields out of entry->data; false when they are not its fields. */
MUST_CHECK bool imalog_fields_take(const struct imalog_template *,
                                   struct imalog_entry *);

/* One line as an entry: its data is made again as it is in the binary form. */
MUST_CHECK enum imalog_got
imalog_text_next(struct imalog *, struct imalog_entry *, struct err *);

/* A template's name: printable, without a space, within its limit. */
bool imalog_name_allowed(struct span name);

/* Little-endian. */
uint32_t imalog_u32(const uint8_t *at);

#endif
