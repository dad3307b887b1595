/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "checks/check.h"

/* Trust first: what is wrong there is told before all else. */
const struct migration_check *const check_subjects[] = {
    checks_trust,  checks_way,     checks_host,    checks_cpu,
    checks_memory, checks_disk,    checks_storage, checks_network,
    checks_device, checks_machine, checks_domain,  checks_load,
};
const size_t check_subjects_n = LENGTH_OF(check_subjects);

/* The first one of the subjects from `i` on. */
static const struct migration_check *
first_from(size_t i)
{
	while (i < check_subjects_n && check_subjects[i]->id == NULL)
		i++;
	return i < check_subjects_n ? check_subjects[i] : NULL;
}

const struct migration_check *
check_next(const struct migration_check *check)
{
	if (check == NULL)
		return first_from(0);
	if (check[1].id != NULL)
		return check + 1;
	for (size_t i = 0; i < check_subjects_n; i++) {
		const struct migration_check *one = check_subjects[i];

		while (one->id != NULL && one != check)
			one++;
		if (one == check)
			return first_from(i + 1);
	}
	return NULL;
}

const struct migration_check *
check_of(const char *id)
{
	const struct migration_check *check = NULL;

	while ((check = check_next(check)) != NULL)
		if (strcmp(check->id, id) == 0)
			return check;
	return NULL;
}
