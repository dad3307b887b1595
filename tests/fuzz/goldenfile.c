/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as golden values of other programs.  The first byte is what the
 * operator chose; a byte 0x1e ends a file.  What is made is what the verifier
 * takes: whole, without PCR 16 and 23, within its limits, and the same when it
 * is written and read again. */
#include <stdlib.h>
#include <string.h>

#include "proto/goldenfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

enum { LOOSE = 1 << 16 | 1 << 23, END_OF_FILE = 0x1e };

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* Takes both. */
static void
must_be_same(struct json *once, struct json *twice)
{
	AUTO(buf_done) struct buf a = {0}, b = {0};

	json_format(once, &a);
	json_format(twice, &b);
	must(span_eq(buf_span(&a), buf_span(&b)));
	json_free(once);
	json_free(twice);
}

static void
check_values(const struct golden *g)
{
	const struct pcr_selection *s = &g->values.selection;
	struct golden with_events = *g;

	must(s->n >= 1 && s->n <= PCR_BANKS_MAX);
	for (size_t b = 0; b < s->n; b++) {
		must((s->banks[b].mask & LOOSE) == 0);
		must(s->banks[b].alg != TPM_ALG_SHA1 || g->allow_sha1);
	}
	/* The verifier names the events once it has them. */
	with_events.events[0] = g->by_events != 0;
	must(golden_is_whole(&with_events, NULL));
}

static void
check_golden(const struct golden *g)
{
	struct json *once = golden_encode(g);
	struct golden again;

	check_values(g);
	must(g->state == GOLDEN_CANDIDATE && g->attest.len == 0);
	must(golden_decode(once, &again, NULL));
	must(memcmp(&again.values, &g->values, sizeof(again.values)) == 0);
	must(again.by_events == g->by_events);
	must_be_same(once, golden_encode(&again));
}

/* Every event that judges has a digest of every bank that is quoted. */
static void
check_events(const struct goldenfile *file, const struct golden *g)
{
	AUTO(bootref_done) struct bootref again = {0};
	struct json *once = bootref_encode(&file->events);

	must(file->events.n <= BOOTREF_EVENTS_MAX);
	must(bootref_decode(once, &again, NULL));
	must_be_same(once, bootref_encode(&again));
	for (unsigned p = 0; p < PCR_COUNT; p++)
		must((g->by_events >> p & 1) == 0 ||
		     bootref_count(&file->events, p) != 0);
	for (size_t i = 0; i < file->events.n; i++) {
		const struct bootref_event *e = &file->events.events[i];
		size_t found = 0;

		for (size_t b = 0; b < g->values.selection.n; b++)
			for (size_t d = 0; d < e->n_digests; d++)
				found += e->digests[d].alg ==
				         g->values.selection.banks[b].alg;
		must((g->by_events >> e->pcr & 1) == 0 ||
		     found == g->values.selection.n);
	}
}

static void
make(const struct goldenfile *file, uint8_t choice)
{
	static const char *const pcrs[] = {
	    NULL,       NULL,          "sha256:0-15", "sha256:4",
	    "sha1:4,7", "sha256:7,16", "sha256:all",  "sha256:4+sha384:4"};
	const struct goldenfile_choice c = {
	    .of_group = (choice & 1) != 0,
	    .scope = "host-a",
	    .label = "a label",
	    .allow_sha1 = (choice & 2) != 0,
	    .pcrs = pcrs[choice >> 2 & 7],
	};
	struct goldenfile_made made;

	if (goldenfile_make(file, &c, &made, NULL)) {
		must(made.n >= 1 && made.n <= GOLDENFILE_CANDIDATES_MAX);
		for (size_t i = 0; i < made.n; i++)
			check_golden(&made.goldens[i]);
		must((made.goldens[0].by_events != 0) ==
		     (file->form == GOLDENFILE_PCRLOCK));
		if (file->form == GOLDENFILE_PCRLOCK)
			check_events(file, &made.goldens[0]);
	}
	goldenfile_made_done(&made);
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	struct goldenfile file = {0};
	struct span rest;
	bool ok = true;

	if (len < 2)
		return 0;
	rest = span_of(at + 1, len - 1);
	while (ok && rest.len != 0) {
		const uint8_t *end = memchr(rest.at, END_OF_FILE, rest.len);
		size_t n = end != NULL ? (size_t)(end - rest.at) : rest.len;

		ok = goldenfile_add(&file, "a.pcrlock", span_of(rest.at, n),
		                    NULL);
		n += end != NULL;
		rest = span_of(rest.at + n, rest.len - n);
	}
	must(file.n_values <= GOLDENFILE_VALUES_MAX);
	if (ok && file.form != GOLDENFILE_EXPORT)
		make(&file, at[0]);
	goldenfile_done(&file);
	return 0;
}
