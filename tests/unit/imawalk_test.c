/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walks of a measurement list: where they end, how they go on, and what they
 * say of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "imawalk_help.h"

/* A walk that can be kept for each of ten thousand hosts. */
_Static_assert(sizeof(struct imawalk_state) + sizeof(struct imawalk_tally) <=
                   1024,
               "over 1 KiB a host");

static const char *const logs[] = {"ngv2.bin", "signed.bin", "violation.bin",
                                   "bank-sha256.bin", "host2.bin"};

static struct pcr_values
quote_after(struct span log, uint64_t n, uint16_t alg, bool padded)
{
	struct digest d = pcr10_after(log, n, alg, padded);

	return quoted_of(alg, digest_span(&d), 0, (struct span){0});
}

static uint64_t
entries_of(struct span bytes)
{
	struct imalog log = log_of(bytes);
	struct imalog_entry e;
	struct err err;

	while (imalog_next(&log, &e, &err) == IMALOG_ENTRY) {
	}
	return log.n;
}

static void
assert_got(const struct walked *w, enum imawalk_got got, const char *why)
{
	if (w->got != got || (why != NULL && strstr(w->err.text, why) == NULL))
		fail_msg("%d, '%s' is not %d, '%s'", (int)w->got, w->err.text,
		         (int)got, why != NULL ? why : "");
}

/* By both rules, and from nothing or from any part. */
static void
every_prefix_is_reached(void **state)
{
	static const uint16_t algs[] = {TPM_ALG_SHA1, TPM_ALG_SHA256,
	                                TPM_ALG_SHA384};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(logs); i++) {
		AUTO(buf_done) struct buf file = imalog_load(logs[i]);
		struct span log = buf_span(&file);
		uint64_t all = entries_of(log), by = 1 + all / 20;
		struct walked kept = {0};

		for (uint64_t n = 1; n <= all; n += by) {
			uint16_t alg = algs[n / by % 3];
			bool padded = alg == TPM_ALG_SHA384;
			struct pcr_values v = quote_after(log, n, alg, padded);
			struct walked w = walk_on(NULL, log, &v, NULL, 4096);

			assert_got(&w, IMAWALK_REACHED, NULL);
			assert_int_equal(w.state.n, n);
			assert_int_equal(w.state.n_rules, 1);
			assert_int_equal(w.state.rules[0].padded, padded);
			v = quote_after(log, n, TPM_ALG_SHA256, false);
			kept = walk_on(n > 1 ? &kept : NULL,
			               span_of(log.at + kept.state.offset,
			                       log.len - kept.state.offset),
			               &v, NULL, log.len);
			assert_got(&kept, IMAWALK_REACHED, NULL);
			assert_int_equal(kept.state.n, n);
			assert_int_equal(kept.state.offset, w.state.offset);
			assert_int_equal(kept.state.violations,
			                 w.state.violations);
		}
	}
}

static void
assert_same(const struct walked *a, const struct walked *b)
{
	assert_int_equal(a->got, b->got);
	assert_memory_equal(&a->state, &b->state, sizeof(a->state));
	assert_memory_equal(&a->tally, &b->tally, sizeof(a->tally));
}

static void
pieces_say_what_the_whole_says(void **state)
{
	static const size_t sizes[] = {1, 2, 3, 7, 97, 131, 4096, 65536, 65537};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(logs); i++) {
		AUTO(buf_done) struct buf file = imalog_load(logs[i]);
		struct span log = buf_span(&file);
		struct imapolicy *p = policy_of_log(log, "", "/init");
		struct pcr_values v =
		    quote_after(log, entries_of(log), TPM_ALG_SHA256, false);
		struct walked whole = walk_on(NULL, log, &v, p, log.len);

		assert_got(&whole, IMAWALK_REACHED, NULL);
		for (size_t n = 1; log.len < 1000 && n <= log.len; n++) {
			struct walked w = walk_on(NULL, log, &v, p, n);

			assert_same(&w, &whole);
		}
		for (size_t k = 0; k < LENGTH_OF(sizes); k++) {
			struct walked w = walk_on(NULL, log, &v, p, sizes[k]);

			assert_same(&w, &whole);
		}
		imapolicy_free(p);
	}
}

