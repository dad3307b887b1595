/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The appraisal of a long measurement list by a policy of as many files, and of
 * what is new when the next quote comes. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appraise/imawalk.h"
#include "base/text.h"
#include "bench.h"

enum { PATH_SIZE = 64, LIST_MAX = IMA_ENTRIES * 256, LINE_SIZE = 160 };

static size_t
heap(void)
{
	struct mallinfo2 now = mallinfo2();

	return now.uordblks + now.hblkhd;
}

/* The list, the policy that lists each of its files, and where its parts begin:
 * behind the first entry, and behind IMA_ENTRIES of them. */
struct list {
	struct buf bytes, policy;
	size_t files, next;
	struct pcr_values quotes[2]; /* PCR 10 of both banks at each end */
};

static struct pcr_values
quote_of(const struct imareplay *r)
{
	struct pcr_values v = {.selection.n = r->n_banks};

	for (size_t b = 0; b < r->n_banks; b++) {
		v.selection.banks[b] =
		    (struct pcr_bank){r->banks[b].alg, 1 << IMAWALK_PCR};
		v.values[b][IMAWALK_PCR] = r->banks[b].pcrs[IMAWALK_PCR];
	}
	return v;
}

static struct list
make_list(void)
{
	struct list l = {.bytes.max = LIST_MAX, .policy.max = LIST_MAX};
	struct imalog log = {.form = IMALOG_BINARY, .alg = TPM_ALG_SHA1};
	char path[PATH_SIZE], hex[TEXT_HEX_SIZE(SHA256_SIZE)];
	static struct imareplay r;
	struct imalog_entry e;
	struct err err = {0};

	ima_entry_add(&l.bytes, "boot_aggregate", 0);
	for (uint32_t i = 1; i < IMA_ENTRIES + IMA_NEXT; i++) {
		snprintf(path, sizeof(path),
		         "/usr/lib/x86_64-linux-gnu/libexample.so.1.%06u", i);
		ima_entry_add(&l.bytes, path, i);
	}
	r = (struct imareplay){0};
	if (!imareplay_bank(&r, TPM_ALG_SHA1, false) ||
	    !imareplay_bank(&r, TPM_ALG_SHA256, false))
		die("ima-walk", NULL);
	imalog_feed(&log, buf_span(&l.bytes));
	buf_text(&l.policy, "virt-attest-ima-policy 1\n");
	while (imalog_next(&log, &e, &err) == IMALOG_ENTRY) {
		if (!imareplay_extend(&r, log.alg, &e, &err))
			die("ima-walk", &err);
		if (r.n == 1)
			l.files = log.offset;
		if (r.n == IMA_ENTRIES) {
			l.next = log.offset;
			l.quotes[0] = quote_of(&r);
		}
		buf_text(&l.policy, text_hex(e.file.value, hex));
		buf_text(&l.policy, "  ");
		buf_add(&l.policy, e.path);
		buf_text(&l.policy, "\n");
	}
	l.quotes[1] = quote_of(&r);
	return l;
}

/* Until the quote is met, in pieces as they come over the wire. */
static double
walk(struct imawalk_result *r, struct imawalk_case one, struct span bytes,
     const struct pcr_values *quoted, struct imawalk_state *state,
     struct imawalk_tally *tally)
{
	enum { PIECE = 64 * 1024 };
	size_t before = heap(), at = 0;
	enum imawalk_got got = IMAWALK_MORE;
	double start = now_us();
	struct err err = {0};
	struct imawalk *w = imawalk_open(state, quoted, NULL, &one, 1, &err);

	if (w == NULL)
		die("ima-walk", &err);
	while (at < bytes.len && got == IMAWALK_MORE) {
		size_t n = bytes.len - at < PIECE ? bytes.len - at : PIECE;

		got = imawalk_feed(w, span_of(bytes.at + at, n), &err);
		at += n;
	}
	start = now_us() - start;
	if (got != IMAWALK_REACHED || heap() < before)
		die("ima-walk: not reached", &err);
	r->walk_size = heap() - before;
	*state = *imawalk_state(w);
	*tally = *imawalk_tally(w, 0);
	if (tally->judged != state->n || tally->refused != 0)
		die("ima-walk: it did not judge all", NULL);
	imawalk_free(w);
	return start;
}

static struct imapolicy *
load(struct imawalk_result *r, struct span text)
{
	size_t before = heap();
	double start = now_us();
	struct err err = {0};
	struct imapolicy *p = imapolicy_parse(text, &err);

	if (p == NULL)
		die("ima-walk", &err);
	r->load_us = now_us() - start;
	r->policy_size = heap() - before;
	return p;
}

void
measure_imawalk(struct imawalk_result *r)
{
	struct list l = make_list();
	struct span all = buf_span(&l.bytes),
		    files = span_of(all.at + l.files, l.next - l.files),
		    next = span_of(all.at + l.next, all.len - l.next);
	struct imapolicy *p = load(r, buf_span(&l.policy));
	struct digest d[2];

	r->state_size =
	    sizeof(struct imawalk_state) + sizeof(struct imawalk_tally);
	for (int i = 0; i < IMA_ROUNDS; i++) {
		struct imawalk_case one = {.policy = p};
		struct imawalk_state state = {0};
		struct imawalk_tally tally, before;

		series_add(&r->first,
		           walk(r, one, all, &l.quotes[0], &state, &tally));
		series_add(&r->first_limit,
		           ima_hashes(files, IMA_ENTRIES - 1, &d[0], &d[1]));
		before = tally;
		one.from = &before;
		series_add(&r->next,
		           walk(r, one, next, &l.quotes[1], &state, &tally));
		series_add(&r->next_limit,
		           ima_hashes(next, IMA_NEXT, &d[0], &d[1]));
	}
	imapolicy_free(p);
	buf_done(&l.bytes);
	buf_done(&l.policy);
}
