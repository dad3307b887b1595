/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the audit log was at times, and what of it may go. */
#include "store/store_private.h"

bool
store_checkpoint_add(struct store *store, const struct audit_checkpoint *c,
                     struct err *err)
{
	struct query q = query_begin(
	    store, "INSERT OR REPLACE INTO audit_checkpoints VALUES (?, ?, ?)");

	query_u64(&q, c->size);
	query_u64(&q, c->time_s);
	query_text(&q, c->jwt);
	return query_run(&q, err);
}

/* The one row, and ends the statement. */
static bool
read_one(struct query *q, struct audit_checkpoint *c, struct err *err)
{
	bool failed, ok;

	*c = (struct audit_checkpoint){0};
	ok = query_row(q, &failed, err);
	if (ok) {
		c->size = column_u64(q, INT64_MAX);
		c->time_s = column_u64(q, INT64_MAX);
		column_text(q, c->jwt, sizeof(c->jwt));
		ok = query_sound(q, err);
	} else if (!failed) {
		err_set(err, ERR_NOT_FOUND, "audit: no such checkpoint");
	}
	query_end(q);
	return ok;
}

bool
store_checkpoint_last(struct store *store, struct audit_checkpoint *c,
                      struct err *err)
{
	struct query q =
	    query_begin(store, "SELECT size, time, jwt FROM audit_checkpoints"
	                       " ORDER BY size DESC LIMIT 1");

	return read_one(&q, c, err);
}

bool
store_checkpoint_at(struct store *store, uint64_t size,
                    struct audit_checkpoint *c, struct err *err)
{
	struct query q =
	    query_begin(store, "SELECT size, time, jwt FROM audit_checkpoints"
	                       " WHERE size = ?");

	query_u64(&q, size);
	return read_one(&q, c, err);
}

bool
store_checkpoint_between(struct store *store, uint64_t from_s, uint64_t until_s,
                         struct audit_checkpoint *c, struct err *err)
{
	struct query q =
	    query_begin(store, "SELECT size, time, jwt FROM audit_checkpoints"
	                       " WHERE time >= ? AND time <= ?"
	                       " ORDER BY size LIMIT 1");

	query_u64(&q, from_s);
	query_u64(&q, until_s);
	return read_one(&q, c, err);
}

static bool
drop(struct store *store, const char *sql, uint64_t size, struct err *err)
{
	struct query q = query_begin(store, sql);

	query_u64(&q, size);
	return query_run(&q, err);
}

static bool
prune(struct store *store, uint64_t size, const char *actor, struct err *err)
{
	char detail[AUDIT_DETAIL_MAX];

	audit_prune_detail(size, detail);
	return audit_append(store, actor, AUDIT_PRUNE, "", detail, err) &&
	       drop(store, "DELETE FROM audit WHERE sequence <= ?", size,
	            err) &&
	       drop(store, "DELETE FROM audit_checkpoints WHERE size < ?", size,
	            err);
}

bool
store_audit_prune(struct store *store, uint64_t size, const char *actor,
                  struct err *err)
{
	struct audit_checkpoint base;

	return store_checkpoint_at(store, size, &base, err) &&
	       tx_begin(store, err) &&
	       tx_end(store, prune(store, size, actor, err), err);
}
