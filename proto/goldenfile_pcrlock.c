/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* systemd.pcrlock(5), a subset of the TCG's CEL-JSON:
 * {"records":[{"pcr":4,"digests":[{"hashAlg":"sha256","digest":"hex"},...]}]}
 * Other members (recnum, content, content_type) say nothing and are ignored. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "proto/goldenfile_private.h"

/* The form names no event's type. */
enum { EV_UNUSED = 2 };

/* An algorithm's name in a record, and how many of them it may have. */
enum { ALGORITHM_SIZE = 32, ALGORITHMS_MAX = 16 };

bool
goldenfile_is_pcrlock(const struct json *object)
{
	return json_get(object, "records") != NULL;
}

/* One of an algorithm that we cannot compute is left out. */
static bool
read_digest(const struct json *object, struct bootref_event *e, struct err *err)
{
	char name[ALGORITHM_SIZE], hex[TEXT_HEX_SIZE(DIGEST_MAX)];
	AUTO(buf_done) struct buf bytes = {.max = DIGEST_MAX};
	struct digest *d;
	uint16_t alg;

	if (!json_get_text(object, "hashAlg", name, sizeof(name), err))
		return false;
	alg = pcr_bank_of(name);
	if (alg == 0)
		return true;
	if (!json_get_text(object, "digest", hex, sizeof(hex), err))
		return false;
	for (size_t i = 0; i < e->n_digests; i++)
		if (e->digests[i].alg == alg)
			return err_set(err, ERR_MALFORMED, "two digests of %s",
			               name);
	if (!text_unhex(hex, &bytes) || bytes.len != crypto_digest_size(alg))
		return err_set(err, ERR_MALFORMED,
		               "'digest' is not %zu bytes in hexadecimal",
		               crypto_digest_size(alg));
	e->digests[e->n_digests].alg = alg;
	d = &e->digests[e->n_digests++].value;
	d->len = (uint8_t)bytes.len;
	memcpy(d->at, bytes.at, bytes.len);
	return true;
}

static bool
read_record(const struct json *object, struct bootref_event *e, struct err *err)
{
	const struct json *digests;
	uint64_t pcr;

	*e = (struct bootref_event){.type = EV_UNUSED};
	if (!json_get_u64(object, "pcr", PCR_COUNT - 1, &pcr, err) ||
	    !json_get_array(object, "digests", ALGORITHMS_MAX, &digests, err))
		return false;
	e->pcr = (uint8_t)pcr;
	for (size_t i = 0; i < json_count(digests); i++)
		if (!read_digest(json_at(digests, i), e, err))
			return false;
	if (e->n_digests == 0)
		return err_set(err, ERR_UNSUPPORTED,
		               "no digest of an algorithm that is known here");
	return true;
}

/* All the digests of one are those of the other. */
static bool
is_same(const struct bootref_event *a, const struct bootref_event *b)
{
	size_t same = 0;

	for (size_t i = 0; i < a->n_digests; i++)
		for (size_t k = 0; k < b->n_digests; k++)
			same += a->digests[i].alg == b->digests[k].alg &&
			        span_eq(digest_span(&a->digests[i].value),
			                digest_span(&b->digests[k].value));
	return a->pcr == b->pcr && a->n_digests == b->n_digests &&
	       same == a->n_digests;
}

/* Variants of a component share events. */
static bool
add_event(struct bootref *ref, const struct bootref_event *e, const char *name,
          struct err *err)
{
	for (size_t i = 0; i < ref->n; i++)
		if (is_same(&ref->events[i], e))
			return true;
	if (ref->n == BOOTREF_EVENTS_MAX)
		return err_set(err, ERR_LIMIT, "over %d events",
		               BOOTREF_EVENTS_MAX);
	if (ref->events == NULL)
		ref->events = mem_new(BOOTREF_EVENTS_MAX, sizeof(*ref->events));
	ref->events[ref->n] = *e;
	ref->events[ref->n++].text = mem_text(name);
	return true;
}

bool
goldenfile_read_pcrlock(struct goldenfile *g, struct goldenfile_source *from,
                        struct err *err)
{
	const struct json *records;
	struct err inner = {0};

	if (!json_get_array(from->object, "records", GOLDENFILE_RECORDS_MAX,
	                    &records, err))
		return false;
	for (size_t i = 0; i < json_count(records); i++) {
		const struct json *record = json_at(records, i);
		struct bootref_event e;

		/* CEL's other kind of place: no quote of PCRs has it. */
		if (json_get(record, "pcr") == NULL &&
		    json_get(record, "nv_index") != NULL) {
			g->n_nv++;
			continue;
		}
		if (!read_record(record, &e, &inner) ||
		    !add_event(&g->events, &e, from->name, &inner))
			return err_set(err, inner.code, "record %zu: %s", i,
			               inner.text);
	}
	return true;
}
