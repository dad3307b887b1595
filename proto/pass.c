/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "proto/pass.h"

#include <string.h>

/* The three parts of the compact form, still in base64url. */
struct parts {
	struct span said;   /* header and claims: what is signed */
	struct span header; /* with its dot */
	struct span claims, signature;
};

static bool
holds(const struct pass *p, struct err *err)
{
	if (!attester_name_allowed(p->source, err) ||
	    !attester_name_allowed(p->destination, err))
		return false;
	if (!uuid_is_lower(p->uuid))
		return err_set(err, ERR_MALFORMED,
		               "pass: 'sub' is no domain's UUID");
	if (p->until_s <= p->issued_s)
		return err_set(err, ERR_MALFORMED,
		               "pass: it ends before it begins");
	if (p->until_s - p->issued_s > PASS_LIFE_MAX_S)
		return err_set(err, ERR_LIMIT,
		               "pass: it lives longer than %d seconds",
		               PASS_LIFE_MAX_S);
	return true;
}

bool
pass_encode(const struct pass *p, struct json **claims, struct err *err)
{
	char id[TEXT_BASE64_SIZE(PASS_ID_SIZE)];

	*claims = NULL;
	if (!holds(p, err))
		return false;
	*claims = json_new_object();
	json_put_text(*claims, "iss", p->source);
	json_put_text(*claims, "sub", p->uuid);
	json_put_text(*claims, "aud", p->destination);
	json_put_u64(*claims, "iat", p->issued_s);
	json_put_u64(*claims, "exp", p->until_s);
	json_put_text(*claims, "jti",
	              text_base64url(span_of(p->id, PASS_ID_SIZE), id));
	return true;
}

/* What jwt_begin() writes for this key, up to the claims. */
static struct span
header_of(const struct signing_public *key, const struct json *claims,
          struct buf *out)
{
	AUTO(json_auto) struct json *none = json_new_object();
	char kid[JWK_KID_SIZE];
	const uint8_t *dot;

	jwt_begin(PASS_TYP, jwk_kid(key, kid), claims != NULL ? claims : none,
	          out);
	dot = memchr(out->at, '.', out->len);
	return span_of(out->at, (size_t)(dot - out->at) + 1);
}

static bool
begins_with(struct span all, struct span with)
{
	return all.len >= with.len && span_eq(span_of(all.at, with.len), with);
}

bool
pass_is_by(struct span jwt, const struct signing_public *key)
{
	AUTO(buf_done) struct buf made = {0};

	return jwt.len <= PASS_MAX &&
	       begins_with(jwt, header_of(key, NULL, &made));
}

static bool
take_apart(struct span jwt, struct parts *p, struct err *err)
{
	const uint8_t *first, *second = NULL, *end = jwt.at + jwt.len;

	first = jwt.len != 0 ? memchr(jwt.at, '.', jwt.len) : NULL;
	if (first != NULL && first + 1 < end)
		second = memchr(first + 1, '.', (size_t)(end - first - 1));
	if (jwt.len > PASS_MAX || second == NULL || second + 1 == end ||
	    memchr(second + 1, '.', (size_t)(end - second - 1)) != NULL)
		return err_set(err, ERR_MALFORMED,
		               "pass: it does not have the shape of one");
	p->said = span_of(jwt.at, (size_t)(second - jwt.at));
	p->header = span_of(jwt.at, (size_t)(first - jwt.at) + 1);
	p->claims = span_of(first + 1, (size_t)(second - first) - 1);
	p->signature = span_of(second + 1, (size_t)(end - second) - 1);
	return true;
}

static bool
is_signed(const struct parts *p, const struct signing_public *key)
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

static bool
decode(const struct json *claims, struct pass *p, struct err *err)
{
	char id[TEXT_BASE64_SIZE(PASS_ID_SIZE)];
	AUTO(buf_done) struct buf bytes = {0};

	if (!json_get_text(claims, "iss", p->source, sizeof(p->source), err) ||
	    !json_get_text(claims, "sub", p->uuid, sizeof(p->uuid), err) ||
	    !json_get_text(claims, "aud", p->destination,
	                   sizeof(p->destination), err) ||
	    !json_get_u64(claims, "iat", INT64_MAX, &p->issued_s, err) ||
	    !json_get_u64(claims, "exp", INT64_MAX, &p->until_s, err) ||
	    !json_get_text(claims, "jti", id, sizeof(id), err))
		return false;
	if (!text_unbase64url(span_str(id), &bytes) ||
	    bytes.len != PASS_ID_SIZE)
		return err_set(err, ERR_MALFORMED, "pass: 'jti' is none");
	memcpy(p->id, bytes.at, PASS_ID_SIZE);
	return true;
}

/* Other claims, another order, a claim that stands twice, a space: any of these
 * is another text than the one that we would have signed. */
static bool
is_as_written(const struct parts *p, const struct signing_public *key,
              const struct json *claims, struct err *err)
{
	AUTO(buf_done) struct buf made = {0};

	(void)header_of(key, claims, &made);
	return span_eq(buf_span(&made), p->said) ||
	       err_set(err, ERR_MALFORMED,
	               "pass: its claims are not a pass's, or not written as "
	               "one's are");
}

bool
pass_read(struct span jwt, const struct signing_public *key, struct pass *p,
          struct err *err)
{
	AUTO(json_auto) struct json *claims = NULL, *again = NULL;
	AUTO(buf_done) struct buf text = {0};
	struct parts parts = {.said = {NULL, 0}};

	*p = (struct pass){.issued_s = 0};
	if (!take_apart(jwt, &parts, err))
		return false;
	if (!pass_is_by(jwt, key))
		return err_set(err, ERR_MALFORMED,
		               "pass: it is no pass, or by another key");
	if (!is_signed(&parts, key))
		return err_set(err, ERR_DENIED,
		               "pass: it is not signed by the key that it "
		               "names");
	if (!text_unbase64url(parts.claims, &text))
		return err_set(err, ERR_MALFORMED, "pass: no base64url");
	claims = json_parse(buf_span(&text), err);
	return claims != NULL && decode(claims, p, err) &&
	       pass_encode(p, &again, err) &&
	       is_as_written(&parts, key, again, err);
}
