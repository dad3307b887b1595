/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pass's text: one way to write it; whatever else is signed is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proto/ear.h"
#include "proto/pass.h"

#define UUID "0b1a5b62-5a0e-4b6e-9c1d-1f2e3d4c5b6a"

static const uint8_t key[SIGNING_KEY_SIZE] = {[31] = 1};
static const uint8_t other[SIGNING_KEY_SIZE] = {[31] = 2};
static const struct pass good = {
    .source = "host-a",
    .uuid = UUID,
    .destination = "host-b",
    .issued_s = 1800000000,
    .until_s = 1800000060,
    .id = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
};
static const char good_claims[] =
    "{\"iss\":\"host-a\",\"sub\":\"" UUID "\",\"aud\":\"host-b\","
    "\"iat\":1800000000,\"exp\":1800000060,"
    "\"jti\":\"AQIDBAUGBwgJCgsMDQ4PEA\"}";

static struct signing_public
public_of(const uint8_t private[SIGNING_KEY_SIZE])
{
	struct signing_public public;

	assert_true(signing_public_of(private, &public, NULL));
	return public;
}

static void
add_base64url(const char *text, struct buf *out)
{
	char coded[TEXT_BASE64_SIZE(4096)];

	assert_true(strlen(text) <= 4096);
	buf_text(out, text_base64url(span_str(text), coded));
}

/* Any header and any claims, in earnest signed. */
static void
sign_texts(const char *header, const char *claims, const uint8_t *by,
           struct buf *out)
{
	uint8_t signature[SIGNING_SIZE];

	add_base64url(header, out);
	buf_text(out, ".");
	add_base64url(claims, out);
	assert_true(signing_sign(by, buf_span(out), signature, NULL));
	jwt_end(signature, out);
}

static void
header_text(const char *typ, const uint8_t *by, char out[256])
{
	const struct signing_public public = public_of(by);
	char kid[JWK_KID_SIZE];

	snprintf(out, 256, "{\"alg\":\"ES256\",\"typ\":\"%s\",\"kid\":\"%s\"}",
	         typ, jwk_kid(&public, kid));
}

static enum err_code
read_by(struct span jwt, const uint8_t *by, struct pass *out)
{
	const struct signing_public public = public_of(by);
	struct err err = {0};

	if (!pass_read(jwt, &public, out, &err))
		assert_int_not_equal(err.code, ERR_NONE);
	return err.code;
}

/* The same claims but for this text, in a header of this type. */
static enum err_code
read_claims(const char *typ, const char *claims)
{
	AUTO(buf_done) struct buf jwt = {0};
	struct pass out;
	char header[256];

	header_text(typ, key, header);
	sign_texts(header, claims, key, &jwt);
	return read_by(buf_span(&jwt), key, &out);
}

static void
make(const struct pass *p, struct buf *jwt)
{
	AUTO(json_auto) struct json *claims = NULL;
	const struct signing_public public = public_of(key);
	uint8_t signature[SIGNING_SIZE];
	char kid[JWK_KID_SIZE];

	assert_true(pass_encode(p, &claims, NULL));
	jwt_begin(PASS_TYP, jwk_kid(&public, kid), claims, jwt);
	assert_true(signing_sign(key, buf_span(jwt), signature, NULL));
	jwt_end(signature, jwt);
}

static void
what_is_made_is_read(void **state)
{
	AUTO(buf_done) struct buf jwt = {0};
	struct pass out;

	(void)state;
	make(&good, &jwt);
	assert_int_equal(read_by(buf_span(&jwt), key, &out), ERR_NONE);
	assert_memory_equal(&out, &good, sizeof(good));
	/* And so is what the texts of this test say. */
	assert_int_equal(read_claims(PASS_TYP, good_claims), ERR_NONE);
}

static void
the_longest_one_fits(void **state)
{
	AUTO(buf_done) struct buf jwt = {0};
	struct pass p = good, out;

	(void)state;
	memset(p.source, 'a', sizeof(p.source) - 1);
	memset(p.destination, 'b', sizeof(p.destination) - 1);
	p.issued_s = INT64_MAX - 1;
	p.until_s = INT64_MAX;
	make(&p, &jwt);
	assert_true(jwt.len <= PASS_MAX);
	assert_int_equal(read_by(buf_span(&jwt), key, &out), ERR_NONE);
	assert_memory_equal(&out, &p, sizeof(p));
}

