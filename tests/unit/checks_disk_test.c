/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Disks at both ends: one object, never one path alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "checks/disk_same.h"
#include "checks/fs_kind.h"
#include "checks_world.h"

#define BEND(name, ...)                                                        \
	static void name(struct world *w)                                      \
	{                                                                      \
		__VA_ARGS__                                                    \
	}

/* Both ends' vda, made alike. */
static void
both(struct world *w, struct local_path p)
{
	p.path = w->here[0].path;
	p.exists = true;
	w->here[0] = w->there[0] = p;
}

static void
cluster(struct world *w, const char *filesystem, const char *id)
{
	both(w, (struct local_path){.kind = "file",
	                            .size = 4096,
	                            .device = 50,
	                            .inode = 77,
	                            .filesystem = filesystem,
	                            .filesystem_id = id,
	                            .mount_source = "/dev/mapper/shared"});
}

static void
block_device(struct world *w, const char *path)
{
	both(w, (struct local_path){.kind = "block",
	                            .size = 4096,
	                            .device = 8 << 8,
	                            .inode = 300,
	                            .filesystem = "devtmpfs",
	                            .wwid = "naa.600a"});
	w->disks[0].type = "block";
	w->disks[0].path = w->here[0].path = w->there[0].path = path;
}

static void
one_kernel(struct world *w)
{
	w->f.destination_local.boot_id = w->f.source_local.boot_id;
}

BEND(absent, w->there[0] = (struct local_path){.path = "/nfs/vda"};)
BEND(other_inode, w->there[0].inode = 78;)
BEND(other_server, w->there[0].mount_source = "nas2:/export";)
BEND(own_server,
     w->here[0].mount_source = w->there[0].mount_source = "localhost:/x";)
BEND(no_id_there, cluster(w, "ocfs2", "c0ffee");
     w->there[0].filesystem_id = NULL;)
BEND(no_id_here, cluster(w, "ocfs2", "c0ffee");
     w->here[0].filesystem_id = NULL;)
BEND(character, w->here[0].kind = w->there[0].kind = "char";)
BEND(nfs_versions, w->there[0].filesystem = "nfs";)
BEND(cluster_same, cluster(w, "gfs2", "c0ffee");)
BEND(cluster_other, cluster(w, "ocfs2", "c0ffee");
     w->there[0].filesystem_id = "dead";)
BEND(cluster_no_id, cluster(w, "ceph", NULL);)
BEND(unheard_same, cluster(w, "beegfs", "c0ffee");)
BEND(unheard_other, cluster(w, "fuse.mfs", "c0ffee");
     w->there[0].filesystem_id = "dead";)
BEND(cifs_own_inodes, w->here[0].filesystem = w->there[0].filesystem = "cifs";
     w->there[0].inode = 1;)
/* Two machines from one image: all numbers are the same. */
BEND(cloned_machines, cluster(w, "ext4", "c0ffee");)
BEND(local_unknown_boot, cluster(w, "ext4", "c0ffee");
     w->f.destination_local.boot_id = NULL;)
BEND(served_by_destination, w->there[0].filesystem = "ext4";)
BEND(no_file_system, w->there[0].filesystem = NULL;)
BEND(one_kernel_same, cluster(w, "ext4", NULL); one_kernel(w);)
BEND(one_kernel_other, cluster(w, "ext4", NULL); one_kernel(w);
     w->there[0].device = 51;)
/* Each network namespace mounts NFS anew. */
BEND(one_kernel_nfs, one_kernel(w); w->there[0].device = 51;)
BEND(one_kernel_nfs_other, one_kernel(w); w->there[0].device = 51;
     w->there[0].inode = 78;)
/* Zeroes are no numbers. */
BEND(one_kernel_no_device, cluster(w, "ext4", NULL); one_kernel(w);
     w->here[0].device = w->there[0].device = 0;)
BEND(one_kernel_no_inode, cluster(w, "ext4", NULL); one_kernel(w);
     w->here[0].inode = w->there[0].inode = 0;)
