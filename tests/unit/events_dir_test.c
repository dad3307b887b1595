/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A site's executables: in order, one after another, and nobody waits. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "events_dir.h"
#include "sys/log.h"

/* Not below /tmp: what others may write to is not run. */
static char base[] = "/run/virt-attest-test-XXXXXX";
static char folder[64], fifo[64];
static FILE *said; /* by scripts, line by line */
static FILE *logged;
static int standard_error;

static void
script(const char *name, const char *body, mode_t mode)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "we");
	assert_non_null(f);
	fprintf(f, "#!/bin/sh\nexec >%s\n%s\n", fifo, body);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static struct standing
now(const char *host, enum verdict_state state, enum verdict_state was)
{
	struct standing s = {.state = state, .was = was, .changed = true};

	snprintf(s.host, sizeof(s.host), "%s", host);
	return s;
}

static void
tell(struct events_dir *d, const char *host)
{
	const struct standing s = now(host, VERDICT_UNTRUSTED, VERDICT_TRUSTED);

	events_dir_tell(d, &s);
}

static struct events_dir *
opened(void)
{
	struct err err = {0};
	struct events_dir *d = events_dir_new(folder, &err);

	assert_non_null(d);
	return d;
}

static void
line_is(FILE *from, const char *want)
{
	char line[1024] = "";

	assert_non_null(fgets(line, sizeof(line), from));
	if (strstr(line, want) == NULL)
		fail_msg("'%s', not '%s'", line, want);
}

static void
they_run_in_order(void **state)
{
	struct events_dir *d;

	(void)state;
	script("20", "echo 20 $# $1 $2 $3", 0755);
	script("10", "read -r x; echo 10 $x", 0755);
	script("9", "exit 7", 0755);
	script("30", "echo never", 0644);
	script(".40", "echo never", 0755);
	script("50", "echo never", 0775);
	d = opened();
	for (int i = 0; i < 3; i++) {
		char host[16];

		snprintf(host, sizeof(host), "host-%d", i);
		tell(d, host);
		line_is(said, "10 {\"event\":\"VERDICT\",\"data\":{\"host\":");
		snprintf(host, sizeof(host), "host-%d unt", i);
		line_is(said, host);
		line_is(logged, "50 error=");
		line_is(logged, "9 status=7");
	}
	events_dir_free(d);
}

static void
at_the_end_nothing_is_left(void **state)
{
	struct events_dir *d;
	char line[32];
	long pid;

	(void)state;
	script("10", "echo $$; exec sleep 600", 0755);
	d = opened();
	tell(d, "host-a");
	tell(d, "host-b");
	assert_non_null(fgets(line, sizeof(line), said));
	pid = strtol(line, NULL, 10);
	assert_in_range(pid, 2, INT32_MAX);
	events_dir_free(d);
	assert_int_equal(kill((pid_t)pid, 0), -1);
	assert_int_equal(errno, ESRCH);
	line_is(logged, "10 was ended");
	line_is(logged, "1 events were not told");
}

/* A hundred thousand events, and one executable that hangs. */
static void
the_queue_has_an_end(void **state)
{
	struct events_dir *d;
	char line[256];
	unsigned long untold;

	(void)state;
	script("10", "echo x; exec sleep 600", 0755);
	d = opened();
	tell(d, "host-a");
	line_is(said, "x");
	for (int i = 0; i < 100000; i++)
		tell(d, "host-b");
	line_is(logged, "events are lost"); /* once */
	events_dir_free(d);
	line_is(logged, "10 error=");
	assert_non_null(fgets(line, sizeof(line), logged));
	assert_non_null(strstr(line, "verifier ends: "));
	untold = strtoul(strstr(line, "ends: ") + strlen("ends: "), NULL, 10);
	assert_in_range(untold, 1000, EVENTS_DIR_QUEUED_MAX / 500);
}

static void
a_folder_of_others_is_not_run(void **state)
{
	struct events_dir *d;

	(void)state;
	script("10", "echo never", 0755);
	assert_int_equal(chmod(folder, 0777), 0);
	d = opened();
	tell(d, "host-a");
	line_is(logged, "can be written by others");
	events_dir_free(d);
}

static void
no_folder_is_no_fault(void **state)
{
	struct events_dir *d;
	char line[1024];

	(void)state;
	assert_int_equal(rmdir(folder), 0);
	d = opened();
	tell(d, "host-a");
	/* Its turn comes after the first one's. */
	assert_int_equal(mkdir(folder, 0755), 0);
	script("10", "echo $1", 0755);
	tell(d, "host-b");
	line_is(said, "host-");
	events_dir_free(d);
	assert_int_equal(fcntl(fileno(logged), F_SETFL, O_NONBLOCK), 0);
	/* Of the end of what still ran, or waited, and no more. */
	while (fgets(line, sizeof(line), logged) != NULL)
		assert_null(strstr(line, "folder="));
}

static int
begin(void **state)
{
	int ends[2], fd;

	(void)state;
	if (mkdir(folder, 0755) != 0 || mkfifo(fifo, 0600) != 0 ||
	    pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	/* Both ends, so that it never comes to its end. */
	fd = open(fifo, O_RDWR | O_CLOEXEC);
	said = fdopen(fd, "re");
	logged = fdopen(ends[0], "re");
	standard_error = dup(STDERR_FILENO);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	return said != NULL && logged != NULL ? 0 : -1;
}

static int
finish(void **state)
{
	char command[256];

	(void)state;
	dup2(standard_error, STDERR_FILENO);
	close(standard_error);
	fclose(said);
	fclose(logged);
	snprintf(command, sizeof(command), "rm -rf %s %s", folder, fifo);
	return system(command);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	    TEST(they_run_in_order),     TEST(at_the_end_nothing_is_left),
	    TEST(the_queue_has_an_end),  TEST(a_folder_of_others_is_not_run),
	    TEST(no_folder_is_no_fault),
	};
	int failed;

	if (geteuid() != 0)
		return 77;
	umask(022);
	if (mkdtemp(base) == NULL || chmod(base, 0755) != 0)
		return 1;
	snprintf(folder, sizeof(folder), "%s/events.d", base);
	snprintf(fifo, sizeof(fifo), "%s/fifo", base);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)rmdir(base);
	return failed;
}
