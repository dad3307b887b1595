/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A libvirt at the end of a URI: libvirt's own test driver, and peers that say
 * nothing or go away. */
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "virt/endpoint_private.h"

#define NODE "test://" FIXTURES_DIR "/libvirt/node.xml"

enum { SOON_MS = 10000 }; /* far below a limit that was not shortened */

const char *__tsan_default_suppressions(void);

/* The libraries are not built to be watched: their locks are not seen. */
const char *
__tsan_default_suppressions(void)
{
	return "race:libvirt.so\nrace:libglib-2.0.so\nrace:libgnutls.so\n";
}

static uint64_t
clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static struct endpoint *
opened(const char *uri)
{
	struct err err = {0};
	struct endpoint *e = endpoint_open(uri, &err);

	if (e == NULL)
		fail_msg("%s: %s", uri, err.text);
	return e;
}

static void
check_said(const struct err *err, enum err_code code, const char *words)
{
	assert_int_equal(err->code, code);
	if (strstr(err->text, words) == NULL)
		fail_msg("'%s' is not in '%s'", words, err->text);
}

/* --- libvirt's test driver --- */

static void
test_domains(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	struct endpoint *e = opened(NODE);
	struct endpoint_domains names = {0};

	(void)state;
	assert_string_equal(endpoint_uri(e), NODE);
	assert_true(endpoint_domains(e, false, &a, &names, NULL));
	assert_int_equal(names.n, 2);
	assert_string_equal(names.names[0], "asleep");
	assert_string_equal(names.names[1], "bank");
	assert_true(endpoint_domains(e, true, &a, &names, NULL));
	assert_int_equal(names.n, 1);
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
host_of(const char *uri, const char *domain, struct arena *a)
{
	struct endpoint *e = opened(uri);
	const struct plan plan = {0};
	struct domain_facts d = {0};
	struct host_facts h = {0};
	struct err err = {0};

	if (!endpoint_domain(e, domain, a, &d, &err) ||
	    !endpoint_host(e, &d, &plan, a, &h, &err))
		fail_msg("%s: %s", uri, err.text);
	endpoint_free(e);
	assert_null(h.missing);
	return h;
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
	assert_int_equal(h.n_neighbours, 2);
}

static void
test_host_of_nothing(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	struct endpoint *e = opened(NODE);
	const struct domain_facts none = {.missing = "it is not there"};
	const struct plan plan = {0};
	struct host_facts h = {0};
	struct err err = {0};

	(void)state;
	assert_false(endpoint_host(e, &none, &plan, &a, &h, &err));
	check_said(&err, ERR_NOT_FOUND, "it is not there");
	endpoint_free(e);
}

/* --- peers that are none --- */

static int
listening(struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char dir[] = "/tmp/virt-endpoint-XXXXXX";

	assert_true(fd >= 0);
	assert_non_null(mkdtemp(dir));
	*at = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(at->sun_path, sizeof(at->sun_path), "%s/s", dir);
	assert_int_equal(bind(fd, (struct sockaddr *)at, sizeof(*at)), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

static void
forget(int fd, const struct sockaddr_un *at)
{
	char dir[sizeof(at->sun_path)];

	close(fd);
	unlink(at->sun_path);
	snprintf(dir, sizeof(dir), "%s", at->sun_path);
	*strrchr(dir, '/') = '\0';
	rmdir(dir);
}

static void
test_mute(void **state)
{
	const struct endpoint_limits limits = {.connect_ms = 200,
	                                       .call_ms = 200,
	                                       .question_ms = 60000,
	                                       .close_ms = 60000};
	struct sockaddr_un at;
	int fd = listening(&at);
	uint64_t begin = clock_ms();
	struct err err = {0};
	char uri[256];

	(void)state;
	snprintf(uri, sizeof(uri), "qemu+unix:///system?socket=%s",
	         at.sun_path);
	assert_null(endpoint_open_within(uri, &limits, &err));
	check_said(&err, ERR_TIMEOUT,
	           "has not answered virConnectOpenAuth for");
	check_said(&err, ERR_TIMEOUT, uri);
	assert_true(clock_ms() - begin < SOON_MS);
	forget(fd, &at);
}

/* One that hangs up; and libvirt prints nothing of it. */
static void
test_gone(void **state)
{
	int before = dup(STDERR_FILENO), said[2];
	struct err err = {0};
	char printed[256];

	(void)state;
	assert_int_equal(pipe2(said, O_CLOEXEC | O_NONBLOCK), 0);
	dup2(said[1], STDERR_FILENO);
	assert_null(
	    endpoint_open("qemu+unix:///system?socket=/nowhere/s", &err));
	dup2(before, STDERR_FILENO);
	close(before);
	check_said(&err, ERR_UNAVAILABLE, "no connection to libvirt at qemu+");
	check_said(&err, ERR_UNAVAILABLE, "/nowhere/s");
	assert_int_equal(read(said[0], printed, sizeof(printed)), -1);
	close(said[0]);
	close(said[1]);
	assert_null(endpoint_open("nosuchdriver:///system", &err));
	assert_int_equal(err.code, ERR_UNAVAILABLE);
}

/* --- a call that hangs in a question --- */

static int hang[2], ended[2];

static int
callOfNoReturn(void)
{
	char byte;

	return (int)read(hang[0], &byte, 1);
}

static bool
ask_that_hangs(struct endpoint *e, struct question *q)
{
	(void)CALL(e, callOfNoReturn);
	/* The memory is the question's still. */
	q->answer = arena_new(&q->arena, 1, sizeof(int));
	assert_true(endpoint_is_given_up(e));
	assert_int_equal(write(ended[1], "x", 1), 1);
	return true;
}

static void
test_stuck(void **state)
{
	const struct endpoint_limits limits = {.connect_ms = 60000,
	                                       .call_ms = 100,
	                                       .question_ms = 60000,
	                                       .close_ms = 60000};
	AUTO(arena_done) struct arena a = {0};
	struct endpoint_domains names = {0};
	struct err err = {0};
	struct endpoint *e;
	uint64_t begin;
	int answer = 7;
	char byte;

	(void)state;
	assert_int_equal(pipe2(hang, O_CLOEXEC), 0);
	assert_int_equal(pipe2(ended, O_CLOEXEC), 0);
	e = endpoint_open_within("test:///default", &limits, &err);
	assert_non_null(e);
	begin = clock_ms();
	assert_false(endpoint_ask(e, question_new(ask_that_hangs), &a, &answer,
	                          sizeof(answer), &err));
	check_said(&err, ERR_TIMEOUT,
	           "libvirtd of test:///default has not answered "
	           "callOfNoReturn for");
	/* Nothing more is asked of it. */
	err = (struct err){0};
	assert_false(endpoint_domains(e, false, &a, &names, &err));
	check_said(&err, ERR_TIMEOUT, "callOfNoReturn");
	endpoint_free(e);
	assert_true(clock_ms() - begin < SOON_MS);
	assert_int_equal(answer, 7);
	/* It comes back at last, to nobody. */
	assert_int_equal(write(hang[1], "x", 1), 1);
	assert_int_equal(read(ended[0], &byte, 1), 1);
	close(hang[0]);
	close(hang[1]);
	close(ended[0]);
	close(ended[1]);
}

static bool
ask_that_loses(struct endpoint *e, struct question *q)
{
	e->lost = true;
	e->lost_words = strdup("it was pulled out");
	return endpoint_is_there(e, &q->err);
}

static void
test_lost(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	struct endpoint *e = opened("test:///default");
	struct endpoint_domains names = {0};
	struct err err = {0};

	(void)state;
	assert_false(
	    endpoint_ask(e, question_new(ask_that_loses), &a, NULL, 0, &err));
	check_said(&err, ERR_UNAVAILABLE,
	           "test:///default is gone: it was pulled out");
	err = (struct err){0};
	assert_false(endpoint_domains(e, false, &a, &names, &err));
	check_said(&err, ERR_UNAVAILABLE, "it was pulled out");
	endpoint_free(e);
}

static bool
ask_for_ever(struct endpoint *e, struct question *q)
{
	(void)q;
	while (!endpoint_is_given_up(e))
		(void)CALL(e, getpid);
	return false;
}

/* Each call is answered, and there is no end of them. */
static void
test_endless(void **state)
{
	const struct endpoint_limits limits = {.connect_ms = 60000,
	                                       .call_ms = 60000,
	                                       .question_ms = 100,
	                                       .close_ms = 60000};
	AUTO(arena_done) struct arena a = {0};
	struct err err = {0};
	struct endpoint *e;
	uint64_t begin;

	(void)state;
	e = endpoint_open_within("test:///default", &limits, &err);
	assert_non_null(e);
	begin = clock_ms();
	assert_false(
	    endpoint_ask(e, question_new(ask_for_ever), &a, NULL, 0, &err));
	check_said(&err, ERR_TIMEOUT, "what it was asked, at getpid");
	endpoint_free(e);
	assert_true(clock_ms() - begin < SOON_MS);
	endpoint_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_domains),
	    cmocka_unit_test(test_domain),
	    cmocka_unit_test(test_no_domain),
	    cmocka_unit_test(test_host),
	    cmocka_unit_test(test_untold),
	    cmocka_unit_test(test_lookups),
	    cmocka_unit_test(test_host_of_nothing),
	    cmocka_unit_test(test_mute),
	    cmocka_unit_test(test_gone),
	    cmocka_unit_test(test_stuck),
	    cmocka_unit_test(test_lost),
	    cmocka_unit_test(test_endless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
