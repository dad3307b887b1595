/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What measurement lists lead to: values that TPMs quoted, and each rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "imalog_help.h"

/* The first two are whole logs, and what their TPM quoted at their end; the
 * others are entries of such logs. */
static const struct {
	const char *file;
	uint64_t n, violations;
	uint16_t alg;
	bool padded;
	const char *pcr10;
} ends[] = {
    {"unknown-binary.bin", 454, 2, TPM_ALG_SHA1, false,
     "49dec217e74cd0d32b20c862f83e7c0b6443f9e0"},
    {"unknown-binary.bin", 454, 2, TPM_ALG_SHA256, false,
     "78a1a3ed5103648fad33b4cf354cd92e01a8335a3b8c337355ff0fd6f7955b30"},
    {"host2.bin", 459, 0, TPM_ALG_SHA256, false,
     "1ac43daff579cfc1af31cde18ce40fa1f95dfe9a929007a69338170acb4a2481"},
    /* Its kernel had SHA-512, and so SHA-384, as a module. */
    {"host2.bin", 459, 0, TPM_ALG_SHA384, true,
     "c0e16b3b84dacfafecaf3a63545e52944a05c9940b334d379b11a26631e3a1db3f23ca08"
     "9d57c6f93506de7295bcad06"},
    {"ngv2.bin", 3, 0, TPM_ALG_SHA1, false,
     "f27cf6323725e90830342dcb6e747227c56a9012"},
    {"ngv2.txt", 3, 0, TPM_ALG_SHA256, false,
     "4812ce0e2acf78fc047f7429e1ef58bfd2425aad1de63312974b84857409e1db"},
    {"signed.txt", 3, 0, TPM_ALG_SHA1, false,
     "0f43a9c4991a386315033137a78161c718f550ed"},
    {"signed.bin", 3, 0, TPM_ALG_SHA256, false,
     "a9787cb039f9c05172c36a196eeb31172de855bca0afca127b03dbec4d3c6b3b"},
    {"bank-sha256.bin", 3, 0, TPM_ALG_SHA1, false,
     "9575f62b11bbce72948cf2555f2bfc6f145a6f77"},
    {"bank-sha256.txt", 3, 0, TPM_ALG_SHA256, false,
     "06b041909290735e94aea4e5b3776d7985c0cb4b10c85ed38268e8db71e5fabe"},
    {"violation.txt", 4, 1, TPM_ALG_SHA1, false,
     "74d40a9b8a875e6dd161ad3e9ed60e4d876722bb"},
    {"violation.bin", 4, 1, TPM_ALG_SHA256, false,
     "a017ae15463fc28927ce5e863ae39316e3551916c6650ee94992aecf0d59cd50"},
};

static void
logs_lead_to_what_tpms_quoted(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(ends); i++) {
		AUTO(buf_done) struct buf file = imalog_load(ends[i].file);
		struct imalog log = log_of(buf_span(&file));
		struct imareplay r = {0};
		struct err err = {0};

		if (replay_of(&log, &r, &err) != IMALOG_END)
			fail_msg("%s: %s", ends[i].file, err.text);
		assert_int_equal(r.n, ends[i].n);
		assert_int_equal(r.violations, ends[i].violations);
		assert_int_equal(r.extended, 1 << 10);
		assert_pcr10(&r, ends[i].alg, ends[i].padded, ends[i].pcr10);
	}
}

/* The other rule leads elsewhere. */
static void
each_bank_has_its_rule(void **state)
{
	AUTO(buf_done) struct buf file = imalog_load("ngv2.bin");
	struct imalog log = log_of(buf_span(&file));
	struct imareplay r = {0};
	struct err err;

	(void)state;
	assert_int_equal(replay_of(&log, &r, &err), IMALOG_END);
	assert_false(span_eq(
	    digest_span(imareplay_value(&r, TPM_ALG_SHA256, true, 10)),
	    digest_span(imareplay_value(&r, TPM_ALG_SHA256, false, 10))));
	assert_true(
	    span_eq(digest_span(imareplay_value(&r, TPM_ALG_SHA1, true, 10)),
	            digest_span(imareplay_value(&r, TPM_ALG_SHA1, false, 10))));
	assert_null(imareplay_value(&r, TPM_ALG_SHA512, false, 10));
	assert_null(imareplay_value(&r, TPM_ALG_SHA1, false, PCR_COUNT));
}

