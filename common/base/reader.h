/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads big-endian fields off a span.  A failure latches: later reads give
 * zero and empty, so a parser reads like the table in the specification and
 * asks once, at the end. */
#ifndef BASE_READER_H
#define BASE_READER_H

#include "base/span.h"

struct reader {
	struct span rest; /* not yet read */
	size_t offset;    /* of `rest` in what was given, for messages */
	bool bad;         /* a read went past the end */
};

struct reader reader_of(struct span);

uint8_t reader_u8(struct reader *);
uint16_t reader_u16(struct reader *);
uint32_t reader_u32(struct reader *);
uint64_t reader_u64(struct reader *);

/* The same, little-endian: firmware's numbers. */
uint16_t reader_le16(struct reader *);
uint32_t reader_le32(struct reader *);
uint64_t reader_le64(struct reader *);

/* The next `n` bytes, borrowed from what was given. */
struct span reader_bytes(struct reader *, size_t n);

/* A 16-bit length and that many bytes (TPM2B_*, Part 2, 10.4). */
struct span reader_sized(struct reader *);

/* Everything was read, nothing was missing and nothing is left. */
bool reader_is_done(const struct reader *);

#endif
