/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lock-driver gate lets a migration begin on one kind of answer, and
 * whatever a verifier does else refuses in words and in time; the next honest
 * answer is heard as if nothing had been. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>
#include <dirent.h>

#include "abi.h"
#include "lock_help.h"

#define LENGTH_OF(a) (sizeof(a) / sizeof(*(a)))

/* The honest one passes: the refusals have no other reason. */
static void
still_works(void)
{
	serve(ANSWERS, TRUSTED);
	expect_pass();
	stop_serving();
}

static void
a_permit_lets_go(void **state)
{
	(void)state;
	ready("");
	serve(ANSWERS, TRUSTED);
	expect_pass();
	assert_int_equal(questions(), 1);
	assert_non_null(strstr(question(), "\"verify\""));
	assert_non_null(strstr(question(), "\"permit\":true"));
	assert_non_null(strstr(question(), "\"domain\":\"db1\""));
	assert_non_null(strstr(question(),
	                       "\"uuid\":"
	                       "\"a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf\""));
	assert_null(strstr(question(), "destination"));
	stop_serving();
	plugin()->deinit();
}

/* A name that no verifier would read: the UUID says which. */
static void
a_wild_name_is_no_part_of_it(void **state)
{
	static const char name[] = "a-name-that-is-longer-than-any-of-those-"
				   "that-have-a-permit-xxxxxxx";
	static const char *const wild[] = {"a\nb", "\x80\xff", "a; rm -rf",
	                                   "-v", name};
	char *leases = NULL;

	(void)state;
	ready("");
	serve(ANSWERS, NO_PERMIT);
	for (size_t i = 0; i < LENGTH_OF(wild); i++) {
		assert_int_equal(begin(wild[i], &leases), -1);
		assert_non_null(
		    strstr(question(), "a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf"));
		assert_non_null(strstr(raised, "permit a0a1a2a3-a4a5-a6a7-"));
		for (const char *at = raised; *at != '\0'; at++)
			assert_in_range((unsigned char)*at, ' ', '~');
	}
	stop_serving();
	plugin()->deinit();
}

static void
a_plain_name_is_in_the_remedy(void **state)
{
	char *leases = NULL;

	(void)state;
	ready("");
	assert_int_equal(begin("web-1.example", &leases), -1);
	assert_non_null(strstr(raised, "running? Then run 'virt-attest permit "
	                               "web-1.example qemu+tls://"));
	plugin()->deinit();
}

static char endless[1024 * 1024 + 1];
static const struct {
	const char *words;
	enum manner manner;
	const char *said;
} cases[] = {
    {"it has no permit. What to do", ANSWERS, NO_PERMIT},
    {"leads to no host). What to do", ANSWERS,
     "{\"return\":{\"verdict\":\"unknown\",\"host\":\"\",\"reasons\":"
     "[{\"code\":\"destination\",\"detail\":\"it leads to no host\"}],"
     "\"golden\":null,\"time\":1,\"age_ms\":0,\"boot_session\":null,"
     "\"differences\":[]},\"id\":1}\n"},
    {"host-b is untrusted", ANSWERS,
     "{\"return\":{\"verdict\":\"untrusted\",\"reasons\":[{\"code\":"
     "\"golden\",\"detail\":\"PCR 7\"}],\"age_ms\":0," PROOF "},\"id\":1}\n"},
    {"permits are not for you", ANSWERS,
     "{\"error\":{\"class\":\"Denied\",\"desc\":"
     "\"permits are not for you\"},\"id\":1}\n"},
    {"did not answer in time", HANGS, ""},
    {"did not answer in time", DRIPS, ""},
    {"did not answer in time", ANSWERS, "{\"return\":{\"verdict\""},
    {"hung up before", HANGS_UP, ""},
    {"hung up before", HANGS_UP, "{\"return\":{\"verdict\":\"trus"},
    {"no verdict", ANSWERS, "trusted\n"},
    {"no verdict", ANSWERS, "\x01\xff\xfe%n%s%s\n"},
    {"no verdict", ANSWERS, "\n"},
    {"no verdict", ANSWERS, "{\"return\":{},\"id\":1}\n"},
    {"no verdict", ANSWERS, "{\"return\":[[[[[[[[[[[[[[[[[\n"},
    {"is over", ANSWERS, endless},
    {"sent more", ANSWERS, TRUSTED TRUSTED},
    {"another question", ANSWERS,
     "{\"return\":{\"verdict\":\"trusted\",\"reasons\":[],\"age_ms\":"
     "0," PROOF "},\"id\":2}\n"},
    {"no verdict", ANSWERS,
     "{\"return\":{\"verdict\":\"trusted\",\"reasons\":[{\"code\":"
     "\"golden\",\"detail\":\"x\"}],\"age_ms\":0," PROOF "},\"id\":1}\n"},
    {"not fresh", ANSWERS,
     "{\"return\":{\"verdict\":\"trusted\",\"reasons\":[],\"age_ms\":"
     "1," PROOF "},\"id\":1}\n"},
    {"not fresh", ANSWERS,
     "{\"return\":{\"verdict\":\"trusted\",\"host\":\"host-b\","
     "\"reasons\":[],\"golden\":null,\"time\":1,\"age_ms\":0,"
     "\"boot_session\":{\"reset_count\":1,\"restart_count\":0,"
     "\"clock_ms\":1,\"safe\":true},\"differences\":[]},\"id\":1}\n"},
    {"not fresh", ANSWERS,
     "{\"return\":{\"verdict\":\"trusted\",\"host\":\"host-b\","
     "\"reasons\":[],\"golden\":1,\"time\":1,\"age_ms\":0,"
     "\"boot_session\":null,\"differences\":[]},\"id\":1}\n"},
};

