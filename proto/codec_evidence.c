/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What crosses the agent wire. */
#include <stdio.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/message.h"

struct json *
challenge_encode(const struct challenge *c)
{
	struct json *object = json_new_object();
	char pcrs[PCR_TEXT_MAX];

	json_put_base64(object, "nonce", span_of(c->nonce, NONCE_SIZE));
	json_put_text(object, "pcrs",
	              pcr_selection_format(&c->selection, pcrs));
	return object;
}

bool
challenge_decode(const struct json *object, struct challenge *c,
                 struct err *err)
{
	char pcrs[PCR_TEXT_MAX];

	*c = (struct challenge){0};
	return json_get_bytes(object, "nonce", c->nonce, NONCE_SIZE, err) &&
	       json_get_text(object, "pcrs", pcrs, sizeof(pcrs), err) &&
	       pcr_selection_parse(pcrs, &c->selection, err);
}

struct json *
pcr_values_encode(const struct pcr_values *v)
{
	struct json *object = json_new_object();

	for (size_t b = 0; b < v->selection.n; b++) {
		const struct pcr_bank *bank = &v->selection.banks[b];
		struct json *values = json_new_object();
		const char *name = pcr_bank_name(bank->alg);

		for (unsigned p = 0; p < PCR_COUNT; p++) {
			char key[4];

			if ((bank->mask >> p & 1) == 0)
				continue;
			snprintf(key, sizeof(key), "%u", p);
			if (v->values[b][p].len == 0)
				json_put(values, key, NULL);
			else
				json_put_hex(values, key,
				             digest_span(&v->values[b][p]));
		}
		json_put(object, name != NULL ? name : "unknown", values);
	}
	return object;
}

/* Where the walk over a bank's members stands. */
struct bank_walk {
	struct pcr_values *values;
	uint32_t unknown; /* PCRs that may be null */
	struct err *err;
};

static bool
decode_value(void *arg, const char *key, const struct json *value)
{
	struct bank_walk *walk = arg;
	struct pcr_selection *s = &walk->values->selection;
	struct pcr_bank *bank = &s->banks[s->n - 1];
	size_t size = crypto_digest_size(bank->alg);
	AUTO(buf_done) struct buf bytes = {.max = DIGEST_MAX};
	const char *hex = json_as_text(value);
	struct digest *into;
	uint64_t pcr;

	if (!text_u64(key, PCR_COUNT - 1, &pcr))
		return err_set(walk->err, ERR_MALFORMED,
		               "PCR '%.8s' is not 0 to %d", key, PCR_COUNT - 1);
	if (value == NULL && (walk->unknown >> pcr & 1) != 0)
		size = 0;
	else if (hex == NULL || !text_unhex(hex, &bytes) || bytes.len != size)
		return err_set(walk->err, ERR_MALFORMED,
		               "PCR %u is not %zu bytes in hexadecimal",
		               (unsigned)pcr, size);
	into = &walk->values->values[s->n - 1][pcr];
	into->len = (uint8_t)size;
	if (size != 0)
		memcpy(into->at, bytes.at, size);
	bank->mask |= UINT32_C(1) << pcr;
	return true;
}

static bool
decode_bank(void *arg, const char *key, const struct json *value)
{
	struct bank_walk *walk = arg;
	struct pcr_selection *s = &walk->values->selection;
	uint16_t alg = pcr_bank_of(key);

	if (alg == 0 || !json_is_object(value))
		return err_set(walk->err, ERR_MALFORMED,
		               "'%.16s' is no PCR bank", key);
	if (s->n == PCR_BANKS_MAX || pcr_selection_find(s, alg) >= 0)
		return err_set(walk->err, ERR_LIMIT, "too many PCR banks");
	s->banks[s->n++].alg = alg;
	return json_members(value, decode_value, walk);
}

bool
pcr_values_decode(const struct json *object, struct pcr_values *v,
                  struct err *err)
{
	return pcr_values_decode_but(object, 0, v, err);
}

bool
pcr_values_decode_but(const struct json *object, uint32_t unknown,
                      struct pcr_values *v, struct err *err)
{
	struct bank_walk walk = {.values = v, .unknown = unknown, .err = err};

	*v = (struct pcr_values){0};
	if (!json_is_object(object))
		return err_set(err, ERR_MALFORMED, "PCR values are no object");
	return json_members(object, decode_bank, &walk);
}

struct json *
endpoint_keys_encode(const struct endpoint_keys *keys)
{
	struct json *array = json_new_array();

	for (size_t i = 0; i < keys->n; i++) {
		struct json *key = json_new_object();

		json_put_text(key, "kind", keys->keys[i].kind);
		json_put_hex(key, "sha256",
		             span_of(keys->keys[i].sha256, SHA256_SIZE));
		json_add(array, key);
	}
	return array;
}

