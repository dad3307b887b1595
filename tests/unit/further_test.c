/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checks of others: what they say is told, and what they break blocks. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "further/further.h"
#include "sys/child.h"
#include "sys/sys.h"

enum { FILE_MAX = 16 * 1024 * 1024, REMOVE_MS = 60000 };

/* Where root alone can write, with both folders. */
static char base[] = "/run/virt-attest-test-XXXXXX";
/* Where others can, too. */
static char shared[] = "/tmp/virt-attest-test-XXXXXX";

static const char *
in(const char *folder, const char *name)
{
	static char path[4][512];
	static size_t at;

	at = (at + 1) % LENGTH_OF(path);
	snprintf(path[at], sizeof(path[at]), "%s/%s", folder, name);
	return path[at];
}

static void
write_file(const char *path, struct span text, mode_t mode)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_true(write(fd, text.at, text.len) == (ssize_t)text.len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void
copy_object(const char *object, const char *to)
{
	AUTO(buf_done) struct buf bytes = {0};
	char name[64];

	snprintf(name, sizeof(name), "%s.so", object);
	assert_true(
	    sys_read_file(in(OBJECTS_DIR, name), FILE_MAX, &bytes, NULL));
	write_file(to, buf_span(&bytes), 0644);
}

static void
write_script(const char *path, const char *script)
{
	char text[2048];

	snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", script);
	write_file(path, span_str(text), 0755);
}

static struct report *
run_in(const char *objects, const char *executables)
{
	AUTO(json_auto) struct json *facts = json_new_object();
	struct report *report = mem_new(1, sizeof(*report));

	json_put_u64(facts, "version", 1);
	further_run(objects, executables, facts, report);
	return report;
}

static struct report *
run(void)
{
	return run_in(in(base, "objects"), in(base, "checks.d"));
}

static void
report_auto(struct report **report)
{
	if (*report != NULL)
		report_done(*report);
	free(*report);
}

static int
make_folders(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(shared));
	if (geteuid() != 0)
		return 0;
	assert_non_null(mkdtemp(base));
	assert_int_equal(chmod(base, 0755), 0);
	assert_int_equal(mkdir(in(base, "objects"), 0755), 0);
	assert_int_equal(mkdir(in(base, "checks.d"), 0755), 0);
	return 0;
}

static int
remove_folders(void **state)
{
	const char *const argv[] = {"rm", "-rf", base, shared, NULL};
	const struct child_asked asked = {
	    .path = "/bin/rm", .argv = argv, .timeout_ms = REMOVE_MS};
	struct child_told told;

	(void)state;
	assert_true(child_run(&asked, &told, NULL));
	buf_done(&told.out);
	return told.status;
}

struct expected {
	const char *id;
	enum outcome outcome;
	enum severity severity;
	const char *text; /* a part of it */
};

static void
is_as(const char *what, const struct finding *f, const struct expected *e)
{
	if (strcmp(f->id, e->id) != 0 || f->result.outcome != e->outcome ||
	    f->severity != e->severity || f->compares[0] == '\0' ||
	    strstr(f->result.text, e->text) == NULL)
		fail_msg("%s: id '%s', %s, severity %d, '%s'", what, f->id,
		         outcome_name(f->result.outcome), (int)f->severity,
		         f->result.text);
}

static void
objects_are_heard(void **state)
{
	static const struct {
		const char *object;
		struct expected is;
	} all[] = {
#define BLOCKS(name, id, text) {name, {id, OUTCOME_BLOCK, SEVERITY_BLOCK, text}}
	    {"passes",
	     {"passes", OUTCOME_PASS, SEVERITY_BLOCK, "the facts are there"}},
	    BLOCKS("blocks", "blocks", "no \xc3\xa9"),
	    {"not_run",
	     {"not-run", OUTCOME_NOT_RUN, SEVERITY_WARN, "cannot tell"}},
	    {"overflows", {"overflows", OUTCOME_WARN, SEVERITY_BLOCK, "xxxx"}},
	    {"says_control",
	     {"says-control", OUTCOME_WARN, SEVERITY_BLOCK, "a?[31m?"}},
	    BLOCKS("crashes", "crashes",
	           "/objects/crashes.so: it crashed (signal 11): about to "
	           "fall"),
	    BLOCKS("is_silent", "is-silent", "its 'text' says nothing"),
	    BLOCKS("leaves", "leaves", "it printed no answer"),
	    BLOCKS("says_nine", "says-nine", "its outcome 9 is unknown"),
	    BLOCKS("version", "version", "it is of version 2"),
	    BLOCKS("no_id", "no-id", "is not set"),
	    BLOCKS("no_run", "no-run", "is not set"),
	    BLOCKS("bad_id", "bad-id", "its id is not of letters"),
	    BLOCKS("weighs_pass", "weighs-pass", "neither warn nor block"),
	};

	(void)state;
	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i < LENGTH_OF(all); i++) {
		AUTO(report_auto) struct report *report = NULL;
		char name[64];
		const char *at;

		snprintf(name, sizeof(name), "objects/%s.so", all[i].object);
		at = in(base, name);
		copy_object(all[i].object, at);
		report = run();
		assert_int_equal(unlink(at), 0);
		assert_int_equal(report->n, 1);
		is_as(all[i].object, &report->findings[0], &all[i].is);
	}
}

