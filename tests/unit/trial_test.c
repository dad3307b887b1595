/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A candidate on trial: asked beside the verdict, and never in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "appraise/trial.h"
#include "appraise_world.h"

/* A candidate that fits whole, whatever else it says, trusts nobody: neither
 * alone, nor behind one that is active and does not fit. */
static void
a_candidate_never_makes_a_verdict(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct golden goldens[2];
		struct verdict verdict;
		struct world w;

		world_be_honest(&w);
		w.golden.state = GOLDEN_CANDIDATE;
		w.golden.valid_until_s = i == 0 ? 0 : 5000;
		world_judge(&w, &verdict);
		assert_int_equal(verdict.state, VERDICT_UNTRUSTED);
		assert_int_equal(verdict.n_reasons, 1);
		assert_int_equal(verdict.reasons[0].code, REASON_GOLDEN);
		assert_int_equal(verdict.golden, 0);
		assert_null(w.a.match);
		assert_null(w.a.nearest);
		goldens[0] = goldens[1] = w.golden;
		goldens[0].state = GOLDEN_ACTIVE;
		goldens[0].values.values[0][4].at[0] ^= 1;
		w.a.goldens = goldens;
		w.a.n_goldens = 2;
		appraise(&w.a, &verdict);
		assert_int_equal(verdict.state, VERDICT_UNTRUSTED);
		assert_ptr_equal(w.a.nearest, &goldens[0]);
		/* Asked by itself it would; the appraisal is as it was. */
		trial_appraise(&w.a, 1, &verdict);
		assert_int_equal(verdict.state, VERDICT_TRUSTED);
		assert_int_equal(goldens[1].state, GOLDEN_CANDIDATE);
		appraise(&w.a, &verdict);
		assert_int_equal(verdict.state, VERDICT_UNTRUSTED);
		trial_appraise(&w.a, 0, &verdict);
		assert_int_equal(verdict.state, VERDICT_UNTRUSTED);
	}
}

static void
forge(struct world *w)
{
	w->forged = true;
}

static void
replay(struct world *w)
{
	memset(w->statement.nonce, 9, NONCE_SIZE);
}

static void
rewind_resets(struct world *w)
{
	w->last.reset_count = 6;
}

static void
other_endpoint(struct world *w)
{
	static const uint8_t key[SHA256_SIZE] = {1};

	assert_true(
	    endpoint_keys_add(&w->evidence.endpoints, "libvirt-tls", key));
}

static void
sha1_bank(struct world *w)
{
	world_select_pcrs(w, "sha1:0,2,4,7");
}

static void
other_pcr(struct world *w)
{
	w->golden.values.values[0][4].at[0] ^= 1;
}

static void
expired(struct world *w)
{
	w->golden.valid_until_s = 1000;
}

static void
not_yet(struct world *w)
{
	w->golden.valid_from_s = 1001;
}

static void
no_log(struct world *w)
{
	w->golden.by_events = 1 << 4;
	memset(w->golden.events, 1, SHA256_SIZE);
}

/* Every line of the table holds for an agreement, too. */
static void
what_is_not_trusted_does_not_agree(void **state)
{
	static void (*const lies[])(struct world *) = {
	    forge,     replay,  rewind_resets, other_endpoint, sha1_bank,
	    other_pcr, expired, not_yet,       no_log,
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(lies); i++) {
		struct verdict verdict;
		struct world w;

		world_be_honest(&w);
		w.golden.state = GOLDEN_CANDIDATE;
		lies[i](&w);
		world_judge(&w, &verdict);
		trial_appraise(&w.a, 0, &verdict);
		if (verdict.state != VERDICT_UNTRUSTED)
			fail_msg("lie %zu", i);
	}
}

/* Each by its own texts. */
static void
its_references_go_with_it(void **state)
{
	struct references references[2] = {
	    {.files = {IMA_REFUSED, ""}},
	    {.files = {IMA_HOLDS, ""}},
	};
	struct golden goldens[2];
	struct verdict verdict;
	struct world w;

	(void)state;
	world_be_honest(&w);
	world_select_pcrs(&w, "sha256:0,10");
	w.golden.state = GOLDEN_CANDIDATE;
	memset(w.golden.ima_policy, 1, SHA256_SIZE);
	world_judge(&w, &verdict);
	goldens[0] = goldens[1] = w.golden;
	w.a.goldens = goldens;
	w.a.n_goldens = 2;
	w.a.references = references;
	trial_appraise(&w.a, 0, &verdict);
	assert_int_equal(verdict.state, VERDICT_UNTRUSTED);
	trial_appraise(&w.a, 1, &verdict);
	assert_int_equal(verdict.state, VERDICT_TRUSTED);
}

static void
its_logs_are_wanted(void **state)
{
	struct verdict verdict;
	struct world w;

	(void)state;
	world_be_honest(&w);
	world_select_pcrs(&w, "sha256:0,4,10");
	w.golden.state = GOLDEN_CANDIDATE;
	no_log(&w);
	world_judge(&w, &verdict);
	assert_int_equal(appraise_wants(&w.a), 0);
	assert_int_equal(trial_wants(&w.a, 0), 1u << MLOG_BOOT);
	memset(w.golden.ima_policy, 1, SHA256_SIZE);
	assert_int_equal(appraise_wants(&w.a), 0);
	assert_int_equal(trial_wants(&w.a, 0),
	                 1u << MLOG_BOOT | 1u << MLOG_IMA);
	w.evidence.signature.at[20] ^= 1;
	assert_int_equal(trial_wants(&w.a, 0), 0);
}

static struct golden
over(const char *pcrs, uint64_t id)
{
	struct golden g = {.id = id};
	struct pcr_selection s;

	assert_true(pcr_selection_parse(pcrs, &s, NULL));
	world_set_values(&g.values, &s, 7);
	return g;
}

/* A bank that the active ones do not name may not be there. */
static void
no_bank_is_asked_for_a_candidate_alone(void **state)
{
	struct golden goldens[] = {
	    over("sha256:0,4", 1), over("sha384:0", 2),
	    over("sha256:9", 3),   over("sha256:2+sha384:0", 4),
	    over("sha256:7", 5),
	};
	char text[PCR_TEXT_MAX];
	struct pcr_selection s;

	(void)state;
	assert_int_equal(trial_selection(goldens, 1, 1, &s), 1);
	assert_string_equal(pcr_selection_format(&s, text), "sha256:0,4");
	assert_int_equal(trial_selection(goldens, 1, 5, &s), 3);
	assert_string_equal(pcr_selection_format(&s, text), "sha256:0,4,7,9");
	assert_int_equal(goldens[0].id, 1);
	assert_int_equal(goldens[1].id, 3);
	assert_int_equal(goldens[2].id, 5);
	/* Where none is active there is nothing to spoil. */
	goldens[0] = over("sha384:0", 6);
	assert_int_equal(trial_selection(goldens, 0, 2, &s), 2);
	assert_int_equal(s.n, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_candidate_never_makes_a_verdict),
	    cmocka_unit_test(what_is_not_trusted_does_not_agree),
	    cmocka_unit_test(its_references_go_with_it),
	    cmocka_unit_test(its_logs_are_wanted),
	    cmocka_unit_test(no_bank_is_asked_for_a_candidate_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
