/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "appraise/imawalk.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

enum {
	/* Enough of a list's beginning to know it by. */
	START_MAX = 4 + DIGEST_MAX + 4 + IMALOG_TEMPLATE_MAX,
	ENTRY_MAX = START_MAX + 4 + IMALOG_DATA_MAX,
	/* What is added at once to the beginning of an entry. */
	SLICE = 64 * 1024,
};

struct imawalk {
	enum imawalk_got got;
	struct err why; /* when `got` is BAD */
	struct imawalk_state state;
	struct digest goals[IMAWALK_RULES_MAX]; /* of each rule's bank */
	const struct pcr_values *boot;
	size_t n_cases;
	struct {
		const struct imapolicy *policy;
		struct imawalk_tally tally;
	} cases[IMAWALK_CASES_MAX];
	bool known; /* the list was recognized */
	struct imalog log;
	struct buf rest; /* the beginning of an entry */
};

static bool
bad(struct imawalk *w, enum err_code code, const char *what, uint64_t n)
{
	w->got = IMAWALK_BAD;
	(void)err_set(&w->why, code, "ima log: entry %llu, offset %llu: %s",
	              (unsigned long long)n,
	              (unsigned long long)w->state.offset, what);
	return false;
}

/* Whether each bank is met by one of its rules; `met` says which are. */
static bool
is_met(const struct imawalk *w, bool met[IMAWALK_RULES_MAX])
{
	const struct imawalk_state *s = &w->state;

	for (size_t i = 0; i < s->n_rules; i++)
		met[i] = span_eq(digest_span(&s->rules[i].value),
		                 digest_span(&w->goals[i]));
	for (size_t i = 0; i < s->n_rules; i++) {
		bool one = false;

		for (size_t k = 0; k < s->n_rules; k++)
			one |= met[k] && s->rules[k].alg == s->rules[i].alg;
		if (!one)
			return false;
	}
	/* No entry is no measurement. */
	return s->n != 0;
}

/* At the quote; the rules that do not lead there are no rules of this host. */
static void
arrive(struct imawalk *w)
{
	struct imawalk_state *s = &w->state;
	bool met[IMAWALK_RULES_MAX] = {false};
	size_t n = 0;

	if (!is_met(w, met))
		return;
	w->got = IMAWALK_REACHED;
	for (size_t i = 0; i < s->n_rules; i++)
		if (met[i])
			s->rules[n++] = s->rules[i];
	for (size_t i = n; i < s->n_rules; i++)
		s->rules[i] = (struct imawalk_rule){0};
	s->n_rules = (uint8_t)n;
	buf_done(&w->rest);
}

static void
find(struct imawalk_found *f, const struct imalog_entry *e,
     enum imapolicy_finding finding)
{
	f->entry = e->n;
	f->finding = finding;
	f->buffer = e->buffer.len != 0;
	imawalk_path(e->path, f->path);
}

static void
judge(struct imawalk *w, const struct imalog_entry *e)
{
	for (size_t i = 0; i < w->n_cases; i++) {
		const struct imapolicy *p = w->cases[i].policy;
		struct imawalk_tally *t = &w->cases[i].tally;
		enum imapolicy_finding f = imapolicy_judge(p, e);
		enum imapolicy_weight weight = imapolicy_weigh(p, f);

		t->judged++;
		if (weight == IMAPOLICY_REFUSED && t->refused++ == 0)
			find(&t->first_refused, e, f);
		if (weight == IMAPOLICY_WARNED && t->warned++ == 0)
			find(&t->first_warned, e, f);
	}
}

/* The first entry is IMA's own, over the boot; it makes another one in a list
 * that was carried over a kexec, whose first kernel is not judged here. */
static bool
is_in_place(struct imawalk *w, const struct imalog_entry *e)
{
	struct digest of_boot;

	if (e->pcr != IMAWALK_PCR)
		return bad(w, ERR_UNSUPPORTED, "it is not for PCR 10", e->n);
	if (e->n != 0)
		return !span_eq(e->path, span_str("boot_aggregate")) ||
		       bad(w, ERR_UNSUPPORTED,
		           "another boot_aggregate: the list is of more than "
		           "one kernel (kexec)",
		           e->n);
	if (!imalog_is_aggregate(e))
		return bad(w, ERR_MALFORMED,
		           "the first entry is not boot_aggregate", e->n);
	if (w->boot == NULL ||
	    !imareplay_aggregate(w->boot, imalog_alg(e->file.alg), &of_boot))
		return true;
	w->state.aggregate = span_eq(digest_span(&of_boot), e->file.value);
	return w->state.aggregate || bad(w, ERR_MALFORMED,
	                                 "boot_aggregate is not of the PCRs "
	                                 "that the boot's log leads "
	                                 "to",
	                                 e->n);
}

