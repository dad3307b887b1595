/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/store_private.h"

static bool
insert_pcr(struct store *store, const struct golden *g, size_t b, unsigned p,
           struct err *err)
{
	struct query q = query_begin(
	    store, "INSERT INTO golden_pcrs VALUES (?, ?, ?, ?, ?)");

	query_u64(&q, g->id);
	query_u64(&q, b);
	query_u64(&q, g->values.selection.banks[b].alg);
	query_u64(&q, p);
	query_blob(&q, digest_span(&g->values.values[b][p]));
	return query_run(&q, err);
}

static bool
insert_pcrs(struct store *store, const struct golden *g, struct err *err)
{
	for (size_t b = 0; b < g->values.selection.n; b++)
		for (unsigned p = 0; p < PCR_COUNT; p++)
			if ((g->values.selection.banks[b].mask >> p & 1) != 0 &&
			    !insert_pcr(store, g, b, p, err))
				return false;
	return true;
}

/* No text has the name of zeroes. */
static struct span
text_name(const uint8_t sha256[SHA256_SIZE])
{
	struct span name = span_of(sha256, SHA256_SIZE);

	if (span_is_zero(name))
		name.len = 0;
	return name;
}

static bool
add_text(struct store *store, struct span text, uint8_t name[SHA256_SIZE],
         struct err *err)
{
	memset(name, 0, SHA256_SIZE);
	return text.len == 0 || text_insert(store, text, name, err);
}

static bool
add_texts(struct store *store, const struct golden_new *new, struct err *err)
{
	struct golden *g = new->golden;

	return add_text(store, new->events, g->events, err) &&
	       add_text(store, new->ima_policy, g->ima_policy, err) &&
	       golden_is_whole(g, err);
}

bool
golden_insert(struct store *store, const struct golden_new *new,
              struct err *err)
{
	struct golden *g = new->golden;
	struct query q;

	if (!add_texts(store, new, err))
		return false;
	q = query_begin(
	    store, "INSERT INTO goldens (of_group, scope, label, author, state,"
		   " created, valid_from, valid_until, allow_sha1, attest,"
		   " signature, by_events, pins_firmware, firmware, events,"
		   " ima_policy) VALUES"
		   " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");

	query_u64(&q, g->of_group);
	query_text(&q, g->scope);
	query_text(&q, g->label);
	query_text(&q, g->author);
	query_text(&q, golden_state_name(g->state));
	query_u64(&q, g->created_s);
	query_u64(&q, g->valid_from_s);
	query_u64(&q, g->valid_until_s);
	query_u64(&q, g->allow_sha1);
	query_blob(&q, span_of(g->attest.at, g->attest.len));
	query_blob(&q, span_of(g->signature.at, g->signature.len));
	query_u64(&q, g->by_events);
	query_u64(&q, g->pins_firmware);
	query_u64(&q, g->firmware);
	query_blob(&q, text_name(g->events));
	query_blob(&q, text_name(g->ima_policy));
	if (!query_run(&q, err))
		return false;
	g->id = (uint64_t)sqlite3_last_insert_rowid(store->db);
	return insert_pcrs(store, g, err);
}

/* No byte is a value that nobody knows, of a PCR that events judge. */
static bool
is_value(const struct golden *g, uint16_t alg, unsigned p, size_t len)
{
	return (len != 0 && len == crypto_digest_size(alg)) ||
	       (len == 0 && pcr_bank_name(alg) != NULL &&
	        (g->by_events >> p & 1) != 0);
}

static void
take_value(struct query *q, struct golden *g)
{
	struct pcr_values *v = &g->values;
	size_t b = column_u64(q, PCR_BANKS_MAX - 1);
	uint16_t alg = (uint16_t)column_u64(q, UINT16_MAX);
	unsigned p = (unsigned)column_u64(q, PCR_COUNT - 1);
	struct pcr_bank *bank = &v->selection.banks[b];
	struct digest *value = &v->values[b][p];

	value->len = (uint8_t)column_blob(q, value->at, DIGEST_MAX);
	/* Banks come in order and without a gap, each of one algorithm. */
	if (b > v->selection.n || (b < v->selection.n && bank->alg != alg) ||
	    !is_value(g, alg, p, value->len)) {
		q->bad = true;
		return;
	}
	if (b == v->selection.n)
		v->selection.n++;
	bank->alg = alg;
	bank->mask |= UINT32_C(1) << p;
}

static bool
read_values(struct store *store, struct golden *g, struct err *err)
{
	struct query q = query_begin(
	    store, "SELECT position, bank, pcr, value FROM golden_pcrs"
		   " WHERE golden = ? ORDER BY position, pcr");
	bool failed = false, ok = true;

	query_u64(&q, g->id);
	while (ok && query_row(&q, &failed, err)) {
		take_value(&q, g);
		ok = query_sound(&q, err);
	}
	query_end(&q);
	return ok && !failed;
}

