/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a report comes to: never a pass for what was not seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "checks/report.h"

static struct finding
finding_of(const char *id, enum severity severity, enum outcome outcome)
{
	struct finding f = {.severity = severity};

	snprintf(f.id, sizeof(f.id), "%s", id);
	f.result.outcome = outcome;
	snprintf(f.result.text, sizeof(f.result.text), "a sentence");
	return f;
}

static void
worst_of_all_counts(void **state)
{
	static const struct {
		enum severity severity;
		enum outcome outcome, worst;
		int status;
	} cases[] = {
	    {SEVERITY_BLOCK, OUTCOME_PASS, OUTCOME_PASS, 0},
	    {SEVERITY_BLOCK, OUTCOME_WARN, OUTCOME_WARN, 0},
	    {SEVERITY_BLOCK, OUTCOME_BLOCK, OUTCOME_BLOCK, 2},
	    {SEVERITY_WARN, OUTCOME_BLOCK, OUTCOME_BLOCK, 2},
	    {SEVERITY_WARN, OUTCOME_NOT_RUN, OUTCOME_WARN, 0},
	    {SEVERITY_BLOCK, OUTCOME_NOT_RUN, OUTCOME_NOT_RUN, 4},
	};
	AUTO(report_done) struct report r = {0};
	struct facts facts = {.trust.missing = "nobody asked"};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		struct finding pass =
		    finding_of("a", SEVERITY_BLOCK, OUTCOME_PASS);
		struct finding f =
		    finding_of("b", cases[i].severity, cases[i].outcome);

		r.n = 0;
		assert_true(report_add(&r, &f));
		assert_true(report_add(&r, &pass));
		assert_int_equal(report_worst(&r), cases[i].worst);
		assert_int_equal(report_exit_status(&r, &facts),
		                 cases[i].status);
	}
}

static void
block_outweighs_not_run(void **state)
{
	AUTO(report_done) struct report r = {0};
	struct finding a = finding_of("a", SEVERITY_BLOCK, OUTCOME_NOT_RUN);
	struct finding b = finding_of("b", SEVERITY_BLOCK, OUTCOME_BLOCK);

	(void)state;
	assert_true(report_add(&r, &b) && report_add(&r, &a));
	assert_int_equal(report_worst(&r), OUTCOME_BLOCK);
}

static void
verdict_gives_the_status(void **state)
{
	AUTO(report_done) struct report r = {0};
	struct facts facts = {.trust.verdict.state = VERDICT_UNREACHABLE};
	struct finding b = finding_of("b", SEVERITY_BLOCK, OUTCOME_BLOCK);

	(void)state;
	assert_true(report_add(&r, &b));
	assert_int_equal(report_exit_status(&r, &facts), 3);
	facts.trust.verdict.state = VERDICT_UNKNOWN;
	assert_int_equal(report_exit_status(&r, &facts), 4);
	facts.trust.verdict.state = VERDICT_UNTRUSTED;
	assert_int_equal(report_exit_status(&r, &facts), 2);
	/* One that is forced stops nothing. */
	r.findings[0].forced = true;
	assert_int_equal(report_exit_status(&r, &facts), 0);
}

/* What is forced is written down, all of it or nothing. */
static void
forced_are_all_told(void **state)
{
	static const struct {
		const char *id;
		enum outcome outcome;
		bool forced;
	} cases[] = {
	    {"well", OUTCOME_PASS, true},     {"machine", OUTCOME_BLOCK, true},
	    {"blocks", OUTCOME_BLOCK, false}, {"cpu", OUTCOME_WARN, true},
	    {"disk", OUTCOME_NOT_RUN, true},
	};
	AUTO(report_done) struct report r = {0};
	struct err err = {0};
	char ids[sizeof("machine,cpu,disk")];

	(void)state;
	assert_true(report_forced(&r, ids, sizeof(ids), &err));
	assert_string_equal(ids, "");
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		struct finding f =
		    finding_of(cases[i].id, SEVERITY_BLOCK, cases[i].outcome);

		f.forced = cases[i].forced;
		assert_true(report_add(&r, &f));
	}
	assert_true(report_forced(&r, ids, sizeof(ids), &err));
	assert_string_equal(ids, "machine,cpu,disk");
	assert_false(report_forced(&r, ids, sizeof(ids) - 1, &err));
	assert_int_equal(err.code, ERR_LIMIT);
}