BEND(one_kernel_mixed, one_kernel(w); w->there[0].filesystem = "ext4";
     w->there[0].device = 51;)
BEND(no_inode, w->here[0].inode = w->there[0].inode = 0;)
BEND(other_kind, w->there[0].kind = "directory";)
BEND(not_asked, w->f.destination_local.n_paths = 0;)
BEND(not_seen, w->there[0].why = "Permission denied";)
BEND(source_not_seen, w->here[0].exists = false;)
BEND(no_agent, w->f.destination_local.missing = "no agent answered";)
BEND(witness, no_agent(w);
     w->looked[0] = (struct lookup_facts){.name = "/nfs/vda", .found = true};
     w->f.destination.volumes = w->looked; w->f.destination.n_volumes = 1;)
BEND(no_witness, witness(w); w->looked[0].found = false;)
BEND(other_witness, witness(w); w->looked[0].name = "/nfs/vdb";)
BEND(copied_absent, absent(w); w->f.plan.copy_storage_all = true;)
BEND(listed_absent, copied_absent(w); w->f.plan.migrate_disks = "vdab,vda";)
BEND(shareable_and_listed, listed_absent(w); w->disks[0].shareable = true;)
BEND(not_listed_absent, copied_absent(w);
     w->f.plan.migrate_disks = "vdab,vd,vdb";)
BEND(listed_and_not_copied, absent(w); w->f.plan.migrate_disks = "vda";)
BEND(shareable_absent, copied_absent(w); w->disks[0].shareable = true;)
BEND(empty_and_no_agent, no_agent(w); w->disks[0].path = NULL;)
BEND(network_and_no_agent, no_agent(w); w->disks[0].path = NULL;
     w->disks[0].type = "network";)
BEND(image_absent, absent(w); w->disks[0].device = "cdrom";)
BEND(volume_unknown, w->disks[0].type = "volume"; w->disks[0].path = NULL;
     w->disks[0].pool = "images"; w->disks[0].volume = "v";)
BEND(image_lost, volume_unknown(w); w->disks[0].device = "cdrom";)
BEND(type_unknown, absent(w); w->disks[0].type = NULL;)
BEND(volume_same, w->disks[0].type = "volume";)
BEND(read_only_copies, cloned_machines(w); w->disks[0].readonly = true;)
BEND(read_only_other, read_only_copies(w); w->there[0].size++;)
BEND(second_absent, world_disk(w, "vdb", "/nfs/vdb");
     w->there[1].exists = false;)

