/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Texts by their digest. */
#include <string.h>

#include "store/store_private.h"

_Static_assert((size_t)STORE_TEXT_MAX < (size_t)BUF_MAX,
               "what is kept can be read");

bool
text_insert(struct store *store, struct span text, uint8_t out[SHA256_SIZE],
            struct err *err)
{
	struct query q =
	    query_begin(store, "INSERT OR IGNORE INTO texts VALUES (?, ?)");
	struct digest digest;

	memset(out, 0, SHA256_SIZE);
	if (text.len > STORE_TEXT_MAX) {
		query_end(&q);
		return err_set(err, ERR_LIMIT, "a text of over %d bytes",
		               STORE_TEXT_MAX);
	}
	if (!crypto_hash(TPM_ALG_SHA256, &text, 1, &digest)) {
		query_end(&q);
		return err_set(err, ERR_INTERNAL, "SHA-256 failed");
	}
	query_blob(&q, digest_span(&digest));
	query_blob(&q, text);
	if (!query_run(&q, err))
		return false;
	memcpy(out, digest.at, SHA256_SIZE);
	return true;
}

void
column_text_name(struct query *q, uint8_t out[SHA256_SIZE])
{
	size_t len = column_blob(q, out, SHA256_SIZE);

	if (len != 0 && len != SHA256_SIZE)
		q->bad = true;
}

/* A text is what its name says, or it is damaged. */
static void
column_body(struct query *q, struct span name, struct buf *out)
{
	size_t before = out->len;
	struct digest digest;
	struct span body;

	column_buf(q, out);
	if (out->over || out->len == before) {
		q->bad = true;
		return;
	}
	body = span_of(out->at + before, out->len - before);
	if (!crypto_hash(TPM_ALG_SHA256, &body, 1, &digest) ||
	    !span_eq(digest_span(&digest), name))
		q->bad = true;
}

bool
store_text_get(struct store *store, const uint8_t sha256[SHA256_SIZE],
               struct buf *out, struct err *err)
{
	const struct span name = span_of(sha256, SHA256_SIZE);
	struct query q =
	    query_begin(store, "SELECT body FROM texts WHERE sha256 = ?");
	bool failed, ok = false;

	query_blob(&q, name);
	if (query_row(&q, &failed, err)) {
		column_body(&q, name, out);
		ok = query_sound(&q, err);
	} else if (!failed) {
		err_set(err, ERR_NOT_FOUND, "a text is not in the store");
	}
	query_end(&q);
	return ok;
}
