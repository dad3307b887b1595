/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reference events as JSON and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bootref_help.h"
#include "proto/codec.h"

static void
must_be_same(const struct bootref *a, const struct bootref *b)
{
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		const struct bootref_event *x = &a->events[i];
		const struct bootref_event *y = &b->events[i];

		assert_int_equal(x->pcr, y->pcr);
		assert_int_equal(x->type, y->type);
		assert_int_equal(x->proved, y->proved);
		assert_string_equal(x->text, y->text);
		assert_int_equal(x->n_digests, y->n_digests);
		for (size_t d = 0; d < x->n_digests; d++) {
			assert_int_equal(x->digests[d].alg, y->digests[d].alg);
			assert_true(span_eq(digest_span(&x->digests[d].value),
			                    digest_span(&y->digests[d].value)));
		}
	}
}

static void
test_round(void **state)
{
	static const char *const logs[] = {"grub.log", "uki.log", "host2.log"};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(logs); i++) {
		AUTO(buf_done) struct buf log = fixture_log(logs[i]);
		AUTO(bootref_done)
		struct bootref ref = bootref_must(buf_span(&log));
		AUTO(bootref_done) struct bootref again = {0};
		AUTO(json_auto) struct json *json = NULL;
		struct err err = {0};

		ref.events[0].type = 0x12345678;
		json = bootref_encode(&ref);
		if (!bootref_decode(json, &again, &err))
			fail_msg("%s", err.text);
		must_be_same(&ref, &again);
	}
}

#define HEX  "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define GOOD "\"pcr\":4,\"type\":\"EV_IPL\",\"proved\":true,\"text\":\"t\""

static const struct {
	const char *events, *refusal; /* NULL: it is taken */
} all[] = {
    {"[]", NULL},
    {"[{" GOOD ",\"digests\":{\"sha256\":\"" HEX "\"},\"later\":1}]", NULL},
    {"[{\"pcr\":23,\"type\":\"0xdeadbeef\",\"proved\":false,\"text\":\"\","
     "\"digests\":{\"sha256\":\"" HEX "\"}}]",
     NULL},
    {"{}", "no array"},
    {"\"x\"", "no array"},
    {"null", "no array"},
    {"[1]", "event 0: not an object"},
    {"[{" GOOD ",\"digests\":{}}]", "no digest"},
    {"[{" GOOD "}]", "digests"},
    {"[{" GOOD ",\"digests\":[]}]", "digests"},
    {"[{" GOOD ",\"digests\":{\"md5\":\"" HEX "\"}}]", "'md5' is no PCR bank"},
    {"[{" GOOD ",\"digests\":{\"sha1\":\"" HEX "\"}}]", "sha1: not 20 bytes"},
    {"[{" GOOD ",\"digests\":{\"sha256\":\"" HEX "0\"}}]", "not 32 bytes"},
    {"[{" GOOD ",\"digests\":{\"sha256\":1}}]", "not 32 bytes"},
    {"[{" GOOD ",\"digests\":{\"sha256\":null}}]", "not 32 bytes"},
    {"[{\"pcr\":24,\"type\":\"EV_IPL\",\"proved\":true,\"text\":\"t\","
     "\"digests\":{\"sha256\":\"" HEX "\"}}]",
     "pcr"},
    {"[{\"pcr\":-1,\"type\":\"EV_IPL\",\"proved\":true,\"text\":\"t\","
     "\"digests\":{\"sha256\":\"" HEX "\"}}]",
     "pcr"},
    {"[{\"type\":\"EV_IPL\",\"proved\":true,\"text\":\"t\",\"digests\":{"
     "\"sha256\":\"" HEX "\"}}]",
     "pcr"},
    {"[{\"pcr\":4,\"type\":\"EV_NONE\",\"proved\":true,\"text\":\"t\","
     "\"digests\":{\"sha256\":\"" HEX "\"}}]",
     "no such type"},
    {"[{\"pcr\":4,\"type\":\"0x1\",\"proved\":true,\"text\":\"t\","
     "\"digests\":{\"sha256\":\"" HEX "\"}}]",
     "no such type"},
    {"[{\"pcr\":4,\"type\":\"1x00000001\",\"proved\":true,\"text\":\"t\","
     "\"digests\":{\"sha256\":\"" HEX "\"}}]",
     "no such type"},
    {"[{\"pcr\":4,\"type\":\"0x01\",\"proved\":true,\"text\":\"t\","
     "\"digests\":{\"sha256\":\"" HEX "\"}}]",
     "no such type"},
    {"[{\"pcr\":4,\"type\":\"0x0000000001\",\"proved\":true,\"text\":\"t\","
     "\"digests\":{\"sha256\":\"" HEX "\"}}]",
     "no such type"},
    {"[{\"pcr\":4,\"type\":\"0x0000000g\",\"proved\":true,\"text\":\"t\","
     "\"digests\":{\"sha256\":\"" HEX "\"}}]",
     "no such type"},
    {"[{\"pcr\":4,\"type\":13,\"proved\":true,\"text\":\"t\",\"digests\":{"
     "\"sha256\":\"" HEX "\"}}]",
     "type"},
    {"[{\"pcr\":4,\"type\":\"EV_IPL\",\"text\":\"t\",\"digests\":{\"sha256\":"
     "\"" HEX "\"}}]",
     "proved"},
    {"[{\"pcr\":4,\"type\":\"EV_IPL\",\"proved\":true,\"digests\":{"
     "\"sha256\":\"" HEX "\"}}]",
     "text"},
    {"[{\"pcr\":4,\"type\":\"EV_IPL\",\"proved\":true,\"text\":\"\\u001b[2J\","
     "\"digests\":{\"sha256\":\"" HEX "\"}}]",
     "control characters"},
    {"[{\"pcr\":4,\"type\":\"EV_IPL\",\"proved\":true,\"text\":\"\\u202e\","
     "\"digests\":{\"sha256\":\"" HEX "\"}}]",
     "control characters"},
    {"[{" GOOD ",\"digests\":{\"sha256\":\"" HEX "\"}},{}]", "event 1: "},
};

