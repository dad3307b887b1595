/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is offered for a word that is being typed, by a table of commands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "complete.h"

#include <cmocka.h>

enum { WORDS = 8, OUT = 2000 };

/* Made for the test: each shape that a usage has. */
const struct command commands[] = {
    {"enroll", "HOST [--label L] [--json]", TAKES(LABEL) | TAKES(JSON), 1, 1,
     NULL},
    {"enroll", "--from FILE|- [--dry-run]", TAKES(FROM) | TAKES(DRY), 0, 0,
     NULL},
    {"golden list", "[HOST|GROUP] [--json]", TAKES(JSON), 0, 1, NULL},
    {"golden add", "HOST [--with ID] [--label L]", TAKES(WITH) | TAKES(LABEL),
     1, 1, NULL},
    {"verify", "HOST|URI [--max-age SECONDS] [--json | --format ear]",
     TAKES(MAX_AGE) | TAKES(JSON) | TAKES(FORMAT), 1, 1, NULL},
    {"check", "{DOMAIN DEST_URI | --xml FILE DEST_URI} [--force CHECK[,...]]",
     PASSES_ALL, 0, 0, NULL},
    {"audit show", "[--json]", TAKES(JSON), 0, 0, NULL},
    {"audit", "[show|verify]", TAKES(JSON), 0, 0, NULL},
    {"pki", "make|ca DIR ... | migration HOST FOLDER ...", PASSES_ALL, 0, 0,
     NULL},
};
const size_t commands_n = LENGTH_OF(commands);

const struct command *
command_of(char **words, int n, int *used)
{
	char two[64];

	for (*used = n > 1 ? 2 : 1; *used > 0; (*used)--) {
		snprintf(two, sizeof(two), *used == 2 ? "%s %s" : "%s",
		         words[0], n > 1 ? words[1] : "");
		for (size_t i = 0; i < commands_n; i++)
			if (strcmp(commands[i].name, two) == 0)
				return &commands[i];
	}
	return NULL;
}

const char *
move_option_at(const char *command, size_t i, bool *argument)
{
	static const char *const names[] = {"xml", "force", "live", NULL};

	assert_string_equal(command, "check");
	*argument = i < 2;
	return names[i];
}

static void
add(void *arg, const char *word)
{
	char *out = arg;
	size_t len = strlen(out);

	snprintf(out + len, OUT - len, "%s ", word);
}

/* Typed so far: words with a space between two; what is offered, likewise. */
static void
offers(const char *line, const char *want, unsigned kinds)
{
	char typed[200], out[OUT] = "", *words[WORDS], *rest = typed, *word;
	struct completion c = {.offer = add, .arg = out};
	size_t n = 0;

	snprintf(typed, sizeof(typed), "%s", line);
	while ((word = strsep(&rest, " ")) != NULL) {
		assert_in_range(n, 0, WORDS - 1);
		words[n++] = word;
	}
	complete(&c, words, n);
	assert_string_equal(out, want);
	assert_int_equal(c.kinds, kinds);
}

static void
commands_by_their_words(void **state)
{
	(void)state;
	offers("", "enroll golden verify check audit pki help ", 0);
	offers("g", "golden ", 0);
	offers("golden ", "list add ", 0);
	offers("golden a", "add ", 0);
	offers("golden x", "", 0);
	offers("nonsense ", "", 0);
	offers("help v", "verify ", 0);
	offers("audit ", "show show verify ", 0);
	offers("-", "-S --help --version ", 0);
}

static void
options_that_a_command_takes(void **state)
{
	(void)state;
	offers("verify --", "--json --max-age --format --help ", 0);
	offers("verify host-a --m", "--max-age ", 0);
	offers("enroll --", "--label --json --from --dry-run --help ", 0);
	offers("golden add --w", "--with ", 0);
	offers("check --", "--xml --force --live --help ", 0);
	offers("pki --c", "--csr --ca-days --crl-days ", 0);
}

static void
values_of_options(void **state)
{
	(void)state;
	offers("verify --format ", "ear ", 0);
	offers("verify --format=", "ear ", 0);
	offers("verify --format x", "", 0);
	offers("verify --max-age ", "", 0);
	offers("enroll --from ", "", COMPLETE_FILES);
	offers("enroll --from=x", "", COMPLETE_FILES);
	offers("enroll --label ", "", 0);
	offers("golden add --with ", "", COMPLETE_GOLDENS);
	offers("check --force ", "", COMPLETE_CHECKS);
	/* A flag takes none, and a word that looks like it is one. */
	offers("verify --json ", "", COMPLETE_HOSTS);
	offers("verify --json=", "", 0);
}

static void
words_by_kind(void **state)
{
	(void)state;
	offers("verify ", "", COMPLETE_HOSTS);
	offers("golden list ", "", COMPLETE_HOSTS);
	offers("check ", "", COMPLETE_DOMAINS | COMPLETE_URIS);
	offers("pki ", "make ca migration ", COMPLETE_FILES | COMPLETE_HOSTS);
	offers("-S ", "", COMPLETE_FILES);
	offers("-S x verify ", "", COMPLETE_HOSTS);
	offers("-S x v", "verify ", 0);
}

static void
knows_where_to_ask(void **state)
{
	char socket[] = "-S", x[] = "x", check[] = "check", connect[] = "-c",
	     uri[] = "test:///x", nothing[] = "";
	char *words[] = {socket, x, check, connect, uri, nothing};
	char out[OUT] = "";
	struct completion c = {.offer = add, .arg = out};

	(void)state;
	complete(&c, words, LENGTH_OF(words));
	assert_string_equal(c.socket, "x");
	assert_string_equal(c.connect, "test:///x");
	complete(&c, NULL, 0);
}

static void
nothing_that_a_shell_would_obey(void **state)
{
	(void)state;
	assert_true(completes_safely("host-1.example.org"));
	assert_true(completes_safely("qemu+tls://[::1]/system") == false);
	assert_false(completes_safely(""));
	assert_false(completes_safely("a b"));
	assert_false(completes_safely("$(reboot)"));
	assert_false(completes_safely("a;b"));
	assert_false(completes_safely("`a`"));
	assert_false(completes_safely("h\xc3\xb6st"));
	assert_false(completes_safely("a\033"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(commands_by_their_words),
	    cmocka_unit_test(options_that_a_command_takes),
	    cmocka_unit_test(values_of_options),
	    cmocka_unit_test(words_by_kind),
	    cmocka_unit_test(knows_where_to_ask),
	    cmocka_unit_test(nothing_that_a_shell_would_obey),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
