/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "checks/disk_same.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "checks/fs_kind.h"
#include "checks/words.h"

const struct local_path *
local_path_of(const struct local_facts *local, const char *path)
{
	if (local->missing != NULL || path == NULL)
		return NULL;
	for (size_t i = 0; i < local->n_paths; i++)
		if (same_text(local->paths[i].path, path))
			return &local->paths[i];
	return NULL;
}

static void PRINTF_LIKE(3, 4)
    judge(struct compared *c, enum sameness is, const char *format, ...)
{
	va_list args;

	c->is = is;
	va_start(args, format);
	vsnprintf(c->why, sizeof(c->why), format, args);
	va_end(args);
}

/* Fills `said` with the answer of one end; false when it says nothing that
 * could be compared, with the judgement made. */
static bool
look_at(struct compared *c, const struct local_facts *local, const char *end,
        const char *path, const struct local_path **said)
{
	const struct local_path *p = *said = local_path_of(local, path);

	if (local->missing != NULL)
		judge(c, SAME_UNKNOWN,
		      "cannot be compared: the %s says nothing (%s)", end,
		      local->missing);
	else if (p == NULL)
		judge(c, SAME_UNKNOWN,
		      "cannot be compared: the %s was not asked about it", end);
	else if (p->why != NULL)
		judge(c, SAME_UNKNOWN, "could not be looked at by the %s: %s",
		      end, p->why);
	else
		return true;
	return false;
}

static void
describe(const struct local_path *p, char *out, size_t size)
{
	if (!p->exists)
		snprintf(out, size, "none");
	else if (same_text(p->kind, "block"))
		snprintf(out, size, "block device, WWID %s, %llu bytes",
		         or_unknown(p->wwid), (unsigned long long)p->size);
	else
		snprintf(out, size, "%s of %s, inode %llu, %llu bytes",
		         or_unknown(p->filesystem), or_unknown(p->mount_source),
		         (unsigned long long)p->inode,
		         (unsigned long long)p->size);
}

static const char *
kind_words(const struct local_path *p)
{
	return same_text(p->kind, "block") ? "block device"
	                                   : or_unknown(p->kind);
}

/* Under one kernel its numbers decide, but for network file systems: each
 * network namespace has a mount of its own.  False: undecided. */
static bool
compare_in_one_kernel(struct compared *c)
{
	const struct local_path *s = c->source, *d = c->destination;
	bool block = same_text(s->kind, "block");

	if (s->device == 0 || d->device == 0 || (!block && s->inode == 0))
		return false;
	if (s->device == d->device && (block || s->inode == d->inode)) {
		judge(c, SAME_YES, "is the same %s, by its device%s",
		      kind_words(s), block ? "'s number" : " and inode");
		return true;
	}
	if (!block && (fs_kind_of(s->filesystem)->by != FS_BY_NOTHING ||
	               fs_kind_of(d->filesystem)->by != FS_BY_NOTHING))
		return false;
	judge(c, SAME_NO, "is another %s at the destination, by its device%s",
	      kind_words(s), block ? "'s number" : " and inode");
	return true;
}

/* QEMU counts its ATA disks: each virtual machine's first is QM00001. */
static bool
is_anyones(const char *wwid)
{
	return strstr(wwid, "QEMU HARDDISK") != NULL &&
	       strstr(wwid, "QM0") != NULL;
}

static void
compare_block_devices(struct compared *c)
{
	const struct local_path *s = c->source, *d = c->destination;

	if (s->wwid == NULL || d->wwid == NULL)
		judge(c, SAME_UNKNOWN,
		      "cannot be compared: the %s knows no WWID of it",
		      s->wwid == NULL ? "source" : "destination");
	else if (!same_text(s->wwid, d->wwid))
		judge(c, SAME_NO,
		      "is another device at the destination, by its WWID");
	else if (is_anyones(s->wwid))
		judge(c, SAME_UNKNOWN,
		      "cannot be compared: its WWID is one that QEMU gives to "
		      "many");
	else if (s->size != d->size)
		judge(c, SAME_NO,
		      "has the same WWID but another size at the destination");
	else
		judge(c, SAME_YES, "is the same device, by its WWID");
}

/* "localhost:/export" names another server at each end. */
static bool
is_own_server(const char *mount_source)
{
	return begins_with(mount_source, "localhost:") ||
	       begins_with(mount_source, "127.") ||
	       begins_with(mount_source, "[::1]:") ||
	       begins_with(mount_source, "//localhost/") ||
	       begins_with(mount_source, "//127.");
}

/* Whether the file system is the same; `by` says by what. */
static enum sameness
same_file_system(const struct compared *c, const struct fs_kind *kind,
                 const char **by)
{
	const struct local_path *s = c->source, *d = c->destination;

	if (kind->by == FS_BY_SERVER) {
		*by = "mount source";
		return same_text(s->mount_source, d->mount_source) &&
		               !is_own_server(s->mount_source)
		           ? SAME_YES
		           : SAME_UNKNOWN;
	}
	*by = "file system's id";
	if (s->filesystem_id == NULL || d->filesystem_id == NULL)
		return SAME_UNKNOWN;
	if (same_text(s->filesystem_id, d->filesystem_id))
		return SAME_YES;
	/* Of one that is not known the id may be each machine's own. */
	return kind->unheard ? SAME_UNKNOWN : SAME_NO;
}