/* Entries of the template `ima` as Linux documents them. */
static const struct {
	const char *digest, *file, *path;
} olds[] = {
    {"7971593a7ad22a7cce5b234e4bc5d71b04696af4",
     "b5a166c10d153b7cc3e5b4f1eab1f71672b7c524", "boot_aggregate"},
    {"2c7020ad8cab6b7419e4973171cb704bdbf52f77",
     "e09e048c48301268ff38645f4c006137e42951d0", "/init"},
    {"247dba6fc82b346803660382d1973c019243e59f",
     "747acb096b906392a62734916e0bb39cef540931", "ld-2.9.so"},
};

static void
old_entries_have_their_own_hash(void **state)
{
	AUTO(buf_done) struct buf binary = {0}, text = {0};
	struct imareplay a = {0}, b = {0};
	struct imalog log;
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(olds); i++) {
		char line[256];

		put_u32(&binary, 10);
		assert_true(text_unhex(olds[i].digest, &binary));
		put_u32(&binary, 3);
		buf_text(&binary, "ima");
		assert_true(text_unhex(olds[i].file, &binary));
		put_u32(&binary, (uint32_t)strlen(olds[i].path));
		buf_text(&binary, olds[i].path);
		snprintf(line, sizeof(line), "10 %s ima %s %s\n",
		         olds[i].digest, olds[i].file, olds[i].path);
		buf_text(&text, line);
	}
	log = log_of(buf_span(&binary));
	if (replay_of(&log, &a, &err) != IMALOG_END)
		fail_msg("%s", err.text);
	log = log_of(buf_span(&text));
	if (replay_of(&log, &b, &err) != IMALOG_END)
		fail_msg("%s", err.text);
	assert_int_equal(a.n, LENGTH_OF(olds));
	assert_memory_equal(&a, &b, sizeof(a));
}

/* Refused, and nothing extended. */
static void
assert_not_extended(uint16_t alg, const struct imalog_entry *e, const char *why)
{
	struct imareplay r = {0}, before;
	struct err err = {0};

	assert_true(imareplay_bank(&r, TPM_ALG_SHA256, false));
	before = r;
	assert_false(imareplay_extend(&r, alg, e, &err));
	if (strstr(err.text, why) == NULL)
		fail_msg("'%s' is not '%s'", err.text, why);
	assert_memory_equal(&r, &before, sizeof(r));
}

static void
what_is_not_its_data_is_refused(void **state)
{
	static const char other[] =
	    "10 9adb9a98cc673e462fee8ff597ba240e85a8c6e0 other x\n";
	AUTO(buf_done) struct buf file = imalog_load("ngv2.bin");
	struct imalog log = log_of(buf_span(&file));
	struct imalog_entry e, wrong;
	struct err err;

	(void)state;
	assert_int_equal(imalog_next(&log, &e, &err), IMALOG_ENTRY);
	wrong = e;
	wrong.data.len--;
	assert_not_extended(TPM_ALG_SHA1, &wrong, "not that of its data");
	assert_not_extended(TPM_ALG_SHA256, &e, "not that of its data");
	assert_not_extended(TPM_ALG_NULL, &e, "cannot be known");
	wrong = e;
	wrong.pcr = PCR_COUNT;
	assert_not_extended(TPM_ALG_SHA1, &wrong, "no PCR: 24");
	log = log_of(span_str(other));
	assert_int_equal(imalog_next(&log, &e, &err), IMALOG_ENTRY);
	assert_not_extended(TPM_ALG_SHA1, &e, "cannot be known");
}

