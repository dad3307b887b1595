/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a service manager gives us is taken, and told in its own words. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "life/life.h"
#include "sys/service.h"

static char folder[64];

/* The other end of NOTIFY_SOCKET. */
static int
open_ear(void)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s/notify", folder);
	(void)unlink(at.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", at.sun_path, 1), 0);
	return fd;
}

/* What was told next, or "". */
static const char *
heard(int fd)
{
	static char said[1024];
	ssize_t n = recv(fd, said, sizeof(said) - 1, MSG_DONTWAIT);

	said[n > 0 ? n : 0] = '\0';
	return said;
}

struct daemon {
	struct loop *loop;
	struct life *life;
	int ear;
	const char *status, *refuse;
	unsigned stopped, reloaded;
};

static void
on_stop(void *arg)
{
	struct daemon *d = arg;

	d->stopped++;
	loop_quit(d->loop);
}

static bool
on_reload(void *arg, struct err *why)
{
	struct daemon *d = arg;

	d->reloaded++;
	loop_quit(d->loop);
	return d->refuse == NULL || err_set(why, ERR_CONFIG, "%s", d->refuse);
}

static void
on_status(void *arg, char *out, size_t size)
{
	const struct daemon *d = arg;

	snprintf(out, size, "%s", d->status);
}

static void
start(struct daemon *d)
{
	const struct life_calls calls = {on_stop, on_reload, on_status, d};

	d->ear = open_ear();
	d->loop = loop_new();
	d->life = life_new(d->loop, &calls);
}

static void
end(struct daemon *d)
{
	life_free(d->life);
	loop_free(d->loop);
	close(d->ear);
}

static uint64_t
monotonic_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void
a_reload_is_told_from_its_beginning_to_its_end(void **state)
{
	struct daemon d = {.status = "2 hosts"};
	uint64_t before = monotonic_us(), at;
	const char *said;

	(void)state;
	start(&d);
	assert_string_equal(heard(d.ear), "");
	life_ready(d.life);
	life_ready(d.life);
	assert_string_equal(heard(d.ear), "READY=1\nSTATUS=2 hosts");
	assert_string_equal(heard(d.ear), "");
	assert_int_equal(raise(SIGHUP), 0);
	loop_run(d.loop);
	assert_int_equal(d.reloaded, 1);
	said = heard(d.ear);
	assert_int_equal(strncmp(said, "RELOADING=1\nMONOTONIC_USEC=", 27), 0);
	at = strtoull(said + 27, NULL, 10);
	assert_true(at >= before && at <= monotonic_us());
	assert_string_equal(heard(d.ear), "READY=1\nSTATUS=2 hosts");
	end(&d);
}

/* Until one is taken. */
static void
a_reload_that_was_refused_stays_in_the_status(void **state)
{
	struct daemon d = {.status = "2 hosts", .refuse = "no such\nkey"};

	(void)state;
	start(&d);
	life_ready(d.life);
	(void)heard(d.ear);
	assert_int_equal(raise(SIGHUP), 0);
	loop_run(d.loop);
	(void)heard(d.ear);
	assert_string_equal(heard(d.ear),
	                    "READY=1\nSTATUS=2 hosts; the last reload was "
	                    "refused: no such?key");
	d.refuse = NULL;
	assert_int_equal(raise(SIGHUP), 0);
	loop_run(d.loop);
	(void)heard(d.ear);
	assert_string_equal(heard(d.ear), "READY=1\nSTATUS=2 hosts");
	end(&d);
}

/* A daemon whose TPM has not answered yet is not ready by being reloaded. */
static void
a_reload_makes_nobody_ready(void **state)
{
	struct daemon d = {.status = "starts"};

	(void)state;
	start(&d);
	assert_int_equal(raise(SIGHUP), 0);
	loop_run(d.loop);
	assert_int_equal(d.reloaded, 1);
	assert_string_equal(heard(d.ear), "");
	end(&d);
}

static void
a_reload_that_came_early_is_not_lost(void **state)
{
	struct daemon d = {.status = ""};

	(void)state;
	life_hold();
	assert_int_equal(raise(SIGHUP), 0);
	start(&d);
	loop_run(d.loop);
	assert_int_equal(d.reloaded, 1);
	end(&d);
}

static void
a_status_is_told_when_it_is_news(void **state)
{
	struct daemon d = {.status = "2 hosts"};

	(void)state;
	start(&d);
	life_changed(d.life);
	assert_string_equal(heard(d.ear), "");
	life_ready(d.life);
	(void)heard(d.ear);
	life_changed(d.life);
	assert_string_equal(heard(d.ear), "");
	d.status = "3 hosts";
	life_changed(d.life);
	assert_string_equal(heard(d.ear), "STATUS=3 hosts");
	end(&d);
}

static void
on_end(void *arg)
{
	loop_quit(arg);
}

static unsigned
watchdogs_in(uint64_t ms)
{
	struct daemon d = {.status = ""};
	struct timer *timer;
	unsigned n = 0;
	const char *said;

	start(&d);
	timer = timer_new(d.loop, ms, on_end, d.loop);
	loop_run(d.loop);
	while (*(said = heard(d.ear)) != '\0')
		n += strcmp(said, "WATCHDOG=1") == 0;
	timer_free(timer);
	end(&d);
	return n;
}

