/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lock-driver gate is loaded whole or not at all, and is no other lock
 * manager's obstacle. */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "abi.h"
#include "lock_help.h"

#define LENGTH_OF(a) (sizeof(a) / sizeof(*(a)))

static void
expect_no_load(const char *words)
{
	raised[0] = '\0';
	assert_int_equal(plugin()->init(1000000, config, 0), -1);
	if (strncmp(raised, "virt-attest: ", 13) != 0 ||
	    strstr(raised, words) == NULL)
		fail_msg("'%s' without '%s'", raised, words);
}

static void
one_name_is_seen(void **state)
{
	static const char *const inside[] = {
	    "relying_ask", "relying_may_go", "control_connect",
	    "config_load", "reply_parse",    "verdict_decode",
	    "buf_add",     "mem_new",        "gate_lets_go"};

	(void)state;
	assert_int_equal(plugin()->version, 1000000);
	for (size_t i = 0; i < LENGTH_OF(inside); i++)
		assert_null(dlsym(plugin_handle(), inside[i]));
}

/* Protocol 2 of a migration has no Begin where the gate could stand; libvirt
 * speaks it with no lock manager that wants its cookies. */
static void
it_wants_cookies(void **state)
{
	(void)state;
	assert_int_equal(plugin()->flags, LOCK_USES_STATE);
}

static void
a_wrong_configuration_is_not_loaded(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
	    {"sokket = \"/x\"\n", "conf:1: sokket: no such key"},
	    {"deadline_ms = 99\n", "conf:1: deadline_ms"},
	    {"deadline_ms = 25001\n", "conf:1: deadline_ms"},
	    {"deadline_ms = \"5000\"\n", "a whole number is wanted"},
	    {"\nsocket = 5\n", "conf:2: socket: a text"},
	    {"socket = \"v.sock\"\n", "an absolute path is wanted"},
	    {"next = \"nop\"\n", "'lockd', 'sanlock' or ''"},
	    {"next = \"virt-attest\"\n", "'lockd', 'sanlock' or ''"},
	    {"next = \"../lockd\"\n", "'lockd', 'sanlock' or ''"},
	    /* of another ABI, in this folder */
	    {"next = \"sanlock\"\n", "is no lock manager of libvirt's ABI 1"},
	    {"next = \n", "conf:"},
	    {"paused = \"stop\"\n", "'pass' or 'refuse'"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		configure("%s", cases[i].text);
		expect_no_load(cases[i].words);
	}
	assert_string_equal(next_calls, "");
}

static void
another_abi_is_not_loaded(void **state)
{
	(void)state;
	configure("socket = \"%s\"\n", socket_path);
	assert_int_equal(plugin()->init(2000000, config, 0), -1);
	assert_non_null(strstr(raised, "version 2000000"));
	assert_int_equal(plugin()->init(999999, config, 0), -1);
	assert_int_equal(plugin()->init(1000000, config, 1), -1);
	assert_int_equal(plugin()->init(1000000, NULL, 0), -1);
	assert_int_equal(plugin()->init(1000001, config, 0), 0);
	assert_int_equal(plugin()->deinit(), 0);
}

static void
no_file_says_nothing(void **state)
{
	(void)state;
	assert_int_equal(plugin()->init(1000000, config, 0), 0);
	assert_int_equal(plugin()->deinit(), 0);
}

/* libvirtd has several drivers, and loads it once for each. */
static void
it_is_loaded_twice_with_one_file(void **state)
{
	(void)state;
	ready("next = \"lockd\"\n");
	assert_int_equal(plugin()->init(1000000, config, 0), 0);
	assert_int_equal(plugin()->init(1000000, "/xen\n-virt-attest.conf", 0),
	                 -1);
	assert_non_null(strstr(raised, "loaded already"));
	assert_non_null(strstr(raised, "/xen?-virt-attest.conf"));
	assert_int_equal(plugin()->deinit(), 0);
	assert_string_equal(next_calls, "init qemu-lockd.conf\n");
	serve(ANSWERS, NO_PERMIT);
	next_calls[0] = '\0';
	expect_refusal("no permit");
	stop_serving();
	assert_int_equal(plugin()->deinit(), 0);
	assert_non_null(strstr(next_calls, "deinit \n"));
}

static void
the_next_one_is_found_by_the_name_of_the_file(void **state)
{
	char other[96];

	(void)state;
	snprintf(other, sizeof(other), "%s/other.conf", folder);
	configure("next = \"lockd\"\n");
	assert_int_equal(rename(config, other), 0);
	assert_int_equal(plugin()->init(1000000, other, 0), -1);
	assert_non_null(strstr(raised, "does not end in"));
	assert_int_equal(unlink(other), 0);
}

