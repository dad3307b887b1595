/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The replay of a long measurement list against the hashes that it cannot do
 * without: of each entry's data, and of each bank's PCR, by OpenSSL alone. */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "bench.h"
#include "evidence/imareplay.h"

static void
put_u32(struct buf *b, uint32_t number)
{
	for (unsigned i = 0; i < 4; i++)
		buf_u8(b, (uint8_t)(number >> (8 * i)));
}

void
ima_entry_add(struct buf *log, const char *path, uint32_t n)
{
	struct buf data = {0};
	struct span hashed;
	struct digest d;

	put_u32(&data, 8 + 32);
	buf_add(&data, span_of("sha256:", 8));
	for (unsigned i = 0; i < 8; i++)
		put_u32(&data, n * 2654435761u + i);
	put_u32(&data, (uint32_t)strlen(path) + 1);
	buf_add(&data, span_of(path, strlen(path) + 1));
	hashed = buf_span(&data);
	if (!crypto_hash(TPM_ALG_SHA1, &hashed, 1, &d))
		die("ima-replay", NULL);
	put_u32(log, 10);
	buf_add(log, digest_span(&d));
	put_u32(log, 6);
	buf_text(log, "ima-ng");
	put_u32(log, (uint32_t)data.len);
	buf_add(log, hashed);
	buf_done(&data);
}

static double
replay(struct span bytes, struct digest *sha1, struct digest *sha256)
{
	struct imalog log = {.form = IMALOG_BINARY, .alg = TPM_ALG_SHA1};
	struct imareplay *r = calloc(1, sizeof(*r));
	double start = now_us();
	struct imalog_entry e;
	enum imalog_got got;
	struct err err;

	if (r == NULL || !imareplay_bank(r, TPM_ALG_SHA1, false) ||
	    !imareplay_bank(r, TPM_ALG_SHA256, false))
		die("ima-replay", NULL);
	imalog_feed(&log, bytes);
	while ((got = imalog_next(&log, &e, &err)) == IMALOG_ENTRY)
		if (!imareplay_extend(r, log.alg, &e, &err))
			die("ima-replay", &err);
	start = now_us() - start;
	if (got != IMALOG_END || r->n != IMA_ENTRIES)
		die("ima-replay", &err);
	*sha1 = r->banks[0].pcrs[10];
	*sha256 = r->banks[1].pcrs[10];
	free(r);
	return start;
}

static void
extend(EVP_MD_CTX *ctx, const EVP_MD *md, struct digest *pcr,
       const uint8_t *data, size_t len)
{
	uint8_t by[EVP_MAX_MD_SIZE];

	if (EVP_DigestInit_ex(ctx, md, NULL) != 1 ||
	    EVP_DigestUpdate(ctx, data, len) != 1 ||
	    EVP_DigestFinal_ex(ctx, by, NULL) != 1 ||
	    EVP_DigestInit_ex(ctx, md, NULL) != 1 ||
	    EVP_DigestUpdate(ctx, pcr->at, pcr->len) != 1 ||
	    EVP_DigestUpdate(ctx, by, pcr->len) != 1 ||
	    EVP_DigestFinal_ex(ctx, pcr->at, NULL) != 1)
		die("ima-replay: hash", NULL);
}

/* The same hashes of the same bytes, whose places are known. */
double
ima_hashes(struct span bytes, size_t n, struct digest *sha1,
           struct digest *sha256)
{
	const size_t size = bytes.len / n, head = 4 + 20 + 4 + 6 + 4;
	EVP_MD *one = EVP_MD_fetch(NULL, "SHA1", NULL),
	       *two = EVP_MD_fetch(NULL, "SHA256", NULL);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	double start = now_us();

	*sha1 = (struct digest){.len = 20};
	*sha256 = (struct digest){.len = 32};
	for (size_t i = 0; i < n; i++) {
		const uint8_t *data = bytes.at + i * size + head;

		extend(ctx, one, sha1, data, size - head);
		extend(ctx, two, sha256, data, size - head);
	}
	start = now_us() - start;
	EVP_MD_CTX_free(ctx);
	EVP_MD_free(one);
	EVP_MD_free(two);
	return start;
}

void
measure_imareplay(struct series *ours, struct series *limit)
{
	static const char path[] =
	    "/usr/lib/x86_64-linux-gnu/libexample.so.1.2.3.4";
	struct buf log = {.max = IMA_ENTRIES * 256};
	struct digest a[2], b[2];

	for (uint32_t i = 0; i < IMA_ENTRIES; i++)
		ima_entry_add(&log, path, i);
	for (int i = 0; i < IMA_ROUNDS; i++) {
		series_add(ours, replay(buf_span(&log), &a[0], &a[1]));
		series_add(limit, ima_hashes(buf_span(&log), IMA_ENTRIES, &b[0],
		                             &b[1]));
		if (memcmp(a, b, sizeof(a)) != 0)
			die("ima-replay: the two do not agree", NULL);
	}
	buf_done(&log);
}
