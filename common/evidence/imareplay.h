/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a measurement list of IMA leads to: the PCRs' values, entry by entry.
 *
 * The list records one digest of the template's data: SHA-1, or the bank's in
 * a list of one bank.  It is computed again, and must be the recorded one.
 * What a bank was extended with is not in the list.  Since Linux 5.8 it is the
 * bank's own hash of the data; before that, and after it for a hash that the
 * kernel cannot compute when IMA starts (SHA-384 where CONFIG_CRYPTO_SHA512 is
 * a module), it is the SHA-1 and zeroes behind it.  Nothing in the list tells
 * which: a caller with a quote replays both, and one of them is met.  A
 * violation is recorded as zeroes and extended as 0xff all over; kernels
 * before 5.8 extended 20 bytes of it, which is not followed here. */
#ifndef EVIDENCE_IMAREPLAY_H
#define EVIDENCE_IMAREPLAY_H

#include "evidence/imalog.h"
#include "evidence/pcr.h"

enum { IMAREPLAY_BANKS_MAX = 2 * PCR_BANKS_MAX };

struct imareplay_bank {
	uint16_t alg;
	bool padded; /* extended with the SHA-1 and zeroes */
	struct digest pcrs[PCR_COUNT];
};

/* {0} is a replay of no banks. */
struct imareplay {
	uint64_t n, violations;
	uint32_t extended; /* bit n: an entry was for PCR n */
	size_t n_banks;
	struct imareplay_bank banks[IMAREPLAY_BANKS_MAX];
};

/* Replay a bank, too, from the values that PCRs have at power-on: zeroes, but
 * ones for 17 to 22 (PC Client Platform TPM Profile, 4.6.2).  Before the first
 * entry.  False for an unknown algorithm, or more than IMAREPLAY_BANKS_MAX. */
MUST_CHECK bool imareplay_bank(struct imareplay *, uint16_t alg, bool padded);

/* Extends by an entry of a list whose digests are of `alg`.  False, and
 * nothing extended, when the recorded digest is not that of the data, or the
 * data is not there (text of a template that is not known). */
MUST_CHECK bool imareplay_extend(struct imareplay *, uint16_t alg,
                                 const struct imalog_entry *, struct err *);

/* NULL when that bank is not replayed, or no such PCR. */
const struct digest *imareplay_value(const struct imareplay *, uint16_t alg,
                                     bool padded, unsigned pcr);

/* The hash of an entry's template data, as IMA makes it. */
MUST_CHECK bool imareplay_hash(const struct imalog_entry *, uint16_t alg,
                               struct digest *out);

/* The hashes of an entry's data that were made so far; {0} before the first. */
struct imareplay_hashes {
	struct digest made[TPM_ALG_SHA512 + 1];
};

/* Whether the recorded digest is that of the data, in a list whose digests are
 * of `alg`; a violation has none. */
MUST_CHECK bool imareplay_check(uint16_t alg, const struct imalog_entry *,
                                struct imareplay_hashes *, struct err *);

/* One PCR's value after an entry that was checked, by a bank's rule. */
void imareplay_step(struct digest *pcr, uint16_t alg, bool padded,
                    const struct imalog_entry *, struct imareplay_hashes *);

/* The value of `boot_aggregate` for a bank: the bank's hash over PCRs 0 to 7
 * for SHA-1, 0 to 9 for any other (Linux 5.8; the values are those when IMA
 * started).  False when one of them is not in `values`. */
MUST_CHECK bool imareplay_aggregate(const struct pcr_values *values,
                                    uint16_t alg, struct digest *out);

#endif
