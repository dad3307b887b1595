/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Candidates of what a foreign form says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "proto/goldenfile_private.h"

/* Extended by the running system or at a dynamic launch, with no entry in the
 * boot log (Linux TPM PCR Registry): its events cannot judge them. */
static const uint32_t beyond_log = UINT32_C(0xff8000) /* 15 to 23 */ |
                                   UINT32_C(1) << GOLDEN_PCR_IMA |
                                   UINT32_C(1) << 11;

static const uint16_t banks[] = {TPM_ALG_SHA256, TPM_ALG_SHA384, TPM_ALG_SHA512,
                                 TPM_ALG_SHA1};

static uint32_t
event_pcrs(const struct bootref *events)
{
	uint32_t mask = 0;

	for (size_t i = 0; i < events->n; i++)
		mask |= UINT32_C(1) << events->events[i].pcr;
	return mask;
}

/* PCRs of which there is a value; `bank` 0: in whichever bank. */
static uint32_t
value_pcrs(const struct goldenfile *g, uint16_t bank)
{
	uint32_t mask = 0;

	for (size_t i = 0; i < g->n_values; i++)
		if (bank == 0 || g->values[i].bank == bank)
			mask |= UINT32_C(1) << g->values[i].pcr;
	return mask;
}

/* All that a tpm_policy has, in the first bank that has them all. */
static bool
select_keylime(const struct goldenfile *g, bool allow_sha1,
               struct pcr_selection *out, struct err *err)
{
	for (size_t i = 0; i < LENGTH_OF(banks); i++) {
		if (value_pcrs(g, banks[i]) != value_pcrs(g, 0) ||
		    (banks[i] == TPM_ALG_SHA1 && !allow_sha1))
			continue;
		*out = (struct pcr_selection){
		    .n = 1, .banks = {{banks[i], value_pcrs(g, 0)}}};
		return true;
	}
	return err_set(err, ERR_CONFIG,
	               "tpm_policy: no bank of SHA-256 or better has a value "
	               "of every PCR; name PCRs with --pcrs (or --allow-sha1)");
}

static bool
select_usual(const struct goldenfile *g, bool allow_sha1,
             struct pcr_selection *out, struct err *err)
{
	uint32_t judged = event_pcrs(&g->events) & ~beyond_log;

	if (g->form == GOLDENFILE_KEYLIME)
		return select_keylime(g, allow_sha1, out, err);
	if (g->form == GOLDENFILE_PCRREAD)
		return pcr_selection_parse(GOLDEN_PCRS_DEFAULT, out, err);
	if (judged == 0)
		return err_set(err, ERR_MALFORMED,
		               ".pcrlock: no event of a PCR that the boot log "
		               "tells of");
	*out =
	    (struct pcr_selection){.n = 1, .banks = {{TPM_ALG_SHA256, judged}}};
	return true;
}

/* The n-th value of a PCR; NULL when there is none. */
static const struct digest *
value_at(const struct goldenfile *g, uint16_t bank, unsigned pcr, size_t n)
{
	for (size_t i = 0; i < g->n_values; i++)
		if (g->values[i].bank == bank && g->values[i].pcr == pcr &&
		    n-- == 0)
			return &g->values[i].value;
	return NULL;
}

static size_t
value_count(const struct goldenfile *g, uint16_t bank, unsigned pcr)
{
	size_t n = 0;

	while (value_at(g, bank, pcr, n) != NULL)
		n++;
	return n;
}

/* How many combinations; 0 when there is none or there are too many. */
static size_t
count_combinations(const struct goldenfile *g, const struct pcr_selection *s,
                   struct err *err)
{
	size_t n = 1;

	for (size_t b = 0; b < s->n; b++)
		for (unsigned p = 0; p < PCR_COUNT; p++) {
			size_t here = value_count(g, s->banks[b].alg, p);

			if ((s->banks[b].mask >> p & 1) == 0)
				continue;
			if (here == 0)
				err_set(err, ERR_NOT_FOUND,
				        "the file has no value of PCR %u in "
				        "bank %s",
				        p, pcr_bank_name(s->banks[b].alg));
			n *= here;
			if (n > GOLDENFILE_CANDIDATES_MAX)
				err_set(err, ERR_LIMIT,
				        "a golden value has one value of each "
				        "PCR, and the file allows over %d "
				        "combinations; name fewer PCRs with "
				        "--pcrs, or leave values out",
				        GOLDENFILE_CANDIDATES_MAX);
			if (n == 0 || n > GOLDENFILE_CANDIDATES_MAX)
				return 0;
		}
	return n;
}

/* The k-th combination: the digits of k, each PCR a place. */
static void
take_values(const struct goldenfile *g, size_t k, struct golden *out)
{
	const struct pcr_selection *s = &out->values.selection;

	for (size_t b = 0; b < s->n; b++)
		for (unsigned p = 0; p < PCR_COUNT; p++) {
			size_t n = value_count(g, s->banks[b].alg, p);

			/* Of those that are selected each has one. */
			if ((s->banks[b].mask >> p & 1) == 0 || n == 0)
				continue;
			out->values.values[b][p] =
			    *value_at(g, s->banks[b].alg, p, k % n);
			k /= n;
		}
}

