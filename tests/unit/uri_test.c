/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a migration is said to go: URIs that lead to one host, and those by
 * which nobody knows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* cmocka has a fail() of its own, as a macro. */
#include "move_private.h"

#include <cmocka.h>

static size_t
option_of(const char *name)
{
	size_t i = 0;

	while (strcmp(migration_option_at(i)->name, name) != 0)
		i++;
	return i;
}

static bool
plans(const char *uri, const char *option, const char *value,
      struct arena *arena, struct plan *plan)
{
	struct migration_how how = {0};
	struct err err = {0};
	bool ok;

	if (option != NULL)
		assert_true(
		    migration_set(&how, option_of(option), value, &err));
	ok = plan_of(uri, &how, arena, plan, &err);
	/* Who is refused is told why. */
	assert_true(ok || err.text[0] != '\0');
	return ok;
}

static void
hosts_are_read(void **state)
{
	static const struct {
		const char *uri, *host;
	} cases[] = {
	    {"qemu+tls://host-b/system", "host-b"},
	    {"qemu://host-b/system", "host-b"},
	    {"qemu+ssh://root@host-b/system", "host-b"},
	    {"qemu+tls://[2001:db8::7]:16514/system", "2001:db8::7"},
	    {"qemu+tls://192.0.2.7/system", "192.0.2.7"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		AUTO(arena_done) struct arena arena = {0};
		struct plan plan;

		assert_true(plans(cases[i].uri, NULL, NULL, &arena, &plan));
		assert_string_equal(plan.destination_host, cases[i].host);
		assert_string_equal(plan.data_host, cases[i].host);
		assert_string_equal(plan.destination_uri, cases[i].uri);
	}
}

static void
others_are_refused(void **state)
{
	static const char *const uris[] = {
	    "qemu+ext://host-b/system",
	    "qemu+ext://host-b/system?command=/bin/true",
	    "qemu+unix:///system?socket=/run/elsewhere",
	    "qemu+unix://host-b/system",
	    "qemu+tcp://host-b/system",
	    "qemu+tls://host-b/system?no_verify=1",
	    "qemu+tls://host-b/system?no_verify=0",
	    "qemu+tls://host-b/system?pkipath=/tmp/pki",
	    "qemu+ssh://host-b/system?command=/tmp/ssh",
	    "qemu+libssh2://host-b/system",
	    "qemu:///system",
	    "qemu+tls:///system",
	    "lxc+tls://host-b/",
	    "xen+tls://host-b/system",
	    "test:///default",
	    "tcp://host-b",
	    "tcp:host-b:49152",
	    "host-b",
	    "",
	    "qemu+tls://host-b/system\n",
	    /* libvirt's reader has another host here, or none. */
	    "qemu+tls://[root@host-b/]",
	    "qemu+tls://a@b@host-b/system",
	    "qemu+tls://[host-b]/system",
	    "qemu+tls://host-c\\@host-b/system",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(uris); i++) {
		AUTO(arena_done) struct arena arena = {0};
		struct plan plan;

		if (plans(uris[i], NULL, NULL, &arena, &plan))
			fail_msg("'%s' leads to %s", uris[i],
			         plan.destination_host);
	}
}

static void
data_goes_where_it_is_said(void **state)
{
	static const struct {
		const char *option, *value, *host; /* NULL: refused */
	} cases[] = {
	    {"migrateuri", "tcp://host-c", "host-c"},
	    {"migrateuri", "tcp:host-c:5555", "host-c"},
	    {"migrateuri", "tcp://[2001:db8::9]:5555", "2001:db8::9"},
	    {"migrateuri", "unix:///run/proxy", NULL},
	    {"migrateuri", "rdma://host-b", NULL},
	    {"migrateuri", "fd:7", NULL},
	    {"migrateuri", "exec:nc host-b 1", NULL},
	    {"migrateuri", "tcp://", NULL},
	    {"disks-uri", "tcp://host-b:1234", "host-b"},
	    {"disks-uri", "unix:///run/nbd", NULL},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		AUTO(arena_done) struct arena arena = {0};
		struct plan plan;
		bool ok = plans("qemu+tls://host-b/system", cases[i].option,
		                cases[i].value, &arena, &plan);

		if (ok != (cases[i].host != NULL))
			fail_msg("--%s %s", cases[i].option, cases[i].value);
		if (ok)
			assert_string_equal(plan.data_host, cases[i].host);
	}
}

/* The destination's libvirt is never asked where the memory is to go. */
static void
data_goes_where_was_attested(void **state)
{
	static const struct {
		const char *uri, *option, *data; /* NULL: no such connection */
	} cases[] = {
	    {"qemu+tls://host-b/system", NULL, "tcp://host-b"},
	    {"qemu+tls://host-b.:16600/system", "p2p", "tcp://host-b"},
	    {"qemu+ssh://root@192.0.2.7/system", "tls", "tcp://192.0.2.7"},
	    {"qemu+tls://[2001:db8::7]/system", "live", "tcp://[2001:db8::7]"},
	    {"qemu+tls://host-b/system", "tunnelled", NULL},
	    {"qemu+tls://host-b/system", "offline", NULL},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		AUTO(arena_done) struct arena arena = {0};
		struct plan plan;

		assert_true(
		    plans(cases[i].uri, cases[i].option, "", &arena, &plan));
		if (cases[i].data == NULL)
			assert_null(plan.migrate_uri);
		else
			assert_string_equal(plan.migrate_uri, cases[i].data);
		assert_string_equal(plan.data_host, plan.destination_host);
	}
}

static void
flags_reach_the_plan(void **state)
{
	static const struct {
		const char *option, *value;
		size_t flag; /* in struct plan */
	} cases[] = {
	    {"live", "", offsetof(struct plan, live)},
	    {"p2p", "", offsetof(struct plan, p2p)},
	    {"tunnelled", "", offsetof(struct plan, tunnelled)},
	    {"offline", "", offsetof(struct plan, offline)},
	    {"postcopy", "", offsetof(struct plan, postcopy)},
	    {"parallel", "", offsetof(struct plan, parallel)},
	    {"persistent", "", offsetof(struct plan, persistent)},
	    {"undefinesource", "", offsetof(struct plan, undefine_source)},
	    {"tls", "", offsetof(struct plan, tls)},
	    {"copy-storage-all", "", offsetof(struct plan, copy_storage_all)},
	    {"copy-storage-inc", "", offsetof(struct plan, copy_storage_inc)},
	    {"unsafe", "", offsetof(struct plan, unsafe)},
	    {"xml", "<domain/>", offsetof(struct plan, destination_xml)},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		AUTO(arena_done) struct arena arena = {0};
		struct plan plan;

		assert_true(plans("qemu+tls://host-b/system", NULL, NULL,
		                  &arena, &plan));
		assert_false(*(bool *)((char *)&plan + cases[i].flag));
		assert_true(plans("qemu+tls://host-b/system", cases[i].option,
		                  cases[i].value, &arena, &plan));
		if (!*(bool *)((char *)&plan + cases[i].flag))
			fail_msg("--%s", cases[i].option);
	}
}

static void
numbers_are_numbers(void **state)
{
	static const char *const bad[] = {"",    "x",  "-1",
	                                  "1.5", "1G", "99999999999999999999"};
	struct migration_how how = {0};
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(bad); i++)
		assert_false(
		    migration_set(&how, option_of("bandwidth"), bad[i], &err));
	assert_false(
	    migration_set(&how, option_of("disks-port"), "4294967296", &err));
	assert_true(migration_set(&how, option_of("bandwidth"), "12", &err));
	assert_string_equal(migration_value(&how, "bandwidth"), "12");
	assert_null(migration_value(&how, "dname"));
}

