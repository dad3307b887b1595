/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What changed, in one sentence for the operator, and what he can do. */
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

/* 'LABEL', cut to `max`. */
static void
quote(struct printable *p, const char *label, size_t max)
{
	char text[LABEL_SHOWN + 8];
	struct printable cut = printable_of(text, max + 8);

	say(&cut, label);
	say(p, "'");
	say(p, text);
	say(p, "'");
}

/* A text that its digest does not prove is what the host says; for one that it
 * should prove, the host lies. */
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
		quote(&t->p, kind->other != NULL ? new : old, LABEL_SHOWN);
		say(&t->p, kind->other != NULL ? " in place of " : " to ");
		quote(&t->p, kind->other != NULL ? old : new, LABEL_SHOWN);
		return;
	}
	say(&t->p, ": ");
	bootref_words(&t->p, old, new);
	if (both > BOTH_TOO) {
		say(&t->p, " in ");
		quote(&t->p, old, FIRST_SHOWN);
		return;
	}
	say(&t->p, ", from ");
	quote(&t->p, old, LABEL_SHOWN);
	say(&t->p, " to ");
	quote(&t->p, new, LABEL_SHOWN);
}

static void
tell_change(struct telling *t, const struct bootref_event *before,
            const struct bootref_event *after)
{
	const struct bootref_kind *kind = bootref_kind_of(after);
	char old[BOOTREF_TEXT_MAX], new[BOOTREF_TEXT_MAX];

	bootref_label(before, old);
	bootref_label(after, new);
	if (kind != bootref_kind_of(before)) {
		say(&t->p, kind->noun);
		say(&t->p, " ");
		quote(&t->p, new, LABEL_SHOWN);
		mark(&t->p, after);
		say(&t->p, " in place of ");
		say(&t->p, bootref_kind_of(before)->noun);
		say(&t->p, " ");
		quote(&t->p, old, LABEL_SHOWN);
		return;
	}
	if (kind->is_switch && strcmp(old, new) != 0) {
		say(&t->p, kind->noun);
		printable_add(&t->p, " was switched %s", new);
		printable_add(&t->p, " (the reference has it %s)", old);
	} else if (strcmp(old, new) != 0) {
		tell_labels(t, kind, old, new);
	} else {
		say(&t->p, kind->noun);
		say(&t->p, " ");
		quote(&t->p, new, LABEL_SHOWN);
		say(&t->p, " changed");
	}
	mark(&t->p, after);
	if (!kind->provable || strcmp(old, new) == 0)
		show_digests(t, before, after);
}

static void
tell_one(struct telling *t, const struct bootref_difference *d)
{
	const struct bootref_event *e = d->after != NULL ? d->after : d->before;
	const struct bootref_kind *kind = bootref_kind_of(e);
	char label[BOOTREF_TEXT_MAX];

	if (d->before != NULL && d->after != NULL && !d->moved) {
		tell_change(t, d->before, d->after);
	} else {
		bootref_label(e, label);
		say(&t->p, kind->noun);
		say(&t->p, " ");
		quote(&t->p, label, LABEL_SHOWN);
		mark(&t->p, e);
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
	return d->moved
	           ? 0
	           : bootref_kind_of(d->after != NULL ? d->after : d->before)
	                 ->weight;
}

/* How many there are beside the one that is told. */
static void
tell_rest(struct telling *t, const struct bootref_difference *all, size_t n,
          size_t told)
{
	const struct bootref_event *first =
	    all[0].after != NULL ? all[0].after : all[0].before;
	char label[BOOTREF_TEXT_MAX];

	if (n == 1)
		return;
	printable_add(&t->p, "; %zu events of this PCR differ", n);
	if (told == 0) {
		say(&t->p, ", this is the first");
		return;
	}
	bootref_label(first, label);
	say(&t->p, ", the first is ");
	say(&t->p, bootref_kind_of(first)->noun);
	say(&t->p, " ");
	quote(&t->p, label, FIRST_SHOWN);
}

const char *
bootref_compare(const struct bootref *before, const struct bootref *after,
                uint16_t bank, unsigned pcr, char out[BOOTREF_SENTENCE_MAX])
{
	struct telling t = {printable_of(out, BOOTREF_SENTENCE_MAX), bank};
	const char *remedy = "nothing is to be done";
	struct bootref_difference *all;
	size_t n, told = 0;

	all = bootref_differences(before, after, bank, pcr, &n);
	for (size_t i = 1; i < n; i++)
		if (weight_of(&all[i]) > weight_of(&all[told]))
			told = i;
	if (n == 0) {
		printable_add(&t.p,
		              "the events of PCR %u are those of the "
		              "reference, in its order",
		              pcr);
	} else {
		const struct bootref_difference *d = &all[told];

		tell_one(&t, d);
		tell_rest(&t, all, n, told);
		remedy =
		    bootref_kind_of(d->after != NULL ? d->after : d->before)
			->remedy;
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
