/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/store_private.h"

enum { SCHEMA_VERSION = 7, APPLICATION_ID = 0x56417474, BUSY_MS = 2000 };

/* The hosts' table has no UPDATE anywhere: an identity is for ever. */
static const char schema_1[] =
    "CREATE TABLE hosts ("
    " name TEXT PRIMARY KEY COLLATE NOCASE, address TEXT NOT NULL,"
    " port INTEGER NOT NULL, label TEXT NOT NULL, grp TEXT NOT NULL,"
    " enrolled INTEGER NOT NULL, ak BLOB NOT NULL, ek BLOB NOT NULL,"
    " ek_algorithm TEXT NOT NULL, manufacturer TEXT NOT NULL,"
    " vendor TEXT NOT NULL, firmware INTEGER NOT NULL) STRICT;"
    "CREATE TABLE endpoint_keys ("
    " host TEXT NOT NULL COLLATE NOCASE REFERENCES hosts ON DELETE CASCADE,"
    " kind TEXT NOT NULL, sha256 BLOB NOT NULL,"
    " PRIMARY KEY (host, kind, sha256)) STRICT;"
    "CREATE TABLE goldens ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, of_group INTEGER NOT NULL,"
    " scope TEXT NOT NULL COLLATE NOCASE, label TEXT NOT NULL,"
    " author TEXT NOT NULL, state TEXT NOT NULL, created INTEGER NOT NULL,"
    " valid_from INTEGER NOT NULL, valid_until INTEGER NOT NULL,"
    " allow_sha1 INTEGER NOT NULL, attest BLOB NOT NULL,"
    " signature BLOB NOT NULL) STRICT;"
    "CREATE INDEX goldens_scope ON goldens (scope, of_group);"
    "CREATE TABLE golden_pcrs ("
    " golden INTEGER NOT NULL REFERENCES goldens ON DELETE CASCADE,"
    " position INTEGER NOT NULL, bank INTEGER NOT NULL,"
    " pcr INTEGER NOT NULL, value BLOB NOT NULL,"
    " PRIMARY KEY (golden, position, pcr)) STRICT;"
    "CREATE TABLE verdicts ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " host TEXT NOT NULL COLLATE NOCASE, state TEXT NOT NULL,"
    " time INTEGER NOT NULL, golden INTEGER NOT NULL,"
    " appraised INTEGER NOT NULL, resets INTEGER NOT NULL,"
    " restarts INTEGER NOT NULL, clock INTEGER NOT NULL,"
    " safe INTEGER NOT NULL, record BLOB NOT NULL) STRICT;"
    "CREATE INDEX verdicts_host ON verdicts (host, id);"
    "CREATE TABLE verdict_reasons ("
    " verdict INTEGER NOT NULL REFERENCES verdicts ON DELETE CASCADE,"
    " position INTEGER NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL,"
    " PRIMARY KEY (verdict, position)) STRICT;"
    "CREATE TABLE verdict_differences ("
    " verdict INTEGER NOT NULL REFERENCES verdicts ON DELETE CASCADE,"
    " position INTEGER NOT NULL, bank INTEGER NOT NULL,"
    " pcr INTEGER NOT NULL, expected BLOB NOT NULL, actual BLOB NOT NULL,"
    " PRIMARY KEY (verdict, position)) STRICT;"
    "CREATE TABLE sessions ("
    " host TEXT PRIMARY KEY COLLATE NOCASE, resets INTEGER NOT NULL,"
    " restarts INTEGER NOT NULL, clock INTEGER NOT NULL,"
    " safe INTEGER NOT NULL) STRICT;"
    "CREATE TABLE audit ("
    " sequence INTEGER PRIMARY KEY, time INTEGER NOT NULL,"
    " actor TEXT NOT NULL, event TEXT NOT NULL, subject TEXT NOT NULL,"
    " detail TEXT NOT NULL, hash BLOB NOT NULL) STRICT;"
    "CREATE TABLE audit_head ("
    " one INTEGER PRIMARY KEY CHECK (one = 1), sequence INTEGER NOT NULL,"
    " hash BLOB NOT NULL) STRICT;"
    "INSERT INTO audit_head VALUES (1, 0, zeroblob(32));"
    "PRAGMA application_id = 0x56417474;"
    "PRAGMA user_version = 1;";

