/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Golden values and verdicts on the wire: what logs add to them survives, and
 * what makes no sense is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "proto/codec.h"

#define HEX "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* The same text many times. */
static char *
times(const char *text, size_t n)
{
	size_t len = strlen(text);
	char *out = mem_new(len * n + 1, 1);

	for (size_t i = 0; i < n; i++)
		memcpy(out + i * len, text, len);
	return out;
}

static struct json *
parsed(const char *text)
{
	struct err err = {0};
	struct json *json = json_parse(span_str(text), &err);

	if (json == NULL)
		fail_msg("%s: %s", text, err.text);
	return json;
}

static struct golden
sample(void)
{
	struct golden g = {.id = 7,
	                   .scope = "host-a",
	                   .label = "a label",
	                   .author = "uid=0",
	                   .state = GOLDEN_ACTIVE,
	                   .created_s = 1700000000,
	                   .by_events = 1 << 4 | 1 << 7,
	                   .pins_firmware = true,
	                   .firmware = UINT64_MAX};

	g.values.selection.n = 1;
	g.values.selection.banks[0] =
	    (struct pcr_bank){TPM_ALG_SHA256, 1 << 4 | 1 << 7 | 1 << 10};
	for (unsigned p = 0; p < PCR_COUNT; p++)
		if ((g.values.selection.banks[0].mask >> p & 1) != 0)
			g.values.values[0][p].len = SHA256_SIZE;
	memset(g.events, 0xab, SHA256_SIZE);
	memset(g.ima_policy, 0xcd, SHA256_SIZE);
	return g;
}

static void
a_golden_value_survives(void **state)
{
	const struct golden g = sample();
	AUTO(json_auto) struct json *json = golden_encode(&g);
	char text[TEXT_HEX_SIZE(SHA256_SIZE)];
	struct golden got;
	struct err err = {0};

	(void)state;
	if (!golden_decode(json, &got, &err))
		fail_msg("%s", err.text);
	assert_int_equal(got.id, 7);
	assert_string_equal(got.scope, "host-a");
	assert_int_equal(got.state, GOLDEN_ACTIVE);
	assert_int_equal(got.by_events, g.by_events);
	assert_true(got.pins_firmware);
	assert_true(got.firmware == UINT64_MAX);
	assert_true(
	    pcr_selection_eq(&got.values.selection, &g.values.selection));
	/* The texts come beside it: a name without its text is nothing. */
	assert_false(golden_has_events(&got) || golden_has_ima(&got));
	assert_true(json_get_text(json, "by_events", text, sizeof(text), &err));
	assert_string_equal(text, "4,7");
	assert_true(
	    json_get_text(json, "events_sha256", text, sizeof(text), &err));
	assert_int_equal(strspn(text, "ab"), 2 * SHA256_SIZE);
	assert_true(
	    json_get_text(json, "ima_policy_sha256", text, sizeof(text), &err));
	assert_int_equal(strspn(text, "cd"), 2 * SHA256_SIZE);
}

static void
what_it_does_not_say_is_not_there(void **state)
{
	struct golden g = sample(), got;
	AUTO(json_auto) struct json *json = NULL;
	char text[8];

	(void)state;
	g.by_events = 0;
	g.pins_firmware = false;
	memset(g.events, 0, SHA256_SIZE);
	memset(g.ima_policy, 0, SHA256_SIZE);
	json = golden_encode(&g);
	assert_null(json_get(json, "tpm_firmware"));
	assert_null(json_get(json, "events_sha256"));
	assert_null(json_get(json, "ima_policy_sha256"));
	assert_true(json_get_text(json, "by_events", text, sizeof(text), NULL));
	assert_string_equal(text, "none");
	assert_true(golden_decode(json, &got, NULL));
	assert_int_equal(got.by_events, 0);
	assert_false(got.pins_firmware);
	assert_int_equal(got.firmware, 0);
}