/* An entry as large as one can be, in pieces, is one; and none is larger. */
static void
a_large_entry_straddles_pieces(void **state)
{
	AUTO(buf_done) struct buf file = imalog_load("signed.bin"), data = {0};
	uint8_t byte = 0x5a;
	struct pcr_values v;
	struct walked w;

	(void)state;
	put_u32(&data, 40);
	buf_add(&data, span_of("sha256:", 8));
	for (int i = 0; i < 32; i++)
		buf_u8(&data, byte);
	put_u32(&data, 3);
	buf_add(&data, span_of("/x", 3));
	put_u32(&data, IMALOG_DATA_MAX - 55);
	while (data.len < IMALOG_DATA_MAX)
		buf_u8(&data, byte);
	put_entry(&file, "ima-sig", buf_span(&data));
	file.len -= 1;
	v = quoted_of(TPM_ALG_SHA1, span_of("01234567890123456789", 20), 0,
	              (struct span){0});
	w = walk_on(NULL, buf_span(&file), &v, NULL, 50000);
	assert_got(&w, IMAWALK_NOT_REACHED, "3 entries and ends within one");
	file.len += 1;
	v = quote_after(buf_span(&file), 4, TPM_ALG_SHA256, false);
	w = walk_on(NULL, buf_span(&file), &v, NULL, 50000);
	assert_got(&w, IMAWALK_REACHED, NULL);
	assert_int_equal(w.state.offset, file.len);
}

/* What is quoted already is reached with no bytes, and with any. */
static void
nothing_new_is_reached_at_once(void **state)
{
	AUTO(buf_done) struct buf file = imalog_load("violation.bin");
	struct span log = buf_span(&file), none = {0};
	struct pcr_values v = quote_after(log, 4, TPM_ALG_SHA256, false);
	struct imapolicy *p = policy_of("unknown warn\n");
	struct walked w = walk_on(NULL, log, &v, p, log.len), again;

	(void)state;
	assert_got(&w, IMAWALK_REACHED, NULL);
	again = walk_on(&w, none, &v, p, 1);
	assert_same(&again, &w);
	again = walk_on(&w, span_str("anything"), &v, p, 8);
	assert_same(&again, &w);
	/* But it is not what is behind. */
	v = quote_after(log, 3, TPM_ALG_SHA256, false);
	again = walk_on(&w, none, &v, p, 1);
	assert_got(&again, IMAWALK_NOT_REACHED, "has 4 entries and does not");
	/* And no entry is no measurement, whatever is quoted. */
	v = quoted_of(TPM_ALG_SHA1, span_of((uint8_t[20]){0}, 20), 0, none);
	again = walk_on(NULL, none, &v, p, 1);
	assert_got(&again, IMAWALK_NOT_REACHED, "measures nothing");
	again = walk_on(NULL, log, &v, p, log.len);
	assert_got(&again, IMAWALK_NOT_REACHED, "measures nothing");
	imapolicy_free(p);
}

static void
there_are_so_many_entries(void **state)
{
	AUTO(buf_done) struct buf file = imalog_load("violation.bin");
	struct span log = buf_span(&file), rest;
	struct pcr_values v = quote_after(log, 3, TPM_ALG_SHA256, false);
	struct walked w = walk_on(NULL, log, &v, NULL, log.len), next;

	(void)state;
	assert_got(&w, IMAWALK_REACHED, NULL);
	rest = span_of(log.at + w.state.offset, log.len - w.state.offset);
	v = quote_after(log, 4, TPM_ALG_SHA256, false);
	w.state.n = IMAWALK_ENTRIES_MAX - 1;
	next = walk_on(&w, rest, &v, NULL, rest.len);
	assert_got(&next, IMAWALK_REACHED, NULL);
	w.state.n = IMAWALK_ENTRIES_MAX;
	next = walk_on(&w, rest, &v, NULL, rest.len);
	assert_got(&next, IMAWALK_BAD, "too many");
}

