/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an IAK certifies: every check has its lie, the smallest one that this
 * check alone catches; and an IAK is wholly of a template. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "appraise/certification.h"
#include "evidence/iak.h"
#include "soft_tpm.h"

/* An honest world: an IAK, the AK that it certifies, a question, its answer. */
struct world {
	struct soft_tpm *iak_key, *ak_key, *signer;
	struct public_bytes iak, ak;
	struct statement asked, answered;
	struct certify said;
	struct tpm_name signer_name, name, qualified;
	uint8_t extra[SHA256_SIZE];
	struct certified certified;
	bool cut, forged, as_quote;
};

/* Attributes and policy in place of an AK's. */
static void
make_iak(const struct soft_tpm *key, struct public_bytes *out)
{
	static const uint8_t policy[] = {
	    0x54, 0x37, 0x18, 0x23, 0x26, 0xe4, 0x14, 0xfc, 0xa7, 0x97, 0xd5,
	    0xf1, 0x74, 0x61, 0x5a, 0x16, 0x41, 0xf6, 0x12, 0x55, 0x79, 0x7c,
	    0x3a, 0x2b, 0x22, 0xc2, 0x1d, 0x12, 0x0b, 0x2d, 0x1e, 0x07};
	enum { REST = 2 + 2 + 4 + 2 };
	AUTO(buf_done) struct buf b = {0};
	struct public_bytes ak;

	soft_tpm_public(key, &ak);
	buf_u16(&b, TPM_ALG_ECC);
	buf_u16(&b, TPM_ALG_SHA256);
	buf_u32(&b, 0x000500f2);
	buf_sized(&b, span_of(policy, sizeof(policy)));
	buf_add(&b, span_of(ak.at + REST, ak.len - REST));
	memcpy(out->at, b.at, b.len);
	out->len = b.len;
}

static struct span
area(const struct public_bytes *p)
{
	return span_of(p->at, p->len);
}

static void
name_both(const struct public_bytes *p, struct tpm_name *name,
          struct tpm_name *qualified)
{
	assert_true(tpm_name_of(area(p), name));
	assert_true(tpm_qualified_name_of(name, qualified));
}

static void
be_honest(struct world *w)
{
	struct tpm_name unused;

	*w =
	    (struct world){.iak_key = soft_tpm_new(), .ak_key = soft_tpm_new()};
	w->signer = w->iak_key;
	make_iak(w->iak_key, &w->iak);
	soft_tpm_public(w->ak_key, &w->ak);
	memset(w->asked.nonce, 1, NONCE_SIZE);
	memset(w->asked.exporter, 2, EXPORTER_SIZE);
	w->answered = w->asked;
	w->said.magic = TPM_GENERATED_VALUE;
	w->said.type = TPM_ST_ATTEST_CERTIFY;
	name_both(&w->iak, &unused, &w->signer_name);
	name_both(&w->ak, &w->name, &w->qualified);
}

/* The agent's part: what was not lied about follows from the rest. */
static void
answer(struct world *w)
{
	static const uint8_t clock_and_firmware[25] = {0};
	AUTO(buf_done) struct buf b = {0};

	if (w->as_quote)
		statement_leaf(&w->answered, w->extra);
	else
		statement_certify(&w->answered, w->extra);
	buf_u32(&b, w->said.magic);
	buf_u16(&b, w->said.type);
	buf_sized(&b, tpm_name_span(&w->signer_name));
	buf_sized(&b, span_of(w->extra, sizeof(w->extra)));
	buf_add(&b, span_of(clock_and_firmware, sizeof(clock_and_firmware)));
	buf_sized(&b, tpm_name_span(&w->name));
	buf_sized(&b, tpm_name_span(&w->qualified));
	for (size_t i = 0; i < w->said.trailing; i++)
		buf_u8(&b, 0);
	w->certified.attest.len = b.len - w->cut;
	memcpy(w->certified.attest.at, b.at, b.len);
	soft_tpm_sign(w->signer,
	              span_of(w->certified.attest.at, w->certified.attest.len),
	              &w->certified.signature);
	if (w->forged)
		w->certified.signature.at[20] ^= 1;
}

static bool
judge(struct world *w, struct certification *c, struct err *err)
{
	answer(w);
	*c = (struct certification){.iak = area(&w->iak),
	                            .ak = area(&w->ak),
	                            .statement = w->asked,
	                            .certified = &w->certified};
	*err = (struct err){0};
	return certification_appraise(c, err);
}