/* What an enrolment rests on. */
static const char schema_2[] =
    "ALTER TABLE hosts ADD COLUMN endorser TEXT NOT NULL DEFAULT 'nobody';"
    "ALTER TABLE hosts ADD COLUMN certificate BLOB NOT NULL DEFAULT"
    " x'0000000000000000000000000000000000000000000000000000000000000000';"
    "ALTER TABLE hosts ADD COLUMN subject TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE hosts ADD COLUMN issuer TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE hosts ADD COLUMN serial TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE hosts ADD COLUMN not_after INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE hosts ADD COLUMN tpm_maker TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE hosts ADD COLUMN tpm_model TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE hosts ADD COLUMN tpm_version TEXT NOT NULL DEFAULT '';"
    "CREATE INDEX hosts_ek ON hosts (ek);"
    "CREATE INDEX hosts_ak ON hosts (ak);"
    "PRAGMA user_version = 2;";

/* The verifier's own key, that its attestation results are signed with. */
static const char schema_3[] =
    "CREATE TABLE signing_keys ("
    " use TEXT PRIMARY KEY, kid TEXT NOT NULL, made INTEGER NOT NULL,"
    " private BLOB NOT NULL) STRICT;"
    "PRAGMA user_version = 3;";

/* Golden values from logs.  Texts are kept by their digest, as long as
 * something refers to them: reference events, IMA policies, boot logs that a
 * verdict rests on.  A host may give one of the others as its boot log, so both
 * triggers ask both tables. */
static const char schema_4[] =
    "CREATE TABLE texts ("
    " sha256 BLOB PRIMARY KEY, body BLOB NOT NULL) STRICT;"
    "ALTER TABLE goldens ADD COLUMN by_events INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE goldens ADD COLUMN pins_firmware INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE goldens ADD COLUMN firmware INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE goldens ADD COLUMN events BLOB NOT NULL DEFAULT x'';"
    "ALTER TABLE goldens ADD COLUMN ima_policy BLOB NOT NULL DEFAULT x'';"
    "ALTER TABLE verdicts ADD COLUMN boot_log BLOB NOT NULL DEFAULT x'';"
    "ALTER TABLE verdicts ADD COLUMN warning TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE verdict_differences ADD COLUMN event TEXT NOT NULL"
    " DEFAULT '';"
    "ALTER TABLE verdict_differences ADD COLUMN remedy TEXT NOT NULL"
    " DEFAULT '';"
    "CREATE INDEX verdicts_boot_log ON verdicts (boot_log)"
    " WHERE boot_log <> x'';"
    "CREATE TRIGGER verdict_gone AFTER DELETE ON verdicts"
    " WHEN old.boot_log <> x'' BEGIN"
    "  DELETE FROM texts WHERE sha256 = old.boot_log AND NOT EXISTS"
    "   (SELECT 1 FROM verdicts WHERE boot_log = old.boot_log AND"
    "    boot_log <> x'') AND NOT EXISTS"
    "   (SELECT 1 FROM goldens WHERE events = old.boot_log OR"
    "    ima_policy = old.boot_log);"
    " END;"
    "CREATE TRIGGER golden_gone AFTER DELETE ON goldens BEGIN"
    "  DELETE FROM texts WHERE sha256 IN (old.events, old.ima_policy) AND"
    "   NOT EXISTS (SELECT 1 FROM goldens WHERE events = sha256 OR"
    "    ima_policy = sha256) AND NOT EXISTS (SELECT 1 FROM verdicts WHERE"
    "    boot_log = sha256 AND boot_log <> x'');"
    " END;"
    "PRAGMA user_version = 4;";

/* Candidates on trial, and the hosts that agree.  However a golden value ends
 * to be a candidate, its trial ends with that. */
