/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "store/kept.h"
#include "store/store_private.h"

static bool
insert_keys(struct store *store, const struct attester *a, struct err *err)
{
	for (size_t i = 0; i < a->endpoints.n; i++) {
		struct query q = query_begin(
		    store, "INSERT INTO endpoint_keys VALUES (?, ?, ?)");

		query_text(&q, a->name);
		query_text(&q, a->endpoints.keys[i].kind);
		query_blob(&q,
		           span_of(a->endpoints.keys[i].sha256, SHA256_SIZE));
		if (!query_run(&q, err))
			return false;
	}
	return true;
}

static bool
insert_host(struct store *store, const struct attester *a, struct err *err)
{
	struct query q =
	    query_begin(store, "INSERT INTO hosts VALUES"
	                       " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
	                       " ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	const struct certificate *c = &a->certificate;

	query_text(&q, a->name);
	query_text(&q, a->address);
	query_u64(&q, a->port);
	query_text(&q, a->label);
	query_text(&q, a->group);
	query_u64(&q, a->enrolled_s);
	query_blob(&q, span_of(a->ak.at, a->ak.len));
	query_blob(&q, span_of(a->ek_sha256, SHA256_SIZE));
	query_text(&q, a->ek_algorithm);
	query_text(&q, a->manufacturer);
	query_text(&q, a->vendor);
	query_u64(&q, a->firmware);
	query_text(&q, endorser_name(a->endorser));
	query_blob(&q, span_of(c->sha256, SHA256_SIZE));
	query_text(&q, c->subject);
	query_text(&q, c->issuer);
	query_text(&q, c->serial);
	query_u64(&q, c->not_after_s);
	query_text(&q, c->tpm_manufacturer);
	query_text(&q, c->tpm_model);
	query_text(&q, c->tpm_version);
	query_blob(&q, span_of(a->migration_ca.at, a->migration_ca.len));
	return query_run(&q, err) && insert_keys(store, a, err);
}

static bool
read_keys(struct store *store, struct attester *a, struct err *err)
{
	struct query q = query_begin(
	    store, "SELECT kind, sha256 FROM endpoint_keys WHERE host = ?");
	bool failed = false, ok = true;

	query_text(&q, a->name);
	while (ok && query_row(&q, &failed, err)) {
		uint8_t sha256[SHA256_SIZE] = {0};
		char kind[ENDPOINT_KIND_MAX];

		column_text(&q, kind, sizeof(kind));
		column_bytes(&q, sha256, sizeof(sha256));
		if (!q.bad && !endpoint_keys_add(&a->endpoints, kind, sha256))
			q.bad = true;
		ok = query_sound(&q, err);
	}
	query_end(&q);
	return ok && !failed;
}

static void
read_endorser(struct query *q, struct attester *a)
{
	struct certificate *c = &a->certificate;
	char endorser[32];

	column_text(q, endorser, sizeof(endorser));
	column_bytes(q, c->sha256, SHA256_SIZE);
	column_text(q, c->subject, CERTIFICATE_NAME_MAX);
	column_text(q, c->issuer, CERTIFICATE_NAME_MAX);
	column_text(q, c->serial, sizeof(c->serial));
	c->not_after_s = column_u64(q, INT64_MAX);
	column_text(q, c->tpm_manufacturer, CERTIFICATE_WORD_MAX);
	column_text(q, c->tpm_model, CERTIFICATE_WORD_MAX);
	column_text(q, c->tpm_version, CERTIFICATE_WORD_MAX);
	if (!endorser_of(endorser, &a->endorser))
		q->bad = true;
}

static bool
read_host(struct query *q, struct attester *a, struct err *err)
{
	*a = (struct attester){0};
	column_text(q, a->name, HOST_NAME_MAX_SIZE);
	column_text(q, a->address, ADDRESS_MAX);
	a->port = (uint16_t)column_u64(q, UINT16_MAX);
	column_text(q, a->label, GOLDEN_LABEL_MAX);
	column_text(q, a->group, GROUP_MAX);
	a->enrolled_s = column_u64(q, INT64_MAX);
	a->ak.len = column_blob(q, a->ak.at, PUBLIC_MAX);
	column_bytes(q, a->ek_sha256, SHA256_SIZE);
	column_text(q, a->ek_algorithm, EK_ALGORITHM_MAX);
	column_text(q, a->manufacturer, TPM_WORD_MAX);
	column_text(q, a->vendor, TPM_WORD_MAX);
	a->firmware = column_u64(q, UINT64_MAX);
	read_endorser(q, a);
	a->migration_ca.len =
	    column_blob(q, a->migration_ca.at, CERTIFICATE_MAX);
	return query_sound(q, err) && read_keys(q->store, a, err);
}

bool
store_host_get(struct store *store, const char *name, struct attester *a,
               struct err *err)
{
	struct query q =
	    query_begin(store, "SELECT * FROM hosts WHERE name = ?");
	bool failed, ok = false;

	query_text(&q, name);
	if (query_row(&q, &failed, err))
		ok = read_host(&q, a, err);
	else if (!failed)
		err_set(err, ERR_NOT_FOUND, "host '%.100s' is not enrolled",
		        name);
	query_end(&q);
	return ok;
}

bool
store_host_by_address(struct store *store, const char *address,
                      struct attester *a, struct err *err)
{
	struct query q = query_begin(
	    store, "SELECT * FROM hosts WHERE address = ? COLLATE NOCASE");
	bool failed, ok = false;

	query_text(&q, address);
	if (query_row(&q, &failed, err)) {
		ok = read_host(&q, a, err);
		if (ok && query_row(&q, &failed, err))
			ok = err_set(err, ERR_CONFLICT,
			             "several hosts are enrolled at '%.100s'",
			             address);
		ok = ok && !failed;
	} else if (!failed) {
		err_set(err, ERR_NOT_FOUND, "no host is enrolled at '%.100s'",
		        address);
	}
	query_end(&q);
	return ok;
}

bool
store_host_by_keys(struct store *store, const uint8_t ek_sha256[SHA256_SIZE],
                   struct span ak, const char *but, struct attester *a,
                   struct err *err)
{
	struct query q = query_begin(
	    store, "SELECT * FROM hosts WHERE (ek = ? OR ak = ?) AND name <> ?"
		   " ORDER BY name LIMIT 1");
	bool failed, ok = false;

	query_blob(&q, span_of(ek_sha256, SHA256_SIZE));
	query_blob(&q, ak);
	query_text(&q, but);
	if (query_row(&q, &failed, err))
		ok = read_host(&q, a, err);
	else if (!failed)
		err_set(err, ERR_NOT_FOUND, "no host has these keys");
	query_end(&q);
	return ok;
}

bool
store_hosts(struct store *store, bool (*each)(void *, const struct attester *),
            void *arg, struct err *err)
{
	struct query q =
	    query_begin(store, "SELECT * FROM hosts ORDER BY name");
	bool failed = false, ok = true;

	while (ok && query_row(&q, &failed, err)) {
		struct attester a;

		ok = read_host(&q, &a, err);
		if (!ok || !each(arg, &a))
			break;
	}
	query_end(&q);
	return ok && !failed;
}

bool
store_host_after(struct store *store, const char *name, struct attester *a,
                 bool *found, struct err *err)
{
	struct query q = query_begin(
	    store, "SELECT * FROM hosts WHERE name > ? ORDER BY name LIMIT 1");
	bool failed, ok = true;

	query_text(&q, name);
	*found = query_row(&q, &failed, err);
	if (*found)
		ok = read_host(&q, a, err);
	query_end(&q);
	return ok && !failed;
}

/* A line of the audit log, but for the keys. */
struct change {
	const char *actor, *event;
	const char *before; /* what is replaced; may be empty */
};

/* The host and its first golden value, and a line that names its keys. */
static bool
put(struct store *store, const struct attester *a,
    const struct golden_new *first, const struct change *change,
    struct err *err)
{
	char detail[AUDIT_DETAIL_MAX], ek[TEXT_HEX_SIZE(SHA256_SIZE)],
	    ak[TEXT_HEX_SIZE(NAME_MAX_SIZE)];
	struct tpm_name name = {0};

	if (!tpm_name_of(span_of(a->ak.at, a->ak.len), &name))
		return err_set(err, ERR_MALFORMED, "host without an AK");
	if (!insert_host(store, a, err) || !golden_insert(store, first, err))
		return false;
	snprintf(detail, sizeof(detail),
	         "address=%s port=%u ek=%s ak=%s endorsed-by=%s golden=%llu%s",
	         a->address, a->port,
	         text_hex(span_of(a->ek_sha256, SHA256_SIZE), ek),
	         text_hex(tpm_name_span(&name), ak), endorser_name(a->endorser),
	         (unsigned long long)first->golden->id, change->before);
	return audit_append(store, change->actor, change->event, a->name,
	                    detail, err);
}

bool
store_host_add(struct store *store, const struct attester *a,
               const struct golden_new *first, const char *actor,
               struct err *err)
{
	const struct change change = {actor, "host-add", ""};
	struct attester known;
	struct err why = {0};

	if (store_host_get(store, a->name, &known, &why))
		return err_set(err, ERR_EXISTS,
		               "host '%.100s' is enrolled already", a->name);
	if (why.code != ERR_NOT_FOUND) {
		*err = why;
		return false;
	}
	return tx_begin(store, err) &&
	       tx_end(store, put(store, a, first, &change, err), err);
}

static bool
run_for_host(struct store *store, const char *sql, const char *name,
             struct err *err)
{
	struct query q = query_begin(store, sql);

	query_text(&q, name);
	return query_run(&q, err);
}

/* What was said of the host as it was. */
static const char *const past[] = {
    "DELETE FROM hosts WHERE name = ?",
    "DELETE FROM verdicts WHERE host = ?",
    "DELETE FROM sessions WHERE host = ?",
};

static bool
drop_past(struct store *store, const char *name, struct err *err)
{
	for (size_t i = 0; i < LENGTH_OF(past); i++)
		if (!run_for_host(store, past[i], name, err))
			return false;
	return true;
}

static bool
replace(struct store *store, const struct attester *known,
        const struct attester *a, const struct golden_new *first,
        const char *actor, struct err *err)
{
	char before[160], ek[TEXT_HEX_SIZE(SHA256_SIZE)];
	const struct change change = {actor, "host-replace", before};

	snprintf(before, sizeof(before), " before: ek=%s endorsed-by=%s",
	         text_hex(span_of(known->ek_sha256, SHA256_SIZE), ek),
	         endorser_name(known->endorser));
	return drop_past(store, known->name, err) &&
	       run_for_host(store,
	                    "UPDATE goldens SET state = 'revoked' WHERE"
	                    " of_group = 0 AND scope = ?",
	                    known->name, err) &&
	       put(store, a, first, &change, err);
}

/* Who was shown to the operator is who goes. */
static bool
is_still(const struct attester *known, const struct attester *shown,
         struct err *err)
{
	if (memcmp(known->ek_sha256, shown->ek_sha256, SHA256_SIZE) == 0 &&
	    span_eq(span_of(known->ak.at, known->ak.len),
	            span_of(shown->ak.at, shown->ak.len)) &&
	    known->enrolled_s == shown->enrolled_s)
		return true;
	return err_set(err, ERR_CONFLICT,
	               "host '%.100s' was enrolled anew meanwhile: look again",
	               known->name);
}

bool
store_host_replace(struct store *store, const struct attester *shown,
                   const struct attester *a, const struct golden_new *first,
                   const char *actor, struct err *err)
{
	struct attester known;

	return store_host_get(store, a->name, &known, err) &&
	       is_still(&known, shown, err) && tx_begin(store, err) &&
	       tx_end(store, replace(store, &known, a, first, actor, err), err);
}

static bool
forget(struct store *store, const char *name, const char *actor,
       struct err *err)
{
	return drop_past(store, name, err) &&
	       run_for_host(
		   store,
		   "DELETE FROM goldens WHERE of_group = 0 AND scope = ?", name,
		   err) &&
	       audit_append(store, actor, "host-forget", name, "", err);
}

bool
store_host_forget(struct store *store, const char *name, const char *actor,
                  struct err *err)
{
	struct attester known;

	return store_host_get(store, name, &known, err) &&
	       tx_begin(store, err) &&
	       tx_end(store, forget(store, known.name, actor, err), err);
}
