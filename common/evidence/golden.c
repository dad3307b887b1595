/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "evidence/golden.h"

#include <string.h>

/* PCRs that software can reset at will (PC Client Platform TPM Profile, 4.6):
 * debug and application support. */
enum { PCR_DEBUG = 16, PCR_APPLICATION = 23 };

static const char *const states[] = {
#define X(id, name) name,
    GOLDEN_STATES(X)
#undef X
};

const char *
golden_state_name(enum golden_state state)
{
	return (size_t)state < LENGTH_OF(states) ? states[state]
	                                         : states[GOLDEN_CANDIDATE];
}

bool
golden_state_of(const char *name, enum golden_state *out)
{
	*out = GOLDEN_CANDIDATE;
	for (size_t i = 0; i < LENGTH_OF(states); i++)
		if (strcmp(name, states[i]) == 0) {
			*out = (enum golden_state)i;
			return true;
		}
	return false;
}

bool
golden_is_live(const struct golden *g, uint64_t now_s)
{
	return g->state == GOLDEN_ACTIVE && now_s >= g->valid_from_s &&
	       (g->valid_until_s == 0 || now_s < g->valid_until_s);
}

bool
golden_selection_allowed(const struct pcr_selection *s, bool allow_sha1,
                         struct err *err)
{
	const uint32_t loose =
	    UINT32_C(1) << PCR_DEBUG | UINT32_C(1) << PCR_APPLICATION;

	if (s->n == 0)
		return err_set(err, ERR_MALFORMED, "no PCR is selected");
	for (size_t b = 0; b < s->n; b++) {
		if (s->banks[b].mask == 0)
			return err_set(err, ERR_MALFORMED,
			               "a PCR bank without a PCR");
		if ((s->banks[b].mask & loose) != 0)
			return err_set(err, ERR_MALFORMED,
			               "PCR 16 and 23 can be reset by anyone "
			               "and prove nothing");
		if (s->banks[b].alg == TPM_ALG_SHA1 && !allow_sha1)
			return err_set(err, ERR_MALFORMED,
			               "SHA-1 PCRs can be forged; take the "
			               "sha256 bank (or allow SHA-1 by name)");
		if (pcr_bank_name(s->banks[b].alg) == NULL)
			return err_set(err, ERR_UNSUPPORTED,
			               "PCR bank 0x%04x is not known",
			               s->banks[b].alg);
	}
	return true;
}

bool
golden_has_events(const struct golden *g)
{
	return !span_is_zero(span_of(g->events, SHA256_SIZE));
}

bool
golden_has_ima(const struct golden *g)
{
	return !span_is_zero(span_of(g->ima_policy, SHA256_SIZE));
}

uint32_t
golden_by_log(const struct golden *g)
{
	uint32_t ima = golden_has_ima(g) ? UINT32_C(1) << GOLDEN_PCR_IMA : 0;

	return g->by_events | ima;
}

/* A value that is not known is none: it may be missing where events judge. */
static bool
has_values(const struct golden *g, size_t b, struct err *err)
{
	const struct pcr_bank *bank = &g->values.selection.banks[b];

	for (unsigned p = 0; p < PCR_COUNT; p++) {
		size_t len = g->values.values[b][p].len;
		bool by_events = (g->by_events >> p & 1) != 0;

		if ((bank->mask >> p & 1) == 0 ||
		    len == crypto_digest_size(bank->alg) ||
		    (len == 0 && by_events))
			continue;
		return err_set(err, ERR_MALFORMED,
		               "PCR %u (%s) is to be compared by its value, "
		               "and has none",
		               p, pcr_bank_name(bank->alg));
	}
	return true;
}

bool
golden_is_whole(const struct golden *g, struct err *err)
{
	const struct pcr_selection *s = &g->values.selection;

	if (g->by_events != 0 && !golden_has_events(g))
		return err_set(err, ERR_MALFORMED,
		               "PCRs are to be judged by their events, and "
		               "there are none");
	if ((g->by_events >> GOLDEN_PCR_IMA & 1) != 0)
		return err_set(err, ERR_MALFORMED,
		               "PCR %d is not judged by the boot log's events "
		               "but by an IMA policy",
		               GOLDEN_PCR_IMA);
	if (g->valid_until_s != 0 && g->valid_until_s <= g->valid_from_s)
		return err_set(err, ERR_MALFORMED,
		               "the golden value's time ends before it "
		               "begins");
	for (size_t b = 0; b < s->n; b++)
		if ((golden_by_log(g) & ~s->banks[b].mask) != 0)
			return err_set(err, ERR_MALFORMED,
			               "a PCR that is to be judged by a log is "
			               "not selected in bank %s",
			               pcr_bank_name(s->banks[b].alg));
	for (size_t b = 0; b < s->n; b++)
		if (!has_values(g, b, err))
			return false;
	return true;
}

static struct digest
value_of(const struct pcr_values *values, uint16_t bank, unsigned pcr)
{
	int b = pcr_selection_find(&values->selection, bank);

	if (b < 0 || (values->selection.banks[b].mask >> pcr & 1) == 0)
		return (struct digest){0};
	return values->values[b][pcr];
}

size_t
golden_differences(const struct golden *g, const struct pcr_values *quoted,
                   struct pcr_difference *out, size_t max)
{
	const struct pcr_selection *s = &g->values.selection;
	size_t n = 0;

	for (size_t b = 0; b < s->n; b++)
		for (unsigned p = 0; p < PCR_COUNT; p++) {
			struct pcr_difference d = {
			    .bank = s->banks[b].alg,
			    .pcr = (uint8_t)p,
			    .expected = g->values.values[b][p],
			    .actual = value_of(quoted, s->banks[b].alg, p),
			};

			if (((s->banks[b].mask & ~golden_by_log(g)) >> p & 1) ==
			    0)
				continue;
			/* Two values that are not there are no match. */
			if (d.expected.len != 0 &&
			    span_eq(digest_span(&d.expected),
			            digest_span(&d.actual)))
				continue;
			if (n < max)
				out[n] = d;
			n++;
		}
	return n;
}

void
goldens_selection(const struct golden *goldens, size_t n,
                  struct pcr_selection *out)
{
	*out = (struct pcr_selection){0};
	for (size_t i = 0; i < n; i++) {
		const struct pcr_selection *s = &goldens[i].values.selection;

		for (size_t b = 0; b < s->n; b++) {
			int at = pcr_selection_find(out, s->banks[b].alg);

			if (at < 0 && out->n < PCR_BANKS_MAX) {
				at = (int)out->n++;
				out->banks[at].alg = s->banks[b].alg;
			}
			if (at >= 0)
				out->banks[at].mask |= s->banks[b].mask;
		}
	}
}

bool
golden_values_quoted(const struct golden *g)
{
	struct digest digest;
	struct quote quote;

	if (g->attest.len == 0)
		return true;
	/* The scheme of every attestation key hashes with SHA-256. */
	return quote_parse(span_of(g->attest.at, g->attest.len), &quote,
	                   NULL) &&
	       pcr_selection_eq(&quote.selection, &g->values.selection) &&
	       pcr_values_digest(&g->values, TPM_ALG_SHA256, &digest) &&
	       span_eq(digest_span(&digest), quote.pcr_digest);
}
