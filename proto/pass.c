/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "proto/pass.h"

#include <string.h>

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

bool
pass_is_by(struct span jwt, const struct signing_public *key)
{
	struct jwt_parts parts;

	return jwt.len <= PASS_MAX && jwt_take_apart(jwt, &parts) &&
	       jwt_has_header(&parts, PASS_TYP, key);
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

bool
pass_read(struct span jwt, const struct signing_public *key, struct pass *p,
          struct err *err)
{
	AUTO(json_auto) struct json *claims = NULL, *again = NULL;
	struct jwt_parts parts;

	*p = (struct pass){.issued_s = 0};
	if (jwt.len > PASS_MAX || !jwt_take_apart(jwt, &parts))
		return err_set(err, ERR_MALFORMED,
		               "pass: it does not have the shape of one");
	if (!jwt_has_header(&parts, PASS_TYP, key))
		return err_set(err, ERR_MALFORMED,
		               "pass: it is no pass, or by another key");
	if (!jwt_is_signed(&parts, key))
		return err_set(err, ERR_DENIED,
		               "pass: it is not signed by the key that it "
		               "names");
	claims = jwt_claims(&parts, err);
	if (claims == NULL || !decode(claims, p, err) ||
	    !pass_encode(p, &again, err))
		return false;
	return jwt_is_as_written(&parts, PASS_TYP, key, again) ||
	       err_set(err, ERR_MALFORMED,
	               "pass: its claims are not a pass's, or not written as "
	               "one's are");
}
