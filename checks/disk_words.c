/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "checks/disk_words.h"

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

bool
disk_is_copied(const struct plan *plan, const struct disk_facts *d)
{
	return (plan->copy_storage_all || plan->copy_storage_inc) &&
	       !disk_is_empty(d) && !disk_is_read_only(d) && !d->shareable;
}

const char *
disk_name(const struct disk_facts *d)
{
	return d->target != NULL ? d->target : or_unknown(d->path);
}
