/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The check `boot-log`: a log held against reference events. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "evidence/bootlog_type.h"
#include "evidence/bootref_private.h"
#include "evidence/printable.h"

/* PCRs in which the firmware ends its part with a separator (PC Client Platform
 * Firmware Profile 1.06, 3.3.4). */
#define PCRS_FIRMWARE UINT32_C(0xff)

enum { LABEL_SHOWN = 240 };

/* What an event is known by: its PCR, and its digests of the banks that the
 * quote has of this PCR, in the quote's order, each in a room of its own. */
struct key {
	uint8_t at[1 + PCR_BANKS_MAX * DIGEST_MAX];
};

/* The keys of the reference's events, sorted. */
struct index {
	size_t n;
	struct key *keys;
};

struct checking {
	struct span log;
	struct bootref host;          /* the log's events */
	struct index known, measured; /* the reference's keys, the host's */
	const struct pcr_values *quoted;
	uint32_t pcrs;
	struct bootref_finding *finding;
};

static bool
has(uint32_t mask, unsigned pcr)
{
	return pcr < PCR_COUNT && (mask >> pcr & 1) != 0;
}

static enum bootref_outcome
find(struct bootref_finding *f, enum bootref_outcome outcome, unsigned pcr)
{
	f->outcome = outcome;
	f->pcr = (uint8_t)pcr;
	return outcome;
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct key));
}

/* False when the event lacks a digest of one of those banks, or there is none:
 * then it is like no other. */
static bool
key_of(const struct bootref_event *e, const struct pcr_values *quoted,
       struct key *key)
{
	const struct pcr_selection *s = &quoted->selection;
	size_t banks = 0;

	*key = (struct key){.at = {e->pcr}};
	for (size_t b = 0; b < s->n; b++) {
		const struct digest *d = bootref_digest(e, s->banks[b].alg);

		if (!has(s->banks[b].mask, e->pcr))
			continue;
		if (d == NULL)
			return false;
		memcpy(key->at + 1 + b * DIGEST_MAX, d->at, d->len);
		banks++;
	}
	return banks != 0;
}

static struct index
index_of(const struct bootref *ref, const struct pcr_values *quoted,
         uint32_t pcrs)
{
	struct index index = {.keys = mem_new(ref->n + 1, sizeof(*index.keys))};

	for (size_t i = 0; i < ref->n; i++)
		if (has(pcrs, ref->events[i].pcr) &&
		    key_of(&ref->events[i], quoted, &index.keys[index.n]))
			index.n++;
	qsort(index.keys, index.n, sizeof(*index.keys), compare);
	return index;
}

/* The key of a separator in a PCR: the digests of 00000000, or of ffffffff
 * (10.4.1).  Digests say what one is, its type does not. */
static bool
separator_key(const struct pcr_values *quoted, uint8_t byte, unsigned pcr,
              struct key *key)
{
	const uint8_t data[4] = {byte, byte, byte, byte};
	struct bootref_event e = {.pcr = (uint8_t)pcr};
	struct span part = span_of(data, sizeof(data));

	for (size_t b = 0; b < quoted->selection.n; b++) {
		uint16_t alg = quoted->selection.banks[b].alg;

		e.digests[e.n_digests].alg = alg;
		if (!crypto_hash(alg, &part, 1, &e.digests[e.n_digests].value))
			return false;
		e.n_digests++;
	}
	return key_of(&e, quoted, key);
}

static bool
is_in(const struct index *index, const struct key *key)
{
	return bsearch(key, index->keys, index->n, sizeof(*key), compare) !=
	       NULL;
}

/* Whether the reference has a separator in that PCR and the host has none. */
static bool
lacks_separator(const struct checking *c, unsigned pcr)
{
	static const uint8_t bytes[] = {0, 0xff};
	bool wanted = false, there = false;

	for (size_t i = 0; i < LENGTH_OF(bytes); i++) {
		struct key key;

		if (!separator_key(c->quoted, bytes[i], pcr, &key))
			continue;
		wanted = wanted || is_in(&c->known, &key);
		there = there || is_in(&c->measured, &key);
	}
	return wanted && !there;
}

/* The first PCR of the mask that no bank of the quote has. */
static enum bootref_outcome
check_quoted(struct checking *c)
{
	for (unsigned p = 0; p < 32; p++) {
		const struct pcr_selection *s = &c->quoted->selection;
		bool quoted = false;

		for (size_t b = 0; b < s->n; b++)
			quoted = quoted || has(s->banks[b].mask, p);
		if ((c->pcrs >> p & 1) == 0 || quoted)
			continue;
		snprintf(c->finding->text, BOOTREF_FINDING_MAX,
		         "no bank of the quote has PCR %u", p);
		return find(c->finding, BOOTREF_UNQUOTED, p);
	}
	return BOOTREF_HOLDS;
}

