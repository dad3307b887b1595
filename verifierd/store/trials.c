/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/trials.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "store/store_private.h"

/* Of the hosts that share a TPM the first in name's order counts.  CROSS JOIN
 * and + hold SQLite to the keys' indexes: not every host against every other.
 */
bool
trial_count_agreed(struct store *store, struct trial *t, struct err *err)
{
	struct query q = query_begin(
	    store,
	    "SELECT count(*) FROM trial_hosts t JOIN hosts h ON h.name = t.host"
	    " WHERE t.golden = ?1 AND NOT EXISTS"
	    "  (SELECT 1 FROM hosts o CROSS JOIN trial_hosts u WHERE"
	    "   o.ek = h.ek AND +o.name < h.name AND u.golden = ?1 AND"
	    "   u.host = o.name)"
	    " AND NOT EXISTS"
	    "  (SELECT 1 FROM hosts o CROSS JOIN trial_hosts u WHERE"
	    "   o.ak = h.ak AND +o.name < h.name AND u.golden = ?1 AND"
	    "   u.host = o.name)");

	query_u64(&q, t->golden);
	return query_count(&q, &t->agreed, err);
}

bool
store_trial_get(struct store *store, uint64_t golden, struct trial *t,
                bool *found, struct err *err)
{
	struct query q = query_begin(
	    store, "SELECT began, until, hosts, promoter, approver FROM trials"
		   " WHERE golden = ?");
	bool failed, ok = true;

	*t = (struct trial){.golden = golden};
	query_u64(&q, golden);
	*found = query_row(&q, &failed, err);
	if (*found) {
		t->began_s = column_u64(&q, INT64_MAX);
		t->until_s = column_u64(&q, INT64_MAX);
		t->needed = column_u64(&q, TRIAL_HOSTS_MAX);
		column_text(&q, t->promoter, sizeof(t->promoter));
		column_text(&q, t->approver, sizeof(t->approver));
		/* A trial that nobody has to pass is none. */
		if (t->needed == 0)
			q.bad = true;
		ok = query_sound(&q, err);
	}
	query_end(&q);
	return ok && !failed && (!*found || trial_count_agreed(store, t, err));
}

bool
store_trial_hosts(struct store *store, uint64_t golden,
                  bool (*each)(void *, const char *), void *arg,
                  struct err *err)
{
	struct query q =
	    query_begin(store, "SELECT host FROM trial_hosts WHERE golden = ?"
	                       " ORDER BY host");
	bool failed = false, ok = true;

	query_u64(&q, golden);
	while (ok && query_row(&q, &failed, err)) {
		char host[HOST_NAME_MAX_SIZE];

		column_text(&q, host, sizeof(host));
		ok = query_sound(&q, err);
		if (!ok || !each(arg, host))
			break;
	}
	query_end(&q);
	return ok && !failed;
}

bool
store_trials_until(struct store *store, uint64_t *until_s, struct err *err)
{
	struct query q =
	    query_begin(store, "SELECT coalesce(max(until), 0) FROM trials");

	return query_count(&q, until_s, err);
}

bool
store_trials_live(struct store *store, const struct attester *a, uint64_t now_s,
                  struct golden **out, size_t *n, struct err *err)
{
	struct query q = query_begin(
	    store, "SELECT goldens.* FROM trials CROSS JOIN goldens ON"
		   " id = golden WHERE until > ? AND state = 'candidate' AND"
		   " ((of_group = 0 AND scope = ?) OR"
		   "  (of_group = 1 AND ? <> '' AND scope = ?))"
		   " ORDER BY id DESC LIMIT 16");
	bool failed = false, ok = true;

	_Static_assert(TRIALS_LIVE_MAX == 16, "the statement above");
	query_u64(&q, now_s);
	query_text(&q, a->name);
	query_text(&q, a->group);
	query_text(&q, a->group);
	while (ok && query_row(&q, &failed, err)) {
		*out = mem_grow(*out, *n + 1, sizeof(**out));
		ok = golden_read(&q, &(*out)[*n], err);
		*n += ok;
	}
	query_end(&q);
	return ok && !failed;
}

static bool
bounds_hold(const struct trial *t, struct err *err)
{
	if (t->until_s <= t->began_s ||
	    t->until_s - t->began_s > TRIAL_WINDOW_MAX_S)
		return err_set(err, ERR_LIMIT,
		               "a window is of 1 second to %d days",
		               TRIAL_WINDOW_MAX_S / (24 * 3600));
	if (t->needed == 0 || t->needed > TRIAL_HOSTS_MAX)
		return err_set(err, ERR_LIMIT,
		               "1 to %d hosts may have to "
		               "agree",
		               TRIAL_HOSTS_MAX);
	return true;
}

