/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Verdicts in AR4SI's words: every reason has its line, and nothing but a
 * whole trusted verdict affirms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proto/ear.h"

static const struct pcr_selection usual = {
    .n = 1, .banks = {{TPM_ALG_SHA256, 1 << 0 | 1 << 2 | 1 << 4 | 1 << 7}}};
static const struct ar4si_basis usual_basis = {ENDORSED_BY_CERTIFICATE, &usual};

static struct verdict
trusted(void)
{
	return (struct verdict){.state = VERDICT_TRUSTED,
	                        .host = "host-a",
	                        .golden = 3,
	                        .time_s = 1700000000,
	                        .appraised = true};
}

static struct verdict
refusal(enum verdict_state state, enum reason_code reason)
{
	struct verdict v;

	verdict_set(&v, "host-a", state, reason, NULL);
	v.time_s = 1700000000;
	return v;
}

static void
assert_affirms_nothing(const struct verdict *v, const char *what)
{
	struct ar4si a;
	bool any = false;

	ar4si_of(v, &usual_basis, &a);
	if (a.status == AR4SI_AFFIRMING)
		fail_msg("%s: affirming", what);
	for (size_t i = 0; i < AR4SI_CLAIM_COUNT; i++) {
		any = any || a.made[i];
		if (a.made[i] && ar4si_tier_of(a.value[i]) == AR4SI_AFFIRMING)
			fail_msg("%s: %s affirms", what,
			         ar4si_claim_name((enum ar4si_claim)i));
		if (a.made[i] && ar4si_tier_of(a.value[i]) > a.status)
			fail_msg("%s: of higher trust than a claim", what);
	}
	if (!any)
		fail_msg("%s: an empty vector", what);
}

/* draft-ietf-rats-ar4si, 2.3.2: both ends of every tier. */
static void
tiers(void **state)
{
	static const struct {
		int8_t first, last;
		enum ar4si_tier tier;
	} want[] = {
	    {-128, -97, AR4SI_CONTRAINDICATED}, {-96, -33, AR4SI_WARNING},
	    {-32, -2, AR4SI_AFFIRMING},         {-1, 1, AR4SI_NONE},
	    {2, 31, AR4SI_AFFIRMING},           {32, 95, AR4SI_WARNING},
	    {96, 127, AR4SI_CONTRAINDICATED},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(want); i++)
		for (int v = want[i].first; v <= want[i].last; v++)
			if (ar4si_tier_of((int8_t)v) != want[i].tier)
				fail_msg(
				    "%d: %s", v,
				    ar4si_tier_name(ar4si_tier_of((int8_t)v)));
	assert_string_equal(ar4si_tier_name((enum ar4si_tier)9), "none");
}

static void
every_reason_has_its_line(void **state)
{
	(void)state;
	for (int i = 0; i < REASON_COUNT; i++) {
		enum reason_code code = (enum reason_code)i;
		struct ar4si_line line = ar4si_line_of(code);

		if (line.claim == AR4SI_NO_CLAIM)
			fail_msg("%s: no line", reason_name(code));
		if (ar4si_tier_of(line.value) == AR4SI_AFFIRMING)
			fail_msg("%s: affirms", reason_name(code));
	}
	assert_int_equal(ar4si_line_of(REASON_COUNT).claim, AR4SI_NO_CLAIM);
}

static void
no_reason_affirms_in_any_state(void **state)
{
	(void)state;
	for (int s = 0; s <= VERDICT_STALE + 1; s++)
		for (int i = 0; i <= REASON_COUNT; i++) {
			struct verdict v = trusted();

			v.state = (enum verdict_state)s;
			verdict_add(&v, (enum reason_code)i, NULL);
			assert_affirms_nothing(&v,
			                       reason_name(v.reasons[0].code));
		}
}

/* Each thing that makes a trusted verdict whole, left out. */
static void
half_a_verdict_affirms_nothing(void **state)
{
	struct verdict v = {0};
	struct ar4si a;

	(void)state;
	assert_affirms_nothing(&v, "zeroes");
	v = trusted();
	v.golden = 0;
	assert_affirms_nothing(&v, "no golden value");
	ar4si_of(&v, &usual_basis, &a);
	assert_int_equal(a.value[AR4SI_INSTANCE_IDENTITY], -1);
	v = trusted();
	v.appraised = false;
	assert_affirms_nothing(&v, "no evidence");
	for (int s = 0; s <= VERDICT_STALE + 1; s++) {
		v = trusted();
		v.state = (enum verdict_state)s;
		if (s != VERDICT_TRUSTED)
			assert_affirms_nothing(&v, "another state");
	}
}

