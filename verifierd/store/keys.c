/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The verifier's own signing key: made once, never changed. */
#include <time.h>

#include "store/store_private.h"

/* Of the one key that there is. */
#define USE_EAR "ear"

bool
store_key_get(struct store *store, uint8_t key[SIGNING_KEY_SIZE],
              char kid[SIGNING_KID_MAX], struct err *err)
{
	struct query q = query_begin(
	    store, "SELECT kid, private FROM signing_keys WHERE use = ?");
	bool failed, ok;

	query_text(&q, USE_EAR);
	if (query_row(&q, &failed, err)) {
		column_text(&q, kid, SIGNING_KID_MAX);
		column_bytes(&q, key, SIGNING_KEY_SIZE);
		ok = query_sound(&q, err);
	} else {
		ok = failed ? false
		            : err_set(err, ERR_NOT_FOUND,
		                      "store: no signing key yet");
	}
	query_end(&q);
	return ok;
}

static bool
insert(struct store *store, const uint8_t key[SIGNING_KEY_SIZE],
       const char *kid, struct err *err)
{
	struct query q = query_begin(
	    store, "INSERT INTO signing_keys (use, kid, made, private)"
		   " VALUES (?, ?, ?, ?)");

	query_text(&q, USE_EAR);
	query_text(&q, kid);
	query_u64(&q, (uint64_t)time(NULL));
	query_blob(&q, span_of(key, SIGNING_KEY_SIZE));
	return query_run(&q, err);
}

static bool
add(struct store *store, const uint8_t key[SIGNING_KEY_SIZE], const char *kid,
    const char *actor, struct err *err)
{
	uint8_t there[SIGNING_KEY_SIZE];
	char name[SIGNING_KID_MAX];
	struct err why = {0};
	bool found = store_key_get(store, there, name, &why);

	signing_wipe(&there);
	if (found)
		return err_set(err, ERR_EXISTS, "store: it has a signing key");
	if (why.code != ERR_NOT_FOUND) {
		err_set(err, why.code, "%s", why.text);
		return false;
	}
	return insert(store, key, kid, err) &&
	       audit_append(store, actor, "key-make", "", kid, err);
}

bool
store_key_add(struct store *store, const uint8_t key[SIGNING_KEY_SIZE],
              const char *kid, const char *actor, struct err *err)
{
	return tx_begin(store, err) &&
	       tx_end(store, add(store, key, kid, actor, err), err);
}