/* Every bank with PCR 10, and by one entry. */
static void
banks_are_met_together(void **state)
{
	AUTO(buf_done) struct buf file = imalog_load("host2.bin");
	struct span log = buf_span(&file);

	(void)state;
	for (uint64_t n = 9; n <= 11; n++) {
		struct digest a = pcr10_after(log, 10, TPM_ALG_SHA256, false),
			      b = pcr10_after(log, n, TPM_ALG_SHA384, true);
		struct pcr_values v =
		    quoted_of(TPM_ALG_SHA256, digest_span(&a), TPM_ALG_SHA384,
		              digest_span(&b));
		struct walked w = walk_on(NULL, log, &v, NULL, log.len), next;

		if (n != 10) {
			assert_got(&w, IMAWALK_NOT_REACHED, "459 entries and");
			continue;
		}
		assert_got(&w, IMAWALK_REACHED, NULL);
		assert_int_equal(w.state.n, 10);
		assert_int_equal(w.state.n_rules, 2);
		/* On with the rules that held, and no others. */
		a = pcr10_after(log, 20, TPM_ALG_SHA256, true);
		v = quoted_of(TPM_ALG_SHA256, digest_span(&a), 0,
		              (struct span){0});
		next = walk_on(
		    &w,
		    span_of(log.at + w.state.offset, log.len - w.state.offset),
		    &v, NULL, log.len);
		assert_got(&next, IMAWALK_NOT_REACHED, NULL);
		/* A bank that is not quoted does not count. */
		v.selection.banks[0].mask = 1;
		next = walk_on(NULL, log, &v, NULL, log.len);
		assert_got(&next, IMAWALK_BAD, "PCR 10 is not in the quote");
	}
}

static void
what_cannot_begin_is_not_opened(void **state)
{
	AUTO(buf_done) struct buf file = imalog_load("ngv2.bin");
	struct span log = buf_span(&file);
	struct pcr_values v = quote_after(log, 2, TPM_ALG_SHA256, false),
			  other = quote_after(log, 2, TPM_ALG_SHA1, false);
	static struct imawalk_case cases[IMAWALK_CASES_MAX + 1];
	struct imapolicy *p = policy_of("");
	struct walked w = walk_on(NULL, log, &v, NULL, log.len), next;
	struct err err = {0};

	(void)state;
	next = walk_on(&w, log, &other, NULL, log.len);
	assert_got(&next, IMAWALK_BAD, "of other PCR banks");
	cases[0].policy = p;
	assert_null(imawalk_open(&w.state, &v, NULL, cases, 1, &err));
	assert_non_null(strstr(err.text, "did not judge"));
	assert_null(
	    imawalk_open(NULL, &v, NULL, cases, LENGTH_OF(cases), &err));
	assert_int_equal(err.code, ERR_LIMIT);
	w.state.n_rules = IMAWALK_RULES_MAX + 1;
	assert_null(imawalk_open(&w.state, &v, NULL, NULL, 0, &err));
	assert_int_equal(err.code, ERR_INTERNAL);
	v.values[0][10].len = 20;
	assert_null(imawalk_open(NULL, &v, NULL, NULL, 0, &err));
	assert_non_null(strstr(err.text, "no value of PCR 10"));
	imapolicy_free(p);
	imawalk_free(NULL);
}

