/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A policy's text, against a second judge that reads its lines anew for each
 * path and remembers nothing: they say the same of the paths that the text has,
 * and of others like them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/imapolicy.h"
#include "evidence/pcr.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

enum { PROBES_MAX = 48, NAIVE_LINES_MAX = 200, NAIVE_PATH_MAX = 200 };

/* A line that has a digest or a prefix, taken apart. */
struct line {
	bool exclude, glob;
	uint16_t alg;
	size_t size, n;
	uint8_t digest[DIGEST_MAX];
	uint8_t path[IMAPOLICY_PATH_MAX];
	bool wild[IMAPOLICY_PATH_MAX]; /* this byte is a glob's character */
};

static struct line lines[NAIVE_LINES_MAX];
static size_t n_lines;
static bool warns, excludes_violations, allows_sha1, keys;

static unsigned
nibble(uint8_t c)
{
	return c <= '9' ? c - '0' : (c | 0x20u) - 'a' + 10u;
}

static void
read_path(struct line *l, struct span s, bool escapes, bool globs)
{
	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = s.at[i];

		l->wild[l->n] = globs && (c == '*' || c == '?');
		l->glob |= l->wild[l->n];
		if (escapes && c == '\\') {
			c = s.at[++i];
			if (c == 'x') {
				c = (uint8_t)(nibble(s.at[i + 1]) << 4 |
				              nibble(s.at[i + 2]));
				i += 2;
			} else if (c == 'n') {
				c = '\n';
			} else if (c == 'r') {
				c = '\r';
			}
		}
		l->path[l->n++] = c == ' ' ? '_' : c;
	}
}

static struct span
from(struct span s, size_t n)
{
	return span_of(s.at + n, s.len - n);
}

static bool
begins(struct span s, const char *word)
{
	return s.len >= strlen(word) && memcmp(s.at, word, strlen(word)) == 0;
}

/* A line of a text that was taken, so that it needs no care. */
static void
read_line(struct span s)
{
	static const char *const names[] = {
	    "sha1:", "sha256:", "sha384:", "sha512:"};
	static const uint16_t algs[] = {TPM_ALG_SHA1, TPM_ALG_SHA256,
	                                TPM_ALG_SHA384, TPM_ALG_SHA512};
	struct line *l = &lines[n_lines];
	bool sum = true, escapes = false;

	*l = (struct line){0};
	warns |= begins(s, "unknown warn");
	excludes_violations |= begins(s, "violation exclude");
	allows_sha1 |= begins(s, "allow-sha1");
	keys |= begins(s, "key ");
	if (s.len == 0 || s.at[0] == '#' || begins(s, "unknown ") ||
	    begins(s, "violation ") || begins(s, "allow-sha1") ||
	    begins(s, "key "))
		return;
	n_lines++;
	if (begins(s, "exclude ")) {
		l->exclude = true;
		read_path(l, from(s, 8), true, false);
		while (l->path[l->n - 1] == '/')
			l->n--;
		return;
	}
	for (size_t i = 0; i < LENGTH_OF(names); i++)
		if (begins(s, names[i])) {
			s = from(s, strlen(names[i]));
			sum = false;
		}
	if (sum && s.at[0] == '\\') {
		escapes = true;
		s = from(s, 1);
	}
	while (s.at[2 * l->size] != ' ') {
		l->digest[l->size] = (uint8_t)(nibble(s.at[2 * l->size]) << 4 |
		                               nibble(s.at[2 * l->size + 1]));
		l->size++;
	}
	for (size_t i = 0; i < LENGTH_OF(algs); i++)
		if (crypto_digest_size(algs[i]) == l->size)
			l->alg = algs[i];
	s = from(s, 2 * l->size + (sum ? 2 : 1));
	while (!sum && s.at[0] == ' ')
		s = from(s, 1);
	read_path(l, s, sum ? escapes : true, !sum);
}

/* By its definition: slow, and for short ones. */
static bool
matches(const struct line *l, size_t i, struct span path, unsigned *steps)
{
	bool across;

	if (++*steps > 20000)
		return false;
	if (i == l->n)
		return path.len == 0;
	if (!l->wild[i] || l->path[i] == '?')
		return path.len != 0 &&
		       (l->wild[i] ? path.at[0] != '/'
		                   : path.at[0] == l->path[i]) &&
		       matches(l, i + 1, from(path, 1), steps);
	across = i + 1 < l->n && l->wild[i + 1] && l->path[i + 1] == '*';
	for (size_t n = 0; n <= path.len; n++) {
		if (matches(l, i + (across ? 2 : 1), from(path, n), steps))
			return true;
		if (n < path.len && !across && path.at[n] == '/')
			return false;
	}
	return false;
}

static bool
is_under(const struct line *l, struct span path)
{
	return path.len >= l->n && memcmp(path.at, l->path, l->n) == 0 &&
	       (path.len == l->n || path.at[l->n] == '/');
}

