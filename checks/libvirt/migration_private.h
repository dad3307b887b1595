/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VIRT_MIGRATION_PRIVATE_H
#define VIRT_MIGRATION_PRIVATE_H

#include <libvirt/libvirt.h>

#include "virt/migration.h"

/* An option and what it is in libvirt's API. */
struct option_row {
	struct migration_option option;
	unsigned long flag; /* of a MIGRATION_FLAG */
	const char *param;  /* of the others, ... */
	int type;           /* ... a typed parameter of this type */
};

/* All of it as libvirt wants it, to virTypedParamsFree() in any case; false for
 * what libvirt does not take. */
MUST_CHECK bool migration_params(const struct migration_how *,
                                 const struct plan *, virTypedParameterPtr *,
                                 int *n, struct err *);

#endif
