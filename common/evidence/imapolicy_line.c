/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lines of a policy. */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "evidence/pcr.h"
#include "imapolicy_private.h"

static struct span
after(struct span s, size_t n)
{
	return span_of(s.at + n, s.len - n);
}

static bool
take_unknown(struct imapolicy *p, struct span word, struct err *err)
{
	p->warns = span_eq(word, span_str("warn"));
	if (p->said_unknown)
		return err_set(err, ERR_MALFORMED, "`unknown` twice");
	p->said_unknown = true;
	return p->warns || span_eq(word, span_str("refuse")) ||
	       err_set(err, ERR_MALFORMED,
	               "`unknown` is followed by refuse or warn");
}

static bool
take_violation(struct imapolicy *p, struct span word, struct err *err)
{
	p->excludes_violations = span_eq(word, span_str("exclude"));
	if (p->said_violation)
		return err_set(err, ERR_MALFORMED, "`violation` twice");
	p->said_violation = true;
	return p->excludes_violations || span_eq(word, span_str("refuse")) ||
	       err_set(err, ERR_MALFORMED,
	               "`violation` is followed by refuse or exclude");
}

static bool
take_allow_sha1(struct imapolicy *p, struct span word, struct err *err)
{
	p->allows_sha1 = true;
	return word.len == 0 ||
	       err_set(err, ERR_MALFORMED, "nothing follows `allow-sha1`");
}

static bool
take_exclude(struct imapolicy *p, struct span word, struct err *err)
{
	struct imapolicy_text path;
	struct span prefix;

	if (!imapolicy_unescape(word, IMAPOLICY_GLOB, &path, err))
		return false;
	if (path.glob)
		return err_set(err, ERR_UNSUPPORTED,
		               "`exclude` takes a path and no glob");
	while (path.n > 1 && path.bytes[path.n - 1] == '/')
		path.n--;
	/* "/" would be a policy that lets everything pass. */
	if (path.bytes[0] != '/' || path.n == 1)
		return err_set(err, ERR_MALFORMED,
		               "`exclude` takes a whole path that is not /");
	if (p->n_excludes == IMAPOLICY_EXCLUDES_MAX)
		return err_set(err, ERR_LIMIT, "over %d excluded paths",
		               IMAPOLICY_EXCLUDES_MAX);
	prefix = span_of(path.bytes, path.n);
	p->excludes =
	    mem_grow(p->excludes, p->n_excludes + 1, sizeof(*p->excludes));
	p->excludes[p->n_excludes++] = (struct imapolicy_place){
	    (uint32_t)p->pool.len, (uint32_t)prefix.len};
	buf_add(&p->pool, prefix);
	return true;
}

static bool
take_key(struct imapolicy *p, struct span word, struct err *err)
{
	AUTO(buf_done) struct buf der = {.max = IMAPOLICY_KEY_MAX};
	struct crypto_signer *key;

	if (p->n_keys == IMAPOLICY_KEYS_MAX)
		return err_set(err, ERR_LIMIT, "over %d keys",
		               IMAPOLICY_KEYS_MAX);
	if (word.len >= TEXT_BASE64_SIZE((size_t)IMAPOLICY_KEY_MAX))
		return err_set(err, ERR_LIMIT, "a key is %d bytes at most",
		               IMAPOLICY_KEY_MAX);
	if (!text_unbase64(word, &der) || der.over)
		return err_set(err, ERR_MALFORMED, "not base64");
	key = crypto_signer_of(buf_span(&der));
	if (key == NULL)
		return err_set(err, ERR_UNSUPPORTED,
		               "not a certificate or SubjectPublicKeyInfo of "
		               "RSA (2048 to 4096 bits) or NIST's curves");
	p->keys[p->n_keys++] = key;
	return true;
}

static const struct {
	const char *word;
	bool (*take)(struct imapolicy *, struct span rest, struct err *);
} directives[] = {
    {"unknown", take_unknown},
    {"violation", take_violation},
    {"allow-sha1", take_allow_sha1},
    {"exclude", take_exclude},
    {"key", take_key},
};

