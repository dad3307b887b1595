/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The audit log: every line's hash covers the line before it. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "store/store_private.h"

bool
store_audit_head(struct store *store, struct audit_head *head, struct err *err)
{
	struct query q =
	    query_begin(store, "SELECT sequence, hash FROM audit_head");
	bool failed, ok;

	*head = (struct audit_head){0};
	if (query_row(&q, &failed, err)) {
		head->size = column_u64(&q, INT64_MAX);
		column_bytes(&q, head->hash, SHA256_SIZE);
		ok = query_sound(&q, err);
	} else {
		ok = failed ? false
		            : err_set(err, ERR_IO,
		                      "store: damaged: the audit log has no "
		                      "head");
	}
	query_end(&q);
	return ok;
}

static bool
write_head(struct store *store, const struct audit_line *line, struct err *err)
{
	struct query q =
	    query_begin(store, "UPDATE audit_head SET sequence = ?, hash = ?");

	query_u64(&q, line->sequence);
	query_blob(&q, span_of(line->hash, SHA256_SIZE));
	return query_run(&q, err);
}

bool
audit_append(struct store *store, const char *actor, const char *event,
             const char *subject, const char *detail, struct err *err)
{
	struct query q;
	struct audit_line line = {.time_s = (uint64_t)time(NULL)};
	struct audit_head head;

	if (!store_audit_head(store, &head, err))
		return false;
	line.sequence = head.size + 1;
	snprintf(line.actor, sizeof(line.actor), "%s", actor);
	snprintf(line.event, sizeof(line.event), "%s", event);
	snprintf(line.subject, sizeof(line.subject), "%s", subject);
	snprintf(line.detail, sizeof(line.detail), "%s", detail);
	/* A letter may have been cut in two. */
	text_make_utf8(line.subject);
	text_make_utf8(line.detail);
	audit_line_hash(&line, head.hash, line.hash);
	q = query_begin(store,
	                "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)");
	query_u64(&q, line.sequence);
	query_u64(&q, line.time_s);
	query_text(&q, line.actor);
	query_text(&q, line.event);
	query_text(&q, line.subject);
	query_text(&q, line.detail);
	query_blob(&q, span_of(line.hash, SHA256_SIZE));
	return query_run(&q, err) && write_head(store, &line, err);
}

bool
store_audit_add(struct store *store, const char *actor, const char *event,
                const char *subject, const char *detail, struct err *err)
{
	return tx_begin(store, err) &&
	       tx_end(store,
	              audit_append(store, actor, event, subject, detail, err),
	              err);
}

static bool
read_line(struct query *q, struct audit_line *line, struct err *err)
{
	line->sequence = column_u64(q, INT64_MAX);
	line->time_s = column_u64(q, INT64_MAX);
	column_text(q, line->actor, AUDIT_ACTOR_MAX);
	column_text(q, line->event, AUDIT_EVENT_MAX);
	column_text(q, line->subject, HOST_NAME_MAX_SIZE);
	column_text(q, line->detail, AUDIT_DETAIL_MAX);
	column_bytes(q, line->hash, SHA256_SIZE);
	return query_sound(q, err);
}

static bool
read_lines(struct query *q, bool (*each)(void *arg, const struct audit_line *),
           void *arg, struct err *err)
{
	bool failed = false, ok = true;

	while (ok && query_row(q, &failed, err)) {
		struct audit_line line;

		ok = read_line(q, &line, err);
		if (!ok || !each(arg, &line))
			break;
	}
	query_end(q);
	return ok && !failed;
}

bool
store_audit(struct store *store, uint64_t first, uint64_t max,
            bool (*each)(void *arg, const struct audit_line *), void *arg,
            struct err *err)
{
	struct query q =
	    query_begin(store, "SELECT * FROM audit WHERE sequence >= ?"
	                       " ORDER BY sequence LIMIT ?");

	query_u64(&q, first);
	query_u64(&q, max);
	return read_lines(&q, each, arg, err);
}

bool
store_audit_back(struct store *store,
                 bool (*each)(void *arg, const struct audit_line *), void *arg,
                 struct err *err)
{
	struct query q =
	    query_begin(store, "SELECT * FROM audit ORDER BY sequence DESC");

	return read_lines(&q, each, arg, err);
}

bool
store_audit_line(struct store *store, uint64_t sequence,
                 struct audit_line *line, struct err *err)
{
	struct query q =
	    query_begin(store, "SELECT * FROM audit WHERE sequence = ?");
	bool failed, ok;

	query_u64(&q, sequence);
	ok = query_row(&q, &failed, err);
	if (ok)
		ok = read_line(&q, line, err);
	else if (!failed)
		err_set(err, ERR_NOT_FOUND, "audit: there is no line %llu",
		        (unsigned long long)sequence);
	query_end(&q);
	return ok;
}

bool
store_audit_start(struct store *store, uint64_t *size, struct err *err)
{
	/* A log that is empty lost no line by retention, which writes one. */
	struct query q = query_begin(
	    store, "SELECT coalesce(min(sequence), 1) - 1 FROM audit");

	return query_count(&q, size, err);
}

struct walking {
	struct audit_walk *walk;
	uint64_t n;
	bool broken;
	struct err why;
};

static bool
walk_line(void *arg, const struct audit_line *line)
{
	struct walking *w = arg;

	w->n++;
	w->broken = !audit_walk_line(w->walk, line, &w->why);
	return !w->broken;
}

/* The first of all may be one that is no log's, number 0. */
static bool
walk_on(struct store *store, struct audit_walk *w, uint64_t first, uint64_t max,
        bool *ended, struct err *err)
{
	struct walking walking = {.walk = w};
	struct audit_head head;

	*ended = false;
	if (!store_audit(store, first, max, walk_line, &walking, err))
		return false;
	if (walking.broken) {
		*err = walking.why;
		return false;
	}
	if (walking.n == max)
		return true;
	if (!store_audit_head(store, &head, err))
		return false;
	if (w->head.size != head.size ||
	    memcmp(w->head.hash, head.hash, SHA256_SIZE) != 0)
		return err_set(err, ERR_CONFLICT,
		               "audit: the log ends at line %llu, and %llu "
		               "were written",
		               (unsigned long long)w->head.size,
		               (unsigned long long)head.size);
	*ended = true;
	return audit_walk_end(w, err);
}

bool
store_audit_walk_on(struct store *store, struct audit_walk *w, uint64_t max,
                    bool *ended, struct err *err)
{
	bool begins = w->head.size == w->first.size;

	return walk_on(store, w, begins ? 0 : w->head.size + 1, max, ended,
	               err);
}

bool
store_audit_walk(struct store *store, struct audit_walk *w, struct err *err)
{
	bool ended;

	w->head = w->first;
	return store_audit_walk_on(store, w, INT64_MAX, &ended, err);
}
