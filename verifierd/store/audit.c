/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The audit log: every line's hash covers the line before it. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "store/store_private.h"

static const char label[] = "virt-attest audit 1";

struct head {
	uint64_t sequence;
	uint8_t hash[SHA256_SIZE];
};

static void
line_hash(const struct audit_line *line, const uint8_t before[SHA256_SIZE],
          uint8_t out[SHA256_SIZE])
{
	AUTO(buf_done) struct buf bytes = {0};
	struct span all;

	buf_sized(&bytes, span_str(label));
	buf_sized(&bytes, span_of(before, SHA256_SIZE));
	buf_u64(&bytes, line->sequence);
	buf_u64(&bytes, line->time_s);
	buf_sized(&bytes, span_str(line->actor));
	buf_sized(&bytes, span_str(line->event));
	buf_sized(&bytes, span_str(line->subject));
	buf_sized(&bytes, span_str(line->detail));
	all = buf_span(&bytes);
	crypto_sha256(&all, 1, out);
}

static bool
read_head(struct store *store, struct head *head, struct err *err)
{
	struct query q =
	    query_begin(store, "SELECT sequence, hash FROM audit_head");
	bool failed, ok;

	*head = (struct head){0};
	if (query_row(&q, &failed, err)) {
		head->sequence = column_u64(&q, INT64_MAX);
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
	struct head head;

	if (!read_head(store, &head, err))
		return false;
	line.sequence = head.sequence + 1;
	snprintf(line.actor, sizeof(line.actor), "%s", actor);
	snprintf(line.event, sizeof(line.event), "%s", event);
	snprintf(line.subject, sizeof(line.subject), "%s", subject);
	snprintf(line.detail, sizeof(line.detail), "%s", detail);
	line_hash(&line, head.hash, line.hash);
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

/* Where a walk over the chain stands. */
struct walk {
	uint64_t lines;
	uint8_t hash[SHA256_SIZE];
	bool broken;
	struct err why;
};

static bool
walk_line(void *arg, const struct audit_line *line)
{
	struct walk *w = arg;
	uint8_t hash[SHA256_SIZE];

	if (line->sequence != w->lines + 1) {
		w->broken = true;
		err_set(&w->why, ERR_CONFLICT,
		        "audit: line %llu is missing, line %llu stands in its "
		        "place",
		        (unsigned long long)w->lines + 1,
		        (unsigned long long)line->sequence);
		return false;
	}
	line_hash(line, w->hash, hash);
	if (memcmp(hash, line->hash, SHA256_SIZE) != 0) {
		w->broken = true;
		err_set(&w->why, ERR_CONFLICT,
		        "audit: line %llu is not what was written, or follows "
		        "another",
		        (unsigned long long)line->sequence);
		return false;
	}
	w->lines++;
	memcpy(w->hash, hash, SHA256_SIZE);
	return true;
}

bool
store_audit_verify(struct store *store, uint64_t *lines, struct err *err)
{
	struct walk w = {0};
	struct head head;

	*lines = 0;
	if (!read_head(store, &head, err) ||
	    !store_audit(store, 0, INT64_MAX, walk_line, &w, err))
		return false;
	*lines = w.lines;
	if (w.broken) {
		*err = w.why;
		return false;
	}
	if (w.lines != head.sequence ||
	    memcmp(w.hash, head.hash, SHA256_SIZE) != 0)
		return err_set(err, ERR_CONFLICT,
		               "audit: the log ends at line %llu, and %llu "
		               "were written",
		               (unsigned long long)w.lines,
		               (unsigned long long)head.sequence);
	return true;
}