static const char schema_5[] =
    "CREATE TABLE trials ("
    " golden INTEGER PRIMARY KEY REFERENCES goldens ON DELETE CASCADE,"
    " began INTEGER NOT NULL, until INTEGER NOT NULL,"
    " hosts INTEGER NOT NULL, promoter TEXT NOT NULL,"
    " approver TEXT NOT NULL) STRICT;"
    "CREATE INDEX trials_until ON trials (until);"
    "CREATE TABLE trial_hosts ("
    " golden INTEGER NOT NULL REFERENCES trials ON DELETE CASCADE,"
    " host TEXT NOT NULL COLLATE NOCASE REFERENCES hosts ON DELETE CASCADE,"
    " time INTEGER NOT NULL, PRIMARY KEY (golden, host)) STRICT;"
    "CREATE INDEX trial_hosts_host ON trial_hosts (host);"
    "CREATE TRIGGER trial_over AFTER UPDATE OF state ON goldens"
    " WHEN new.state <> 'candidate' BEGIN"
    "  DELETE FROM trials WHERE golden = new.id;"
    " END;"
    "PRAGMA user_version = 5;";

/* The CA of a host's migration certificates, DER; empty: none. */
static const char schema_6[] =
    "ALTER TABLE hosts ADD COLUMN migration_ca BLOB NOT NULL DEFAULT x'';"
    "PRAGMA user_version = 6;";

/* What the audit log was, under the verifier's signature. */
static const char schema_7[] =
    "CREATE TABLE audit_checkpoints ("
    " size INTEGER PRIMARY KEY, time INTEGER NOT NULL,"
    " jwt TEXT NOT NULL) STRICT;"
    "PRAGMA user_version = 7;";

/* EXCLUSIVE: one process a store; the lock goes with the process. */
static const char settings[] = "PRAGMA locking_mode = EXCLUSIVE;"
			       "PRAGMA journal_mode = WAL;"
			       "PRAGMA synchronous = FULL;"
			       "PRAGMA foreign_keys = ON;"
			       "PRAGMA trusted_schema = OFF;"
			       "PRAGMA cell_size_check = ON;";

static bool
read_pragma(struct store *store, const char *sql, uint64_t *out,
            struct err *err)
{
	struct query q = query_begin(store, sql);
	bool failed, found = query_row(&q, &failed, err);

	*out = found ? column_u64(&q, UINT32_MAX) : 0;
	query_end(&q);
	return found;
}

/* From `version` on, step by step, to the tables of today. */
static bool
alter_tables(struct store *store, uint64_t version, struct err *err)
{
	int rc = SQLITE_OK;

	if (version < 1)
		rc = sqlite3_exec(store->db, schema_1, NULL, NULL, NULL);
	if (rc == SQLITE_OK && version < 2)
		rc = sqlite3_exec(store->db, schema_2, NULL, NULL, NULL);
	if (rc == SQLITE_OK && version < 3)
		rc = sqlite3_exec(store->db, schema_3, NULL, NULL, NULL);
	if (rc == SQLITE_OK && version < 4)
		rc = sqlite3_exec(store->db, schema_4, NULL, NULL, NULL);
	if (rc == SQLITE_OK && version < 5)
		rc = sqlite3_exec(store->db, schema_5, NULL, NULL, NULL);
	if (rc == SQLITE_OK && version < 6)
		rc = sqlite3_exec(store->db, schema_6, NULL, NULL, NULL);
	if (rc == SQLITE_OK && version < 7)
		rc = sqlite3_exec(store->db, schema_7, NULL, NULL, NULL);
	return rc == SQLITE_OK || store_fail(store, "alter tables", err);
}

static bool
make_tables(struct store *store, struct err *err)
{
	uint64_t version, application;

	if (!read_pragma(store, "PRAGMA user_version", &version, err) ||
	    !read_pragma(store, "PRAGMA application_id", &application, err))
		return false;
	if (version == SCHEMA_VERSION && application == APPLICATION_ID)
		return true;
	if (version > SCHEMA_VERSION && application == APPLICATION_ID)
		return err_set(err, ERR_VERSION,
		               "store: made by a later version (%llu)",
		               (unsigned long long)version);
	if (application != (version == 0 ? 0 : APPLICATION_ID))
		return err_set(err, ERR_CONFIG,
		               "store: another program's database");
	return tx_begin(store, err) &&
	       tx_end(store, alter_tables(store, version, err), err);
}

