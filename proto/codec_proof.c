/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The proofs that an agent's keys live in one TPM. */
#include "proto/codec.h"

struct json *
activation_encode(const struct activation *a)
{
	const struct credential *c = &a->credential;
	struct json *object = json_new_object();

	json_put_text(object, "ek", a->ek);
	json_put_base64(object, "credential_blob",
	                span_of(c->blob, c->blob_len));
	json_put_base64(object, "encrypted_secret",
	                span_of(c->sealed, c->sealed_len));
	return object;
}

bool
activation_decode(const struct json *object, struct activation *a,
                  struct err *err)
{
	struct credential *c = &a->credential;

	*a = (struct activation){0};
	return json_get_text(object, "ek", a->ek, sizeof(a->ek), err) &&
	       json_get_base64(object, "credential_blob", c->blob,
	                       CREDENTIAL_BLOB_MAX, &c->blob_len, err) &&
	       json_get_base64(object, "encrypted_secret", c->sealed,
	                       SEALED_MAX, &c->sealed_len, err);
}

struct json *
activated_encode(const struct activated *a)
{
	struct json *object = json_new_object();

	json_put_base64(object, "secret", span_of(a->secret, a->len));
	return object;
}

bool
activated_decode(const struct json *object, struct activated *a,
                 struct err *err)
{
	*a = (struct activated){0};
	return json_get_base64(object, "secret", a->secret, DIGEST_MAX, &a->len,
	                       err);
}

struct json *
certifying_encode(const struct certifying *c)
{
	struct json *object = json_new_object();

	json_put_base64(object, "iak", tpm_name_span(&c->iak));
	json_put_base64(object, "nonce", span_of(c->nonce, NONCE_SIZE));
	return object;
}

bool
certifying_decode(const struct json *object, struct certifying *c,
                  struct err *err)
{
	*c = (struct certifying){0};
	return json_get_base64(object, "iak", c->iak.at, NAME_MAX_SIZE,
	                       &c->iak.len, err) &&
	       json_get_bytes(object, "nonce", c->nonce, NONCE_SIZE, err);
}

struct json *
certified_encode(const struct certified *c)
{
	struct json *object = json_new_object();

	json_put_base64(object, "attest", span_of(c->attest.at, c->attest.len));
	json_put_base64(object, "signature",
	                span_of(c->signature.at, c->signature.len));
	return object;
}

bool
certified_decode(const struct json *object, struct certified *c,
                 struct err *err)
{
	*c = (struct certified){0};
	return json_get_base64(object, "attest", c->attest.at, ATTEST_MAX,
	                       &c->attest.len, err) &&
	       json_get_base64(object, "signature", c->signature.at,
	                       SIGNATURE_MAX, &c->signature.len, err);
}