static bool
make_exact(const struct goldenfile *g, const struct golden *like,
           struct goldenfile_made *made, struct err *err)
{
	size_t n = count_combinations(g, &like->values.selection, err);

	if (n == 0)
		return false;
	made->goldens = mem_new(n, sizeof(*made->goldens));
	for (; made->n < n; made->n++) {
		struct golden *golden = &made->goldens[made->n];
		int len;

		*golden = *like;
		take_values(g, made->n, golden);
		if (n == 1)
			continue;
		len = snprintf(golden->label, GOLDEN_LABEL_MAX,
		               "%s (%zu of %zu)", like->label, made->n + 1, n);
		if (len >= GOLDEN_LABEL_MAX)
			return err_set(err, ERR_LIMIT,
			               "the label leaves no room for ' (%zu of "
			               "%zu)'",
			               made->n + 1, n);
	}
	return true;
}

static bool
has_digest(const struct bootref_event *e, uint16_t bank)
{
	for (size_t i = 0; i < e->n_digests; i++)
		if (e->digests[i].alg == bank)
			return true;
	return false;
}

/* An event without a digest of a bank could never be met there. */
static bool
has_digests(const struct goldenfile *g, const struct pcr_bank *bank,
            struct err *err)
{
	uint32_t missing = bank->mask & ~event_pcrs(&g->events);
	char pcrs[PCR_TEXT_MAX];

	if (missing != 0)
		return err_set(err, ERR_NOT_FOUND,
		               ".pcrlock: no event of PCR %s",
		               pcr_list_format(missing, pcrs));
	for (size_t i = 0; i < g->events.n; i++) {
		const struct bootref_event *e = &g->events.events[i];

		if ((bank->mask >> e->pcr & 1) != 0 &&
		    !has_digest(e, bank->alg))
			return err_set(err, ERR_MALFORMED,
			               "%.100s: an event of PCR %u has no "
			               "digest of %s",
			               e->text, e->pcr,
			               pcr_bank_name(bank->alg));
	}
	return true;
}

static bool
make_by_events(const struct goldenfile *g, const struct golden *like,
               struct goldenfile_made *made, struct err *err)
{
	const struct pcr_selection *s = &like->values.selection;
	uint32_t mask = s->banks[0].mask;

	if ((mask >> GOLDEN_PCR_IMA & 1) != 0)
		return err_set(err, ERR_MALFORMED,
		               "PCR %d is not judged by the boot log's events",
		               GOLDEN_PCR_IMA);
	for (size_t b = 0; b < s->n; b++) {
		if (s->banks[b].mask != mask)
			return err_set(err, ERR_CONFIG,
			               "PCRs that are judged by events are "
			               "the same in each bank");
		if (!has_digests(g, &s->banks[b], err))
			return false;
	}
	made->n = 1;
	made->goldens = mem_new(1, sizeof(*made->goldens));
	made->goldens[0] = *like;
	made->goldens[0].by_events = mask;
	made->left_out = event_pcrs(&g->events) & ~mask;
	return true;
}

static bool
fill(const struct goldenfile *g, const struct goldenfile_choice *c,
     struct golden *out, struct err *err)
{
	struct pcr_selection *s = &out->values.selection;

	*out = (struct golden){.of_group = c->of_group,
	                       .allow_sha1 = c->allow_sha1};
	if (!text_copy(c->scope, out->scope, HOST_NAME_MAX_SIZE) ||
	    !text_copy(c->label, out->label, GOLDEN_LABEL_MAX))
		return err_set(err, ERR_LIMIT,
		               "a name of over %d bytes, or a label of over %d",
		               HOST_NAME_MAX_SIZE - 1, GOLDEN_LABEL_MAX - 1);
	if (!text_is_printable(out->label))
		return err_set(err, ERR_MALFORMED,
		               "label has control characters");
	if (!attester_name_allowed(out->scope, err))
		return false;
	return (c->pcrs != NULL ? pcr_selection_parse(c->pcrs, s, err)
	                        : select_usual(g, c->allow_sha1, s, err)) &&
	       golden_selection_allowed(s, c->allow_sha1, err);
}

bool
goldenfile_make(const struct goldenfile *g, const struct goldenfile_choice *c,
                struct goldenfile_made *made, struct err *err)
{
	struct golden like;

	*made = (struct goldenfile_made){0};
	if (!fill(g, c, &like, err))
		return false;
	if (g->form == GOLDENFILE_PCRLOCK ? make_by_events(g, &like, made, err)
	                                  : make_exact(g, &like, made, err))
		return true;
	goldenfile_made_done(made);
	return false;
}

void
goldenfile_made_done(struct goldenfile_made *made)
{
	free(made->goldens);
	*made = (struct goldenfile_made){0};
}