/* Not as root, whose file is the machine's. */
static void
aliases_are_resolved(void **state)
{
	char dir[] = "/tmp/uri-test.XXXXXX", path[128];
	AUTO(arena_done) struct arena arena = {0};
	struct plan plan;
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chmod(dir, 0755), 0);
	snprintf(path, sizeof(path), "%s/libvirt", dir);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/libvirt/libvirt.conf", dir);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "# comment, with \" and ,]\n"
	              "uri_aliases = [\n"
	              "  \"east=qemu+tls://host-e/system\",\n"
	              "  \"trap=qemu+ext://host-e/system?command=/x\",\n"
	              "]\n"
	              "uri_default = \"qemu:///system\"\n"
	              "remote_mode = \"auto\"\n");
	fclose(file);
	assert_int_equal(setenv("XDG_CONFIG_HOME", dir, 1), 0);
	if (geteuid() != 0 || seteuid(65534) == 0) {
		assert_true(plans("east", NULL, NULL, &arena, &plan));
		assert_string_equal(plan.destination_host, "host-e");
		assert_string_equal(plan.destination_uri,
		                    "qemu+tls://host-e/system");
		assert_false(plans("trap", NULL, NULL, &arena, &plan));
		assert_false(plans("eas", NULL, NULL, &arena, &plan));
		if (getuid() == 0)
			assert_int_equal(seteuid(0), 0);
	}
	(void)unlink(path);
	snprintf(path, sizeof(path), "%s/libvirt", dir);
	(void)rmdir(path);
	(void)rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hosts_are_read),
	    cmocka_unit_test(others_are_refused),
	    cmocka_unit_test(data_goes_where_it_is_said),
	    cmocka_unit_test(data_goes_where_was_attested),
	    cmocka_unit_test(flags_reach_the_plan),
	    cmocka_unit_test(numbers_are_numbers),
	    cmocka_unit_test(aliases_are_resolved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