static void
end(struct world *w)
{
	soft_tpm_free(w->iak_key);
	soft_tpm_free(w->ak_key);
}

static void
forge(struct world *w)
{
	w->forged = true;
}

static void
by_the_ak(struct world *w)
{
	w->signer = w->ak_key;
}

/* The signature's own attributes stay right: only the key guards less. */
static void
unrestricted(struct world *w)
{
	struct tpm_name unused;

	w->iak.at[5] ^= 1; /* TPMA_OBJECT_RESTRICTED */
	name_both(&w->iak, &unused, &w->signer_name);
}

static void
an_ak_as_iak(struct world *w)
{
	struct tpm_name unused;

	soft_tpm_public(w->iak_key, &w->iak);
	name_both(&w->iak, &unused, &w->signer_name);
}

static void
software_magic(struct world *w)
{
	w->said.magic ^= 1;
}

static void
quote_type(struct world *w)
{
	w->said.type = TPM_ST_ATTEST_QUOTE;
}

static void
trail(struct world *w)
{
	w->said.trailing = 1;
}

static void
other_signer(struct world *w)
{
	w->signer_name.at[10] ^= 1;
}

static void
replay(struct world *w)
{
	memset(w->answered.nonce, 9, NONCE_SIZE);
}

static void
relay(struct world *w)
{
	memset(w->answered.exporter, 9, EXPORTER_SIZE);
}

static void
other_endpoint(struct world *w)
{
	w->answered.endpoint[0] ^= 1;
}

static void
of_a_quote(struct world *w)
{
	w->as_quote = true;
}

static void
zero_nonce(struct world *w)
{
	memset(w->asked.nonce, 0, NONCE_SIZE);
	w->answered = w->asked;
}

static void
zero_exporter(struct world *w)
{
	memset(w->asked.exporter, 0, EXPORTER_SIZE);
	w->answered = w->asked;
}

static void
other_key(struct world *w)
{
	w->name.at[10] ^= 1;
}

static void
other_hierarchy(struct world *w)
{
	w->qualified.at[10] ^= 1;
}

static const struct {
	const char *check, *name;
	void (*tell)(struct world *);
} lies[] = {
    {"signature", "a signature of somebody else", forge},
    {"signature", "our own key's word for itself", by_the_ak},
    {"key", "a key that signs anything", unrestricted},
    {"key", "a restricted key of another template", an_ak_as_iak},
    {"magic", "a structure that software made", software_magic},
    {"type", "TPM2_Quote's type", quote_type},
    {"length", "a byte behind the structure", trail},
    {"signer", "another key's qualified name", other_signer},
    {"nonce", "an old certification", replay},
    {"nonce", "another session's", relay},
    {"nonce", "other endpoint keys", other_endpoint},
    {"nonce", "a quote's statement", of_a_quote},
    {"nonce", "a nonce that was never drawn", zero_nonce},
    {"nonce", "a session that was never there", zero_exporter},
    {"name", "another key's name", other_key},
    {"hierarchy", "a key of another hierarchy", other_hierarchy},
};

static void
truth_is_believed(void **state)
{
	struct certification c;
	struct world w;
	struct err err;

	(void)state;
	be_honest(&w);
	assert_true(judge(&w, &c, &err));
	assert_int_equal(err.code, ERR_NONE);
	end(&w);
}

static void
each_lie_is_caught_by_its_check_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(lies); i++) {
		struct certification c;
		char told[40];
		struct world w;
		struct err err;

		be_honest(&w);
		lies[i].tell(&w);
		snprintf(told, sizeof(told), "(%s)", lies[i].check);
		if (judge(&w, &c, &err) || err.code != ERR_PEER ||
		    strstr(err.text, told) == NULL)
			fail_msg("%s: '%s'", lies[i].name, err.text);
		c.read = certify_read(
		    span_of(w.certified.attest.at, w.certified.attest.len),
		    &c.said, NULL);
		for (size_t k = 0; k < certification_checks_n; k++)
			if (certification_checks[k].holds(&c) ==
			    (strcmp(certification_checks[k].name,
			            lies[i].check) == 0))
				fail_msg("%s: also '%s'", lies[i].name,
				         certification_checks[k].name);
		end(&w);
	}
}

static void
every_check_has_a_lie(void **state)
{
	(void)state;
	for (size_t i = 0; i < certification_checks_n; i++) {
		size_t n = 0;

		for (size_t k = 0; k < LENGTH_OF(lies); k++)
			n += strcmp(lies[k].check,
			            certification_checks[i].name) == 0;
		if (n == 0)
			fail_msg("no lie tests the check '%s'",
			         certification_checks[i].name);
	}
}