static const struct row present_rows[] = {
#define ROW(bend, outcome, key)                                                \
	{                                                                      \
#bend, "disk-present", bend, OUTCOME_##outcome, key            \
	}
    {"as it is", "disk-present", NULL, OUTCOME_PASS, "one object"},
    ROW(absent, BLOCK, "disk vda: /nfs/vda is not at the destination"),
    ROW(other_inode, BLOCK, "another inode"),
    ROW(other_server, NOT_RUN, "by mount source and inode"),
    ROW(own_server, NOT_RUN, "by mount source and inode"),
    ROW(nfs_versions, PASS, "one object"),
    ROW(cluster_same, PASS, "one object"),
    ROW(cluster_other, BLOCK, "another file system"),
    ROW(cluster_no_id, NOT_RUN, "file system's id"),
    ROW(unheard_same, PASS, "one object"),
    ROW(unheard_other, NOT_RUN, "file system's id"),
    ROW(no_id_there, NOT_RUN, "file system's id"),
    ROW(no_id_here, NOT_RUN, "file system's id"),
    ROW(character, NOT_RUN, "kind \"char\""),
    ROW(one_kernel_no_device, NOT_RUN, "which boot"),
    ROW(one_kernel_no_inode, NOT_RUN, "which boot"),
    ROW(one_kernel_mixed, NOT_RUN, "nfs4 at the source and on ext4"),
    ROW(no_inode, NOT_RUN, "cannot be told to be the same"),
    ROW(no_witness, NOT_RUN, "(no agent answered)"),
    ROW(other_witness, NOT_RUN, "(no agent answered)"),
    ROW(cifs_own_inodes, NOT_RUN, "cannot be told to be the same"),
    ROW(cloned_machines, BLOCK, "file system of its own at each end"),
    ROW(local_unknown_boot, NOT_RUN, "which boot"),
    ROW(served_by_destination, NOT_RUN, "nfs4 at the source and on ext4"),
    ROW(no_file_system, NOT_RUN, "destination does not know its file system"),
    ROW(one_kernel_same, PASS, "one object"),
    ROW(one_kernel_other, BLOCK, "by its device and inode"),
    ROW(one_kernel_nfs, PASS, "one object"),
    ROW(one_kernel_nfs_other, BLOCK, "another inode"),
    ROW(other_kind, BLOCK, "\"directory\""),
    ROW(not_asked, NOT_RUN, "destination was not asked about it"),
    ROW(not_seen, NOT_RUN, "by the destination: Permission denied"),
    ROW(source_not_seen, NOT_RUN, "source itself does not find it"),
    ROW(no_agent, NOT_RUN, "no agent answered"),
    ROW(witness, NOT_RUN, "a storage pool there has a volume"),
    ROW(copied_absent, PASS, "one object"),
    ROW(listed_absent, PASS, "one object"),
    ROW(shareable_and_listed, PASS, "one object"),
    ROW(not_listed_absent, BLOCK, "not at the destination"),
    ROW(listed_and_not_copied, BLOCK, "not at the destination"),
    ROW(shareable_absent, BLOCK, "not at the destination"),
    ROW(empty_and_no_agent, PASS, "(0)"),
    ROW(network_and_no_agent, PASS, "(0)"),
    ROW(image_absent, PASS, "(0)"),
    ROW(volume_unknown, NOT_RUN, "volume v of the pool images"),
    ROW(type_unknown, BLOCK, "not at the destination"),
    ROW(volume_same, PASS, "(1)"),
    ROW(read_only_copies, WARN, "bytes were not compared"),
    ROW(read_only_other, BLOCK, "its size is not the same"),
    ROW(second_absent, BLOCK, "disk vdb"),
#undef ROW
};

BEND(by_id, block_device(w, "/dev/disk/by-id/wwn-1");)
BEND(by_kernel_name, block_device(w, "/dev/sdb");)
BEND(by_raid_name, block_device(w, "/dev/md/data");)
BEND(other_wwid, by_id(w); w->there[0].wwid = "naa.600b";)
BEND(other_size, by_id(w); w->there[0].size++;)
BEND(no_wwid, by_id(w); w->there[0].wwid = NULL;)
/* What QEMU calls the first ATA disk of every virtual machine. */
BEND(anyones_wwid, by_id(w); w->here[0].wwid = w->there[0].wwid =
                                 "t10.ATA     QEMU HARDDISK    QM00001";)
BEND(device_absent, by_id(w); w->there[0].exists = false;)
BEND(device_no_agent, by_id(w); no_agent(w);)
BEND(device_copied, other_wwid(w); w->f.plan.copy_storage_all = true;)
BEND(one_kernel_device, no_wwid(w); one_kernel(w);)
BEND(one_kernel_other_device, by_id(w); one_kernel(w); w->there[0].device++;)

static void
a_secret(struct world *w)
{
	w->disks[0] = (struct disk_facts){
	    .target = "vda",
	    .type = "network",
	    .device = "disk",
	    .protocol = "rbd",
	    .name = "pool/image",
	    .secret_type = "ceph",
	    .secret_uuid = "8B8AE1C5-0000-4000-8000-000000000001",
	};
	w->looked[0] = (struct lookup_facts){
	    .name = "8b8ae1c5-0000-4000-8000-000000000001", .found = true};
	w->f.destination.secrets = w->looked;
	w->f.destination.n_secrets = 1;
}

BEND(by_usage, a_secret(w); w->disks[0].secret_uuid = NULL;
     w->disks[0].secret_usage = "client.libvirt";
     w->looked[0].name = "ceph client.libvirt";)
