/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The checks of storage.c's list that are in other files. */
#ifndef CHECKS_STORAGE_PRIVATE_H
#define CHECKS_STORAGE_PRIVATE_H

#include "checks/check.h"

void storage_copy(const struct facts *, struct result *);

#endif