static void
whatever_is_no_proof_refuses(void **state)
{
	(void)state;
	memset(endless, 'x', sizeof(endless) - 1);
	ready("");
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		serve(cases[i].manner, cases[i].said);
		expect_refusal(cases[i].words);
		stop_serving();
		still_works();
	}
	plugin()->deinit();
}

static void
nobody_there_refuses(void **state)
{
	(void)state;
	ready("");
	expect_refusal("No such file");
	serve(ANSWERS, TRUSTED);
	stop_serving(); /* dead, and its file is still there */
	expect_refusal("refused");
	still_works();
	plugin()->deinit();
}

/* Its queue is full: that, too, ends at the deadline. */
static void
one_who_takes_no_more_refuses(void **state)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fds[16], n = 0;
	uint64_t before;

	(void)state;
	ready("");
	memcpy(at.sun_path, socket_path, strlen(socket_path));
	assert_int_equal(
	    bind(listener, (const struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(listener, 0), 0);
	do
		fds[n] = socket(AF_UNIX,
		                SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	while (connect(fds[n++], (const struct sockaddr *)&at, sizeof(at)) ==
	           0 &&
	       n < 16);
	before = now_ms();
	expect_refusal("takes no more");
	/* A deadline of ours cuts RELYING_CONNECT_MS. */
	assert_true(now_ms() - before < 2000);
	while (n-- > 0)
		close(fds[n]);
	close(listener);
	still_works();
	plugin()->deinit();
}

static void
a_stranger_at_the_socket_refuses(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	ready("");
	still_works();
	serve_as(NOBODY, ANSWERS, TRUSTED);
	expect_refusal("served by uid 65534");
	assert_int_equal(questions(), 0); /* nothing was said to him */
	stop_serving();
	still_works();
	plugin()->deinit();
}

static void
no_descriptor_left_refuses(void **state)
{
	struct rlimit all, none;

	(void)state;
	ready("");
	serve(ANSWERS, TRUSTED);
	expect_pass();
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &all), 0);
	none = (struct rlimit){.rlim_cur = 3, .rlim_max = all.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	expect_refusal("Too many open files");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &all), 0);
	expect_pass();
	stop_serving();
	plugin()->deinit();
}

/* A start, a pause, a save: the verifier is not asked, dead or alive. */
static void
only_a_migration_is_asked_about(void **state)
{
	(void)state;
	ready("");
	live("db1");
	serve(ANSWERS, NO_PERMIT);
	live("db1");
	assert_int_equal(questions(), 0);
	stop_serving();
	plugin()->deinit();
}

enum { THREADS = 8, TIMES = 20 };

static void *
ask_often(void *name)
{
	for (int i = 0; i < TIMES; i++) {
		char *leases = NULL, words[96];

		snprintf(words, sizeof(words), "'virt-attest permit %s ",
		         (const char *)name);
		if (begin(name, &leases) != -1 || leases != NULL ||
		    strstr(raised, words) == NULL)
			return name;
	}
	return NULL;
}

static void
many_ask_at_once(void **state)
{
	pthread_t threads[THREADS];
	char names[THREADS][8];
	void *wrong;

	(void)state;
	configure("socket = \"%s\"\n", socket_path);
	assert_int_equal(plugin()->init(1000000, config, 0), 0);
	serve(ANSWERS, NO_PERMIT);
	for (int i = 0; i < THREADS; i++) {
		snprintf(names[i], sizeof(names[i]), "db%d", i);
		assert_int_equal(
		    pthread_create(&threads[i], NULL, ask_often, names[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], &wrong), 0);
		assert_null(wrong);
	}
	assert_int_equal(questions(), THREADS * TIMES);
	stop_serving();
	plugin()->deinit();
}

static unsigned int
descriptors(void)
{
	DIR *all = opendir("/proc/self/fd");
	unsigned int n = 0;

	assert_non_null(all);
	while (readdir(all) != NULL)
		n++;
	closedir(all);
	return n;
}

/* What a guest of a process must leave as it was. */
static void
nothing_of_the_process_changes(void **state)
{
	struct sigaction before[32], after;
	sigset_t mask_before, mask_after;
	unsigned int n;
	mode_t mask;

	(void)state;
	for (int i = 1; i < 32; i++)
		sigaction(i, NULL, &before[i]);
	sigprocmask(SIG_SETMASK, NULL, &mask_before);
	umask(mask = umask(0));
	n = descriptors();
	ready("next = \"lockd\"\n");
	expect_refusal("No such file");
	serve(HANGS, "");
	expect_refusal("in time");
	stop_serving();
	plugin()->deinit();
	assert_int_equal(descriptors(), n);
	assert_int_equal(umask(mask), mask);
	sigprocmask(SIG_SETMASK, NULL, &mask_after);
	for (int i = 1; i < 32; i++) {
		sigaction(i, NULL, &after);
		assert_ptr_equal(before[i].sa_sigaction, after.sa_sigaction);
		assert_int_equal(sigismember(&mask_before, i),
		                 sigismember(&mask_after, i));
	}
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    CASE(a_permit_lets_go),
	    CASE(a_wild_name_is_no_part_of_it),
	    CASE(a_plain_name_is_in_the_remedy),
	    CASE(whatever_is_no_proof_refuses),
	    CASE(nobody_there_refuses),
	    CASE(one_who_takes_no_more_refuses),
	    CASE(a_stranger_at_the_socket_refuses),
	    CASE(no_descriptor_left_refuses),
	    CASE(only_a_migration_is_asked_about),
	    CASE(many_ask_at_once),
	    CASE(nothing_of_the_process_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
