/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ES256, base64url, JWK and JWT: against what the RFCs and the curve's own
 * document say, and by verifying with the other half of the port. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proto/jwt.h"

/* The base point of P-256 and its order (SEC 2, 2.4.2), in hexadecimal. */
static const char base_x[] =
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";
static const char base_y[] =
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
static const char order[] =
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

static void
unhex(const char *text, uint8_t out[32])
{
	AUTO(buf_done) struct buf bytes = {0};

	assert_true(text_unhex(text, &bytes));
	assert_int_equal(bytes.len, 32);
	memcpy(out, bytes.at, 32);
}

static void
unbase64url(const char *text, struct buf *out)
{
	assert_true(text_unbase64url(span_str(text), out));
}

static bool
verifies(const struct signing_public *key, struct span message,
         const uint8_t signature[SIGNING_SIZE])
{
	const struct crypto_key point = {
	    .type = TPM_ALG_ECC,
	    .curve = TPM_ECC_NIST_P256,
	    .x = span_of(key->x, SIGNING_POINT_SIZE),
	    .y = span_of(key->y, SIGNING_POINT_SIZE),
	};
	const struct crypto_signature both = {
	    .scheme = TPM_ALG_ECDSA,
	    .hash = TPM_ALG_SHA256,
	    .r = span_of(signature, SIGNING_SIZE / 2),
	    .s = span_of(signature + SIGNING_SIZE / 2, SIGNING_SIZE / 2),
	};

	return crypto_signed(&point, message, &both);
}

/* RFC 7515, appendix C: 3 236 255 224 193 is "A-z_4ME". */
static void
base64url(void **state)
{
	static const uint8_t bytes[] = {3, 236, 255, 224, 193};
	static const char *const want[] = {"",     "Aw",     "A-w",
	                                   "A-z_", "A-z_4A", "A-z_4ME"};
	char text[TEXT_BASE64_SIZE(sizeof(bytes))];

	(void)state;
	for (size_t n = 0; n < LENGTH_OF(want); n++) {
		AUTO(buf_done) struct buf back = {0};

		assert_string_equal(text_base64url(span_of(bytes, n), text),
		                    want[n]);
		unbase64url(want[n], &back);
		assert_true(span_eq(buf_span(&back), span_of(bytes, n)));
	}
}

/* Padding, the other alphabet, bits that are not used, a letter too many. */
static void
no_other_base64url(void **state)
{
	static const char *const bad[] = {"Aw==", "A-w=", "A+w", "A/w",
	                                  "A-x",  "Ax",   "A",   "A-z_A",
	                                  "A w",  "A-w\n"};
	AUTO(buf_done) struct buf out = {0};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(bad); i++)
		if (text_unbase64url(span_str(bad[i]), &out))
			fail_msg("'%s' was read", bad[i]);
	assert_int_equal(out.len, 0);
}

/* RFC 7515, A.3: what is called r and s there is so here. */
static void
another_s_jws(void **state)
{
	static const char message[] =
	    "eyJhbGciOiJFUzI1NiJ9."
	    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
	    "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
	AUTO(buf_done) struct buf x = {0}, y = {0}, signature = {0};
	struct signing_public key;

	(void)state;
	unbase64url("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", &x);
	unbase64url("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0", &y);
	unbase64url("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa"
	            "8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
	            &signature);
	assert_int_equal(x.len, SIGNING_POINT_SIZE);
	assert_int_equal(y.len, SIGNING_POINT_SIZE);
	assert_int_equal(signature.len, SIGNING_SIZE);
	memcpy(key.x, x.at, x.len);
	memcpy(key.y, y.at, y.len);
	assert_true(verifies(&key, span_str(message), signature.at));
	signature.at[0] ^= 1;
	assert_false(verifies(&key, span_str(message), signature.at));
}

