/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "proto/jwt.h"

#include <string.h>

#include "base/mem.h"

static void
add_base64url(struct span bytes, struct buf *out)
{
	AUTO(mem_auto) char *text = mem_new(TEXT_BASE64_SIZE(bytes.len), 1);

	buf_text(out, text_base64url(bytes, text));
}

static void
put_coordinate(struct json *object, const char *key,
               const uint8_t at[SIGNING_POINT_SIZE])
{
	char text[TEXT_BASE64_SIZE(SIGNING_POINT_SIZE)];

	json_put_text(object, key,
	              text_base64url(span_of(at, SIGNING_POINT_SIZE), text));
}

/* Over the required members alone, in this order, without a space (RFC 7638,
 * 3): the order is the alphabet's. */
char *
jwk_kid(const struct signing_public *key, char out[JWK_KID_SIZE])
{
	AUTO(json_auto) struct json *object = json_new_object();
	AUTO(buf_done) struct buf text = {0};
	uint8_t digest[SHA256_SIZE];
	struct span all;

	json_put_text(object, "crv", "P-256");
	json_put_text(object, "kty", "EC");
	put_coordinate(object, "x", key->x);
	put_coordinate(object, "y", key->y);
	json_format(object, &text);
	all = buf_span(&text);
	crypto_sha256(&all, 1, digest);
	return text_base64url(span_of(digest, sizeof(digest)), out);
}

struct json *
jwk_encode(const struct signing_public *key)
{
	struct json *object = json_new_object();
	char kid[JWK_KID_SIZE];

	json_put_text(object, "kty", "EC");
	json_put_text(object, "crv", "P-256");
	put_coordinate(object, "x", key->x);
	put_coordinate(object, "y", key->y);
	json_put_text(object, "kid", jwk_kid(key, kid));
	json_put_text(object, "alg", "ES256");
	json_put_text(object, "use", "sig");
	return object;
}

static void
add_json(const struct json *object, struct buf *out)
{
	AUTO(buf_done) struct buf text = {0};

	json_format(object, &text);
	add_base64url(buf_span(&text), out);
}

void
jwt_begin(const char *typ, const char *kid, const struct json *claims,
          struct buf *out)
{
	AUTO(json_auto) struct json *header = json_new_object();

	json_put_text(header, "alg", "ES256");
	json_put_text(header, "typ", typ);
	json_put_text(header, "kid", kid);
	add_json(header, out);
	buf_text(out, ".");
	add_json(claims, out);
}

void
jwt_end(const uint8_t signature[SIGNING_SIZE], struct buf *out)
{
	buf_text(out, ".");
	add_base64url(span_of(signature, SIGNING_SIZE), out);
}

bool
jwt_take_apart(struct span jwt, struct jwt_parts *p)
{
	const uint8_t *first, *second = NULL, *end = jwt.at + jwt.len;

	first = jwt.len != 0 ? memchr(jwt.at, '.', jwt.len) : NULL;
	if (first != NULL && first + 1 < end)
		second = memchr(first + 1, '.', (size_t)(end - first - 1));
	if (second == NULL || second + 1 == end ||
	    memchr(second + 1, '.', (size_t)(end - second - 1)) != NULL)
		return false;
	p->said = span_of(jwt.at, (size_t)(second - jwt.at));
	p->header = span_of(jwt.at, (size_t)(first - jwt.at) + 1);
	p->claims = span_of(first + 1, (size_t)(second - first) - 1);
	p->signature = span_of(second + 1, (size_t)(end - second) - 1);
	return true;
}

bool
jwt_has_header(const struct jwt_parts *p, const char *typ,
               const struct signing_public *key)
{
	AUTO(json_auto) struct json *none = json_new_object();
	AUTO(buf_done) struct buf made = {0};
	char kid[JWK_KID_SIZE];
	const uint8_t *dot;

	jwt_begin(typ, jwk_kid(key, kid), none, &made);
	dot = memchr(made.at, '.', made.len);
	return span_eq(span_of(made.at, (size_t)(dot - made.at) + 1),
	               p->header);
}

bool
jwt_is_signed(const struct jwt_parts *p, const struct signing_public *key)
{
	AUTO(buf_done) struct buf bytes = {0};
	const struct crypto_key point = {
	    .type = TPM_ALG_ECC,
	    .curve = TPM_ECC_NIST_P256,
	    .x = span_of(key->x, SIGNING_POINT_SIZE),
	    .y = span_of(key->y, SIGNING_POINT_SIZE),
	};
	struct crypto_signature signature = {
	    .scheme = TPM_ALG_ECDSA,
	    .hash = TPM_ALG_SHA256,
	};

	if (!text_unbase64url(p->signature, &bytes) ||
	    bytes.len != SIGNING_SIZE)
		return false;
	signature.r = span_of(bytes.at, SIGNING_SIZE / 2);
	signature.s = span_of(bytes.at + SIGNING_SIZE / 2, SIGNING_SIZE / 2);
	return crypto_signed(&point, p->said, &signature);
}

bool
jwt_is_as_written(const struct jwt_parts *p, const char *typ,
                  const struct signing_public *key, const struct json *claims)
{
	AUTO(buf_done) struct buf made = {0};
	char kid[JWK_KID_SIZE];

	jwt_begin(typ, jwk_kid(key, kid), claims, &made);
	return span_eq(buf_span(&made), p->said);
}

struct json *
jwt_claims(const struct jwt_parts *p, struct err *err)
{
	AUTO(buf_done) struct buf text = {0};

	if (text_unbase64url(p->claims, &text))
		return json_parse(buf_span(&text), err);
	err_set(err, ERR_MALFORMED, "JWT: its claims are no base64url");
	return NULL;
}
