/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a TPM is found to be, over a software TPM that stays as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "source/tpm_health.h"
#include "test_swtpm.h"

static struct test_swtpm tpm;

static int
setup(void **state)
{
	(void)state;
	if (!test_swtpm_new(&tpm))
		return -1;
	test_swtpm_start(&tpm);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	test_swtpm_free(&tpm);
	return 0;
}

static void
it_says_what_it_is(void **state)
{
	struct tpm_health h;
	struct err err = {0};

	(void)state;
	assert_true(tpm_look(tpm.tcti, &h, &err));
	assert_true(h.started);
	assert_string_equal(h.maker, "IBM");
	assert_string_equal(h.model, "SW");
	assert_true(h.revision >= 138 && h.revision < 1000);
	assert_int_not_equal(h.firmware[0], 0);
	assert_true(h.sha256);
	assert_false(h.in_lockout);
	assert_int_equal(h.failures, 0);
	assert_true(h.failures_max > 0);
	assert_true(h.forgets_s > 0);
}

static void
looking_changes_nothing(void **state)
{
	struct tpm_health before, after;
	struct err err = {0};

	(void)state;
	assert_true(tpm_look(tpm.tcti, &before, &err));
	assert_true(tpm_look(tpm.tcti, &after, &err));
	assert_int_equal(before.resets, after.resets);
	assert_int_equal(before.restarts, after.restarts);
	assert_true(after.clock_ms >= before.clock_ms);
	test_swtpm_stop(&tpm);
	test_swtpm_start(&tpm);
	assert_true(tpm_look(tpm.tcti, &after, &err));
	assert_int_equal(before.resets + 1, after.resets); /* the start's */
}

static void
one_that_is_not_there_is_unavailable(void **state)
{
	struct tpm_health h;
	struct err err = {0};

	(void)state;
	assert_false(tpm_look("swtpm:path=/nowhere/sock", &h, &err));
	assert_int_equal(err.code, ERR_UNAVAILABLE);
	assert_false(h.started);
	assert_false(tpm_look("no-such-tcti:", &h, &err));
	assert_int_equal(err.code, ERR_UNAVAILABLE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_says_what_it_is),
	    cmocka_unit_test(looking_changes_nothing),
	    cmocka_unit_test(one_that_is_not_there_is_unavailable),
	};
	struct test_swtpm there;

	if (!test_swtpm_new(&there))
		return 77;
	test_swtpm_free(&there);
	return cmocka_run_group_tests(tests, setup, teardown);
}
