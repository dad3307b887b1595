/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bootref_help.h"
#include "evidence/bootlog_type.h"

struct buf
fixture_log(const char *name)
{
	struct buf out;
	char path[256];

	snprintf(path, sizeof(path), FIXTURES_DIR "/bootlog/%s", name);
	out = bootlog_load(path);
	assert_true(out.len != 0);
	return out;
}

void
held_add(struct pcr_values *v, uint16_t bank, uint32_t mask, struct span held)
{
	size_t size = crypto_digest_size(bank), b = v->selection.n++;

	assert_int_equal(held.len, PCR_COUNT * size);
	v->selection.banks[b] = (struct pcr_bank){bank, mask};
	for (unsigned p = 0; p < PCR_COUNT; p++) {
		if ((mask >> p & 1) == 0)
			continue;
		v->values[b][p].len = (uint8_t)size;
		memcpy(v->values[b][p].at, held.at + p * size, size);
	}
}

void
fixture_held(struct pcr_values *v, const char *name, uint32_t mask,
             const char *const *banks)
{
	*v = (struct pcr_values){0};
	for (; *banks != NULL; banks++) {
		char path[256];

		snprintf(path, sizeof(path), "%s.%s", name, *banks);
		AUTO(buf_done) struct buf held = fixture_log(path);

		held_add(v, pcr_bank_of(*banks), mask, buf_span(&held));
	}
}

void
held_by_log(struct pcr_values *v, struct span log)
{
	struct bootlog_replay replay;
	struct err err;

	if (!bootlog_replay(log, &replay, &err))
		fail_msg("%s", err.text);
	*v = replay.values;
}

void
measured_event(struct buf *out, uint32_t pcr, uint32_t type,
               struct span measured, struct span data)
{
	static const uint16_t algs[] = {TPM_ALG_SHA1, TPM_ALG_SHA256};

	little32(out, pcr);
	little32(out, type);
	little32(out, LENGTH_OF(algs));
	for (size_t i = 0; i < LENGTH_OF(algs); i++) {
		struct digest d;

		assert_true(crypto_hash(algs[i], &measured, 1, &d));
		little16(out, algs[i]);
		buf_add(out, digest_span(&d));
	}
	little32(out, (uint32_t)data.len);
	buf_add(out, data);
}

void
text_event(struct buf *out, uint32_t pcr, uint32_t type, const char *text)
{
	measured_event(out, pcr, type, span_str(text), span_str(text));
}

void
spec_id_event(struct buf *out)
{
	static const char data[] = "Spec ID Event03\0"
				   "\0\0\0\0\0\2\0\2"
				   "\2\0\0\0\x04\0\x14\0\x0b\0\x20\0\0";

	sha1_event(out, 0, EV_NO_ACTION, 0, span_of(data, sizeof(data) - 1));
}

struct bootref
bootref_must(struct span log)
{
	struct bootref ref;
	struct err err;

	if (!bootref_of_log(log, &ref, &err))
		fail_msg("%s", err.text);
	return ref;
}
