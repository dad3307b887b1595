/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every check has its lie: the smallest one that this check alone catches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "appraise_world.h"

static void
forge(struct world *w)
{
	w->forged = true;
}

static void
software_magic(struct world *w)
{
	w->quote.magic = 0xff544348;
}

static void
certify(struct world *w)
{
	w->quote.type = 0x8017;
}

static void
trail(struct world *w)
{
	w->quote.trailing = 1;
}

static void
other_hierarchy(struct world *w)
{
	w->signer.at[10] ^= 1;
}

static void
replay(struct world *w)
{
	memset(w->statement.nonce, 9, NONCE_SIZE);
}

static void
zero_nonce(struct world *w)
{
	memset(w->challenge.nonce, 0, NONCE_SIZE);
	memset(w->statement.nonce, 0, NONCE_SIZE);
}

static void
zero_exporter(struct world *w)
{
	memset(w->exporter, 0, EXPORTER_SIZE);
	memset(w->statement.exporter, 0, EXPORTER_SIZE);
}

static void
relay(struct world *w)
{
	memset(w->statement.exporter, 9, EXPORTER_SIZE);
}

static void
subset(struct world *w)
{
	struct pcr_selection asked = w->challenge.selection;

	world_select_pcrs(w, "sha256:0,2,4");
	w->challenge.selection = asked;
}

static void
wrong_selection(struct world *w)
{
	/* The digest is right; the signed selection names other PCRs. */
	w->quote.selection.banks[0].mask ^= 0x108;
	w->evidence.values.selection = w->quote.selection;
	memcpy(&w->evidence.values.values[0][3], &w->golden.values.values[0][2],
	       sizeof(struct digest));
	w->golden.values = w->evidence.values;
	world_set_values(&w->evidence.values, &w->quote.selection, 7);
	w->golden.values = w->evidence.values;
}

static void
unsigned_values(struct world *w)
{
	w->pcr_digest.len = SHA256_SIZE;
	memset(w->pcr_digest.at, 3, SHA256_SIZE);
}

static void
sha1_bank(struct world *w)
{
	world_select_pcrs(w, "sha1:0,2,4,7");
}

static void
rewind_resets(struct world *w)
{
	w->last.reset_count = 6;
}

static void
rewind_restarts(struct world *w)
{
	w->last.restart_count = 2;
}

static void
rewind_clock(struct world *w)
{
	w->last.clock_ms = 1001;
}

static void
other_pcr(struct world *w)
{
	w->golden.values.values[0][4].at[0] ^= 1;
}

static void
revoked(struct world *w)
{
	w->golden.state = GOLDEN_REVOKED;
}

static void
not_approved(struct world *w)
{
	w->golden.state = GOLDEN_CANDIDATE;
}

static void
of_nothing(struct world *w)
{
	w->golden.values = (struct pcr_values){0};
}

static void
expired(struct world *w)
{
	w->golden.valid_until_s = 1000;
}

static void
other_endpoint(struct world *w)
{
	static const uint8_t key[SHA256_SIZE] = {1};

	assert_true(
	    endpoint_keys_add(&w->evidence.endpoints, "libvirt-tls", key));
}

static void
other_key_shown(struct world *w)
{
	static const uint8_t key[SHA256_SIZE] = {1};

	assert_true(
	    endpoint_keys_add(&w->evidence.endpoints, "libvirt-tls", key));
	w->host.endpoints = w->evidence.endpoints;
	w->a.sight = ENDPOINT_SHOWN;
	w->a.shown[0] = 2;
}

static void
endpoint_that_is_silent(struct world *w)
{
	other_key_shown(w);
	w->a.sight = ENDPOINT_SILENT;
	w->a.shown[0] = 1; /* what it would have to show */
}

