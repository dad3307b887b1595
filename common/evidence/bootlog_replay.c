/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "evidence/bootlog.h"
#include "evidence/bootlog_type.h"

/* PCRs of a dynamic launch, which the platform's reset sets to ones. */
enum { PCR_DYNAMIC_FIRST = 17, PCR_DYNAMIC_LAST = 22 };

/* TCG_EfiStartupLocalityEvent (10.4.5.3), the NUL counted. */
static const char startup_locality[] = "StartupLocality";

static bool
is_locality(const struct bootlog_event *e)
{
	return e->type == EV_NO_ACTION &&
	       e->data.len >= sizeof(startup_locality) &&
	       memcmp(e->data.at, startup_locality, sizeof(startup_locality)) ==
	           0;
}

static void
start(const struct bootlog *log, struct bootlog_replay *out)
{
	struct pcr_selection *s = &out->values.selection;

	for (size_t i = 0; i < log->n_algorithms; i++) {
		uint16_t alg = log->algorithms[i].alg;
		size_t size = crypto_digest_size(alg);

		if (size == 0 || s->n == PCR_BANKS_MAX)
			continue;
		for (unsigned p = 0; p < PCR_COUNT; p++) {
			struct digest *d = &out->values.values[s->n][p];
			bool ones =
			    p >= PCR_DYNAMIC_FIRST && p <= PCR_DYNAMIC_LAST;

			d->len = (uint8_t)size;
			memset(d->at, ones ? 0xff : 0, size);
		}
		s->banks[s->n++] = (struct pcr_bank){.alg = alg};
	}
}

static bool
start_locality(const struct bootlog_event *e, bool *seen,
               struct bootlog_replay *out, struct err *err)
{
	struct pcr_selection *s = &out->values.selection;
	uint8_t locality = e->data.at[e->data.len - 1];

	if (e->data.len != sizeof(startup_locality) + 1 || e->pcr != 0 ||
	    (locality != 0 && locality != 3 && locality != 4))
		return err_set(err, ERR_MALFORMED,
		               "boot log at byte %zu: event %u: no "
		               "StartupLocality of 0, 3 or 4",
		               e->offset, e->number);
	if (*seen || (s->n != 0 && (s->banks[0].mask & 1) != 0))
		return err_set(err, ERR_MALFORMED,
		               "boot log at byte %zu: event %u: "
		               "StartupLocality comes too late",
		               e->offset, e->number);
	*seen = true;
	out->locality = locality;
	for (size_t b = 0; b < s->n; b++) {
		struct digest *d = &out->values.values[b][0];

		d->at[d->len - 1] = locality;
	}
	return true;
}

static void
extend(const struct bootlog_event *e, struct bootlog_replay *out)
{
	for (size_t i = 0; i < e->n_digests; i++) {
		int b = pcr_selection_find(&out->values.selection,
		                           e->digests[i].alg);
		struct digest *value, after;
		struct span parts[2];

		if (b < 0)
			continue;
		value = &out->values.values[b][e->pcr];
		parts[0] = digest_span(value);
		parts[1] = e->digests[i].value;
		if (!crypto_hash(e->digests[i].alg, parts, 2, &after))
			continue;
		*value = after;
		out->values.selection.banks[b].mask |= UINT32_C(1) << e->pcr;
	}
}

/* What the log does not extend is no value of its. */
static void
drop_others(struct pcr_values *v)
{
	for (size_t b = 0; b < v->selection.n; b++)
		for (unsigned p = 0; p < PCR_COUNT; p++)
			if ((v->selection.banks[b].mask >> p & 1) == 0)
				v->values[b][p] = (struct digest){0};
}

static bool
replay(struct span bytes, struct bootlog_replay *out, struct err *err)
{
	struct bootlog_event e;
	enum bootlog_step step;
	struct bootlog log;
	bool seen = false;

	if (!bootlog_open(bytes, &log, err))
		return false;
	start(&log, out);
	while ((step = bootlog_next(&log, &e, err)) == BOOTLOG_EVENT) {
		if (is_locality(&e) && !start_locality(&e, &seen, out, err))
			return false;
		if (e.type != EV_NO_ACTION)
			extend(&e, out);
	}
	out->events = log.events;
	drop_others(&out->values);
	return step == BOOTLOG_END;
}

bool
bootlog_replay(struct span bytes, struct bootlog_replay *out, struct err *err)
{
	*out = (struct bootlog_replay){0};
	if (replay(bytes, out, err))
		return true;
	*out = (struct bootlog_replay){0};
	return false;
}