static const struct {
	const char *member;
	const char *refusal; /* NULL: it is taken, */
	uint32_t by_events;  /* as this */
	bool pins_firmware;
	uint64_t firmware;
} goldens[] = {
    {"\"later\":1", NULL, 0, false, 0},
    {"\"by_events\":null,\"tpm_firmware\":null", NULL, 0, false, 0},
    {"\"by_events\":\"none\"", NULL, 0, false, 0},
    {"\"by_events\":\"4\"", NULL, 1 << 4, false, 0},
    {"\"by_events\":\"0-2,4\"", NULL, 0x17, false, 0},
    {"\"by_events\":\"\"", "'' is no list of PCRs", 0, false, 0},
    {"\"by_events\":\"24\"", "'24' is no list of PCRs", 0, false, 0},
    {"\"by_events\":\"sha256:4\"", "is no list of PCRs", 0, false, 0},
    {"\"by_events\":\"yes\"", "is no list of PCRs", 0, false, 0},
    {"\"by_events\":4", "by_events", 0, false, 0},
    {"\"by_events\":true", "by_events", 0, false, 0},
    {"\"by_events\":[4]", "by_events", 0, false, 0},
    {"\"by_events\":{}", "by_events", 0, false, 0},
    /* A version of zero is one to pin, too. */
    {"\"tpm_firmware\":0", NULL, 0, true, 0},
    {"\"tpm_firmware\":18446744073709551615", NULL, 0, true, UINT64_MAX},
    {"\"tpm_firmware\":-1", "tpm_firmware", 0, false, 0},
    {"\"tpm_firmware\":1.5", "tpm_firmware", 0, false, 0},
    {"\"tpm_firmware\":\"1\"", "tpm_firmware", 0, false, 0},
    {"\"tpm_firmware\":\"\"", "tpm_firmware", 0, false, 0},
    {"\"tpm_firmware\":true", "tpm_firmware", 0, false, 0},
    {"\"tpm_firmware\":[]", "tpm_firmware", 0, false, 0},
    {"\"events_sha256\":\"" HEX "\"", NULL, 0, false, 0},
    {"\"ima_policy_sha256\":7", NULL, 0, false, 0},
};

static void
a_golden_value_makes_sense_or_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(goldens); i++) {
		AUTO(json_auto) struct json *json = NULL;
		char text[512];
		struct golden g;
		struct err err = {0};
		bool ok;

		snprintf(text, sizeof(text),
		         "{\"host\":\"host-a\",\"pcr_values\":{\"sha256\":{"
		         "\"4\":\"" HEX "\"}},%s}",
		         goldens[i].member);
		json = parsed(text);
		ok = golden_decode(json, &g, &err);
		if (goldens[i].refusal == NULL
		        ? !ok || g.by_events != goldens[i].by_events ||
		              g.pins_firmware != goldens[i].pins_firmware ||
		              g.firmware != goldens[i].firmware ||
		              golden_has_events(&g) || golden_has_ima(&g)
		        : ok || err.code == ERR_NONE ||
		              strstr(err.text, goldens[i].refusal) == NULL)
			fail_msg("%s: '%s'", goldens[i].member, err.text);
	}
}

static void
fill_differences(struct verdict *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct pcr_difference *d = &v->differences[v->n_differences++];

		d->bank = TPM_ALG_SHA256;
		d->pcr = (uint8_t)i;
		d->expected.len = d->actual.len = SHA256_SIZE;
	}
}

static void
a_verdict_survives(void **state)
{
	struct verdict v = {.state = VERDICT_UNTRUSTED, .host = "host-a"}, got;
	AUTO(json_auto) struct json *json = NULL;
	struct err err = {0};

	(void)state;
	verdict_add(&v, REASON_BOOT_LOG, "event 50");
	verdict_add(&v, REASON_IMA_LOG, "/bin/sh");
	verdict_add(&v, REASON_FIRMWARE, "version 1");
	fill_differences(&v, DIFFERENCES_MAX);
	for (size_t i = 0; i < EVENTS_MAX; i++) {
		snprintf(v.events[i], EVENT_MAX, "event \"%zu\"\\", i);
		snprintf(v.event_remedies[i], EVENT_REMEDY_MAX, "do %zu", i);
	}
	v.events[3][0] = v.event_remedies[4][0] = '\0';
	memset(v.events[5], 'x', EVENT_MAX - 1);
	memset(v.event_remedies[5], 'y', EVENT_REMEDY_MAX - 1);
	json = verdict_encode(&v);
	if (!verdict_decode(json, &got, &err))
		fail_msg("%s", err.text);
	assert_int_equal(got.n_reasons, 3);
	assert_int_equal(got.reasons[0].code, REASON_BOOT_LOG);
	assert_int_equal(got.reasons[1].code, REASON_IMA_LOG);
	assert_int_equal(got.reasons[2].code, REASON_FIRMWARE);
	assert_int_equal(got.n_differences, DIFFERENCES_MAX);
	for (size_t i = 0; i < EVENTS_MAX; i++) {
		assert_string_equal(got.events[i], v.events[i]);
		assert_string_equal(got.event_remedies[i], v.event_remedies[i]);
	}
}

