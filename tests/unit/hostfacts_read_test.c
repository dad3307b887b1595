/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The system's files and words, as they are read for what a host says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "collect.h"
#include "device.h"
#include "mounts.h"
#include "qemu_conf.h"

static const char mountinfo[] =
    "22 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n"
    "23 22 0:21 / /var rw - xfs /dev/var rw\n"
    "24 23 0:50 /x /var/lib\\040a rw,a master:1 propagate_from:2 - nfs4 "
    "s:/e\\134b rw\n"
    "25 23 0:51 / /var/lib rw - tmpfs first rw\n"
    "26 23 0:51 / /var/lib rw - tmpfs second rw\n"
    "nonsense\n"
    "27 22 0:60 / /var/libx rw shared:1 no separator\n"
    "28 22 8:1 /tmp/systemd-private-1-a/tmp /tmp rw - ext4 /dev/sda1 rw\n";

static void
is_on(const char *path, unsigned major, unsigned minor, const char *type,
      const char *source)
{
	struct mounted *m = mem_new(1, sizeof(*m));

	assert_true(mounts_find(span_str(mountinfo), path,
	                        (dev_t)(major << 8 | minor), m));
	assert_string_equal(m->type, type);
	assert_string_equal(m->source, source);
	free(m);
}

static void
the_mount_is_the_nearest_of_its_device(void **state)
{
	struct mounted *m = mem_new(1, sizeof(*m));

	(void)state;
	is_on("/etc/x", 8, 1, "ext4", "/dev/sda1");
	is_on("/", 8, 1, "ext4", "/dev/sda1");
	is_on("/var", 0, 21, "xfs", "/dev/var");
	is_on("/var/lib a/disk", 0, 50, "nfs4", "s:/e\\b");
	is_on("/var/lib", 0, 51, "tmpfs", "second");
	/* Another name that begins so is not below it. */
	is_on("/var/libx/disk", 0, 51, "xfs", "/dev/var");
	/* A device that is mounted elsewhere, and one that is nowhere. */
	is_on("/var/lib/disk", 0, 21, "xfs", "/dev/var");
	is_on("/var/lib/disk", 0, 99, "tmpfs", "second");
	assert_true(
	    mounts_find(span_str(mountinfo), "/tmp/x", (dev_t)(8 << 8 | 1), m));
	assert_string_equal(m->root, "/tmp/systemd-private-1-a/tmp");
	assert_false(mounts_find(span_str("x y z\n"), "/", 1, m));
	assert_false(mounts_find(span_of(NULL, 0), "/", 1, m));
	free(m);
}

static void
qemu_conf_says_what_is_set(void **state)
{
	static const char text[] =
	    "# lock_manager = \"sanlock\"\n"
	    "  lock_manager = \"lockd\"   # why\n"
	    "lock_manager = \"sanlock\"\r\n"
	    "migrate_tls_force=1\n"
	    "user = \"+64055\"\n"
	    "group\t=\t'kvm'\n"
	    "dynamic_ownership = 0 # of disks\n"
	    "migration_port_min = 49200\n"
	    "migration_port_max = 70000\n"
	    "vnc_password = \"secret\"\n"
	    "cgroup_device_acl = [\n\t\"/dev/null\", \"user = x\"\n]\n"
	    "default_tls_x509_cert_dir = \"/etc/a b\"\n"
	    "migrate_tls_x509_cert_dir = \"not/absolute\"";
	AUTO(arena_done) struct arena arena = {0};
	struct qemu_conf_folders *folders = mem_new(1, sizeof(*folders));
	struct local_facts f = {0};

	(void)state;
	qemu_conf_read(span_str(text), &arena, &f, folders);
	assert_string_equal(f.lock_manager, "lockd");
	assert_string_equal(f.migrate_tls_force, "1");
	assert_string_equal(f.qemu_user, "+64055");
	assert_string_equal(f.qemu_group, "kvm");
	assert_string_equal(f.dynamic_ownership, "0");
	assert_int_equal(f.migration_port_min, 49200);
	assert_int_equal(f.migration_port_max, 0);
	assert_string_equal(folders->fallback, "/etc/a b");
	assert_string_equal(folders->migrate, "");
	qemu_conf_read(span_of(NULL, 0), &arena, &f, folders);
	assert_string_equal(f.lock_manager, "");
	assert_string_equal(f.qemu_user, "");
	assert_string_equal(folders->fallback, "");
	free(folders);
}

static void
qemu_conf_without_sense_says_nothing(void **state)
{
	static const char *const lines[] = {
	    "user = \"open", "user = ",   "user",           "user \"x\"",
	    "user = x",      "user = 7x", "user = [\"x\"]", "user = \"a\x01\"",
	    "xuser = \"x\"", "= \"x\"",   "#user = \"x\"",  "user = \"",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(lines); i++) {
		struct qemu_conf_folders *folders =
		    mem_new(1, sizeof(*folders));
		AUTO(arena_done) struct arena arena = {0};
		struct local_facts f = {0};

		qemu_conf_read(span_str(lines[i]), &arena, &f, folders);
		if (strcmp(f.qemu_user, "") != 0)
			fail_msg("%s: '%s'", lines[i], f.qemu_user);
		free(folders);
	}
}

static void
a_device_mapper_is_named_as_its_paths(void **state)
{
	static const char *const names[][2] = {
	    {"mpath-3600a098038", "naa.600a098038"},
	    {"mpath-3600A", "mpath-3600A"},
	    {"mpath-3", "mpath-3"},
	    {"mpath-2600", "mpath-2600"},
	    {"LVM-abc", "LVM-abc"},
	};
	char out[64];

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(names); i++) {
		device_mapper_name(names[i][0], out, sizeof(out));
		assert_string_equal(out, names[i][1]);
	}
}

static void
versions_are_found_in_words(void **state)
{
	AUTO(arena_done) struct arena arena = {0};

	(void)state;
	assert_string_equal(
	    collect_swtpm_version(
		"TPM emulator version 0.7.1, Copyright (c) 2014-2022 X\n",
		&arena),
	    "0.7.1");
	assert_null(collect_swtpm_version("", &arena));
	assert_null(collect_swtpm_version("version \n", &arena));
	assert_null(collect_swtpm_version("swtpm 1", &arena));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_mount_is_the_nearest_of_its_device),
	    cmocka_unit_test(qemu_conf_says_what_is_set),
	    cmocka_unit_test(qemu_conf_without_sense_says_nothing),
	    cmocka_unit_test(a_device_mapper_is_named_as_its_paths),
	    cmocka_unit_test(versions_are_found_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
