/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* --copy-storage-all, --copy-storage-inc: each disk that is written to is
 * copied into an image at the destination (qemuMigrationDstPrecreateStorage).
 */
#include "checks/storage_private.h"

#include <stdio.h>
#include <string.h>

#include "checks/disk_same.h"
#include "checks/disk_words.h"
#include "checks/words.h"

enum { BYTES_A_MIB = 1 << 20 };

/* Where a copy's bytes go.  Two of the same `name` and `device` share it. */
struct room {
	bool known;
	const char *name; /* the pool; NULL: a file system */
	uint64_t device;
	uint64_t available;
};

static uint64_t
sum(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t
beyond(uint64_t whole, uint64_t part)
{
	return whole > part ? whole - part : 0;
}

static void
room_in_pool(const struct facts *f, struct result *r,
             const struct disk_facts *d, struct room *room)
{
	const struct host_facts *to = &f->destination;
	const struct lookup_facts *pool = NULL;

	for (size_t i = 0; to->missing == NULL && i < to->n_pools; i++)
		if (same_text(to->pools[i].name, d->pool))
			pool = &to->pools[i];
	if (pool == NULL || pool->why != NULL)
		result_not_run(
		    r, "disk %s: nothing is known of the pool %s: %s",
		    disk_name(d), or_unknown(d->pool),
		    pool != NULL          ? pool->why
		    : to->missing != NULL ? to->missing
					  : "the destination was not asked");
	else if (!pool->found || !pool->active) {
		if (result_block(r,
		                 "disk %s: the destination has no active pool "
		                 "%s for its copy",
		                 disk_name(d), d->pool))
			result_remedy(r, "define and start it there: virsh "
			                 "pool-define, pool-start");
	} else
		*room = (struct room){.known = true,
		                      .name = d->pool,
		                      .available = pool->available};
}

static void
room_in_folder(const struct facts *f, struct result *r,
               const struct disk_facts *d, struct room *room)
{
	const char *slash = strrchr(d->path, '/');
	const struct local_path *p;
	char folder[LOCAL_PATH_SIZE];
	int len = slash == NULL ? 0 : (int)(slash - d->path);

	snprintf(folder, sizeof(folder), "%.*s", len > 0 ? len : 1, d->path);
	p = local_path_of(&f->destination_local, folder);
	if (p == NULL || p->why != NULL)
		result_not_run(r,
		               "disk %s: nothing is known of the room in %.*s: "
		               "%s",
		               disk_name(d), PATH_WORDS_MAX, folder,
		               p != NULL ? p->why
		               : f->destination_local.missing != NULL
		                   ? f->destination_local.missing
		                   : "the destination was not asked");
	else if (!p->exists) {
		if (result_block(r,
		                 "disk %s: the destination has no folder %.*s "
		                 "for its copy",
		                 disk_name(d), PATH_WORDS_MAX, folder))
			result_remedy(r, "make it there, as a storage pool");
	} else
		*room = (struct room){.known = true,
		                      .device = p->device,
		                      .available = p->available};
}

/* `room` stays {0} when there is none to be known; what is wrong is told. */
static void
room_of(const struct facts *f, struct result *r, const struct disk_facts *d,
        struct room *room)
{
	if (same_text(d->type, "volume"))
		room_in_pool(f, r, d, room);
	else if (same_text(d->type, "file"))
		room_in_folder(f, r, d, room);
}

/* What the copy takes at least, and at most. */
static void
need_of(const struct facts *f, const struct disk_facts *d, uint64_t *least,
        uint64_t *most)
{
	const struct local_path *there =
	    local_path_of(&f->destination_local, d->path);
	/* libvirt makes a raw image in its full size. */
	bool thin = d->format != NULL && !same_text(d->format, "raw") &&
	            d->allocation != 0 && d->allocation < d->capacity;

	*most = d->capacity;
	*least = thin ? d->allocation : d->capacity;
	if (there != NULL && there->exists) {
		*least = beyond(*least, there->size);
		*most = beyond(*most, there->size);
	}
}

static bool
same_room(const struct room *a, const struct room *b)
{
	return a->name != NULL || b->name != NULL ? same_text(a->name, b->name)
	                                          : a->device == b->device;
}

/* All copies that go where that of the disk `first` goes. */
static void
judge_room(const struct facts *f, struct result *r, const struct room *rooms,
           size_t first)
{
	uint64_t least = 0, most = 0, available = rooms[first].available;

	for (size_t i = first; i < f->domain.n_disks; i++) {
		uint64_t one, other;

		if (!same_room(&rooms[i], &rooms[first]))
			continue;
		need_of(f, &f->domain.disks[i], &one, &other);
		least = sum(least, one);
		most = sum(most, other);
	}
	if (least > available
	        ? result_block(r, "the copied disks do not fit at the "
	                          "destination")
	        : most > available &&
	              result_warn(r, "the copied disks fit at the destination "
	                             "only as long as they are not filled")) {
		result_values_u64(
		    r, (least > available ? least : most) / BYTES_A_MIB,
		    available / BYTES_A_MIB, "MiB");
		result_remedy(r, "free room in the destination's storage");
	}
}

/* An image or a device that is there already is written over. */
static void
judge_present(struct result *r, const struct disk_facts *d,
              const struct local_path *there)
{
	/* Of other formats the size is not that of the guest's disk. */
	bool raw = d->format == NULL || same_text(d->format, "raw") ||
	           same_text(there->kind, "block");

	if (raw && there->size < d->capacity) {
		if (!result_block(r,
		                  "disk %s: %.*s at the destination is smaller "
		                  "than the disk that is copied into it",
		                  disk_name(d), PATH_WORDS_MAX, d->path))
			return;
		result_values_u64(r, d->capacity, there->size, "bytes");
		result_remedy(r, "remove it, or make it as large as the disk");
	} else if (result_warn(r,
	                       "disk %s: %.*s is at the destination already, "
	                       "and the copy overwrites it",
	                       disk_name(d), PATH_WORDS_MAX, d->path))
		result_remedy(r, "look whether it may be lost");
}

/* libvirt makes a copy's image only in an active pool of that folder. */
static const char *
no_pool(const struct facts *f, struct result *r, const struct disk_facts *d)
{
	const struct host_facts *to = &f->destination;
	const char *slash = strrchr(d->path, '/');
	size_t len = slash != NULL ? (size_t)(slash - d->path) : 0;

	for (size_t i = 0; to->missing == NULL && i < to->n_pools; i++) {
		const struct lookup_facts *pool = &to->pools[i];

		if (strlen(pool->name) != len ||
		    strncmp(pool->name, d->path, len) != 0)
			continue;
		if (pool->why != NULL)
			break;
		return pool->found && pool->active
		           ? NULL
		           : "no active storage pool there has its folder, "
		             "where libvirt would make it";
	}
	result_not_run(r,
	               "disk %s: whether a storage pool of the destination has "
	               "the folder of %.*s is not known",
	               disk_name(d), PATH_WORDS_MAX, d->path);
	return NULL;
}

static void
judge_absent(const struct facts *f, struct result *r,
             const struct disk_facts *d)
{
	const char *why = NULL;

	if (same_text(d->type, "block"))
		why = "libvirt makes no device";
	else if (f->plan.copy_storage_inc)
		why = "libvirt makes no image for an incremental copy";
	else if (same_text(d->type, "file"))
		why = no_pool(f, r, d);
	if (why != NULL &&
	    result_block(r, "disk %s: %.*s is not at the destination, and %s",
	                 disk_name(d), PATH_WORDS_MAX, d->path, why))
		result_remedy(r,
		              "make it there before: qemu-img create, with "
		              "-b for an incremental copy; lvcreate; or give "
		              "its folder a pool: virsh pool-define-as");
}

static void
judge_target(const struct facts *f, struct result *r,
             const struct disk_facts *d)
{
	bool network = same_text(d->type, "network");
	struct compared c = {0};

	if (!network && d->path == NULL)
		return; /* a volume: its pool decides */
	if (!network)
		path_compare(f, d->path, &c);
	if (network || c.is == SAME_YES) {
		if (result_block(r,
		                 "disk %s: the destination has the same %s, "
		                 "and the copy would be written onto itself",
		                 disk_name(d),
		                 network ? "network disk" : "object"))
			result_remedy(r, "migrate without --copy-storage, or "
			                 "make the disk shareable");
	} else if (c.is == SAME_UNKNOWN)
		result_not_run(r, "disk %s: %.*s %s", disk_name(d),
		               PATH_WORDS_MAX, d->path, c.why);
	else if (c.is == SAME_ABSENT)
		judge_absent(f, r, d);
	else if (!same_text(c.source->kind, c.destination->kind))
		result_block(r, "disk %s: %.*s %s", disk_name(d),
		             PATH_WORDS_MAX, d->path, c.why);
	else
		judge_present(r, d, c.destination);
}

static void
judge_rooms(const struct facts *f, struct result *r)
{
	const struct domain_facts *domain = &f->domain;
	struct room rooms[DISKS_MAX] = {{0}};

	for (size_t i = 0; i < domain->n_disks; i++)
		if (disk_is_copied(&f->plan, &domain->disks[i]))
			room_of(f, r, &domain->disks[i], &rooms[i]);
	for (size_t i = 0; i < domain->n_disks; i++) {
		bool told = !rooms[i].known;

		for (size_t k = 0; k < i && !told; k++)
			told = same_room(&rooms[k], &rooms[i]);
		if (!told)
			judge_room(f, r, rooms, i);
	}
}

void
storage_copy(const struct facts *f, struct result *r)
{
	const struct domain_facts *domain = &f->domain;
	size_t n = 0;

	if (!f->plan.copy_storage_all && !f->plan.copy_storage_inc) {
		result_pass(r, "no disk is to be copied");
		return;
	}
	if (f->plan.offline || f->plan.tunnelled) {
		result_block(r, "libvirt copies no disk in %s migration",
		             f->plan.offline ? "an offline" : "a tunnelled");
		result_remedy(r, f->plan.offline
		                     ? "copy the images before, without "
		                       "--copy-storage"
		                     : "migrate without --tunnelled");
		return;
	}
	if (domain->n_disks > DISKS_MAX)
		return; /* against the limit of facts: not run */
	for (size_t i = 0; i < domain->n_disks; i++) {
		if (!disk_is_copied(&f->plan, &domain->disks[i]))
			continue;
		n++;
		if (domain->disks[i].capacity == 0)
			result_not_run(r, "disk %s: its size is not known",
			               disk_name(&domain->disks[i]));
		judge_target(f, r, &domain->disks[i]);
	}
	judge_rooms(f, r);
	if (r->text[0] == '\0')
		result_pass(r,
		            "the destination has room for the disks that are "
		            "copied (%zu)",
		            n);
}
