/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What libvirt refuses about storage, and where copies go. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "checks_world.h"

#define BEND(name, ...)                                                        \
	static void name(struct world *w)                                      \
	{                                                                      \
		__VA_ARGS__                                                    \
	}

enum { MIB = 1 << 20 };

static void
on(struct world *w, const char *filesystem)
{
	w->here[0].filesystem = w->there[0].filesystem = filesystem;
}

BEND(gluster, on(w, "fuse.glusterfs");)
BEND(gpfs, on(w, "gpfs");)
BEND(local, on(w, "ext4");)
BEND(local_unsafe, local(w); w->f.plan.unsafe = true;)
BEND(local_copied, local(w); w->f.plan.copy_storage_all = true;)
BEND(local_read_only, local(w); w->disks[0].readonly = true;)
BEND(local_cdrom, local(w); w->disks[0].device = "cdrom";)
BEND(local_offline, local(w); w->f.plan.offline = true;)
BEND(local_copied_but_shareable, local_copied(w); w->disks[0].shareable = true;)
BEND(unheard, on(w, "lustre");)
BEND(block, local(w); w->disks[0].type = "block"; w->here[0].kind = "block";)
BEND(volume, w->disks[0].type = "volume"; local(w);)
BEND(volume_of_device, volume(w); w->here[0].kind = "block";)
BEND(local_of_no_type, local(w); w->disks[0].type = NULL;)
BEND(network, w->disks[0].type = "network"; w->disks[0].path = NULL;)
BEND(no_agent, w->f.source_local.missing = "no agent answered";)
BEND(not_asked, w->f.source_local.n_paths = 0;)
BEND(not_seen, w->here[0].why = "Permission denied";)
BEND(not_found, w->here[0].exists = false;)
BEND(no_type, on(w, NULL);)

BEND(written_back, w->disks[0].cache = "writeback";)
BEND(old_qemu, w->f.source.version = 3001000;)
BEND(old_none, old_qemu(w);)
BEND(old_directsync, old_qemu(w); w->disks[0].cache = "directsync";)
BEND(old_default, old_qemu(w); w->disks[0].cache = NULL;)
BEND(old_written_back, old_qemu(w); written_back(w);)
BEND(old_but_unsafe, old_written_back(w); w->f.plan.unsafe = true;)
BEND(old_but_coherent, old_written_back(w); on(w, "ceph");)
BEND(old_but_network, old_written_back(w); network(w);)
BEND(old_but_shareable, old_written_back(w); w->disks[0].shareable = true;)
BEND(old_but_read_only, old_written_back(w); w->disks[0].readonly = true;)
BEND(old_but_copied, old_written_back(w); w->f.plan.copy_storage_all = true;)
BEND(no_version, written_back(w); w->f.source.version = 0;)
BEND(no_version_none, w->f.source.version = 0;)
BEND(never_flushed, w->disks[0].cache = "unsafe";)

BEND(transient, w->disks[0].transient = true;)
BEND(transient_offline, transient(w); w->f.plan.offline = true;)
BEND(nvme, w->disks[0].type = "nvme";)
BEND(vhostuser, w->disks[0].type = "vhostuser";)
BEND(vdpa, w->disks[0].type = "vdpa";)
BEND(kind_unknown, w->disks[0].type = NULL;)
BEND(no_domain, w->f.domain.missing = "no such domain";)

/* vda, 10 MiB, is copied to where none is; its folder has room for 100. */
static void
copy(struct world *w)
{
	w->f.plan.copy_storage_all = true;
	w->there[0] = (struct local_path){.path = "/nfs/vda"};
	w->there[1] = (struct local_path){.path = "/nfs",
	                                  .exists = true,
	                                  .kind = "directory",
	                                  .filesystem = "ext4",
	                                  .device = 9,
	                                  .available = 100 * MIB};
	w->f.destination_local.n_paths = 2;
	w->looked[1] = (struct lookup_facts){
	    .name = "/nfs", .found = true, .active = true};
	w->f.destination.pools = &w->looked[1];
	w->f.destination.n_pools = 1;
}

/* vdb, as large, beside it. */
static void
copy_two(struct world *w)
{
	struct disk_facts *d;

	copy(w);
	d = world_disk(w, "vdb", "/nfs/vdb");
	w->there[1] = (struct local_path){
	    .path = "/nfs", .exists = true, .device = 9, .available = 20 * MIB};
	w->there[2] = (struct local_path){.path = "/nfs/vdb"};
	w->f.destination_local.n_paths = 3;
	d->format = "qcow2";
}

static void
copy_over(struct world *w)
{
	copy(w);
	w->there[0] = w->here[0];
	w->here[0].filesystem = w->there[0].filesystem = "ext4";
}

