/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What ends a trial well: hosts that agree, and an approval. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "store/store_private.h"
#include "store/trials.h"

bool
trial_is_approved(const struct trial *t, const char *author,
                  const struct trial_rule *rule)
{
	return t->approver[0] != '\0' &&
	       (!rule->two || strcmp(t->approver, author) != 0);
}

/* What a line of the audit log has place for. */
struct names {
	char *at;
	size_t size, len, left_out;
};

static bool
add_name(void *arg, const char *host)
{
	struct names *n = arg;
	size_t room = n->size - n->len;

	if (n->left_out != 0 || strlen(host) + 1 >= room)
		n->left_out++;
	else
		n->len += (size_t)snprintf(n->at + n->len, room, "%s%s",
		                           n->len != 0 ? "," : "", host);
	return true;
}

static bool
audit_passed(struct store *store, const struct golden *g, const struct trial *t,
             const char *actor, struct err *err)
{
	char detail[AUDIT_DETAIL_MAX], hosts[AUDIT_DETAIL_MAX - 320] = "";
	struct names names = {.at = hosts, .size = sizeof(hosts)};
	char more[40] = "";

	if (!store_trial_hosts(store, g->id, add_name, &names, err))
		return false;
	if (names.left_out != 0)
		snprintf(more, sizeof(more), " and %zu more", names.left_out);
	snprintf(
	    detail, sizeof(detail),
	    "golden=%" PRIu64
	    " candidate -> active promoted-by=%s approved-by=%s agree=%s%s",
	    g->id, t->promoter, t->approver, hosts, more);
	return audit_append(store, actor, "golden-promote", g->scope, detail,
	                    err);
}

/* The candidate becomes active when its hosts and an approval are there.  Its
 * trial goes with that (schema_5). */
static bool
pass(struct store *store, const struct golden *g, const char *actor,
     const struct trial_rule *rule, struct trial_outcome *out, struct err *err)
{
	const struct trial *t = &out->trial;
	struct query q;

	out->step = TRIAL_GOES_ON;
	if (t->agreed < t->needed || !trial_is_approved(t, g->author, rule))
		return true;
	if (!audit_passed(store, g, t, actor, err))
		return false;
	q = query_begin(store, "UPDATE goldens SET state = 'active' WHERE"
	                       " id = ? AND state = 'candidate'");
	query_u64(&q, g->id);
	if (!query_run(&q, err))
		return false;
	out->step = TRIAL_PASSED;
	return true;
}

/* The host's agreement, where it is of the candidate's scope; `*fresh` when it
 * was not there before. */
static bool
insert_host(struct store *store, const struct golden *g, const char *host,
            uint64_t now_s, bool *fresh, struct err *err)
{
	struct query q = query_begin(
	    store, "INSERT OR IGNORE INTO trial_hosts SELECT ?1, name, ?2 FROM"
		   " hosts WHERE name = ?3 AND (CASE ?4 WHEN 1 THEN grp ELSE"
		   " name END) = ?5 COLLATE NOCASE AND ?5 <> ''");

	query_u64(&q, g->id);
	query_u64(&q, now_s);
	query_text(&q, host);
	query_u64(&q, g->of_group);
	query_text(&q, g->scope);
	if (!query_run(&q, err))
		return false;
	*fresh = sqlite3_changes(store->db) != 0;
	return true;
}

static bool
is_counted(struct store *store, const struct golden *g, const char *host,
           bool *counted, struct err *err)
{
	struct query q =
	    query_begin(store, "SELECT count(*) FROM trial_hosts WHERE"
	                       " golden = ? AND host = ?");
	uint64_t n;

	query_u64(&q, g->id);
	query_text(&q, host);
	if (!query_count(&q, &n, err))
		return false;
	*counted = n != 0;
	return true;
}

static bool
agree(struct store *store, const struct golden *g, const char *host,
      const struct trial_rule *rule, struct trial_outcome *out, struct err *err)
{
	struct trial *t = &out->trial;
	char detail[AUDIT_DETAIL_MAX];
	bool counted, fresh;

	if (!insert_host(store, g, host, rule->now_s, &fresh, err) ||
	    !is_counted(store, g, host, &counted, err))
		return false;
	if (!counted)
		return true;
	if (!trial_count_agreed(store, t, err))
		return false;
	snprintf(detail, sizeof(detail),
	         "golden=%" PRIu64 " %" PRIu64 " of %" PRIu64, g->id, t->agreed,
	         t->needed);
	if (fresh &&
	    !audit_append(store, "verifierd", "trial-agree", host, detail, err))
		return false;
	return pass(store, g, "verifierd", rule, out, err);
}

bool
store_trial_agree(struct store *store, uint64_t golden, const char *host,
                  const struct trial_rule *rule, struct trial_outcome *out,
                  struct err *err)
{
	struct golden g;
	struct err why = {0};

	*out = (struct trial_outcome){0};
	if (!trial_running(store, golden, rule->now_s, &g, &out->trial, &why)) {
		if (why.code == ERR_CONFLICT || why.code == ERR_NOT_FOUND)
			return true; /* it ended meanwhile */
		*err = why;
		return false;
	}
	return tx_begin(store, err) &&
	       tx_end(store, agree(store, &g, host, rule, out, err), err);
}

static bool
approve(struct store *store, const struct golden *g, const char *actor,
        const struct trial_rule *rule, struct trial_outcome *out,
        struct err *err)
{
	struct trial *t = &out->trial;
	char detail[AUDIT_DETAIL_MAX];
	struct query q =
	    query_begin(store, "UPDATE trials SET approver = ? WHERE"
	                       " golden = ?");

	snprintf(t->approver, sizeof(t->approver), "%.63s", actor);
	query_text(&q, t->approver);
	query_u64(&q, g->id);
	snprintf(detail, sizeof(detail), "golden=%" PRIu64, g->id);
	return query_run(&q, err) &&
	       audit_append(store, actor, "trial-approve", g->scope, detail,
	                    err) &&
	       pass(store, g, actor, rule, out, err);
}

bool
store_trial_approve(struct store *store, uint64_t golden, const char *actor,
                    const struct trial_rule *rule, struct trial_outcome *out,
                    struct err *err)
{
	struct golden g;

	*out = (struct trial_outcome){0};
	return trial_running(store, golden, rule->now_s, &g, &out->trial,
	                     err) &&
	       tx_begin(store, err) &&
	       tx_end(store, approve(store, &g, actor, rule, out, err), err);
}
