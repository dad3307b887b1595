/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Does the destination know what the domain is: the checks `guest-type`,
 * `machine` and `dry-run`. */
#ifndef CHECKS_GUEST_H
#define CHECKS_GUEST_H

#include "checks/check.h"

void check_guest_type(const struct facts *, struct result *);
void check_machine(const struct facts *, struct result *);
void check_dry_run(const struct facts *, struct result *);

#endif
