/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Real quotes of a TPM, every prefix of them, and the Merkle tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/text.h"
#include "evidence/attester.h"
#include "evidence/statement.h"

static void
load(const char *name, struct buf *out)
{
	char path[512];
	uint8_t part[2048];
	size_t n;
	FILE *file;

	snprintf(path, sizeof(path), "%s/quote/%s", FIXTURES_DIR, name);
	file = fopen(path, "rb");
	assert_non_null(file);
	n = fread(part, 1, sizeof(part), file);
	fclose(file);
	buf_add(out, span_of(part, n));
}

/* A quote of a real TPM: signature, name, digest over its PCR values. */
static void
check_real_quote(const char *kind)
{
	AUTO(buf_done) struct buf msg = {0}, sig = {0}, ak = {0}, pcrs = {0};
	AUTO(buf_done) struct buf nonce = {0};
	struct crypto_signature signature;
	struct tpm_name name, qualified;
	struct tpm_public key;
	struct digest digest;
	struct quote quote;
	struct span all;
	char file[64];

	snprintf(file, sizeof(file), "%s.msg", kind);
	load(file, &msg);
	snprintf(file, sizeof(file), "%s.sig", kind);
	load(file, &sig);
	snprintf(file, sizeof(file), "%s.ak", kind);
	load(file, &ak);
	snprintf(file, sizeof(file), "%s.pcrs", kind);
	load(file, &pcrs);
	snprintf(file, sizeof(file), "%s.nonce", kind);
	load(file, &nonce);
	assert_true(tpm_public_parse(buf_span(&ak), &key, NULL));
	assert_true(signature_parse(buf_span(&sig), &signature, NULL));
	assert_true(crypto_signed(&key.key, buf_span(&msg), &signature));
	assert_true(quote_parse(buf_span(&msg), &quote, NULL));
	assert_true(span_eq(quote.extra, buf_span(&nonce)));
	all = buf_span(&pcrs);
	assert_true(crypto_hash(TPM_ALG_SHA256, &all, 1, &digest));
	assert_true(span_eq(digest_span(&digest), quote.pcr_digest));
	/* These keys live under an EK: they are no primaries of ours. */
	assert_true(tpm_name_of(buf_span(&ak), &name));
	assert_true(tpm_qualified_name_of(&name, &qualified));
	assert_false(span_eq(tpm_name_span(&qualified), quote.signer));
	for (size_t n = 0; n < msg.len; n++) {
		uint8_t *exact = malloc(n != 0 ? n : 1);

		assert_non_null(exact);
		memcpy(exact, msg.at, n);
		assert_false(quote_parse(span_of(exact, n), &quote, NULL));
		free(exact);
	}
	sig.at[sig.len - 1] ^= 1;
	assert_true(signature_parse(buf_span(&sig), &signature, NULL));
	assert_false(crypto_signed(&key.key, buf_span(&msg), &signature));
}

static void
real_quotes(void **state)
{
	(void)state;
	check_real_quote("ecc");
	check_real_quote("rsa");
}

static void
every_place_in_every_tree_holds(void **state)
{
	static uint8_t leaves[70][SHA256_SIZE];

	(void)state;
	for (size_t i = 0; i < 70; i++)
		leaves[i][0] = (uint8_t)(i + 1);
	for (size_t n = 1; n <= 70; n++) {
		const uint8_t(*all)[SHA256_SIZE] =
		    (const uint8_t(*)[SHA256_SIZE])leaves;
		uint8_t root[SHA256_SIZE];

		tree_root(all, n, root);
		for (size_t i = 0; i < n; i++) {
			struct span r = span_of(root, SHA256_SIZE);
			struct tree_place place;

			tree_place_of(all, n, i, &place);
			assert_true(tree_place_holds(&place, leaves[i], r));
			assert_false(
			    tree_place_holds(&place, leaves[(i + 1) % 70], r));
			place.index ^= 1;
			assert_false(n > 1 &&
			             tree_place_holds(&place, leaves[i], r));
			place.index ^= 1;
			place.n++;
			assert_false(tree_place_holds(&place, leaves[i], r));
		}
	}
}

