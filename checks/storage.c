/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What libvirt itself refuses about storage (src/qemu/qemu_migration.c:
 * qemuMigrationSrcIsSafe, qemuMigrationSrcIsAllowed), told before it does. */
#include <limits.h>

#include "checks/disk_same.h"
#include "checks/disk_words.h"
#include "checks/fs_kind.h"
#include "checks/storage_private.h"
#include "checks/words.h"

/* libvirt's encoding; QEMU's file driver drops the page cache from then on. */
enum { QEMU_DROPS_CACHE = 4000000 };

/* --unsafe switches the two checks of safety off, and what they are for is a
 * word only. */
static enum outcome
unsafe_weighs(const struct facts *f)
{
	return f->plan.unsafe ? OUTCOME_WARN : OUTCOME_BLOCK;
}

/* The disks that qemuMigrationSrcIsSafe() looks at. */
static bool
must_be_safe(const struct facts *f, const struct disk_facts *d)
{
	return !disk_is_empty(d) && !disk_is_read_only(d) &&
	       !disk_is_copied(&f->plan, d);
}

/* Why the source says nothing of the path; NULL: it does. */
static const char *
unseen(const struct facts *f, const char *path)
{
	const struct local_path *p = local_path_of(&f->source_local, path);

	if (f->source_local.missing != NULL)
		return f->source_local.missing;
	if (path == NULL)
		return "its path is not known";
	if (p == NULL)
		return "the source was not asked about it";
	if (p->why != NULL)
		return p->why;
	if (!p->exists)
		return "the source does not find it";
	return same_text(p->kind, "block") || p->filesystem != NULL
	           ? NULL
	           : "the source does not know its file system";
}

static void
judge_shared(const struct facts *f, struct result *r,
             const struct disk_facts *d)
{
	const char *why = unseen(f, d->path);
	const struct local_path *p;
	const struct fs_kind *kind;
	bool stands;

	if (why != NULL) {
		result_not_run(r,
		               "disk %s%s%.*s: whether its file system is "
		               "shared is not known: %s",
		               disk_name(d), d->path != NULL ? ", " : "",
		               PATH_WORDS_MAX, d->path != NULL ? d->path : "",
		               why);
		return;
	}
	p = local_path_of(&f->source_local, d->path);
	kind = fs_kind_of(p->filesystem);
	if (same_text(p->kind, "block") || kind->shared)
		return;
	if (kind->unheard)
		stands = result_warn(
		    r,
		    "disk %s (%.*s) is on %s, which libvirt does not count as "
		    "shared: it refuses unless its shared_filesystems name the "
		    "folder",
		    disk_name(d), PATH_WORDS_MAX, d->path, p->filesystem);
	else
		stands = result_add(
		    r, unsafe_weighs(f),
		    "disk %s (%.*s) is on %s, a local file "
		    "system: without shared storage %s",
		    disk_name(d), PATH_WORDS_MAX, d->path, p->filesystem,
		    f->plan.unsafe ? "this is unsafe" : "libvirt refuses");
	if (!stands)
		return;
	result_values(r, p->filesystem, NULL);
	result_remedy(r, "%s",
	              kind->unheard
	                  ? "if all hosts share it: shared_filesystems in "
	                    "qemu.conf where libvirt has it, else --unsafe"
	                  : "use --copy-storage-all, or move the disk to "
	                    "storage that both hosts mount");
}

static void
shared_storage(const struct facts *f, struct result *r)
{
	size_t n = 0;

	if (f->plan.offline) {
		result_pass(r, "an offline migration moves no disk");
		return;
	}
	for (size_t i = 0; i < f->domain.n_disks; i++) {
		const struct disk_facts *d = &f->domain.disks[i];

		if (!must_be_safe(f, d))
			continue;
		n++;
		if (d->type == NULL || same_text(d->type, "file") ||
		    same_text(d->type, "volume"))
			judge_shared(f, r, d);
	}
	if (r->text[0] == '\0')
		result_pass(r,
		            "libvirt counts each disk that is written to (%zu) "
		            "as shared",
		            n);
}

/* The disk's data never stays in a page cache of the source. */
static bool
is_coherent(const struct facts *f, const struct disk_facts *d)
{
	const struct local_path *p = local_path_of(&f->source_local, d->path);

	return d->shareable || same_text(d->type, "network") ||
	       same_text(d->cache, "none") ||
	       same_text(d->cache, "directsync") ||
	       (p != NULL && p->exists && fs_kind_of(p->filesystem)->coherent);
}

static void
judge_cache(const struct facts *f, struct result *r, const struct disk_facts *d)
{
	const char *mode = d->cache != NULL ? d->cache : "default";

	if (same_text(d->cache, "unsafe") && !same_text(d->type, "network")) {
		if (result_warn(r,
		                "disk %s has the cache mode unsafe: what the "
		                "guest wrote may not be there when the "
		                "destination reads",
		                disk_name(d))) {
			result_values(r, mode, NULL);
			result_remedy(r, "use the cache mode none");
		}
	}
	if (is_coherent(f, d) || f->source.version >= QEMU_DROPS_CACHE)
		return;
	if (f->source.version == 0)
		result_not_run(r,
		               "disk %s has the cache mode %s, and the "
		               "source's QEMU, which may or may not drop its "
		               "cache, does not tell its version",
		               disk_name(d), mode);
	else if (result_add(r, unsafe_weighs(f),
	                    "disk %s has the cache mode %s, and the source's "
	                    "QEMU is too old to drop its cache",
	                    disk_name(d), mode)) {
		result_values(r, mode, NULL);
		result_remedy(r, "use the cache mode none or directsync");
	}
}

