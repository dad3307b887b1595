/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A verdict is durable before it is told. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "hosts_private.h"
#include "sys/log.h"
#include "sys/sys.h"

/* Who waits for this round gets the next one. */
static void
ask_again(struct host *h)
{
	TAILQ_CONCAT(&h->waiting, &h->running, next);
	h->turn.wants = h->ours && h->enrolled;
	host_round_begin(h);
	if (h->round == NULL && h->enrolled)
		reattest_add(h, 0);
	else if (h->round == NULL)
		reattest_remove(h);
}

static void
count_round(const struct host *h, const struct verdict *v)
{
	struct counters *n = &h->hosts->v->counters;
	size_t reason = v->n_reasons != 0 ? v->reasons[0].code : REASON_COUNT;

	n->rounds[v->state][reason]++;
	histogram_add(&n->round_times, &histogram_times,
	              sys_boot_us() - h->began_us);
}

/* The round's verdict is durable, or could not be made so. */
static void
answer_round(struct host *h, const struct err *why)
{
	struct askers askers = TAILQ_HEAD_INITIALIZER(askers);
	struct verdict verdict = h->ending->verdict;
	struct verdict of_host = h->ending->of_host;
	struct addresses addresses = h->ending->addresses;
	uint64_t until_s = h->ending->until_s;
	bool replaced = h->replaced, write = h->ending->write;
	struct asker *a;

	/* What needs no write is not undone by one that failed. */
	if (write && why->code != ERR_NONE) {
		log_error("event=not-written host=%s error=\"%s\"", h->name,
		          why->text);
		verdict_set(&verdict, h->name, VERDICT_UNKNOWN, REASON_STORE,
		            why->text);
		verdict.time_s = sys_unix_s();
		of_host = verdict;
	}
	ending_free(h->ending);
	h->ending = NULL;
	host_forget_replaced(h);
	/* A golden value was revoked, or the host forgotten or replaced,
	 * meanwhile: that change was acknowledged, so this verdict must not
	 * stand against it. */
	if (replaced || (of_host.state == VERDICT_TRUSTED &&
	                 h->generation != h->hosts->v->generation)) {
		ask_again(h);
		return;
	}
	count_round(h, &verdict);
	if (write)
		written_set(h, why->code == ERR_NONE ? &verdict : NULL);
	kept_set(h, &of_host, until_s);
	kept_set_endpoint(h, &verdict);
	trust_verdict(h, &of_host, &addresses);
	reattest_seen(h, &of_host);
	if (of_host.state != VERDICT_TRUSTED &&
	    h->n_activated != h->hosts->n_activated)
		reattest_soon(h); /* by a golden value that it did not see */
	TAILQ_CONCAT(&askers, &h->running, next);
	while ((a = TAILQ_FIRST(&askers)) != NULL) {
		TAILQ_REMOVE(&askers, a, next);
		asker_answer(a, &verdict);
	}
	host_round_begin(h);
}

/* Each verdict; that one is another than before is announced (announce.h), and
 * once.  A warning beside a trusted one is said nowhere else. */
static void
log_verdict(const struct host *h)
{
	const struct verdict *v = &h->ending->verdict;
	bool trusted = v->state == VERDICT_TRUSTED;

	log_write(trusted && v->warning[0] != '\0' ? LOG_LEVEL_WARNING
	                                           : LOG_LEVEL_INFO,
	          "event=appraised host=%s verdict=%s golden=%llu reason=%s "
	          "detail=\"%s\"",
	          v->host, verdict_state_name(v->state),
	          (unsigned long long)v->golden,
	          v->n_reasons != 0 ? reason_name(v->reasons[0].code) : "-",
	          v->n_reasons != 0 ? v->reasons[0].detail : v->warning);
}

/* Nobody asked, and nothing is new: with a thousand hosts that would be a
 * million and a half lines of the audit log a day.  It is written when
 * something changed, and from time to time. */
static bool
is_news(const struct host *h)
{
	const struct ending *e = h->ending;

	return !h->ours || e->n_agrees != 0 ||
	       h->told.state != e->verdict.state ||
	       !written_lately(h, &e->verdict);
}

static const char *
asker_of(const struct host *h)
{
	const struct asker *first = TAILQ_FIRST(&h->running);

	if (first != NULL)
		return first->who;
	return h->ours ? "reattest" : "-";
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
	TAILQ_FOREACH(h, &commits, to_commit) {
		struct ending *e = h->ending;
		const struct basis basis = {buf_span(&e->record),
		                            buf_span(&e->boot_log)};

		/* Of an identity that is no more: nothing of it is kept. */
		e->write = !h->replaced && is_news(h);
		if (!e->write)
			continue;
		ok = ok && trials_agree(hosts->v, e->agrees, e->n_agrees,
		                        &e->verdict, &passed, &err);
		log_verdict(h);
		ok = ok && store_verdict_add(store, &e->verdict, &basis,
		                             asker_of(h), &err);
	}
	/* It ends in any case; what failed first is what is said. */
	if (!store_batch_end(store, ok ? &err : NULL))
		ok = false;
	if (passed) { /* or perhaps: then nothing is lost */
		trials_refresh(hosts->v);
		hosts_golden_active(hosts);
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

static void
add_address(struct addresses *all, const char *address)
{
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->at[i], address) == 0)
			return;
	if (all->n < STANDING_ADDRESSES_MAX &&
	    text_copy(address, all->at[all->n], sizeof(all->at[0])))
		all->n++;
}

/* Those that the operator gave, and that the CA gave to the session's peer. */
static void
note_addresses(struct host *h, const struct record *record)
{
	char of_cert[STANDING_ADDRESSES_MAX][ADDRESS_TEXT_SIZE];
	char enrolled[ADDRESS_TEXT_SIZE];
	size_t n = agent_addresses(h->agent, of_cert, LENGTH_OF(of_cert));

	if (address_of_text(record->host.address, enrolled))
		add_address(&h->ending->addresses, enrolled);
	for (size_t i = 0; i < n; i++)
		add_address(&h->ending->addresses, of_cert[i]);
}

void
host_commit_add(struct host *h, const struct round_result *result)
{
	struct ending *e = h->ending = mem_new(1, sizeof(*e));
	struct hosts *hosts = h->hosts;

	e->verdict = *result->verdict;
	e->of_host = *result->of_host;
	e->until_s = result->until_s;
	buf_add(&e->boot_log, result->boot_log);
	memcpy(e->agrees, result->agrees,
	       result->n_agrees * sizeof(e->agrees[0]));
	e->n_agrees = result->n_agrees;
	if (result->of_host->state == VERDICT_TRUSTED)
		note_addresses(h, result->record);
	if (result->record != NULL) {
		AUTO(json_auto)
		struct json *json = record_encode(result->record);

		json_format(json, &e->record);
	}
	TAILQ_INSERT_TAIL(&hosts->commits, h, to_commit);
	if (hosts->commit == NULL)
		hosts->commit = timer_new(hosts->v->loop, 0, on_commit, hosts);
}
