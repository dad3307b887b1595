/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A libvirt at the end of a URI: libvirt's own test driver. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "virt_help.h"

#define NODE "test://" FIXTURES_DIR "/libvirt/node.xml"

static void
test_domains(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	struct endpoint *e = opened(NODE);
	struct endpoint_domains names = {0};

	(void)state;
	assert_string_equal(endpoint_uri(e), NODE);
	assert_true(endpoint_domains(e, false, &a, &names, NULL));
	assert_int_equal(names.n, 3);
	assert_string_equal(names.names[0], "asleep");
	assert_string_equal(names.names[1], "bank");
	assert_string_equal(names.names[2], "halted");
	assert_true(endpoint_domains(e, true, &a, &names, NULL));
	assert_int_equal(names.n, 2);
	assert_string_equal(names.names[0], "bank");
	endpoint_free(e);
}

static void
test_domain(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	struct endpoint *e = opened(NODE);
	struct domain_facts d = {0}, by_uuid = {0};

	(void)state;
	assert_true(endpoint_domain(e, "bank", &a, &d, NULL));
	/* What was told outlives the connection. */
	assert_true(endpoint_domain(e, "3f1f0b4e-5d5c-4f0f-9b3e-0d6e5c1d2a72",
	                            &a, &by_uuid, NULL));
	endpoint_free(e);
	assert_string_equal(d.name, "bank");
	assert_true(d.active && d.persistent && !d.from_file);
	assert_string_equal(d.state, "running");
	assert_null(d.state_reason);
	assert_int_equal(d.memory_kib, 1048576);
	assert_int_equal(d.n_disks, 4);
	assert_null(d.disks[1].path); /* no such volume */
	assert_string_equal(d.disks[3].path, "/srv/images/spare.raw");
	assert_int_equal(d.snapshots, 0);
	assert_int_equal(d.checkpoints, 0);
	assert_null(d.job);
	assert_null(d.block_job);
	assert_string_equal(by_uuid.name, "asleep");
	assert_false(by_uuid.active);
	assert_string_equal(by_uuid.state, "shutoff");
}

static bool
ask_to_pause(struct endpoint *e, struct question *q)
{
	virDomainPtr domain = virDomainLookupByName(e->connection, "bank");
	bool ok = domain != NULL && virDomainSuspend(domain) == 0;

	(void)q;
	virDomainFree(domain);
	return ok;
}

static void
test_paused(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	struct endpoint *e = opened(NODE);
	struct domain_facts d = {0};

	(void)state;
	assert_true(
	    endpoint_ask(e, question_new(ask_to_pause), &a, NULL, 0, NULL));
	assert_true(endpoint_domain(e, "bank", &a, &d, NULL));
	endpoint_free(e);
	assert_true(d.active);
	assert_string_equal(d.state, "paused");
	assert_string_equal(d.state_reason, "user");
}

static void
test_no_domain(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	struct endpoint *e = opened(NODE);
	struct domain_facts d = {.name = "before"};
	struct err err = {0};

	(void)state;
	assert_false(endpoint_domain(e, "nobody", &a, &d, &err));
	check_said(&err, ERR_NOT_FOUND, "has no domain nobody");
	assert_false(endpoint_domain(e, "3f1f0b4e-5d5c-4f0f-9b3e-0d6e5c1d2aff",
	                             &a, &d, &err));
	check_said(&err, ERR_NOT_FOUND, "has no domain 3f1f");
	assert_false(endpoint_domain(e, "no-uuid-but-as-long-as-one-is-------",
	                             &a, &d, &err));
	check_said(&err, ERR_NOT_FOUND, "has no domain no-uuid");
	assert_string_equal(d.name, "before");
	/* It goes on after that. */
	assert_true(endpoint_domain(e, "bank", &a, &d, NULL));
	endpoint_free(e);
}

static struct host_facts
host_as(enum endpoint_role role, const char *uri, const char *domain,
        struct arena *a)
{
	struct endpoint *e = opened(uri);
	struct domain_facts d = {0};
	struct host_facts h = {0};
	struct err err = {0};

	if (!endpoint_domain(e, domain, a, &d, &err) ||
	    !endpoint_host(e, role, &d, a, &h, &err))
		fail_msg("%s: %s", uri, err.text);
	endpoint_free(e);
	assert_null(h.missing);
	return h;
}

static struct host_facts
host_of(const char *uri, const char *domain, struct arena *a)
{
	return host_as(ENDPOINT_DESTINATION, uri, domain, a);
}

static void
test_host_that_it_leaves(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	struct host_facts h =
	    host_as(ENDPOINT_SOURCE, "test:///default", "test", &a);

	(void)state;
	assert_non_null(strstr(h.dry_run_why, "only the destination"));
	assert_non_null(strstr(h.cpu_why, "only the destination"));
	assert_null(h.memory_why);
}

static void
test_glance_at_a_host(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	struct host_facts h = host_as(ENDPOINT_GLANCE, NODE, "bank", &a);
	struct host_facts all = host_of(NODE, "bank", &a);

	(void)state;
	assert_string_equal(h.hostname, all.hostname);
	assert_int_equal(h.n_networks, 2);
	assert_string_equal(h.networks[0].name, all.networks[0].name);
	assert_null(h.uuid);
	assert_int_equal(h.memory_total_kib, 0);
}

