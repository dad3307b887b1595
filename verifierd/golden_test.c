/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "golden_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "appraise/appraise.h"
#include "base/mem.h"
#include "net/loop.h"
#include "proto/codec.h"
#include "store/kept.h"
#include "sys/sys.h"

enum {
	DETAIL_MAX = 512, /* a longer one is cut: a reply has place for all */
	/* Then whoever waits for a verdict has his turn: a timer of 0 would
	 * fire before the loop looks at its descriptors. */
	HOSTS_A_TURN = 8,
	REST_MS = 1,
};

struct golden_test {
	struct verifierd *v;
	struct golden_test_wanted wanted;
	uint64_t now_s;
	struct timer *next;
	struct json *hosts;
	char last[HOST_NAME_MAX_SIZE];
	size_t n;
	void (*done)(void *arg, struct json *, const struct err *);
	void *arg;
};

/* How one host would fare. */
enum outcome { WOULD_PASS, WOULD_FAIL, NO_EVIDENCE, NOT_JUDGED };
struct fare {
	enum outcome outcome;
	char detail[DETAIL_MAX];
};

static void
fare(struct fare *f, enum outcome outcome, const char *detail)
{
	f->outcome = outcome;
	snprintf(f->detail, sizeof(f->detail), "%s", detail);
}

/* A PCR that was not asked for is no difference: nobody knows it. */
static bool
find_unquoted(const struct golden *g, const struct pcr_selection *quoted,
              uint16_t *bank, unsigned *pcr)
{
	const struct pcr_selection *s = &g->values.selection;

	for (size_t b = 0; b < s->n; b++) {
		int at = pcr_selection_find(quoted, s->banks[b].alg);
		uint32_t lacks = s->banks[b].mask;

		if (at >= 0)
			lacks &= ~quoted->banks[at].mask;
		if (lacks == 0)
			continue;
		*bank = s->banks[b].alg;
		for (*pcr = 0; (lacks >> *pcr & 1) == 0;)
			++*pcr;
		return true;
	}
	return false;
}

/* What is not kept cannot be judged; NULL: it can. */
static const char *
missing(const struct appraisal *a, enum reason_code reason)
{
	if (reason == REASON_IMA_LOG)
		return "IMA's list is not kept: its files are judged when the "
		       "host is asked";
	if (reason == REASON_BOOT_LOG && a->boot_sight != LOG_SHOWN)
		return "no boot log is kept with its last evidence: it is "
		       "judged when the host is asked";
	return NULL;
}

static void
explain_reason(const struct verdict *v, size_t i, struct fare *f)
{
	const struct reason *r = &v->reasons[i];
	const struct pcr_difference *d = v->differences;

	if (r->code == REASON_GOLDEN && v->n_differences != 0)
		snprintf(f->detail, sizeof(f->detail),
		         "PCR %u (%s) is another%s%.460s", d->pcr,
		         pcr_bank_name(d->bank),
		         v->events[0][0] != '\0' ? ": " : "", v->events[0]);
	else
		snprintf(f->detail, sizeof(f->detail), "%s%s%s",
		         reason_text(r->code), r->detail[0] != '\0' ? ": " : "",
		         r->detail);
}

static void
judge(struct golden_test *t, struct appraisal *a, struct fare *f)
{
	struct verdict verdict;
	const char *lacks = "";

	appraise(a, &verdict);
	if (verdict.state == VERDICT_TRUSTED) {
		fare(f, WOULD_PASS, "");
		return;
	}
	/* A date would be told as "none is active". */
	if (!golden_is_live(a->goldens, t->now_s)) {
		fare(f, WOULD_FAIL, "the golden value's time is over");
		return;
	}
	for (size_t i = 0; i < verdict.n_reasons; i++) {
		const char *what = missing(a, verdict.reasons[i].code);

		if (what == NULL) {
			f->outcome = WOULD_FAIL;
			explain_reason(&verdict, i, f);
			return;
		}
		lacks = what;
	}
	fare(f, NOT_JUDGED, lacks);
}

/* The question and the answer as they were, and this golden value alone.  What
 * the endpoint showed and which boot came before is not asked: they say nothing
 * of a golden value. */
