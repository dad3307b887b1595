/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A verdict is signed as it stands at this moment: what it rests on must be
 * there still. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "result.h"
#include "store_help.h"
#include "sys/sys.h"

static const struct result_wanted wanted = {.ear = true,
                                            .destination = "host-a"};

/* A store with host-a and a golden value that is good until `until_s`. */
static uint64_t
fill(struct verifierd *v, uint64_t until_s)
{
	const struct attester host = sample_host("host-a", 1);
	struct golden golden = sample_golden("host-a", 7);

	*v = (struct verifierd){.store = store_here(),
	                        .config = {.max_age_s = 60}};
	add_host(v->store, &host);
	golden.valid_until_s = until_s;
	return add_golden(v->store, &golden);
}

static struct verdict
trusted(uint64_t golden)
{
	return (struct verdict){.state = VERDICT_TRUSTED,
	                        .host = "host-a",
	                        .golden = golden,
	                        .time_s = sys_unix_s(),
	                        .appraised = true};
}

static enum err_code
try_to_sign(struct verifierd *v, const struct verdict *verdict)
{
	AUTO(buf_done) struct buf jwt = {0};
	struct err err = {0};

	if (!result_sign(v, &wanted, verdict, "uid=0", &jwt, &err))
		assert_int_not_equal(err.code, ERR_NONE);
	return err.code;
}

static void
what_stands_is_signed(void **state)
{
	struct verifierd v;
	const struct verdict verdict = trusted(fill(&v, 0));

	(void)state;
	assert_int_equal(try_to_sign(&v, &verdict), ERR_NONE);
	store_close(v.store);
}

static void
a_revoked_golden_value_signs_nothing(void **state)
{
	struct verifierd v;
	const struct verdict verdict = trusted(fill(&v, 0));
	struct err err = {0};

	(void)state;
	assert_true(store_golden_set(v.store, verdict.golden, GOLDEN_REVOKED,
	                             "uid=0", &err));
	assert_int_equal(try_to_sign(&v, &verdict), ERR_CONFLICT);
	store_close(v.store);
}

static void
nor_one_that_ended_or_never_was(void **state)
{
	struct verifierd v;
	struct verdict verdict = trusted(fill(&v, 2000));

	(void)state;
	assert_int_equal(try_to_sign(&v, &verdict), ERR_CONFLICT);
	verdict.golden = 999;
	assert_int_equal(try_to_sign(&v, &verdict), ERR_CONFLICT);
	store_close(v.store);
}

static void
a_forgotten_host_signs_nothing(void **state)
{
	struct verifierd v;
	struct verdict verdict = trusted(fill(&v, 0));
	struct err err = {0};

	(void)state;
	assert_true(store_host_forget(v.store, "host-a", "uid=0", &err));
	assert_int_equal(try_to_sign(&v, &verdict), ERR_CONFLICT);
	/* That it is not there is no secret. */
	verdict_set(&verdict, "host-a", VERDICT_UNKNOWN, REASON_NO_HOST, NULL);
	assert_int_equal(try_to_sign(&v, &verdict), ERR_NONE);
	store_close(v.store);
}

/* Nothing without a key, and no second key for one that cannot be read. */
static void
a_damaged_key_signs_nothing(void **state)
{
	struct verifierd v;
	const struct verdict verdict = trusted(fill(&v, 0));
	struct signing_public key;
	struct err err = {0};

	(void)state;
	assert_int_equal(try_to_sign(&v, &verdict), ERR_NONE);
	store_close(v.store);
	store_tamper("UPDATE signing_keys SET private = zeroblob(32)");
	v.store = store_here();
	assert_int_equal(try_to_sign(&v, &verdict), ERR_IO);
	assert_false(result_key(&v, "uid=0", &key, &err));
	assert_int_equal(err.code, ERR_IO);
	store_close(v.store);
	assert_int_equal(store_count("SELECT count(*) FROM audit WHERE"
	                             " event = 'key-make'"),
	                 1);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, store_set_up, store_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_stands_is_signed),
	    TEST(a_revoked_golden_value_signs_nothing),
	    TEST(nor_one_that_ended_or_never_was),
	    TEST(a_forgotten_host_signs_nothing),
	    TEST(a_damaged_key_signs_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
