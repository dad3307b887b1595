/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "checks/check.h"
#include "checks/disk_same.h"
#include "checks/disk_words.h"
#include "checks/words.h"

enum { LABEL_MAX = 64 };

/* A finding about a path; true when it stands. */
static bool
say(struct result *r, enum outcome outcome, const char *label, const char *path,
    const struct compared *c, const char *more)
{
	if (!result_add(r, outcome, "%s: %.*s %s%s", label, PATH_WORDS_MAX,
	                path, c->why, more))
		return false;
	result_values(r, c->at_source, c->at_destination);
	return true;
}

/* What is written to must be the same object. */
static void
judge_written(const struct facts *f, struct result *r, const char *label,
              const char *path)
{
	struct compared c;

	path_compare(f, path, &c);
	if (c.is == SAME_YES)
		return;
	if (c.is == SAME_UNKNOWN) {
		const struct host_facts *d = &f->destination;
		bool witness = false;

		for (size_t i = 0; d->missing == NULL && i < d->n_volumes; i++)
			witness |= same_text(d->volumes[i].name, path) &&
			           d->volumes[i].found;
		if (say(r, OUTCOME_NOT_RUN, label, path, &c,
		        witness ? "; a storage pool there has a volume of that "
		                  "path"
		                : ""))
			result_remedy(r, "run the agent at both ends, and look "
			                 "whether both paths are one file");
	} else if (say(r, OUTCOME_BLOCK, label, path, &c, ""))
		result_remedy(r,
		              c.is == SAME_ABSENT
		                  ? "mount or attach its storage there, or "
		                    "use --copy-storage-all"
		                  : "mount the same storage at both ends, or "
		                    "use --copy-storage-all");
}

/* What is only read may be a copy, if it is one; that only its size says so is
 * told as `by_size`. */
static void
judge_read(const struct facts *f, struct result *r, const char *label,
           const char *path, enum outcome by_size)
{
	struct compared c;

	path_compare(f, path, &c);
	if (c.is == SAME_YES)
		return;
	if (c.is == SAME_ABSENT) {
		if (say(r, OUTCOME_BLOCK, label, path, &c, ""))
			result_remedy(r, "bring it to the destination");
	} else if (compared_sizes_match(&c)) {
		if (say(r, by_size, label, path, &c,
		        "; it is of one size, its bytes were not compared"))
			result_remedy(r, "compare the two by sha256sum");
	} else if (c.is == SAME_NO) {
		if (say(r, OUTCOME_BLOCK, label, path, &c,
		        ", and its size is not the same"))
			result_remedy(r, "bring the same bytes to both ends");
	} else
		say(r, OUTCOME_NOT_RUN, label, path, &c, "");
}

/* The word for all, when nothing was to be said of one. */
#define ALL_IS_WELL(r, ...)                                                    \
	do {                                                                   \
		if ((r)->text[0] == '\0')                                      \
			result_pass((r), __VA_ARGS__);                         \
	} while (0)

static void
say_lost(struct result *r, const char *label, const struct disk_facts *d)
{
	result_not_run(r,
	               "%s: it is not known at which path the volume %s of the "
	               "pool %s is",
	               label, or_unknown(d->volume), or_unknown(d->pool));
}

static void
disk_present(const struct facts *f, struct result *r)
{
	size_t n = 0;

	for (size_t i = 0; i < f->domain.n_disks; i++) {
		const struct disk_facts *d = &f->domain.disks[i];
		char label[LABEL_MAX];

		if (disk_is_empty(d) || disk_is_image(d) ||
		    disk_is_copied(&f->plan, d))
			continue;
		snprintf(label, sizeof(label), "disk %s", disk_name(d));
		if (disk_is_lost_volume(d))
			say_lost(r, label, d);
		if (!disk_has_path(d))
			continue;
		n++;
		if (disk_is_read_only(d))
			judge_read(f, r, label, d->path, OUTCOME_WARN);
		else
			judge_written(f, r, label, d->path);
	}
	ALL_IS_WELL(r, "each disk with a path (%zu) is one object at both ends",
	            n);
}

