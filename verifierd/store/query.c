/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SQLite statements: bound in order, read in order, asked once. */
#include <assert.h>
#include <string.h>

#include "store/store_private.h"

bool
store_fail(struct store *store, const char *doing, struct err *err)
{
	return err_set(err, ERR_IO, "store: %s: %s", doing,
	               sqlite3_errmsg(store->db));
}

static sqlite3_stmt *
prepared(struct store *store, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	size_t i = 0;

	while (i < store->n_statements && store->statements[i].sql != sql)
		i++;
	if (i < store->n_statements)
		return store->statements[i].stmt;
	assert(i < STATEMENTS_MAX);
	if (sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
	                       &stmt, NULL) != SQLITE_OK)
		return NULL;
	store->statements[i].sql = sql;
	store->statements[i].stmt = stmt;
	store->n_statements++;
	return stmt;
}

struct query
query_begin(struct store *store, const char *sql)
{
	struct query q = {.store = store, .stmt = prepared(store, sql)};

	q.bad = q.stmt == NULL;
	return q;
}

void
query_text(struct query *q, const char *text)
{
	if (!q->bad)
		q->bad = sqlite3_bind_text(q->stmt, ++q->parameter, text, -1,
		                           SQLITE_TRANSIENT) != SQLITE_OK;
}

void
query_blob(struct query *q, struct span bytes)
{
	/* A NULL pointer would bind NULL; an empty blob is a value. */
	const void *at = bytes.len != 0 ? (const void *)bytes.at : "";

	if (!q->bad)
		q->bad =
		    sqlite3_bind_blob64(q->stmt, ++q->parameter, at, bytes.len,
		                        SQLITE_TRANSIENT) != SQLITE_OK;
}

void
query_u64(struct query *q, uint64_t value)
{
	if (!q->bad)
		q->bad = sqlite3_bind_int64(q->stmt, ++q->parameter,
		                            (sqlite3_int64)value) != SQLITE_OK;
}

void
query_end(struct query *q)
{
	if (q->stmt == NULL)
		return;
	(void)sqlite3_reset(q->stmt); /* repeats what step said */
	(void)sqlite3_clear_bindings(q->stmt);
	q->stmt = NULL;
}

bool
query_run(struct query *q, struct err *err)
{
	bool ok = !q->bad && sqlite3_step(q->stmt) == SQLITE_DONE;

	if (!ok)
		store_fail(q->store, "write", err);
	query_end(q);
	return ok;
}

bool
query_row(struct query *q, bool *failed, struct err *err)
{
	int rc = q->bad ? SQLITE_ERROR : sqlite3_step(q->stmt);

	q->column = 0;
	*failed = rc != SQLITE_ROW && rc != SQLITE_DONE;
	if (*failed)
		store_fail(q->store, "read", err);
	return rc == SQLITE_ROW;
}

void
column_text(struct query *q, char *out, size_t size)
{
	int column = q->column++;
	const char *text = (const char *)sqlite3_column_text(q->stmt, column);
	size_t len = (size_t)sqlite3_column_bytes(q->stmt, column);

	out[0] = '\0';
	if (text == NULL || len >= size || strlen(text) != len) {
		q->bad = true;
		return;
	}
	memcpy(out, text, len + 1);
}

size_t
column_blob(struct query *q, uint8_t *out, size_t size)
{
	int column = q->column++;
	const void *at = sqlite3_column_blob(q->stmt, column);
	size_t len = (size_t)sqlite3_column_bytes(q->stmt, column);

	if (sqlite3_column_type(q->stmt, column) != SQLITE_BLOB || len > size) {
		q->bad = true;
		return 0;
	}
	if (len != 0)
		memcpy(out, at, len);
	return len;
}

void
column_bytes(struct query *q, uint8_t *out, size_t size)
{
	if (column_blob(q, out, size) != size)
		q->bad = true;
}

void
column_buf(struct query *q, struct buf *out)
{
	int column = q->column++;
	const void *at = sqlite3_column_blob(q->stmt, column);
	size_t len = (size_t)sqlite3_column_bytes(q->stmt, column);

	if (sqlite3_column_type(q->stmt, column) != SQLITE_BLOB)
		q->bad = true;
	else if (len != 0)
		buf_add(out, span_of(at, len));
}

uint64_t
column_u64(struct query *q, uint64_t max)
{
	int column = q->column++;
	uint64_t value = (uint64_t)sqlite3_column_int64(q->stmt, column);

	if (sqlite3_column_type(q->stmt, column) != SQLITE_INTEGER ||
	    value > max) {
		q->bad = true;
		return 0;
	}
	return value;
}

bool
query_sound(struct query *q, struct err *err)
{
	if (!q->bad)
		return true;
	return err_set(err, ERR_IO,
	               "store: damaged: a value is not what it "
	               "was written as");
}

bool
query_count(struct query *q, uint64_t *out, struct err *err)
{
	bool failed, ok = query_row(q, &failed, err);

	*out = ok ? column_u64(q, INT64_MAX) : 0;
	ok = ok && query_sound(q, err);
	query_end(q);
	return ok;
}
