/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Boot logs: a reading ends, borrows from the log alone, replays to the same
 * values twice, and all that is said of an event can be printed. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "evidence/bootlog.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
must_lie_in(struct span part, const uint8_t *at, size_t len)
{
	must(part.len == 0 || (part.at >= at && part.len <= len &&
	                       part.at + part.len <= at + len));
}

static void
look_at(const struct bootlog_event *e, const uint8_t *at, size_t len)
{
	char text[BOOTLOG_TEXT_MAX];

	must(e->pcr < PCR_COUNT && e->n_digests >= 1 &&
	     e->n_digests <= BOOTLOG_ALGORITHMS_MAX);
	must_lie_in(e->data, at, len);
	for (size_t i = 0; i < e->n_digests; i++) {
		size_t known = crypto_digest_size(e->digests[i].alg);

		must_lie_in(e->digests[i].value, at, len);
		must(known == 0 || e->digests[i].value.len == known);
	}
	memset(text, 'x', sizeof(text));
	bootlog_describe(e, text);
	must(memchr(text, '\0', sizeof(text)) != NULL);
	must(text_is_printable(text));
	must(bootlog_match_name(bootlog_match(e)) != NULL);
}

static void
must_be_same(const struct bootlog_replay *a, const struct bootlog_replay *b)
{
	must(a->events == b->events && a->locality == b->locality);
	must(pcr_selection_eq(&a->values.selection, &b->values.selection));
	must(memcmp(a->values.values, b->values.values,
	            sizeof(a->values.values)) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	struct bootlog_replay replay, again;
	enum bootlog_step step = BOOTLOG_REFUSED;
	struct span bytes = span_of(at, len);
	struct err err = {0}, other = {0};
	struct bootlog_event e;
	struct bootlog log;
	size_t offset = 0;
	bool whole;

	if (bootlog_open(bytes, &log, &err))
		while ((step = bootlog_next(&log, &e, &err)) == BOOTLOG_EVENT) {
			must(e.offset == offset && log.rest.offset > offset);
			offset = log.rest.offset;
			look_at(&e, at, len);
		}
	whole = bootlog_replay(bytes, &replay, &other);
	/* A StartupLocality that makes no sense is the replay's to refuse. */
	must(!whole || step == BOOTLOG_END);
	must(whole || (other.code != ERR_NONE &&
	               strncmp(other.text, "boot log at byte ", 17) == 0));
	must(whole == bootlog_replay(bytes, &again, &other));
	must_be_same(&replay, &again);
	if (step == BOOTLOG_END)
		must(log.events >= 1 && log.events <= BOOTLOG_EVENTS_MAX);
	return 0;
}
