/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Of the checks of the domain alone. */
#ifndef CHECKS_DOMAIN_PRIVATE_H
#define CHECKS_DOMAIN_PRIVATE_H

#include "checks/check.h"

/* domain_label.c: how the two libvirts lock, label and own. */
void check_lock_driver(const struct facts *, struct result *);
void check_security_label(const struct facts *, struct result *);
void check_qemu_user(const struct facts *, struct result *);

#endif