static void
take(struct imawalk *w, const struct imalog_entry *e)
{
	struct imawalk_state *s = &w->state;
	struct imareplay_hashes hashes = {0};

	if (!imareplay_check(s->alg, e, &hashes, &w->why)) {
		w->got = IMAWALK_BAD;
		return;
	}
	if (!is_in_place(w, e))
		return;
	if (s->n == IMAWALK_ENTRIES_MAX) {
		(void)bad(w, ERR_LIMIT, "too many", e->n);
		return;
	}
	for (size_t i = 0; i < s->n_rules; i++)
		imareplay_step(&s->rules[i].value, s->rules[i].alg,
		               s->rules[i].padded, e, &hashes);
	judge(w, e);
	s->n = w->log.n;
	s->offset = w->log.offset;
	s->violations += e->violation;
	arrive(w);
}

/* What form it is in, as soon as that can be told. */
static bool
recognize(struct imawalk *w, struct span bytes, bool last)
{
	bool any = imalog_recognize(bytes, &w->log.form, &w->log.alg);

	if (!any && !last && bytes.len < START_MAX)
		return false;
	w->known = any && w->log.form == IMALOG_BINARY;
	w->state.alg = w->log.alg;
	if (!w->known)
		(void)bad(w, ERR_MALFORMED,
		          any ? "the text form, which a file's name can forge"
		              : "not a measurement list of IMA",
		          0);
	return w->known;
}

/* The entries in `bytes`; how much of it they are. */
static size_t
read_entries(struct imawalk *w, struct span bytes, bool last)
{
	struct imalog_entry e;

	if (bytes.len == 0 || (!w->known && !recognize(w, bytes, last)))
		return 0;
	imalog_feed(&w->log, bytes);
	while (w->got == IMAWALK_MORE) {
		enum imalog_got got = imalog_next(&w->log, &e, &w->why);

		if (got == IMALOG_BAD)
			w->got = IMAWALK_BAD;
		if (got != IMALOG_ENTRY)
			break;
		take(w, &e);
	}
	return bytes.len - w->log.rest.len;
}

/* What was read goes; the rest moves to the front. */
static void
drop(struct buf *b, size_t n)
{
	if (n != 0)
		memmove(b->at, b->at + n, b->len - n);
	b->len -= n;
}

enum imawalk_got
imawalk_feed(struct imawalk *w, struct span bytes, struct err *err)
{
	while (w->got == IMAWALK_MORE && bytes.len != 0) {
		size_t n = bytes.len < SLICE ? bytes.len : SLICE, used;

		if (w->rest.len == 0) {
			used = read_entries(w, bytes, false);
			bytes = span_of(bytes.at + used, bytes.len - used);
			/* It begins an entry, or the list. */
			if (w->got == IMAWALK_MORE)
				buf_add(&w->rest, bytes);
			break;
		}
		buf_add(&w->rest, span_of(bytes.at, n));
		bytes = span_of(bytes.at + n, bytes.len - n);
		used = read_entries(w, buf_span(&w->rest), false);
		if (w->got == IMAWALK_MORE)
			drop(&w->rest, used);
	}
	/* An entry's limits are the parser's, and lower. */
	assert(!w->rest.over);
	if (w->got == IMAWALK_BAD && err != NULL)
		*err = w->why;
	return w->got;
}

/* Words for a list that ended before. */
static void
explain(const struct imawalk *w, struct err *err)
{
	const struct imawalk_state *s = &w->state;
	const unsigned long long n = s->n;

	for (size_t i = 0; i < s->n_rules; i++)
		if (span_is_zero(digest_span(&w->goals[i]))) {
			(void)err_set(err, ERR_NOT_FOUND,
			              "ima log: the quoted PCR 10 is zero: "
			              "IMA measures nothing on this host");
			return;
		}
	(void)err_set(err, ERR_MALFORMED,
	              "ima log: the log has %llu entries%s and does not lead "
	              "to the quoted PCR 10: it is cut, altered, or of another "
	              "kernel (kexec)",
	              n, w->rest.len != 0 ? " and ends within one" : "");
}

