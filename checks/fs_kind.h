/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a file system's type says about migration: whether libvirt counts it as
 * shared, and how a file is recognized from another machine. */
#ifndef CHECKS_FS_KIND_H
#define CHECKS_FS_KIND_H

#include <stdbool.h>

enum fs_identity {
	FS_BY_ID,     /* statfs' f_fsid, made from a UUID, and the inode */
	FS_BY_SERVER, /* mount source, "server:/export", and the inode */
	FS_BY_NOTHING /* of one machine: no other has the same file */
};

struct fs_kind {
	const char *name;
	enum fs_identity by;
	bool shared;     /* libvirt (virFileIsSharedFS) lets disks on it
	                  * migrate */
	bool coherent;   /* virFileIsClusterFS: with any cache mode */
	bool own_inodes; /* a client may number files itself */
	bool unheard;    /* none of this table: a cluster's, perhaps */
};

/* Never NULL; of a NULL type, or one that is not known, the kind that is
 * `unheard`. */
const struct fs_kind *fs_kind_of(const char *filesystem);

#endif