static void
judge_record(struct golden_test *t, const struct attester *host,
             const struct record *record, struct span boot_log, struct fare *f)
{
	struct golden_test_wanted *w = &t->wanted;
	const struct references references = {
	    .events = golden_has_events(&w->golden) ? &w->events : NULL,
	};
	struct appraisal a = {
	    .host = host,
	    .challenge = &record->challenge,
	    .exporter = record->exporter,
	    .evidence = &record->evidence,
	    .goldens = &w->golden,
	    .n_goldens = 1,
	    .references = &references,
	    .boot_sight = boot_log.len != 0 ? LOG_SHOWN : LOG_UNSEEN,
	    .boot_log = boot_log,
	    .now_s = t->now_s,
	};
	uint16_t bank;
	unsigned pcr;

	if (!find_unquoted(&w->golden, &record->evidence.values.selection,
	                   &bank, &pcr)) {
		judge(t, &a, f);
		return;
	}
	f->outcome = NOT_JUDGED;
	snprintf(f->detail, sizeof(f->detail),
	         "PCR %u (%s) is not in its last evidence: it is asked for "
	         "while the golden value is active or on trial",
	         pcr, pcr_bank_name(bank));
}

static bool
try_host(struct golden_test *t, const struct attester *host, struct err *err)
{
	AUTO(buf_done) struct buf bytes = {0}, boot_log = {0};
	AUTO(json_auto) struct json *json = NULL;
	static const char *const words[] = {"pass", "fail", "no-evidence",
	                                    "not-judged"};
	struct fare f = {.outcome = WOULD_FAIL};
	struct json *line;
	struct record record;

	if (!store_evidence_last(t->v->store, host->name, &bytes, &boot_log,
	                         err))
		return false;
	if (bytes.len == 0) {
		fare(&f, NO_EVIDENCE, "no evidence of it is kept");
	} else {
		json = json_parse(buf_span(&bytes), err);
		if (json == NULL || !record_decode(json, &record, err))
			return false;
		judge_record(t, host, &record, buf_span(&boot_log), &f);
	}
	line = json_new_object();
	json_put_text(line, "host", host->name);
	json_put_text(line, "outcome", words[f.outcome]);
	if (bytes.len != 0)
		json_put_u64(line, "time", record.time_s);
	json_put_text(line, "detail", f.detail);
	json_add(t->hosts, line);
	return ++t->n <= GOLDEN_TEST_HOSTS_MAX ||
	       err_set(err, ERR_LIMIT, "over %d hosts: try it on one group",
	               GOLDEN_TEST_HOSTS_MAX);
}

static bool
is_tried(const struct golden_test *t, const struct attester *host)
{
	const struct golden *g = &t->wanted.golden;
	const char *of = g->of_group ? host->group : host->name;

	return t->wanted.all ||
	       (of[0] != '\0' && strcasecmp(of, g->scope) == 0);
}

static void
end(struct golden_test *t, const struct err *why)
{
	struct json *result = NULL;

	if (why == NULL) {
		result = json_new_object();
		json_put(result, "hosts", t->hosts);
		t->hosts = NULL;
	}
	t->done(t->arg, result, why);
}

static void
on_next(void *arg)
{
	struct golden_test *t = arg;
	struct err err = {0};

	timer_free(t->next);
	t->next = NULL;
	for (int i = 0; i < HOSTS_A_TURN; i++) {
		struct attester host;
		bool found = false;

		if (!store_host_after(t->v->store, t->last, &host, &found,
		                      &err) ||
		    (found && is_tried(t, &host) &&
		     !try_host(t, &host, &err))) {
			end(t, &err);
			return;
		}
		if (!found) {
			end(t, NULL);
			return;
		}
		memcpy(t->last, host.name, sizeof(t->last));
	}
	t->next = timer_new(t->v->loop, REST_MS, on_next, t);
}

struct golden_test *
golden_test_new(struct verifierd *v, struct golden_test_wanted *wanted,
                void (*done)(void *, struct json *, const struct err *),
                void *arg)
{
	struct golden_test *t = mem_new(1, sizeof(*t));
	struct golden *g = &t->wanted.golden;

	t->v = v;
	t->wanted = *wanted;
	wanted->events = (struct bootref){0};
	t->done = done;
	t->arg = arg;
	t->hosts = json_new_array();
	/* As if it were approved, and at the first of its days at the
	 * earliest. */
	g->state = GOLDEN_ACTIVE;
	t->now_s = sys_unix_s();
	if (t->now_s < g->valid_from_s)
		t->now_s = g->valid_from_s;
	t->next = timer_new(v->loop, 0, on_next, t);
	return t;
}

void
golden_test_free(struct golden_test *t)
{
	if (t == NULL)
		return;
	timer_free(t->next);
	bootref_done(&t->wanted.events);
	json_free(t->hosts);
	free(t);
}
