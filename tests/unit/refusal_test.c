/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the evidence's parsers and rules refuse, each for the one reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "evidence/attester.h"

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

/* `len` bytes at `at` become `with`. */
static void
splice(struct buf *b, size_t at, size_t len, struct span with)
{
	struct buf out = {0};

	buf_add(&out, span_of(b->at, at));
	buf_add(&out, with);
	buf_add(&out, span_of(b->at + at + len, b->len - at - len));
	buf_done(b);
	*b = out;
}

#define BYTES(...)                                                             \
	span_of((const uint8_t[]){__VA_ARGS__},                                \
	        sizeof((const uint8_t[]){__VA_ARGS__}))

static void
what_follows_is_refused(void **state)
{
	AUTO(buf_done) struct buf sig = {0}, ak = {0};
	struct crypto_signature signature;
	struct tpm_public key;

	(void)state;
	load("ecc.sig", &sig);
	load("ecc.ak", &ak);
	assert_true(signature_parse(buf_span(&sig), &signature, NULL));
	assert_true(tpm_public_parse(buf_span(&ak), &key, NULL));
	buf_u8(&sig, 0);
	buf_u8(&ak, 0);
	assert_false(signature_parse(buf_span(&sig), &signature, NULL));
	assert_false(tpm_public_parse(buf_span(&ak), &key, NULL));
}

static void
a_quote_outside_the_tpms_own_bounds_is_refused(void **state)
{
	static const uint8_t long_name[2 + NAME_MAX_SIZE + 1] = {
	    0, NAME_MAX_SIZE + 1};
	AUTO(buf_done) struct buf msg = {0}, longer = {0};
	struct quote q;
	size_t safe;

	(void)state;
	load("ecc.msg", &msg);
	assert_true(quote_read(buf_span(&msg), &q, NULL));
	/* Magic, type, two sized fields, clock, two counters. */
	safe = 4 + 2 + 2 + q.signer.len + 2 + q.extra.len + 8 + 4 + 4;
	buf_add(&longer, buf_span(&msg));
	splice(&longer, 6, 2 + q.signer.len,
	       span_of(long_name, sizeof(long_name)));
	assert_false(quote_read(buf_span(&longer), &q, NULL));
	msg.at[safe] = 2; /* neither yes nor no */
	assert_false(quote_read(buf_span(&msg), &q, NULL));
}

static bool
selection_reads(struct span bytes)
{
	struct reader r = reader_of(bytes);
	struct pcr_selection s;

	pcr_selection_read(&r, &s);
	assert_true(!r.bad || s.n == 0);
	return !r.bad;
}

static void
selections_that_no_quote_has_are_refused(void **state)
{
	(void)state;
	assert_true(selection_reads(BYTES(0, 0, 0, 1, 0, 11, 4, 1, 0, 0, 0)));
	/* PCR 24. */
	assert_false(selection_reads(BYTES(0, 0, 0, 1, 0, 11, 4, 1, 0, 0, 1)));
	/* SHA-256 twice. */
	assert_false(
	    selection_reads(BYTES(0, 0, 0, 2, 0, 11, 1, 1, 0, 11, 1, 2)));
	/* Five banks. */
	assert_false(
	    selection_reads(BYTES(0, 0, 0, 5, 0, 4, 1, 1, 0, 11, 1, 1, 0, 12, 1,
	                          1, 0, 13, 1, 1, 0, 18, 1, 1)));
	assert_false(pcr_selection_parse("sha256:7-0",
	                                 &(struct pcr_selection){0}, NULL));
}

static void
a_value_that_is_not_there_has_no_digest(void **state)
{
	struct pcr_values v = {.selection = {1, {{TPM_ALG_SHA256, 3}}}};
	struct digest digest;

	(void)state;
	v.values[0][0].len = v.values[0][1].len = SHA256_SIZE;
	assert_true(pcr_values_digest(&v, TPM_ALG_SHA256, &digest));
	v.values[0][1].len = SHA256_SIZE - 1;
	assert_false(pcr_values_digest(&v, TPM_ALG_SHA256, &digest));
	v.values[0][1].len = 0;
	assert_false(pcr_values_digest(&v, TPM_ALG_SHA256, &digest));
}

static bool
holds(struct tree_place place, const uint8_t leaf[SHA256_SIZE],
      const uint8_t root[SHA256_SIZE])
{
	return tree_place_holds(&place, leaf, span_of(root, SHA256_SIZE));
}