/* Values for PCRs that the TPM did not sign: the labels are moved. */
static void
relabel(struct world *w)
{
	struct pcr_values *v = &w->evidence.values;

	assert_true(pcr_values_digest(v, TPM_ALG_SHA256, &w->pcr_digest));
	v->selection.banks[0].mask ^= 1 << 7 | 1 << 8;
	v->values[0][8] = v->values[0][7];
	w->golden.values = *v;
}

static void
other_firmware(struct world *w)
{
	w->golden.pins_firmware = true;
	w->golden.firmware = w->quote.firmware + 1;
}

/* What is to be judged by a log, and nobody shows one. */
static void
no_events(struct world *w)
{
	w->golden.by_events = 1 << 4;
	memset(w->golden.events, 1, SHA256_SIZE);
}

static void
no_files(struct world *w)
{
	world_select_pcrs(w, "sha256:0,10");
	memset(w->golden.ima_policy, 1, SHA256_SIZE);
}

static const struct {
	enum reason_code check;
	const char *name;
	void (*tell)(struct world *);
} lies[] = {
    {REASON_SIGNATURE, "a signature of somebody else", forge},
    {REASON_MAGIC, "a structure that software made", software_magic},
    {REASON_TYPE, "TPM2_Certify's output", certify},
    {REASON_LENGTH, "a byte behind the structure", trail},
    {REASON_SIGNER, "a key of another hierarchy", other_hierarchy},
    {REASON_NONCE, "an old quote", replay},
    {REASON_NONCE, "another session's quote", relay},
    {REASON_NONCE, "a nonce that was never drawn", zero_nonce},
    {REASON_NONCE, "a session that was never there", zero_exporter},
    {REASON_PCR_SELECTION, "right digest, wrong selection", wrong_selection},
    {REASON_PCR_DIGEST, "values that were not signed", unsigned_values},
    {REASON_BANK, "a SHA-1 bank", sha1_bank},
    {REASON_SESSION, "an earlier boot", rewind_resets},
    {REASON_SESSION, "an earlier resume", rewind_restarts},
    {REASON_CLOCK, "a clock set back", rewind_clock},
    {REASON_GOLDEN, "another PCR", other_pcr},
    {REASON_GOLDEN, "a candidate that nobody approved", not_approved},
    {REASON_GOLDEN, "a revoked golden value", revoked},
    {REASON_GOLDEN, "an expired golden value", expired},
    {REASON_GOLDEN, "a golden value of no PCR", of_nothing},
    {REASON_FIRMWARE, "a TPM of another version", other_firmware},
    {REASON_BOOT_LOG, "no boot log where it counts", no_events},
    {REASON_IMA_LOG, "no list of files where it counts", no_files},
    {REASON_ENDPOINT, "an endpoint key that is not enrolled", other_endpoint},
    {REASON_ENDPOINT, "another key at the endpoint", other_key_shown},
    {REASON_ENDPOINT, "no key at the endpoint", endpoint_that_is_silent},
    {REASON_PCR_DIGEST, "signed values with moved labels", relabel},
};

static void
truth_is_trusted(void **state)
{
	struct verdict verdict;
	struct world w;

	(void)state;
	world_be_honest(&w);
	world_judge(&w, &verdict);
	assert_int_equal(verdict.state, VERDICT_TRUSTED);
	assert_int_equal(verdict.n_reasons, 0);
	assert_int_equal(verdict.golden, 1);
	assert_int_equal(verdict.session.reset_count, 5);
}

static void
each_lie_is_caught_by_its_check_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(lies); i++) {
		struct verdict verdict;
		struct world w;

		world_be_honest(&w);
		lies[i].tell(&w);
		world_judge(&w, &verdict);
		if (verdict.state != VERDICT_UNTRUSTED ||
		    verdict.n_reasons != 1 ||
		    verdict.reasons[0].code != lies[i].check)
			fail_msg("%s: %s for %zu reasons, first '%s'",
			         lies[i].name,
			         verdict_state_name(verdict.state),
			         verdict.n_reasons,
			         reason_name(verdict.reasons[0].code));
	}
}

