/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Owned bytes that grow up to a limit.  Numbers are written big-endian, as
 * the TPM and our signed structures have them. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/span.h"

/* {0} is an empty buffer with the default limit.  `max` is the limit in bytes
 * (0: BUF_MAX); `over` latches when something did not fit, and what did not
 * fit is left out whole. */
struct buf {
	uint8_t *at;
	size_t len;
	size_t cap;
	size_t max;
	bool over;
};

/* Above each limit of a file, a line or a text: what is over one of those is
 * refused by it, and nothing is left out here without a word. */
enum { BUF_MAX = 96 * 1024 * 1024 };

void buf_add(struct buf *, struct span);
void buf_text(struct buf *, const char *text);
void buf_u8(struct buf *, uint8_t);
void buf_u16(struct buf *, uint16_t);
void buf_u32(struct buf *, uint32_t);
void buf_u64(struct buf *, uint64_t);

/* A 16-bit length and the bytes; latches `over` above 65535 bytes. */
void buf_sized(struct buf *, struct span);

/* All bytes so far; valid until the next write. */
struct span buf_span(const struct buf *);

/* Free the contents and make it {0} again; for AUTO(). */
void buf_done(struct buf *);

#endif
