/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is checked of a TPM's signature before a peer sees it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>

#include "base/auto.h"
#include "net/key_private.h"

static const uint8_t digest[32] = {1, 2, 3}, other_digest[32] = {1, 2, 4};
static EVP_PKEY *ec, *other_ec, *rsa;

static int
group_start(void **state)
{
	(void)state;
	ec = EVP_EC_gen("P-256");
	other_ec = EVP_EC_gen("P-256");
	rsa = EVP_RSA_gen(2048);
	return ec != NULL && other_ec != NULL && rsa != NULL ? 0 : -1;
}

static int
group_end(void **state)
{
	(void)state;
	EVP_PKEY_free(ec);
	EVP_PKEY_free(other_ec);
	EVP_PKEY_free(rsa);
	return 0;
}

struct signing_case {
	EVP_PKEY **signer, **owner;
	const uint8_t *hash;
	int padding, salt; /* RSA's */
	bool taken;
};

static bool
is_taken(const struct signing_case *c)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(*c->signer, NULL);
	uint8_t signature[512];
	size_t size = sizeof(signature);

	assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
	if (c->padding != 0)
		assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, c->padding),
		                 1);
	assert_int_equal(EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()), 1);
	if (c->salt != 0)
		assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, c->salt),
		                 1);
	assert_int_equal(EVP_PKEY_sign(ctx, signature, &size, digest, 32), 1);
	EVP_PKEY_CTX_free(ctx);
	return key_signed(*c->owner, "SHA256", span_of(c->hash, 32),
	                  span_of(signature, size));
}

static void
what_no_peer_would_take_is_not_sent(void **state)
{
	enum { PSS = RSA_PKCS1_PSS_PADDING };
	const struct signing_case cases[] = {
	    {&ec, &ec, digest, 0, 0, true},
	    {&ec, &ec, other_digest, 0, 0, false},
	    {&other_ec, &ec, digest, 0, 0, false},
	    {&rsa, &rsa, digest, PSS, RSA_PSS_SALTLEN_DIGEST, true},
	    {&rsa, &rsa, other_digest, PSS, RSA_PSS_SALTLEN_DIGEST, false},
	    {&rsa, &rsa, digest, PSS, RSA_PSS_SALTLEN_MAX, false},
	    {&rsa, &rsa, digest, RSA_PKCS1_PADDING, 0, false},
	    {&rsa, &ec, digest, PSS, RSA_PSS_SALTLEN_DIGEST, false},
	    {&ec, &rsa, digest, 0, 0, false},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(cases); i++)
		if (is_taken(&cases[i]) != cases[i].taken)
			fail_msg("case %zu", i);
}

static void
the_public_half_has_no_private_one(void **state)
{
	EVP_PKEY *half = key_public_half(rsa, NULL);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(half, NULL);
	uint8_t signature[512];
	size_t size = sizeof(signature);

	(void)state;
	assert_int_equal(EVP_PKEY_eq(half, rsa), 1);
	assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
	assert_int_not_equal(EVP_PKEY_sign(ctx, signature, &size, digest, 32),
	                     1);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(half);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_no_peer_would_take_is_not_sent),
	    cmocka_unit_test(the_public_half_has_no_private_one),
	};

	return cmocka_run_group_tests(tests, group_start, group_end);
}