/* The first number that is a key, the last, and those beside them. */
static void
a_key_is_a_number_of_the_group(void **state)
{
	uint8_t key[SIGNING_KEY_SIZE] = {0}, want[32], signature[SIGNING_SIZE];
	struct signing_public public;
	struct err err = {0};

	(void)state;
	assert_false(signing_public_of(key, &public, &err));
	assert_int_equal(err.code, ERR_MALFORMED);
	assert_false(signing_sign(key, span_str("x"), signature, &err));
	key[SIGNING_KEY_SIZE - 1] = 1;
	assert_true(signing_public_of(key, &public, &err));
	unhex(base_x, want);
	assert_memory_equal(public.x, want, 32);
	unhex(base_y, want);
	assert_memory_equal(public.y, want, 32);
	unhex(order, key);
	assert_false(signing_public_of(key, &public, &err));
	assert_int_equal(err.code, ERR_MALFORMED);
	assert_false(signing_sign(key, span_str("x"), signature, &err));
	key[SIGNING_KEY_SIZE - 1] -= 1;
	assert_true(signing_public_of(key, &public, &err));
	unhex(base_x, want); /* the base point's negative */
	assert_memory_equal(public.x, want, 32);
	memset(key, 0xff, sizeof(key));
	assert_false(signing_public_of(key, &public, &err));
}

/* Often enough that r, s and both coordinates begin with zeroes at times. */
static void
what_is_signed_verifies(void **state)
{
	uint8_t signature[SIGNING_SIZE], key[SIGNING_KEY_SIZE];
	struct signing_public public, other = {0};
	struct err err = {0};

	(void)state;
	for (int i = 0; i < 800; i++) {
		if (i % 5 == 0) {
			assert_true(signing_make(key, &err));
			assert_true(signing_public_of(key, &public, &err));
			assert_memory_not_equal(&public, &other,
			                        sizeof(public));
			other = public;
		}
		assert_true(
		    signing_sign(key, span_str("message"), signature, &err));
		assert_true(verifies(&public, span_str("message"), signature));
		assert_false(verifies(&public, span_str("messagf"), signature));
	}
	signing_wipe(&key);
	assert_true(span_is_zero(span_of(key, sizeof(key))));
}

/* 26 bytes before the point are the same for every P-256 key (RFC 5480). */
static void
pem_is_a_subject_public_key_info(void **state)
{
	static const char begin[] = "-----BEGIN PUBLIC KEY-----\n"
				    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE";
	char pem[SIGNING_PEM_MAX];
	struct signing_public public;
	struct err err = {0};

	(void)state;
	unhex(base_x, public.x);
	unhex(base_y, public.y);
	assert_true(signing_pem(&public, pem, &err));
	assert_memory_equal(pem, begin, sizeof(begin) - 1);
	assert_non_null(strstr(pem, "\n-----END PUBLIC KEY-----\n"));
	public.y[31] ^= 1;
	assert_false(signing_pem(&public, pem, &err));
	assert_int_equal(err.code, ERR_MALFORMED);
	assert_string_equal(pem, "");
}

/* A file of one, with words around it, and of nothing that is not it. */
static void
pem_is_read_again(void **state)
{
	static const char *const others[] = {
	    "",
	    "host-a",
	    /* P-384, secp256k1, Ed25519 */
	    "-----BEGIN PUBLIC KEY-----\n"
	    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAECF2J5c7fQj7xhyN5e2Q0G6Ljk58m5zM5\n"
	    "/TQ5f0dJCCsWIB2B9RVFgXL9UNXzINsRld25QJdWe5RMaLBnAf4UYLzilf/K8rXK\n"
	    "SOqgfVee8WAeeW3weLDB41Ds7MZVPYgQ\n"
	    "-----END PUBLIC KEY-----\n",
	    "-----BEGIN PUBLIC KEY-----\n"
	    "MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEkmmBB7Cf9w71Ubsez1F/82dA7FS5qYHq\n"
	    "UFowSIn3D1HUTrerK0RbQNNgZSjygB4uFWKTyJPFyHZmCg1re5uhjA==\n"
	    "-----END PUBLIC KEY-----\n",
	    "-----BEGIN PUBLIC KEY-----\n"
	    "MCowBQYDK2VwAyEAON4v9wlTvDj0Yv2lxgjmJbO4LR55iF56ClOrYF3VOLA=\n"
	    "-----END PUBLIC KEY-----\n",
	};
	char pem[SIGNING_PEM_MAX], text[SIGNING_PEM_FILE_MAX + 2];
	struct signing_public public, again;

	(void)state;
	unhex(base_x, public.x);
	unhex(base_y, public.y);
	assert_true(signing_pem(&public, pem, NULL));
	snprintf(text, sizeof(text), "of host-a\n%s\n# end\n", pem);
	assert_true(signing_of_pem(span_str(text), &again, NULL));
	assert_memory_equal(&again, &public, sizeof(public));
	snprintf(text, sizeof(text), "%s%s", pem, pem);
	assert_false(signing_of_pem(span_str(text), &again, NULL));
	/* Of another curve by its number, and as long. */
	snprintf(text, sizeof(text), "%s", pem);
	strstr(text, "DAQcDQ")[3] = 'E';
	assert_false(signing_of_pem(span_str(text), &again, NULL));
	/* A point beside the curve: another last byte. */
	snprintf(text, sizeof(text), "%s", pem);
	*(strstr(text, "==\n-----END") - 2) ^= 1;
	assert_false(signing_of_pem(span_str(text), &again, NULL));
	assert_true(span_is_zero(span_of(&again, sizeof(again))));
	memset(text, '\n', sizeof(text));
	strcpy(text + sizeof(text) - 1 - strlen(pem), pem);
	assert_true(signing_of_pem(span_str(text + 1), &again, NULL));
	assert_false(signing_of_pem(span_str(text), &again, NULL));
	for (size_t i = 0; i < LENGTH_OF(others); i++)
		assert_false(signing_of_pem(span_str(others[i]), &again, NULL));
}

