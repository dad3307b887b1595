/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any text as a pass, and any claims under a signature that holds: what is read
 * is what one would write. */
#include <stdlib.h>
#include <string.h>

#include "proto/pass.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

static const uint8_t key[SIGNING_KEY_SIZE] = {[31] = 1};

/* The corpus has claims; signing all of them makes the reader look. */
static void
sign(const char *kid, struct span claims, struct buf *out)
{
	AUTO(json_auto) struct json *none = json_new_object();
	char text[TEXT_BASE64_SIZE(PASS_MAX)];
	uint8_t signature[SIGNING_SIZE];

	jwt_begin(PASS_TYP, kid, none, out);
	out->len -= strlen("e30"); /* {} */
	buf_text(out, text_base64url(claims, text));
	if (!signing_sign(key, buf_span(out), signature, NULL))
		abort();
	jwt_end(signature, out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	AUTO(buf_done) struct buf jwt = {0}, again = {0};
	AUTO(json_auto) struct json *claims = NULL;
	struct signing_public public;
	char kid[JWK_KID_SIZE];
	struct pass pass;

	if (len > PASS_MAX || !signing_public_of(key, &public, NULL))
		return 0;
	if (pass_read(span_of(at, len), &public, &pass, NULL) &&
	    !pass_encode(&pass, &claims, NULL))
		abort();
	json_free(claims);
	claims = NULL;
	sign(jwk_kid(&public, kid), span_of(at, len), &jwt);
	if (!pass_read(buf_span(&jwt), &public, &pass, NULL))
		return 0;
	if (!pass_encode(&pass, &claims, NULL))
		abort();
	json_format(claims, &again);
	if (!span_eq(buf_span(&again), span_of(at, len)))
		abort();
	return 0;
}