static enum bootref_outcome
check_replay(struct checking *c, const struct bootlog_replay *replay)
{
	const struct pcr_selection *s = &c->quoted->selection;

	for (unsigned p = 0; p < PCR_COUNT; p++)
		for (size_t b = 0; b < s->n; b++) {
			uint16_t bank = s->banks[b].alg;

			if (!has(c->pcrs, p) || !has(s->banks[b].mask, p) ||
			    bootref_replays(replay, c->quoted, bank, p))
				continue;
			c->finding->bank = bank;
			snprintf(c->finding->text, BOOTREF_FINDING_MAX,
			         "the boot log does not lead to the "
			         "quoted value of PCR %u in the bank %s",
			         p, pcr_bank_name(bank));
			return find(c->finding, BOOTREF_UNREPLAYED, p);
		}
	return BOOTREF_HOLDS;
}

/* The number that the log gives to the n-th of its events that are extended. */
static uint32_t
number_of(struct span bytes, size_t n)
{
	struct bootlog_event e = {0};
	struct bootlog log;

	if (!bootlog_open(bytes, &log, NULL))
		return 0;
	while (bootlog_next(&log, &e, NULL) == BOOTLOG_EVENT)
		if (e.type != EV_NO_ACTION && n-- == 0)
			return e.number;
	return 0;
}

static enum bootref_outcome
refuse_event(struct checking *c, size_t n)
{
	const struct bootref_event *e = &c->host.events[n];
	struct printable p =
	    printable_of(c->finding->text, BOOTREF_FINDING_MAX);

	c->finding->event = number_of(c->log, n);
	printable_add(&p,
	              "event %u of the boot log, of PCR %u, is not among the "
	              "reference events: ",
	              c->finding->event, e->pcr);
	bootref_name(&p, e, LABEL_SHOWN);
	return find(c->finding, BOOTREF_UNKNOWN_EVENT, e->pcr);
}

static enum bootref_outcome
check_events(struct checking *c)
{
	for (size_t i = 0; i < c->host.n; i++) {
		const struct bootref_event *e = &c->host.events[i];
		struct key key;

		if (has(c->pcrs, e->pcr) &&
		    (!key_of(e, c->quoted, &key) || !is_in(&c->known, &key)))
			return refuse_event(c, i);
	}
	return BOOTREF_HOLDS;
}

static enum bootref_outcome
check_presence(struct checking *c)
{
	for (unsigned p = 0; p < PCR_COUNT; p++) {
		if (!has(c->pcrs, p))
			continue;
		if (bootref_count(&c->host, p) == 0) {
			snprintf(c->finding->text, BOOTREF_FINDING_MAX,
			         "the boot log has no event of PCR %u, and the "
			         "PCR is empty",
			         p);
			return find(c->finding, BOOTREF_EMPTY, p);
		}
		if (has(PCRS_FIRMWARE, p) && lacks_separator(c, p)) {
			snprintf(c->finding->text, BOOTREF_FINDING_MAX,
			         "the boot log has no separator in PCR %u: the "
			         "firmware did not end its part of it",
			         p);
			return find(c->finding, BOOTREF_NO_SEPARATOR, p);
		}
	}
	return BOOTREF_HOLDS;
}

static enum bootref_outcome
check(struct checking *c, const struct bootref *ref)
{
	struct bootlog_replay replay;
	enum bootref_outcome outcome;
	struct err err;

	if (c->pcrs == 0)
		return BOOTREF_NOT_JUDGED;
	if (c->log.len == 0)
		return BOOTREF_NO_LOG;
	if (!bootlog_replay(c->log, &replay, &err) ||
	    !bootref_of_log(c->log, &c->host, &err)) {
		snprintf(c->finding->text, BOOTREF_FINDING_MAX, "%s", err.text);
		return BOOTREF_MALFORMED;
	}
	c->known = index_of(ref, c->quoted, c->pcrs);
	c->measured = index_of(&c->host, c->quoted, c->pcrs);
	outcome = check_quoted(c);
	if (outcome == BOOTREF_HOLDS)
		outcome = check_replay(c, &replay);
	if (outcome == BOOTREF_HOLDS)
		outcome = check_events(c);
	if (outcome == BOOTREF_HOLDS)
		outcome = check_presence(c);
	return outcome;
}

enum bootref_outcome
bootref_check(const struct bootref *ref, struct span log,
              const struct pcr_values *quoted, uint32_t pcrs,
              struct bootref_finding *finding)
{
	struct checking c = {
	    .log = log, .quoted = quoted, .pcrs = pcrs, .finding = finding};

	*finding = (struct bootref_finding){0};
	finding->outcome = check(&c, ref);
	if (finding->text[0] == '\0')
		snprintf(finding->text, BOOTREF_FINDING_MAX, "%s",
		         bootref_outcome_text(finding->outcome));
	bootref_done(&c.host);
	free(c.known.keys);
	free(c.measured.keys);
	return finding->outcome;
}
