/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VIRT_MIGRATION_PRIVATE_H
#define VIRT_MIGRATION_PRIVATE_H

#include <libvirt/libvirt.h>

#include "base/text.h"
#include "virt/migration.h"

/* An option and what it is in libvirt's API. */
struct option_row {
	struct migration_option option;
	unsigned long flag; /* of a MIGRATION_FLAG */
	const char *param;  /* of the others, ... */
	int type;           /* ... a typed parameter of this type */
};

/* NULL beyond the last. */
const struct option_row *option_row_at(size_t i);

/* The parameters that were given, virTypedParamsFree()'s. */
virTypedParameterPtr migration_params(const struct migration_how *,
                                      const struct plan *, int *n);

#endif