/* In an object, as JSON comes. */
static struct json *
parse(const char *events, struct buf *text)
{
	struct err err;
	struct json *object;

	buf_text(text, "{\"e\":");
	buf_text(text, events);
	buf_text(text, "}");
	object = json_parse(buf_span(text), &err);
	if (object == NULL)
		fail_msg("%s: %s", events, err.text);
	return object;
}

static void
test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(all); i++) {
		AUTO(buf_done) struct buf text = {0};
		AUTO(json_auto)
		struct json *object = parse(all[i].events, &text);
		AUTO(bootref_done) struct bootref ref = {0};
		struct err err = {0};
		bool taken = bootref_decode(json_get(object, "e"), &ref, &err);

		if (all[i].refusal == NULL) {
			if (!taken)
				fail_msg("%zu: %s", i, err.text);
			continue;
		}
		if (taken || strstr(err.text, all[i].refusal) == NULL)
			fail_msg("%zu: '%s' does not say '%s'", i, err.text,
			         all[i].refusal);
		assert_null(ref.events);
		assert_int_equal(ref.n, 0);
	}
}

static void
test_limits(void **state)
{
	AUTO(json_auto) struct json *array = json_new_array();
	AUTO(bootref_done) struct bootref ref = {0};
	struct err err = {0};

	(void)state;
	for (size_t text = BOOTREF_TEXT_MAX - 1; text <= BOOTREF_TEXT_MAX;
	     text++) {
		AUTO(buf_done) struct buf events = {0}, whole = {0};
		AUTO(json_auto) struct json *object = NULL;
		AUTO(bootref_done) struct bootref one = {0};

		buf_text(&events, "[{\"pcr\":4,\"type\":\"EV_IPL\",\"proved\":"
		                  "true,\"digests\":{\"sha256\":\"" HEX
		                  "\"},\"text\":\"");
		for (size_t i = 0; i < text; i++)
			buf_u8(&events, 'w');
		buf_text(&events, "\"}]");
		buf_u8(&events, 0);
		object = parse((const char *)events.at, &whole);
		assert_int_equal(
		    bootref_decode(json_get(object, "e"), &one, &err),
		    text < BOOTREF_TEXT_MAX);
	}
	for (size_t i = 0; i <= BOOTREF_EVENTS_MAX; i++)
		json_add(array, json_new_object());
	assert_false(bootref_decode(array, &ref, &err));
	assert_int_equal(err.code, ERR_LIMIT);
	assert_non_null(strstr(err.text, "4097 reference events, over 4096"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
