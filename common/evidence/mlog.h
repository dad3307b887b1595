/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A host's measurement logs as they travel: whole bytes, in pieces, believed in
 * nothing until they replay to a PCR that the TPM signed. */
#ifndef EVIDENCE_MLOG_H
#define EVIDENCE_MLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"

/* Which log: its name on the wire, and in a sentence. */
#define MLOGS(X)                                                               \
	X(BOOT, "boot", "the boot log") /* bootlog.h */                        \
	X(IMA, "ima", "IMA's list")     /* imalog.h */

enum mlog_kind {
#define X(id, name, text) MLOG_##id,
	MLOGS(X)
#undef X
};
enum { MLOG_KINDS = MLOG_IMA + 1 };

const char *mlog_kind_name(enum mlog_kind);
const char *mlog_kind_text(enum mlog_kind);
MUST_CHECK bool mlog_kind_of(const char *name, enum mlog_kind *);

enum { MLOG_PIECE_MAX = 256 * 1024 };

/* No log is longer; every JSON reader holds this number exactly (RFC 8259, 6).
 */
#define MLOG_FROM_MAX ((UINT64_C(1) << 53) - 1)

/* The question `log`: what of it, from which byte on. */
struct mlog_asking {
	enum mlog_kind kind;
	uint64_t from; /* at most MLOG_FROM_MAX */
};

/* What answers it.  It is large: on the heap, and passed by its address. */
struct mlog_piece {
	bool more; /* bytes followed when it was read; never with len 0 */
	size_t len;
	uint8_t at[MLOG_PIECE_MAX];
};

#endif