static void
copy_to_pool(struct world *w)
{
	copy(w);
	w->disks[0].type = "volume";
	w->disks[0].pool = "images";
	w->looked[0] = (struct lookup_facts){.name = "images",
	                                     .found = true,
	                                     .active = true,
	                                     .available = 10 * MIB};
	w->f.destination.pools = w->looked;
	w->f.destination.n_pools = 1;
}

BEND(copy_offline, copy(w); w->f.plan.offline = true;)
BEND(copy_tunnelled, copy(w); w->f.plan.tunnelled = true;)
BEND(copy_too_large, copy(w); w->disks[0].capacity = 100 * MIB + 1;)
BEND(copy_fits, copy(w); w->disks[0].capacity = 100 * MIB;)
BEND(copy_thin, copy_too_large(w); w->disks[0].format = "qcow2";)
BEND(copy_thin_too_large, copy_thin(w);
     w->disks[0].allocation = w->disks[0].capacity - 1;
     w->there[1].available = 50 * MIB;)
BEND(copy_thin_unknown, copy_thin(w); w->disks[0].allocation = 0;)
BEND(two_fit, copy_two(w);)
BEND(two_may_not_fit, copy_two(w); w->there[1].available--;)
BEND(two_do_not_fit, copy_two(w); w->there[1].available = 11 * MIB - 1;)
BEND(size_unknown, copy(w); w->disks[0].capacity = 0;)
BEND(overflow, copy_two(w); w->disks[0].capacity = UINT64_MAX;
     w->disks[1].capacity = UINT64_MAX; w->there[1].available = MIB;)
BEND(onto_itself, w->f.plan.copy_storage_all = true;)
BEND(onto_itself_inc, w->f.plan.copy_storage_inc = true;)
BEND(onto_itself_network, network(w); w->f.plan.copy_storage_all = true;)
BEND(shareable_stays, w->disks[0].shareable = true;
     w->f.plan.copy_storage_all = true;)
BEND(over_another, copy_over(w);)
BEND(over_smaller, copy_over(w); w->there[0].size--;)
BEND(over_thin, copy_over(w); w->there[0].size = 1;
     w->disks[0].format = "qcow2";)
BEND(over_folder, copy_over(w); w->there[0].kind = "directory";)
BEND(inc_absent, copy(w); w->f.plan.copy_storage_all = false;
     w->f.plan.copy_storage_inc = true;)
BEND(device_absent, copy(w); w->disks[0].type = "block";)
BEND(folder_absent, copy(w); w->there[1].exists = false;)
BEND(no_pool_there, copy(w); w->looked[1].found = false;)
BEND(pool_is_idle, copy(w); w->looked[1].active = false;)
BEND(pool_not_told, copy(w); w->looked[1].why = "timed out";)
BEND(pool_unasked, copy(w); w->f.destination.n_pools = 0;)
BEND(folder_unasked, copy(w); w->f.destination_local.n_paths = 1;)
BEND(folder_unseen, copy(w); w->there[1].why = "Permission denied";)
BEND(target_unasked, copy(w); w->there[0].path = "/else";)
BEND(to_pool, copy_to_pool(w);)
BEND(to_full_pool, copy_to_pool(w); w->looked[0].available--;)
BEND(to_idle_pool, copy_to_pool(w); w->looked[0].active = false;)
BEND(to_no_pool, copy_to_pool(w); w->looked[0].found = false;)
BEND(to_unasked_pool, copy_to_pool(w); w->f.destination.n_pools = 0;)
BEND(to_failed_pool, copy_to_pool(w); w->looked[0].why = "timed out";)
BEND(to_unreachable_pool, copy_to_pool(w);
     w->f.destination.missing = "it does not answer";)

BEND(at_a_job, w->f.domain.job = "save";)
BEND(at_a_block_job, w->f.domain.block_job = "vda";)
BEND(block_job_offline, at_a_block_job(w); w->f.plan.offline = true;)
BEND(snapshots, w->f.domain.snapshots = 2;)
BEND(snapshots_unknown, w->f.domain.snapshots = UINT_MAX;)
BEND(checkpoints, w->f.domain.checkpoints = 1;)
BEND(checkpoints_unknown, w->f.domain.checkpoints = UINT_MAX;)
BEND(from_file, w->f.domain.from_file = true;)

