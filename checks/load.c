/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "checks/check.h"

const struct migration_check checks_load[] = {
    {0},
};