static bool
decode_difference(const char *members, size_t n, struct verdict *v,
                  struct err *err)
{
	static const char one[] = "{\"bank\":\"sha256\",\"pcr\":4,\"expected\":"
				  "\"\",\"actual\":\"" HEX "\"},";
	static const char all[] = "{\"verdict\":\"untrusted\",\"host\":\"h\","
				  "\"reasons\":[],\"time\":1,\"age_ms\":1,"
				  "\"differences\":[%s%.*s,%s}]}";
	AUTO(json_auto) struct json *json = NULL;
	char *before = times(one, n), *text;
	size_t size =
	    strlen(before) + strlen(members) + sizeof(one) + sizeof(all);

	text = mem_new(size, 1);
	snprintf(text, size, all, before, (int)sizeof(one) - 3, one, members);
	json = parsed(text);
	free(text);
	free(before);
	return verdict_decode(json, v, err);
}

static const struct {
	const char *before, *repeated;
	size_t n;
	const char *refusal; /* NULL: it is taken */
} events[] = {
    {"\"event\":null", "", 0, NULL},
    {"\"later\":1", "", 0, NULL},
    {"\"event\":\"", "x", EVENT_MAX - 1, NULL},
    {"\"event\":\"", "x", EVENT_MAX, "event"},
    {"\"event\":\"", "x", 100000, "event"},
    {"\"remedy\":\"", "x", EVENT_REMEDY_MAX - 1, NULL},
    {"\"remedy\":\"", "x", EVENT_REMEDY_MAX, "remedy"},
    {"\"event\":\"", "\\u001b[2J", 1, "difference 0: control characters"},
    {"\"event\":\"", "\\n", 1, "difference 0: control characters"},
    {"\"event\":\"", "\\u202e", 1, "difference 0: control characters"},
    {"\"event\":\"", "\\u007f", 1, "difference 0: control characters"},
    {"\"event\":\"", "\\u0085", 1, "difference 0: control characters"},
    {"\"remedy\":\"", "\\t", 1, "difference 0: control characters"},
    {"\"event\":\"fine\",\"remedy\":\"", "\\r", 1, "control characters"},
    {"\"event\":1", "", 0, "event"},
    {"\"event\":[\"x\"]", "", 0, "event"},
    {"\"event\":false", "", 0, "event"},
    {"\"remedy\":{}", "", 0, "remedy"},
};

static void
an_event_is_printable_and_short_or_refused(void **state)
{
	struct verdict *v = mem_new(1, sizeof(*v));

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(events); i++) {
		char *text = times(events[i].repeated, events[i].n);
		size_t size = strlen(text) + 64;
		char *members = mem_new(size, 1);
		struct err err = {0};
		bool ok;

		snprintf(members, size, "%s%s%s", events[i].before, text,
		         events[i].n != 0 ? "\"" : "");
		ok = decode_difference(members, 0, v, &err);
		if (events[i].refusal == NULL
		        ? !ok
		        : ok || err.code == ERR_NONE ||
		              strstr(err.text, events[i].refusal) == NULL)
			fail_msg("%zu: '%s'", i, err.text);
		/* Of later differences there is no word. */
		if (!decode_difference(members, EVENTS_MAX, v, NULL))
			fail_msg("%zu: not behind the last one", i);
		free(members);
		free(text);
	}
	free(v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_golden_value_survives),
	    cmocka_unit_test(what_it_does_not_say_is_not_there),
	    cmocka_unit_test(a_golden_value_makes_sense_or_is_refused),
	    cmocka_unit_test(a_verdict_survives),
	    cmocka_unit_test(an_event_is_printable_and_short_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
