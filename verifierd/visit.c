/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appraise/appraise.h"
#include "base/mem.h"
#include "evidence/golden_log.h"
#include "library.h"
#include "sys/sys.h"
#include "visit_private.h"

void
visit_fail(struct visit *w, const struct err *why)
{
	const struct err reason = *why;

	w->done(w->arg, NULL, &reason);
}

void
visit_quote(struct visit *w)
{
	struct err err = {0};

	w->challenge.selection = w->request.selection;
	if (sys_random(w->challenge.nonce, NONCE_SIZE, &err))
		agent_ask_quote(w->agent, &w->challenge,
		                w->v->config.deadline_ms);
	else
		visit_fail(w, &err);
}

static void
take_golden(struct visit *w, const struct evidence *evidence)
{
	struct golden *g = &w->result.golden;

	*g = (struct golden){
	    .state = GOLDEN_ACTIVE,
	    .created_s = sys_unix_s(),
	    .allow_sha1 = w->request.allow_sha1,
	    .values = evidence->values,
	    .attest = evidence->attest,
	    .signature = evidence->signature,
	};
	snprintf(g->scope, sizeof(g->scope), "%s", w->result.host.name);
}

static void
on_evidence(void *arg, const struct evidence *evidence)
{
	struct visit *w = arg;
	struct appraisal a = {
	    .host = &w->result.host,
	    .challenge = &w->challenge,
	    .exporter = agent_exporter(w->agent),
	    .evidence = evidence,
	    .goldens = &w->result.golden,
	    .n_goldens = 1,
	    .now_s = sys_unix_s(),
	};
	struct verdict verdict;
	struct err err = {0};

	take_golden(w, evidence);
	appraise(&a, &verdict);
	if (verdict.state == VERDICT_TRUSTED) {
		w->result.golden.pins_firmware = w->request.pin_firmware;
		w->result.golden.firmware = a.quote.firmware;
		gather_begin(&w->gather, w->agent, MLOG_BOOT, 0);
		return;
	}
	err_set(&err, ERR_PEER, "the host's quote is refused: %s (%s)",
	        reason_text(verdict.reasons[0].code),
	        reason_name(verdict.reasons[0].code));
	visit_fail(w, &err);
}

static void
on_log(void *arg, const struct mlog_piece *piece)
{
	struct visit *w = arg;

	gather_piece(&w->gather, piece);
}

static bool
take_log(void *arg, struct span bytes)
{
	struct visit *w = arg;

	return gather_boot_log(&w->boot_log, bytes);
}

static bool
add_known(struct visit *w, struct bootref *events, struct err *err)
{
	const uint8_t *name = w->request.known_events;
	const struct volume *known;
	bool ok;

	if (span_is_zero(span_of(name, SHA256_SIZE)))
		return true;
	known = library_events(w->v->library, name, err);
	ok = known != NULL && golden_add_known(events, &known->events,
	                                       w->result.golden.by_events, err);
	library_give_back(w->v->library, known);
	return ok;
}

/* What the log says is kept, and judges what it was asked to judge. */
static bool
take_events(struct visit *w, const struct err *absent, struct err *err)
{
	const struct golden_choice choice = {w->request.from_log,
	                                     w->request.by_events};
	AUTO(bootref_done) struct bootref events = {0};
	struct err why = {0};
	bool ok;

	if (absent != NULL)
		why = *absent;
	ok = absent == NULL &&
	     golden_take_log(&w->result.golden, buf_span(&w->boot_log), &choice,
	                     &events, &why);
	if (!ok && (choice.usual || choice.by_events != 0))
		return err_set(err, why.code, "%s", why.text);
	if (ok && !add_known(w, &events, err))
		return false;
	if (ok)
		library_write_events(&events, &w->events);
	w->result.events = buf_span(&w->events);
	memcpy(w->result.no_events, why.text, sizeof(why.text));
	return true;
}

/* The log is the last thing that a host is asked for. */
static void
on_gathered(void *arg, const struct err *absent)
{
	struct visit *w = arg;
	struct err err = {0};

	if (take_events(w, absent, &err))
		w->done(w->arg, &w->result, NULL);
	else
		visit_fail(w, &err);
}

static void
on_failed(void *arg, const struct err *why, bool again)
{
	struct visit *w = arg;

	(void)again; /* the connection is new: there is no second try */
	if (w->gather.busy && agent_is_connected(w->agent))
		gather_absent(&w->gather, why);
	else if (w->proving && why->code == ERR_UNSUPPORTED)
		visit_not_proved(w);
	else
		visit_fail(w, why);
}

static void
on_deadline(void *arg)
{
	struct err err = {0};

	err_set(&err, ERR_TIMEOUT, "the host did not answer in time");
	visit_fail(arg, &err);
}

static const struct agent_calls agent_says = {
    .identity = visit_identity,
    .evidence = on_evidence,
    .log = on_log,
    .activated = visit_activated,
    .certified = visit_certified,
    .failed = on_failed,
};

struct visit *
visit_new(struct verifierd *v, const struct visit_request *request,
          void (*done)(void *arg, const struct visit_result *,
                       const struct err *),
          void *arg)
{
	struct visit *w = mem_new(1, sizeof(*w));
	const struct attester *host = &request->host;
	const struct agent_place place = {host->address, host->port,
	                                  host->name};

	w->v = v;
	w->request = *request;
	w->result.host = *host;
	if (!request->enrolled)
		w->identity = mem_new(1, sizeof(*w->identity));
	w->result.identity = w->identity;
	w->done = done;
	w->arg = arg;
	w->gather = (struct gather){
	    .timeout_ms = v->config.deadline_ms,
	    .take = take_log,
	    .done = on_gathered,
	    .arg = w,
	};
	w->agent = agent_new(v->loop, v->tls, &place, &agent_says, w);
	/* A TPM that makes its keys for the first time takes its time. */
	w->deadline =
	    timer_new(v->loop, 3 * v->config.deadline_ms, on_deadline, w);
	if (request->enrolled)
		visit_quote(w);
	else
		agent_ask_identity(w->agent, v->config.deadline_ms);
	return w;
}

void
visit_free(struct visit *w)
{
	if (w == NULL)
		return;
	timer_free(w->deadline);
	agent_free(w->agent);
	buf_done(&w->boot_log);
	buf_done(&w->events);
	free(w->identity);
	free(w);
}
