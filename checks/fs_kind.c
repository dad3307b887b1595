/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "checks/fs_kind.h"

#include "base/auto.h"
#include "checks/words.h"

#define LOCAL(type)                                                            \
	{                                                                      \
		.name = (type), .by = FS_BY_NOTHING                            \
	}

static const struct fs_kind kinds[] = {
    {.name = "nfs", .by = FS_BY_SERVER, .shared = true},
    {.name = "nfs4", .by = FS_BY_SERVER, .shared = true},
    {.name = "fuse.glusterfs",
     .by = FS_BY_SERVER,
     .shared = true,
     .coherent = true},
    {.name = "fuse.quobyte", .by = FS_BY_SERVER, .shared = true},
    {.name = "cifs", .by = FS_BY_SERVER, .shared = true, .own_inodes = true},
    {.name = "smb3", .by = FS_BY_SERVER, .shared = true, .own_inodes = true},
    {.name = "smbfs", .by = FS_BY_SERVER, .shared = true, .own_inodes = true},
    {.name = "gfs2", .by = FS_BY_ID, .shared = true, .coherent = true},
    {.name = "ocfs2", .by = FS_BY_ID, .shared = true, .coherent = true},
    {.name = "ceph", .by = FS_BY_ID, .shared = true, .coherent = true},
    {.name = "afs", .by = FS_BY_ID, .shared = true},
    {.name = "gpfs", .by = FS_BY_ID, .shared = true},
    {.name = "acfs", .by = FS_BY_ID, .shared = true},
    LOCAL("ext2"),
    LOCAL("ext3"),
    LOCAL("ext4"),
    LOCAL("xfs"),
    LOCAL("btrfs"),
    LOCAL("bcachefs"),
    LOCAL("zfs"),
    LOCAL("f2fs"),
    LOCAL("jfs"),
    LOCAL("reiserfs"),
    LOCAL("tmpfs"),
    LOCAL("devtmpfs"),
    LOCAL("ramfs"),
    LOCAL("hugetlbfs"),
    LOCAL("overlay"),
    LOCAL("squashfs"),
    LOCAL("erofs"),
    LOCAL("iso9660"),
    LOCAL("udf"),
    LOCAL("vfat"),
    LOCAL("exfat"),
    LOCAL("ntfs3"),
    LOCAL("fuseblk"),
};

static const struct fs_kind unheard = {.by = FS_BY_ID, .unheard = true};

const struct fs_kind *
fs_kind_of(const char *filesystem)
{
	for (size_t i = 0; i < LENGTH_OF(kinds); i++)
		if (same_text(kinds[i].name, filesystem))
			return &kinds[i];
	return &unheard;
}
