/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the journal gets, at a socket that the test plays; and that nobody ever
 * waits for it. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "sys/journal.h"
#include "sys/log.h"

static char folder[] = "/tmp/virt-attest-test-XXXXXX";
static char path[64];

/* log_entry() knows one path; where the journal is here, the test says. */
bool __real_journal_send(const char *, const struct journal_field *, size_t);
bool __wrap_journal_send(const char *, const struct journal_field *, size_t);

bool
__wrap_journal_send(const char *at, const struct journal_field *fields,
                    size_t n)
{
	return __real_journal_send(strcmp(at, JOURNAL_SOCKET) == 0 ? path : at,
	                           fields, n);
}

static int
journal(void)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	memcpy(at.sun_path, path, strlen(path));
	(void)unlink(path);
	assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

static size_t
heard(int fd, char *out, size_t size)
{
	ssize_t n = recv(fd, out, size, MSG_DONTWAIT);

	return n < 0 ? 0 : (size_t)n;
}

static void
an_entry_has_its_form(void **state)
{
	const struct journal_field fields[] = {
	    {"MESSAGE", "a=b is said"},  {"NONE", NULL},    {"EMPTY", ""},
	    {"LINES", "one\nMESSAGE=2"}, {"PRIORITY", "4"},
	};
	static const char want[] = "MESSAGE=a=b is said\n"
				   "LINES\n\x0d\0\0\0\0\0\0\0one\nMESSAGE=2\n"
				   "PRIORITY=4\n";
	char got[256];
	int fd = journal();

	(void)state;
	assert_true(journal_send(path, fields, LENGTH_OF(fields)));
	assert_int_equal(heard(fd, got, sizeof(got)), sizeof(want) - 1);
	assert_memory_equal(got, want, sizeof(want) - 1);
	close(fd);
}

static void
nobody_listens(void **state)
{
	const struct journal_field one = {"MESSAGE", "x"};
	char longer[300];

	(void)state;
	(void)unlink(path);
	assert_false(journal_send(path, &one, 1));
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_false(journal_send(longer, &one, 1));
}

/* A journal that hangs: its queue is full at some time, and that is all. */
static void
a_full_journal_is_not_waited_for(void **state)
{
	const struct journal_field one = {"MESSAGE", "x"};
	int fd = journal(), sent = 0;

	(void)state;
	while (sent < 100000 && journal_send(path, &one, 1))
		sent++;
	assert_in_range(sent, 1, 99999);
	close(fd);
}

static void
what_is_too_long_is_not_sent(void **state)
{
	static char text[JOURNAL_ENTRY_MAX];
	struct journal_field one = {"MESSAGE", text};
	char got[16];
	int fd = journal();

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	assert_false(journal_send(path, &one, 1));
	assert_int_equal(heard(fd, got, sizeof(got)), 0);
	text[sizeof(text) - 16] = '\0';
	assert_true(journal_send(path, &one, 1));
	close(fd);
}

/* Standard error, as a service manager or a shell gives it. */
static int
stderr_to(const char *to, char named[64])
{
	struct stat at;
	int fd = open(to, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int before = dup(STDERR_FILENO);

	assert_true(fd >= 0 && before >= 0);
	assert_int_equal(fstat(fd, &at), 0);
	assert_int_equal(dup2(fd, STDERR_FILENO), STDERR_FILENO);
	close(fd);
	snprintf(named, 64, "%ju:%ju", (uintmax_t)at.st_dev,
	         (uintmax_t)at.st_ino);
	return before;
}

static const struct log_entry entry = {.level = LOG_LEVEL_WARNING,
                                       .id = "00112233445566778899aabbccddeeff",
                                       .message = "in words"};

/* One or the other, never both and never neither. */
static void
told(int fd, const char *file, const char *in_journal, const char *in_line)
{
	char got[512] = "", line[512] = "";
	FILE *said;

	log_entry(&entry, "host=%s", "host-a");
	(void)heard(fd, got, sizeof(got) - 1);
	fflush(stderr);
	said = fopen(file, "re");
	assert_non_null(said);
	(void)!fgets(line, sizeof(line), said);
	fclose(said);
	assert_int_equal(truncate(file, 0), 0);
	(void)lseek(STDERR_FILENO, 0, SEEK_SET);
	assert_string_equal(got, in_journal);
	assert_string_equal(line, in_line);
}

static void
one_entry_or_one_line(void **state)
{
	static const char whole[] =
	    "MESSAGE=in words\nMESSAGE_ID=00112233445566778899aabbccddeeff\n"
	    "PRIORITY=4\nSYSLOG_IDENTIFIER=me\nHOST=host-a\n";
	char file[80], named[64];
	int fd = journal(), before;

	(void)state;
	snprintf(file, sizeof(file), "%s/stderr", folder);
	before = stderr_to(file, named);
	assert_int_equal(setenv("JOURNAL_STREAM", named, 1), 0);
	log_open("me", true, LOG_LEVEL_NOTICE);
	told(fd, file, whole, "");
	/* Its journal is gone for a moment. */
	close(fd);
	(void)unlink(path);
	told(-1, file, "", "<4>host=host-a\n");
	fd = journal();
	told(fd, file, whole, "");
	/* Inherited by one whose standard error is another. */
	assert_int_equal(setenv("JOURNAL_STREAM", "1:1", 1), 0);
	log_open("me", true, LOG_LEVEL_NOTICE);
	told(fd, file, "", "<4>host=host-a\n");
	assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
	log_open("me", true, LOG_LEVEL_NOTICE);
	told(fd, file, "", "me: warning: host=host-a\n");
	/* In the background, and not said at all. */
	log_open("me", false, LOG_LEVEL_NOTICE);
	told(fd, file, whole, "");
	log_open("me", false, LOG_LEVEL_ERROR);
	told(fd, file, "", "");
	assert_int_equal(dup2(before, STDERR_FILENO), STDERR_FILENO);
	close(before);
	close(fd);
	(void)unlink(file);
}

static int
set_up(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/socket", folder);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_entry_has_its_form),
	    cmocka_unit_test(nobody_listens),
	    cmocka_unit_test(a_full_journal_is_not_waited_for),
	    cmocka_unit_test(what_is_too_long_is_not_sent),
	    cmocka_unit_test(one_entry_or_one_line),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