static void
an_objects_values_are_told(void **state)
{
	AUTO(report_auto) struct report *report = NULL;
	const char *at = in(base, "objects/blocks.so");
	const struct finding *f;

	(void)state;
	if (geteuid() != 0)
		skip();
	copy_object("blocks", at);
	report = run();
	assert_int_equal(unlink(at), 0);
	f = &report->findings[0];
	assert_string_equal(f->compares, "what a test looks at");
	assert_string_equal(f->result.source, "here");
	assert_string_equal(f->result.destination, "there");
	assert_string_equal(f->result.remedy, "go");
}

static void
what_hangs_is_ended(void **state)
{
	static const struct expected is = {
	    "hangs", OUTCOME_BLOCK, SEVERITY_BLOCK, "/objects/hangs.so: "};
	AUTO(report_auto) struct report *report = NULL;
	const char *at = in(base, "objects/hangs.so");
	uint64_t start = sys_boot_ms();

	(void)state;
	if (geteuid() != 0)
		skip();
	copy_object("hangs", at);
	report = run();
	assert_int_equal(unlink(at), 0);
	is_as("hangs", &report->findings[0], &is);
	assert_non_null(
	    strstr(report->findings[0].result.text, "did not end within"));
	assert_in_range(sys_boot_ms() - start, FURTHER_MS, 6 * FURTHER_MS);
}

static const struct {
	const char *name, *script;
	struct expected is;
} answers[] = {
    {"10-ok_it.sh",
     "grep -q '\"version\":1' && echo '{\"outcome\":\"pass\","
     "\"text\":\"fine\"}'",
     {"10-ok-it", OUTCOME_PASS, SEVERITY_BLOCK, "fine"}},
    {"named",
     "echo '{\"id\":\"other\",\"severity\":\"warn\",\"outcome\":"
     "\"not-run\",\"text\":\"no\",\"compares\":\"it\"}'",
     {"other", OUTCOME_NOT_RUN, SEVERITY_WARN, "no"}},
#define SAYS(name, answer, id, text)                                           \
	{                                                                      \
		name, "echo '" answer "'",                                     \
		{                                                              \
			id, OUTCOME_BLOCK, SEVERITY_BLOCK, text                \
		}                                                              \
	}
#define DOES(name, script, text)                                               \
	{                                                                      \
		name, script,                                                  \
		{                                                              \
			name, OUTCOME_BLOCK, SEVERITY_BLOCK, text              \
		}                                                              \
	}
    SAYS("blocks.py", "{\"outcome\":\"block\",\"text\":\"no\"}", "blocks",
         "no"),
    SAYS("great", "{\"outcome\":\"great\",\"text\":\"x\"}", "great",
         "'outcome' is none of pass"),
    SAYS("no-outcome", "{\"text\":\"x\"}", "no-outcome",
         "'outcome' is none of pass"),
    SAYS("no-text", "{\"outcome\":\"pass\"}", "no-text", "'text'"),
    SAYS("empty-text", "{\"outcome\":\"pass\",\"text\":\"\"}", "empty-text",
         "says nothing"),
    SAYS("bad-severity",
         "{\"outcome\":\"pass\",\"text\":\"x\",\"severity\":\"no\"}",
         "bad-severity", "neither warn nor block"),
    SAYS("bad-id", "{\"outcome\":\"pass\",\"text\":\"x\",\"id\":\"a b\"}",
         "bad-id", "letters, digits"),
    SAYS("empty-id", "{\"outcome\":\"pass\",\"text\":\"x\",\"id\":\"\"}",
         "empty-id", "letters, digits"),
    SAYS("garbage", "fine", "garbage", "JSON"),
    SAYS("twice",
         "{\"outcome\":\"pass\",\"text\":\"x\"} {\"outcome\":\"pass\","
         "\"text\":\"x\"}",
         "twice", "JSON"),
    DOES("silent", "exit 0", "it printed no answer"),
    DOES("spaces", "echo; echo", "it printed no answer"),
    DOES("fails",
         "echo '{\"outcome\":\"pass\",\"text\":\"x\"}'; echo because "
         ">&2; exit 3",
         "it ended with status 3: because"),
    DOES("dies", "echo '{\"outcome\":\"pass\",\"text\":\"x\"}'; kill -9 $$",
         "it crashed (signal 9)"),
    DOES("floods", "while :; do echo many words; done", "said more than"),
};