static const struct row rows[] = {
#define ROW(id, bend, outcome, key)                                            \
	{                                                                      \
#bend, id, bend, OUTCOME_##outcome, key                        \
	}
    {"as it is", "shared-storage", NULL, OUTCOME_PASS, "(1)"},
    ROW("shared-storage", gluster, PASS, "(1)"),
    ROW("shared-storage", gpfs, PASS, "(1)"),
    ROW("shared-storage", local, BLOCK,
        "on ext4, a local file system: "
        "without shared storage libvirt"),
    ROW("shared-storage", local_unsafe, WARN, "this is unsafe"),
    ROW("shared-storage", local_copied, PASS, "(0)"),
    ROW("shared-storage", local_copied_but_shareable, BLOCK, "ext4"),
    ROW("shared-storage", local_read_only, PASS, "(0)"),
    ROW("shared-storage", local_cdrom, PASS, "(0)"),
    ROW("shared-storage", local_offline, PASS, "offline"),
    ROW("shared-storage", unheard, WARN, "on lustre, which libvirt does not"),
    ROW("shared-storage", block, PASS, "(1)"),
    ROW("shared-storage", local_of_no_type, BLOCK, "ext4"),
    ROW("shared-storage", volume, BLOCK, "ext4"),
    ROW("shared-storage", volume_of_device, PASS, "(1)"),
    ROW("shared-storage", network, PASS, "(1)"),
    ROW("shared-storage", no_agent, NOT_RUN, "no agent answered"),
    ROW("shared-storage", not_asked, NOT_RUN, "/nfs/vda"),
    ROW("shared-storage", not_seen, NOT_RUN, "Permission denied"),
    ROW("shared-storage", not_found, NOT_RUN, "does not find it"),
    ROW("shared-storage", no_type, NOT_RUN, "not know its file system"),
    {"as it is", "cache", NULL, OUTCOME_PASS, "no disk leaves"},
    ROW("cache", written_back, PASS, "no disk leaves"),
    ROW("cache", old_none, PASS, "no disk leaves"),
    ROW("cache", old_directsync, PASS, "no disk leaves"),
    ROW("cache", old_default, BLOCK, "the cache mode default"),
    ROW("cache", old_written_back, BLOCK, "too old to drop"),
    ROW("cache", old_but_unsafe, WARN, "too old to drop"),
    ROW("cache", old_but_coherent, PASS, "no disk leaves"),
    ROW("cache", old_but_network, PASS, "no disk leaves"),
    ROW("cache", old_but_shareable, PASS, "no disk leaves"),
    ROW("cache", old_but_read_only, PASS, "no disk leaves"),
    ROW("cache", old_but_copied, PASS, "no disk leaves"),
    ROW("cache", no_version, NOT_RUN, "does not tell its version"),
    ROW("cache", no_version_none, PASS, "no disk leaves"),
    ROW("cache", never_flushed, WARN, "cache mode unsafe"),
    {"as it is", "disk-kind", NULL, OUTCOME_PASS, "can migrate"},
    ROW("disk-kind", network, PASS, "can migrate"),
    ROW("disk-kind", transient, BLOCK, "vda is transient"),
    ROW("disk-kind", transient_offline, PASS, "offline"),
    ROW("disk-kind", nvme, BLOCK, "NVMe"),
    ROW("disk-kind", vhostuser, BLOCK, "vhost-user"),
    ROW("disk-kind", vdpa, BLOCK, "vDPA"),
    ROW("disk-kind", kind_unknown, NOT_RUN, "type is not known"),
    ROW("disk-kind", no_domain, NOT_RUN, "no such domain"),
    {"as it is", "copy-storage", NULL, OUTCOME_PASS, "no disk is to be"},
    ROW("copy-storage", copy, PASS, "has room"),
    ROW("copy-storage", no_pool_there, BLOCK, "no active storage pool"),
    ROW("copy-storage", pool_is_idle, BLOCK, "no active storage pool"),
    ROW("copy-storage", pool_not_told, NOT_RUN, "whether a storage pool"),
    ROW("copy-storage", pool_unasked, NOT_RUN, "whether a storage pool"),
    ROW("copy-storage", copy_offline, BLOCK, "in an offline"),
    ROW("copy-storage", copy_tunnelled, BLOCK, "in a tunnelled"),
    ROW("copy-storage", copy_too_large, BLOCK, "do not fit"),
    ROW("copy-storage", copy_fits, PASS, "has room"),
    ROW("copy-storage", copy_thin, WARN, "as long as they are not filled"),
    ROW("copy-storage", copy_thin_too_large, BLOCK, "do not fit"),
    ROW("copy-storage", copy_thin_unknown, BLOCK, "do not fit"),
    ROW("copy-storage", two_fit, PASS, "has room"),
    ROW("copy-storage", two_may_not_fit, WARN, "not filled"),
    ROW("copy-storage", two_do_not_fit, BLOCK, "do not fit"),
    ROW("copy-storage", size_unknown, NOT_RUN, "its size is not known"),
    ROW("copy-storage", overflow, BLOCK, "do not fit"),
    ROW("copy-storage", onto_itself, BLOCK, "same object"),
    ROW("copy-storage", onto_itself_inc, BLOCK, "same object"),
    ROW("copy-storage", onto_itself_network, BLOCK, "same network disk"),
    ROW("copy-storage", shareable_stays, PASS, "(0)"),
    ROW("copy-storage", over_another, WARN, "overwrites it"),
    ROW("copy-storage", over_smaller, BLOCK, "is smaller"),
    ROW("copy-storage", over_thin, WARN, "overwrites it"),
    ROW("copy-storage", over_folder, BLOCK, "\"directory\""),
    ROW("copy-storage", inc_absent, BLOCK, "no image for an incremental"),
    ROW("copy-storage", device_absent, BLOCK, "makes no device"),
    ROW("copy-storage", folder_absent, BLOCK, "no folder /nfs"),
    ROW("copy-storage", folder_unasked, NOT_RUN, "room in /nfs"),
    ROW("copy-storage", folder_unseen, NOT_RUN, "Permission denied"),
    ROW("copy-storage", target_unasked, NOT_RUN, "/nfs/vda cannot be"),
    ROW("copy-storage", to_pool, PASS, "has room"),
    ROW("copy-storage", to_full_pool, BLOCK, "do not fit"),
    ROW("copy-storage", to_idle_pool, BLOCK, "no active pool images"),
    ROW("copy-storage", to_no_pool, BLOCK, "no active pool images"),
    ROW("copy-storage", to_unasked_pool, NOT_RUN, "pool images"),
    ROW("copy-storage", to_failed_pool, NOT_RUN, "timed out"),
    ROW("copy-storage", to_unreachable_pool, NOT_RUN, "does not answer"),
    {"as it is", "domain-jobs", NULL, OUTCOME_PASS, "no job is at work"},
    ROW("domain-jobs", at_a_job, BLOCK, "another job: save"),
    ROW("domain-jobs", at_a_block_job, BLOCK, "on disk vda"),
    ROW("domain-jobs", block_job_offline, PASS, "no job is at work"),
    ROW("domain-jobs", snapshots, BLOCK, "snapshots (2)"),
    ROW("domain-jobs", snapshots_unknown, NOT_RUN, "has snapshots"),
    ROW("domain-jobs", checkpoints, WARN, "checkpoints (1)"),
    ROW("domain-jobs", checkpoints_unknown, NOT_RUN, "has checkpoints"),
    ROW("domain-jobs", from_file, PASS, "in a file"),
#undef ROW
};

