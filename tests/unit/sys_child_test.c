/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Another program is run, heard and ended; what root may run is told apart. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "sys/child.h"
#include "sys/sys.h"

enum { LONG_MS = 60000, SHORT_MS = 300 };

static bool
run_sh(const char *script, struct span in, size_t max, uint64_t ms,
       struct child_told *told, struct err *err)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	const struct child_asked asked = {.path = "/bin/sh",
	                                  .argv = argv,
	                                  .in = in,
	                                  .max = max,
	                                  .timeout_ms = ms};

	return child_run(&asked, told, err);
}

static void
told_done(struct child_told *told)
{
	buf_done(&told->out);
}

static bool
said_is(const struct child_told *told, const char *text)
{
	return span_eq(buf_span(&told->out), span_str(text));
}

static void
ends_are_told(void **state)
{
	static const struct {
		const char *script, *out, *said;
		int status, signal;
	} all[] = {
	    {"echo yes", "yes\n", "", 0, 0},
	    {"exit 7", "", "", 7, 0},
	    {"kill -SEGV $$", "", "", -1, SIGSEGV},
	    {"kill -KILL $$", "", "", -1, SIGKILL},
	    {"echo one >&2; echo two >&2; echo >&2; exit 3", "", "two", 3, 0},
	    {"printf 'a\\033[31mb' >&2", "", "a?[31mb", 0, 0},
	    {"exec >&- 2>&-; exit 5", "", "", 5, 0},
	    {"cat; pwd; echo $LC_ALL ${HOME-none} ${VIRT_ATTEST_X-none}",
	     "in/\nC none none\n", "", 0, 0},
	    /* The last line of more than a pipe holds. */
	    {"dd if=/dev/zero bs=1024 count=200 2>/dev/null | tr '\\0' '\\n' "
	     ">&2; echo end >&2",
	     "", "end", 0, 0},
	};

	(void)state;
	assert_int_equal(setenv("VIRT_ATTEST_X", "there", 1), 0);
	for (size_t i = 0; i < LENGTH_OF(all); i++) {
		AUTO(told_done) struct child_told told = {.status = 0};
		struct err err = {0};

		if (!run_sh(all[i].script, span_str("in"), 100, LONG_MS, &told,
		            &err) ||
		    !said_is(&told, all[i].out) ||
		    strcmp(told.said, all[i].said) != 0 ||
		    told.status != all[i].status ||
		    told.signal != all[i].signal)
			fail_msg("%s: '%s', said '%s', status %d, signal %d",
			         all[i].script, err.text, told.said,
			         told.status, told.signal);
	}
}

static void
input_is_whole_and_waits_for_nobody(void **state)
{
	static uint8_t much[1024 * 1024];
	struct child_told told;
	struct err err = {0};

	(void)state;
	memset(much, 'x', sizeof(much));
	assert_true(run_sh("cat", span_of(much, sizeof(much)), sizeof(much),
	                   LONG_MS, &told, &err));
	assert_true(span_eq(buf_span(&told.out), span_of(much, sizeof(much))));
	buf_done(&told.out);
	assert_true(run_sh("echo unread", span_of(much, sizeof(much)), 100,
	                   LONG_MS, &told, &err));
	assert_true(said_is(&told, "unread\n"));
	buf_done(&told.out);
	/* By its name, as some open it. */
	assert_true(run_sh("cat /dev/stdin", span_str("text"), 100, LONG_MS,
	                   &told, &err));
	assert_true(said_is(&told, "text"));
	buf_done(&told.out);
}

/* Whether the process whose number is in `out` is over, or is soon. */
static bool
is_over(const struct buf *out)
{
	char text[32];
	struct pollfd at = {.events = POLLIN};
	int n;

	assert_true(out->len > 1 && out->len < sizeof(text));
	memcpy(text, out->at, out->len);
	text[out->len - 1] = '\0';
	at.fd = pidfd_open((pid_t)strtol(text, NULL, 10), 0);
	if (at.fd < 0)
		return errno == ESRCH;
	n = poll(&at, 1, 10000);
	close(at.fd);
	return n == 1;
}

static void
a_deadline_ends_the_whole_group(void **state)
{
	static const char *const scripts[] = {
	    "trap '' TERM INT HUP; sleep 1000 & echo $!; wait; wait",
	    "exec 2>&-; sleep 1000 & echo $!; exec >&-; wait",
	    "echo $$; while :; do echo never ends >&2; done",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(scripts); i++) {
		AUTO(told_done) struct child_told told = {.status = 0};
		struct err err = {0};
		uint64_t start = sys_boot_ms();

		assert_false(run_sh(scripts[i], span_str(""), 100, SHORT_MS,
		                    &told, &err));
		assert_int_equal(err.code, ERR_TIMEOUT);
		assert_non_null(strstr(err.text, "/bin/sh"));
		assert_true(sys_boot_ms() - start >= SHORT_MS);
		assert_true(is_over(&told.out));
	}
}