/* The first entry stands for the boot, and no other one does. */
static void
the_list_begins_with_boot_aggregate(void **state)
{
	AUTO(buf_done)
	struct buf file = imalog_load("host2.bin"), twice = {0}, quoted = {0};
	struct span log = buf_span(&file), rest;
	struct pcr_values v = quote_after(log, 5, TPM_ALG_SHA256, false),
			  boot = {.selection = {1, {{TPM_ALG_SHA256, 0x3ff}}}};
	struct walked w = walk_on(NULL, log, &v, NULL, log.len);
	struct imawalk *walk;
	struct err err = {0};

	(void)state;
	assert_false(w.state.aggregate);
	v = quote_after(log, 1, TPM_ALG_SHA256, false);
	w = walk_on(NULL, log, &v, NULL, log.len);
	rest = span_of(log.at + w.state.offset, log.len - w.state.offset);
	v = quote_after(log, 459, TPM_ALG_SHA256, false);
	w = walk_on(NULL, rest, &v, NULL, log.len);
	assert_got(&w, IMAWALK_BAD,
	           "entry 0, offset 0: the first entry is not");
	/* As a list that was carried over a kexec. */
	buf_add(&twice, log);
	buf_add(&twice, log);
	v = quote_after(buf_span(&twice), 500, TPM_ALG_SHA256, false);
	w = walk_on(NULL, buf_span(&twice), &v, NULL, log.len);
	assert_got(&w, IMAWALK_BAD,
	           "entry 459, offset 59034: another boot_agg");
	/* Compared with the boot, where its values are known. */
	assert_true(imalog_load_path(FIXTURES_DIR "/quote/ecc.pcrs", &quoted));
	v = quote_after(log, 5, TPM_ALG_SHA256, false);
	for (int i = 0; i < 3; i++) {
		for (unsigned pcr = 0; pcr < 10; pcr++) {
			boot.values[0][pcr].len = SHA256_SIZE;
			memcpy(boot.values[0][pcr].at,
			       quoted.at + (size_t)pcr * SHA256_SIZE,
			       SHA256_SIZE);
		}
		boot.values[0][9].at[0] ^= i == 1;
		boot.selection.banks[0].mask = i == 2 ? 0x1ff : 0x3ff;
		walk = imawalk_open(NULL, &v, &boot, NULL, 0, &err);
		assert_null(imawalk_state(walk));
		assert_int_equal(imawalk_feed(walk, log, &err),
		                 i == 1 ? IMAWALK_BAD : IMAWALK_REACHED);
		if (i == 1)
			assert_non_null(
			    strstr(err.text, "boot_aggregate is not of"));
		else
			assert_int_equal(imawalk_state(walk)->aggregate,
			                 i == 0);
		imawalk_free(walk);
	}
}

static void
what_is_no_list_is_bad(void **state)
{
	AUTO(buf_done) struct buf text = imalog_load("ngv2.txt");
	AUTO(buf_done) struct buf junk = {0};
	struct pcr_values v =
	    quoted_of(TPM_ALG_SHA1, span_of("01234567890123456789", 20), 0,
	              (struct span){0});
	struct imawalk *walk;
	struct walked w;
	struct err err = {0};

	(void)state;
	w = walk_on(NULL, buf_span(&text), &v, NULL, 5);
	assert_got(&w, IMAWALK_BAD, "text form");
	w = walk_on(NULL, span_str("junk"), &v, NULL, 1);
	assert_got(&w, IMAWALK_BAD, "not a measurement list");
	for (int i = 0; i < 300; i++)
		buf_u8(&junk, 0xff);
	/* As soon as enough is there; and it stays so. */
	walk = imawalk_open(NULL, &v, NULL, NULL, 0, &err);
	assert_int_equal(imawalk_feed(walk, span_of(junk.at, 100), &err),
	                 IMAWALK_MORE);
	assert_int_equal(imawalk_feed(walk, buf_span(&junk), &err),
	                 IMAWALK_BAD);
	err = (struct err){0};
	assert_int_equal(imawalk_feed(walk, buf_span(&junk), &err),
	                 IMAWALK_BAD);
	assert_non_null(strstr(err.text, "not a measurement list"));
	assert_int_equal(imawalk_finish(walk, NULL), IMAWALK_BAD);
	assert_null(imawalk_state(walk));
	assert_null(imawalk_tally(walk, 0));
	imawalk_free(walk);
	w = walk_on(NULL, (struct span){0}, &v, NULL, 1);
	assert_got(&w, IMAWALK_NOT_REACHED, "has 0 entries and does not");
}

enum { POLICIES = 5 };

/* In two parts: to entry 400, before anything that is odd, and to the end. */
static void
tally_by_all(struct span log, struct imapolicy *const policies[POLICIES],
             struct imawalk_tally before[POLICIES])
{
	struct imawalk_case cases[POLICIES] = {{0}};
	struct imawalk_state from = {0};