bool
golden_read(struct query *q, struct golden *g, struct err *err)
{
	char state[16];

	*g = (struct golden){0};
	g->id = column_u64(q, INT64_MAX);
	g->of_group = column_u64(q, 1) != 0;
	column_text(q, g->scope, HOST_NAME_MAX_SIZE);
	column_text(q, g->label, GOLDEN_LABEL_MAX);
	column_text(q, g->author, GOLDEN_AUTHOR_MAX);
	column_text(q, state, sizeof(state));
	g->created_s = column_u64(q, INT64_MAX);
	g->valid_from_s = column_u64(q, INT64_MAX);
	g->valid_until_s = column_u64(q, INT64_MAX);
	g->allow_sha1 = column_u64(q, 1) != 0;
	g->attest.len = column_blob(q, g->attest.at, ATTEST_MAX);
	g->signature.len = column_blob(q, g->signature.at, SIGNATURE_MAX);
	g->by_events = (uint32_t)column_u64(q, UINT32_MAX);
	g->pins_firmware = column_u64(q, 1) != 0;
	g->firmware = column_u64(q, UINT64_MAX);
	column_text_name(q, g->events);
	column_text_name(q, g->ima_policy);
	if (!golden_state_of(state, &g->state))
		q->bad = true;
	return query_sound(q, err) && read_values(q->store, g, err);
}

bool
store_golden_get(struct store *store, uint64_t id, struct golden *g,
                 struct err *err)
{
	struct query q =
	    query_begin(store, "SELECT * FROM goldens WHERE id = ?");
	bool failed, ok = false;

	query_u64(&q, id);
	if (query_row(&q, &failed, err))
		ok = golden_read(&q, g, err);
	else if (!failed)
		err_set(err, ERR_NOT_FOUND, "no golden value %llu",
		        (unsigned long long)id);
	query_end(&q);
	return ok;
}

bool
store_goldens(struct store *store, const char *scope,
              bool (*each)(void *, const struct golden *), void *arg,
              struct err *err)
{
	struct query q =
	    query_begin(store, "SELECT * FROM goldens WHERE ?1 = '' OR"
	                       " scope = ?1 ORDER BY id");
	bool failed = false, ok = true;

	query_text(&q, scope != NULL ? scope : "");
	while (ok && query_row(&q, &failed, err)) {
		struct golden g;

		ok = golden_read(&q, &g, err);
		if (!ok || !each(arg, &g))
			break;
	}
	query_end(&q);
	return ok && !failed;
}

bool
store_goldens_live(struct store *store, const struct attester *a,
                   uint64_t now_s, struct golden **out, size_t *n,
                   struct err *err)
{
	struct query q = query_begin(
	    store, "SELECT * FROM goldens WHERE state = 'active' AND"
		   " ((of_group = 0 AND scope = ?) OR"
		   "  (of_group = 1 AND ? <> '' AND scope = ?))"
		   " ORDER BY id DESC");
	bool failed = false, ok = true;

	*out = NULL;
	*n = 0;
	query_text(&q, a->name);
	query_text(&q, a->group);
	query_text(&q, a->group);
	while (ok && *n < STORE_LIVE_MAX && query_row(&q, &failed, err)) {
		*out = mem_grow(*out, *n + 1, sizeof(**out));
		ok = golden_read(&q, &(*out)[*n], err);
		if (ok && golden_is_live(&(*out)[*n], now_s))
			(*n)++;
	}
	query_end(&q);
	if (ok && !failed)
		return true;
	free(*out);
	*out = NULL;
	*n = 0;
	return false;
}

static bool
add(struct store *store, const struct golden_new *new, const char *actor,
    struct err *err)
{
	const struct golden *g = new->golden;
	char detail[AUDIT_DETAIL_MAX];

	if (!golden_insert(store, new, err))
		return false;
	snprintf(detail, sizeof(detail), "golden=%llu state=%s label=%s",
	         (unsigned long long)g->id, golden_state_name(g->state),
	         g->label);
	return audit_append(store, actor, "golden-add", g->scope, detail, err);
}

bool
store_golden_add(struct store *store, const struct golden_new *new,
                 const char *actor, struct err *err)
{
	const struct golden *g = new->golden;
	struct attester host;

	if (!g->of_group && !store_host_get(store, g->scope, &host, err))
		return false;
	return tx_begin(store, err) &&
	       tx_end(store, add(store, new, actor, err), err);
}

static bool
set(struct store *store, const struct golden *g, enum golden_state state,
    const char *actor, struct err *err)
{
	char detail[AUDIT_DETAIL_MAX];
	struct query q =
	    query_begin(store, "UPDATE goldens SET state = ? WHERE id = ?");

	query_text(&q, golden_state_name(state));
	query_u64(&q, g->id);
	if (!query_run(&q, err))
		return false;
	snprintf(detail, sizeof(detail), "golden=%llu %s -> %s",
	         (unsigned long long)g->id, golden_state_name(g->state),
	         golden_state_name(state));
	return audit_append(store, actor, "golden-set", g->scope, detail, err);
}

bool
store_golden_set(struct store *store, uint64_t id, enum golden_state state,
                 const char *actor, struct err *err)
{
	struct golden g;

	if (!store_golden_get(store, id, &g, err))
		return false;
	/* Forward only: what was revoked is not approved again. */
	if (state <= g.state)
		return err_set(err, ERR_CONFLICT, "golden value %llu is %s",
		               (unsigned long long)id,
		               golden_state_name(g.state));
	return tx_begin(store, err) &&
	       tx_end(store, set(store, &g, state, actor, err), err);
}
