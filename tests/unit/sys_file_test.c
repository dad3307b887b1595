/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A file is read whole or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys/sys.h"

/* A file of zeroes that is gone again: its descriptor's name. */
static int
make_file(off_t size, char path[64])
{
	FILE *file = tmpfile();
	int fd;

	assert_non_null(file);
	fd = dup(fileno(file));
	fclose(file);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	snprintf(path, 64, "/proc/self/fd/%d", fd);
	return fd;
}

static void
a_file_is_read_whole_or_not(void **state)
{
	static const struct {
		size_t size, max, room;
		bool ok;
	} all[] = {
	    {0, 0, 0, true},
	    {1, 0, 0, false},
	    {10000, 10000, 0, true},
	    {10001, 10000, 0, false},
	    {10000, 10000, 10000, true},
	    /* What has no room in the buffer is not left out. */
	    {10000, 10000, 9999, false},
	    {20 * 1024 * 1024 + 1, 30 * 1024 * 1024, 0, true},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(all); i++) {
		AUTO(buf_done) struct buf out = {.max = all[i].room};
		struct err err = {0};
		char path[64];
		int fd = make_file((off_t)all[i].size, path);

		if (sys_read_file(path, all[i].max, &out, &err) != all[i].ok)
			fail_msg("%zu: '%s'", i, err.text);
		assert_int_equal(err.code, all[i].ok ? ERR_NONE : ERR_IO);
		if (all[i].ok)
			assert_int_equal(out.len, all[i].size);
		close(fd);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_file_is_read_whole_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
