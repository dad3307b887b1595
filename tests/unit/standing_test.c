/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a host stands on the wire, and the lines of events: what is written is
 * read again as the same, and what makes no sense is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>

#include "base/address.h"
#include "proto/codec.h"
#include "proto/message.h"

#define SESSION                                                                \
	"{\"reset_count\":7,\"restart_count\":1,\"clock_ms\":99,"              \
	"\"safe\":true}"
#define STANDING(state, reason, detail, ms, addresses)                         \
	"{\"host\":\"host-a\",\"state\":" state ",\"was\":\"untrusted\","      \
	"\"reason\":" reason ",\"detail\":" detail                             \
	",\"golden\":3,\"boot_session\":" SESSION                              \
	",\"time\":1700000000,\"trusted_ms\":" ms                              \
	",\"changed\":true,\"addresses\":[" addresses "]}"
#define TRUSTED(addresses)                                                     \
	STANDING("\"trusted\"", "null", "\"\"", "90000", addresses)

static struct json *
parsed(const char *text)
{
	struct err err = {0};
	struct json *json = json_parse(span_str(text), &err);

	if (json == NULL)
		fail_msg("%s: %s", text, err.text);
	return json;
}

static struct standing
trusted(void)
{
	return (struct standing){
	    .host = "host-a",
	    .state = VERDICT_TRUSTED,
	    .was = VERDICT_UNTRUSTED,
	    .golden = 3,
	    .has_session = true,
	    .session = {.reset_count = 7,
	                .restart_count = 1,
	                .clock_ms = 99,
	                .safe = true},
	    .time_s = 1700000000,
	    .trusted_ms = 90000,
	    .changed = true,
	    .n_addresses = 2,
	    .addresses = {"192.0.2.7", "2001:db8::7"},
	};
}

/* By their form, which the next test is about: what is between members is
 * nobody's. */
static void
assert_same(const struct standing *a, const struct standing *b)
{
	AUTO(json_auto) struct json *of_a = standing_encode(a);
	AUTO(json_auto) struct json *of_b = standing_encode(b);
	AUTO(buf_done) struct buf text_a = {0}, text_b = {0};

	json_format(of_a, &text_a);
	json_format(of_b, &text_b);
	assert_int_equal(text_a.len, text_b.len);
	assert_memory_equal(text_a.at, text_b.at, text_a.len);
	assert_int_equal(a->has_reason, b->has_reason);
	assert_int_equal(a->has_session, b->has_session);
}

static void
a_standing_has_its_form(void **state)
{
	const struct standing s = trusted();
	AUTO(json_auto) struct json *json = standing_encode(&s);
	AUTO(buf_done) struct buf out = {0};
	const char *text = TRUSTED("\"192.0.2.7\",\"2001:db8::7\"");

	(void)state;
	json_format(json, &out);
	buf_u8(&out, 0);
	assert_string_equal((const char *)out.at, text);
}

/* Words of others are cut, and are not always text: a line that cannot be read
 * would shut the network gate for all hosts. */
static void
whatever_a_detail_is_made_of_can_be_read(void **state)
{
	static const char *const details[] = {
	    "the certificate of \xff\xfe\x80: self-signed",
	    "cut in mid-letter: \xe2\x82",
	    "\xc0\xaf \xed\xa0\x80 \xf4\x90\x80\x80 \xf8\x88\x80\x80\x80",
	    "a\nline, \x1b[2J, \xc2\x9b, \xe2\x80\xae",
	    "whole: \xe2\x82\xac \xf0\x9f\x94\x91",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(details); i++) {
		AUTO(buf_done) struct buf line = {0};
		struct standing s = trusted(), again;
		struct event e = {0};
		struct err err = {0};

		s.state = VERDICT_UNREACHABLE;
		s.trusted_ms = 0;
		s.has_reason = true;
		s.reason.code = REASON_PEER;
		snprintf(s.reason.detail, sizeof(s.reason.detail), "%s",
		         details[i]);
		event_format("VERDICT", standing_encode(&s), 1, &line);
		line.len--; /* its newline */
		if (!event_parse(buf_span(&line), &e, &err) ||
		    !standing_decode(e.data, &again, &err))
			fail_msg("%zu: %s", i, err.text);
		assert_int_equal(strlen(again.reason.detail),
		                 strlen(details[i]));
		if (i + 1 == LENGTH_OF(details))
			assert_string_equal(again.reason.detail, details[i]);
		event_done(&e);
	}
}