bool
endpoint_keys_decode(const struct json *array, struct endpoint_keys *keys,
                     struct err *err)
{
	*keys = (struct endpoint_keys){0};
	for (size_t i = 0; i < json_count(array); i++) {
		char kind[ENDPOINT_KIND_MAX], hex[TEXT_HEX_SIZE(SHA256_SIZE)];
		AUTO(buf_done) struct buf digest = {.max = SHA256_SIZE};
		const struct json *key = json_at(array, i);

		if (!json_get_text(key, "kind", kind, sizeof(kind), err) ||
		    !json_get_text(key, "sha256", hex, sizeof(hex), err))
			return false;
		if (!text_unhex(hex, &digest) || digest.len != SHA256_SIZE ||
		    !endpoint_keys_add(keys, kind, digest.at))
			return err_set(err, ERR_MALFORMED,
			               "endpoint key %zu: a wrong kind or "
			               "digest, or one too many",
			               i);
	}
	return true;
}

bool
endpoint_keys_get(const struct json *object, struct endpoint_keys *keys,
                  struct err *err)
{
	const struct json *array;

	return json_get_array(object, "endpoint_keys", ENDPOINT_KEYS_MAX,
	                      &array, err) &&
	       endpoint_keys_decode(array, keys, err);
}

static struct json *
place_encode(const struct tree_place *place)
{
	struct json *object = json_new_object(), *path = json_new_array();

	for (size_t i = 0; i < place->n; i++) {
		char text[TEXT_BASE64_SIZE(SHA256_SIZE)];

		json_add_text(
		    path,
		    text_base64(span_of(place->path[i], SHA256_SIZE), text));
	}
	json_put_u64(object, "index", place->index);
	json_put_u64(object, "size", place->size);
	json_put(object, "path", path);
	return object;
}

static bool
place_decode(const struct json *object, struct tree_place *place,
             struct err *err)
{
	const struct json *path;
	uint64_t index, size;

	if (!json_get_u64(object, "index", TREE_LEAVES_MAX - 1, &index, err) ||
	    !json_get_u64(object, "size", TREE_LEAVES_MAX, &size, err) ||
	    !json_get_array(object, "path", TREE_PATH_MAX, &path, err))
		return false;
	place->index = (uint32_t)index;
	place->size = (uint32_t)size;
	for (size_t i = 0; i < json_count(path); i++) {
		AUTO(buf_done) struct buf node = {.max = SHA256_SIZE};
		char text[TEXT_BASE64_SIZE(SHA256_SIZE)];

		if (!json_at_text(path, i, text, sizeof(text), err))
			return false;
		if (!text_unbase64(span_str(text), &node) ||
		    node.len != SHA256_SIZE)
			return err_set(err, ERR_MALFORMED,
			               "path: node %zu is not 32 bytes", i);
		memcpy(place->path[place->n++], node.at, SHA256_SIZE);
	}
	return true;
}

struct json *
evidence_encode(const struct evidence *e)
{
	struct json *object = json_new_object();

	json_put_base64(object, "attest", span_of(e->attest.at, e->attest.len));
	json_put_base64(object, "signature",
	                span_of(e->signature.at, e->signature.len));
	json_put(object, "pcr_values", pcr_values_encode(&e->values));
	json_put(object, "tree", place_encode(&e->place));
	json_put(object, "endpoint_keys", endpoint_keys_encode(&e->endpoints));
	json_put_u64(object, "signatures", e->counters.signatures);
	json_put_u64(object, "answers", e->counters.answers);
	return object;
}

bool
evidence_decode(const struct json *object, struct evidence *e, struct err *err)
{
	const struct json *values, *place;

	*e = (struct evidence){0};
	return json_get_base64(object, "attest", e->attest.at, ATTEST_MAX,
	                       &e->attest.len, err) &&
	       json_get_base64(object, "signature", e->signature.at,
	                       SIGNATURE_MAX, &e->signature.len, err) &&
	       json_get_object(object, "pcr_values", &values, err) &&
	       pcr_values_decode(values, &e->values, err) &&
	       json_get_object(object, "tree", &place, err) &&
	       place_decode(place, &e->place, err) &&
	       endpoint_keys_get(object, &e->endpoints, err) &&
	       json_want_u64(object, "signatures", UINT64_MAX,
	                     &e->counters.signatures, err) &&
	       json_want_u64(object, "answers", UINT64_MAX,
	                     &e->counters.answers, err);
}
