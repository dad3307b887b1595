/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a candidate becomes active: approved, or put on trial for a window. */
#include <stdio.h>
#include <string.h>

#include "control.h"
#include "proto/codec.h"
#include "sys/log.h"
#include "sys/sys.h"
#include "trials.h"

static bool
add_host(void *arg, const char *host)
{
	json_add_text(arg, host);
	return true;
}

bool
trial_put(struct verifierd *v, const struct golden *g, struct json *into,
          struct err *err)
{
	const struct trial_rule rule = trials_rule(v);
	struct json *object, *hosts;
	struct trial t;
	bool found;

	if (g->state != GOLDEN_CANDIDATE)
		return true;
	if (!store_trial_get(v->store, g->id, &t, &found, err))
		return false;
	if (!found)
		return true;
	object = json_new_object();
	hosts = json_new_array();
	json_put_bool(object, "under_way", rule.now_s < t.until_s);
	json_put_u64(object, "began", t.began_s);
	json_put_u64(object, "until", t.until_s);
	json_put_u64(object, "needed", t.needed);
	json_put_u64(object, "agreed", t.agreed);
	json_put_text(object, "by", t.promoter);
	if (trial_is_approved(&t, g->author, &rule))
		json_put_text(object, "approved_by", t.approver);
	json_put(object, "hosts", hosts);
	json_put(into, "trial", object);
	return store_trial_hosts(v->store, g->id, add_host, hosts, err);
}

/* The author's own word is not enough where two are asked for. */
static bool
may_approve(const struct golden *g, const char *actor,
            const struct trial_rule *rule, struct err *err)
{
	if (!rule->two || g->state != GOLDEN_CANDIDATE ||
	    strcmp(g->author, actor) != 0)
		return true;
	return err_set(err, ERR_DENIED,
	               "golden value %llu is of %.63s: another operator has "
	               "to approve or promote it (golden_approval is \"two\")",
	               (unsigned long long)g->id, g->author);
}

/* The golden value as it is now, or the error. */
static void
answer(struct caller *c, bool ok, uint64_t id, const char *event,
       struct err *err)
{
	char actor[AUDIT_ACTOR_MAX];
	struct golden golden;

	trials_refresh(c->v);
	if (!ok || !store_golden_get(c->v->store, id, &golden, err)) {
		caller_error(c, err);
		return;
	}
	if (golden.state == GOLDEN_ACTIVE)
		hosts_golden_active(c->v->hosts);
	log_notice("golden=%llu scope=%s event=%s by=%s",
	           (unsigned long long)id, golden.scope, event,
	           caller_actor(c, actor, sizeof(actor)));
	caller_return_golden(c, &golden, false);
}

/* A trial under way that lacks its approval gets it; what is approved already,
 * or not on trial, is active from now on. */
static bool
approve_one(struct caller *c, uint64_t id, const char *actor, struct err *err)
{
	const struct trial_rule rule = trials_rule(c->v);
	struct store *store = c->v->store;
	struct trial_outcome outcome;
	struct golden golden;
	struct trial trial;
	bool found;

	if (!store_golden_get(store, id, &golden, err) ||
	    !may_approve(&golden, actor, &rule, err) ||
	    !store_trial_get(store, id, &trial, &found, err))
		return false;
	if (found && golden.state == GOLDEN_CANDIDATE &&
	    rule.now_s < trial.until_s &&
	    !trial_is_approved(&trial, golden.author, &rule))
		return store_trial_approve(store, id, actor, &rule, &outcome,
		                           err);
	return store_golden_set(store, id, GOLDEN_ACTIVE, actor, err);
}

/* golden-approve: id. */
static void
approve(struct caller *c, const struct json *arguments)
{
	char actor[AUDIT_ACTOR_MAX];
	struct err err = {0};
	uint64_t id = 0;
	bool ok;

	caller_actor(c, actor, sizeof(actor));
	ok = json_get_u64(arguments, "id", INT64_MAX, &id, &err) &&
	     approve_one(c, id, actor, &err);
	answer(c, ok, id, "approved", &err);
}

static bool
begin_trial(struct caller *c, const struct json *arguments, struct trial *t,
            struct err *err)
{
	const struct trial_rule rule = trials_rule(c->v);
	uint64_t window_s = 0;
	struct golden golden;

	t->needed = 1;
	if (!json_get_u64(arguments, "window", TRIAL_WINDOW_MAX_S, &window_s,
	                  err) ||
	    !json_want_u64(arguments, "hosts", TRIAL_HOSTS_MAX, &t->needed,
	                   err) ||
	    !store_golden_get(c->v->store, t->golden, &golden, err) ||
	    !may_approve(&golden, t->promoter, &rule, err))
		return false;
	t->began_s = rule.now_s;
	t->until_s = rule.now_s + window_s;
	memcpy(t->approver, t->promoter, sizeof(t->approver));
	return store_trial_begin(c->v->store, t, err);
}

/* golden-promote: id, and window (s) and hosts, or cancel. */
static void
promote(struct caller *c, const struct json *arguments)
{
	char actor[AUDIT_ACTOR_MAX];
	struct trial trial = {0};
	struct err err = {0};
	bool cancel = false, ok;

	caller_actor(c, actor, sizeof(actor));
	snprintf(trial.promoter, sizeof(trial.promoter), "%.63s", actor);
	ok = json_get_u64(arguments, "id", INT64_MAX, &trial.golden, &err) &&
	     json_want_bool(arguments, "cancel", &cancel, &err) &&
	     (cancel ? store_trial_cancel(c->v->store, trial.golden,
	                                  sys_unix_s(), actor, &err)
	             : begin_trial(c, arguments, &trial, &err));
	answer(c, ok, trial.golden, cancel ? "trial-cancelled" : "on-trial",
	       &err);
}

const struct verb verbs_golden_trial[] = {
    {"golden-approve", true, approve},
    {"golden-promote", true, promote},
    {0},
};
