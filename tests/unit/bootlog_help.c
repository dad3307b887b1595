/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bootlog_help.h"

#include <stdio.h>
#include <string.h>

enum { PCR_OF_IMA = 10 };

struct buf
bootlog_load(const char *path)
{
	struct buf out = {0};
	uint8_t part[4096];
	FILE *file = fopen(path, "rb");
	size_t n;

	if (file == NULL)
		return out;
	while ((n = fread(part, 1, sizeof(part), file)) > 0)
		buf_add(&out, span_of(part, n));
	fclose(file);
	return out;
}

void
little16(struct buf *out, uint16_t n)
{
	buf_u8(out, (uint8_t)n);
	buf_u8(out, (uint8_t)(n >> 8));
}

void
little32(struct buf *out, uint32_t n)
{
	little16(out, (uint16_t)n);
	little16(out, (uint16_t)(n >> 16));
}

static void
add_fill(struct buf *out, uint8_t fill, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_u8(out, fill);
}

void
sha1_event(struct buf *out, uint32_t pcr, uint32_t type, uint8_t fill,
           struct span data)
{
	little32(out, pcr);
	little32(out, type);
	add_fill(out, fill, 20);
	little32(out, (uint32_t)data.len);
	buf_add(out, data);
}

void
agile_event(struct buf *out, uint32_t pcr, uint32_t type, uint8_t fill,
            struct span data)
{
	little32(out, pcr);
	little32(out, type);
	little32(out, 2);
	little16(out, TPM_ALG_SHA1);
	add_fill(out, fill, 20);
	little16(out, TPM_ALG_SHA256);
	add_fill(out, fill, 32);
	little32(out, (uint32_t)data.len);
	buf_add(out, data);
}

uint32_t
bootlog_unlike(const struct bootlog_replay *r, size_t bank, struct span held)
{
	const struct pcr_bank *b = &r->values.selection.banks[bank];
	size_t size = crypto_digest_size(b->alg);
	uint32_t unlike = 0;

	for (unsigned p = 0; p < PCR_COUNT && held.len == PCR_COUNT * size;
	     p++) {
		struct span value = span_of(held.at + p * size, size);
		uint8_t start[DIGEST_MAX];
		struct span ours = span_of(start, size);

		if (p == PCR_OF_IMA)
			continue;
		memset(start, p >= 17 && p <= 22 ? 0xff : 0, sizeof(start));
		if ((b->mask >> p & 1) != 0)
			ours = digest_span(&r->values.values[bank][p]);
		if (!span_eq(ours, value))
			unlike |= UINT32_C(1) << p;
	}
	return held.len == PCR_COUNT * size ? unlike : UINT32_MAX;
}

bool
bootlog_same(const struct bootlog_replay *a, const struct bootlog_replay *b)
{
	return a->events == b->events && a->locality == b->locality &&
	       pcr_selection_eq(&a->values.selection, &b->values.selection) &&
	       memcmp(a->values.values, b->values.values,
	              sizeof(a->values.values)) == 0;
}