	for (uint64_t n = 400; n <= 454; n += 54) {
		struct pcr_values v =
		    quote_after(log, n, TPM_ALG_SHA256, false);
		struct imawalk *w;
		struct err err;
		size_t at = n == 400 ? 0 : from.offset;

		for (size_t i = 0; i < POLICIES; i++) {
			cases[i].policy = policies[i];
			cases[i].from = n == 400 ? NULL : &before[i];
		}
		w = imawalk_open(n == 400 ? NULL : &from, &v, NULL, cases,
		                 POLICIES, &err);
		assert_non_null(w);
		assert_null(imawalk_tally(w, 0));
		assert_int_equal(
		    imawalk_feed(w, span_of(log.at + at, log.len - at), &err),
		    IMAWALK_REACHED);
		from = *imawalk_state(w);
		for (size_t i = 0; i < POLICIES; i++) {
			before[i] = *imawalk_tally(w, i);
			assert_int_equal(before[i].judged, n);
			/* What is behind the quote is not judged yet. */
			if (n == 400)
				assert_int_equal(
				    before[i].refused + before[i].warned, 0);
		}
		assert_null(imawalk_tally(w, POLICIES));
		imawalk_free(w);
	}
}

/* The same policy of all files but some, and what it says of the prefix. */
static void
findings_are_of_the_prefix(void **state)
{
	AUTO(buf_done) struct buf file = imalog_load("unknown-binary.bin");
	struct span log = buf_span(&file);
	struct imapolicy *policies[POLICIES] = {
	    policy_of_log(log, "violation exclude\nexclude /root\n", NULL),
	    policy_of_log(log, "violation exclude\nexclude /root\n",
	                  "/usr/local/bin/unknown-tool"),
	    policy_of_log(log,
	                  "violation exclude\nexclude /root\nunknown "
	                  "warn\n",
	                  "/usr/local/bin/unknown-tool"),
	    policy_of_log(log,
	                  "sha256:00000000000000000000000000000000000000000000"
	                  "00000000000000000000 /usr/local/bin/unknown-tool\n",
	                  "/usr/local/bin/unknown-tool"),
	    policy_of_log(log, "violation exclude\nexclude /root\n",
	                  "/usr/local/bin/name\nnewline"),
	};
	struct imawalk_tally before[POLICIES];
	char text[IMAWALK_SENTENCE_MAX], sum[IMAWALK_SUM_MAX];

	(void)state;
	tally_by_all(log, policies, before);
	assert_int_equal(before[0].refused + before[0].warned, 0);
	assert_string_equal(imawalk_sum(&before[0], sum),
	                    "454 entries, none refused");
	assert_int_equal(before[1].refused, 1);
	assert_string_equal(imawalk_say(&before[1].first_refused, text),
	                    "the file /usr/local/bin/unknown-tool (entry 401) "
	                    "is not known to the golden value");
	assert_int_equal(before[2].refused, 0);
	assert_int_equal(before[2].warned, 1);
	assert_string_equal(imawalk_sum(&before[2], sum),
	                    "1 of 454 entries warned of, the first: the file "
	                    "/usr/local/bin/unknown-tool (entry 401) is not "
	                    "known to the golden value");
	assert_int_equal(before[3].refused, 3);
	assert_string_equal(imawalk_sum(&before[3], sum),
	                    "3 of 454 entries refused, the first: the file "
	                    "/usr/local/bin/unknown-tool (entry 401) has "
	                    "another digest than the golden value lists");
	assert_int_equal(before[4].first_refused.finding, IMAPOLICY_UNKNOWN);
	assert_non_null(strstr(imawalk_say(&before[4].first_refused, text),
	                       "/usr/local/bin/name\\u{a}newline"));
	for (size_t i = 0; i < POLICIES; i++)
		imapolicy_free(policies[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_prefix_is_reached),
	    cmocka_unit_test(pieces_say_what_the_whole_says),
	    cmocka_unit_test(a_large_entry_straddles_pieces),
	    cmocka_unit_test(nothing_new_is_reached_at_once),
	    cmocka_unit_test(there_are_so_many_entries),
	    cmocka_unit_test(banks_are_met_together),
	    cmocka_unit_test(what_cannot_begin_is_not_opened),
	    cmocka_unit_test(the_list_begins_with_boot_aggregate),
	    cmocka_unit_test(what_is_no_list_is_bad),
	    cmocka_unit_test(findings_are_of_the_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
