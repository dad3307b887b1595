/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A golden value in words: what it pins, and what it leaves free. */
#include <stdio.h>

#include "evidence/pcr_usage.h"
#include "golden.h"

/* PCRs that firmware and boot loaders use (PC Client Platform Firmware Profile,
 * 3.3.4). */
enum { PCRS_OF_BOOT = 16 };

bool
golden_events(const struct json *golden, struct bootref *out, struct err *err)
{
	const struct json *array;

	*out = (struct bootref){0};
	return json_get(golden, "events") == NULL ||
	       (json_get_array(golden, "events", BOOTREF_EVENTS_MAX, &array,
	                       err) &&
	        bootref_decode(array, out, err));
}

static enum pcr_choice
choice_of(const struct golden *g, unsigned pcr)
{
	if ((g->by_events >> pcr & 1) != 0)
		return PCR_CHOICE_EVENTS;
	for (size_t b = 0; b < g->values.selection.n; b++)
		if ((g->values.selection.banks[b].mask >> pcr & 1) != 0)
			return PCR_CHOICE_EXACT;
	return PCR_CHOICE_FREE;
}

static void
print_pcr_words(const struct json *golden, const struct golden *g,
                const struct bootref *events, unsigned pcr)
{
	size_t n = bootref_count(events, pcr);
	char text[PCR_CHOICE_TEXT_MAX];

	if (pcr == GOLDEN_PCR_IMA &&
	    json_get(golden, "ima_policy_sha256") != NULL) {
		printf("  PCR %u (%s): each file must be as its IMA policy "
		       "wants it\n",
		       pcr, pcr_usage(pcr));
		return;
	}
	/* Without a log nothing is said of a log's events. */
	pcr_choice_describe(pcr, choice_of(g, pcr), events->n != 0 ? n : 1,
	                    text);
	printf("  %s\n", text);
}

void
print_golden_words(const struct json *golden)
{
	AUTO(bootref_done) struct bootref events = {0};
	struct golden g;
	struct err err = {0};

	if (!golden_decode(golden, &g, &err) ||
	    !golden_events(golden, &events, &err)) {
		(void)fail(&err);
		return;
	}
	printf("it judges\n");
	for (unsigned p = 0; p < PCRS_OF_BOOT; p++)
		print_pcr_words(golden, &g, &events, p);
	if (g.pins_firmware)
		printf("  the TPM's firmware: must be version %016llx\n",
		       (unsigned long long)g.firmware);
	if (events.n == 0)
		printf("  no boot log is kept with it: a refusal says which "
		       "PCR differs, not what changed\n");
}
