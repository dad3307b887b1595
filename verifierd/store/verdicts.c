/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>

#include "store/kept.h"
#include "store/store_private.h"

/* The record is JSON of known parts; this is far above it. */
enum { RECORD_MAX = 256 * 1024 };

static bool
insert_verdict(struct store *store, const struct verdict *v,
               const struct basis *basis, struct err *err)
{
	uint8_t name[SHA256_SIZE];
	struct span log = {0};
	struct query q;

	if (basis->boot_log.len != 0) {
		if (!text_insert(store, basis->boot_log, name, err))
			return false;
		log = span_of(name, sizeof(name));
	}
	q = query_begin(
	    store, "INSERT INTO verdicts (host, state, time, golden, appraised,"
		   " resets, restarts, clock, safe, record, boot_log,"
		   " warning) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	query_text(&q, v->host);
	query_text(&q, verdict_state_name(v->state));
	query_u64(&q, v->time_s);
	query_u64(&q, v->golden);
	query_u64(&q, v->appraised);
	query_u64(&q, v->session.reset_count);
	query_u64(&q, v->session.restart_count);
	query_u64(&q, v->session.clock_ms);
	query_u64(&q, v->session.safe);
	query_blob(&q, basis->record);
	query_blob(&q, log);
	query_text(&q, v->warning);
	return query_run(&q, err);
}

static bool
insert_reasons(struct store *store, uint64_t id, const struct verdict *v,
               struct err *err)
{
	for (size_t i = 0; i < v->n_reasons; i++) {
		struct query q = query_begin(
		    store, "INSERT INTO verdict_reasons VALUES (?, ?, ?, ?)");

		query_u64(&q, id);
		query_u64(&q, i);
		query_text(&q, reason_name(v->reasons[i].code));
		query_text(&q, v->reasons[i].detail);
		if (!query_run(&q, err))
			return false;
	}
	return true;
}

static bool
insert_differences(struct store *store, uint64_t id, const struct verdict *v,
                   struct err *err)
{
	for (size_t i = 0; i < v->n_differences; i++) {
		const struct pcr_difference *d = &v->differences[i];
		struct query q =
		    query_begin(store, "INSERT INTO verdict_differences"
		                       " VALUES (?, ?, ?, ?, ?, ?, ?, ?)");

		query_u64(&q, id);
		query_u64(&q, i);
		query_u64(&q, d->bank);
		query_u64(&q, d->pcr);
		query_blob(&q, digest_span(&d->expected));
		query_blob(&q, digest_span(&d->actual));
		query_text(&q, i < EVENTS_MAX ? v->events[i] : "");
		query_text(&q, i < EVENTS_MAX ? v->event_remedies[i] : "");
		if (!query_run(&q, err))
			return false;
	}
	return true;
}

/* The boot session that a trusted verdict proved, of a host that is enrolled:
 * one that was forgotten meanwhile leaves nothing to its name's next owner. */
static bool
keep_session(struct store *store, const struct verdict *v, struct err *err)
{
	struct query q = query_begin(
	    store, "INSERT OR REPLACE INTO sessions SELECT name, ?2, ?3, ?4, ?5"
		   " FROM hosts WHERE name = ?1");

	query_text(&q, v->host);
	query_u64(&q, v->session.reset_count);
	query_u64(&q, v->session.restart_count);
	query_u64(&q, v->session.clock_ms);
	query_u64(&q, v->session.safe);
	return query_run(&q, err);
}

static bool
prune(struct store *store, const char *host, struct err *err)
{
	struct query q =
	    query_begin(store, "DELETE FROM verdicts WHERE host = ?1 AND id <="
	                       " (SELECT id FROM verdicts WHERE host = ?1"
	                       "  ORDER BY id DESC LIMIT 1 OFFSET 32)");

	_Static_assert(STORE_VERDICTS_KEPT == 32, "the statement above");
	query_text(&q, host);
	return query_run(&q, err);
}

static bool
audit_verdict(struct store *store, const struct verdict *v, const char *asker,
              struct err *err)
{
	char detail[AUDIT_DETAIL_MAX];
	size_t len;

	len = (size_t)snprintf(detail, sizeof(detail), "%s golden=%llu",
	                       verdict_state_name(v->state),
	                       (unsigned long long)v->golden);
	for (size_t i = 0; i < v->n_reasons && len < sizeof(detail); i++)
		len += (size_t)snprintf(detail + len, sizeof(detail) - len,
		                        "%s%s", i == 0 ? " reasons=" : ",",
		                        reason_name(v->reasons[i].code));
	return audit_append(store, asker, "verdict", v->host, detail, err);
}

static bool
add(struct store *store, const struct verdict *v, const struct basis *basis,
    const char *asker, struct err *err)
{
	uint64_t id;

	if (!insert_verdict(store, v, basis, err))
		return false;
	id = (uint64_t)sqlite3_last_insert_rowid(store->db);
	return insert_reasons(store, id, v, err) &&
	       insert_differences(store, id, v, err) &&
	       (v->state != VERDICT_TRUSTED || keep_session(store, v, err)) &&
	       prune(store, v->host, err) &&
	       audit_verdict(store, v, asker, err);
}

bool
store_verdict_add(struct store *store, const struct verdict *v,
                  const struct basis *basis, const char *asker, struct err *err)
{
	if (basis->record.len > RECORD_MAX)
		return err_set(err, ERR_LIMIT, "record: over %d bytes",
		               RECORD_MAX);
	return tx_begin(store, err) &&
	       tx_end(store, add(store, v, basis, asker, err), err);
}

static bool
read_reasons(struct store *store, uint64_t id, struct verdict *v,
             struct err *err)
{
	struct query q =
	    query_begin(store, "SELECT code, detail FROM verdict_reasons"
	                       " WHERE verdict = ? ORDER BY position LIMIT 20");
	bool failed = false, ok = true;

	_Static_assert(REASONS_MAX == 20, "the statement above");
	query_u64(&q, id);
	while (ok && query_row(&q, &failed, err)) {
		struct reason *reason = &v->reasons[v->n_reasons++];
		char code[32];

		column_text(&q, code, sizeof(code));
		column_text(&q, reason->detail, REASON_DETAIL_MAX);
		if (!reason_of(code, &reason->code))
			reason->code = REASON_INTERNAL;
		ok = query_sound(&q, err);
	}
	query_end(&q);
	return ok && !failed;
}

static bool
read_differences(struct store *store, uint64_t id, struct verdict *v,
                 struct err *err)
{
	struct query q = query_begin(
	    store, "SELECT bank, pcr, expected, actual, event, remedy FROM"
		   " verdict_differences WHERE verdict = ?"
		   " ORDER BY position LIMIT 24");
	bool failed = false, ok = true;
	size_t i;

	_Static_assert(DIFFERENCES_MAX == 24, "the statement above");
	query_u64(&q, id);
	while (ok && query_row(&q, &failed, err)) {
		struct pcr_difference *d = &v->differences[v->n_differences];

		i = v->n_differences++;
		d->bank = (uint16_t)column_u64(&q, UINT16_MAX);
		d->pcr = (uint8_t)column_u64(&q, PCR_COUNT - 1);
		d->expected.len =
		    (uint8_t)column_blob(&q, d->expected.at, DIGEST_MAX);
		d->actual.len =
		    (uint8_t)column_blob(&q, d->actual.at, DIGEST_MAX);
		if (i < EVENTS_MAX) {
			column_text(&q, v->events[i], EVENT_MAX);
			column_text(&q, v->event_remedies[i], EVENT_REMEDY_MAX);
		}
		if (pcr_bank_name(d->bank) == NULL)
			q.bad = true;
		ok = query_sound(&q, err);
	}
	query_end(&q);
	return ok && !failed;
}

static void
read_session(struct query *q, struct boot_session *s)
{
	s->reset_count = (uint32_t)column_u64(q, UINT32_MAX);
	s->restart_count = (uint32_t)column_u64(q, UINT32_MAX);
	s->clock_ms = column_u64(q, UINT64_MAX);
	s->safe = column_u64(q, 1) != 0;
}

static bool
read_verdict(struct query *q, struct verdict *v, struct buf *record,
             uint8_t boot_log[SHA256_SIZE], struct err *err)
{
	uint64_t id = column_u64(q, INT64_MAX);
	char state[16];

	column_text(q, v->host, HOST_NAME_MAX_SIZE);
	column_text(q, state, sizeof(state));
	v->time_s = column_u64(q, INT64_MAX);
	v->golden = column_u64(q, INT64_MAX);
	v->appraised = column_u64(q, 1) != 0;
	read_session(q, &v->session);
	if (record != NULL)
		column_buf(q, record);
	else
		q->column++;
	column_text_name(q, boot_log);
	column_text(q, v->warning, REASON_DETAIL_MAX);
	if (!verdict_state_of(state, &v->state))
		q->bad = true;
	return query_sound(q, err) && read_reasons(q->store, id, v, err) &&
	       read_differences(q->store, id, v, err);
}

/* What a verdict rests on is there as long as it is. */
static bool
read_boot_log(struct store *store, const uint8_t name[SHA256_SIZE],
              struct buf *out, struct err *err)
{
	struct err why = {0};

	return out == NULL || span_is_zero(span_of(name, SHA256_SIZE)) ||
	       store_text_get(store, name, out, &why) ||
	       err_set(err, ERR_IO, "store: damaged: a verdict's boot log: %s",
	               why.text);
}

bool
store_verdict_last(struct store *store, const char *host, struct verdict *v,
                   struct buf *record, struct buf *boot_log, struct err *err)
{
	uint8_t log[SHA256_SIZE] = {0};
	struct query q = query_begin(
	    store,
	    "SELECT * FROM verdicts WHERE host = ? ORDER BY id DESC LIMIT 1");
	bool failed, ok = false;

	*v = (struct verdict){0};
	query_text(&q, host);
	if (query_row(&q, &failed, err))
		ok = read_verdict(&q, v, record, log, err);
	else if (!failed)
		err_set(err, ERR_NOT_FOUND, "host '%.100s' has no verdict",
		        host);
	query_end(&q);
	return ok && read_boot_log(store, log, boot_log, err);
}

bool
store_evidence_last(struct store *store, const char *host, struct buf *record,
                    struct buf *boot_log, struct err *err)
{
	uint8_t log[SHA256_SIZE] = {0};
	struct query q = query_begin(
	    store, "SELECT record, boot_log FROM verdicts WHERE host = ? AND"
		   " record <> x'' ORDER BY id DESC LIMIT 1");
	bool failed, found, ok = true;

	query_text(&q, host);
	found = query_row(&q, &failed, err);
	if (found) {
		column_buf(&q, record);
		column_text_name(&q, log);
		ok = query_sound(&q, err);
	}
	query_end(&q);
	return ok && !failed && read_boot_log(store, log, boot_log, err);
}

bool
store_session_last(struct store *store, const char *host,
                   struct boot_session *s, bool *found, struct err *err)
{
	struct query q = query_begin(
	    store, "SELECT resets, restarts, clock, safe FROM sessions"
		   " WHERE host = ?");
	bool failed, ok = true;

	*s = (struct boot_session){0};
	query_text(&q, host);
	*found = query_row(&q, &failed, err);
	if (*found) {
		read_session(&q, s);
		ok = query_sound(&q, err);
	}
	query_end(&q);
	return ok && !failed;
}
