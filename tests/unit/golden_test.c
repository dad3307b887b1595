/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Golden values that are judged by logs, and lists of PCRs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "evidence/golden.h"

#define BIT(pcr) (UINT32_C(1) << (pcr))

/* A golden value over those PCRs of a bank. */
static void
add_bank(struct golden *g, uint16_t alg, uint32_t mask)
{
	size_t b = g->values.selection.n++;

	g->values.selection.banks[b] = (struct pcr_bank){alg, mask};
	for (unsigned p = 0; p < PCR_COUNT; p++)
		if ((mask >> p & 1) != 0) {
			struct digest *d = &g->values.values[b][p];

			d->len = (uint8_t)crypto_digest_size(alg);
			memset(d->at, (int)(p + 1), d->len);
		}
}

static struct golden
golden_of(uint32_t sha256, uint32_t sha384)
{
	struct golden g = {.state = GOLDEN_ACTIVE};

	add_bank(&g, TPM_ALG_SHA256, sha256);
	if (sha384 != 0)
		add_bank(&g, TPM_ALG_SHA384, sha384);
	return g;
}

static const struct {
	const char *name;
	uint32_t sha256, sha384, by_events;
	bool events, ima;
	const char *refusal; /* NULL: it is whole */
} wholes[] = {
    {"by value", BIT(4), 0, 0, false, false, NULL},
    {"events for the words", BIT(4), 0, 0, true, false, NULL},
    {"by events", BIT(4) | BIT(7), 0, BIT(4), true, false, NULL},
    {"by events alone", BIT(4), BIT(4), BIT(4), true, false, NULL},
    {"by a policy", BIT(4) | BIT(10), 0, 0, false, true, NULL},
    {"PCR 10 by value", BIT(10), 0, 0, false, false, NULL},
    {"both", BIT(4) | BIT(10), BIT(4) | BIT(10), BIT(4), true, true, NULL},
    {"no events", BIT(4), 0, BIT(4), false, false, "there are none"},
    {"a policy is none", BIT(4) | BIT(10), 0, BIT(4), false, true,
     "there are none"},
    {"PCR 10 by events", BIT(4) | BIT(10), 0, BIT(10), true, false,
     "by an IMA policy"},
    {"and with a policy", BIT(4) | BIT(10), 0, BIT(4) | BIT(10), true, true,
     "by an IMA policy"},
    {"another PCR", BIT(4), 0, BIT(4) | BIT(5), true, false, "bank sha256"},
    {"not in one bank", BIT(4) | BIT(7), BIT(7), BIT(4), true, false,
     "bank sha384"},
    {"a policy without its PCR", BIT(4), 0, 0, false, true, "bank sha256"},
    {"nor in one bank", BIT(10), BIT(4), 0, false, true, "bank sha384"},
    {"no PCR at all", BIT(4), 0, BIT(24), true, false, "bank sha256"},
};

static void
what_makes_no_sense_is_not_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(wholes); i++) {
		struct golden g = golden_of(wholes[i].sha256, wholes[i].sha384);
		struct err err = {0};
		bool whole;

		g.by_events = wholes[i].by_events;
		/* The last byte alone says as much. */
		g.events[SHA256_SIZE - 1] = wholes[i].events;
		g.ima_policy[SHA256_SIZE - 1] = wholes[i].ima;
		whole = golden_is_whole(&g, &err);
		if (wholes[i].refusal == NULL
		        ? !whole
		        : whole || err.code != ERR_MALFORMED ||
		              strstr(err.text, wholes[i].refusal) == NULL)
			fail_msg("%s: '%s'", wholes[i].name, err.text);
	}
}

static void
logs_judge_their_pcrs(void **state)
{
	struct golden g = golden_of(BIT(4) | BIT(7) | BIT(10), 0);

	(void)state;
	assert_int_equal(golden_by_log(&g), 0);
	g.events[0] = 1; /* for the words alone */
	assert_int_equal(golden_by_log(&g), 0);
	g.by_events = BIT(4);
	assert_int_equal(golden_by_log(&g), BIT(4));
	g.ima_policy[0] = 1;
	assert_int_equal(golden_by_log(&g), BIT(4) | BIT(10));
	g.by_events = 0;
	assert_int_equal(golden_by_log(&g), BIT(10));
}

/* The PCRs of which a golden value says that they differ, as bits; those of the
 * second bank stand 24 bits higher. */
static uint64_t
differ(const struct golden *g, const struct pcr_values *quoted)
{
	struct pcr_difference d[2 * PCR_COUNT];
	size_t n = golden_differences(g, quoted, d, LENGTH_OF(d));
	uint64_t mask = 0;

	assert_in_range(n, 0, LENGTH_OF(d));
	assert_int_equal(golden_differences(g, quoted, NULL, 0), n);
	for (size_t i = 0; i < n; i++) {
		assert_false(span_eq(digest_span(&d[i].expected),
		                     digest_span(&d[i].actual)));
		mask |= UINT64_C(1)
		        << (d[i].pcr + (d[i].bank == TPM_ALG_SHA384 ? 24 : 0));
	}
	return mask;
}

