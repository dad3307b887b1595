/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A report at a terminal keeps to its columns, and loses no word by it; in a
 * pipe it has a line for each sentence. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* cmocka has a fail() of its own, as a macro. */
#include "move_private.h"
#include "screen.h"

#include <cmocka.h>

enum { OUT_SIZE = 4000 }; /* less than a terminal or a pipe holds back */

#define LONG_TEXT                                                              \
	"the golden value of host-b is PCR values only: which kernel, "        \
	"libvirt "                                                             \
	"and QEMU run there is not judged"
#define CAUSE                                                                  \
	"the destination's libvirt cannot be asked (no connection to libvirt " \
	"at qemu+tls://host-b/system)"

static struct finding findings[] = {
    {.id = "software",
     .result = {.outcome = OUTCOME_WARN,
                .more = 2,
                .text = LONG_TEXT,
                .source = "some words of the source that take much room",
                .remedy = "run 'virt-attest golden add host-b --from-log', "
                          "with --ima-policy where IMA measures"}},
    {.id = "jobs", .result = {.outcome = OUTCOME_NOT_RUN, .text = CAUSE}},
    {.id = "machine",
     .severity = SEVERITY_BLOCK,
     .result = {.outcome = OUTCOME_NOT_RUN, .text = CAUSE}},
    {.id = "dry-run",
     .severity = SEVERITY_BLOCK,
     .result = {.outcome = OUTCOME_NOT_RUN, .text = CAUSE}},
    {.id = "cpu", .result = {.outcome = OUTCOME_PASS, .text = "all of it"}},
};
static const struct assessment told = {
    .report = {.n = LENGTH_OF(findings), .findings = findings},
};
static char out[OUT_SIZE];

/* What `print` says on standard output, or error, when that is `writer`. */
static void catch (int fd, int writer, int reader, void (*print)(void))
{
	int before = dup(fd);
	ssize_t n;

	assert_true(before >= 0 && fflush(NULL) == 0 && dup2(writer, fd) == fd);
	print();
	assert_int_equal(fflush(NULL), 0);
	assert_int_equal(dup2(before, fd), fd);
	close(before);
	assert_int_equal(fcntl(reader, F_SETFL, O_NONBLOCK), 0);
	memset(out, 0, sizeof(out));
	for (size_t at = 0;
	     (n = read(reader, out + at, OUT_SIZE - 1 - at)) > 0;)
		at += (size_t)n;
}

static void
in_pipe(int fd, void (*print)(void))
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	catch (fd, ends[1], ends[0], print);
	close(ends[0]);
	close(ends[1]);
}

static void
at_terminal(unsigned short columns, void (*print)(void))
{
	struct winsize size = {.ws_row = 24, .ws_col = columns};
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;

	assert_true(master >= 0 && grantpt(master) == 0 &&
	            unlockpt(master) == 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	assert_true(slave >= 0);
	assert_int_equal(ioctl(slave, TIOCSWINSZ, &size), 0);
	catch (STDOUT_FILENO, slave, master, print);
	close(slave);
	close(master);
}

static void
print_told(void)
{
	print_report(&told, true);
}

static void
print_row(void)
{
	print_reason(CAUSE);
}

static void
print_told_blocks(void)
{
	print_blocks("db1", &told.report);
}

static size_t
longest_line(void)
{
	size_t longest = 0, len;

	for (const char *line = out; *line != '\0'; line += len) {
		len = strcspn(line, "\r\n");
		if (len > longest)
			longest = len;
		len += strspn(line + len, "\r\n");
	}
	return longest;
}

/* The words of `out`, a space between two. */
static void
unwrap(void)
{
	size_t to = 0;

	for (const char *c = out; *c != '\0'; c++)
		if (strchr(" \r\n", *c) == NULL)
			out[to++] = *c;
		else if (to != 0 && out[to - 1] != ' ')
			out[to++] = ' ';
	out[to] = '\0';
}

static void
wraps_at_a_terminal(void **state)
{
	static const unsigned short widths[] = {60, 80, 81, 132};
	char whole[OUT_SIZE];

	(void)state;
	in_pipe(STDOUT_FILENO, print_told);
	assert_non_null(strstr(out, LONG_TEXT " (and 2 more)\n"));
	unwrap();
	memcpy(whole, out, sizeof(whole));
	for (size_t i = 0; i < LENGTH_OF(widths); i++) {
		at_terminal(widths[i], print_told);
		assert_in_range(longest_line(), 40, widths[i]);
		assert_non_null(strstr(out, "\n                           "));
		unwrap();
		assert_string_equal(out, whole);
	}
}

static void
leaves_alone_what_has_no_room(void **state)
{
	(void)state;
	at_terminal(30, print_told);
	assert_non_null(strstr(out, LONG_TEXT " (and 2 more)\r\n"));
}

static void
takes_the_environment_first(void **state)
{
	(void)state;
	assert_int_equal(setenv("COLUMNS", "70", 1), 0);
	at_terminal(200, print_told);
	assert_in_range(longest_line(), 60, 70);
	in_pipe(STDOUT_FILENO, print_told);
	assert_true(longest_line() > 100);
	assert_int_equal(setenv("COLUMNS", "many", 1), 0);
	at_terminal(90, print_told);
	assert_in_range(longest_line(), 71, 90);
	assert_int_equal(unsetenv("COLUMNS"), 0);
}

static void
a_reason_has_room(void **state)
{
	(void)state;
	in_pipe(STDOUT_FILENO, print_row);
	assert_string_equal(out, "  " CAUSE "\n");
	at_terminal(80, print_row);
	assert_int_equal(strncmp(out, "\r\n    the destination's", 23), 0);
	assert_in_range(longest_line(), 60, 80);
}

/* What was not run and keeps the domain here comes first, marked, and a cause
 * is told once for all of one weight. */
static void
says_what_keeps_it_here(void **state)
{
	(void)state;
	in_pipe(STDOUT_FILENO, print_told);
	unwrap();
	assert_int_equal(strncmp(out,
	                         "NOT RUN machine " CAUSE " also: dry-run "
	                         "not run jobs " CAUSE " WARN software",
	                         strlen("NOT RUN machine " CAUSE
	                                " also: dry-run not run jobs " CAUSE
	                                " WARN software")),
	                 0);
	in_pipe(STDERR_FILENO, print_told_blocks);
	assert_string_equal(out, "virt-attest: db1: machine (also dry-run) "
	                         "could not be checked: " CAUSE "\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(wraps_at_a_terminal),
	    cmocka_unit_test(leaves_alone_what_has_no_room),
	    cmocka_unit_test(takes_the_environment_first),
	    cmocka_unit_test(a_reason_has_room),
	    cmocka_unit_test(says_what_keeps_it_here),
	};

	unsetenv("COLUMNS");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