/* The thumbprint is of these bytes and no others (RFC 7638, 3); the digest was
 * made by sha256sum(1). */
static void
a_jwk_goes_by_its_thumbprint(void **state)
{
	AUTO(buf_done) struct buf text = {0};
	AUTO(json_auto) struct json *jwk = NULL;
	struct signing_public public;
	char kid[JWK_KID_SIZE];

	(void)state;
	unhex(base_x, public.x);
	unhex(base_y, public.y);
	assert_string_equal(jwk_kid(&public, kid),
	                    "xx0BcA-wMohw8atYDJOe6peGModklG2wRHBlXHMvl0M");
	jwk = jwk_encode(&public);
	json_format(jwk, &text);
	buf_u8(&text, '\0');
	assert_string_equal(
	    (const char *)text.at,
	    "{\"kty\":\"EC\",\"crv\":\"P-256\","
	    "\"x\":\"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY\","
	    "\"y\":\"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU\","
	    "\"kid\":\"xx0BcA-wMohw8atYDJOe6peGModklG2wRHBlXHMvl0M\",\"alg\":"
	    "\"ES256\",\"use\":\"sig\"}");
}

static void
a_jwt_has_three_parts(void **state)
{
	static const char want[] =
	    "{\"alg\":\"ES256\",\"typ\":\"eat+jwt\",\"kid\":\"k\"}";
	AUTO(json_auto) struct json *claims = json_new_object();
	AUTO(buf_done) struct buf jwt = {0}, part = {0};
	uint8_t signature[SIGNING_SIZE];
	char *dot, *text;

	(void)state;
	json_put_i64(claims, "n", -1);
	memset(signature, 0xfb, sizeof(signature));
	jwt_begin("eat+jwt", "k", claims, &jwt);
	jwt_end(signature, &jwt);
	buf_u8(&jwt, '\0');
	text = (char *)jwt.at;
	dot = strchr(text, '.');
	assert_non_null(dot);
	*dot = '\0';
	unbase64url(text, &part);
	assert_true(span_eq(buf_span(&part), span_str(want)));
	assert_memory_equal(dot + 1, "eyJuIjotMX0.-_v7", 16);
	assert_int_equal(strlen(dot + 1), 11 + 1 + 86);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(base64url),
	    cmocka_unit_test(no_other_base64url),
	    cmocka_unit_test(another_s_jws),
	    cmocka_unit_test(a_key_is_a_number_of_the_group),
	    cmocka_unit_test(what_is_signed_verifies),
	    cmocka_unit_test(pem_is_a_subject_public_key_info),
	    cmocka_unit_test(pem_is_read_again),
	    cmocka_unit_test(a_jwk_goes_by_its_thumbprint),
	    cmocka_unit_test(a_jwt_has_three_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