static void
replays_have_banks_that_there_are(void **state)
{
	struct imareplay r = {0};

	(void)state;
	assert_false(imareplay_bank(&r, TPM_ALG_NULL, false));
	for (size_t i = 0; i < IMAREPLAY_BANKS_MAX; i++)
		assert_true(imareplay_bank(&r, TPM_ALG_SHA1, false));
	assert_false(imareplay_bank(&r, TPM_ALG_SHA1, false));
	/* Those of a dynamic launch begin with ones. */
	for (unsigned p = 0; p < PCR_COUNT; p++) {
		const struct digest *value =
		    imareplay_value(&r, TPM_ALG_SHA1, false, p);

		assert_int_equal(value->len, 20);
		assert_int_equal(value->at[19], p >= 17 && p <= 22 ? 0xff : 0);
	}
}

/* The values of a quote of the boot that host2.bin is of. */
static void
the_boot_aggregate_is_of_the_boots_pcrs(void **state)
{
	AUTO(buf_done) struct buf file = imalog_load("host2.bin");
	AUTO(buf_done) struct buf quoted = {0};
	struct pcr_values v = {
	    .selection = {2, {{TPM_ALG_SHA256, 0x7fff}, {TPM_ALG_SHA1, 0xff}}}};
	struct imalog log = log_of(buf_span(&file));
	struct span parts[8];
	struct imalog_entry e;
	struct digest d, plain;
	struct err err;

	(void)state;
	assert_true(imalog_load_path(FIXTURES_DIR "/quote/ecc.pcrs", &quoted));
	assert_int_equal(imalog_next(&log, &e, &err), IMALOG_ENTRY);
	assert_true(imalog_is_aggregate(&e));
	assert_int_equal(imalog_alg(e.file.alg), TPM_ALG_SHA256);
	for (unsigned p = 0; p < 10; p++) {
		v.values[0][p].len = SHA256_SIZE;
		memcpy(v.values[0][p].at, quoted.at + (size_t)p * SHA256_SIZE,
		       SHA256_SIZE);
	}
	assert_true(imareplay_aggregate(&v, TPM_ALG_SHA256, &d));
	assert_true(span_eq(digest_span(&d), e.file.value));
	/* SHA-1 has PCRs 0 to 7 alone. */
	for (unsigned p = 0; p < 8; p++) {
		v.values[1][p].len = 20;
		v.values[1][p].at[0] = (uint8_t)p;
		parts[p] = digest_span(&v.values[1][p]);
	}
	assert_true(imareplay_aggregate(&v, TPM_ALG_SHA1, &d));
	assert_true(crypto_hash(TPM_ALG_SHA1, parts, 8, &plain));
	assert_memory_equal(&d, &plain, sizeof(d));
	/* What is not there has none. */
	assert_false(imareplay_aggregate(&v, TPM_ALG_SHA384, &d));
	v.selection.banks[1].mask = 0x7f;
	assert_false(imareplay_aggregate(&v, TPM_ALG_SHA1, &d));
	v.values[0][9].len = 0;
	assert_false(imareplay_aggregate(&v, TPM_ALG_SHA256, &d));
	assert_int_equal(d.len, 0);
	/* No other entry is one. */
	assert_int_equal(imalog_next(&log, &e, &err), IMALOG_ENTRY);
	assert_false(imalog_is_aggregate(&e));
	e.path = span_str("boot_aggregate");
	assert_false(imalog_is_aggregate(&e));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(logs_lead_to_what_tpms_quoted),
	    cmocka_unit_test(each_bank_has_its_rule),
	    cmocka_unit_test(old_entries_have_their_own_hash),
	    cmocka_unit_test(what_is_not_its_data_is_refused),
	    cmocka_unit_test(replays_have_banks_that_there_are),
	    cmocka_unit_test(the_boot_aggregate_is_of_the_boots_pcrs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
