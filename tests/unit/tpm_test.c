/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A TPM as a source of evidence, over a software TPM. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <tss2/tss2_esys.h>

#include "evidence/attester.h"
#include "source/tpm.h"
#include "test_swtpm.h"

/* The linker puts these before tpm2-tss's own: what they do once is set here,
 * as there is no other way to reach them. */
static struct {
	TSS2_RC rcs[2]; /* answered in place of the TPM's, 0 ends */
	unsigned asked;
	unsigned moves; /* so many quotes find a PCR moved */
} played;

TSS2_RC __real_Esys_Quote(ESYS_CONTEXT *, ESYS_TR, ESYS_TR, ESYS_TR, ESYS_TR,
                          const TPM2B_DATA *, const TPMT_SIG_SCHEME *,
                          const TPML_PCR_SELECTION *, TPM2B_ATTEST **,
                          TPMT_SIGNATURE **);
TSS2_RC __wrap_Esys_Quote(ESYS_CONTEXT *, ESYS_TR, ESYS_TR, ESYS_TR, ESYS_TR,
                          const TPM2B_DATA *, const TPMT_SIG_SCHEME *,
                          const TPML_PCR_SELECTION *, TPM2B_ATTEST **,
                          TPMT_SIGNATURE **);

TSS2_RC
__wrap_Esys_Quote(ESYS_CONTEXT *esys, ESYS_TR key, ESYS_TR a, ESYS_TR b,
                  ESYS_TR c, const TPM2B_DATA *data,
                  const TPMT_SIG_SCHEME *scheme, const TPML_PCR_SELECTION *pcrs,
                  TPM2B_ATTEST **attest, TPMT_SIGNATURE **signature)
{
	unsigned n = played.asked++;

	if (n < 2 && played.rcs[n] != 0)
		return played.rcs[n];
	if (played.moves > 0) {
		TPML_DIGEST_VALUES more = {
		    .count = 1, .digests[0].hashAlg = TPM2_ALG_SHA256};

		played.moves--;
		assert_int_equal(Esys_PCR_Extend(esys, ESYS_TR_PCR16,
		                                 ESYS_TR_PASSWORD, ESYS_TR_NONE,
		                                 ESYS_TR_NONE, &more),
		                 0);
	}
	return __real_Esys_Quote(esys, key, a, b, c, data, scheme, pcrs, attest,
	                         signature);
}

static const uint8_t root[SHA256_SIZE] = {1, 2, 3};

static struct pcr_selection
all_pcrs(void)
{
	return (struct pcr_selection){
	    .n = 1, .banks = {{.alg = TPM_ALG_SHA256, .mask = 0xffffff}}};
}

static uint64_t ends[TPM_END_COUNT];

static struct tpm *
open_tpm(const struct test_swtpm *t, bool rsa, uint32_t handle)
{
	const struct tpm_options options = {t->tcti, rsa, handle, ends};
	struct err err = {0};
	struct tpm *tpm = tpm_open(&options, &err);

	if (tpm == NULL)
		print_error("%s\n", err.text);
	assert_non_null(tpm);
	played.asked = 0;
	played.moves = 0;
	memset(played.rcs, 0, sizeof(played.rcs));
	return tpm;
}

static bool
quote(struct tpm *tpm, struct evidence *e, struct err *err)
{
	const struct pcr_selection pcrs = all_pcrs();

	*err = (struct err){0};
	return tpm_quote(tpm, &pcrs, root, e, err);
}

/* Keys as PROTOCOL.md has them; a quote that a verifier can follow. */
static void
check_key(struct test_swtpm *t, bool rsa)
{
	struct tpm *tpm = open_tpm(t, rsa, 0);
	struct crypto_signature signature;
	struct tpm_name name, qualified;
	struct tpm_public key;
	struct digest digest;
	struct identity id;
	struct evidence e;
	struct quote q;
	struct err err = {0};
	struct span ak, said;

	assert_true(tpm_identity(tpm, &id, &err));
	assert_true(quote(tpm, &e, &err));
	tpm_close(tpm);
	ak = span_of(id.ak.at, id.ak.len);
	said = span_of(e.attest.at, e.attest.len);
	assert_true(attester_ak_allowed(ak, &err));
	assert_true(tpm_public_parse(ak, &key, &err));
	assert_int_equal(key.key.type, rsa ? TPM_ALG_RSA : TPM_ALG_ECC);
	assert_true(signature_parse(span_of(e.signature.at, e.signature.len),
	                            &signature, &err));
	assert_true(crypto_signed(&key.key, said, &signature));
	assert_true(quote_parse(said, &q, &err));
	assert_true(tpm_name_of(ak, &name));
	assert_true(tpm_qualified_name_of(&name, &qualified));
	assert_true(span_eq(tpm_name_span(&qualified), q.signer));
	assert_true(span_eq(span_of(root, SHA256_SIZE), q.extra));
	assert_true(pcr_values_digest(&e.values, TPM_ALG_SHA256, &digest));
	assert_true(span_eq(digest_span(&digest), q.pcr_digest));
	assert_int_equal(id.n_eks, 2);
	assert_string_equal(id.eks[0].algorithm, "rsa2048");
	assert_string_equal(id.eks[1].algorithm, "ecc-p256");
	assert_true(id.n_banks > 0);
	assert_true(id.manufacturer[0] != '\0');
}

