/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "appraise_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

void
world_set_values(struct pcr_values *v, const struct pcr_selection *s,
                 uint8_t seed)
{
	*v = (struct pcr_values){.selection = *s};
	for (size_t b = 0; b < s->n; b++)
		for (unsigned p = 0; p < PCR_COUNT; p++)
			if ((s->banks[b].mask >> p & 1) != 0) {
				struct digest *d = &v->values[b][p];

				d->len = (uint8_t)crypto_digest_size(
				    s->banks[b].alg);
				memset(d->at, (int)(seed + p), d->len);
			}
}

void
world_select_pcrs(struct world *w, const char *pcrs)
{
	assert_true(pcr_selection_parse(pcrs, &w->challenge.selection, NULL));
	world_set_values(&w->evidence.values, &w->challenge.selection, 7);
	w->golden.values = w->evidence.values;
	w->quote.selection = w->challenge.selection;
}

void
world_be_honest(struct world *w)
{
	struct tpm_name name;

	*w = (struct world){.tpm = soft_tpm_new()};
	strcpy(w->host.name, "host-a");
	soft_tpm_public(w->tpm, &w->host.ak);
	memset(w->challenge.nonce, 1, NONCE_SIZE);
	memset(w->exporter, 2, EXPORTER_SIZE);
	memset(w->statement.nonce, 1, NONCE_SIZE);
	memset(w->statement.exporter, 2, EXPORTER_SIZE);
	w->golden.id = 1;
	w->golden.state = GOLDEN_ACTIVE;
	world_select_pcrs(w, "sha256:0,2,4,7");
	assert_true(tpm_name_of(span_of(w->host.ak.at, w->host.ak.len), &name));
	assert_true(tpm_qualified_name_of(&name, &w->signer));
	w->quote.magic = TPM_GENERATED_VALUE;
	w->quote.type = TPM_ST_ATTEST_QUOTE;
	w->quote.session = (struct boot_session){1000, 5, 1, true};
	w->last = (struct boot_session){900, 5, 1, true};
}

/* The agent's part: what was not lied about follows from the rest. */
static void
answer(struct world *w)
{
	uint8_t leaf[1][SHA256_SIZE];

	endpoint_keys_digest(&w->evidence.endpoints, w->statement.endpoint);
	statement_leaf(&w->statement, leaf[0]);
	tree_root((const uint8_t(*)[SHA256_SIZE])leaf, 1, w->extra);
	tree_place_of((const uint8_t(*)[SHA256_SIZE])leaf, 1, 0,
	              &w->evidence.place);
	w->quote.signer = tpm_name_span(&w->signer);
	w->quote.extra = span_of(w->extra, sizeof(w->extra));
	if (w->pcr_digest.len == 0)
		assert_true(pcr_values_digest(&w->evidence.values,
		                              TPM_ALG_SHA256, &w->pcr_digest));
	w->quote.pcr_digest = digest_span(&w->pcr_digest);
	soft_attest(&w->quote, &w->evidence.attest);
	soft_tpm_sign(w->tpm,
	              span_of(w->evidence.attest.at, w->evidence.attest.len),
	              &w->evidence.signature);
	if (w->forged)
		w->evidence.signature.at[20] ^= 1;
}

void
world_answer(struct world *w)
{
	answer(w);
	w->a.host = &w->host;
	w->a.challenge = &w->challenge;
	w->a.exporter = w->exporter;
	w->a.evidence = &w->evidence;
	if (w->a.goldens == NULL) {
		w->a.goldens = &w->golden;
		w->a.n_goldens = 1;
	}
	w->a.last = &w->last;
	w->a.now_s = 1000;
	soft_tpm_free(w->tpm);
	w->tpm = NULL;
}

void
world_judge(struct world *w, struct verdict *verdict)
{
	world_answer(w);
	appraise(&w->a, verdict);
}