static void
states_have_their_status(void **state)
{
	static const struct {
		enum verdict_state state;
		enum reason_code reason;
		enum ar4si_tier status;
		enum ar4si_claim claim;
		int8_t value;
	} want[] = {
	    {VERDICT_UNTRUSTED, REASON_SIGNATURE, AR4SI_CONTRAINDICATED,
	     AR4SI_INSTANCE_IDENTITY, 99},
	    {VERDICT_UNTRUSTED, REASON_GOLDEN, AR4SI_CONTRAINDICATED,
	     AR4SI_EXECUTABLES, 96},
	    {VERDICT_UNTRUSTED, REASON_ENDPOINT, AR4SI_CONTRAINDICATED,
	     AR4SI_INSTANCE_IDENTITY, 97},
	    {VERDICT_UNREACHABLE, REASON_DEADLINE, AR4SI_NONE,
	     AR4SI_INSTANCE_IDENTITY, 0},
	    {VERDICT_UNREACHABLE, REASON_PROTOCOL, AR4SI_NONE,
	     AR4SI_INSTANCE_IDENTITY, 1},
	    {VERDICT_UNKNOWN, REASON_STORE, AR4SI_NONE, AR4SI_INSTANCE_IDENTITY,
	     -1},
	    {VERDICT_STALE, REASON_AGE, AR4SI_WARNING, AR4SI_CONFIGURATION, 36},
	    /* The worse of the two, whichever comes first. */
	    {VERDICT_UNKNOWN, REASON_GOLDEN, AR4SI_CONTRAINDICATED,
	     AR4SI_EXECUTABLES, 96},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(want); i++) {
		struct verdict v = refusal(want[i].state, want[i].reason);
		struct ar4si a;

		ar4si_of(&v, &usual_basis, &a);
		for (size_t c = 0; c < AR4SI_CLAIM_COUNT; c++)
			assert_int_equal(a.made[c], c == want[i].claim);
		assert_int_equal(a.status, want[i].status);
		assert_int_equal(a.value[want[i].claim], want[i].value);
	}
}

static void
the_worst_of_a_claim_stands(void **state)
{
	struct verdict v = refusal(VERDICT_UNTRUSTED, REASON_SESSION);
	struct ar4si a;

	(void)state;
	verdict_add(&v, REASON_NONCE, NULL);
	verdict_add(&v, REASON_STORE, NULL);
	verdict_add(&v, REASON_NO_GOLDEN, NULL);
	verdict_add(&v, REASON_GOLDEN, NULL);
	ar4si_of(&v, &usual_basis, &a);
	assert_int_equal(a.value[AR4SI_INSTANCE_IDENTITY], 99);
	assert_int_equal(a.value[AR4SI_EXECUTABLES], 96);
}

/* What is affirmed is what was proved, and no more. */
static void
affirmed_is_what_was_proved(void **state)
{
	static const struct pcr_selection none = {0},
					  policy = {1,
	                                            {{TPM_ALG_SHA256, 1 << 7}}},
					  weak = {1,
	                                          {{TPM_ALG_SHA1, 0xffffff}}},
					  two = {2,
	                                         {{TPM_ALG_SHA256,
	                                           1 << 0 | 1 << 2},
	                                          {TPM_ALG_SHA384, 1 << 4}}};
	static const struct {
		struct ar4si_basis basis;
		int8_t configuration, executables, hardware; /* 0: not made */
	} want[] = {
	    {{ENDORSED_BY_CERTIFICATE, &usual}, 2, 3, 2},
	    {{ENDORSED_BY_IAK, &usual}, 2, 3, 2},
	    {{ENDORSED_BY_OPERATOR, &usual}, 2, 3, 2},
	    {{ENDORSED_BY_NOBODY, &usual}, 2, 3, 0},
	    {{(enum endorser)9, &usual}, 2, 3, 0},
	    {{ENDORSED_BY_CERTIFICATE, NULL}, 0, 0, 2},
	    {{ENDORSED_BY_CERTIFICATE, &none}, 0, 0, 2},
	    {{ENDORSED_BY_CERTIFICATE, &policy}, 2, 0, 2},
	    {{ENDORSED_BY_CERTIFICATE, &weak}, 0, 0, 2},
	    {{ENDORSED_BY_CERTIFICATE, &two}, 0, 3, 2},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(want); i++) {
		struct verdict v = trusted();
		struct ar4si a;

		ar4si_of(&v, &want[i].basis, &a);
		assert_int_equal(a.status, AR4SI_AFFIRMING);
		assert_int_equal(a.value[AR4SI_INSTANCE_IDENTITY], 2);
		assert_int_equal(a.value[AR4SI_CONFIGURATION],
		                 want[i].configuration);
		assert_int_equal(a.made[AR4SI_CONFIGURATION],
		                 want[i].configuration != 0);
		assert_int_equal(a.value[AR4SI_EXECUTABLES],
		                 want[i].executables);
		assert_int_equal(a.value[AR4SI_HARDWARE], want[i].hardware);
	}
}

static void
assert_claims(const struct ear *ear, const char *want)
{
	AUTO(json_auto) struct json *claims = ear_encode(ear);
	AUTO(buf_done) struct buf text = {0};

	json_format(claims, &text);
	buf_u8(&text, '\0');
	assert_string_equal((const char *)text.at, want);
}

#define BY                                                                     \
	"\"ear_verifier_id\":{\"developer\":\"virt-attest\","                  \
	"\"build\":\"virt-attest " VIRT_ATTEST_VERSION "\"}"

