/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What of a verdict is news. */
#include <string.h>

#include "hosts_private.h"
#include "sys/sys.h"

/* All that an operator would act on.  Not its time and the TPM's clock, which
 * go on, nor the words of a failure, which are the network's. */
static void
gist(const struct verdict *v, uint8_t sha256[SHA256_SIZE])
{
	AUTO(buf_done) struct buf said = {0};
	struct span span;

	buf_u8(&said, (uint8_t)v->state);
	buf_u64(&said, v->golden);
	buf_u8(&said, v->appraised);
	buf_u32(&said, v->session.reset_count);
	buf_u32(&said, v->session.restart_count);
	buf_sized(&said, span_str(v->warning));
	for (size_t i = 0; i < v->n_reasons; i++)
		buf_u16(&said, (uint16_t)v->reasons[i].code);
	for (size_t i = 0; i < v->n_differences; i++) {
		buf_u16(&said, v->differences[i].bank);
		buf_u8(&said, v->differences[i].pcr);
		buf_sized(&said, digest_span(&v->differences[i].expected));
		buf_sized(&said, digest_span(&v->differences[i].actual));
	}
	span = buf_span(&said);
	crypto_sha256(&span, 1, sha256);
}

bool
written_lately(const struct host *h, const struct verdict *v)
{
	uint8_t sha256[SHA256_SIZE];

	if (!h->written.there ||
	    sys_boot_ms() - h->written.at_ms >= REATTEST_WRITE_MS)
		return false;
	gist(v, sha256);
	return memcmp(sha256, h->written.sha256, sizeof(sha256)) == 0;
}

void
written_set(struct host *h, const struct verdict *v)
{
	h->written.there = v != NULL;
	h->written.at_ms = sys_boot_ms();
	if (v != NULL)
		gist(v, h->written.sha256);
}
