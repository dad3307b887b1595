/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "evidence/imapolicy.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "imapolicy_private.h"

static const struct {
	const char *name;
	enum imapolicy_weight weight;
	const char *text;
} findings[IMAPOLICY_FINDING_COUNT] = {
#define X(id, name, weight, text) {name, IMAPOLICY_##weight, text},
    IMAPOLICY_FINDINGS(X)
#undef X
};

const char *
imapolicy_finding_name(enum imapolicy_finding f)
{
	return f < IMAPOLICY_FINDING_COUNT ? findings[f].name : "none";
}

const char *
imapolicy_finding_text(enum imapolicy_finding f)
{
	return f < IMAPOLICY_FINDING_COUNT ? findings[f].text
	                                   : "was not judged";
}

enum imapolicy_weight
imapolicy_weigh(const struct imapolicy *p, enum imapolicy_finding f)
{
	if (f >= IMAPOLICY_FINDING_COUNT)
		return IMAPOLICY_REFUSED;
	return f == IMAPOLICY_UNKNOWN && p->warns ? IMAPOLICY_WARNED
	                                          : findings[f].weight;
}

struct span
imapolicy_bytes(const struct imapolicy *p, struct imapolicy_place place)
{
	return span_of(p->pool.at + place.at, place.len);
}

struct imapolicy_counts
imapolicy_counts(const struct imapolicy *p)
{
	return (struct imapolicy_counts){
	    .paths = p->n_paths,
	    .digests = p->n_digests + p->n_globs,
	    .globs = p->n_globs,
	    .excludes = p->n_excludes,
	    .keys = p->n_keys,
	    .longest = imapolicy_table_longest(&p->table),
	    .warns = p->warns,
	    .allows_sha1 = p->allows_sha1,
	    .excludes_violations = p->excludes_violations,
	};
}

/* The next line, without its end. */
static struct span
take_line(struct span *rest)
{
	const uint8_t *end = memchr(rest->at, '\n', rest->len);
	size_t len = end != NULL ? (size_t)(end - rest->at) : rest->len;
	struct span line = span_of(rest->at, len);

	len += end != NULL;
	*rest = span_of(rest->at + len, rest->len - len);
	return line;
}

static bool
is_header(struct span line, struct err *err)
{
	static const char word[] = "virt-attest-ima-policy ";
	const size_t len = sizeof(word) - 1;

	if (line.len <= len || memcmp(line.at, word, len) != 0)
		return err_set(err, ERR_MALFORMED,
		               "not 'virt-attest-ima-policy 1'");
	return span_eq(span_of(line.at + len, line.len - len), span_str("1")) ||
	       err_set(err, ERR_VERSION, "a version that is not known");
}

static bool
read_lines(struct imapolicy *p, struct span text, struct err *err)
{
	struct err why = {0};
	size_t n = 1;
	bool ok = is_header(text.len != 0 ? take_line(&text) : text, &why);

	while (ok && text.len != 0) {
		n++;
		ok = imapolicy_line(p, take_line(&text), &why);
	}
	return ok ||
	       err_set(err, why.code, "ima policy: line %zu: %s", n, why.text);
}

struct imapolicy *
imapolicy_parse(struct span text, struct err *err)
{
	struct imapolicy *p;

	if (text.len > IMAPOLICY_TEXT_MAX) {
		(void)err_set(err, ERR_LIMIT, "ima policy: over %d bytes",
		              IMAPOLICY_TEXT_MAX);
		return NULL;
	}
	p = mem_new(1, sizeof(*p));
	/* What a line becomes is less than twice its length. */
	p->pool.max = 2 * (size_t)IMAPOLICY_TEXT_MAX;
	buf_u8(&p->pool, 0); /* a place of 0 is none */
	imapolicy_table_start(&p->table, text);
	if (read_lines(p, text, err) && !p->pool.over)
		return p;
	imapolicy_free(p);
	return NULL;
}

void
imapolicy_free(struct imapolicy *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->n_keys; i++)
		crypto_signer_free(p->keys[i]);
	buf_done(&p->pool);
	free(p->globs);
	free(p->excludes);
	free(p->table.slots);
	free(p);
}
