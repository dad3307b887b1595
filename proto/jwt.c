/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "proto/jwt.h"

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
