/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { BUF_FIRST = 64 };

void
buf_add(struct buf *b, struct span s)
{
	size_t max = b->max != 0 ? b->max : BUF_MAX;

	if (b->over || s.len > max - b->len) {
		b->over = true;
		return;
	}
	if (s.len > b->cap - b->len) {
		size_t cap = b->cap != 0 ? b->cap : BUF_FIRST;

		while (cap - b->len < s.len)
			cap *= 2;
		b->at = mem_grow(b->at, cap, 1);
		b->cap = cap;
	}
	if (s.len != 0)
		memcpy(b->at + b->len, s.at, s.len);
	b->len += s.len;
}

void
buf_text(struct buf *b, const char *text)
{
	buf_add(b, span_str(text));
}

static void
buf_number(struct buf *b, uint64_t number, size_t size)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(number >> (8 * (size - 1 - i)));
	buf_add(b, span_of(bytes, size));
}

void
buf_u8(struct buf *b, uint8_t v)
{
	buf_number(b, v, 1);
}

void
buf_u16(struct buf *b, uint16_t v)
{
	buf_number(b, v, 2);
}

void
buf_u32(struct buf *b, uint32_t v)
{
	buf_number(b, v, 4);
}

void
buf_u64(struct buf *b, uint64_t v)
{
	buf_number(b, v, 8);
}

void
buf_sized(struct buf *b, struct span s)
{
	if (s.len > UINT16_MAX) {
		b->over = true;
		return;
	}
	buf_u16(b, (uint16_t)s.len);
	buf_add(b, s);
}

struct span
buf_span(const struct buf *b)
{
	return span_of(b->at, b->len);
}

void
buf_done(struct buf *b)
{
	free(b->at);
	*b = (struct buf){0};
}
