/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The appraisal of a host's IMA measurement list against a quote: from the
 * beginning, or from where the last one ended.
 *
 *   walk = imawalk_open(state, quoted, boot, cases, n, &err);
 *   while there are bytes: imawalk_feed(walk, bytes, &err) == IMAWALK_MORE
 *   got = imawalk_finish(walk, &err);
 *   if (got == IMAWALK_REACHED)
 *           keep imawalk_state(walk) and imawalk_tally(walk, i) of each case
 *   imawalk_free(walk);
 *
 * The list goes on while it is read, so a walk stops at the entry after which
 * PCR 10 has the quoted value in every quoted bank; entries behind are of the
 * next quote, and `offset` of the state says where they begin.  What was found
 * counts when the quote was met, and only then: the bytes of a list that leads
 * elsewhere are anybody's.
 *
 * A state is of one boot session of one TPM: after a reset begin at {0}.  So
 * must a caller whose saved state cannot go on (`imawalk_open` says no, or the
 * walk does not reach the quote), and for a policy that was not judged before.
 * Only the binary form is taken: a file's name can forge the text. */
#ifndef APPRAISE_IMAWALK_H
#define APPRAISE_IMAWALK_H

#include "evidence/imapolicy.h"
#include "evidence/imareplay.h"

enum {
	IMAWALK_PCR = 10, /* CONFIG_IMA_MEASURE_PCR_IDX */
	IMAWALK_CASES_MAX = 64,
	IMAWALK_PATH_MAX = 112,     /* a path in words, with its NUL */
	IMAWALK_SENTENCE_MAX = 200, /* as a reason's detail */
	IMAWALK_SUM_MAX = 280,
	IMAWALK_RULES_MAX = 2 * PCR_BANKS_MAX,
};
#define IMAWALK_ENTRIES_MAX UINT64_C(16000000)

/* PCR 10 of a bank after the prefix, as one of imareplay.h's rules has it. What
 * is padded rests on SHA-1, whatever the bank is. */
struct imawalk_rule {
	uint16_t alg; /* 0: none */
	bool padded;
	struct digest value;
};

/* What was met.  No pointers: it may be kept as it is, or field by field. */
struct imawalk_state {
	uint64_t n;      /* entries; 0 is the beginning */
	uint64_t offset; /* bytes */
	uint64_t violations;
	uint16_t alg;    /* of the list's own digests */
	bool aggregate;  /* boot_aggregate is that of the PCRs of the boot;
	                    false: there was nothing to compare it with */
	uint8_t n_rules; /* one for each bank that was quoted, or two when both
	                    lead to the same */
	struct imawalk_rule rules[IMAWALK_RULES_MAX];
};

/* An entry that was refused, or warned of. */
struct imawalk_found {
	uint64_t entry; /* 0 is the list's first */
	enum imapolicy_finding finding;
	bool buffer;                 /* ima-buf: no file */
	char path[IMAWALK_PATH_MAX]; /* printable; cut with "..." */
};

/* What one policy said of the prefix. */
struct imawalk_tally {
	uint64_t judged, refused, warned;
	struct imawalk_found first_refused, first_warned; /* if there are */
};

/* One of the policies that are judged at once. */
struct imawalk_case {
	const struct imapolicy *policy;
	const struct imawalk_tally *from; /* with the state; NULL at {0} */
};

/* Zero is not success. */
enum imawalk_got {
	IMAWALK_NOT_REACHED = 0, /* the list ended before */
	IMAWALK_BAD,             /* it is none, or not this boot's */
	IMAWALK_MORE,            /* go on with what follows */
	IMAWALK_REACHED,         /* the quote is met */
};

struct imawalk;

/* A walk from `from` (NULL: the beginning) to `quoted`, whose banks with PCR 10
 * must all be met by one entry.  `boot` are the values that the boot's event
 * log leads to, for boot_aggregate; NULL when there are none.  The policies
 * and `boot` stay until imawalk_free(); the rest is copied.  NULL, and why in
 * `err`: no PCR 10 is quoted, or the state is not of the banks that are. */
MUST_CHECK struct imawalk *imawalk_open(const struct imawalk_state *from,
                                        const struct pcr_values *quoted,
                                        const struct pcr_values *boot,
                                        const struct imawalk_case *cases,
                                        size_t n, struct err *);
void imawalk_free(struct imawalk *);

/* The list's next bytes, from the state's `offset` on, in pieces of any size.
 * MORE, REACHED, or BAD; what was reached or is bad stays so.  No bytes are
 * fine: a state that is the quote's already is REACHED at once. */
MUST_CHECK enum imawalk_got imawalk_feed(struct imawalk *, struct span bytes,
                                         struct err *);

/* There are no more bytes: REACHED, or NOT_REACHED or BAD and why. */
MUST_CHECK enum imawalk_got imawalk_finish(struct imawalk *, struct err *);

/* Of the prefix that was met; NULL before REACHED. */
const struct imawalk_state *imawalk_state(const struct imawalk *);
const struct imawalk_tally *imawalk_tally(const struct imawalk *, size_t i);

/* A path in words.  The kernel writes no space in a name: one that has it was
 * made up by who extended the PCR, and must not go on in our own sentence. */
void imawalk_path(struct span path, char out[IMAWALK_PATH_MAX]);

/* "the file /usr/bin/x (entry 440) has another digest than the golden value
 * lists".  Returns `out`. */
char *imawalk_say(const struct imawalk_found *, char out[IMAWALK_SENTENCE_MAX]);

/* "3 of 437 entries refused, the first: ..."; of warnings when none was. */
char *imawalk_sum(const struct imawalk_tally *, char out[IMAWALK_SUM_MAX]);

#endif
