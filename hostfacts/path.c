/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "device.h"
#include "mounts.h"
#include "words.h"

/* Of those whose mount is not in the list; statfs(2) has the numbers. */
static const struct {
	unsigned long magic;
	const char *name;
} types[] = {
    {0x6969, "nfs"},       {0xff534d42, "cifs"},    {0xfe534d42, "smb3"},
    {0x00c36400, "ceph"},  {0x01161970, "gfs2"},    {0x7461636f, "ocfs2"},
    {0x65735546, "fuse"},  {0xef53, "ext4"},        {0x58465342, "xfs"},
    {0x9123683e, "btrfs"}, {0x794c7630, "overlay"}, {0x01021994, "tmpfs"},
    {0x2fc12fc1, "zfs"},   {0x0bd00bd0, "lustre"},  {0x47504653, "gpfs"},
};

static const char *
kind_of(mode_t mode)
{
	if (S_ISREG(mode))
		return "file";
	if (S_ISBLK(mode))
		return "block";
	if (S_ISCHR(mode))
		return "char";
	return S_ISDIR(mode) ? "directory" : "other";
}

/* The nearest that is there: the path itself, or a folder above it.  NULL when
 * even that cannot be had; the caller's to free(). */
static char *
place_of(const char *path)
{
	AUTO(mem_auto) char *above = mem_text(path);
	char *real;

	for (;;) {
		char *slash = strrchr(above, '/');

		real = realpath(above, NULL);
		if (real != NULL || (errno != ENOENT && errno != ENOTDIR) ||
		    slash == NULL || strcmp(above, "/") == 0)
			return real;
		slash[slash == above] = '\0';
	}
}

/* A service with PrivateTmp= sees a /tmp of its own: what it says of it is not
 * what QEMU would see. */
static bool
is_private(const struct mounted *mount)
{
	return strstr(mount->root, "/systemd-private-") != NULL;
}

static void
look_at_mount(const char *place, dev_t device, struct arena *arena,
              struct local_path *p)
{
	AUTO(buf_done) struct buf list = {0};
	AUTO(mem_auto) struct mounted *mount = mem_new(1, sizeof(*mount));

	if (!words_file("/proc/self/mountinfo", MOUNTS_FILE_MAX, &list) ||
	    !mounts_find(buf_span(&list), place, device, mount))
		return;
	p->filesystem = words_kept(arena, mount->type);
	p->mount_source = words_kept(arena, mount->source);
	if (!is_private(mount))
		return;
	p->exists = false;
	p->why = arena_text(arena, "who looks has a folder of its own there "
	                           "(PrivateTmp)");
}

static void
look_at_filesystem(const char *place, struct arena *arena, struct local_path *p)
{
	uint32_t id[2];
	struct statfs fs;
	char hex[20];

	if (statfs(place, &fs) != 0)
		return;
	p->available = (uint64_t)fs.f_bavail * (uint64_t)fs.f_frsize;
	memcpy(id, &fs.f_fsid, sizeof(id));
	if (id[0] != 0 || id[1] != 0) {
		snprintf(hex, sizeof(hex), "%08x%08x", id[1], id[0]);
		p->filesystem_id = arena_text(arena, hex);
	}
	for (size_t i = 0; i < LENGTH_OF(types) && p->filesystem == NULL; i++)
		if (types[i].magic == (unsigned long)fs.f_type)
			p->filesystem = types[i].name;
}

/* What the kernel makes up as it is read tells of processes, and some of it is
 * gone once it was read; a type that is not known may be of those. */
static bool
is_made_up(const char *filesystem)
{
	static const char *const names[] = {
	    "proc",       "sysfs",   "tracefs",   "debugfs",
	    "securityfs", "cgroup",  "cgroup2",   "configfs",
	    "efivarfs",   "fusectl", "selinuxfs", "bpf",
	    "nsfs",       "resctrl", "pstore",    "binfmt_misc"};

	for (size_t i = 0; i < LENGTH_OF(names); i++)
		if (filesystem == NULL || strcmp(names[i], filesystem) == 0)
			return true;
	return false;
}

/* One at a time: each may be of LOCAL_HASH_MAX. */
static void
hash(const char *path, struct arena *arena, struct local_path *p)
{
	static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;
	AUTO(buf_done) struct buf file = {0};
	char hex[TEXT_HEX_SIZE(SHA256_SIZE)];
	uint8_t sha256[SHA256_SIZE];
	struct span bytes;
	bool ok;

	pthread_mutex_lock(&one);
	ok = words_file(path, LOCAL_HASH_MAX, &file);
	bytes = buf_span(&file);
	if (ok)
		crypto_sha256(&bytes, 1, sha256);
	buf_done(&file);
	pthread_mutex_unlock(&one);
	if (ok)
		p->sha256 = arena_text(
		    arena, text_hex(span_of(sha256, SHA256_SIZE), hex));
}

static bool
is_device(mode_t mode)
{
	return S_ISBLK(mode) || S_ISCHR(mode);
}

static void
look_at_what_is_there(const struct stat *is, struct arena *arena,
                      struct local_path *p)
{
	p->exists = true;
	p->kind = kind_of(is->st_mode);
	p->size = (uint64_t)is->st_size;
	p->device = is_device(is->st_mode) ? is->st_rdev : is->st_dev;
	p->inode = is->st_ino;
	if (S_ISBLK(is->st_mode)) {
		p->size = device_size(is->st_rdev);
		p->wwid = device_wwid(is->st_rdev, arena);
	}
}

void
path_look(const struct local_path_asked *asked, struct arena *arena,
          struct local_path *p)
{
	AUTO(mem_auto) char *place = NULL;
	struct stat is;
	int why = 0;

	*p = (struct local_path){.path = arena_text(arena, asked->path)};
	if (stat(asked->path, &is) == 0)
		look_at_what_is_there(&is, arena, p);
	else
		why = errno;
	if (why != 0 && why != ENOENT && why != ENOTDIR) {
		p->why = words_errno(arena, why);
		return;
	}
	/* A device's node is on a file system that says nothing of it. */
	if (p->exists && is_device(is.st_mode))
		return;
	place = place_of(asked->path);
	if (place == NULL || (!p->exists && stat(place, &is) != 0))
		return;
	look_at_mount(place, is.st_dev, arena, p);
	look_at_filesystem(place, arena, p);
	if (p->exists && asked->hash && S_ISREG(is.st_mode) &&
	    is.st_size <= LOCAL_HASH_MAX && !is_made_up(p->filesystem))
		hash(asked->path, arena, p);
}
