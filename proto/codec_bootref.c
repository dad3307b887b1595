/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reference events, as a golden value has them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "proto/codec.h"

enum { TYPE_SIZE = 64, TYPE_DIGITS = 10 /* 0x%08x */ };

static struct json *
event_encode(const struct bootref_event *e)
{
	struct json *object = json_new_object(), *digests = json_new_object();
	const char *type = bootlog_type_name(e->type);
	char number[TYPE_DIGITS + 1];

	snprintf(number, sizeof(number), "0x%08x", e->type);
	json_put_u64(object, "pcr", e->pcr);
	json_put_text(object, "type", type != NULL ? type : number);
	for (size_t i = 0; i < e->n_digests; i++) {
		const char *bank = pcr_bank_name(e->digests[i].alg);

		json_put_hex(digests, bank != NULL ? bank : "unknown",
		             digest_span(&e->digests[i].value));
	}
	json_put(object, "digests", digests);
	json_put_bool(object, "proved", e->proved);
	json_put_text(object, "text", e->text);
	return object;
}

struct json *
bootref_encode(const struct bootref *ref)
{
	struct json *array = json_new_array();

	for (size_t i = 0; i < ref->n; i++)
		json_add(array, event_encode(&ref->events[i]));
	return array;
}

/* A name that we know, or "0x" and eight digits. */
static bool
decode_type(const struct json *object, uint32_t *type, struct err *err)
{
	AUTO(buf_done) struct buf bytes = {.max = sizeof(*type)};
	char text[TYPE_SIZE];

	if (!json_get_text(object, "type", text, sizeof(text), err))
		return false;
	if (bootlog_type_of(text, type))
		return true;
	if (strncmp(text, "0x", 2) != 0 || !text_unhex(text + 2, &bytes) ||
	    bytes.len != sizeof(*type))
		return err_set(err, ERR_MALFORMED, "no such type of an event");
	*type = (uint32_t)bytes.at[0] << 24 | (uint32_t)bytes.at[1] << 16 |
	        (uint32_t)bytes.at[2] << 8 | bytes.at[3];
	return true;
}

/* Where the walk over an event's digests stands. */
struct walk {
	struct bootref_event *event;
	struct err *err;
};

static bool
decode_digest(void *arg, const char *key, const struct json *value)
{
	struct walk *walk = arg;
	struct bootref_event *e = walk->event;
	AUTO(buf_done) struct buf bytes = {.max = DIGEST_MAX};
	const char *hex = json_as_text(value);
	uint16_t alg = pcr_bank_of(key);
	struct digest *d;

	if (alg == 0 || e->n_digests == PCR_BANKS_MAX)
		return err_set(walk->err, ERR_MALFORMED,
		               "'%.16s' is no PCR bank", key);
	if (hex == NULL || !text_unhex(hex, &bytes) ||
	    bytes.len != crypto_digest_size(alg))
		return err_set(walk->err, ERR_MALFORMED,
		               "%.16s: not %zu bytes in hexadecimal", key,
		               crypto_digest_size(alg));
	e->digests[e->n_digests].alg = alg;
	d = &e->digests[e->n_digests++].value;
	d->len = (uint8_t)bytes.len;
	memcpy(d->at, bytes.at, bytes.len);
	return true;
}

static bool
event_decode(const struct json *object, struct bootref_event *e,
             struct err *err)
{
	struct walk walk = {e, err};
	const struct json *digests;
	char text[BOOTREF_TEXT_MAX];
	uint64_t pcr;

	if (!json_is_object(object))
		return err_set(err, ERR_MALFORMED, "not an object");
	if (!json_get_u64(object, "pcr", PCR_COUNT - 1, &pcr, err) ||
	    !decode_type(object, &e->type, err) ||
	    !json_get_object(object, "digests", &digests, err) ||
	    !json_members(digests, decode_digest, &walk) ||
	    !json_get_bool(object, "proved", &e->proved, err) ||
	    !json_get_text(object, "text", text, sizeof(text), err))
		return false;
	if (e->n_digests == 0)
		return err_set(err, ERR_MALFORMED, "no digest");
	if (!text_is_printable(text))
		return err_set(err, ERR_MALFORMED,
		               "the text has control characters");
	e->pcr = (uint8_t)pcr;
	e->text = mem_text(text);
	return true;
}

static bool
decode_all(const struct json *array, struct bootref *ref, struct err *err)
{
	size_t n = json_count(array);
	struct err inner = {0};

	if (n > BOOTREF_EVENTS_MAX)
		return err_set(err, ERR_LIMIT, "%zu reference events, over %d",
		               n, BOOTREF_EVENTS_MAX);
	ref->events = mem_new(n + 1, sizeof(*ref->events));
	for (; ref->n < n; ref->n++)
		if (!event_decode(json_at(array, ref->n), &ref->events[ref->n],
		                  &inner))
			return err_set(err, inner.code,
			               "reference event %zu: %s", ref->n,
			               inner.text);
	return true;
}

bool
bootref_decode(const struct json *array, struct bootref *ref, struct err *err)
{
	*ref = (struct bootref){0};
	if (!json_is_array(array))
		return err_set(err, ERR_MALFORMED,
		               "reference events are no array");
	if (decode_all(array, ref, err))
		return true;
	bootref_done(ref);
	return false;
}