BEND(other_usage, by_usage(w); w->looked[0].name = "iscsi client.libvirt";)
BEND(secret_absent, a_secret(w); w->looked[0].found = false;)
BEND(secret_failed, a_secret(w); w->looked[0].why = "access denied";)
BEND(secret_unasked, a_secret(w); w->f.destination.n_secrets = 0;)

static void
a_layer(struct world *w)
{
	w->disks[0].format = "qcow2";
	w->backing[0] = "/nfs/base";
	world_disk(w, "base", "/nfs/base");
	w->f.domain.n_disks = 1;
	w->disks[0].backing = w->backing;
	w->disks[0].n_backing = 1;
}

BEND(layer_absent, a_layer(w); w->there[1].exists = false;)
BEND(layer_unasked, a_layer(w); w->f.destination_local.n_paths = 1;)
BEND(layer_copy, a_layer(w);
     w->here[1].filesystem = w->there[1].filesystem = "xfs";)
BEND(layer_other, layer_copy(w); w->there[1].size--;)
BEND(layer_inc, layer_copy(w); w->f.plan.copy_storage_inc = true;)
BEND(layer_inc_absent, layer_absent(w); w->f.plan.copy_storage_inc = true;)
BEND(layer_all, layer_absent(w); w->f.plan.copy_storage_all = true;)
BEND(layer_no_path, w->disks[0].backing = w->backing;
     w->disks[0].n_backing = 1;)
BEND(layers_unknown, w->disks[0].format = "qcow2"; w->f.domain.active = false;)
BEND(layers_none, w->f.domain.active = false;)

BEND(iso, w->disks[0].device = "cdrom";)
BEND(iso_absent, iso(w); w->there[0].exists = false;)
BEND(iso_optional, iso_absent(w); w->disks[0].startup_policy = "optional";)
BEND(iso_requisite, iso_absent(w); w->disks[0].startup_policy = "requisite";)
BEND(iso_mandatory, iso_absent(w); w->disks[0].startup_policy = "mandatory";)
BEND(iso_copy, cloned_machines(w); iso(w);)
BEND(iso_other, iso_copy(w); w->there[0].size--;)
BEND(iso_no_agent, iso(w); no_agent(w);)
BEND(iso_ejected, iso_no_agent(w); w->disks[0].path = NULL;)
BEND(iso_drive, block_device(w, "/dev/sr0"); iso(w); w->here[0].wwid = NULL;)
BEND(floppy_protected, iso_absent(w); w->disks[0].device = "floppy";
     w->disks[0].readonly = true;)
BEND(floppy_written, iso_absent(w); w->disks[0].device = "floppy";)