/* It holds our end of the pipe open, and is killed with its parent's group. */
static void
what_is_left_behind_is_killed(void **state)
{
	AUTO(told_done) struct child_told told = {.status = 0};
	struct err err = {0};

	(void)state;
	assert_true(run_sh("sleep 1000 & echo $!", span_str(""), 100, LONG_MS,
	                   &told, &err));
	assert_int_equal(told.status, 0);
	assert_true(is_over(&told.out));
}

static void
too_much_is_refused(void **state)
{
	struct child_told told;
	struct err err = {0};

	(void)state;
	assert_true(
	    run_sh("printf 12345", span_str(""), 5, LONG_MS, &told, &err));
	buf_done(&told.out);
	assert_false(
	    run_sh("printf 123456", span_str(""), 5, LONG_MS, &told, &err));
	assert_int_equal(err.code, ERR_LIMIT);
	buf_done(&told.out);
	err = (struct err){0};
	assert_false(run_sh("while :; do echo yes; done", span_str(""), 100000,
	                    LONG_MS, &told, &err));
	assert_int_equal(err.code, ERR_LIMIT);
	buf_done(&told.out);
}

static void
a_missing_program_is_told(void **state)
{
	const char *const argv[] = {"x", NULL};
	static const char *const paths[] = {"/nonexistent/program",
	                                    "/etc/passwd", "/etc"};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(paths); i++) {
		const struct child_asked asked = {
		    .path = paths[i], .argv = argv, .timeout_ms = LONG_MS};
		struct child_told told;
		struct err err = {0};

		assert_false(child_run(&asked, &told, &err));
		assert_int_equal(err.code, ERR_IO);
		assert_non_null(strstr(err.text, paths[i]));
		buf_done(&told.out);
	}
}

static const char look_at_fds[] =
    "for n in 0 1 2; do [ -e /proc/$$/fd/$n ] || echo no $n; done; n=3; "
    "while [ $n -lt 100 ]; do [ ! -e /proc/$$/fd/$n ] || echo $n; "
    "n=$((n + 1)); done";

static void
it_has_three_descriptors_and_no_signals(void **state)
{
	AUTO(told_done) struct child_told told = {.status = 0};
	struct child_told more;
	sigset_t blocked, before;
	struct err err = {0};

	(void)state;
	for (int fd = 20; fd < 60; fd++)
		assert_true(dup2(STDERR_FILENO, fd) == fd);
	assert_true(
	    run_sh(look_at_fds, span_str(""), 1000, LONG_MS, &told, &err));
	for (int fd = 20; fd < 60; fd++)
		close(fd);
	assert_true(said_is(&told, ""));

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &blocked, &before);
	signal(SIGPIPE, SIG_IGN);
	/* The C library keeps 32 and 33 for itself. */
	assert_true(run_sh("grep -E '^Sig(Blk|Ign)' /proc/self/status | "
	                   "grep -vE '(0{16}|0{7}180{7})$'",
	                   span_str(""), 1000, LONG_MS, &more, &err));
	signal(SIGPIPE, SIG_DFL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	assert_true(said_is(&more, ""));
	buf_done(&more.out);
}

/* A caller that has closed its own three: none of them is taken for a pipe. */
static void
closed_descriptors_do_not_get_in_the_way(void **state)
{
	int kept[3];
	struct child_told told;
	struct err err = {0};
	bool ok;

	(void)state;
	for (int fd = 0; fd < 3; fd++) {
		kept[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 70);
		close(fd);
	}
	ok = run_sh("cat; echo told >&2", span_str("text"), 100, LONG_MS, &told,
	            &err);
	for (int fd = 0; fd < 3; fd++) {
		dup2(kept[fd], fd);
		close(kept[fd]);
	}
	assert_true(ok);
	assert_true(said_is(&told, "text"));
	assert_string_equal(told.said, "told");
	buf_done(&told.out);
}

/* An end that nobody tells is no success. */
static void
ignored_ends_are_no_ends(void **state)
{
	static const struct sigaction ways[] = {
	    {.sa_handler = SIG_IGN},
	    {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT},
	};
	const struct sigaction before = {.sa_handler = SIG_DFL};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(ways); i++) {
		struct child_told told;
		struct err err = {0};
		bool ok;

		assert_int_equal(sigaction(SIGCHLD, &ways[i], NULL), 0);
		ok = run_sh("exit 0", span_str(""), 0, LONG_MS, &told, &err);
		assert_int_equal(sigaction(SIGCHLD, &before, NULL), 0);
		assert_false(ok);
		assert_int_equal(err.code, ERR_INTERNAL);
		buf_done(&told.out);
	}
}

static void *
run_many(void *arg)
{
	bool *ok = arg;

	*ok = true;
	for (int i = 0; i < 20; i++) {
		AUTO(told_done) struct child_told told = {.status = 0};
		struct err err = {0};

		*ok = run_sh("cat; exit 9", span_str("text"), 100, LONG_MS,
		             &told, &err) &&
		      told.status == 9 && said_is(&told, "text") && *ok;
	}
	return NULL;
}

