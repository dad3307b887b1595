/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A boot log and reference events: a byte of switches, the PCRs (LE 32), the
 * log's length (LE 16), the log, {"events":[...]}; without that the log's own
 * events.  What holds holds by a plain reading too; all sentences can be
 * printed; events are written and read again as the same. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "evidence/bootlog_type.h"
#include "proto/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

enum {
	TURN_A_BIT = 1,  /* of the quoted value of the first PCR */
	DROP_A_BANK = 2, /* from the quote */
	DROP_VALUES = 4, /* the quote has the first of the PCRs alone */
};

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
plain_extend(const struct pcr_values *quoted, const struct bootlog_event *e,
             struct pcr_values *out)
{
	for (size_t b = 0; b < quoted->selection.n; b++)
		for (size_t i = 0; i < e->n_digests; i++) {
			struct digest *d = &out->values[b][e->pcr], after;
			struct span parts[2] = {digest_span(d),
			                        e->digests[i].value};

			if (e->digests[i].alg != quoted->selection.banks[b].alg)
				continue;
			must(crypto_hash(e->digests[i].alg, parts, 2, &after));
			*d = after;
		}
}

/* What the log makes of the quoted banks' PCRs, as text in a book would. */
static void
plain_replay(struct span bytes, const struct pcr_values *quoted,
             struct pcr_values *out)
{
	struct bootlog_event e;
	struct bootlog log;

	for (size_t b = 0; b < quoted->selection.n; b++)
		for (unsigned p = 0; p < PCR_COUNT; p++) {
			struct digest *d = &out->values[b][p];

			d->len = (uint8_t)crypto_digest_size(
			    quoted->selection.banks[b].alg);
			memset(d->at, p >= 17 && p <= 22 ? 0xff : 0, d->len);
		}
	must(bootlog_open(bytes, &log, NULL));
	while (bootlog_next(&log, &e, NULL) == BOOTLOG_EVENT) {
		if (e.type != EV_NO_ACTION)
			plain_extend(quoted, &e, out);
		else if (e.data.len == 17 &&
		         memcmp(e.data.at, "StartupLocality", 16) == 0)
			for (size_t b = 0; b < quoted->selection.n; b++)
				out->values[b][0]
				    .at[out->values[b][0].len - 1] =
				    e.data.at[16];
	}
}

static struct span
plain_digest(const struct bootref_event *e, uint16_t alg)
{
	for (size_t i = 0; i < e->n_digests; i++)
		if (e->digests[i].alg == alg)
			return digest_span(&e->digests[i].value);
	return (struct span){0};
}

/* The same PCR and the same digests in all banks that are quoted of it. */
static bool
plain_same(const struct bootref_event *a, const struct bootref_event *b,
           const struct pcr_values *quoted)
{
	if (a->pcr != b->pcr)
		return false;
	for (size_t i = 0; i < quoted->selection.n; i++) {
		const struct pcr_bank *bank = &quoted->selection.banks[i];
		struct span x = plain_digest(a, bank->alg);

		if ((bank->mask >> a->pcr & 1) != 0 &&
		    (x.len == 0 || !span_eq(x, plain_digest(b, bank->alg))))
			return false;
	}
	return true;
}

static bool
plain_has(const struct bootref *ref, const struct bootref_event *e,
          const struct pcr_values *quoted)
{
	for (size_t i = 0; i < ref->n; i++)
		if (plain_same(&ref->events[i], e, quoted))
			return true;
	return false;
}

static bool
plain_has_separator(const struct bootref *ref, const struct pcr_values *quoted,
                    unsigned pcr)
{
	for (unsigned byte = 0; byte < 256; byte += 255) {
		struct bootref_event e = {.pcr = (uint8_t)pcr};
		uint8_t data[4];
		struct span part = span_of(data, 4);

		memset(data, (int)byte, sizeof(data));
		for (; e.n_digests < quoted->selection.n; e.n_digests++) {
			uint16_t alg = quoted->selection.banks[e.n_digests].alg;

			e.digests[e.n_digests].alg = alg;
			must(crypto_hash(alg, &part, 1,
			                 &e.digests[e.n_digests].value));
		}
		if (plain_has(ref, &e, quoted))
			return true;
	}
	return false;
}