static void
test_host(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	struct host_facts h = host_of("test:///default", "test", &a);

	(void)state;
	assert_string_equal(h.uri, "test:///default");
	assert_string_equal(h.type, "TEST");
	assert_non_null(h.hostname);
	assert_true(h.version != 0 && h.lib_version >= 9000000);
	assert_int_equal(h.cpus_max, 16);
	assert_string_equal(h.online, "0,2,4");
	assert_null(h.memory_why);
	assert_int_equal(h.memory_total_kib, 3145728);
	assert_int_equal(h.memory_free_kib, 3072);
	/* No statistics: what is free is the least. */
	assert_int_equal(h.memory_available_kib, h.memory_free_kib);
	assert_null(h.pages_why);
	assert_int_equal(h.n_pages, 6);
	assert_int_equal(h.pages[1].size_kib, 2048);
	assert_int_equal(h.pages[1].free, 45);
	assert_int_equal(h.n_neighbours, 1);
	assert_string_equal(h.neighbours[0].name, "test");
	assert_true(h.neighbours[0].active);
	assert_string_equal(h.neighbours[0].macs[0], "aa:bb:cc:dd:ee:ff");
	assert_string_equal(h.networks[0].name, "default");
	assert_true(h.networks[0].found && h.networks[0].active);
	assert_string_equal(h.networks[0].digest, "forward=nat");
}

/* What this driver cannot tell has a reason, libvirt's with the call's name. */
static void
test_untold(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	struct host_facts h = host_of("test:///default", "test", &a);

	(void)state;
	assert_non_null(strstr(h.dry_run_why, "QEMU"));
	assert_false(h.dry_run_ok);
	assert_int_equal(h.jobs, UINT_MAX);
	assert_int_equal(h.cpu_match, CPU_MATCH_UNKNOWN);
	assert_non_null(strstr(h.cpu_why, "names no model"));
	if (h.lib_version < 9008000)
		assert_non_null(
		    strstr(h.domcaps_why, "virConnectGetDomainCapabilities: "));
}

static void
check_lookup(const struct lookup_facts *all, size_t n, const char *name,
             bool found)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(all[i].name, name) == 0) {
			if (all[i].why != NULL)
				fail_msg("%s: %s", name, all[i].why);
			assert_int_equal(all[i].found, found);
			return;
		}
	fail_msg("%s was not looked up", name);
}

static void
test_lookups(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	struct host_facts h = host_of(NODE, "bank", &a);

	(void)state;
	assert_int_equal(h.n_networks, 2); /* "prod" once */
	check_lookup(h.networks, h.n_networks, "prod", true);
	assert_string_equal(h.networks[0].digest,
	                    "forward=bridge bridge=ovsbr0 "
	                    "virtualport=openvswitch "
	                    "portgroup=db(vlan 42) portgroup=web");
	check_lookup(h.networks, h.n_networks, "gone", false);
	check_lookup(h.volumes, h.n_volumes, "/srv/images/bank.qcow2", true);
	check_lookup(h.volumes, h.n_volumes, "images/spare.raw", true);
	check_lookup(h.volumes, h.n_volumes, "/srv/images/spare.raw", true);
	check_lookup(h.volumes, h.n_volumes, "images/log", false);
	check_lookup(h.volumes, h.n_volumes, "nowhere/log", false);
	check_lookup(h.pools, h.n_pools, "images", true);
	/* A look-up that could not be made is none that found nothing. */
	assert_string_equal(h.pools[0].name, "/srv/images");
	assert_non_null(strstr(h.pools[0].why, "LookupByTargetPath: "));
	check_lookup(h.pools, h.n_pools, "nowhere", false);
	assert_true(h.pools[1].available > 1000000000);
	assert_int_equal(h.n_neighbours, 3);
}

static void
test_host_of_nothing(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	struct endpoint *e = opened(NODE);
	const struct domain_facts none = {.missing = "it is not there"};
	struct host_facts h = {0};
	struct err err = {0};

	(void)state;
	assert_false(endpoint_host(e, ENDPOINT_SOURCE, &none, &a, &h, &err));
	check_said(&err, ERR_NOT_FOUND, "it is not there");
	endpoint_free(e);
}

/* A libvirt at the other end says what it likes, and as much. */
static void
test_words(void **state)
{
	virConnectPtr peer = virConnectOpen("test:///default");
	char words[LIBVIRT_WORDS_MAX], name[4096];

	(void)state;
	assert_non_null(peer);
	assert_null(virStoragePoolLookupByName(
	    peer, "\x1b]0;mine\a\r\xc2\x9b"
		  "2J\x7f\xe2\x80\xae\ntwo\nlines\n"));
	assert_true(text_is_printable(libvirt_words(words)));
	assert_non_null(strstr(words, "mine"));
	assert_non_null(strstr(words, " two lines"));
	assert_null(virStoragePoolLookupByName(
	    peer, "Hook script execution failed: internal error: Child process "
		  "(/etc/libvirt/hooks/qemu.d/50 db1 migrate begin -) "
		  "unexpected exit status 4: virt-attest: incoming"));
	assert_ptr_equal(strstr(libvirt_words(words), "virt-attest: inc"),
	                 words);
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_null(virStoragePoolLookupByName(peer, name));
	assert_int_equal(strlen(libvirt_words(words)), LIBVIRT_WORDS_MAX - 1);
	virConnectClose(peer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_domains),
	    cmocka_unit_test(test_domain),
	    cmocka_unit_test(test_paused),
	    cmocka_unit_test(test_no_domain),
	    cmocka_unit_test(test_host_that_it_leaves),
	    cmocka_unit_test(test_glance_at_a_host),
	    cmocka_unit_test(test_host),
	    cmocka_unit_test(test_untold),
	    cmocka_unit_test(test_lookups),
	    cmocka_unit_test(test_host_of_nothing),
	    cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