/* Each claim's lie, by what it stands in the place of. */
static const struct lie {
	const char *name, *in, *put;
} lies[] = {
    {"iss is none", "\"iss\":\"host-a\"", "\"iss\":\"\""},
    {"iss is no name", "\"host-a\"", "\"host a\""},
    {"iss is a number", "\"host-a\"", "7"},
    {"iss is missing", "\"iss\":\"host-a\",", ""},
    {"iss stands twice", "{", "{\"iss\":\"host-a\","},
    {"sub is no UUID", UUID, "0b1a5b62-5a0e-4b6e-9c1d-1f2e3d4c5b6"},
    {"sub is in capitals", "0b1a", "0B1A"},
    {"sub is missing", "\"sub\":\"" UUID "\",", ""},
    {"aud is a list", "\"host-b\"", "[\"host-b\"]"},
    {"aud is missing", ",\"aud\":\"host-b\"", ""},
    {"iat is a text", "1800000000", "\"1800000000\""},
    {"iat has a fraction", "1800000000", "1800000000.0"},
    {"iat is missing", "\"iat\":1800000000,", ""},
    {"exp is before iat", "1800000060", "1799999999"},
    {"exp is iat", "1800000060", "1800000000"},
    {"exp is beyond the longest life", "1800000060", "1800003601"},
    {"exp is missing", "\"exp\":1800000060,", ""},
    {"exp is below zero", "1800000060", "-1"},
    {"jti is short", "AQIDBAUGBwgJCgsMDQ4PEA", "AQIDBAUGBwgJCgsMDQ4P"},
    {"jti is long", "AQIDBAUGBwgJCgsMDQ4PEA", "AQIDBAUGBwgJCgsMDQ4PEBE"},
    {"jti has other bits", "DQ4PEA", "DQ4PEB"},
    {"jti is missing", ",\"jti\":\"AQIDBAUGBwgJCgsMDQ4PEA\"", ""},
    {"one claim more", "{", "{\"nbf\":1,"},
    {"another order", "\"iss\":\"host-a\",\"sub\":\"" UUID "\"",
     "\"sub\":\"" UUID "\",\"iss\":\"host-a\""},
    {"a space", "{", "{ "},
    {"no object", good_claims, "[1]"},
    {"no JSON", good_claims, "pass"},
    {"nothing", good_claims, ""},
};

static void
a_lie_in_a_claim_is_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(lies); i++) {
		const char *at = strstr(good_claims, lies[i].in);
		char text[2048];

		assert_non_null(at);
		snprintf(text, sizeof(text), "%.*s%s%s",
		         (int)(at - good_claims), good_claims, lies[i].put,
		         at + strlen(lies[i].in));
		if (read_claims(PASS_TYP, text) == ERR_NONE)
			fail_msg("%s: is a pass", lies[i].name);
	}
}

static void
a_lie_in_the_header_is_none(void **state)
{
	static const char *const formats[] = {
	    "{\"alg\":\"none\",\"typ\":\"%s\",\"kid\":\"%s\"}",
	    "{\"alg\":\"HS256\",\"typ\":\"%s\",\"kid\":\"%s\"}",
	    "{\"typ\":\"%s\",\"alg\":\"ES256\",\"kid\":\"%s\"}",
	    "{\"alg\":\"ES256\",\"typ\":\"%s\",\"kid\":\"%s\",\"crit\":[]}",
	    "{\"alg\":\"ES256\", \"typ\":\"%s\",\"kid\":\"%s\"}",
	    "{\"alg\":\"ES256\",\"typ\":\"%s\",\"kid\":\"%.42s\"}",
	};
	const struct signing_public public = public_of(key);
	char kid[JWK_KID_SIZE], header[256];
	struct pass out;

	(void)state;
	jwk_kid(&public, kid);
	for (size_t i = 0; i < LENGTH_OF(formats); i++) {
		AUTO(buf_done) struct buf jwt = {0};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(header, sizeof(header), formats[i], PASS_TYP, kid);
#pragma GCC diagnostic pop
		sign_texts(header, good_claims, key, &jwt);
		if (read_by(buf_span(&jwt), key, &out) == ERR_NONE)
			fail_msg("%s: is a pass", header);
	}
}

