/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command line of check and migrate: options that say nothing without
 * another one are refused, as by virsh, and the others are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* cmocka has a fail() of its own, as a macro. */
#include "move_private.h"
#include "screen.h"

/* What the program has beside the reading. */
const struct command commands[] = {{.name = "migrate", .usage = ""}};
const size_t commands_n = LENGTH_OF(commands);
static char said[ERR_TEXT_MAX];

int
fail(const struct err *err)
{
	snprintf(said, sizeof(said), "%s", err->text);
	return STATUS_FAILED;
}

void
print_command_usage(FILE *to, const struct command *command)
{
	(void)to;
	(void)command;
}

#include <cmocka.h>

enum { WORDS_MAX = 16, LINE_SIZE = 512 };

/* `line` has one space between two words; what is read of it points into a copy
 * that the next one takes. */
static bool
is_read(const char *line, enum move_for of, struct move *move)
{
	static char text[LINE_SIZE];
	char *rest = text, name[] = "migrate";
	char *words[WORDS_MAX + 2] = {name};
	struct cli cli = {.command = "migrate", .words = words + 1};
	int status;

	assert_true(strlen(line) < sizeof(text));
	snprintf(text, sizeof(text), "%s", line);
	for (size_t n = 1; rest != NULL; n++) {
		assert_true(n <= WORDS_MAX);
		words[n] = strsep(&rest, " ");
	}
	said[0] = '\0';
	return move_read(move, &cli, of, &status);
}

static bool
is_taken(const char *line, bool migrate)
{
	struct move move;
	bool ok = is_read(line, migrate ? MOVE_MIGRATE : MOVE_CHECK, &move);

	move_done(&move);
	return ok;
}

#define XML SOURCE_DIR "/LICENSE" /* some text */
#define TO  "db1 qemu+tls://host-b/system"

static void
what_would_be_passed_over_is_refused(void **state)
{
	static const struct {
		const char *line, *why;
	} lines[] = {
	    {TO " --timeout 5", "--timeout goes only with --live"},
	    {TO " --live --timeout-suspend",
	     "--timeout-suspend goes only with --timeout"},
	    {TO " --live --timeout 0 --timeout-suspend",
	     "--timeout-suspend goes only with --timeout"},
	    {TO " --live --postcopy --timeout-postcopy",
	     "--timeout-postcopy goes only with --timeout"},
	    {TO " --live --timeout 5 --timeout-postcopy",
	     "--timeout-postcopy goes only with --postcopy"},
	    {TO " --live --postcopy-after-precopy",
	     "--postcopy-after-precopy goes only with --postcopy"},
	    {TO " --live --persistent-xml " XML,
	     "--persistent-xml goes only with --persistent"},
	    {TO " --live --tls-destination host-b",
	     "--tls-destination goes only with --tls"},
	    {TO " --live --postcopy --timeout 5 --timeout-suspend "
	        "--timeout-postcopy",
	     "--timeout-suspend goes not with --timeout-postcopy"},
	    {TO " --live --offline", "--live goes not with --offline"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(lines); i++) {
		if (is_taken(lines[i].line, true))
			fail_msg("%s: taken", lines[i].line);
		if (strstr(said, lines[i].why) == NULL)
			fail_msg("%s: %s", lines[i].line, said);
	}
	assert_false(is_taken(TO " --live --offline", false));
}

static void
a_permit_has_its_own(void **state)
{
	struct move move;

	(void)state;
	assert_true(
	    is_read(TO " --live --seconds 9 --unchecked", MOVE_PERMIT, &move));
	assert_true(move.unchecked);
	assert_int_equal(move.seconds, 9);
	move_done(&move);
	assert_true(is_read(TO " --live --xml " XML, MOVE_PERMIT, &move));
	assert_int_equal(move.seconds, PERMIT_S);
	assert_null(move.xml); /* it is libvirt's, as migrate's is */
	assert_non_null(migration_value(&move.how, "xml"));
	move_done(&move);
	assert_false(is_read(TO " --timeout 5 --live", MOVE_PERMIT, &move));
	assert_string_equal(said,
	                    "--timeout: only 'virt-attest migrate' takes it");
	move_done(&move);
	assert_false(is_read(TO " --all-hosts", MOVE_PERMIT, &move));
	assert_string_equal(said,
	                    "--all-hosts: only 'virt-attest check' takes it");
	move_done(&move);
	assert_false(is_taken(TO " --seconds 5", true));
	assert_string_equal(said,
	                    "--seconds: only 'virt-attest permit' takes it");
}

static void
a_wrong_line_says_what_is_wrong(void **state)
{
	static const struct {
		const char *line, *why;
		bool migrate;
	} lines[] = {
	    {TO " --live --timeout 5",
	     "--timeout: only 'virt-attest migrate' takes it", false},
	    {TO " --live --timeout=5",
	     "--timeout: only 'virt-attest migrate' takes it", false},
	    {TO " --all-hosts",
	     "--all-hosts: only 'virt-attest check' takes it", true},
	    {TO " --nosuch", "--nosuch: no such option, or no value", true},
	    {TO " --bandwidth", "--bandwidth: no such option, or no value",
	     false},
	    {"db1", "a domain and a destination URI are needed", true},
	    {TO " tcp://host-b more", "'more' is a word too many", false},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(lines); i++) {
		if (is_taken(lines[i].line, lines[i].migrate))
			fail_msg("%s: taken", lines[i].line);
		if (strcmp(said, lines[i].why) != 0)
			fail_msg("%s: %s", lines[i].line, said);
	}
}

static void
what_goes_together_is_taken(void **state)
{
	static const char *const lines[] = {
	    TO,
	    TO " --live",
	    TO " --offline --persistent --undefinesource",
	    TO " --live --timeout 5",
	    TO " --live --timeout 5 --timeout-suspend",
	    TO " --live --timeout 5 --postcopy --timeout-postcopy",
	    TO " --live --postcopy",
	    TO " --live --postcopy --postcopy-after-precopy",
	    TO " --live --tls --tls-destination host-b",
	    TO " --live --persistent --persistent-xml " XML,
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(lines); i++)
		if (!is_taken(lines[i], true))
			fail_msg("%s: %s", lines[i], said);
	assert_true(is_taken(TO " --live --tls", false));
}

static void
words_have_their_places(void **state)
{
	struct move move;

	(void)state;
	assert_true(is_read("-c qemu:///system db1 --live qemu+tls://b/system "
	                    "tcp://b --force cpu,tsc --force clock",
	                    MOVE_MIGRATE, &move));
	assert_string_equal(move.connect, "qemu:///system");
	assert_string_equal(move.domain, "db1");
	assert_string_equal(move.destination_uri, "qemu+tls://b/system");
	assert_string_equal(migration_value(&move.how, "migrateuri"),
	                    "tcp://b");
	assert_int_equal(move.n_force, 3);
	assert_string_equal(move.force[1], "tsc");
	assert_int_equal(move.jobs, 2);
	move_done(&move);
	assert_false(is_taken("db1", true));
	assert_false(is_taken(TO " tcp://b host-b", true));
	assert_true(is_taken("--all qemu+tls://b/system", true));
	assert_false(is_taken(TO " --postcopy-resume", true));
	assert_false(is_taken(TO " --jobs 65", true));
	assert_false(is_taken(TO " --timeout 5 --live", false));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_would_be_passed_over_is_refused),
	    cmocka_unit_test(a_permit_has_its_own),
	    cmocka_unit_test(a_wrong_line_says_what_is_wrong),
	    cmocka_unit_test(what_goes_together_is_taken),
	    cmocka_unit_test(words_have_their_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