static void
every_check_has_a_lie(void **state)
{
	(void)state;
	for (size_t i = 0; i < appraise_checks_n; i++) {
		size_t n = 0;

		for (size_t k = 0; k < LENGTH_OF(lies); k++)
			n += lies[k].check == appraise_checks[i].reason;
		if (n == 0)
			fail_msg("no lie tests the check '%s'",
			         reason_name(appraise_checks[i].reason));
	}
}

static void
zeroes_trip_every_check(void **state)
{
	static const struct attester host;
	static const struct challenge challenge;
	static const struct evidence evidence;
	static const uint8_t exporter[EXPORTER_SIZE];
	const struct appraisal a = {.host = &host,
	                            .challenge = &challenge,
	                            .evidence = &evidence,
	                            .exporter = exporter};

	(void)state;
	for (size_t i = 0; i < appraise_checks_n; i++)
		if (appraise_checks[i].holds(&a))
			fail_msg("'%s' holds on zeroes",
			         reason_name(appraise_checks[i].reason));
}

static void
a_subset_of_pcrs_is_refused(void **state)
{
	struct verdict verdict;
	struct world w;

	(void)state;
	world_be_honest(&w);
	subset(&w);
	world_judge(&w, &verdict);
	assert_int_equal(verdict.state, VERDICT_UNTRUSTED);
	assert_int_equal(verdict.reasons[0].code, REASON_PCR_SELECTION);
}

static void
a_reboot_is_appraised_anew(void **state)
{
	struct verdict verdict;
	struct world w;

	(void)state;
	world_be_honest(&w);
	w.quote.session = (struct boot_session){1, 6, 0, true};
	world_judge(&w, &verdict);
	assert_int_equal(verdict.state, VERDICT_TRUSTED);
}

/* After a power loss the TPM says itself that its clock may be behind. */
static void
an_unsafe_clock_may_go_back(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct verdict verdict;
		struct world w;

		world_be_honest(&w);
		rewind_clock(&w);
		w.quote.session.safe = i == 0;
		w.last.safe = i == 1;
		world_judge(&w, &verdict);
		assert_int_equal(verdict.state, VERDICT_TRUSTED);
	}
}

static void
every_bit_of_a_quote_is_signed(void **state)
{
	struct verdict verdict;
	struct world w;

	(void)state;
	world_be_honest(&w);
	world_judge(&w, &verdict);
	assert_int_equal(verdict.state, VERDICT_TRUSTED);
	assert_true(verdict.appraised);
	for (size_t bit = 0; bit < 8 * w.evidence.attest.len; bit += 5) {
		w.evidence.attest.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
		appraise(&w.a, &verdict);
		assert_int_equal(verdict.state, VERDICT_UNTRUSTED);
		/* Nothing that it says was read. */
		assert_int_equal(verdict.n_reasons, 1);
		assert_int_equal(verdict.reasons[0].code, REASON_SIGNATURE);
		assert_false(verdict.appraised);
		w.evidence.attest.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

static void
differences_name_the_pcr(void **state)
{
	struct verdict verdict;
	struct world w;

	(void)state;
	world_be_honest(&w);
	other_pcr(&w);
	world_judge(&w, &verdict);
	assert_int_equal(verdict.n_differences, 1);
	assert_int_equal(verdict.differences[0].pcr, 4);
	assert_non_null(strstr(verdict.reasons[0].detail, "PCR 4 (sha256)"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(truth_is_trusted),
	    cmocka_unit_test(each_lie_is_caught_by_its_check_alone),
	    cmocka_unit_test(every_check_has_a_lie),
	    cmocka_unit_test(zeroes_trip_every_check),
	    cmocka_unit_test(a_subset_of_pcrs_is_refused),
	    cmocka_unit_test(a_reboot_is_appraised_anew),
	    cmocka_unit_test(an_unsafe_clock_may_go_back),
	    cmocka_unit_test(every_bit_of_a_quote_is_signed),
	    cmocka_unit_test(differences_name_the_pcr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
