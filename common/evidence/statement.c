/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "evidence/statement.h"

#include <string.h>

#include "base/buf.h"

static const uint8_t leaf_prefix = 0x00;

static int
endpoint_key_order(const struct endpoint_key *a, const struct endpoint_key *b)
{
	int order = strcmp(a->kind, b->kind);

	return order != 0 ? order : memcmp(a->sha256, b->sha256, SHA256_SIZE);
}

static bool
kind_allowed(const char *kind)
{
	size_t len = strlen(kind);

	return len > 0 && len < ENDPOINT_KIND_MAX &&
	       strspn(kind, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

bool
endpoint_keys_add(struct endpoint_keys *list, const char *kind,
                  const uint8_t sha256[SHA256_SIZE])
{
	struct endpoint_key key = {0};
	size_t at = 0;

	if (!kind_allowed(kind))
		return false;
	memcpy(key.kind, kind, strlen(kind));
	memcpy(key.sha256, sha256, SHA256_SIZE);
	while (at < list->n && endpoint_key_order(&list->keys[at], &key) < 0)
		at++;
	if (at < list->n && endpoint_key_order(&list->keys[at], &key) == 0)
		return true;
	if (list->n == ENDPOINT_KEYS_MAX)
		return false;
	memmove(&list->keys[at + 1], &list->keys[at],
	        (list->n - at) * sizeof(key));
	list->keys[at] = key;
	list->n++;
	return true;
}

bool
endpoint_keys_eq(const struct endpoint_keys *a, const struct endpoint_keys *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (endpoint_key_order(&a->keys[i], &b->keys[i]) != 0)
			return false;
	return true;
}

bool
endpoint_keys_have_kind(const struct endpoint_keys *list, const char *kind)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->keys[i].kind, kind) == 0)
			return true;
	return false;
}

bool
endpoint_keys_have(const struct endpoint_keys *list, const char *kind,
                   const uint8_t sha256[SHA256_SIZE])
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->keys[i].kind, kind) == 0 &&
		    memcmp(list->keys[i].sha256, sha256, SHA256_SIZE) == 0)
			return true;
	return false;
}

void
endpoint_keys_digest(const struct endpoint_keys *list, uint8_t out[SHA256_SIZE])
{
	AUTO(buf_done) struct buf bytes = {0};
	struct span part;

	buf_u32(&bytes, (uint32_t)list->n);
	for (size_t i = 0; i < list->n; i++) {
		buf_sized(&bytes, span_str(list->keys[i].kind));
		buf_sized(&bytes, span_of(list->keys[i].sha256, SHA256_SIZE));
	}
	part = buf_span(&bytes);
	crypto_sha256(&part, 1, out);
}

static void
digest_labelled(const char *label, const struct statement *s,
                uint8_t out[SHA256_SIZE])
{
	AUTO(buf_done) struct buf bytes = {0};
	struct span part;

	buf_u8(&bytes, leaf_prefix);
	buf_sized(&bytes, span_str(label));
	buf_u32(&bytes, STATEMENT_VERSION);
	buf_sized(&bytes, span_of(s->nonce, NONCE_SIZE));
	buf_sized(&bytes, span_of(s->exporter, EXPORTER_SIZE));
	buf_sized(&bytes, span_of(s->endpoint, SHA256_SIZE));
	part = buf_span(&bytes);
	crypto_sha256(&part, 1, out);
}

void
statement_leaf(const struct statement *s, uint8_t leaf[SHA256_SIZE])
{
	digest_labelled(STATEMENT_LABEL, s, leaf);
}

void
statement_certify(const struct statement *s, uint8_t out[SHA256_SIZE])
{
	digest_labelled(STATEMENT_LABEL_CERTIFY, s, out);
}