static void
what_a_log_judges_is_no_difference(void **state)
{
	const uint32_t pcrs = BIT(0) | BIT(4) | BIT(7) | BIT(10);
	struct golden g = golden_of(pcrs, BIT(0) | BIT(4));
	struct golden other = g;

	(void)state;
	assert_int_equal(differ(&g, &g.values), 0);
	for (size_t b = 0; b < 2; b++)
		for (unsigned p = 0; p < PCR_COUNT; p++)
			other.values.values[b][p].at[0] ^= 1;
	assert_true(differ(&g, &other.values) ==
	            (pcrs | (uint64_t)(BIT(0) | BIT(4)) << 24));
	g.by_events = BIT(4);
	g.events[0] = 1;
	assert_true(differ(&g, &other.values) ==
	            ((pcrs & ~BIT(4)) | (uint64_t)BIT(0) << 24));
	g.ima_policy[0] = 1;
	assert_true(differ(&g, &other.values) ==
	            (BIT(0) | BIT(7) | (uint64_t)BIT(0) << 24));
	/* What the quote says decides, not what is asked of it. */
	other.by_events = pcrs;
	assert_true(differ(&g, &other.values) ==
	            (BIT(0) | BIT(7) | (uint64_t)BIT(0) << 24));
}

static void
what_is_not_quoted_is_a_difference(void **state)
{
	struct golden g = golden_of(BIT(0) | BIT(4) | BIT(7), 0);
	struct pcr_values quoted = g.values;

	(void)state;
	quoted.selection.banks[0].mask &= ~BIT(7);
	assert_true(differ(&g, &quoted) == BIT(7));
	quoted = g.values;
	quoted.selection.banks[0].alg = TPM_ALG_SHA384;
	assert_true(differ(&g, &quoted) == (BIT(0) | BIT(4) | BIT(7)));
	/* Two values that are not there are no match. */
	quoted = g.values;
	quoted.values[0][4].len = g.values.values[0][4].len = 0;
	assert_int_equal(golden_differences(&g, &quoted, NULL, 0), 1);
}

static void
a_list_of_pcrs_survives(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		char text[PCR_TEXT_MAX];
		uint32_t mask, back;

		seed = seed * UINT32_C(1664525) + UINT32_C(1013904223);
		mask = i < PCR_COUNT ? BIT(i)
		       : i == 24     ? BIT(PCR_COUNT) - 1
		       : i == 25     ? 0
		                     : seed >> 8;
		assert_ptr_equal(pcr_list_format(mask, text), text);
		assert_true(pcr_list_parse(text, &back, NULL));
		assert_int_equal(back, mask);
	}
}

static const struct {
	const char *text;
	uint32_t mask;
	const char *again;
} lists[] = {
    {"none", 0, "none"},     {"0", BIT(0), "0"},
    {"23", BIT(23), "23"},   {"7,4", BIT(4) | BIT(7), "4,7"},
    {"4,4", BIT(4), "4"},    {"4-7", 0xf0, "4,5,6,7"},
    {"7-7", BIT(7), "7"},    {"0-1,3,22-23", 0xc0000b, "0,1,3,22,23"},
    {"all", 0xffffff, NULL},
};

static const char *const no_lists[] = {
    "",
    "24",
    "4,24",
    "0-24",
    "7-4",
    "4,",
    ",4",
    "4,,",
    "4-",
    "-4",
    "1-2-3",
    "+4",
    " 4",
    "4 ",
    "0x4",
    "None",
    "4,none",
    "none,4",
    "all,4",
    "x",
    "4;7",
    "4.7",
    "-1",
    "4--7",
    "sha256:",
    "sha256:4",
    "4\n",
    "99999999999",
    "None",
    "4-7-",
    "256",
    "4294967296",
    "18446744073709551616",
};

static void
a_list_of_pcrs_is_a_list_or_refused(void **state)
{
	char text[PCR_TEXT_MAX + 16] = "4";
	uint32_t mask = 1;
	struct err err;

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(lists); i++) {
		if (!pcr_list_parse(lists[i].text, &mask, &err) ||
		    mask != lists[i].mask)
			fail_msg("%s: %06x", lists[i].text, mask);
		if (lists[i].again != NULL)
			assert_string_equal(pcr_list_format(mask, text),
			                    lists[i].again);
	}
	for (size_t i = 0; i < LENGTH_OF(no_lists); i++) {
		mask = 1;
		err = (struct err){0};
		if (pcr_list_parse(no_lists[i], &mask, &err) || mask != 0 ||
		    err.code != ERR_MALFORMED)
			fail_msg("'%s': %06x", no_lists[i], mask);
	}
	/* However long. */
	for (size_t i = 0; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "4,", 2);
	text[sizeof(text) - 1] = '\0';
	text[sizeof(text) - 2] = '4';
	assert_false(pcr_list_parse(text, &mask, &err));
	assert_int_equal(mask, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_makes_no_sense_is_not_whole),
	    cmocka_unit_test(logs_judge_their_pcrs),
	    cmocka_unit_test(what_a_log_judges_is_no_difference),
	    cmocka_unit_test(what_is_not_quoted_is_a_difference),
	    cmocka_unit_test(a_list_of_pcrs_survives),
	    cmocka_unit_test(a_list_of_pcrs_is_a_list_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