static void
each_check_says_what_it_sees(void **state)
{
	(void)state;
	rows_hold(rows, LENGTH_OF(rows));
	rows_cover(rows, LENGTH_OF(rows), checks_storage);
}

static void
both_values_are_said(void **state)
{
	struct world w;
	struct result r;

	(void)state;
	world_init(&w);
	two_do_not_fit(&w);
	check_run(check_of("copy-storage"), &w.f, &r);
	assert_string_equal(r.source, "11 MiB");
	assert_string_equal(r.destination, "10 MiB");
	assert_true(r.remedy[0] != '\0');
}

/* Values and remedy are those of the finding that stands. */
static void
the_first_of_two_is_told(void **state)
{
	struct world w;
	struct result r;

	(void)state;
	world_init(&w);
	local(&w);
	world_disk(&w, "vdb", "/mnt/vdb");
	w.here[1].filesystem = "lustre";
	check_run(check_of("shared-storage"), &w.f, &r);
	assert_int_equal(r.outcome, OUTCOME_BLOCK);
	assert_string_equal(r.source, "ext4");
	assert_non_null(strstr(r.remedy, "--copy-storage-all"));
}

/* A pool's room is not that of a folder. */
static void
each_room_is_its_own(void **state)
{
	struct world w;
	struct result r;

	(void)state;
	world_init(&w);
	copy_two(&w);
	w.disks[0].type = "volume";
	w.disks[0].pool = "images";
	w.looked[0] = (struct lookup_facts){.name = "images",
	                                    .found = true,
	                                    .active = true,
	                                    .available = 10 * MIB};
	w.f.destination.pools = w.looked;
	w.f.destination.n_pools = 2; /* and "/nfs", by copy() */
	w.there[1].device = 0;
	w.there[1].available = 10 * MIB;
	check_run(check_of("copy-storage"), &w.f, &r);
	assert_int_equal(r.outcome, OUTCOME_PASS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_check_says_what_it_sees),
	    cmocka_unit_test(both_values_are_said),
	    cmocka_unit_test(the_first_of_two_is_told),
	    cmocka_unit_test(each_room_is_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