static void
the_next_one_has_all_calls(void **state)
{
	static const char calls[] =
	    "init qemu-lockd.conf\n"
	    "new-started db1\nadd /disk\nacquire -\nfree db1\n"
	    "new db1\nadd /disk\nacquire -\nfree db1\n"
	    "new db1\nadd /disk\nrelease db1\nfree db1\n"
	    "new db1\nadd /disk\nacquire paused-leases\nfree db1\n";

	(void)state;
	ready("next = \"lockd\"\n");
	live("db1");
	assert_string_equal(next_calls, calls);
	plugin()->deinit();
}

/* The cookie has what it would have without us. */
static void
the_next_one_says_the_state(void **state)
{
	char *leases = NULL;

	(void)state;
	ready("next = \"lockd\"\n");
	serve(ANSWERS, TRUSTED);
	assert_int_equal(begin("db1", &leases), 0);
	assert_string_equal(leases, "leases");
	free(leases);
	assert_int_equal(begin("db1", NULL), 0);
	stop_serving();
	expect_refusal("no verdict");
	plugin()->deinit();
}

/* A permit is not used up for what the next one stops. */
static void
the_next_one_may_refuse_first(void **state)
{
	char *leases = NULL;

	(void)state;
	ready("next = \"lockd\"\n");
	serve(ANSWERS, TRUSTED);
	assert_int_equal(begin("not-now", &leases), -1);
	assert_int_equal(begin("not-here", &leases), -1);
	assert_string_equal(raised, ""); /* its own error stays */
	assert_int_equal(questions(), 0);
	assert_null(leases);
	stop_serving();
	plugin()->deinit();
}

/* A state that no message of libvirt holds; the next one has its own back. */
static void
a_paused_guest_may_be_kept(void **state)
{
	enum { COOKIE_MAX = 4194304 }; /* REMOTE_MIGRATE_COOKIE_MAX */
	struct lock_param params[] = {{.type = LOCK_PARAM_UUID, .key = "uuid"},
	                              {.type = LOCK_PARAM_STRING,
	                               .key = "name",
	                               .value = {.text = "db1"}}};
	struct lock_manager man = {.driver = plugin()};
	char *leases = NULL;

	(void)state;
	ready("paused = \"refuse\"\n");
	assert_int_equal(plugin()->new (&man, LOCK_OBJECT_DOMAIN, 2, params, 0),
	                 0);
	assert_int_equal(plugin()->release(&man, NULL, 0), 0);
	assert_int_equal(plugin()->release(&man, &leases, 0), 0);
	assert_in_range(strlen(leases), COOKIE_MAX, 9999999);
	assert_int_equal(plugin()->acquire(&man, leases, 0, 0, NULL), 0);
	plugin()->free(&man);
	plugin()->deinit();
	free(leases);
	next_calls[0] = '\0';
	ready("paused = \"refuse\"\nnext = \"lockd\"\n");
	live("db1");
	assert_non_null(strstr(next_calls, "acquire paused-leases\n"));
	serve(ANSWERS, TRUSTED); /* a running one is asked about as ever */
	assert_int_equal(begin("db1", &leases), 0);
	assert_string_equal(leases, "leases");
	free(leases);
	stop_serving();
	plugin()->deinit();
}

/* A libvirt that nobody has looked at: nothing private of it is called. */
static void
an_unknown_libvirt_is_told_nothing(void **state)
{
	static const unsigned long unknown[] = {9001, 13000000, 99000000};
	char *leases = NULL;

	(void)state;
	ready("");
	for (size_t i = 0; i < LENGTH_OF(unknown); i++) {
		libvirt_version = unknown[i];
		assert_int_equal(begin("db1", &leases), -1);
		assert_string_equal(raised, "");
	}
	libvirt_version = 12999999;
	expect_refusal("No such file");
	plugin()->deinit();
}

static void
a_domain_without_a_uuid_is_none(void **state)
{
	struct lock_param name = {
	    .type = LOCK_PARAM_STRING, .key = "name", .value = {.text = "db1"}};
	struct lock_manager man = {.driver = plugin()};

	(void)state;
	ready("");
	assert_int_equal(plugin()->new (&man, LOCK_OBJECT_DOMAIN, 1, &name, 0),
	                 -1);
	assert_non_null(strstr(raised, "UUID"));
	/* Another kind of thing is managed, and does not migrate. */
	assert_int_equal(plugin()->new (&man, 1, 1, &name, 0), 0);
	assert_int_equal(plugin()->inquire(&man, NULL, 0), -1);
	plugin()->free(&man);
	plugin()->deinit();
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    CASE(one_name_is_seen),
	    CASE(it_wants_cookies),
	    CASE(a_wrong_configuration_is_not_loaded),
	    CASE(another_abi_is_not_loaded),
	    CASE(no_file_says_nothing),
	    CASE(it_is_loaded_twice_with_one_file),
	    CASE(the_next_one_is_found_by_the_name_of_the_file),
	    CASE(the_next_one_has_all_calls),
	    CASE(the_next_one_says_the_state),
	    CASE(the_next_one_may_refuse_first),
	    CASE(a_paused_guest_may_be_kept),
	    CASE(an_unknown_libvirt_is_told_nothing),
	    CASE(a_domain_without_a_uuid_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
