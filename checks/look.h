/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a host answered about one name or path.  Each "no answer" is told as
 * "not-run": nobody asked, or nobody could say. */
#ifndef CHECKS_LOOK_H
#define CHECKS_LOOK_H

#include "checks/check.h"

enum end { SOURCE, DESTINATION };

/* "the source" or "the destination". */
const char *end_name(enum end);

/* What the host itself says; NULL when nothing is known of it, and then
 * `result` has "not-run" with the reason, unless `result` is NULL. */
const struct local_path *look_path(const struct facts *, enum end,
                                   const char *path, struct result *);
const struct local_path *look_folder_of(const struct facts *, enum end,
                                        const char *path, struct result *);
const struct local_link *look_link(const struct facts *, enum end,
                                   const char *name, struct result *);
const struct local_answer_bool *look_address(const struct facts *, enum end,
                                             const char *address,
                                             struct result *);

/* What its libvirt answered, from one of the lists of host_facts.h; `what` is
 * the kind of thing, "network". */
struct looked {
	enum end end;
	const char *what;
	const struct lookup_facts *list;
	size_t n;
};
const struct lookup_facts *look_up(const struct looked *, const char *name,
                                   struct result *);

/* An offline migration moves the definition only: said as a pass. */
bool moves_no_state(const struct facts *, struct result *);

#endif
