/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the checks of disks and of storage both ask of a disk. */
#ifndef CHECKS_DISK_WORDS_H
#define CHECKS_DISK_WORDS_H

#include "checks/facts.h"

/* A path in a sentence is cut to this: the sentence's end must be seen. */
enum { PATH_WORDS_MAX = 120 };

/* No medium: a drive without one. */
bool disk_is_empty(const struct disk_facts *);

/* Its data is at a path of the host. */
bool disk_has_path(const struct disk_facts *);

/* It is, and nobody knows at which: a volume of a pool. */
bool disk_is_lost_volume(const struct disk_facts *);

bool disk_is_read_only(const struct disk_facts *);

/* A medium that is only read: CD-ROM, or a floppy that is write-protected. */
bool disk_is_image(const struct disk_facts *);

/* libvirt copies it (qemuMigrationAnyCopyDisk): one that --migrate-disks lists,
 * or, without that list, one that is written to and not shared. */
bool disk_is_copied(const struct plan *, const struct disk_facts *);

/* "vda"; its path when it has no target; else "not known". */
const char *disk_name(const struct disk_facts *);

#endif
