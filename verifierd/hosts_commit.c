/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A verdict is durable before it is told. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "hosts_private.h"
#include "sys/log.h"
#include "sys/sys.h"

/* The round's verdict is durable, or could not be made so. */
static void
answer_round(struct host *h, const struct err *why)
{
	struct askers askers = TAILQ_HEAD_INITIALIZER(askers);
	struct verdict verdict = h->ending->verdict;
	uint64_t until_s = h->ending->until_s;
	bool replaced = h->replaced;
	struct asker *a;

	if (why->code != ERR_NONE) {
		log_error("host=%s error=\"%s\"", h->name, why->text);
		verdict_set(&verdict, h->name, VERDICT_UNKNOWN, REASON_STORE,
		            why->text);
		verdict.time_s = sys_unix_s();
	}
	ending_free(h->ending);
	h->ending = NULL;
	host_forget_replaced(h);
	/* A golden value was revoked, or the host forgotten or replaced,
	 * meanwhile: that change was acknowledged, so this verdict must not
	 * stand against it. */
	if (replaced || (verdict.state == VERDICT_TRUSTED &&
	                 h->generation != h->hosts->v->generation)) {
		TAILQ_CONCAT(&h->waiting, &h->running, next);
		host_round_begin(h);
		return;
	}
	kept_set(h, &verdict, until_s);
	TAILQ_CONCAT(&askers, &h->running, next);
	while ((a = TAILQ_FIRST(&askers)) != NULL) {
		TAILQ_REMOVE(&askers, a, next);
		asker_answer(a, &verdict);
	}
	host_round_begin(h);
}

/* A host's words may be in it: they end no field of the line and begin none. */
static void
quotable(const char *detail, char out[REASON_DETAIL_MAX])
{
	snprintf(out, REASON_DETAIL_MAX, "%s", detail);
	for (char *c = strchr(out, '"'); c != NULL; c = strchr(c, '"'))
		*c = '\'';
}

static void
log_verdict(const struct host *h)
{
	const struct verdict *v = &h->ending->verdict;
	bool trusted = v->state == VERDICT_TRUSTED;
	char detail[REASON_DETAIL_MAX];

	quotable(v->n_reasons != 0 ? v->reasons[0].detail : v->warning, detail);
	log_write(
	    trusted && v->warning[0] == '\0' ? LOG_LEVEL_INFO
					     : LOG_LEVEL_WARNING,
	    "host=%s verdict=%s golden=%llu reason=%s detail=\"%s\"", v->host,
	    verdict_state_name(v->state), (unsigned long long)v->golden,
	    v->n_reasons != 0 ? reason_name(v->reasons[0].code) : "-", detail);
}

/* Every round that ended in this turn of the loop becomes durable by one write
 * to the disk; then all who wait are answered. */
static void
on_commit(void *arg)
{
	struct hosts *hosts = arg;
	struct store *store = hosts->v->store;
	struct commits commits = TAILQ_HEAD_INITIALIZER(commits);
	struct err err = {0};
	bool ok, passed = false;
	struct host *h;

	timer_free(hosts->commit);
	hosts->commit = NULL;
	TAILQ_CONCAT(&commits, &hosts->commits, to_commit);
	ok = store_batch_begin(store, &err);
	TAILQ_FOREACH(h, &commits, to_commit)
	{
		struct asker *first = TAILQ_FIRST(&h->running);
		struct ending *e = h->ending;
		const struct basis basis = {buf_span(&e->record),
		                            buf_span(&e->boot_log)};

		/* Of an identity that is no more: nothing of it is kept. */
		if (h->replaced)
			continue;
		ok = ok && trials_agree(hosts->v, e->agrees, e->n_agrees,
		                        &e->verdict, &passed, &err);
		log_verdict(h);
		ok = ok &&
		     store_verdict_add(store, &e->verdict, &basis,
		                       first != NULL ? first->who : "-", &err);
	}
	/* It ends in any case; what failed first is what is said. */
	if (!store_batch_end(store, ok ? &err : NULL))
		ok = false;
	if (passed) { /* or perhaps: then nothing is lost */
		hosts->v->generation++;
		trials_refresh(hosts->v);
	}
	while ((h = TAILQ_FIRST(&commits)) != NULL) {
		TAILQ_REMOVE(&commits, h, to_commit);
		if (!ok && err.code == ERR_NONE)
			err_set(&err, ERR_IO, "store: not written");
		answer_round(h, ok ? &(const struct err){0} : &err);
	}
}

void
ending_free(struct ending *e)
{
	if (e == NULL)
		return;
	buf_done(&e->record);
	buf_done(&e->boot_log);
	free(e);
}

void
host_commit_add(struct host *h, const struct round_result *result)
{
	struct ending *e = h->ending = mem_new(1, sizeof(*e));
	struct hosts *hosts = h->hosts;

	e->verdict = *result->verdict;
	e->until_s = result->until_s;
	buf_add(&e->boot_log, result->boot_log);
	memcpy(e->agrees, result->agrees,
	       result->n_agrees * sizeof(e->agrees[0]));
	e->n_agrees = result->n_agrees;
	if (result->record != NULL) {
		AUTO(json_auto)
		struct json *json = record_encode(result->record);

		json_format(json, &e->record);
	}
	TAILQ_INSERT_TAIL(&hosts->commits, h, to_commit);
	if (hosts->commit == NULL)
		hosts->commit = timer_new(hosts->v->loop, 0, on_commit, hosts);
}