/* Names that the kernel gives in the order in which it finds devices. */
static bool
is_unstable_name(const char *path)
{
	static const char *const starts[] = {
	    "/dev/sd",  "/dev/hd", "/dev/vd",   "/dev/xvd", "/dev/nvme",
	    "/dev/dm-", "/dev/md", "/dev/loop", "/dev/nbd", "/dev/rbd",
	};

	/* "/dev/vdo/NAME" and "/dev/md/NAME" are names that somebody gave. */
	if (begins_with(path, "/dev/vdo/") || begins_with(path, "/dev/md/") ||
	    begins_with(path, "/dev/rbd/"))
		return false;
	for (size_t i = 0; i < LENGTH_OF(starts); i++)
		if (begins_with(path, starts[i]))
			return true;
	return false;
}

static void
judge_device(const struct facts *f, struct result *r,
             const struct disk_facts *d)
{
	char label[LABEL_MAX];
	struct compared c;

	snprintf(label, sizeof(label), "disk %s", disk_name(d));
	path_compare(f, d->path, &c);
	if (c.is == SAME_UNKNOWN)
		say(r, OUTCOME_NOT_RUN, label, d->path, &c, "");
	else if (c.is != SAME_YES) {
		if (say(r, OUTCOME_BLOCK, label, d->path, &c, ""))
			result_remedy(r, "attach the device to the destination "
			                 "and name it by /dev/disk/by-id");
	} else if (is_unstable_name(d->path)) {
		if (say(r, OUTCOME_WARN, label, d->path, &c,
		        " now, and by that name may be another after a "
		        "reboot"))
			result_remedy(r, "name it by /dev/disk/by-id");
	}
}

static void
disk_device(const struct facts *f, struct result *r)
{
	size_t n = 0;

	for (size_t i = 0; i < f->domain.n_disks; i++) {
		const struct disk_facts *d = &f->domain.disks[i];

		/* A copy's target is another device by intent; a CD-ROM's is
		 * told with the images. */
		if (!same_text(d->type, "block") || !disk_has_path(d) ||
		    disk_is_image(d) || disk_is_copied(&f->plan, d))
			continue;
		n++;
		judge_device(f, r, d);
	}
	ALL_IS_WELL(r, "each block device (%zu) is the same at both ends", n);
}

/* The look-up of a disk's secret, or NULL when nobody asked. */
static const struct lookup_facts *
secret_of(const struct host_facts *host, const struct disk_facts *d)
{
	char usage[RESULT_VALUE_MAX];

	snprintf(usage, sizeof(usage), "%s %s", or_unknown(d->secret_type),
	         or_unknown(d->secret_usage));
	for (size_t i = 0; i < host->n_secrets; i++) {
		const char *name = host->secrets[i].name;

		if (d->secret_uuid != NULL ? same_name(name, d->secret_uuid)
		                           : same_text(name, usage))
			return &host->secrets[i];
	}
	return NULL;
}

static void
judge_secret(const struct facts *f, struct result *r,
             const struct disk_facts *d)
{
	const struct lookup_facts *secret = secret_of(&f->destination, d);
	const char *word =
	    d->secret_uuid != NULL ? d->secret_uuid : d->secret_usage;

	if (secret == NULL)
		result_not_run(r,
		               "disk %s: nobody asked the destination for the "
		               "secret %s",
		               disk_name(d), word);
	else if (secret->why != NULL)
		result_not_run(r,
		               "disk %s: the destination could not be asked "
		               "for the secret %s: %s",
		               disk_name(d), word, secret->why);
	else if (!secret->found &&
	         result_block(r,
	                      "disk %s: the destination's libvirt has no "
	                      "secret %s",
	                      disk_name(d), word)) {
		result_values(r, word, "none");
		result_remedy(r, "define the secret there: virsh secret-define "
		                 "and secret-set-value");
	}
}

static void
network_disk(const struct facts *f, struct result *r)
{
	size_t n = 0;

	for (size_t i = 0; i < f->domain.n_disks; i++) {
		const struct disk_facts *d = &f->domain.disks[i];

		n += same_text(d->type, "network");
		/* An encrypted file has a secret, too. */
		if (d->secret_uuid != NULL || d->secret_usage != NULL)
			judge_secret(f, r, d);
	}
	ALL_IS_WELL(r,
	            "each disk's secret is at the destination; whether it "
	            "reaches the servers of disks on the network (%zu) was not "
	            "tried",
	            n);
}

