/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What changed, in one sentence for the operator, and what he can do. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "evidence/bootref_private.h"

enum {
	LABEL_SHOWN = 200, /* of one label, cut */
	FIRST_SHOWN = 80,
	BOTH_SHOWN = 120, /* of two together, else their words */
	BOTH_TOO = 400,   /* and so much beside their words */
	DIGEST_SHOWN = 8, /* bytes */
};

struct telling {
	struct printable p;
	uint16_t bank;
};

static void
say(struct printable *p, const char *text)
{
	printable_utf8(p, span_str(text));
}

/* A text that its digest does not prove is what the host says; where the digest
 * should prove it, the host lies. */
static void
mark(struct printable *p, const struct bootref_event *e)
{
	if (e->proved)
		return;
	say(p, bootref_kind_of(e)->provable
	           ? " (as the host names it, but its digest is of something "
	             "else)"
	           : " (as the host names it)");
}

void
bootref_name(struct printable *p, const struct bootref_event *e, size_t max)
{
	char label[BOOTREF_TEXT_MAX];

	bootref_label(e, label);
	say(p, bootref_kind_of(e)->noun);
	say(p, " ");
	bootref_quote(p, label, max);
	mark(p, e);
}

/* What tells two things of one name apart. */
static void
show_digests(struct telling *t, const struct bootref_event *before,
             const struct bootref_event *after)
{
	uint16_t bank = t->bank;

	for (size_t i = 0; i < after->n_digests && bank == 0; i++)
		if (bootref_digest(before, after->digests[i].alg) != NULL &&
		    after->digests[i].alg != TPM_ALG_SHA1)
			bank = after->digests[i].alg;
	if (bootref_digest(before, bank) == NULL ||
	    bootref_digest(after, bank) == NULL)
		return;
	printable_add(&t->p, ", %s ", pcr_bank_name(bank));
	printable_hex(&t->p,
	              span_of(bootref_digest(after, bank)->at, DIGEST_SHOWN));
	say(&t->p, "... in place of ");
	printable_hex(&t->p,
	              span_of(bootref_digest(before, bank)->at, DIGEST_SHOWN));
	say(&t->p, "...");
}

/* Two labels that differ. */
static void
tell_labels(struct telling *t, const struct bootref_kind *kind, const char *old,
            const char *new)
{
	size_t both = strlen(old) + strlen(new);

	if (kind->other != NULL)
		say(&t->p, kind->other);
	else {
		say(&t->p, kind->noun);
		say(&t->p, " changed");
	}
	if (both <= BOTH_SHOWN) {
		say(&t->p, kind->other != NULL ? ": " : " from ");
		bootref_quote(&t->p, kind->other != NULL ? new : old,
		              LABEL_SHOWN);
		say(&t->p, kind->other != NULL ? " in place of " : " to ");
		bootref_quote(&t->p, kind->other != NULL ? old : new,
		              LABEL_SHOWN);
		return;
	}
	say(&t->p, ": ");
	bootref_words(&t->p, old, new);
	if (both > BOTH_TOO) {
		say(&t->p, " in ");
		bootref_quote(&t->p, old, FIRST_SHOWN);
		return;
	}
	say(&t->p, " (from ");
	bootref_quote(&t->p, old, BOTH_TOO);
	say(&t->p, " to ");
	bootref_quote(&t->p, new, BOTH_TOO);
	say(&t->p, ")");
}

static bool
is_state(const char *label)
{
	return strcmp(label, "on") == 0 || strcmp(label, "off") == 0;
}

/* Of two events of one kind. */
static void
tell_change(struct telling *t, const struct bootref_event *before,
            const struct bootref_event *after)
{
	const struct bootref_kind *kind = bootref_kind_of(after);
	char old[BOOTREF_TEXT_MAX], new[BOOTREF_TEXT_MAX];
	bool same;

	bootref_label(before, old);
	bootref_label(after, new);
	same = strcmp(old, new) == 0;
	if (same) {
		bootref_name(&t->p, after, LABEL_SHOWN);
		say(&t->p, " changed");
	} else if (kind->is_switch && is_state(old) && is_state(new)) {
		printable_add(&t->p,
		              "%s was switched %s (the reference has it %s)",
		              kind->noun, new, old);
		mark(&t->p, after);
	} else {
		tell_labels(t, kind, old, new);
		mark(&t->p, after);
	}
	if (!kind->provable || same)
		show_digests(t, before, after);
}

/* The event that a difference is named by: there is always one. */
static const struct bootref_event *
event_of(const struct bootref_difference *d)
{
	const struct bootref_event *e = d->after != NULL ? d->after : d->before;

	assert(e != NULL);
	return e;
}

static void
tell_one(struct telling *t, const struct bootref_difference *d)
{
	const struct bootref_event *e = event_of(d);
	const struct bootref_kind *kind = bootref_kind_of(e);

	if (d->before != NULL && d->after != NULL && !d->moved) {
		tell_change(t, d->before, d->after);
	} else {
		bootref_name(&t->p, e, LABEL_SHOWN);
		say(&t->p, d->moved ? " comes in another place than in the "
		                      "reference"
		           : d->before == NULL
		               ? " was added; the reference does not have it"
		               : " is missing; the reference has it");
	}
	if (kind->also != NULL && !d->moved) {
		say(&t->p, "; ");
		say(&t->p, kind->also);
	}
}

static int
weight_of(const struct bootref_difference *d)
{
	return d->moved ? 0 : bootref_kind_of(event_of(d))->weight;
}

/* How many there are beside the one that is told; `none`: the reference has
 * events, and none of them is there. */
static void
tell_rest(struct telling *t, const struct bootref_difference *all, size_t n,
          size_t told, bool none)
{
	const struct bootref_event *first = event_of(&all[0]);

	if (n == 1)
		return;
	printable_add(&t->p, "; %zu events of this PCR differ", n);
	if (none) {
		say(&t->p, ", and none of the reference's is there");
	} else if (told == 0) {
		say(&t->p, ", this is the first");
	} else {
		say(&t->p, ", the first is ");
		bootref_name(&t->p, first, FIRST_SHOWN);
	}
}

const char *
bootref_compare(const struct bootref *before, const struct bootref *after,
                uint16_t bank, unsigned pcr, char out[BOOTREF_SENTENCE_MAX])
{
	struct telling t = {printable_of(out, BOOTREF_SENTENCE_MAX), bank};
	const char *remedy = "nothing is to be done";
	struct bootref_difference *all;
	size_t n, told = 0, gone = 0;

	all = bootref_differences(before, after, bank, pcr, &n);
	for (size_t i = 1; i < n; i++)
		if (weight_of(&all[i]) > weight_of(&all[told]))
			told = i;
	for (size_t i = 0; i < n; i++)
		gone += all[i].before != NULL && !all[i].moved;
	if (n == 0) {
		printable_add(&t.p,
		              "the events of PCR %u are those of the "
		              "reference, in its order",
		              pcr);
	} else {
		tell_one(&t, &all[told]);
		tell_rest(&t, all, n, told,
		          gone != 0 && gone == bootref_count(before, pcr));
		remedy = bootref_kind_of(event_of(&all[told]))->remedy;
	}
	free(all);
	return remedy;
}

bool
bootref_same(const struct bootref *before, const struct bootref *after,
             uint16_t bank, unsigned pcr)
{
	size_t n;

	free(bootref_differences(before, after, bank, pcr, &n));
	return n == 0;
}
