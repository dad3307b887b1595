/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* This host's facts without an agent: the test stands beside the program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/utsname.h>

#include <cmocka.h>

#include "hostfacts/here.h"

static void
the_program_beside_us_answers(void **state)
{
	struct local_path_asked paths[] = {{"/", false}, {"/none", true}};
	const struct local_asking asking = {.n_paths = 2, .paths = paths};
	AUTO(arena_done) struct arena arena = {0};
	struct local_facts facts;
	struct utsname names;
	struct err err = {0};

	(void)state;
	if (!local_facts_here(&asking, &arena, &facts, &err))
		fail_msg("%s", err.text);
	assert_int_equal(uname(&names), 0);
	assert_null(facts.missing);
	assert_string_equal(facts.kernel, names.release);
	assert_int_equal(facts.n_paths, 2);
	assert_string_equal(facts.paths[0].kind, "directory");
	assert_false(facts.paths[1].exists);
	assert_true(facts.took_ms < LOCAL_FACTS_MS);
}

static void
a_program_is_beside_us_or_where_it_is_installed(void **state)
{
	char path[CHILD_PATH_SIZE], name[CHILD_PATH_SIZE];

	(void)state;
	assert_string_equal(child_beside("no-such", "/opt/no-such", path),
	                    "/opt/no-such");
	(void)child_beside("virt-attest-facts", "/opt/facts", path);
	assert_string_not_equal(path, "/opt/facts");
	assert_string_equal(strrchr(path, '/'), "/virt-attest-facts");
	/* It does not fit. */
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_string_equal(child_beside(name, "/opt/n", path), "/opt/n");
}

/* Nothing is filled in for what was not said. */
static void
refused(const char *program, const char *asking, const char *says)
{
	AUTO(arena_done) struct arena arena = {0};
	struct local_facts facts = {.cpus = 7};
	struct err err = {0};

	assert_false(
	    here_ask(program, span_str(asking), 3000, &arena, &facts, &err));
	if (strstr(err.text, says) == NULL)
		fail_msg("%s: %s", program, err.text);
	assert_int_equal(facts.cpus, 0);
}

static void
what_goes_wrong_is_told(void **state)
{
	static const char half[] =
	    "{\"time_ms\":1,\"took_ms\":1,\"load_milli\":1,\"cpus\":4,"
	    "\"maintenance\":7}";
	char program[CHILD_PATH_SIZE];

	(void)state;
	assert_true(here_program(program)[0] == '/');
	refused("/no/such/program", "{}", "/no/such/program");
	refused("/bin/true", "{}", "answers nonsense");
	refused("/bin/cat", "{}", "answers nonsense: 'time_ms' is missing");
	refused("/bin/cat", half, "answers nonsense: 'maint");
	refused("/bin/false", "{}", "failed: it says nothing");
	refused(program, "{", "failed: virt-attest-facts: JSON");
	refused(program, "", "failed: virt-attest-facts: JSON");
	refused(program, "{\"links\":[\"/\"]}", "network device");
}

static void
a_question_that_is_too_long_is_not_asked(void **state)
{
	static struct local_path_asked paths[LOCAL_PATHS_MAX];
	const struct local_asking asking = {.n_paths = LOCAL_PATHS_MAX,
	                                    .paths = paths};
	static char path[LOCAL_PATH_SIZE];
	AUTO(arena_done) struct arena arena = {0};
	struct local_facts facts;
	struct err err = {0};

	(void)state;
	memset(path, '"', sizeof(path) - 1); /* two bytes each */
	path[0] = '/';
	for (size_t i = 0; i < LOCAL_PATHS_MAX; i++)
		paths[i].path = path;
	assert_false(local_facts_here(&asking, &arena, &facts, &err));
	assert_int_equal(err.code, ERR_LIMIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_program_beside_us_answers),
	    cmocka_unit_test(a_program_is_beside_us_or_where_it_is_installed),
	    cmocka_unit_test(what_goes_wrong_is_told),
	    cmocka_unit_test(a_question_that_is_too_long_is_not_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
