/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "logs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appraise/imawalk.h"
#include "base/mem.h"
#include "gather.h"
#include "library.h"

struct ima_kept {
	struct boot_session session;
	struct imawalk_state state;
	size_t n;
	struct {
		uint8_t policy[SHA256_SIZE];
		struct imawalk_tally tally;
	} cases[IMAWALK_CASES_MAX];
};

/* What a golden value refers to; NULL: nothing. */
struct borrowed {
	const struct volume *events, *policy;
};

struct logs {
	struct verifierd *v;
	struct agent *agent;
	struct logs_need need;
	struct gather gather;
	/* In the golden values' order. */
	struct borrowed *borrowed;
	struct references *references;
	enum log_sight boot_sight;
	struct err boot_absent;
	struct buf boot_log;
	/* IMA's list on its way to the quoted PCR, for `n_cases` policies. */
	struct imawalk *walk;
	bool resumed;           /* it began where the last one ended */
	struct pcr_values boot; /* what the boot log leads to */
	size_t n_cases, golden_of[IMAWALK_CASES_MAX];
	struct imawalk_case cases[IMAWALK_CASES_MAX];
};

void
ima_kept_free(struct ima_kept *k)
{
	free(k);
}

static const uint8_t *
policy_of(const struct logs *l, size_t i)
{
	return l->need.goldens[l->golden_of[i]].ima_policy;
}

/* The texts of one golden value.  Events serve to explain, too; a policy is
 * taken where it will judge. */
static bool
borrow(struct logs *l, size_t i, struct err *err)
{
	const struct golden *g = &l->need.goldens[i];
	struct library *library = l->v->library;
	struct borrowed *b = &l->borrowed[i];

	if (golden_has_events(g)) {
		b->events = library_events(library, g->events, err);
		if (b->events == NULL)
			return false;
		l->references[i].events = &b->events->events;
	}
	if (!golden_has_ima(g) || (l->need.wanted >> MLOG_IMA & 1) == 0 ||
	    l->n_cases == IMAWALK_CASES_MAX)
		return true;
	b->policy = library_ima_policy(library, g->ima_policy, err);
	if (b->policy == NULL)
		return false;
	l->cases[l->n_cases].policy = b->policy->ima_policy;
	l->golden_of[l->n_cases++] = i;
	return true;
}

/* What came of the list, for every golden value that asks.  `detail` is our own
 * word: what the host says is told as that. */
static void
tell_all(struct logs *l, enum ima_outcome outcome, const char *detail)
{
	for (size_t i = 0; i < l->n_cases; i++) {
		struct ima_result *r = &l->references[l->golden_of[i]].files;

		r->outcome = outcome;
		snprintf(r->detail, sizeof(r->detail), "%s", detail);
	}
}

static void
tell_each(struct logs *l)
{
	for (size_t i = 0; i < l->n_cases; i++) {
		struct ima_result *r = &l->references[l->golden_of[i]].files;
		const struct imawalk_tally *t = imawalk_tally(l->walk, i);
		char text[IMAWALK_SUM_MAX];

		r->outcome = t->refused == 0 ? IMA_HOLDS : IMA_REFUSED;
		r->warns = t->refused == 0 && t->warned != 0;
		snprintf(r->detail, sizeof(r->detail), "%s",
		         imawalk_sum(t, text));
	}
}

static void
keep(struct logs *l)
{
	struct ima_kept *k = *l->need.kept;

	if (k == NULL)
		k = *l->need.kept = mem_new(1, sizeof(*k));
	k->session = l->need.session;
	k->state = *imawalk_state(l->walk);
	k->n = l->n_cases;
	for (size_t i = 0; i < l->n_cases; i++) {
		memcpy(k->cases[i].policy, policy_of(l, i), SHA256_SIZE);
		k->cases[i].tally = *imawalk_tally(l->walk, i);
	}
}

/* Whether the list can be gone on with: the same boot, and every policy has
 * judged what came before. */
static bool
resume(struct logs *l)
{
	const struct ima_kept *k = *l->need.kept;

	if (k == NULL ||
	    k->session.reset_count != l->need.session.reset_count ||
	    k->session.restart_count != l->need.session.restart_count)
		return false;
	for (size_t i = 0; i < l->n_cases; i++) {
		l->cases[i].from = NULL;
		for (size_t c = 0; c < k->n; c++)
			if (memcmp(k->cases[c].policy, policy_of(l, i),
			           SHA256_SIZE) == 0)
				l->cases[i].from = &k->cases[c].tally;
		if (l->cases[i].from == NULL)
			return false;
	}
	return true;
}