static void
force_knows_its_limits(void **state)
{
	AUTO(report_done) struct report r = {0};
	struct finding a =
	    finding_of("attestation", SEVERITY_BLOCK, OUTCOME_BLOCK);
	struct finding b = finding_of("machine", SEVERITY_BLOCK, OUTCOME_BLOCK);
	struct err err = {0};

	(void)state;
	a.unforceable = true;
	assert_true(report_add(&r, &a) && report_add(&r, &b));
	assert_true(report_force(&r, "machine", &err));
	assert_int_equal(report_worst(&r), OUTCOME_BLOCK);
	assert_false(report_force(&r, "attestation", &err));
	assert_int_equal(err.code, ERR_DENIED);
	assert_false(report_force(&r, "machin", &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	r.findings[0].result.outcome = OUTCOME_PASS;
	assert_int_equal(report_worst(&r), OUTCOME_PASS);
}

/* A host's words come with what a terminal would obey. */
static void
words_are_made_printable(void **state)
{
	AUTO(report_done) struct report r = {0};
	struct finding a = finding_of("x", SEVERITY_WARN, OUTCOME_WARN);

	(void)state;
	snprintf(a.result.destination, sizeof(a.result.destination),
	         "host\033[2Jb\n");
	assert_true(report_add(&r, &a));
	assert_null(strchr(r.findings[0].result.destination, '\033'));
	assert_null(strchr(r.findings[0].result.destination, '\n'));
	assert_non_null(strstr(r.findings[0].result.destination, "host"));
}

static void
gravest_finding_stands(void **state)
{
	struct result r = {0};

	(void)state;
	assert_true(result_pass(&r, "fine"));
	assert_true(result_warn(&r, "hm"));
	assert_false(result_pass(&r, "fine"));
	assert_true(result_not_run(&r, "not seen"));
	assert_false(result_warn(&r, "hm"));
	assert_int_equal(r.outcome, OUTCOME_NOT_RUN);
	assert_true(result_block(&r, "no: %s", "first"));
	assert_false(result_not_run(&r, "not seen"));
	assert_false(result_block(&r, "no: second"));
	assert_string_equal(r.text, "no: first");
	assert_int_equal(r.more, 1);
	assert_int_equal(r.outcome, OUTCOME_BLOCK);
}

static void
say_nothing(const struct facts *facts, struct result *result)
{
	(void)facts;
	(void)result;
}

static void
say_pass(const struct facts *facts, struct result *result)
{
	(void)facts;
	result_pass(result, "fine");
}

/* Each section that is missing keeps a check from running. */
static void
what_is_missing_is_not_run(void **state)
{
	struct migration_check check = {.id = "x", .run = say_nothing};
	struct facts f = {.domain.missing = "no domain",
	                  .source.missing = "no source",
	                  .destination.missing = "no destination",
	                  .source_local.missing = "no source agent",
	                  .destination_local.missing = "no agent",
	                  .trust.missing = "no verdict"};
	static const char *const why[] = {"no domain",      "no source",
	                                  "no destination", "no source agent",
	                                  "no agent",       "no verdict"};
	struct result r;

	(void)state;
	check_run(&check, &f, &r);
	assert_int_equal(r.outcome, OUTCOME_NOT_RUN);
	assert_true(r.text[0] != '\0');
	check.run = say_pass;
	check_run(&check, &f, &r);
	assert_int_equal(r.outcome, OUTCOME_PASS);
	for (size_t i = 0; i < LENGTH_OF(why); i++) {
		check.needs = 1u << i;
		check_run(&check, &f, &r);
		assert_int_equal(r.outcome, OUTCOME_NOT_RUN);
		assert_string_equal(r.text, why[i]);
	}
}

/* The table: every id once, of letters that --force and scripts can take, and
 * a report has room for all and for those of others. */
static void
table_is_whole(void **state)
{
	const struct migration_check *check = NULL, *other;
	size_t n = 0;

	(void)state;
	while ((check = check_next(check)) != NULL) {
		n++;
		assert_true(check->id[0] != '\0' && check->run != NULL);
		assert_int_equal(
		    strspn(check->id, "abcdefghijklmnopqrstuvwxyz0123456789-"),
		    strlen(check->id));
		assert_true(strlen(check->id) < FINDING_ID_MAX);
		assert_true(strlen(check->compares) < FINDING_COMPARES_MAX);
		assert_ptr_equal(check_of(check->id), check);
		other = check;
		while ((other = check_next(other)) != NULL)
			assert_string_not_equal(check->id, other->id);
	}
	assert_true(n + 64 <= REPORT_FINDINGS_MAX);
}

/* Nothing known: nothing passes that needs a fact, nothing crashes. */
static void
nothing_known_passes_nothing(void **state)
{
	AUTO(report_done) struct report r = {0};
	struct facts f = {.domain.missing = "no domain",
	                  .source.missing = "no source",
	                  .destination.missing = "no destination",
	                  .source_local.missing = "no source agent",
	                  .destination_local.missing = "no agent",
	                  .reach.missing = "nobody looked",
	                  .trust.missing = "no verdict"};

	(void)state;
	report_run(&r, &f);
	for (size_t i = 0; i < r.n; i++)
		assert_int_equal(r.findings[i].result.outcome, OUTCOME_NOT_RUN);
	/* Sections that are there and empty: the same, and nothing crashes. */
	report_done(&r);
	f = (struct facts){0};
	report_run(&r, &f);
	assert_int_equal(report_worst(&r), OUTCOME_BLOCK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(worst_of_all_counts),
	    cmocka_unit_test(block_outweighs_not_run),
	    cmocka_unit_test(verdict_gives_the_status),
	    cmocka_unit_test(forced_are_all_told),
	    cmocka_unit_test(force_knows_its_limits),
	    cmocka_unit_test(words_are_made_printable),
	    cmocka_unit_test(gravest_finding_stands),
	    cmocka_unit_test(what_is_missing_is_not_run),
	    cmocka_unit_test(table_is_whole),
	    cmocka_unit_test(nothing_known_passes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
