/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files share that put a difference of reference events in words. */
#ifndef EVIDENCE_BOOTREF_PRIVATE_H
#define EVIDENCE_BOOTREF_PRIVATE_H

#include "evidence/bootref.h"
#include "evidence/printable.h"

/* The digest of a bank; NULL when the event has none. */
const struct digest *bootref_digest(const struct bootref_event *,
                                    uint16_t bank);

/* The same digests in that bank (0: in each that both have, at least one). */
bool bootref_event_eq(const struct bootref_event *,
                      const struct bootref_event *, uint16_t bank);

/* What an event is of, for the words: found by type, PCR and text, so as the
 * host says (bootref_kind.c). */
struct bootref_kind {
	const char *noun; /* "the kernel command line" */
	/* How much a difference of it tells: what was changed is rather said
	 * than what follows from that. */
	int weight;
	bool provable;  /* its digest is of the text when all is well */
	bool is_switch; /* its label is "on" or "off" */
	/* What of the text is shown; NULL: all but the prefix. */
	void (*label)(struct printable *, const char *text);
	/* Whether two texts name one thing; NULL: there is only one. */
	bool (*same)(const char *, const char *);
	const char *other;  /* "another kernel"; NULL: the noun "changed" */
	const char *also;   /* what else such a change means, or NULL */
	const char *remedy; /* what the operator can do */
};
/* Never NULL. */
const struct bootref_kind *bootref_kind_of(const struct bootref_event *);

/* The functions of the table. */
void bootref_label_value(struct printable *, const char *text);
void bootref_label_name(struct printable *, const char *text);
void bootref_label_entry(struct printable *, const char *text);
void bootref_label_behind(struct printable *, const char *text);
void bootref_label_size(struct printable *, const char *text);
bool bootref_same_variable(const char *, const char *);
bool bootref_same_text(const char *, const char *);
bool bootref_same_command(const char *, const char *);

/* What of an event's text is shown. */
void bootref_label(const struct bootref_event *, char out[BOOTREF_TEXT_MAX]);

/* A difference; for what was added `before` is NULL, for what is missing
 * `after` is. */
struct bootref_difference {
	const struct bootref_event *before, *after;
	bool moved; /* the same event, in another place */
};

/* The differences of a PCR in the order in which they are met: the caller's to
 * free().  NULL and 0 for none. */
struct bootref_difference *bootref_differences(const struct bootref *before,
                                               const struct bootref *after,
                                               uint16_t bank, unsigned pcr,
                                               size_t *n);

/* 'TEXT', cut to `max`; a quotation mark in it is written \'. */
void bootref_quote(struct printable *, const char *text, size_t max);

/* What an event is: its noun, its label cut to `max`, and that only the host
 * says so. */
void bootref_name(struct printable *, const struct bootref_event *, size_t max);

/* What was added to one text and taken out, by words. */
enum { BOOTREF_WORDS_MAX = 140 };
void bootref_words(struct printable *, const char *before, const char *after);

#endif
