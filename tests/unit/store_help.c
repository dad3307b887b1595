/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "store_help.h"
#include "sys/sys.h"

static char folder[64], file[96], uri[112];

int
store_set_up(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/virt-attest.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(file, sizeof(file), "%s/v.db", folder);
	snprintf(uri, sizeof(uri), "sqlite:%s", file);
	return 0;
}

int
store_tear_down(void **state)
{
	char path[112];

	(void)state;
	unlink(file);
	snprintf(path, sizeof(path), "%s-wal", file);
	unlink(path);
	return rmdir(folder);
}

struct store *
store_here(void)
{
	struct err err = {0};
	struct store *store = store_open(uri, &err);

	if (store == NULL)
		fail_msg("%s", err.text);
	return store;
}

void
store_tamper(const char *sql)
{
	char *why = NULL;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
	if (sqlite3_total_changes(db) == 0)
		fail_msg("%s: it changed nothing", sql);
	sqlite3_close(db);
}

int
store_count(const char *sql)
{
	sqlite3_stmt *stmt;
	sqlite3 *db;
	int n;

	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL),
	                 SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	n = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return n;
}

const char *
store_file(void)
{
	return file;
}

/* A real one: the store works out its name. */
static void
sample_ak(struct public_bytes *out)
{
	AUTO(buf_done) struct buf bytes = {0};

	assert_true(sys_read_file(FIXTURES_DIR "/quote/ecc.ak", PUBLIC_MAX,
	                          &bytes, NULL));
	memcpy(out->at, bytes.at, bytes.len);
	out->len = bytes.len;
}

struct attester
sample_host(const char *name, uint8_t n)
{
	struct attester a = {
	    .port = (uint16_t)(65535 - n),
	    .label = "rack 3, \"upper\"; DROP TABLE hosts; --",
	    .group = "rack-3",
	    .enrolled_s = 1700000000 + n,
	    .ek_algorithm = "ecc-p256-high",
	    .manufacturer = "STM",
	    .vendor = "ST33",
	    .firmware = UINT64_C(0xfedcba9876543210) + n,
	    .endorser = ENDORSED_BY_CERTIFICATE,
	    .certificate = {.subject = "CN=a host",
	                    .issuer = "CN=a maker's CA,O=maker",
	                    .serial = "0102",
	                    .not_after_s = 2000000000,
	                    .tpm_manufacturer = "id:494E5443",
	                    .tpm_model = "model",
	                    .tpm_version = "id:00010002"},
	};
	uint8_t key[SHA256_SIZE];

	snprintf(a.name, sizeof(a.name), "%s", name);
	snprintf(a.address, sizeof(a.address), "%s.example", name);
	sample_ak(&a.ak);
	memset(a.ek_sha256, 0x40 + n, SHA256_SIZE);
	memset(a.certificate.sha256, 0x50 + n, SHA256_SIZE);
	a.migration_ca.len = 500 + n;
	memset(a.migration_ca.at, 0x30 + n, a.migration_ca.len);
	for (uint8_t i = 0; i < 3; i++) {
		memset(key, 0x90 - i - n, sizeof(key));
		assert_true(endpoint_keys_add(
		    &a.endpoints, i == 2 ? "ssh" : "libvirt-tls", key));
	}
	return a;
}

static void
fill_bank(struct golden *g, uint16_t alg, uint32_t mask, uint8_t n)
{
	size_t b = g->values.selection.n++;

	g->values.selection.banks[b] = (struct pcr_bank){alg, mask};
	for (unsigned p = 0; p < PCR_COUNT; p++) {
		struct digest *value = &g->values.values[b][p];

		if ((mask >> p & 1) == 0)
			continue;
		value->len = (uint8_t)crypto_digest_size(alg);
		memset(value->at, (int)(16 * b + p + n), value->len);
	}
}

struct golden
sample_golden(const char *scope, uint8_t n)
{
	struct golden g = {
	    .label = "kernel 6.1.120",
	    .author = "uid=0",
	    .state = GOLDEN_ACTIVE,
	    .created_s = 1700000000 + n,
	    .valid_from_s = 1000,
	    .valid_until_s = 5000,
	    .allow_sha1 = true,
	    .attest = {.len = 130},
	    .signature = {.len = 72},
	};

	snprintf(g.scope, sizeof(g.scope), "%s", scope);
	memset(g.attest.at, 0x21, g.attest.len);
	memset(g.signature.at, 0x37, g.signature.len);
	fill_bank(&g, TPM_ALG_SHA384, 0x800081, n);
	fill_bank(&g, TPM_ALG_SHA1, 0x000014, n);
	return g;
}

struct golden
sample_judged(const char *scope, uint8_t n)
{
	struct golden g = sample_golden(scope, n);

	g.values = (struct pcr_values){0};
	fill_bank(&g, TPM_ALG_SHA256, 0x000495, n);
	g.by_events = 1 << 4 | 1 << 7;
	g.pins_firmware = true;
	g.firmware = UINT64_C(0xfedcba9876543210) + n;
	return g;
}

