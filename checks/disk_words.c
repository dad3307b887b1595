/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "checks/disk_words.h"

#include <string.h>

#include "checks/words.h"

bool
disk_is_empty(const struct disk_facts *d)
{
	static const char *const by_path[] = {"file", "block", "dir"};

	return d->path == NULL &&
	       (d->type == NULL ||
	        is_one_of(by_path, LENGTH_OF(by_path), d->type));
}

bool
disk_has_path(const struct disk_facts *d)
{
	static const char *const by_path[] = {"file", "block", "dir", "volume"};

	return d->path != NULL &&
	       (d->type == NULL ||
	        is_one_of(by_path, LENGTH_OF(by_path), d->type));
}

bool
disk_is_lost_volume(const struct disk_facts *d)
{
	return same_text(d->type, "volume") && d->path == NULL;
}

bool
disk_is_read_only(const struct disk_facts *d)
{
	return d->readonly || same_text(d->device, "cdrom");
}

bool
disk_is_image(const struct disk_facts *d)
{
	return same_text(d->device, "cdrom") ||
	       (same_text(d->device, "floppy") && d->readonly);
}

/* Among "vda,vdb". */
static bool
is_listed(const char *list, const char *target)
{
	size_t len = target != NULL ? strlen(target) : 0;

	for (const char *at = list; at != NULL && len != 0;) {
		if (strncmp(at, target, len) == 0 &&
		    (at[len] == ',' || at[len] == '\0'))
			return true;
		at = strchr(at, ',');
		if (at != NULL)
			at++;
	}
	return false;
}

bool
disk_is_copied(const struct plan *plan, const struct disk_facts *d)
{
	if ((!plan->copy_storage_all && !plan->copy_storage_inc) ||
	    disk_is_empty(d))
		return false;
	if (plan->migrate_disks != NULL)
		return is_listed(plan->migrate_disks, d->target);
	return !disk_is_read_only(d) && !d->shareable;
}

const char *
disk_name(const struct disk_facts *d)
{
	return d->target != NULL ? d->target : or_unknown(d->path);
}