/* Neither passes for the other: the same claims under each other's type. */
static void
an_ear_is_no_pass(void **state)
{
	(void)state;
	assert_string_not_equal(EAR_TYP, PASS_TYP);
	assert_int_equal(read_claims(EAR_TYP, good_claims), ERR_MALFORMED);
	assert_int_equal(read_claims("JWT", good_claims), ERR_MALFORMED);
}

static void
another_key_s_is_none(void **state)
{
	AUTO(buf_done) struct buf jwt = {0}, forged = {0};
	const struct signing_public mine = public_of(key);
	struct pass out;
	char header[256];

	(void)state;
	make(&good, &jwt);
	assert_true(pass_is_by(buf_span(&jwt), &mine));
	assert_int_equal(read_by(buf_span(&jwt), other, &out), ERR_MALFORMED);
	/* It names our key, and is signed by another. */
	header_text(PASS_TYP, key, header);
	sign_texts(header, good_claims, other, &forged);
	assert_true(pass_is_by(buf_span(&forged), &mine));
	assert_int_equal(read_by(buf_span(&forged), key, &out), ERR_DENIED);
}

/* What it would say is not looked at before. */
static void
no_byte_can_be_changed(void **state)
{
	AUTO(buf_done) struct buf jwt = {0};
	struct pass out;

	(void)state;
	make(&good, &jwt);
	for (size_t i = 0; i < jwt.len; i++) {
		uint8_t was = jwt.at[i];

		jwt.at[i] = was == 'A' ? 'B' : 'A';
		if (read_by(buf_span(&jwt), key, &out) == ERR_NONE)
			fail_msg("byte %zu may be another", i);
		assert_string_equal(out.source, "");
		jwt.at[i] = was;
	}
	for (size_t len = 0; len < jwt.len; len++)
		assert_int_not_equal(read_by(span_of(jwt.at, len), key, &out),
		                     ERR_NONE);
	buf_text(&jwt, "=");
	assert_int_not_equal(read_by(buf_span(&jwt), key, &out), ERR_NONE);
}

static void
what_no_reader_would_take_is_not_written(void **state)
{
	struct json *claims;
	struct pass p = good;

	(void)state;
	p.uuid[0] = 'X';
	assert_false(pass_encode(&p, &claims, NULL));
	p = good;
	p.source[0] = '\0';
	assert_false(pass_encode(&p, &claims, NULL));
	p = good;
	p.until_s = p.issued_s + PASS_LIFE_MAX_S + 1;
	assert_false(pass_encode(&p, &claims, NULL));
}

/* proto/vectors/pass.txt: what others' readers are tried with. */
static void
vector(void **state)
{
	FILE *file = fopen(SOURCE_DIR "/proto/vectors/pass.txt", "re");
	char line[PASS_MAX + 64];
	struct pass out;
	size_t seen = 0;

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		char *jwt = strchr(line, ' ');

		if (line[0] == '#' || jwt == NULL)
			continue;
		*jwt++ = '\0';
		jwt[strcspn(jwt, "\n")] = '\0';
		assert_int_equal(read_by(span_str(jwt), key, &out) == ERR_NONE,
		                 strcmp(line, "good") == 0);
		seen++;
	}
	fclose(file);
	assert_int_equal(seen, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_made_is_read),
	    cmocka_unit_test(the_longest_one_fits),
	    cmocka_unit_test(a_lie_in_a_claim_is_none),
	    cmocka_unit_test(a_lie_in_the_header_is_none),
	    cmocka_unit_test(an_ear_is_no_pass),
	    cmocka_unit_test(another_key_s_is_none),
	    cmocka_unit_test(no_byte_can_be_changed),
	    cmocka_unit_test(what_no_reader_would_take_is_not_written),
	    cmocka_unit_test(vector),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
