/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "evidence/audit.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

static const char label[] = "virt-attest audit 1";
static const char prune_words[] = "to line ";

void
audit_line_hash(const struct audit_line *line,
                const uint8_t before[SHA256_SIZE], uint8_t out[SHA256_SIZE])
{
	AUTO(buf_done) struct buf bytes = {0};
	struct span all;

	buf_sized(&bytes, span_str(label));
	buf_sized(&bytes, span_of(before, SHA256_SIZE));
	buf_u64(&bytes, line->sequence);
	buf_u64(&bytes, line->time_s);
	buf_sized(&bytes, span_str(line->actor));
	buf_sized(&bytes, span_str(line->event));
	buf_sized(&bytes, span_str(line->subject));
	buf_sized(&bytes, span_str(line->detail));
	all = buf_span(&bytes);
	crypto_sha256(&all, 1, out);
}

void
audit_prune_detail(uint64_t last, char out[AUDIT_DETAIL_MAX])
{
	snprintf(out, AUDIT_DETAIL_MAX, "%s%llu", prune_words,
	         (unsigned long long)last);
}

static uint64_t
given_up_by(const struct audit_line *line)
{
	size_t len = sizeof(prune_words) - 1;
	uint64_t last = 0;

	if (strcmp(line->event, AUDIT_PRUNE) != 0 ||
	    strncmp(line->detail, prune_words, len) != 0 ||
	    !text_u64(line->detail + len, INT64_MAX, &last))
		return 0;
	return last;
}

/* Where the walk stands is what the log was when it had so many lines. */
static bool
is_as_known(const struct audit_walk *w, struct err *err)
{
	return w->known == NULL || w->known->size != w->head.size ||
	       memcmp(w->known->hash, w->head.hash, SHA256_SIZE) == 0 ||
	       err_set(err, ERR_CONFLICT,
	               "audit: line %llu is not the one that a checkpoint "
	               "signed: the log was written anew",
	               (unsigned long long)w->head.size);
}

bool
audit_walk_line(struct audit_walk *w, const struct audit_line *line,
                struct err *err)
{
	uint8_t hash[SHA256_SIZE];
	uint64_t last = given_up_by(line);

	if (!is_as_known(w, err)) /* before the first line, too */
		return false;
	if (line->sequence != w->head.size + 1)
		return err_set(err, ERR_CONFLICT,
		               "audit: line %llu is missing, line %llu stands "
		               "in its place",
		               (unsigned long long)w->head.size + 1,
		               (unsigned long long)line->sequence);
	audit_line_hash(line, w->head.hash, hash);
	if (memcmp(hash, line->hash, SHA256_SIZE) != 0)
		return err_set(err, ERR_CONFLICT,
		               "audit: line %llu is not what was written, or "
		               "follows another",
		               (unsigned long long)line->sequence);
	if (last != 0)
		w->given_up = last;
	w->head.size++;
	memcpy(w->head.hash, hash, SHA256_SIZE);
	return is_as_known(w, err);
}

bool
audit_walk_end(const struct audit_walk *w, struct err *err)
{
	if (w->known == NULL)
		return true;
	if (w->known->size > w->head.size)
		return err_set(err, ERR_CONFLICT,
		               "audit: the log ends at line %llu, and a "
		               "checkpoint signed %llu: lines were taken away",
		               (unsigned long long)w->head.size,
		               (unsigned long long)w->known->size);
	if (w->known->size < w->first.size)
		return err_set(err, ERR_NOT_FOUND,
		               "audit: the checkpoint ends at line %llu, and "
		               "what is here begins behind it: take a later "
		               "one",
		               (unsigned long long)w->known->size);
	return is_as_known(w, err);
}
