/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Boot logs for tests: from files, altered, made. */
#ifndef UNIT_BOOTLOG_HELP_H
#define UNIT_BOOTLOG_HELP_H

#include "base/buf.h"
#include "evidence/bootlog.h"

/* A whole file; empty when it is not there. */
struct buf bootlog_load(const char *path);

void little16(struct buf *, uint16_t);
void little32(struct buf *, uint32_t);

/* An event of the SHA-1 format whose digest is all `fill`. */
void sha1_event(struct buf *, uint32_t pcr, uint32_t type, uint8_t fill,
                struct span data);

/* An event of a log that has SHA-1 and SHA-256. */
void agile_event(struct buf *, uint32_t pcr, uint32_t type, uint8_t fill,
                 struct span data);

/* The PCRs (a mask) of a bank in which a replay and what a TPM held (24 values)
 * differ; PCR 10, which is IMA's, is left out. */
uint32_t bootlog_unlike(const struct bootlog_replay *, size_t bank,
                        struct span held);

/* Two replays with one result. */
bool bootlog_same(const struct bootlog_replay *, const struct bootlog_replay *);

#endif