static bool
open_file(struct store *store, const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int rc;

	if (fd < 0)
		return err_set(err, ERR_IO, "store: %.150s: %s", path,
		               strerror(errno));
	close(fd);
	if (sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE, NULL) !=
	    SQLITE_OK)
		return err_set(err, ERR_IO, "store: %.150s: cannot be opened",
		               path);
	(void)sqlite3_extended_result_codes(store->db, 1);
	(void)sqlite3_busy_timeout(store->db, BUSY_MS);
	rc = sqlite3_exec(store->db, settings, NULL, NULL, NULL);
	if ((rc & 0xff) == SQLITE_BUSY)
		return err_set(err, ERR_EXISTS,
		               "store: %.150s: another process holds it", path);
	if (rc != SQLITE_OK)
		return store_fail(store, path, err);
	return true;
}

/* There is a private key in it: ours alone, whatever it was copied as.  Not
 * before it is known to be a store of ours. */
static bool
keep_private(const char *path, struct err *err)
{
	static const char *const parts[] = {"", "-wal"};
	char name[PATH_MAX + sizeof("-wal")];

	for (size_t i = 0; i < LENGTH_OF(parts); i++) {
		snprintf(name, sizeof(name), "%s%s", path, parts[i]);
		if (chmod(name, 0600) != 0 && (i == 0 || errno != ENOENT))
			return err_set(err, ERR_IO, "store: %.150s: %s", name,
			               strerror(errno));
	}
	return true;
}

struct store *
store_open(const char *uri, struct err *err)
{
	static const char kind[] = "sqlite:";
	struct store *store;

	if (strncmp(uri, kind, sizeof(kind) - 1) != 0) {
		err_set(err, ERR_CONFIG, "store '%.80s': not sqlite:PATH", uri);
		return NULL;
	}
	store = mem_new(1, sizeof(*store));
	if (open_file(store, uri + sizeof(kind) - 1, err) &&
	    make_tables(store, err) &&
	    keep_private(uri + sizeof(kind) - 1, err))
		return store;
	store_close(store);
	return NULL;
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	for (size_t i = 0; i < store->n_statements; i++)
		(void)sqlite3_finalize(store->statements[i].stmt);
	(void)sqlite3_close(store->db);
	free(store);
}

static bool
run(struct store *store, const char *sql, struct err *err)
{
	struct query q = query_begin(store, sql);

	return query_run(&q, err);
}

static uint64_t
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* Not what was refused by its content. */
static bool
failed(struct store *store, const struct err *err)
{
	if (err == NULL || err->code == ERR_IO)
		store->numbers.failures++;
	return false;
}

static bool
begin(struct store *store, struct err *err)
{
	store->began_us = now_us();
	return run(store, "BEGIN IMMEDIATE", err) || failed(store, err);
}

bool
tx_begin(struct store *store, struct err *err)
{
	return store->batching ? run(store, "SAVEPOINT part", err)
	                       : begin(store, err);
}

/* SQLite may have rolled back by itself (a full disk): then it is done. */
static void
undo(struct store *store)
{
	if (sqlite3_get_autocommit(store->db) == 0 &&
	    !run(store, "ROLLBACK", NULL))
		abort(); /* a store that can neither write nor undo */
}

bool
tx_end(struct store *store, bool ok, struct err *err)
{
	if (store->batching && ok)
		return run(store, "RELEASE part", err);
	if (store->batching) {
		if (sqlite3_get_autocommit(store->db) == 0 &&
		    (!run(store, "ROLLBACK TO part", NULL) ||
		     !run(store, "RELEASE part", NULL)))
			undo(store);
		return failed(store, err);
	}
	if (ok && run(store, "COMMIT", err)) {
		histogram_add(&store->numbers.writes, &histogram_times,
		              now_us() - store->began_us);
		return true;
	}
	undo(store);
	return failed(store, err);
}

bool
store_batch_begin(struct store *store, struct err *err)
{
	if (!begin(store, err))
		return false;
	store->batching = true;
	return true;
}

bool
store_batch_end(struct store *store, struct err *err)
{
	bool whole = sqlite3_get_autocommit(store->db) == 0;

	store->batching = false;
	if (!whole)
		return err_set(err, ERR_IO, "store: the batch was undone");
	return tx_end(store, true, err);
}