static void
what_is_no_letter_becomes_a_question_mark(void **state)
{
	static const char *const rows[][2] = {
	    {"a\xffz", "a?z"},
	    {"\xc1\xbf", "??"},
	    {"\xc2\x80", "\xc2\x80"},
	    {"\xe0\x9f\xbf", "???"},
	    {"\xe0\xa0\x80", "\xe0\xa0\x80"},
	    {"\xed\x9f\xbf", "\xed\x9f\xbf"},
	    {"\xed\xa0\x80", "???"},
	    {"\xf0\x8f\xbf\xbf", "????"},
	    {"\xf0\x90\x80\x80", "\xf0\x90\x80\x80"},
	    {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
	    {"\xf4\x90\x80\x80", "????"},
	    {"\xf5\x80\x80\x80", "????"},
	    {"\xe2\x82", "??"},
	    {"\xf0\x9f\x94", "???"},
	    {"\xc3", "?"},
	    {"\n", "\n"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(rows); i++) {
		AUTO(json_auto) struct json *json = json_new_object();
		AUTO(json_auto) struct json *again = NULL;
		AUTO(buf_done) struct buf line = {0};
		char text[16], read[16];
		struct err err = {0};

		snprintf(text, sizeof(text), "%s", rows[i][0]);
		text_make_utf8(text);
		assert_string_equal(text, rows[i][1]);
		json_put_text(json, "text", rows[i][0]);
		json_format(json, &line);
		again = json_parse(buf_span(&line), &err);
		assert_non_null(again);
		assert_true(
		    json_get_text(again, "text", read, sizeof(read), &err));
		assert_string_equal(read, rows[i][1]);
	}
}

static void
a_standing_survives(void **state)
{
	const struct standing all[] = {
	    trusted(),
	    {.host = "b",
	     .state = VERDICT_UNREACHABLE,
	     .was = VERDICT_TRUSTED,
	     .has_reason = true,
	     .reason = {REASON_DEADLINE, "a \"detail\""},
	     .changed = true},
	    {.host = "c", .state = VERDICT_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(all); i++) {
		AUTO(json_auto) struct json *json = standing_encode(&all[i]);
		struct standing got;
		struct err err = {0};

		if (!standing_decode(json, &got, &err))
			fail_msg("%zu: %s", i, err.text);
		assert_same(&got, &all[i]);
	}
}

static void
what_makes_no_sense_is_refused(void **state)
{
	static const char *const bad[] = {
	    "{}",
	    STANDING("\"good\"", "null", "\"\"", "1", ""),
	    STANDING("null", "null", "\"\"", "0", ""),
	    STANDING("\"trusted\"", "\"golden\"", "\"\"", "1", ""),
	    STANDING("\"trusted\"", "null", "\"why\"", "1", ""),
	    STANDING("\"untrusted\"", "\"golden\"", "\"\"", "1", ""),
	    STANDING("\"untrusted\"", "\"golden\"", "\"a\\u001bb\"", "0", ""),
	    STANDING("\"untrusted\"", "7", "\"\"", "0", ""),
	    STANDING("\"trusted\"", "null", "\"\"", "86400001", ""),
	    STANDING("\"trusted\"", "null", "\"\"", "-1", ""),
	    STANDING("\"trusted\"", "null", "\"\"", "null", ""),
	    TRUSTED("7"),
	    TRUSTED("\"host-a\""),
	    TRUSTED("\"fe80::1%eth0\""),
	    TRUSTED("\"192.0.2.0/24\""),
	    TRUSTED("\"192.0.2.7\\n\""),
	    TRUSTED("\"1\",\"192.0.2.7\""),
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(bad); i++) {
		AUTO(json_auto) struct json *json = parsed(bad[i]);
		struct standing got;
		struct err err = {0};

		if (standing_decode(json, &got, &err))
			fail_msg("taken: %s", bad[i]);
		assert_int_not_equal(err.code, ERR_NONE);
	}
}

static void
a_host_without_a_name_is_refused(void **state)
{
	static const char *const names[] = {"", "a\tb", "a\xc2\x85z"};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(names); i++) {
		struct standing s = trusted(), got;
		AUTO(json_auto) struct json *json = NULL;
		struct err err = {0};

		snprintf(s.host, sizeof(s.host), "%s", names[i]);
		json = standing_encode(&s);
		assert_false(standing_decode(json, &got, &err));
	}
}

static void
a_later_reason_is_a_refusal(void **state)
{
	AUTO(json_auto)
	struct json *json = parsed(STANDING(
	    "\"untrusted\"", "\"not-yet-thought-of\"", "\"\"", "0", ""));
	struct standing got;
	struct err err = {0};

	(void)state;
	assert_true(standing_decode(json, &got, &err));
	assert_true(got.has_reason);
	assert_int_equal(got.reason.code, REASON_INTERNAL);
}

/* Everything at its longest, and every character of it escaped. */
static void
the_longest_event_fits_its_line(void **state)
{
	struct standing s = {.state = VERDICT_UNREACHABLE,
	                     .was = VERDICT_UNREACHABLE,
	                     .has_reason = true,
	                     .reason = {.code = REASON_ENDPOINT_SILENT},
	                     .golden = INT64_MAX,
	                     .has_session = true,
	                     .time_s = INT64_MAX,
	                     .n_addresses = STANDING_ADDRESSES_MAX};
	AUTO(buf_done) struct buf out = {0};

	(void)state;
	s.session = (struct boot_session){.reset_count = UINT32_MAX,
	                                  .restart_count = UINT32_MAX,
	                                  .clock_ms = UINT64_MAX};
	memset(s.host, '"', sizeof(s.host) - 1);
	/* "\"" is the longest that a byte of it can become. */
	memset(s.reason.detail, '"', sizeof(s.reason.detail) - 1);
	for (size_t i = 0; i < s.n_addresses; i++)
		memset(s.addresses[i], 'f', STANDING_ADDRESS_SIZE - 1);
	event_format("VERDICT", standing_encode(&s), UINT32_MAX, &out);
	assert_in_range(out.len, 2000, LINE_EVENT_MAX);
}

static void
an_event_is_read_in_any_pieces(void **state)
{
	const struct standing s = trusted();
	AUTO(buf_done) struct buf out = {0};

	(void)state;
	event_format("VERDICT", standing_encode(&s), 1700000000000042, &out);
	for (size_t cut = 0; cut < out.len; cut++) {
		struct line line = {.limit = LINE_EVENT_MAX};
		struct event event;
		struct standing got;
		struct err err = {0};
		size_t used;

		assert_int_equal(line_feed(&line, span_of(out.at, cut), &used),
		                 LINE_MORE);
		assert_int_equal(line_feed(&line,
		                           span_of(out.at + cut, out.len - cut),
		                           &used),
		                 LINE_WHOLE);
		assert_true(event_parse(buf_span(&line.buf), &event, &err));
		assert_string_equal(event.name, "VERDICT");
		assert_true(event.time_us == 1700000000000042);
		assert_true(standing_decode(event.data, &got, &err));
		assert_same(&got, &s);
		event_done(&event);
		line_done(&line);
	}
}

/* Who may write less than when the line began, by a reload. */
static void
a_limit_that_shrinks_below_what_is_there_ends_the_line(void **state)
{
	struct line line = {.limit = 64};
	size_t used;

	(void)state;
	assert_int_equal(line_feed(&line, span_of("0123456789", 10), &used),
	                 LINE_MORE);
	line.limit = 8;
	assert_int_equal(line_feed(&line, span_of("0", 1), &used),
	                 LINE_TOO_LONG);
	assert_int_equal(used, 0);
	assert_int_equal(line.buf.len, 10);
	line_done(&line);
}

#define AT "\"timestamp\":{\"seconds\":1,\"microseconds\":2}"

static void
what_is_no_event_is_refused(void **state)
{
	static const char *const bad[] = {
	    "{}",
	    "[]",
	    "{\"return\":{},\"id\":1}",
	    "{\"event\":\"X\",\"data\":{}," AT ",\"return\":{}}",
	    "{\"event\":\"X\",\"data\":{}," AT ",\"error\":{}}",
	    "{\"event\":\"X\",\"data\":[]," AT "}",
	    "{\"event\":\"X\"," AT "}",
	    "{\"event\":\"\",\"data\":{}," AT "}",
	    "{\"event\":\"x y\",\"data\":{}," AT "}",
	    "{\"event\":7,\"data\":{}," AT "}",
	    "{\"event\":\"X\",\"data\":{}}",
	    "{\"event\":\"X\",\"data\":{},\"timestamp\":1}",
	    "{\"event\":\"X\",\"data\":{},\"timestamp\":{\"seconds\":1,"
	    "\"microseconds\":1000000}}",
	    "{\"event\":\"X\",\"data\":{},\"timestamp\":{\"seconds\":-1,"
	    "\"microseconds\":0}}",
	    "{\"event\":\"X\",\"data\":{}," AT "} x",
	};
	struct event event;
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(bad); i++) {
		if (event_parse(span_str(bad[i]), &event, &err))
			fail_msg("taken: %s", bad[i]);
		event_done(&event);
	}
	assert_true(event_parse(
	    span_str("{\"event\":\"X\",\"data\":{}," AT ",\"more\":1}"), &event,
	    &err));
	event_done(&event);
}

/* An event is no answer, whoever waits for one. */
static void
an_event_is_no_reply(void **state)
{
	struct reply reply;
	struct err err = {0};

	(void)state;
	assert_false(reply_parse(
	    span_str("{\"event\":\"X\",\"data\":{}," AT "}"), &reply, &err));
	reply_done(&reply);
}

static void
addresses_are_read_as_the_system_reads_them(void **state)
{
	static const char *const alphabet[] = {
	    "",    ":",       "::",          "0",
	    "1",   "12ab",    "00001",       "255",
	    "256", "01",      ".",           "g",
	    "%",   "1.2.3.4", "1:2:3:4:5:6", "a:b:c:d:e:f:7"};
	enum { N = LENGTH_OF(alphabet) };
	size_t taken = 0;

	(void)state;
	for (size_t i = 0; i < (size_t)N * N * N * N * N; i++) {
		char text[128] = "";
		uint8_t bytes[16];
		bool theirs;

		for (size_t left = i, k = 0; k < 5; k++, left /= N)
			strcat(text, alphabet[left % N]);
		theirs = inet_pton(AF_INET, text, bytes) == 1 ||
		         inet_pton(AF_INET6, text, bytes) == 1;
		if (address_is_literal(text) != theirs)
			fail_msg("'%s': %d, not %d", text, !theirs, theirs);
		taken += theirs;
	}
	assert_in_range(taken, 1000, (size_t)N * N * N * N * N);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_standing_has_its_form),
	    cmocka_unit_test(whatever_a_detail_is_made_of_can_be_read),
	    cmocka_unit_test(what_is_no_letter_becomes_a_question_mark),
	    cmocka_unit_test(a_standing_survives),
	    cmocka_unit_test(what_makes_no_sense_is_refused),
	    cmocka_unit_test(a_host_without_a_name_is_refused),
	    cmocka_unit_test(a_later_reason_is_a_refusal),
	    cmocka_unit_test(the_longest_event_fits_its_line),
	    cmocka_unit_test(an_event_is_read_in_any_pieces),
	    cmocka_unit_test(
		a_limit_that_shrinks_below_what_is_there_ends_the_line),
	    cmocka_unit_test(what_is_no_event_is_refused),
	    cmocka_unit_test(an_event_is_no_reply),
	    cmocka_unit_test(addresses_are_read_as_the_system_reads_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