static void
compare_shared_files(struct compared *c, const struct fs_kind *kind)
{
	const struct local_path *s = c->source, *d = c->destination;
	const char *by;
	enum sameness file_system = same_file_system(c, kind, &by);
	bool inodes = s->inode != 0 && s->inode == d->inode;

	if (file_system == SAME_NO)
		judge(c, SAME_NO, "is on another file system, by the %s", by);
	else if (file_system == SAME_YES && inodes)
		judge(c, SAME_YES, "is the same %s, by the %s and inode",
		      s->kind, by);
	else if (!inodes && s->inode != 0 && d->inode != 0 &&
	         !kind->own_inodes && !kind->unheard)
		judge(c, SAME_NO, "has another inode at the destination");
	else
		judge(c, SAME_UNKNOWN,
		      "cannot be told to be the same %s, by %s and inode",
		      s->kind, by);
}

/* The same family: NFS is mounted in several versions. */
static bool
same_family(const char *a, const char *b)
{
	return same_text(a, b) ||
	       (begins_with(a, "nfs") && begins_with(b, "nfs"));
}

static void
compare_files(struct compared *c, bool two_machines)
{
	const struct local_path *s = c->source, *d = c->destination;
	const struct fs_kind *at_source = fs_kind_of(s->filesystem);
	const struct fs_kind *at_destination = fs_kind_of(d->filesystem);

	if (s->filesystem == NULL || d->filesystem == NULL)
		judge(c, SAME_UNKNOWN,
		      "cannot be compared: the %s does not know its file "
		      "system",
		      s->filesystem == NULL ? "source" : "destination");
	else if (two_machines && at_source->by == FS_BY_NOTHING &&
	         at_destination->by == FS_BY_NOTHING)
		judge(c, SAME_NO,
		      "is on a file system of its own at each end (%s, %s)",
		      s->filesystem, d->filesystem);
	/* One of the two may be the server of the other. */
	else if (!same_family(s->filesystem, d->filesystem))
		judge(c, SAME_UNKNOWN,
		      "cannot be compared: it is on %s at the source and on %s "
		      "at the destination",
		      s->filesystem, d->filesystem);
	else if (at_source->by == FS_BY_NOTHING)
		judge(c, SAME_UNKNOWN,
		      "cannot be compared: a host does not say which boot it "
		      "is of");
	else
		compare_shared_files(c, at_source);
}

static void
compare_objects(const struct facts *f, struct compared *c)
{
	const char *here = f->source_local.boot_id;
	const char *there = f->destination_local.boot_id;

	if (!same_text(c->source->kind, c->destination->kind)) {
		judge(c, SAME_NO,
		      "is of the kind \"%s\" at the source and \"%s\" at the "
		      "destination",
		      or_unknown(c->source->kind),
		      or_unknown(c->destination->kind));
		return;
	}
	if (same_text(here, there) && compare_in_one_kernel(c))
		return;
	if (same_text(c->source->kind, "block"))
		compare_block_devices(c);
	else if (same_text(c->source->kind, "file") ||
	         same_text(c->source->kind, "directory"))
		compare_files(c, here != NULL && there != NULL &&
		                     !same_text(here, there));
	else
		judge(c, SAME_UNKNOWN,
		      "is of the kind \"%s\", which cannot be compared",
		      or_unknown(c->source->kind));
}

void
path_compare(const struct facts *f, const char *path, struct compared *c)
{
	bool here, there;

	*c = (struct compared){0};
	there = look_at(c, &f->destination_local, "destination", path,
	                &c->destination);
	if (there) {
		describe(c->destination, c->at_destination,
		         sizeof(c->at_destination));
		/* Whatever the source has, the domain would not start. */
		if (!c->destination->exists) {
			c->source = local_path_of(&f->source_local, path);
			if (c->source != NULL && c->source->why == NULL)
				describe(c->source, c->at_source,
				         sizeof(c->at_source));
			judge(c, SAME_ABSENT, "is not at the destination");
			return;
		}
	}
	here = look_at(c, &f->source_local, "source", path, &c->source);
	if (here)
		describe(c->source, c->at_source, sizeof(c->at_source));
	if (!here || !there)
		return;
	if (!c->source->exists)
		judge(c, SAME_UNKNOWN,
		      "cannot be compared: the source itself does not find it");
	else
		compare_objects(f, c);
}

bool
compared_sizes_match(const struct compared *c)
{
	const struct local_path *s = c->source, *d = c->destination;

	return s != NULL && d != NULL && s->exists && d->exists &&
	       s->why == NULL && d->why == NULL &&
	       same_text(s->kind, d->kind) &&
	       !same_text(s->kind, "directory") && s->size != 0 &&
	       s->size == d->size;
}