/* Of the lines that are globs, or of those that are not. */
static int
naive_listed(const struct imalog_entry *e, bool globs, unsigned *steps)
{
	uint16_t alg = imalog_alg(e->file.alg);
	int best = 0; /* 1: listed otherwise, 2: another digest, 3: listed */

	for (size_t i = 0; i < n_lines; i++) {
		const struct line *l = &lines[i];
		int one = 1;

		if (l->exclude || l->glob != globs ||
		    !(globs ? matches(l, 0, e->path, steps)
		            : span_eq(e->path, span_of(l->path, l->n))))
			continue;
		if (l->alg == alg)
			one = memcmp(l->digest, e->file.value.at, l->size) == 0
			          ? 3
			          : 2;
		best = one > best ? one : best;
	}
	return best;
}

static enum imapolicy_finding
naive(const struct imalog_entry *e, unsigned *steps)
{
	static const enum imapolicy_finding said[] = {
	    IMAPOLICY_UNKNOWN, IMAPOLICY_OTHER_HASH, IMAPOLICY_OTHER_DIGEST,
	    IMAPOLICY_LISTED};
	uint16_t alg = imalog_alg(e->file.alg);
	bool weak = alg == 0 || (alg == TPM_ALG_SHA1 && !allows_sha1);
	bool excluded = false;
	int listed = naive_listed(e, false, steps);

	for (size_t i = 0; i < n_lines; i++)
		excluded |= lines[i].exclude && is_under(&lines[i], e->path);
	if (e->violation)
		return excluded && excludes_violations ? IMAPOLICY_EXCLUDED
		                                       : IMAPOLICY_VIOLATION;
	if (listed == 0 && excluded)
		return IMAPOLICY_EXCLUDED;
	if (weak)
		return IMAPOLICY_WEAK_HASH;
	if (listed != 0)
		return said[listed];
	return said[naive_listed(e, true, steps)];
}

static void
compare(const struct imapolicy *p, struct span path, const struct line *l,
        unsigned bent)
{
	static const char *const algs[] = {"sha256", "sha1", "sha384", "md5"};
	uint8_t value[DIGEST_MAX];
	const char *alg = bent % 4 == 0 && l->alg != 0 ? pcr_bank_name(l->alg)
	                                               : algs[bent % 4];
	size_t size = crypto_digest_size(imalog_alg(span_str(alg)));
	struct imalog_entry e = {
	    .n = 1,
	    .known = true,
	    .whole = true,
	    .violation = bent == 7,
	    .file = {.alg = span_str(alg),
	             .value = span_of(value, size != 0 ? size : 16)},
	    .path = path,
	};
	enum imapolicy_finding f, wanted;
	unsigned steps = 0;

	memcpy(value, l->digest, sizeof(value));
	value[0] ^= bent == 4;
	f = imapolicy_judge(p, &e);
	wanted = naive(&e, &steps);
	must(steps > 20000 || f == wanted);
	must(imapolicy_weigh(p, f) == (f >= IMAPOLICY_LISTED ? IMAPOLICY_PASSED
	                               : f == IMAPOLICY_UNKNOWN && warns
	                                   ? IMAPOLICY_WARNED
	                                   : IMAPOLICY_REFUSED));
}

static void
probe(const struct imapolicy *p)
{
	static uint8_t path[IMAPOLICY_PATH_MAX + 8];

	for (size_t i = 0; i < n_lines && i < PROBES_MAX; i++) {
		const struct line *l = &lines[i];
		size_t n = l->n;

		if (n > NAIVE_PATH_MAX)
			continue;
		for (unsigned bent = 0; bent < 8; bent++) {
			memcpy(path, l->path, n);
			compare(p, span_of(path, n), l, bent);
			compare(p, span_of(path, n - 1), l, bent);
			memcpy(path + n, "/a.b", 4);
			compare(p, span_of(path, n + 4), l, bent);
			/* What a glob's character can stand for. */
			for (size_t k = 0; k < n; k++)
				if (l->wild[k])
					path[k] = bent % 2 != 0 ? 'a' : '/';
			compare(p, span_of(path, n), l, bent);
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	struct span text = span_of(at, len);
	struct err err = {0};
	struct imapolicy *p = imapolicy_parse(text, &err);
	struct imapolicy_counts c;
	size_t n = 0, excludes = 0, globs = 0;

	if (p == NULL) {
		must(err.code != ERR_NONE && err.text[0] != '\0');
		return 0;
	}
	n_lines = 0;
	warns = excludes_violations = allows_sha1 = keys = false;
	while (text.len != 0 && n_lines < NAIVE_LINES_MAX) {
		const uint8_t *end = memchr(text.at, '\n', text.len);
		size_t size = end != NULL ? (size_t)(end - text.at) : text.len;

		if (n++ != 0)
			read_line(span_of(text.at, size));
		text = from(text, size + (end != NULL));
	}
	c = imapolicy_counts(p);
	for (size_t i = 0; i < n_lines; i++) {
		excludes += lines[i].exclude;
		globs += lines[i].glob;
	}
	if (text.len == 0) {
		must(c.excludes == excludes && c.globs == globs &&
		     c.digests == n_lines - excludes && c.warns == warns &&
		     c.allows_sha1 == allows_sha1 && (c.keys != 0) == keys &&
		     c.excludes_violations == excludes_violations);
		probe(p);
	}
	imapolicy_free(p);
	return 0;
}