static void
executables_are_heard(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i < LENGTH_OF(answers); i++) {
		AUTO(report_auto) struct report *report = NULL;
		char name[64];
		const char *at;

		snprintf(name, sizeof(name), "checks.d/%s", answers[i].name);
		at = in(base, name);
		write_script(at, answers[i].script);
		report = run();
		assert_int_equal(unlink(at), 0);
		assert_int_equal(report->n, 1);
		is_as(answers[i].name, &report->findings[0], &answers[i].is);
		if (answers[i].is.outcome == OUTCOME_BLOCK && i > 2)
			assert_non_null(
			    strstr(report->findings[0].result.text, at));
	}
}

static void
a_missing_interpreter_blocks(void **state)
{
	static const struct expected is = {
	    "script", OUTCOME_BLOCK, SEVERITY_BLOCK, "could not be started"};
	AUTO(report_auto) struct report *report = NULL;
	const char *at = in(base, "checks.d/script");

	(void)state;
	if (geteuid() != 0)
		skip();
	write_file(at, span_str("#!/nonexistent/shell\n"), 0755);
	report = run();
	assert_int_equal(unlink(at), 0);
	is_as("script", &report->findings[0], &is);
}

#define FINE "echo '{\"outcome\":\"pass\",\"text\":\"fine\"}'"

/* Both folders, by name; what is none of ours is told. */
static void
the_order_is_that_of_the_names(void **state)
{
	static const struct expected all[] = {
	    {"README", OUTCOME_WARN, SEVERITY_BLOCK, "ends in .so"},
	    {"passes", OUTCOME_PASS, SEVERITY_BLOCK, "the facts"},
	    {"a", OUTCOME_PASS, SEVERITY_BLOCK, "fine"},
	    {"b", OUTCOME_WARN, SEVERITY_BLOCK, "no executable file"},
	    {"c", OUTCOME_WARN, SEVERITY_BLOCK, "no executable file"},
	    {"d", OUTCOME_PASS, SEVERITY_BLOCK, "fine"},
	};
	static const char *const names[] = {
	    "objects/README",  "objects/passes.so", "objects/.hidden.so",
	    "checks.d/d",      "checks.d/a",        "checks.d/b.sh",
	    "checks.d/.hidden"};
	AUTO(report_auto) struct report *report = NULL;

	(void)state;
	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i < LENGTH_OF(names); i++)
		write_script(in(base, names[i]), FINE);
	copy_object("passes", in(base, "objects/passes.so"));
	assert_int_equal(chmod(in(base, "checks.d/b.sh"), 0644), 0);
	assert_int_equal(mkdir(in(base, "checks.d/c"), 0755), 0);
	report = run();
	for (size_t i = 0; i < LENGTH_OF(names); i++)
		assert_int_equal(unlink(in(base, names[i])), 0);
	assert_int_equal(rmdir(in(base, "checks.d/c")), 0);
	assert_int_equal(report->n, LENGTH_OF(all));
	for (size_t i = 0; i < LENGTH_OF(all); i++)
		is_as(all[i].id, &report->findings[i], &all[i]);
}

