/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Policies and walks for tests. */
#ifndef IMAWALK_HELP_H
#define IMAWALK_HELP_H

#include "appraise/imawalk.h"
#include "imalog_help.h"

/* A policy's text: the first line, then `lines`. */
struct imapolicy *policy_of(const char *lines);

/* The same, whose every file is listed: what is in `log`, but what is at
 * `without` (NULL: all). */
struct imapolicy *policy_of_log(struct span log, const char *lines,
                                const char *without);

/* "sha256:HEX PATH" of an entry, with the escapes that it takes. */
void put_listed(struct buf *, const struct imalog_entry *);

/* Values of PCR 10 alone, of one bank or two (0: one). */
struct pcr_values quoted_of(uint16_t alg, struct span value, uint16_t other,
                            struct span other_value);

/* What PCR 10 of a bank is after `n` entries, by imareplay alone. */
struct digest pcr10_after(struct span log, uint64_t n, uint16_t alg,
                          bool padded);

/* A walk over all of `log`, from the beginning, in pieces; the policy may be
 * NULL.  What is asked for is filled. */
struct walked {
	enum imawalk_got got;
	struct imawalk_state state;
	struct imawalk_tally tally;
	struct err err;
};
struct walked walk_on(const struct walked *from, struct span bytes,
                      const struct pcr_values *quoted, const struct imapolicy *,
                      size_t piece);

#endif
