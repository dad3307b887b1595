/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Of the checks of the machine alone. */
#ifndef CHECKS_MACHINE_PRIVATE_H
#define CHECKS_MACHINE_PRIVATE_H

#include "checks/check.h"

/* machine_tpm.c */
void check_vtpm(const struct facts *, struct result *);

#endif