static const struct row rows[] = {
#define ROW(id, bend, outcome, key)                                            \
	{                                                                      \
#bend, id, bend, OUTCOME_##outcome, key                        \
	}
    ROW("disk-present", by_id, PASS, "(1)"),
    ROW("disk-present", other_wwid, BLOCK, "by its WWID"),
    ROW("disk-present", no_wwid, NOT_RUN, "no WWID"),
    ROW("disk-present", floppy_written, BLOCK, "not at the dest"),
    ROW("disk-device", by_id, PASS, "(1)"),
    ROW("disk-device", by_kernel_name, WARN, "after a reboot"),
    ROW("disk-device", by_raid_name, PASS, "(1)"),
    ROW("disk-device", other_wwid, BLOCK, "by its WWID"),
    ROW("disk-device", other_size, BLOCK, "another size"),
    ROW("disk-device", no_wwid, NOT_RUN, "destination knows no WWID"),
    ROW("disk-device", anyones_wwid, NOT_RUN, "gives to many"),
    ROW("disk-device", device_absent, BLOCK, "is not at the destination"),
    ROW("disk-device", device_no_agent, NOT_RUN, "no agent answered"),
    ROW("disk-device", device_copied, PASS, "(0)"),
    ROW("disk-device", one_kernel_device, PASS, "(1)"),
    ROW("disk-device", one_kernel_other_device, BLOCK, "device's number"),
    ROW("disk-device", absent, PASS, "(0)"),
    ROW("network-disk", a_secret, PASS, "was not tried"),
    ROW("network-disk", by_usage, PASS, "(1)"),
    ROW("network-disk", other_usage, NOT_RUN, "nobody asked"),
    ROW("network-disk", secret_absent, BLOCK, "has no secret 8B8AE1C5"),
    ROW("network-disk", secret_failed, NOT_RUN, "access denied"),
    ROW("network-disk", secret_unasked, NOT_RUN, "nobody asked"),
    ROW("backing", a_layer, PASS, "(1)"),
    ROW("backing", layer_absent, BLOCK, "layer 1 of disk vda: /nfs/base"),
    ROW("backing", layer_unasked, NOT_RUN, "/nfs/base cannot be compared"),
    ROW("backing", layer_copy, WARN, "bytes were not compared"),
    ROW("backing", layer_other, BLOCK, "size is not the same"),
    ROW("backing", layer_inc, PASS, "bytes were not compared"),
    ROW("backing", layer_inc_absent, BLOCK, "not at the destination"),
    ROW("backing", layer_all, PASS, "(0)"),
    ROW("backing", layer_no_path, PASS, "1 of them are no path"),
    ROW("backing", layers_unknown, WARN, "does not run"),
    ROW("backing", layers_none, PASS, "(0)"),
    ROW("cdrom", image_lost, NOT_RUN, "volume v of the pool images"),
    ROW("cdrom", iso, PASS, "(1)"),
    ROW("cdrom", iso_absent, BLOCK, "cdrom vda: /nfs/vda is not at"),
    ROW("cdrom", iso_optional, WARN, "will be empty"),
    ROW("cdrom", iso_requisite, WARN, "will be empty"),
    ROW("cdrom", iso_mandatory, BLOCK, "is not at"),
    ROW("cdrom", iso_copy, PASS, "bytes were not compared"),
    ROW("cdrom", iso_other, BLOCK, "size is not the same"),
    ROW("cdrom", iso_no_agent, NOT_RUN, "no agent answered"),
    ROW("cdrom", iso_ejected, PASS, "(0)"),
    ROW("cdrom", iso_drive, WARN, "a drive of its own"),
    ROW("cdrom", floppy_protected, BLOCK, "floppy vda"),
    ROW("cdrom", floppy_written, PASS, "(0)"),
#undef ROW
};

static void
disks_are_one_object(void **state)
{
	(void)state;
	rows_hold(present_rows, LENGTH_OF(present_rows));
}

static void
each_check_says_what_it_sees(void **state)
{
	struct row all[LENGTH_OF(rows) + LENGTH_OF(present_rows)];

	(void)state;
	rows_hold(rows, LENGTH_OF(rows));
	memcpy(all, rows, sizeof(rows));
	memcpy(all + LENGTH_OF(rows), present_rows, sizeof(present_rows));
	rows_cover(all, LENGTH_OF(all), checks_disk);
}

static void
both_values_and_a_remedy_are_said(void **state)
{
	struct world w;
	struct result r;

	(void)state;
	world_init(&w);
	cloned_machines(&w);
	w.there[0].inode = 78;
	check_run(check_of("disk-present"), &w.f, &r);
	assert_int_equal(r.outcome, OUTCOME_BLOCK);
	assert_non_null(strstr(r.source, "inode 77"));
	assert_non_null(strstr(r.destination, "inode 78"));
	assert_non_null(strstr(r.remedy, "same storage at both ends"));
	w.there[0].exists = false;
	check_run(check_of("disk-present"), &w.f, &r);
	assert_non_null(strstr(r.source, "inode 77"));
	assert_string_equal(r.destination, "none");
	assert_non_null(strstr(r.remedy, "mount or attach"));
}