static void
zeroes_trip_every_check(void **state)
{
	static const struct certified certified;
	const struct certification c = {.certified = &certified};

	(void)state;
	for (size_t i = 0; i < certification_checks_n; i++)
		if (certification_checks[i].holds(&c))
			fail_msg("'%s' holds on zeroes",
			         certification_checks[i].name);
}

/* What is not signed is not read; what is cut has no layout. */
static void
nothing_less_is_read(void **state)
{
	struct certification c;
	struct world w;
	struct err err;

	(void)state;
	be_honest(&w);
	w.forged = true;
	assert_false(judge(&w, &c, &err));
	assert_int_equal(c.said.magic, 0);
	w.forged = false;
	w.cut = true;
	assert_false(judge(&w, &c, &err));
	assert_non_null(strstr(err.text, "(length)"));
	end(&w);
	for (size_t len = 0; len < w.certified.attest.len; len++)
		assert_false(certify_read(span_of(w.certified.attest.at, len),
		                          &c.said, &err));
}

/* All but the key's own numbers: every bit of it changed, every byte of it
 * missing. */
static void
no_other_iak(void **state)
{
	enum { POINT = 2 * (2 + 32) };
	struct world w;

	(void)state;
	be_honest(&w);
	assert_string_equal(iak_template_of(area(&w.iak), NULL)->name,
	                    "ecc-p256");
	for (size_t bit = 0; bit < (w.iak.len - POINT) * 8; bit++) {
		w.iak.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_null(iak_template_of(area(&w.iak), NULL));
		w.iak.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (size_t len = 0; len < w.iak.len; len++)
		assert_null(iak_template_of(span_of(w.iak.at, len), NULL));
	end(&w);
}

/* Parts of another length than the template's. */
static void
no_other_parts(void **state)
{
	enum { SYMMETRIC = 42, SCHEME = 44, KDF = 50, X = 52 };
	static const struct {
		size_t at;
		uint8_t bytes[6];
		size_t len;
	} parts[] = {
	    {SYMMETRIC, {0x00, 0x06, 0x00, 0x80, 0x00, 0x43}, 6},
	    {SCHEME, {0x00, 0x14}, 2},
	    {SCHEME, {0x00, 0x16}, 2},
	    {KDF, {0x00, 0x20, 0x00, 0x0b}, 4},
	    {X, {0x00, 0x21, 0x00}, 3},
	};
	struct world w;

	(void)state;
	be_honest(&w);
	for (size_t i = 0; i < LENGTH_OF(parts); i++) {
		AUTO(buf_done) struct buf b = {0};
		size_t behind = parts[i].at + 2;
		struct tpm_public p;

		buf_add(&b, span_of(w.iak.at, parts[i].at));
		buf_add(&b, span_of(parts[i].bytes, parts[i].len));
		buf_add(&b, span_of(w.iak.at + behind, w.iak.len - behind));
		assert_true(tpm_public_parse(buf_span(&b), &p, NULL));
		assert_null(iak_template_of(buf_span(&b), NULL));
	}
	end(&w);
}

/* A curve goes with its hash: a right signature over another one is none. */
static void
no_other_hash(void **state)
{
	struct crypto_signature signature;
	struct signature_bytes bytes;
	struct span said;
	struct tpm_public key;
	struct world w;

	(void)state;
	be_honest(&w);
	answer(&w);
	said = span_of(w.certified.attest.at, w.certified.attest.len);
	soft_tpm_sign_sha384(w.iak_key, said, &bytes);
	assert_true(tpm_public_parse(area(&w.iak), &key, NULL));
	assert_true(
	    signature_parse(span_of(bytes.at, bytes.len), &signature, NULL));
	assert_int_equal(signature.hash, TPM_ALG_SHA384);
	assert_false(crypto_signed(&key.key, said, &signature));
	end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(truth_is_believed),
	    cmocka_unit_test(each_lie_is_caught_by_its_check_alone),
	    cmocka_unit_test(every_check_has_a_lie),
	    cmocka_unit_test(zeroes_trip_every_check),
	    cmocka_unit_test(nothing_less_is_read),
	    cmocka_unit_test(no_other_iak),
	    cmocka_unit_test(no_other_parts),
	    cmocka_unit_test(no_other_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
