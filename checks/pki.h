/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* QEMU's migration PKI at both ends: the check `migration-pki`. */
#ifndef CHECKS_PKI_H
#define CHECKS_PKI_H

#include "checks/check.h"

enum { PKI_EXPIRES_SOON_S = 7 * 24 * 60 * 60 };

void check_migration_pki(const struct facts *, struct result *);

#endif
