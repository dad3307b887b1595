/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "imalog_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

bool
imalog_load_path(const char *path, struct buf *out)
{
	uint8_t part[4096];
	FILE *file = fopen(path, "rb");
	size_t n;

	if (file == NULL)
		return false;
	while ((n = fread(part, 1, sizeof(part), file)) != 0)
		buf_add(out, span_of(part, n));
	fclose(file);
	return true;
}

struct buf
imalog_load(const char *name)
{
	struct buf out = {0};
	char path[512];

	snprintf(path, sizeof(path), "%s/imalog/%s", FIXTURES_DIR, name);
	if (!imalog_load_path(path, &out))
		fail_msg("%s: not there", path);
	return out;
}

void
put_u32(struct buf *b, uint32_t number)
{
	for (unsigned i = 0; i < 4; i++)
		buf_u8(b, (uint8_t)(number >> (8 * i)));
}

void
put_entry(struct buf *b, const char *template, struct span data)
{
	struct digest sha1;

	assert_true(crypto_hash(TPM_ALG_SHA1, &data, 1, &sha1));
	put_u32(b, 10);
	buf_add(b, digest_span(&sha1));
	put_u32(b, (uint32_t)strlen(template));
	buf_text(b, template);
	put_u32(b, (uint32_t)data.len);
	buf_add(b, data);
}

struct imalog
log_of(struct span bytes)
{
	static uint8_t scratch[IMALOG_SCRATCH_SIZE];
	struct imalog log = {.scratch = scratch,
	                     .scratch_size = sizeof(scratch)};

	assert_true(imalog_recognize(bytes, &log.form, &log.alg));
	imalog_feed(&log, bytes);
	return log;
}

enum imalog_got
replay_of(struct imalog *log, struct imareplay *r, struct err *err)
{
	static const uint16_t banks[] = {TPM_ALG_SHA1, TPM_ALG_SHA256,
	                                 TPM_ALG_SHA384};
	struct imalog_entry e;
	enum imalog_got got;

	for (size_t i = 0; r->n_banks < 2 * LENGTH_OF(banks); i++) {
		assert_true(imareplay_bank(r, banks[i], false));
		assert_true(imareplay_bank(r, banks[i], true));
	}
	while ((got = imalog_next(log, &e, err)) == IMALOG_ENTRY)
		if (!imareplay_extend(r, log->alg, &e, err))
			return IMALOG_BAD;
	return got;
}

void
assert_pcr10(const struct imareplay *r, uint16_t alg, bool padded,
             const char *hex)
{
	const struct digest *value = imareplay_value(r, alg, padded, 10);
	char text[TEXT_HEX_SIZE(DIGEST_MAX)];

	assert_non_null(value);
	assert_string_equal(text_hex(digest_span(value), text), hex);
}