static bool
plain_holds(const struct bootref *ref, struct span bytes,
            const struct pcr_values *quoted, uint32_t pcrs)
{
	AUTO(bootref_done) struct bootref host = {0};
	struct pcr_values replay = {0};

	if (pcrs == 0 || !bootref_of_log(bytes, &host, NULL))
		return false;
	plain_replay(bytes, quoted, &replay);
	for (unsigned p = 0; p < 32; p++) {
		size_t events = 0, banks = 0;

		if ((pcrs >> p & 1) == 0)
			continue;
		for (size_t b = 0; b < quoted->selection.n; b++) {
			if ((quoted->selection.banks[b].mask >> p & 1) == 0)
				continue;
			if (p >= PCR_COUNT ||
			    !span_eq(digest_span(&replay.values[b][p]),
			             digest_span(&quoted->values[b][p])))
				return false;
			banks++;
		}
		for (size_t i = 0; i < host.n; i++) {
			if (host.events[i].pcr != p)
				continue;
			if (!plain_has(ref, &host.events[i], quoted))
				return false;
			events++;
		}
		if (banks == 0 || events == 0 ||
		    (p < 8 && plain_has_separator(ref, quoted, p) &&
		     !plain_has_separator(&host, quoted, p)))
			return false;
	}
	return true;
}

static void
must_be_printable(const char *text, size_t size)
{
	must(memchr(text, '\0', size) != NULL);
	must(text[0] != '\0' && text_is_printable(text));
}

static void
must_be_words(const char *sentence, const char *remedy)
{
	must_be_printable(sentence, BOOTREF_SENTENCE_MAX);
	must_be_printable(remedy, BOOTREF_SENTENCE_MAX);
}

/* Of every PCR of two references, and of a log by each of its banks. */
static void
look_at_words(const struct bootref *ref, struct span log,
              const struct pcr_values *quoted, unsigned pcr)
{
	AUTO(bootref_done) struct bootref host = {0};
	char out[BOOTREF_SENTENCE_MAX];

	if (!bootref_of_log(log, &host, NULL))
		host = (struct bootref){0};
	for (unsigned p = 0; p <= PCR_COUNT; p++) {
		memset(out, 'x', sizeof(out));
		must_be_words(out, bootref_compare(&host, ref, 0, p, out));
	}
	for (size_t b = 0; b <= quoted->selection.n && b < PCR_BANKS_MAX; b++) {
		memset(out, 'x', sizeof(out));
		must_be_words(out,
		              bootref_explain(ref, log, quoted,
		                              quoted->selection.banks[b].alg,
		                              pcr, out));
	}
}

static void
must_come_back(const struct bootref *ref)
{
	AUTO(json_auto) struct json *once = bootref_encode(ref), *twice = NULL;
	AUTO(buf_done) struct buf a = {0}, b = {0};
	AUTO(bootref_done) struct bootref again = {0};

	must(bootref_decode(once, &again, NULL));
	twice = bootref_encode(&again);
	json_format(once, &a);
	json_format(twice, &b);
	must(span_eq(buf_span(&a), buf_span(&b)));
}

/* The lowest PCR of a mask. */
static unsigned
first_of(uint32_t pcrs)
{
	unsigned first = 0;

	while (first < PCR_COUNT - 1 && (pcrs >> first & 1) == 0)
		first++;
	return first;
}

/* What the log itself leads to, and then otherwise. */
static void
quote(struct span log, unsigned first, uint8_t how, struct pcr_values *quoted)
{
	struct bootlog_replay replay;

	if (!bootlog_replay(log, &replay, NULL))
		replay = (struct bootlog_replay){0};
	*quoted = replay.values;
	if ((how & TURN_A_BIT) != 0)
		quoted->values[0][first].at[0] ^= 1;
	if ((how & DROP_A_BANK) != 0 && quoted->selection.n != 0)
		quoted->selection.banks[0].mask = 0;
	if ((how & DROP_VALUES) != 0)
		for (size_t b = 0; b < quoted->selection.n; b++)
			quoted->selection.banks[b].mask &= UINT32_C(1) << first;
}

static void
take_reference(struct span json, struct span log, struct bootref *ref)
{
	AUTO(json_auto) struct json *object = json_parse(json, NULL);

	if (object != NULL &&
	    bootref_decode(json_get(object, "events"), ref, NULL))
		return;
	if (!bootref_of_log(log, ref, NULL))
		*ref = (struct bootref){0};
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	struct reader r = reader_of(span_of(at, len));
	uint8_t how = reader_u8(&r);
	uint32_t pcrs = reader_le32(&r);
	struct span log = reader_bytes(&r, reader_le16(&r));
	AUTO(bootref_done) struct bootref ref = {0};
	struct bootref_finding finding;
	enum bootref_outcome outcome;
	struct pcr_values quoted;

	if (r.bad)
		return 0;
	take_reference(r.rest, log, &ref);
	must(ref.n <= BOOTREF_EVENTS_MAX);
	quote(log, first_of(pcrs), how, &quoted);
	outcome = bootref_check(&ref, log, &quoted, pcrs, &finding);
	must(outcome == finding.outcome);
	must_be_printable(finding.text, sizeof(finding.text));
	must((outcome == BOOTREF_HOLDS) ==
	     plain_holds(&ref, log, &quoted, pcrs));
	look_at_words(&ref, log, &quoted, first_of(pcrs));
	must_come_back(&ref);
	return 0;
}