static void
the_watchdog_is_fed_in_half_its_time(void **state)
{
	char pid[16];

	(void)state;
	assert_int_equal(setenv("WATCHDOG_USEC", "40000", 1), 0);
	assert_int_equal(service_watchdog_ms(), 20);
	assert_true(watchdogs_in(150) >= 2);
	snprintf(pid, sizeof(pid), "%d", getpid());
	assert_int_equal(setenv("WATCHDOG_PID", pid, 1), 0);
	assert_int_equal(service_watchdog_ms(), 20);
	assert_int_equal(setenv("WATCHDOG_PID", "1", 1), 0);
	assert_int_equal(service_watchdog_ms(), 0);
	assert_int_equal(watchdogs_in(60), 0);
	assert_int_equal(unsetenv("WATCHDOG_PID"), 0);
	assert_int_equal(unsetenv("WATCHDOG_USEC"), 0);
}

static void
a_stop_is_told(void **state)
{
	struct daemon d = {.status = ""};

	(void)state;
	start(&d);
	assert_int_equal(raise(SIGTERM), 0);
	loop_run(d.loop);
	assert_int_equal(d.stopped, 1);
	assert_string_equal(heard(d.ear), "STOPPING=1");
	end(&d);
}

static void
where_nobody_hears_nothing_is_told(void **state)
{
	struct daemon d = {.status = ""};

	(void)state;
	start(&d);
	end(&d);
	assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
	d.loop = loop_new();
	d.life = life_new(
	    d.loop, &(struct life_calls){on_stop, on_reload, on_status, &d});
	life_ready(d.life);
	assert_int_equal(raise(SIGHUP), 0);
	loop_run(d.loop);
	assert_int_equal(d.reloaded, 1);
	life_free(d.life);
	loop_free(d.loop);
}

static const char *
write_key(const char *sub, const char *text)
{
	static char path[200];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, sub);
	(void)mkdir(path, 0700);
	strcat(path, "/tls_key");
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	return path;
}

/* The lint finds keys by their first line. */
#define KEY_TEXT                                                               \
	"-----BEGIN "                                                          \
	"PRIVATE KEY-----\n"

static void
a_key_is_where_it_was_put_last(void **state)
{
	char room[SERVICE_PATH_MAX], folders[200];
	const char *path;

	(void)state;
	(void)unsetenv("RUNTIME_DIRECTORY");
	(void)unsetenv("CREDENTIALS_DIRECTORY");
	assert_string_equal(service_key("/nonexistent/key", room),
	                    "/nonexistent/key");
	/* What stands there for one that is missing is no key. */
	write_key("given", "none");
	snprintf(folders, sizeof(folders), "%s/given", folder);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", folders, 1), 0);
	assert_string_equal(service_key("/nonexistent/key", room),
	                    "/nonexistent/key");
	path = write_key("given", KEY_TEXT);
	assert_string_equal(service_key("/nonexistent/key", room), path);
	/* The first that has one. */
	snprintf(folders, sizeof(folders), "%s/none:%s/renewed", folder,
	         folder);
	assert_int_equal(setenv("RUNTIME_DIRECTORY", folders, 1), 0);
	assert_string_equal(service_key("/nonexistent/key", room), path);
	path = write_key("renewed", KEY_TEXT);
	assert_string_equal(service_key("/nonexistent/key", room), path);
	/* What is named counts when it can be read, or is no file. */
	assert_string_equal(service_key("/dev/null", room), "/dev/null");
	assert_string_equal(service_key("handle:0x81010010", room),
	                    "handle:0x81010010");
}

static void
passed(const char *pid, const char *n)
{
	assert_int_equal(setenv("LISTEN_PID", pid, 1), 0);
	assert_int_equal(setenv("LISTEN_FDS", n, 1), 0);
}

static void
one_socket_is_taken_and_only_by_whom_it_is_for(void **state)
{
	struct err err = {0};
	char pid[16];
	int fd = 0, keep = dup(3);

	(void)state;
	(void)dup2(1, 3);
	assert_true(service_socket(&fd, &err));
	assert_int_equal(fd, -1);
	passed("1", "1");
	assert_true(service_socket(&fd, &err));
	assert_int_equal(fd, -1);
	snprintf(pid, sizeof(pid), "%d", getpid());
	passed(pid, "2");
	assert_false(service_socket(&fd, &err));
	passed(pid, "1");
	assert_true(service_socket(&fd, &err));
	assert_int_equal(fd, 3);
	assert_int_equal(fcntl(3, F_GETFD), FD_CLOEXEC);
	assert_null(getenv("LISTEN_FDS"));
	assert_true(service_socket(&fd, &err));
	assert_int_equal(fd, -1);
	if (keep >= 0)
		(void)dup2(keep, 3);
}

static int
set_up(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/virt-attest.XXXXXX");
	return mkdtemp(folder) == NULL;
}

static int
tear_down(void **state)
{
	static const char *const all[] = {"given/tls_key", "renewed/tls_key",
	                                  "given",         "renewed",
	                                  "notify",        ""};
	char path[200];

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, all[i]);
		(void)remove(path);
	}
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_reload_is_told_from_its_beginning_to_its_end),
	    cmocka_unit_test(a_reload_that_was_refused_stays_in_the_status),
	    cmocka_unit_test(a_reload_makes_nobody_ready),
	    cmocka_unit_test(a_reload_that_came_early_is_not_lost),
	    cmocka_unit_test(a_status_is_told_when_it_is_news),
	    cmocka_unit_test(the_watchdog_is_fed_in_half_its_time),
	    cmocka_unit_test(a_stop_is_told),
	    cmocka_unit_test(where_nobody_hears_nothing_is_told),
	    cmocka_unit_test(a_key_is_where_it_was_put_last),
	    cmocka_unit_test(one_socket_is_taken_and_only_by_whom_it_is_for),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
