/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "evidence/bootref_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "evidence/bootlog_type.h"

void
bootref_done(struct bootref *ref)
{
	for (size_t i = 0; i < ref->n; i++)
		free(ref->events[i].text);
	free(ref->events);
	*ref = (struct bootref){0};
}

static void
take_digests(const struct bootlog_event *from, struct bootref_event *to)
{
	for (size_t i = 0; i < from->n_digests; i++) {
		struct span value = from->digests[i].value;
		struct digest *d;

		if (crypto_digest_size(from->digests[i].alg) == 0 ||
		    to->n_digests == PCR_BANKS_MAX)
			continue;
		to->digests[to->n_digests].alg = from->digests[i].alg;
		d = &to->digests[to->n_digests++].value;
		d->len = (uint8_t)value.len;
		memcpy(d->at, value.at, value.len);
	}
}

static bool
take(struct bootref *ref, const struct bootlog_event *e, struct err *err)
{
	struct bootref_event *to = &ref->events[ref->n];
	char text[BOOTREF_TEXT_MAX];

	*to = (struct bootref_event){.pcr = (uint8_t)e->pcr, .type = e->type};
	take_digests(e, to);
	if (to->n_digests == 0)
		return err_set(err, ERR_UNSUPPORTED,
		               "boot log at byte %zu: event %u has no digest "
		               "of an algorithm that is known here",
		               e->offset, e->number);
	to->proved = bootlog_match(e) == BOOTLOG_MATCHES;
	bootlog_describe_long(e, text, sizeof(text));
	to->text = mem_text(text);
	ref->n++;
	return true;
}

static bool
take_all(struct span bytes, struct bootref *ref, struct err *err)
{
	enum bootlog_step step;
	struct bootlog_event e;
	struct bootlog log;
	size_t room = 0;

	if (!bootlog_open(bytes, &log, err))
		return false;
	while ((step = bootlog_next(&log, &e, err)) == BOOTLOG_EVENT) {
		if (e.type == EV_NO_ACTION)
			continue;
		if (ref->n == room) {
			room = room == 0 ? 64 : 2 * room;
			ref->events =
			    mem_grow(ref->events, room, sizeof(*ref->events));
		}
		if (!take(ref, &e, err))
			return false;
	}
	return step == BOOTLOG_END;
}

bool
bootref_of_log(struct span log, struct bootref *out, struct err *err)
{
	*out = (struct bootref){0};
	if (take_all(log, out, err))
		return true;
	bootref_done(out);
	return false;
}

size_t
bootref_count(const struct bootref *ref, unsigned pcr)
{
	size_t n = 0;

	for (size_t i = 0; i < ref->n; i++)
		n += ref->events[i].pcr == pcr;
	return n;
}

static const struct {
	const char *name, *text;
} outcomes[] = {
#define X(id, name, text) [BOOTREF_##id] = {name, text},
    BOOTREF_OUTCOMES(X)
#undef X
};

const char *
bootref_outcome_name(enum bootref_outcome outcome)
{
	return outcomes[outcome].name;
}

const char *
bootref_outcome_text(enum bootref_outcome outcome)
{
	return outcomes[outcome].text;
}

const struct digest *
bootref_digest(const struct bootref_event *e, uint16_t bank)
{
	for (size_t i = 0; i < e->n_digests; i++)
		if (e->digests[i].alg == bank && e->digests[i].value.len != 0)
			return &e->digests[i].value;
	return NULL;
}

bool
bootref_event_eq(const struct bootref_event *a, const struct bootref_event *b,
                 uint16_t bank)
{
	size_t common = 0;

	for (size_t i = 0; i < a->n_digests; i++) {
		const struct digest *d = bootref_digest(b, a->digests[i].alg);

		if (d == NULL || (bank != 0 && bank != a->digests[i].alg))
			continue;
		if (!span_eq(digest_span(d), digest_span(&a->digests[i].value)))
			return false;
		common++;
	}
	return common != 0;
}

/* What a PCR is after a reset: zeroes, or ones for those of a dynamic launch;
 * the locality in PCR 0. */
static bool
is_reset(const struct digest *d, const struct bootlog_replay *replay,
         unsigned pcr)
{
	uint8_t fill = pcr >= 17 && pcr <= 22 ? 0xff : 0;

	for (size_t i = 0; i < d->len; i++) {
		uint8_t start = fill;

		if (pcr == 0 && i + 1 == d->len)
			start = replay->locality;
		if (d->at[i] != start)
			return false;
	}
	return d->len != 0;
}

bool
bootref_replays(const struct bootlog_replay *replay,
                const struct pcr_values *quoted, uint16_t bank, unsigned pcr)
{
	int r = pcr_selection_find(&replay->values.selection, bank);
	int q = pcr_selection_find(&quoted->selection, bank);
	const struct digest *value;

	if (r < 0 || q < 0 || pcr >= PCR_COUNT)
		return false;
	value = &quoted->values[q][pcr];
	if ((replay->values.selection.banks[r].mask >> pcr & 1) == 0)
		return is_reset(value, replay, pcr);
	return span_eq(digest_span(value),
	               digest_span(&replay->values.values[r][pcr]));
}