static void
test_ecc(void **state)
{
	check_key(*state, false);
}

static void
test_rsa(void **state)
{
	check_key(*state, true);
}

static void
test_race(void **state)
{
	struct tpm *tpm = open_tpm(*state, false, 0);
	struct evidence e;
	struct err err;

	played.moves = TPM_RACE_TRIES - 1;
	assert_true(quote(tpm, &e, &err));
	assert_int_equal(played.asked, TPM_RACE_TRIES);
	played.asked = 0;
	played.moves = TPM_RACE_TRIES;
	assert_false(quote(tpm, &e, &err));
	assert_int_equal(err.code, ERR_BUSY);
	assert_int_equal(played.asked, TPM_RACE_TRIES);
	tpm_close(tpm);
}

static void
test_codes(void **state)
{
	static const struct {
		TSS2_RC rc;
		enum err_code code; /* ERR_NONE: asked again, and done */
		enum tpm_end end;
	} cases[] = {
	    {TPM2_RC_RETRY, ERR_NONE, TPM_END_RETRY},
	    {TPM2_RC_YIELDED, ERR_NONE, TPM_END_YIELDED},
	    {TPM2_RC_TESTING, ERR_NONE, TPM_END_TESTING},
	    /* Started, and asked again. */
	    {TPM2_RC_INITIALIZE, ERR_NONE, TPM_END_INITIALIZE},
	    {TPM2_RC_LOCKOUT, ERR_LOCKOUT, TPM_END_LOCKOUT},
	    {TPM2_RC_FAILURE, ERR_TPM, TPM_END_FAILURE},
	    {TPM2_RC_HASH, ERR_TPM, TPM_END_OTHER},
	    {TSS2_TCTI_RC_IO_ERROR, ERR_UNAVAILABLE, TPM_END_TRANSPORT},
	};
	struct evidence e;
	struct err err;

	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		struct tpm *tpm = open_tpm(*state, false, 0);
		bool ok;

		memset(ends, 0, sizeof(ends));
		played.rcs[0] = cases[i].rc;
		ok = quote(tpm, &e, &err);
		assert_int_equal(ok ? ERR_NONE : err.code, cases[i].code);
		assert_int_equal(played.asked, ok ? 2 : 1);
		assert_int_equal(ends[cases[i].end], 1);
		assert_true(ends[TPM_END_SUCCESS] > 0);
		tpm_close(tpm);
	}
}

/* A handle: made, found again, and not taken from another key. */
static void
test_handle(void **state)
{
	const struct test_swtpm *t = *state;
	const struct tpm_options other = {t->tcti, true, 0x81010099, NULL};
	struct evidence e;
	struct err err;

	for (int i = 0; i < 2; i++) {
		struct tpm *tpm = open_tpm(t, false, 0x81010099);

		assert_true(quote(tpm, &e, &err));
		tpm_close(tpm);
	}
	assert_null(tpm_open(&other, &err));
	assert_int_equal(err.code, ERR_CONFLICT);
}

static void
test_gone_and_back(void **state)
{
	struct test_swtpm *t = *state;
	const struct tpm_options options = {t->tcti, false, 0, NULL};
	struct tpm *tpm = open_tpm(t, false, 0);
	struct evidence e;
	struct err err;

	assert_true(quote(tpm, &e, &err));
	test_swtpm_stop(t);
	assert_false(quote(tpm, &e, &err));
	assert_int_equal(err.code, ERR_UNAVAILABLE);
	tpm_close(tpm);
	assert_null(tpm_open(&options, &err));
	assert_int_equal(err.code, ERR_UNAVAILABLE);
	test_swtpm_start(t);
	tpm = open_tpm(t, false, 0);
	assert_true(quote(tpm, &e, &err));
	tpm_close(tpm);
}

static void
test_shared(void **state)
{
	(void)state;
	assert_true(tpm_is_shared("device:/dev/tpmrm0"));
	assert_true(tpm_is_shared("tabrmd:bus_type=session"));
	assert_false(tpm_is_shared("device:/dev/tpm0"));
	assert_false(tpm_is_shared("swtpm:host=127.0.0.1,port=2321"));
	assert_false(tpm_is_shared("mssim"));
}

int
main(void)
{
	static struct test_swtpm swtpm; /* cmocka keeps its address */
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_prestate(test_ecc, &swtpm),
	    cmocka_unit_test_prestate(test_rsa, &swtpm),
	    cmocka_unit_test_prestate(test_race, &swtpm),
	    cmocka_unit_test_prestate(test_codes, &swtpm),
	    cmocka_unit_test_prestate(test_handle, &swtpm),
	    cmocka_unit_test_prestate(test_gone_and_back, &swtpm),
	    cmocka_unit_test(test_shared),
	};
	int failed;

	setenv("TSS2_LOG", "all+NONE", 1);
	signal(SIGPIPE, SIG_IGN);
	if (!test_swtpm_new(&swtpm))
		return 77;
	test_swtpm_start(&swtpm);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	test_swtpm_free(&swtpm);
	return failed;
}
