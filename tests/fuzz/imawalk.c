/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A walk of a measurement list: pieces say what the whole says, a walk that is
 * interrupted and taken up says it too, and what is reached is what a replay of
 * the prefix leads to.  The first two bytes say which quote is walked to. */
#include <stdlib.h>
#include <string.h>

#include "appraise/imawalk.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static struct imapolicy *policy;

static const uint16_t banks[] = {TPM_ALG_SHA256, TPM_ALG_SHA1, TPM_ALG_SHA384};

struct walked {
	enum imawalk_got got;
	struct imawalk_state state;
	struct imawalk_tally tally;
};

/* PCR 10 of each bank after `n` entries, or after all that can be replayed;
 * how many these were. */
static uint64_t
replay(struct span bytes, uint64_t n, bool padded, struct pcr_values *out)
{
	static struct imareplay r;
	struct imalog log = {0};
	struct imalog_entry e;

	r = (struct imareplay){0};
	*out = (struct pcr_values){.selection.n = LENGTH_OF(banks)};
	for (size_t b = 0; b < LENGTH_OF(banks); b++)
		must(imareplay_bank(&r, banks[b],
		                    padded && banks[b] != TPM_ALG_SHA256));
	if (imalog_recognize(bytes, &log.form, &log.alg) &&
	    log.form == IMALOG_BINARY) {
		imalog_feed(&log, bytes);
		while (r.n < n && imalog_next(&log, &e, NULL) == IMALOG_ENTRY &&
		       e.pcr == IMAWALK_PCR &&
		       imareplay_extend(&r, log.alg, &e, NULL)) {
		}
	}
	for (size_t b = 0; b < LENGTH_OF(banks); b++) {
		out->selection.banks[b] =
		    (struct pcr_bank){banks[b], 1 << IMAWALK_PCR};
		out->values[b][IMAWALK_PCR] = r.banks[b].pcrs[IMAWALK_PCR];
	}
	return r.n;
}

static struct walked
walk(const struct walked *before, struct span bytes,
     const struct pcr_values *quoted, size_t piece)
{
	struct imawalk_case one = {policy,
	                           before != NULL ? &before->tally : NULL};
	struct walked out = {0};
	struct imawalk *w = imawalk_open(before != NULL ? &before->state : NULL,
	                                 quoted, NULL, &one, 1, NULL);
	struct err err;

	must(w != NULL);
	for (size_t at = 0; at < bytes.len; at += piece) {
		size_t n = bytes.len - at < piece ? bytes.len - at : piece;
		uint8_t *part = malloc(n);

		must(part != NULL);
		memcpy(part, bytes.at + at, n);
		out.got = imawalk_feed(w, span_of(part, n), &err);
		free(part);
		must(out.got != IMAWALK_NOT_REACHED);
		if (out.got != IMAWALK_MORE)
			break;
	}
	out.got = imawalk_finish(w, &err);
	must(out.got != IMAWALK_MORE);
	must((imawalk_state(w) != NULL) == (out.got == IMAWALK_REACHED));
	if (out.got == IMAWALK_REACHED) {
		out.state = *imawalk_state(w);
		out.tally = *imawalk_tally(w, 0);
	}
	imawalk_free(w);
	return out;
}

/* PCR 10 as it is quoted is what the prefix leads to, by some rule a bank. */
static void
check_reached(const struct walked *w, struct span bytes,
              const struct pcr_values *quoted)
{
	struct pcr_values a, b;

	must(w->state.offset <= bytes.len && w->state.n != 0);
	must(replay(bytes, w->state.n, false, &a) == w->state.n);
	must(replay(bytes, w->state.n, true, &b) == w->state.n);
	for (size_t i = 0; i < LENGTH_OF(banks); i++) {
		struct span goal = digest_span(&quoted->values[i][IMAWALK_PCR]);

		must(span_eq(digest_span(&a.values[i][IMAWALK_PCR]), goal) ||
		     span_eq(digest_span(&b.values[i][IMAWALK_PCR]), goal));
	}
	must(w->tally.judged == w->state.n);
}

static void
check_same(const struct walked *a, const struct walked *b)
{
	must(a->got == b->got);
	must(memcmp(&a->state, &b->state, sizeof(a->state)) == 0);
	must(memcmp(&a->tally, &b->tally, sizeof(a->tally)) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	static const char text[] = "virt-attest-ima-policy 1\nunknown warn\n"
				   "exclude /usr\n";
	struct pcr_values quoted, half;
	struct walked whole, pieces;
	struct span bytes;
	uint64_t n;

	if (policy == NULL)
		policy = imapolicy_parse(span_str(text), NULL);
	must(policy != NULL);
	if (len < 2)
		return 0;
	bytes = span_of(at + 2, len - 2);
	n = replay(bytes, at[0], at[1] & 1, &quoted);
	if ((at[1] & 2) != 0) /* of no list */
		quoted.values[at[1] % 3][IMAWALK_PCR].at[7] ^= 0x10;
	whole = walk(NULL, bytes, &quoted, bytes.len != 0 ? bytes.len : 1);
	pieces = walk(NULL, bytes, &quoted, 1 + at[1] % 97u);
	check_same(&whole, &pieces);
	if (whole.got != IMAWALK_REACHED)
		return 0;
	must((at[1] & 2) == 0 && whole.state.n == n);
	check_reached(&whole, bytes, &quoted);
	/* By way of its half. */
	(void)replay(bytes, (n + 1) / 2, at[1] & 1, &half);
	pieces = walk(NULL, bytes, &half, bytes.len);
	must(pieces.got == IMAWALK_REACHED);
	check_reached(&pieces, bytes, &half);
	pieces = walk(&pieces,
	              span_of(bytes.at + pieces.state.offset,
	                      bytes.len - pieces.state.offset),
	              &quoted, 1 + at[0] % 31u);
	check_same(&whole, &pieces);
	return 0;
}
