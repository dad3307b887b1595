/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A measurement list, whole and in pieces: it ends, what is read lies in what
 * was given, and the pieces say what the whole says. */
#include <stdlib.h>
#include <string.h>

#include "evidence/imareplay.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

static uint8_t scratch[IMALOG_SCRATCH_SIZE];

static void
must(bool ok)
{
	if (!ok)
		abort();
}

/* What a reading came to. */
struct reading {
	struct imareplay replay;
	struct digest chain; /* over everything that was read */
	uint64_t n, offset;
	enum imalog_got got;
};

static bool
inside(struct span s, struct span in)
{
	return s.len == 0 || (s.at >= in.at && s.at + s.len <= in.at + in.len);
}

static void
note(struct reading *r, const struct imalog_entry *e, struct span given,
     bool text)
{
	const struct span spans[] = {
	    e->digest,
	    e->template,
	    e->data,
	    e->file.type,
	    e->file.value,
	    e->path,
	    e->signature,
	    e->buffer,
	    e->modsig_file.alg,
	    e->modsig_file.value,
	    e->modsig,
	};
	struct span parts[LENGTH_OF(spans) + 3];
	const uint8_t flags[] = {e->violation, e->whole, e->old, e->known,
	                         (uint8_t)e->pcr};
	const uint64_t places[] = {e->n, e->offset};
	struct digest next;

	for (size_t i = 0; i < LENGTH_OF(spans); i++) {
		must(inside(spans[i], given) ||
		     (text &&
		      inside(spans[i], span_of(scratch, sizeof(scratch)))));
		parts[i] = spans[i];
	}
	must(e->pcr < IMALOG_PCR_COUNT);
	parts[LENGTH_OF(spans)] = span_of(flags, sizeof(flags));
	parts[LENGTH_OF(spans) + 1] = span_of(places, sizeof(places));
	parts[LENGTH_OF(spans) + 2] = digest_span(&r->chain);
	must(crypto_hash(TPM_ALG_SHA256, parts, LENGTH_OF(parts), &next));
	r->chain = next;
}

static void
read_on(struct imalog *log, struct span given, struct reading *r)
{
	struct imalog_entry e;
	struct err err;

	imalog_feed(log, given);
	for (;;) {
		uint64_t before = log->offset;
		size_t left = log->rest.len;

		r->got = imalog_next(log, &e, &err);
		if (r->got != IMALOG_ENTRY) {
			must(log->offset == before && log->rest.len == left);
			must((r->got == IMALOG_END) == (left == 0));
			break;
		}
		must(log->offset - before == left - log->rest.len);
		must(log->offset > before);
		note(r, &e, given, log->form == IMALOG_TEXT);
		(void)imareplay_extend(&r->replay, log->alg, &e, NULL);
	}
	r->n = log->n;
	r->offset = log->offset;
}

static void
start(struct imalog *log, struct reading *r, enum imalog_form form,
      uint16_t alg)
{
	*log = (struct imalog){.form = form,
	                       .alg = alg,
	                       .scratch = scratch,
	                       .scratch_size = sizeof(scratch)};
	*r = (struct reading){0};
	must(imareplay_bank(&r->replay, TPM_ALG_SHA1, false));
	must(imareplay_bank(&r->replay, TPM_ALG_SHA256, true));
}

static void
read_pieces(struct span bytes, size_t piece, struct imalog *log,
            struct reading *r)
{
	size_t end = 0;

	do {
		size_t more = bytes.len - end < piece ? bytes.len - end : piece;
		size_t left = log->rest.len;
		uint8_t *part = malloc(left + more + 1);

		must(part != NULL);
		if (left != 0)
			memcpy(part, bytes.at + end - left, left);
		if (more != 0)
			memcpy(part + left, bytes.at + end, more);
		end += more;
		read_on(log, span_of(part, left + more), r);
		/* What is left is the end of what was given. */
		must(memcmp(part + left + more - log->rest.len,
		            bytes.at + end - log->rest.len,
		            log->rest.len) == 0);
		free(part);
	} while (end < bytes.len && r->got != IMALOG_BAD);
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	static struct reading whole, again, pieces;
	struct span bytes = span_of(at, len);
	enum imalog_form form;
	struct imalog log;
	uint16_t alg;

	if (len == 0)
		return 0;
	if (!imalog_recognize(bytes, &form, &alg)) {
		form = at[0] % 2 != 0 ? IMALOG_TEXT : IMALOG_BINARY;
		alg = TPM_ALG_SHA1;
	}
	start(&log, &whole, form, alg);
	read_on(&log, bytes, &whole);
	start(&log, &again, form, alg);
	read_on(&log, bytes, &again);
	must(memcmp(&whole, &again, sizeof(whole)) == 0);
	start(&log, &pieces, form, alg);
	read_pieces(bytes, 1 + at[len - 1] % 97u, &log, &pieces);
	must(memcmp(&whole, &pieces, sizeof(whole)) == 0);
	return 0;
}