static void
cache(const struct facts *f, struct result *r)
{
	if (f->plan.offline) {
		result_pass(r, "an offline migration moves no disk");
		return;
	}
	for (size_t i = 0; i < f->domain.n_disks; i++)
		if (must_be_safe(f, &f->domain.disks[i]))
			judge_cache(f, r, &f->domain.disks[i]);
	if (r->text[0] == '\0')
		result_pass(r, "no disk leaves data in the source's cache");
}

static void
disk_kind(const struct facts *f, struct result *r)
{
	static const struct {
		const char *type, *why;
	} kinds[] = {
	    {"nvme", "is an NVMe device of the source"},
	    {"vhostuser", "is served by a vhost-user process of the source"},
	    {"vdpa", "is a vDPA device of the source"},
	};

	if (f->plan.offline) {
		result_pass(r, "an offline migration moves no disk");
		return;
	}
	for (size_t i = 0; i < f->domain.n_disks; i++) {
		const struct disk_facts *d = &f->domain.disks[i];

		if (d->type == NULL)
			result_not_run(r, "disk %s: its type is not known",
			               disk_name(d));
		if (d->transient &&
		    result_block(r,
		                 "disk %s is transient: libvirt does not "
		                 "migrate it",
		                 disk_name(d)))
			result_remedy(r, "detach it, or make it persistent");
		for (size_t k = 0; k < LENGTH_OF(kinds); k++)
			if (same_text(d->type, kinds[k].type) &&
			    result_block(r, "disk %s %s: it cannot migrate",
			                 disk_name(d), kinds[k].why)) {
				result_values(r, d->type, NULL);
				result_remedy(r, "detach it before: virsh "
				                 "detach-disk");
			}
	}
	if (r->text[0] == '\0')
		result_pass(r, "each disk is of a kind that can migrate");
}

/* `n` of what libvirt keeps beside the domain. */
static void
judge_kept(struct result *r, enum outcome weighs, unsigned n, const char *what,
           const char *then, const char *remedy)
{
	if (n == UINT_MAX)
		result_not_run(r, "it is not known whether the domain has %s",
		               what);
	else if (n > 0 && result_add(r, weighs, "the domain has %s (%u): %s",
	                             what, n, then))
		result_remedy(r, "%s", remedy);
}

static void
domain_jobs(const struct facts *f, struct result *r)
{
	const struct domain_facts *d = &f->domain;

	if (d->from_file) {
		result_pass(r, "a domain in a file has no job, snapshot or "
		               "checkpoint yet");
		return;
	}
	if (d->job != NULL &&
	    result_block(r, "the domain is at another job: %s", d->job))
		result_remedy(r, "wait for it, or virsh domjobabort");
	if (d->block_job != NULL && !f->plan.offline &&
	    result_block(r, "a block job works on disk %s", d->block_job))
		result_remedy(r, "wait for it, or virsh blockjob --abort");
	judge_kept(r, OUTCOME_BLOCK, d->snapshots, "snapshots",
	           "libvirt does not migrate it",
	           "virsh snapshot-delete; with --metadata the images stay as "
	           "they are");
	/* libvirt migrates it, and takes the bitmaps at most along. */
	judge_kept(r, OUTCOME_WARN, d->checkpoints, "checkpoints",
	           "they stay behind, and with them incremental backups",
	           "make a full backup at the destination");
	if (r->text[0] == '\0')
		result_pass(r, "no job is at work, and no snapshot or "
		               "checkpoint is kept");
}

const struct migration_check checks_storage[] = {
    {
	.id = "shared-storage",
	.compares = "disks' file systems with those that libvirt shares",
	.severity = SEVERITY_BLOCK,
	.needs = NEEDS_DOMAIN,
	.run = shared_storage,
    },
    {
	.id = "cache",
	.compares = "disks' cache modes with what QEMU makes safe",
	.severity = SEVERITY_BLOCK,
	.needs = NEEDS_DOMAIN | NEEDS_SOURCE,
	.run = cache,
    },
    {
	.id = "disk-kind",
	.compares = "disks' kinds with those that can migrate",
	.severity = SEVERITY_BLOCK,
	.needs = NEEDS_DOMAIN,
	.run = disk_kind,
    },
    {
	.id = "copy-storage",
	.compares = "the size of disks that are copied with the room there",
	.severity = SEVERITY_BLOCK,
	.needs = NEEDS_DOMAIN,
	.run = storage_copy,
    },
    {
	.id = "domain-jobs",
	.compares = "jobs, snapshots and checkpoints that are in the way",
	.severity = SEVERITY_BLOCK,
	.needs = NEEDS_DOMAIN,
	.run = domain_jobs,
    },
    {0},
};