enum imawalk_got
imawalk_finish(struct imawalk *w, struct err *err)
{
	if (w->got == IMAWALK_MORE)
		drop(&w->rest, read_entries(w, buf_span(&w->rest), true));
	if (w->got == IMAWALK_MORE)
		w->got = IMAWALK_NOT_REACHED;
	if (w->got == IMAWALK_NOT_REACHED)
		explain(w, err);
	if (w->got == IMAWALK_BAD && err != NULL)
		*err = w->why;
	return w->got;
}

/* The rules of a bank that has PCR 10: those of the state, or both. */
static bool
add_bank(struct imawalk *w, const struct imawalk_state *from, uint16_t alg,
         const struct digest *goal, struct err *err)
{
	struct imawalk_state *s = &w->state;
	size_t size = crypto_digest_size(alg), before = s->n_rules;

	if (size == 0 || goal->len != size)
		return err_set(err, ERR_MALFORMED,
		               "the quote has no value of PCR 10");
	for (size_t i = 0; from != NULL && i < from->n_rules; i++)
		if (from->rules[i].alg == alg &&
		    from->rules[i].value.len == size)
			s->rules[s->n_rules++] = from->rules[i];
	/* Padded with nothing, SHA-1 is itself. */
	for (size_t i = 0; from == NULL && i < (alg == TPM_ALG_SHA1 ? 1 : 2);
	     i++)
		s->rules[s->n_rules++] = (struct imawalk_rule){
		    .alg = alg,
		    .padded = i != 0,
		    .value = {.len = (uint8_t)size},
		};
	for (size_t i = before; i < s->n_rules; i++)
		w->goals[i] = *goal;
	return s->n_rules != before ||
	       err_set(err, ERR_CONFLICT,
	               "what was kept of the last list is of other PCR banks");
}

static bool
start(struct imawalk *w, const struct imawalk_state *from,
      const struct pcr_values *quoted, struct err *err)
{
	if (from != NULL) {
		w->state = *from;
		w->state.n_rules = 0;
		memset(w->state.rules, 0, sizeof(w->state.rules));
		if (from->n_rules > IMAWALK_RULES_MAX)
			return err_set(err, ERR_INTERNAL, "not a state");
		w->known = true;
	}
	w->log = (struct imalog){.form = IMALOG_BINARY,
	                         .alg = w->state.alg,
	                         .offset = w->state.offset,
	                         .n = w->state.n};
	for (size_t b = 0; b < quoted->selection.n; b++) {
		const struct pcr_bank *bank = &quoted->selection.banks[b];

		if ((bank->mask >> IMAWALK_PCR & 1) != 0 &&
		    !add_bank(w, from, bank->alg,
		              &quoted->values[b][IMAWALK_PCR], err))
			return false;
	}
	return w->state.n_rules != 0 ||
	       err_set(err, ERR_NOT_FOUND, "PCR 10 is not in the quote");
}

struct imawalk *
imawalk_open(const struct imawalk_state *from, const struct pcr_values *quoted,
             const struct pcr_values *boot, const struct imawalk_case *cases,
             size_t n, struct err *err)
{
	struct imawalk *w = mem_new(1, sizeof(*w));
	bool ok = n <= IMAWALK_CASES_MAX ||
	          err_set(err, ERR_LIMIT, "over %d policies at once",
	                  IMAWALK_CASES_MAX);

	if (from != NULL && from->n == 0)
		from = NULL;
	w->got = IMAWALK_MORE;
	w->boot = boot;
	w->rest.max = ENTRY_MAX + SLICE;
	for (size_t i = 0; ok && i < n; i++) {
		/* Its entries up to here were judged by nobody. */
		if (from != NULL && cases[i].from == NULL)
			ok = err_set(err, ERR_CONFLICT,
			             "a policy that did not judge what was "
			             "kept of the last list");
		w->cases[w->n_cases].policy = cases[i].policy;
		if (from != NULL && cases[i].from != NULL)
			w->cases[w->n_cases].tally = *cases[i].from;
		w->n_cases++;
	}
	if (ok && start(w, from, quoted, err)) {
		arrive(w);
		return w;
	}
	imawalk_free(w);
	return NULL;
}

void
imawalk_free(struct imawalk *w)
{
	if (w == NULL)
		return;
	buf_done(&w->rest);
	free(w);
}

const struct imawalk_state *
imawalk_state(const struct imawalk *w)
{
	return w->got == IMAWALK_REACHED ? &w->state : NULL;
}

const struct imawalk_tally *
imawalk_tally(const struct imawalk *w, size_t i)
{
	return w->got == IMAWALK_REACHED && i < w->n_cases ? &w->cases[i].tally
	                                                   : NULL;
}