/* From where the last one ended, or (`anew`) from the beginning. */
static bool
walk_begin(struct logs *l, bool anew, struct err *err)
{
	const struct pcr_values *boot =
	    l->boot.selection.n != 0 ? &l->boot : NULL;
	const struct imawalk_state *from = NULL;

	imawalk_free(l->walk);
	l->resumed = !anew && resume(l);
	if (l->resumed)
		from = &(*l->need.kept)->state;
	for (size_t i = 0; !l->resumed && i < l->n_cases; i++)
		l->cases[i].from = NULL;
	l->walk = imawalk_open(from, &l->need.evidence->values, boot, l->cases,
	                       l->n_cases, err);
	if (l->walk == NULL && l->resumed)
		return walk_begin(l, true, err);
	if (l->walk == NULL)
		return false;
	gather_begin(&l->gather, l->agent, MLOG_IMA,
	             from != NULL ? from->offset : 0);
	return true;
}

static bool
take(void *arg, struct span bytes)
{
	struct logs *l = arg;

	if (l->gather.asking.kind == MLOG_IMA)
		return imawalk_feed(l->walk, bytes, NULL) == IMAWALK_MORE;
	if (gather_boot_log(&l->boot_log, bytes))
		return true;
	l->boot_sight = LOG_TOO_LONG;
	return false;
}

static void
end_ima(struct logs *l, const struct err *absent)
{
	char says[REASON_DETAIL_MAX];
	struct err err = {0};

	if (absent != NULL) {
		snprintf(says, sizeof(says),
		         "the host gave no list of IMA's; it says: %s",
		         absent->text);
		tell_all(l, IMA_ABSENT, says);
	} else if (imawalk_finish(l->walk, &err) == IMAWALK_REACHED) {
		tell_each(l);
		keep(l);
	} else if (l->resumed && walk_begin(l, true, &err)) {
		return; /* once more, from the beginning */
	} else {
		tell_all(l, IMA_ASTRAY, err.text);
	}
	l->need.done(l->need.arg);
}

static void
end_boot(struct logs *l, const struct err *absent)
{
	struct bootlog_replay replay;
	struct err err = {0};

	if (absent != NULL) {
		l->boot_sight = LOG_ABSENT;
		l->boot_absent = *absent;
	} else if (l->boot_sight == LOG_UNSEEN) {
		l->boot_sight = LOG_SHOWN;
	}
	if (bootlog_replay(buf_span(&l->boot_log), &replay, NULL))
		l->boot = replay.values;
	if (l->n_cases != 0) {
		if (walk_begin(l, false, &err))
			return;
		tell_all(l, IMA_ASTRAY, err.text);
	}
	l->need.done(l->need.arg);
}

static void
on_gathered(void *arg, const struct err *absent)
{
	struct logs *l = arg;

	if (l->gather.asking.kind == MLOG_IMA)
		end_ima(l, absent);
	else
		end_boot(l, absent);
}

struct logs *
logs_new(struct verifierd *v, struct agent *agent, const struct logs_need *need,
         struct err *err)
{
	struct logs *l = mem_new(1, sizeof(*l));
	size_t n = need->n_goldens;

	l->v = v;
	l->agent = agent;
	l->need = *need;
	l->borrowed = mem_new(n, sizeof(*l->borrowed));
	l->references = mem_new(n, sizeof(*l->references));
	l->gather = (struct gather){
	    .timeout_ms = v->config.deadline_ms,
	    .take = take,
	    .done = on_gathered,
	    .arg = l,
	};
	for (size_t i = 0; i < n; i++)
		if (!borrow(l, i, err)) {
			logs_free(l);
			return NULL;
		}
	gather_begin(&l->gather, agent, MLOG_BOOT, 0);
	return l;
}

void
logs_free(struct logs *l)
{
	if (l == NULL)
		return;
	imawalk_free(l->walk);
	for (size_t i = 0; i < l->need.n_goldens; i++) {
		library_give_back(l->v->library, l->borrowed[i].events);
		library_give_back(l->v->library, l->borrowed[i].policy);
	}
	buf_done(&l->boot_log);
	free(l->borrowed);
	free(l->references);
	free(l);
}

void
logs_piece(struct logs *l, const struct mlog_piece *piece)
{
	if (l->gather.busy)
		gather_piece(&l->gather, piece);
}

bool
logs_failed(struct logs *l, const struct err *why)
{
	if (!l->gather.busy || !agent_is_connected(l->agent))
		return false;
	gather_absent(&l->gather, why);
	return true;
}

struct span
logs_boot_log(const struct logs *l)
{
	return buf_span(&l->boot_log);
}

void
logs_show(const struct logs *l, struct appraisal *a)
{
	a->references = l->references;
	a->boot_sight = l->boot_sight;
	a->boot_log = buf_span(&l->boot_log);
	if (l->boot_absent.code != ERR_NONE)
		a->boot_absent = l->boot_absent.text;
}