/* Enough hosts to agree, and not too many trials for a verdict to look at. */
static bool
scope_has_room(struct store *store, const struct golden *g,
               const struct trial *t, struct err *err)
{
	struct query hosts =
	    query_begin(store, "SELECT count(*) FROM hosts WHERE"
	                       " CASE ? WHEN 1 THEN grp ELSE name END"
	                       " = ? COLLATE NOCASE");
	struct query trials = query_begin(
	    store, "SELECT count(*) FROM trials JOIN goldens ON id = golden"
		   " WHERE until > ? AND of_group = ? AND scope = ?");
	uint64_t n_hosts, n_trials;
	bool ok;

	query_u64(&hosts, g->of_group);
	query_text(&hosts, g->scope);
	query_u64(&trials, t->began_s);
	query_u64(&trials, g->of_group);
	query_text(&trials, g->scope);
	ok = query_count(&hosts, &n_hosts, err);
	ok = query_count(&trials, &n_trials, err) && ok;
	if (ok && n_hosts < t->needed)
		return err_set(err, ERR_CONFLICT,
		               "'%.100s' has %" PRIu64 " hosts: %" PRIu64
		               " cannot agree",
		               g->scope, n_hosts, t->needed);
	if (ok && n_trials >= TRIALS_SCOPE_MAX)
		return err_set(err, ERR_CONFLICT,
		               "'%.100s' has %d candidates on trial already",
		               g->scope, TRIALS_SCOPE_MAX);
	return ok;
}

static bool
drop(struct store *store, uint64_t golden, struct err *err)
{
	struct query q =
	    query_begin(store, "DELETE FROM trials WHERE golden = ?");

	query_u64(&q, golden);
	return query_run(&q, err);
}

static bool
begin(struct store *store, const struct golden *g, const struct trial *t,
      struct err *err)
{
	char detail[AUDIT_DETAIL_MAX];
	struct query q;

	/* One whose time is over makes place. */
	if (!drop(store, t->golden, err))
		return false;
	q = query_begin(store, "INSERT INTO trials VALUES (?, ?, ?, ?, ?, ?)");
	query_u64(&q, t->golden);
	query_u64(&q, t->began_s);
	query_u64(&q, t->until_s);
	query_u64(&q, t->needed);
	query_text(&q, t->promoter);
	query_text(&q, t->approver);
	if (!query_run(&q, err))
		return false;
	snprintf(detail, sizeof(detail),
	         "golden=%" PRIu64 " until=%" PRIu64 " hosts=%" PRIu64
	         " approved-by=%s",
	         t->golden, t->until_s, t->needed,
	         t->approver[0] != '\0' ? t->approver : "-");
	return audit_append(store, t->promoter, "trial-begin", g->scope, detail,
	                    err);
}

bool
store_trial_begin(struct store *store, const struct trial *t, struct err *err)
{
	struct golden g;
	struct trial known;
	bool found;

	if (!bounds_hold(t, err) ||
	    !store_golden_get(store, t->golden, &g, err) ||
	    !store_trial_get(store, t->golden, &known, &found, err))
		return false;
	if (g.state != GOLDEN_CANDIDATE)
		return err_set(err, ERR_CONFLICT,
		               "golden value %" PRIu64 " is %s", g.id,
		               golden_state_name(g.state));
	if (found && known.until_s > t->began_s)
		return err_set(err, ERR_CONFLICT,
		               "golden value %" PRIu64
		               " is on trial already, by %.63s",
		               g.id, known.promoter);
	return scope_has_room(store, &g, t, err) && tx_begin(store, err) &&
	       tx_end(store, begin(store, &g, t, err), err);
}

bool
trial_running(struct store *store, uint64_t golden, uint64_t now_s,
              struct golden *g, struct trial *t, struct err *err)
{
	bool found;

	if (!store_golden_get(store, golden, g, err) ||
	    !store_trial_get(store, golden, t, &found, err))
		return false;
	return (found && g->state == GOLDEN_CANDIDATE && t->until_s > now_s) ||
	       err_set(err, ERR_CONFLICT,
	               "golden value %" PRIu64 " is not on trial", golden);
}

static bool
cancel(struct store *store, const struct golden *g, const char *actor,
       struct err *err)
{
	char detail[AUDIT_DETAIL_MAX];

	snprintf(detail, sizeof(detail), "golden=%" PRIu64, g->id);
	return drop(store, g->id, err) &&
	       audit_append(store, actor, "trial-cancel", g->scope, detail,
	                    err);
}

bool
store_trial_cancel(struct store *store, uint64_t golden, uint64_t now_s,
                   const char *actor, struct err *err)
{
	struct golden g;
	struct trial t;

	return trial_running(store, golden, now_s, &g, &t, err) &&
	       tx_begin(store, err) &&
	       tx_end(store, cancel(store, &g, actor, err), err);
}