/* Values and remedy are those of the finding that stands. */
static void
the_first_of_two_is_told(void **state)
{
	struct world w;
	struct result r;

	(void)state;
	world_init(&w);
	absent(&w);
	world_disk(&w, "vdb", "/nfs/vdb");
	w.there[1].inode = 79;
	check_run(check_of("disk-present"), &w.f, &r);
	assert_int_equal(r.more, 1);
	assert_string_equal(r.destination, "none");
	assert_non_null(strstr(r.remedy, "mount or attach"));
}

static void
no_witness_is_made_up(void **state)
{
	static void (*const bends[])(struct world *) = {
	    no_agent,
	    no_witness,
	    other_witness,
	};
	struct world w;
	struct result r;

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(bends); i++) {
		world_init(&w);
		bends[i](&w);
		check_run(check_of("disk-present"), &w.f, &r);
		assert_null(strstr(r.text, "storage pool"));
	}
}

/* Of each host its own: the same words for two servers. */
static void
a_hosts_own_server_proves_nothing(void **state)
{
	static const char *const sources[] = {
	    "localhost:/x",  "127.0.0.1:/x",  "[::1]:/x",
	    "//localhost/x", "//127.0.0.1/x",
	};
	struct compared c;
	struct world w;

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(sources); i++) {
		world_init(&w);
		w.here[0].mount_source = w.there[0].mount_source = sources[i];
		path_compare(&w.f, "/nfs/vda", &c);
		assert_int_equal(c.is, SAME_UNKNOWN);
	}
}

/* virFileIsSharedFS and virFileIsClusterFS. */
static void
file_systems_are_libvirts(void **state)
{
	static const char *const shared[] = {
	    "nfs",  "nfs4",  "fuse.glusterfs", "fuse.quobyte", "cifs",
	    "smb3", "smbfs", "gfs2",           "ocfs2",        "ceph",
	    "afs",  "gpfs",  "acfs",
	};
	static const char *const coherent[] = {"fuse.glusterfs", "gfs2",
	                                       "ocfs2", "ceph"};
	static const char *const local[] = {"ext4", "xfs",   "btrfs",
	                                    "zfs",  "tmpfs", "overlay"};
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(shared); i++) {
		const struct fs_kind *kind = fs_kind_of(shared[i]);

		assert_true(kind->shared);
		assert_false(kind->unheard);
		assert_int_not_equal(kind->by, FS_BY_NOTHING);
		assert_int_equal(kind->own_inodes,
		                 shared[i][0] == 's' || shared[i][1] == 'i');
		n += kind->coherent;
	}
	assert_int_equal(n, LENGTH_OF(coherent));
	for (size_t i = 0; i < LENGTH_OF(coherent); i++)
		assert_true(fs_kind_of(coherent[i])->coherent);
	for (size_t i = 0; i < LENGTH_OF(local); i++) {
		assert_false(fs_kind_of(local[i])->shared);
		assert_int_equal(fs_kind_of(local[i])->by, FS_BY_NOTHING);
	}
	assert_true(fs_kind_of("fuse.sshfs")->unheard);
	assert_false(fs_kind_of("fuse.sshfs")->shared);
	assert_true(fs_kind_of(NULL)->unheard);
}

/* The end of the sentence is what matters. */
static void
a_long_path_does_not_hide_why(void **state)
{
	char path[LOCAL_PATH_SIZE];
	struct world w;
	struct result r;

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	world_init(&w);
	w.disks[0].path = w.here[0].path = w.there[0].path = path;
	w.there[0].exists = false;
	check_run(check_of("disk-present"), &w.f, &r);
	assert_non_null(strstr(r.text, "is not at the destination"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(disks_are_one_object),
	    cmocka_unit_test(each_check_says_what_it_sees),
	    cmocka_unit_test(both_values_and_a_remedy_are_said),
	    cmocka_unit_test(the_first_of_two_is_told),
	    cmocka_unit_test(no_witness_is_made_up),
	    cmocka_unit_test(a_hosts_own_server_proves_nothing),
	    cmocka_unit_test(file_systems_are_libvirts),
	    cmocka_unit_test(a_long_path_does_not_hide_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
