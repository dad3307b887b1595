/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/reader.h"

struct reader
reader_of(struct span s)
{
	return (struct reader){.rest = s};
}

struct span
reader_bytes(struct reader *r, size_t n)
{
	struct span taken = {0};

	if (r->bad || n > r->rest.len) {
		r->bad = true;
		return taken;
	}
	taken = span_of(r->rest.at, n);
	if (n != 0)
		r->rest.at += n;
	r->rest.len -= n;
	r->offset += n;
	return taken;
}

static uint64_t
reader_number(struct reader *r, size_t size)
{
	struct span bytes = reader_bytes(r, size);
	uint64_t number = 0;

	for (size_t i = 0; i < bytes.len; i++)
		number = number << 8 | bytes.at[i];
	return number;
}

uint8_t
reader_u8(struct reader *r)
{
	return (uint8_t)reader_number(r, 1);
}

uint16_t
reader_u16(struct reader *r)
{
	return (uint16_t)reader_number(r, 2);
}

uint32_t
reader_u32(struct reader *r)
{
	return (uint32_t)reader_number(r, 4);
}

uint64_t
reader_u64(struct reader *r)
{
	return reader_number(r, 8);
}

static uint64_t
reader_little(struct reader *r, size_t size)
{
	struct span bytes = reader_bytes(r, size);
	uint64_t number = 0;

	for (size_t i = bytes.len; i > 0; i--)
		number = number << 8 | bytes.at[i - 1];
	return number;
}

uint16_t
reader_le16(struct reader *r)
{
	return (uint16_t)reader_little(r, 2);
}

uint32_t
reader_le32(struct reader *r)
{
	return (uint32_t)reader_little(r, 4);
}

uint64_t
reader_le64(struct reader *r)
{
	return reader_little(r, 8);
}

struct span
reader_sized(struct reader *r)
{
	return reader_bytes(r, reader_u16(r));
}

bool
reader_is_done(const struct reader *r)
{
	return !r->bad && r->rest.len == 0;
}