/* Each would lead to the root, in a tree that is not. */
static void
places_that_no_tree_has_are_refused(void **state)
{
	static const uint8_t two[2][SHA256_SIZE] = {{1}, {2}};
	struct tree_place with = {.index = 1, .size = 2, .n = 1};
	uint8_t root[SHA256_SIZE];

	(void)state;
	tree_root(two, 2, root);
	memcpy(with.path[0], two[0], SHA256_SIZE);
	assert_true(holds(with, two[1], root));
	/* The path is longer than the tree is deep, or shorter. */
	with.index = 0;
	with.size = 1;
	assert_false(holds(with, two[1], root));
	assert_false(
	    holds((struct tree_place){.index = 0, .size = 2}, two[1], two[1]));
	/* Outside the tree. */
	assert_true(
	    holds((struct tree_place){.index = 0, .size = 1}, two[1], two[1]));
	assert_false(
	    holds((struct tree_place){.index = 1, .size = 1}, two[1], two[1]));
	assert_false(
	    holds((struct tree_place){.index = 0, .size = 0}, two[1], two[1]));
	/* The last of more leaves than one signature may have. */
	with.index = TREE_LEAVES_MAX;
	with.size = TREE_LEAVES_MAX + 1;
	assert_false(holds(with, two[1], root));
}

static void
golden_values_of_nothing_are_refused(void **state)
{
	const struct pcr_selection none = {0},
				   empty = {1, {{TPM_ALG_SHA256, 0}}};
	const struct golden g = {
	    .values.selection = {1, {{TPM_ALG_SHA256, 1}}},
	};

	(void)state;
	assert_false(golden_selection_allowed(&none, false, NULL));
	assert_false(golden_selection_allowed(&empty, false, NULL));
	/* Two values that are not there are no match. */
	assert_int_equal(golden_differences(&g, &g.values, NULL, 0), 1);
}

static void
endpoint_keys_have_a_kind_and_a_limit(void **state)
{
	static const char *const kinds[] = {"", "A", "a_b", "a b",
	                                    "a123456789b123456789c123456789de"};
	struct endpoint_keys keys = {0};
	uint8_t sha256[SHA256_SIZE] = {0};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(kinds); i++)
		assert_false(endpoint_keys_add(&keys, kinds[i], sha256));
	for (uint8_t i = 0; i < ENDPOINT_KEYS_MAX; i++) {
		sha256[0] = i;
		assert_true(endpoint_keys_add(&keys, "ssh", sha256));
	}
	assert_true(endpoint_keys_add(&keys, "ssh", sha256)); /* known */
	sha256[0] = ENDPOINT_KEYS_MAX;
	assert_false(endpoint_keys_add(&keys, "ssh", sha256));
}

/* Whether the fixture's key, made a good one, is one still with `len` bytes at
 * `at` being `with`. */
static bool
ak_with(const char *file, size_t at, size_t len, struct span with)
{
	AUTO(buf_done) struct buf ak = {0};

	load(file, &ak);
	ak.at[6] |= 0x04; /* noDA */
	splice(&ak, at, len, with);
	return attester_ak_allowed(buf_span(&ak), NULL);
}

/* Offsets in TPMT_PUBLIC (Part 2, 12.2.4) of the two kinds of key. */
static void
keys_with_anything_else_are_no_attestation_keys(void **state)
{
	static const uint8_t policy[2 + SHA256_SIZE] = {0, SHA256_SIZE};
	const struct span aes = BYTES(0, 6, 0, 128, 0, 0x43);

	(void)state;
	assert_true(ak_with("ecc.ak", 0, 0, (struct span){0}));
	assert_true(ak_with("rsa.ak", 0, 0, (struct span){0}));
	assert_false(ak_with("ecc.ak", 8, 2, span_of(policy, sizeof(policy))));
	assert_false(ak_with("rsa.ak", 8, 2, span_of(policy, sizeof(policy))));
	assert_false(ak_with("ecc.ak", 10, 2, aes));
	assert_false(ak_with("rsa.ak", 10, 2, aes));
	/* ECDAA has a count, too; a KDF has a hash. */
	assert_false(ak_with("ecc.ak", 12, 2, BYTES(0, 0x1a)));
	assert_false(ak_with("ecc.ak", 18, 2, BYTES(0, 0x20, 0, 11)));
	assert_false(ak_with("ecc.ak", 20, 3, BYTES(0, 31)));
	assert_false(ak_with("rsa.ak", 16, 2, BYTES(12, 0)));
	assert_false(ak_with("rsa.ak", 18, 4, BYTES(0, 0, 0, 3)));
	/* 0 means the usual exponent. */
	assert_true(ak_with("rsa.ak", 18, 4, BYTES(0, 1, 0, 1)));
}

static void
a_name_is_no_option(void **state)
{
	(void)state;
	assert_true(attester_name_allowed("host-a", NULL));
	assert_false(attester_name_allowed("-host", NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_follows_is_refused),
	    cmocka_unit_test(a_quote_outside_the_tpms_own_bounds_is_refused),
	    cmocka_unit_test(selections_that_no_quote_has_are_refused),
	    cmocka_unit_test(a_value_that_is_not_there_has_no_digest),
	    cmocka_unit_test(places_that_no_tree_has_are_refused),
	    cmocka_unit_test(golden_values_of_nothing_are_refused),
	    cmocka_unit_test(endpoint_keys_have_a_kind_and_a_limit),
	    cmocka_unit_test(keys_with_anything_else_are_no_attestation_keys),
	    cmocka_unit_test(a_name_is_no_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
