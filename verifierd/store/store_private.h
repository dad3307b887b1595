/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the store share.  SQLite's types end here. */
#ifndef STORE_STORE_PRIVATE_H
#define STORE_STORE_PRIVATE_H

#include <sqlite3.h>

#include "store/numbers.h"

enum { STATEMENTS_MAX = 96 };

struct store {
	sqlite3 *db;
	bool batching;
	uint64_t began_us; /* the transaction */
	struct store_numbers numbers;
	size_t n_statements;
	struct {
		const char *sql; /* the literal itself is the key */
		sqlite3_stmt *stmt;
	} statements[STATEMENTS_MAX];
};

/* A statement at work.  Parameters are bound in order; a failure latches, and
 * so does a column that is not what the schema says. */
struct query {
	struct store *store;
	sqlite3_stmt *stmt;
	int parameter;
	int column;
	bool bad;
};

/* `sql` is a string literal, prepared once and kept. */
struct query query_begin(struct store *, const char *sql);
void query_text(struct query *, const char *);
void query_blob(struct query *, struct span);
void query_u64(struct query *, uint64_t);

/* Runs a statement that gives no row, and ends it. */
MUST_CHECK bool query_run(struct query *, struct err *);

/* Whether there is a(nother) row; `*failed` (with err) when the database could
 * not say.  A row's columns are read in order. */
bool query_row(struct query *, bool *failed, struct err *);
void column_text(struct query *, char *out, size_t size);
size_t column_blob(struct query *, uint8_t *out, size_t size);
void column_bytes(struct query *, uint8_t *out, size_t size);
uint64_t column_u64(struct query *, uint64_t max);
/* A blob of any size, behind what is in `out`. */
void column_buf(struct query *, struct buf *out);
/* All columns of this row were what they must be. */
MUST_CHECK bool query_sound(struct query *, struct err *);
void query_end(struct query *);
/* Runs a statement whose one row is a number, and ends it. */
MUST_CHECK bool query_count(struct query *, uint64_t *out, struct err *);

/* The database's own reason. */
bool store_fail(struct store *, const char *doing, struct err *);

/* A transaction, or a part of the batch's.  tx_end(ok = false) undoes it; it
 * returns whether everything is as it should. */
MUST_CHECK bool tx_begin(struct store *, struct err *);
MUST_CHECK bool tx_end(struct store *, bool ok, struct err *);

/* Append to the audit log, inside a transaction. */
MUST_CHECK bool audit_append(struct store *, const char *actor,
                             const char *event, const char *subject,
                             const char *detail, struct err *);

/* texts.c, inside a transaction. */
MUST_CHECK bool text_insert(struct store *, struct span text,
                            uint8_t out[SHA256_SIZE], struct err *);
/* The digest of a text in a column; an empty one is none, and leaves `out`. */
void column_text_name(struct query *, uint8_t out[SHA256_SIZE]);

/* goldens.c, inside a transaction. */
MUST_CHECK bool golden_insert(struct store *, const struct golden_new *,
                              struct err *);
/* A row of the whole table. */
MUST_CHECK bool golden_read(struct query *, struct golden *, struct err *);

/* trials.c: the candidate and its trial, that must be under way; how many hosts
 * agree: one TPM under two names, be it by its EK or by its AK, is one. */
struct trial;
MUST_CHECK bool trial_running(struct store *, uint64_t golden, uint64_t now_s,
                              struct golden *, struct trial *, struct err *);
MUST_CHECK bool trial_count_agreed(struct store *, struct trial *,
                                   struct err *);

#endif