/* Layers of one disk; returns how many are no path. */
static size_t
judge_layers(const struct facts *f, struct result *r,
             const struct disk_facts *d)
{
	size_t elsewhere = 0;

	for (size_t k = 0; k < d->n_backing; k++) {
		char label[LABEL_MAX];

		if (d->backing[k] == NULL) {
			elsewhere++;
			continue;
		}
		snprintf(label, sizeof(label), "layer %zu of disk %s", k + 1,
		         disk_name(d));
		/* An incremental copy stands on the destination's own base. */
		judge_read(f, r, label, d->backing[k],
		           disk_is_copied(&f->plan, d) ? OUTCOME_PASS
		                                       : OUTCOME_WARN);
	}
	return elsewhere;
}

static void
backing(const struct facts *f, struct result *r)
{
	const struct domain_facts *domain = &f->domain;
	bool live = domain->active && !domain->from_file;
	size_t n = 0, elsewhere = 0;

	for (size_t i = 0; i < domain->n_disks; i++) {
		const struct disk_facts *d = &domain->disks[i];

		/* A full copy needs no layer. */
		if (disk_is_empty(d) ||
		    (disk_is_copied(&f->plan, d) && f->plan.copy_storage_all))
			continue;
		/* The layers are in a live domain's XML only. */
		if (!live && d->n_backing == 0 && !disk_is_image(d) &&
		    d->format != NULL && !same_text(d->format, "raw"))
			result_warn(r,
			            "disk %s: the layers below a %s image are "
			            "not known while the domain does not run",
			            disk_name(d), d->format);
		elsewhere += judge_layers(f, r, d);
		n += d->n_backing;
	}
	ALL_IS_WELL(r,
	            "each layer below a disk (%zu) is one file at both ends; "
	            "%zu of them are no path and were not looked at",
	            n, elsewhere);
}

static void
judge_image(const struct facts *f, struct result *r, const struct disk_facts *d)
{
	/* libvirt drops the medium then. */
	bool optional = same_text(d->startup_policy, "optional") ||
	                same_text(d->startup_policy, "requisite");
	char label[LABEL_MAX];
	struct compared c;
	bool drive;

	snprintf(label, sizeof(label), "%s %s", d->device, disk_name(d));
	path_compare(f, d->path, &c);
	drive = c.destination != NULL && c.source != NULL &&
	        same_text(c.destination->kind, "block");
	if (c.is == SAME_ABSENT) {
		if (say(r, optional ? OUTCOME_WARN : OUTCOME_BLOCK, label,
		        d->path, &c,
		        optional ? ": the drive will be empty there" : ""))
			result_remedy(r, "eject it (virsh change-media "
			                 "--eject), or bring it there");
	} else if (drive && c.is != SAME_YES) {
		if (say(r, OUTCOME_WARN, label, d->path, &c,
		        ": each host has a drive of its own"))
			result_remedy(r, "eject it (virsh change-media "
			                 "--eject)");
	} else
		judge_read(f, r, label, d->path, OUTCOME_PASS);
}

static void
cdrom(const struct facts *f, struct result *r)
{
	size_t n = 0;

	for (size_t i = 0; i < f->domain.n_disks; i++) {
		const struct disk_facts *d = &f->domain.disks[i];

		if (disk_is_image(d) && disk_is_lost_volume(d))
			say_lost(r, disk_name(d), d);
		if (!disk_is_image(d) || !disk_has_path(d))
			continue;
		n++;
		judge_image(f, r, d);
	}
	ALL_IS_WELL(r, "each image in a drive (%zu) is one file at both ends",
	            n);
}

const struct migration_check checks_disk[] = {
    {
	.id = "disk-present",
	.compares = "each disk's file or device at both ends: one object",
	.severity = SEVERITY_BLOCK,
	.needs = NEEDS_DOMAIN,
	.run = disk_present,
    },
    {
	.id = "disk-device",
	.compares = "block devices' WWIDs and names",
	.severity = SEVERITY_BLOCK,
	.needs = NEEDS_DOMAIN,
	.run = disk_device,
    },
    {
	.id = "network-disk",
	.compares = "disks' secrets with the destination's",
	.severity = SEVERITY_BLOCK,
	.needs = NEEDS_DOMAIN | NEEDS_DESTINATION,
	.run = network_disk,
    },
    {
	.id = "backing",
	.compares = "the layers below each disk at both ends",
	.severity = SEVERITY_BLOCK,
	.needs = NEEDS_DOMAIN,
	.run = backing,
    },
    {
	.id = "cdrom",
	.compares = "images in CD-ROM and floppy drives at both ends",
	.severity = SEVERITY_WARN,
	.needs = NEEDS_DOMAIN,
	.run = cdrom,
    },
    {0},
};