static void
selections(void **state)
{
	struct pcr_selection s;
	char text[PCR_TEXT_MAX];

	(void)state;
	assert_true(pcr_selection_parse("sha256:0-2,7+sha1:4", &s, NULL));
	assert_string_equal(pcr_selection_format(&s, text),
	                    "sha256:0,1,2,7+sha1:4");
	assert_int_equal(pcr_selection_count(&s), 5);
	assert_false(golden_selection_allowed(&s, false, NULL));
	assert_true(golden_selection_allowed(&s, true, NULL));
	assert_true(pcr_selection_parse("sha256:16", &s, NULL));
	assert_false(golden_selection_allowed(&s, true, NULL));
	assert_false(pcr_selection_parse("sha256:24", &s, NULL));
	assert_false(pcr_selection_parse("sha256:1+sha256:2", &s, NULL));
	assert_false(pcr_selection_parse("md5:1", &s, NULL));
	assert_false(pcr_selection_parse("sha256:", &s, NULL));
	assert_false(pcr_selection_parse("", &s, NULL));
}

/* A bit map longer than any TPM's: tpm2-tss refuses it, so do we. */
static void
a_selection_has_four_bytes_at_most(void **state)
{
	static const uint8_t bytes[] = {0, 0, 0, 1, 0, 0x0b, 5, 1, 0, 0, 0, 0};
	static const uint8_t four[] = {0, 0, 0, 1, 0, 0x0b, 4, 1, 0, 0, 0};
	struct reader r = reader_of(span_of(bytes, sizeof(bytes)));
	struct pcr_selection s;

	(void)state;
	pcr_selection_read(&r, &s);
	assert_false(reader_is_done(&r));
	r = reader_of(span_of(four, sizeof(four)));
	pcr_selection_read(&r, &s);
	assert_true(reader_is_done(&r));
	assert_int_equal(s.banks[0].mask, 1);
}

static void
base64_is_canonical(void **state)
{
	static const char *const bad[] = {
	    "A",    "AA",       "AA=",  "AB==", "AAB=",
	    "A===", "AA==AA==", "A A=", "AA=\n"};
	AUTO(buf_done) struct buf out = {0};
	char text[TEXT_BASE64_SIZE(5)];

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(bad); i++)
		assert_false(text_unbase64(span_str(bad[i]), &out));
	for (size_t n = 0; n <= 5; n++) {
		out.len = 0;
		text_base64(span_of("\xff\x00\x10\x83z", n), text);
		assert_true(text_unbase64(span_str(text), &out));
		assert_true(
		    span_eq(buf_span(&out), span_of("\xff\x00\x10\x83z", n)));
	}
}

static void
loose_keys_are_no_attestation_keys(void **state)
{
	AUTO(buf_done) struct buf ak = {0};

	(void)state;
	load("ecc.ak", &ak);
	/* The fixture's key has no noDA: near is not enough. */
	assert_false(attester_ak_allowed(buf_span(&ak), NULL));
	ak.at[6] |= 0x04;
	assert_true(attester_ak_allowed(buf_span(&ak), NULL));
	for (size_t bit = 0; bit < 8 * 30; bit++) {
		if (bit / 8 >= 22 && bit / 8 < 24)
			continue; /* the point's length */
		ak.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (bit / 8 < 22)
			assert_false(attester_ak_allowed(buf_span(&ak), NULL));
		ak.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

/* A terminal obeys some of what it does not show. */
static void
what_moves_a_cursor_is_not_printable(void **state)
{
	static const char *const bad[] = {
	    "\n",           "a\tb",         "\033[2J",      "\x7f",
	    "\xc2\x9b",     "x\xc2\x80y",   "\xc2\x9f",     "\xe2\x80\x8e",
	    "\xe2\x80\xa8", "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x81\xa9",
	};
	static const char *const good[] = {
	    "",         "plain",        "caf\xc3\xa9",
	    "\xc2\xa0", "\xe2\x80\x93", "\xe2\x82\xac",
	    "\xc2",     "\xe2\x80",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(bad); i++)
		assert_false(text_is_printable(bad[i]));
	for (size_t i = 0; i < LENGTH_OF(good); i++)
		assert_true(text_is_printable(good[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_moves_a_cursor_is_not_printable),
	    cmocka_unit_test(real_quotes),
	    cmocka_unit_test(every_place_in_every_tree_holds),
	    cmocka_unit_test(selections),
	    cmocka_unit_test(a_selection_has_four_bytes_at_most),
	    cmocka_unit_test(base64_is_canonical),
	    cmocka_unit_test(loose_keys_are_no_attestation_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