/* Neither a built-in check's nor another's. */
static void
an_id_has_one_owner(void **state)
{
	static const struct expected passed = {"same", OUTCOME_PASS,
	                                       SEVERITY_BLOCK, "fine"};
	const struct migration_check *first = check_next(NULL);
	AUTO(report_auto) struct report *report = NULL;
	struct expected refused = {"b", OUTCOME_BLOCK, SEVERITY_BLOCK,
	                           "its id 'same' is another check's"};
	char claim[256];

	(void)state;
	if (geteuid() != 0)
		skip();
	write_script(in(base, "checks.d/a"),
	             "echo '{\"id\":\"same\",\"outcome\":\"pass\",\"text\":"
	             "\"fine\"}'");
	write_script(in(base, "checks.d/b"),
	             "echo '{\"id\":\"same\",\"outcome\":\"pass\",\"text\":"
	             "\"fine\"}'");
	snprintf(claim, sizeof(claim),
	         "echo '{\"id\":\"%s\",\"outcome\":\"pass\",\"text\":"
	         "\"fine\"}'",
	         first != NULL ? first->id : "same");
	write_script(in(base, "checks.d/c"), claim);
	/* By its file's name alone, too. */
	write_script(in(base, "checks.d/same.sh"), FINE);
	report = run();
	for (const char *name = "abc"; *name != '\0'; name++) {
		char path[] = "checks.d/x";

		path[9] = *name;
		assert_int_equal(unlink(in(base, path)), 0);
	}
	assert_int_equal(unlink(in(base, "checks.d/same.sh")), 0);
	assert_int_equal(report->n, 4);
	is_as("a", &report->findings[0], &passed);
	is_as("b", &report->findings[1], &refused);
	refused.id = "c";
	refused.text = "is another check's";
	is_as("c", &report->findings[2], &refused);
	refused.id = "further-same-1";
	is_as("same.sh", &report->findings[3], &refused);
}

static void
what_others_can_write_is_not_run(void **state)
{
	static const struct expected is = {"good", OUTCOME_BLOCK,
	                                   SEVERITY_BLOCK, "/tmp"};
	AUTO(report_auto) struct report *report = NULL;

	(void)state;
	/* Whoever asks, root or not. */
	write_script(in(shared, "good"), "touch ran; " FINE);
	report = run_in(in(shared, "nothing"), shared);
	assert_int_equal(report->n, 1);
	is_as("good", &report->findings[0], &is);
}

static void
too_many_run_none(void **state)
{
	AUTO(report_auto) struct report *some = NULL;
	AUTO(report_auto) struct report *more = NULL;
	char name[64];

	(void)state;
	if (geteuid() != 0)
		skip();
	for (int i = 0; i < FURTHER_MAX; i++) {
		snprintf(name, sizeof(name), "checks.d/n%03d", i);
		write_script(in(base, name), FINE);
	}
	some = run();
	write_script(in(base, "checks.d/one-more"), FINE);
	more = run();
	for (int i = 0; i < FURTHER_MAX; i++) {
		snprintf(name, sizeof(name), "checks.d/n%03d", i);
		assert_int_equal(unlink(in(base, name)), 0);
	}
	assert_int_equal(unlink(in(base, "checks.d/one-more")), 0);
	assert_int_equal(some->n, FURTHER_MAX);
	assert_string_equal(some->findings[63].id, "n063");
	assert_int_equal(some->findings[63].result.outcome, OUTCOME_PASS);
	assert_int_equal(more->n, 1);
	assert_int_equal(more->findings[0].result.outcome, OUTCOME_BLOCK);
	assert_non_null(
	    strstr(more->findings[0].result.text, "more than 64 files"));
}

static void
no_folder_is_no_check(void **state)
{
	AUTO(report_auto)
	struct report *report = run_in("/nonexistent/a", "/nonexistent/b");
	AUTO(report_auto)
	struct report *file = run_in("/nonexistent/a", "/etc/passwd");

	(void)state;
	assert_int_equal(report->n, 0);
	assert_int_equal(file->n, 1);
	assert_int_equal(file->findings[0].result.outcome, OUTCOME_BLOCK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(objects_are_heard),
	    cmocka_unit_test(an_objects_values_are_told),
	    cmocka_unit_test(what_hangs_is_ended),
	    cmocka_unit_test(executables_are_heard),
	    cmocka_unit_test(a_missing_interpreter_blocks),
	    cmocka_unit_test(the_order_is_that_of_the_names),
	    cmocka_unit_test(an_id_has_one_owner),
	    cmocka_unit_test(what_others_can_write_is_not_run),
	    cmocka_unit_test(too_many_run_none),
	    cmocka_unit_test(no_folder_is_no_check),
	};

	return cmocka_run_group_tests(tests, make_folders, remove_folders);
}
