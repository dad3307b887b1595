/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Measurement lists for tests: from files, and made by hand. */
#ifndef IMALOG_HELP_H
#define IMALOG_HELP_H

#include "base/buf.h"
#include "evidence/imareplay.h"

/* A file in tests/fixtures/imalog; the test fails when it is not there. */
struct buf imalog_load(const char *name);

/* Any file; false when it is not there. */
bool imalog_load_path(const char *path, struct buf *out);

/* Little-endian. */
void put_u32(struct buf *, uint32_t);

/* An entry in the binary form, for PCR 10, with its SHA-1. */
void put_entry(struct buf *, const char *template, struct span data);

/* A log that is `bytes`, in its form; a text's scratch is one for all. */
struct imalog log_of(struct span bytes);

/* Replay of a whole log over all banks, from both rules.  How it ended:
 * IMALOG_END, or IMALOG_CUT, or IMALOG_BAD also when the replay refused. */
enum imalog_got replay_of(struct imalog *, struct imareplay *, struct err *);

/* Fails unless PCR 10 of that bank has this value. */
void assert_pcr10(const struct imareplay *, uint16_t alg, bool padded,
                  const char *hex);

#endif