static void
claims_of_a_trusted_host(void **state)
{
	const struct verdict v = trusted();
	struct ear ear = {&v, usual_basis, 300, 0, "host-a", "bm9uY2UtMQ=="};
	static const char want[] =
	    "{\"eat_profile\":\"tag:ietf.org,2026:rats/ear#04\","
	    "\"iat\":1700000000,\"exp\":1700000300," BY
	    ",\"eat_nonce\":\"bm9uY2UtMQ==\",\"submods\":{\"host-a\":{"
	    "\"ear_status\":\"affirming\",\"ear_trustworthiness_vector\":{"
	    "\"instance-identity\":2,\"configuration\":2,\"executables\":3,"
	    "\"hardware\":2},\"ear_appraisal_policy_ids\":[\"golden:3\"],"
	    "\"ear_verifier_claims\":{\"virt-attest.verdict\":\"trusted\","
	    "\"virt-attest.reasons\":[],"
	    "\"virt-attest.destination\":\"host-a\","
	    "\"virt-attest.endorser\":\"ek-certificate\"}}}}";

	(void)state;
	assert_claims(&ear, want);
}

/* It ends with whatever it rests on. */
static void
claims_end_with_the_golden_value(void **state)
{
	const struct verdict v = trusted();
	const uint64_t until[] = {0, 1700000100, 1700000300, 1700000999};
	const uint64_t want[] = {1700000300, 1700000100, 1700000300,
	                         1700000300};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(until); i++) {
		const struct ear ear = {&v,       usual_basis, 300,
		                        until[i], "host-a",    ""};
		AUTO(json_auto) struct json *claims = ear_encode(&ear);

		assert_int_equal(json_as_u64(json_get(claims, "exp")), want[i]);
		assert_null(json_get(claims, "eat_nonce"));
	}
}

static void
claims_of_a_refusal(void **state)
{
	struct verdict v = refusal(VERDICT_UNTRUSTED, REASON_GOLDEN);
	struct ear ear = {&v, {0}, 60, 0, "qemu+tls://host-a/system", ""};
	static const char want[] =
	    "{\"eat_profile\":\"tag:ietf.org,2026:rats/ear#04\","
	    "\"iat\":1700000000,\"exp\":1700000060," BY
	    ",\"submods\":{\"host-a\":{\"ear_status\":\"contraindicated\","
	    "\"ear_trustworthiness_vector\":{\"executables\":96},"
	    "\"ear_verifier_claims\":{\"virt-attest.verdict\":\"untrusted\","
	    "\"virt-attest.reasons\":[\"golden\"],"
	    "\"virt-attest.destination\":\"qemu+tls://host-a/system\"}}}}";
	static const char nowhere[] =
	    "{\"eat_profile\":\"tag:ietf.org,2026:rats/ear#04\","
	    "\"iat\":1700000000,\"exp\":1700000060," BY
	    ",\"submods\":{\"-\":{\"ear_status\":\"none\","
	    "\"ear_trustworthiness_vector\":{\"instance-identity\":0},"
	    "\"ear_verifier_claims\":{\"virt-attest.verdict\":\"unknown\","
	    "\"virt-attest.reasons\":[\"destination\"]}}}}";

	(void)state;
	assert_claims(&ear, want);
	v = refusal(VERDICT_UNKNOWN, REASON_DESTINATION);
	v.host[0] = '\0';
	ear.asked = "test:///default";
	assert_claims(&ear, nowhere);
}

static void
nonces(void **state)
{
	char text[EAR_NONCE_MAX + 2];
	struct err err = {0};

	(void)state;
	for (size_t n = 0; n < sizeof(text); n++) {
		bool ok = n >= EAR_NONCE_MIN && n <= EAR_NONCE_MAX;

		memset(text, 'a', n);
		text[n] = '\0';
		assert_int_equal(ear_nonce_allowed(text, &err), ok);
		assert_true(ok || err.code == ERR_LIMIT);
	}
	assert_true(ear_nonce_allowed("AZaz09+/", &err));
	assert_true(ear_nonce_allowed("AZaz09-_", &err));
	assert_true(ear_nonce_allowed("bm9uY2U5MDEy", &err));
	assert_false(ear_nonce_allowed("12345678\"", &err));
	assert_int_equal(err.code, ERR_MALFORMED);
	assert_false(ear_nonce_allowed("1234 5678", &err));
	assert_false(ear_nonce_allowed("12345678\xc3\xa4", &err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tiers),
	    cmocka_unit_test(every_reason_has_its_line),
	    cmocka_unit_test(no_reason_affirms_in_any_state),
	    cmocka_unit_test(half_a_verdict_affirms_nothing),
	    cmocka_unit_test(states_have_their_status),
	    cmocka_unit_test(the_worst_of_a_claim_stands),
	    cmocka_unit_test(affirmed_is_what_was_proved),
	    cmocka_unit_test(claims_of_a_trusted_host),
	    cmocka_unit_test(claims_end_with_the_golden_value),
	    cmocka_unit_test(claims_of_a_refusal),
	    cmocka_unit_test(nonces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