static void
threads_do_not_take_each_others_children(void **state)
{
	pthread_t threads[4];
	bool ok[4];

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, run_many, &ok[i]), 0);
	for (size_t i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_true(ok[i]);
	}
}

/* Where root alone can write, on every machine. */
static char base[] = "/run/virt-attest-test-XXXXXX";

static const char *
in_base(const char *name)
{
	static char path[4][256];
	static size_t at;

	at = (at + 1) % LENGTH_OF(path);
	snprintf(path[at], sizeof(path[at]), "%s%s", base, name);
	return path[at];
}

static void
make_file(const char *name, mode_t mode, uid_t owner)
{
	int fd = open(in_base(name), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fchown(fd, owner, 0), 0);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void
make_folder(const char *name, mode_t mode)
{
	assert_int_equal(mkdir(in_base(name), 0700), 0);
	assert_int_equal(chmod(in_base(name), mode), 0);
}

static void
make_link(const char *to, const char *name)
{
	assert_int_equal(symlink(to, in_base(name)), 0);
}

static int
make_files(void **state)
{
	(void)state;
	if (geteuid() != 0)
		return 0;
	assert_non_null(mkdtemp(base));
	make_folder("/good", 0755);
	make_file("/good/file", 0755, 0);
	make_file("/good/world", 0757, 0);
	make_file("/good/group", 0775, 0);
	make_file("/good/theirs", 0755, 12345);
	make_folder("/shared", 0775);
	make_file("/shared/file", 0755, 0);
	make_folder("/sticky", 01777);
	make_folder("/sticky/good", 0755);
	make_file("/sticky/good/file", 0755, 0);
	make_link("../sticky/good/file", "/good/to-sticky");
	make_link("file", "/good/to-file");
	make_link(in_base("/good"), "/sticky/to-good");
	make_link(in_base("/good"), "/to-good");
	make_link("circle", "/good/circle");
	make_link("nothing", "/good/dangling");
	return 0;
}

static int
remove_files(void **state)
{
	const char *const argv[] = {"rm", "-rf", base, NULL};
	const struct child_asked asked = {
	    .path = "/bin/rm", .argv = argv, .timeout_ms = LONG_MS};
	struct child_told told;

	(void)state;
	if (geteuid() != 0)
		return 0;
	assert_true(child_run(&asked, &told, NULL));
	buf_done(&told.out);
	return told.status;
}

static void
what_root_alone_writes_is_trusted(void **state)
{
	static const struct {
		const char *path;
		const char *why; /* NULL: trusted */
	} all[] = {
	    {"/good/file", NULL},
	    {"/good", NULL},
	    {"/good//./file", NULL},
	    {"/shared/../good/file", "/shared can be written"},
	    {"/good/../good/file", NULL},
	    {"/good/to-file", NULL},
	    {"/to-good/file", NULL},
	    {"/good/world", "/good/world can be written by others"},
	    {"/good/group", "mode 0775"},
	    {"/good/theirs", "uid 12345"},
	    {"/shared/file", "/shared can be written"},
	    {"/sticky/good/file", "/sticky can be written"},
	    {"/good/to-sticky", "/sticky can be written"},
	    {"/sticky/to-good/file", "/sticky can be written"},
	    {"/good/circle", "leads in circles"},
	    {"/good/dangling", "/good/nothing: No such file"},
	    {"/nothing", "No such file"},
	    {"/good/file/x", "Not a directory"},
	};

	(void)state;
	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i < LENGTH_OF(all); i++) {
		struct err err = {0};
		bool ok = child_trusted(in_base(all[i].path), &err);

		if (ok != (all[i].why == NULL) ||
		    err.code != (ok ? ERR_NONE : ERR_DENIED) ||
		    (!ok && strstr(err.text, all[i].why) == NULL))
			fail_msg("%s: %d '%s'", all[i].path, ok, err.text);
	}
}

/* Whoever asks: root's own, and nobody else's. */
static void
trust_does_not_depend_on_who_asks(void **state)
{
	struct err err = {0};

	(void)state;
	assert_true(child_trusted("/bin/sh", &err));
	assert_false(child_trusted("/tmp", &err));
	assert_int_equal(err.code, ERR_DENIED);
	assert_false(child_trusted("bin/sh", &err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ends_are_told),
	    cmocka_unit_test(input_is_whole_and_waits_for_nobody),
	    cmocka_unit_test(a_deadline_ends_the_whole_group),
	    cmocka_unit_test(what_is_left_behind_is_killed),
	    cmocka_unit_test(too_much_is_refused),
	    cmocka_unit_test(a_missing_program_is_told),
	    cmocka_unit_test(it_has_three_descriptors_and_no_signals),
	    cmocka_unit_test(closed_descriptors_do_not_get_in_the_way),
	    cmocka_unit_test(ignored_ends_are_no_ends),
	    cmocka_unit_test(threads_do_not_take_each_others_children),
	    cmocka_unit_test(what_root_alone_writes_is_trusted),
	    cmocka_unit_test(trust_does_not_depend_on_who_asks),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