uint64_t
add_host(struct store *store, const struct attester *a)
{
	struct golden first = sample_golden(a->name, 0);
	struct err err = {0};

	if (!store_host_add(store, a, &(struct golden_new){.golden = &first},
	                    "uid=0", &err))
		fail_msg("%s", err.text);
	assert_true(first.id != 0);
	return first.id;
}

uint64_t
add_golden(struct store *store, const struct golden *g)
{
	struct golden added = *g;
	struct err err = {0};

	if (!store_golden_add(store, &(struct golden_new){.golden = &added},
	                      "uid=0", &err))
		fail_msg("%s", err.text);
	assert_true(added.id != 0);
	return added.id;
}

void
add_golden_texts(struct store *store, struct golden *g, const char *events,
                 const char *ima_policy)
{
	const struct golden_new new = {g, span_str(events),
	                               span_str(ima_policy)};
	struct err err = {0};

	if (!store_golden_add(store, &new, "uid=0", &err))
		fail_msg("%s", err.text);
}

uint64_t
audit_length(struct store *store)
{
	struct audit_walk walk = {.known = NULL};
	struct err err = {0};

	if (!store_audit_walk(store, &walk, &err))
		fail_msg("%s", err.text);
	return walk.head.size;
}

struct digest
text_digest(const char *text)
{
	struct span part = span_str(text);
	struct digest digest;

	assert_true(crypto_hash(TPM_ALG_SHA256, &part, 1, &digest));
	return digest;
}

bool
has_text(struct store *store, const char *text)
{
	const struct digest digest = text_digest(text);
	AUTO(buf_done) struct buf got = {0};
	struct err err = {0};

	if (!store_text_get(store, digest.at, &got, &err)) {
		assert_int_equal(err.code, ERR_NOT_FOUND);
		assert_int_equal(got.len, 0);
		return false;
	}
	assert_true(span_eq(buf_span(&got), span_str(text)));
	return true;
}

static void
assert_certificate_eq(const struct certificate *a, const struct certificate *b)
{
	assert_memory_equal(a->sha256, b->sha256, SHA256_SIZE);
	assert_string_equal(a->subject, b->subject);
	assert_string_equal(a->issuer, b->issuer);
	assert_string_equal(a->serial, b->serial);
	assert_int_equal(a->not_after_s, b->not_after_s);
	assert_string_equal(a->tpm_manufacturer, b->tpm_manufacturer);
	assert_string_equal(a->tpm_model, b->tpm_model);
	assert_string_equal(a->tpm_version, b->tpm_version);
}

void
assert_host_eq(const struct attester *a, const struct attester *b)
{
	assert_string_equal(a->name, b->name);
	assert_string_equal(a->address, b->address);
	assert_int_equal(a->port, b->port);
	assert_string_equal(a->label, b->label);
	assert_string_equal(a->group, b->group);
	assert_int_equal(a->enrolled_s, b->enrolled_s);
	assert_true(span_eq(span_of(a->ak.at, a->ak.len),
	                    span_of(b->ak.at, b->ak.len)));
	assert_memory_equal(a->ek_sha256, b->ek_sha256, SHA256_SIZE);
	assert_string_equal(a->ek_algorithm, b->ek_algorithm);
	assert_string_equal(a->manufacturer, b->manufacturer);
	assert_string_equal(a->vendor, b->vendor);
	assert_true(a->firmware == b->firmware);
	assert_true(endpoint_keys_eq(&a->endpoints, &b->endpoints));
	assert_true(span_eq(span_of(a->migration_ca.at, a->migration_ca.len),
	                    span_of(b->migration_ca.at, b->migration_ca.len)));
	assert_int_equal(a->endorser, b->endorser);
	assert_certificate_eq(&a->certificate, &b->certificate);
}

void
assert_golden_eq(const struct golden *a, const struct golden *b)
{
	assert_int_equal(a->id, b->id);
	assert_int_equal(a->of_group, b->of_group);
	assert_string_equal(a->scope, b->scope);
	assert_string_equal(a->label, b->label);
	assert_string_equal(a->author, b->author);
	assert_int_equal(a->state, b->state);
	assert_int_equal(a->created_s, b->created_s);
	assert_int_equal(a->valid_from_s, b->valid_from_s);
	assert_int_equal(a->valid_until_s, b->valid_until_s);
	assert_int_equal(a->allow_sha1, b->allow_sha1);
	assert_true(
	    pcr_selection_eq(&a->values.selection, &b->values.selection));
	for (size_t i = 0; i < PCR_BANKS_MAX; i++)
		for (unsigned p = 0; p < PCR_COUNT; p++)
			assert_true(
			    span_eq(digest_span(&a->values.values[i][p]),
			            digest_span(&b->values.values[i][p])));
	assert_int_equal(a->by_events, b->by_events);
	assert_int_equal(a->pins_firmware, b->pins_firmware);
	assert_true(a->firmware == b->firmware);
	assert_memory_equal(a->events, b->events, SHA256_SIZE);
	assert_memory_equal(a->ima_policy, b->ima_policy, SHA256_SIZE);
	assert_true(span_eq(span_of(a->attest.at, a->attest.len),
	                    span_of(b->attest.at, b->attest.len)));
	assert_true(span_eq(span_of(a->signature.at, a->signature.len),
	                    span_of(b->signature.at, b->signature.len)));
}
