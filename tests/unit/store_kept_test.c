/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hosts one by one, and the evidence that is kept of each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "store/kept.h"
#include "store_help.h"

static void
hosts_one_by_one_with_their_evidence(void **state)
{
	static const char *const names[] = {"host-b", "Host-a", "c.x"};
	struct verdict v = {.state = VERDICT_UNTRUSTED, .host = "host-b"};
	const struct basis basis = {span_str("{}"), span_str("log")};
	AUTO(buf_done) struct buf record = {0}, log = {0};
	struct store *store = store_here();
	struct attester host = {.name = ""};
	struct err err = {0};
	bool found = true;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(names); i++) {
		host = sample_host(names[i], (uint8_t)i);
		add_host(store, &host);
	}
	host.name[0] = '\0';
	assert_true(store_verdict_add(store, &v, &basis, "t", &err));
	/* It was not there when it was asked last. */
	v.state = VERDICT_UNREACHABLE;
	assert_true(
	    store_verdict_add(store, &v, &(struct basis){0}, "t", &err));
	while (found) {
		assert_true(
		    store_host_after(store, host.name, &host, &found, &err));
		/* In name's order, each once. */
		if (found)
			assert_string_equal(host.name, names[2 - n++]);
	}
	assert_int_equal(n, 3);
	assert_true(store_evidence_last(store, "host-a", &record, &log, &err));
	assert_int_equal(record.len + log.len, 0);
	assert_true(store_evidence_last(store, "host-b", &record, &log, &err));
	assert_true(span_eq(buf_span(&record), span_str("{}")));
	assert_true(span_eq(buf_span(&log), span_str("log")));
	store_close(store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		hosts_one_by_one_with_their_evidence, store_set_up,
		store_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
