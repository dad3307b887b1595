/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reference events and what a TPM held, for tests. */
#ifndef UNIT_BOOTREF_HELP_H
#define UNIT_BOOTREF_HELP_H

#include "bootlog_help.h"
#include "evidence/bootref.h"

/* The PCRs that a firmware, shim and GRUB use. */
#define PCRS_OF_GRUB UINT32_C(0x43ff)

/* A log of tests/fixtures/bootlog, and what its TPM held of the PCRs of a mask
 * in those banks (a list that ends in NULL). */
struct buf fixture_log(const char *name);
void fixture_held(struct pcr_values *, const char *name, uint32_t mask,
                  const char *const *banks);

/* Adds a bank of what a TPM held: 24 values. */
void held_add(struct pcr_values *, uint16_t bank, uint32_t mask,
              struct span held);

/* What the log itself leads to, of those PCRs that it extends. */
void held_by_log(struct pcr_values *, struct span log);

/* An event of a log with SHA-1 and SHA-256 whose digests are of `measured`, and
 * the first event of such a log. */
void measured_event(struct buf *, uint32_t pcr, uint32_t type,
                    struct span measured, struct span data);
void spec_id_event(struct buf *);

/* The same with a text for both. */
void text_event(struct buf *, uint32_t pcr, uint32_t type, const char *text);

/* A log's events; fails the test when it is refused. */
struct bootref bootref_must(struct span log);

#endif
