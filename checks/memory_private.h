/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The checks of memory.c's list that are in other files. */
#ifndef CHECKS_MEMORY_PRIVATE_H
#define CHECKS_MEMORY_PRIVATE_H

#include "checks/check.h"

void memory_pinning(const struct facts *, struct result *);
void memory_vcpus(const struct facts *, struct result *);

#endif