static bool
unhex(struct span hex, struct digest *out)
{
	out->len = (uint8_t)(hex.len / 2);
	if (hex.len == 0 || hex.len % 2 != 0 ||
	    hex.len > 2 * (size_t)DIGEST_MAX)
		return false;
	for (size_t i = 0; i < hex.len; i += 2) {
		int high = imapolicy_hex(hex.at[i]),
		    low = imapolicy_hex(hex.at[i + 1]);

		if (high < 0 || low < 0)
			return false;
		out->at[i / 2] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* What a digest's line says. */
struct listed {
	uint16_t alg;
	struct digest digest;
	enum imapolicy_form form;
	struct span path;
};

/* "sha256:HEX PATH". */
static bool
read_named(struct span line, size_t colon, struct listed *l, struct err *err)
{
	const uint8_t *space = memchr(line.at, ' ', line.len);
	struct span hex;

	l->form = IMAPOLICY_GLOB;
	l->alg = imalog_alg(span_of(line.at, colon));
	line = after(line, colon + 1);
	if (l->alg == 0)
		return err_set(err, ERR_MALFORMED,
		               "neither a word that is known nor a digest");
	if (space == NULL)
		return err_set(err, ERR_MALFORMED, "no path");
	hex = span_of(line.at, (size_t)(space - line.at));
	if (!unhex(hex, &l->digest))
		return err_set(err, ERR_MALFORMED, "not hexadecimal");
	l->path = after(line, hex.len);
	while (l->path.len != 0 && l->path.at[0] == ' ')
		l->path = after(l->path, 1);
	if (l->path.len != 0 && l->path.at[l->path.len - 1] == ' ')
		return err_set(err, ERR_MALFORMED,
		               "a space at the end; a path's is \\x20");
	return true;
}

/* "HEX  PATH", "HEX *PATH"; with "\" in front the path has escapes. */
static bool
read_sum(struct span line, struct listed *l, struct err *err)
{
	const uint8_t *space;
	size_t len;

	l->form = IMAPOLICY_PLAIN;
	if (line.at[0] == '\\') {
		l->form = IMAPOLICY_ESCAPED;
		line = after(line, 1);
	}
	space = line.len != 0 ? memchr(line.at, ' ', line.len) : NULL;
	len = space != NULL ? (size_t)(space - line.at) : 0;
	if (space == NULL || !unhex(span_of(line.at, len), &l->digest) ||
	    line.len < len + 2 || (space[1] != ' ' && space[1] != '*'))
		return err_set(err, ERR_MALFORMED,
		               "neither a word that is known nor a digest");
	for (l->alg = TPM_ALG_SHA512; l->alg > TPM_ALG_SHA1; l->alg--)
		if (crypto_digest_size(l->alg) == l->digest.len)
			break;
	l->path = after(line, len + 2);
	return true;
}

static bool
add_glob(struct imapolicy *p, const struct imapolicy_text *path,
         const struct listed *l, struct err *err)
{
	struct imapolicy_glob g = {.n = (uint32_t)path->n, .alg = l->alg};

	if (p->n_globs == IMAPOLICY_GLOBS_MAX)
		return err_set(err, ERR_LIMIT, "over %d globs",
		               IMAPOLICY_GLOBS_MAX);
	if (path->n > IMAPOLICY_GLOB_MAX)
		return err_set(err, ERR_LIMIT,
		               "a glob is %d letters and stars at most",
		               IMAPOLICY_GLOB_MAX);
	while (path->tokens[g.literal] == IMAPOLICY_BYTE)
		g.literal++;
	g.digest = (uint32_t)p->pool.len;
	buf_add(&p->pool, digest_span(&l->digest));
	g.at = (uint32_t)p->pool.len;
	buf_add(&p->pool, span_of(path->tokens, path->n));
	buf_add(&p->pool, span_of(path->bytes, path->n));
	p->globs = mem_grow(p->globs, p->n_globs + 1, sizeof(*p->globs));
	p->globs[p->n_globs++] = g;
	return true;
}

static bool
add_path(struct imapolicy *p, const struct imapolicy_text *path,
         const struct listed *l, struct err *err)
{
	const uint32_t at = (uint32_t)p->pool.len;
	struct imapolicy_digest d = {.alg = l->alg}, before = {0};
	struct imapolicy_slot *slot;

	buf_add(&p->pool, span_of(&d, sizeof(d)));
	buf_add(&p->pool, digest_span(&l->digest));
	slot = imapolicy_find_or_add(p, span_of(path->bytes, path->n));
	if (slot->digest != 0)
		memcpy(&before, p->pool.at + slot->digest, sizeof(before));
	if (before.n == IMAPOLICY_PATH_DIGESTS_MAX)
		return err_set(err, ERR_LIMIT, "over %d digests of one path",
		               IMAPOLICY_PATH_DIGESTS_MAX);
	d.next = slot->digest;
	d.n = (uint16_t)(before.n + 1);
	memcpy(p->pool.at + at, &d, sizeof(d));
	slot->digest = at;
	p->n_digests++;
	return true;
}

static bool
take_digest(struct imapolicy *p, struct span line, struct err *err)
{
	const uint8_t *colon = memchr(line.at, ':', line.len);
	const uint8_t *space = memchr(line.at, ' ', line.len);
	struct listed l = {0};
	struct imapolicy_text path;

	if (colon != NULL && (space == NULL || colon < space)) {
		if (!read_named(line, (size_t)(colon - line.at), &l, err))
			return false;
	} else if (!read_sum(line, &l, err)) {
		return false;
	}
	if (l.digest.len != crypto_digest_size(l.alg))
		return err_set(err, ERR_MALFORMED,
		               "a digest of %u bytes, which is not %s's",
		               l.digest.len, pcr_bank_name(l.alg));
	if (l.alg == TPM_ALG_SHA1 && !p->allows_sha1)
		return err_set(err, ERR_UNSUPPORTED,
		               "a SHA-1 digest without `allow-sha1` before it");
	if (!imapolicy_unescape(l.path, l.form, &path, err))
		return false;
	if (p->n_digests + p->n_globs == IMAPOLICY_DIGESTS_MAX)
		return err_set(err, ERR_LIMIT, "over %d digests",
		               IMAPOLICY_DIGESTS_MAX);
	return path.glob ? add_glob(p, &path, &l, err)
	                 : add_path(p, &path, &l, err);
}

bool
imapolicy_line(struct imapolicy *p, struct span line, struct err *err)
{
	if (line.len == 0 || line.at[0] == '#')
		return true;
	if (line.len > IMAPOLICY_LINE_MAX)
		return err_set(err, ERR_LIMIT, "over %d bytes",
		               IMAPOLICY_LINE_MAX);
	if (memchr(line.at, '\0', line.len) != NULL ||
	    memchr(line.at, '\r', line.len) != NULL)
		return err_set(err, ERR_MALFORMED,
		               "a NUL or a carriage return; a path's is \\r");
	for (size_t i = 0; i < LENGTH_OF(directives); i++) {
		struct span word = span_str(directives[i].word), rest;

		if (line.len < word.len ||
		    !span_eq(span_of(line.at, word.len), word))
			continue;
		rest = after(line, word.len);
		if (rest.len == 0)
			return directives[i].take(p, rest, err);
		if (rest.at[0] == ' ')
			return directives[i].take(p, after(rest, 1), err);
	}
	return take_digest(p, line, err);
}
