/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the forms give to goldenfile.c. */
#ifndef PROTO_GOLDENFILE_PRIVATE_H
#define PROTO_GOLDENFILE_PRIVATE_H

#include "proto/goldenfile.h"

/* One file. */
struct goldenfile_source {
	const char *name;
	struct span text;
	struct json *object; /* NULL: it is no JSON; owned */
};

/* Recognise a form by its members; read it. */
bool goldenfile_is_pcrlock(const struct json *);
MUST_CHECK bool goldenfile_read_pcrlock(struct goldenfile *,
                                        struct goldenfile_source *,
                                        struct err *);
bool goldenfile_is_keylime(const struct json *);
MUST_CHECK bool goldenfile_read_keylime(struct goldenfile *,
                                        struct goldenfile_source *,
                                        struct err *);

/* Adds a value unless it is there. */
MUST_CHECK bool goldenfile_add_value(struct goldenfile *, unsigned pcr,
                                     uint16_t bank, struct span value,
                                     struct err *);

#endif
