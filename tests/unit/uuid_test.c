/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A domain's UUID: one shape, in two cases, and nothing beside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/span.h"
#include "base/uuid.h"

#define LOWER "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
#define MIXED "6BA7B810-9DAD-11d1-80B4-00C04FD430C8"

static const char *const none[] = {
    "",
    "db1",
    "6ba7b810-9dad-11d1-80b4-00c04fd430c",
    "6ba7b810-9dad-11d1-80b4-00c04fd430c8a",
    "6ba7b810-9dad-11d1-80b4-00c04fd430cg",
    "6ba7b810-9dad-11d1-80b4-00c04fd430c/",
    "6ba7b8109-dad-11d1-80b4-00c04fd430c8",
    "6ba7b810-9dad-11d1-80b4 00c04fd430c8",
    "6ba7b810-9dad-11d1-80b4-00c04fd430c8\n",
};

static void
what_is_no_uuid_is_none(void **state)
{
	char out[UUID_SIZE] = "before";

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(none); i++) {
		assert_false(uuid_is_lower(none[i]));
		assert_false(uuid_read(none[i], out));
		assert_string_equal(out, "");
	}
}

static void
it_is_read_in_either_case(void **state)
{
	char out[UUID_SIZE];

	(void)state;
	assert_true(uuid_read(MIXED, out));
	assert_string_equal(out, LOWER);
	assert_true(uuid_read(LOWER, out));
	assert_string_equal(out, LOWER);
	assert_true(uuid_is_lower(LOWER));
	assert_false(uuid_is_lower(MIXED));
}

static void
its_bytes_are_written_in_order(void **state)
{
	const uint8_t bytes[UUID_BYTES] = {0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad,
	                                   0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0,
	                                   0x4f, 0xd4, 0x30, 0xc8};
	char out[UUID_SIZE];

	(void)state;
	uuid_format(bytes, out);
	assert_string_equal(out, LOWER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_no_uuid_is_none),
	    cmocka_unit_test(it_is_read_in_either_case),
	    cmocka_unit_test(its_bytes_are_written_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
