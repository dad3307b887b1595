/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One entry, by a policy; the order is in imapolicy.h. */
#include <string.h>

#include "base/reader.h"
#include "imapolicy_private.h"

/* A step that says nothing. */
#define NOTHING IMAPOLICY_FINDING_COUNT

/* A file's digest, and whether it is of a kind that can be judged. */
struct measured {
	uint16_t alg;
	struct span digest;
	enum imapolicy_finding bad; /* NOTHING: it can */
};

static struct measured
measured_of(const struct imapolicy *p, const struct imalog_entry *e)
{
	struct measured m = {.alg = imalog_alg(e->file.alg),
	                     .digest = e->file.value,
	                     .bad = NOTHING};

	if (e->file.type.len != 0 && !span_eq(e->file.type, span_str("ima")))
		m.bad = IMAPOLICY_DIGEST_TYPE;
	else if (m.alg == 0 || (m.alg == TPM_ALG_SHA1 && !p->allows_sha1))
		m.bad = IMAPOLICY_WEAK_HASH;
	return m;
}

static bool
is_excluded(const struct imapolicy *p, struct span path)
{
	for (size_t i = 0; i < p->n_excludes; i++) {
		struct span prefix = imapolicy_bytes(p, p->excludes[i]);

		if (path.len >= prefix.len &&
		    memcmp(path.at, prefix.at, prefix.len) == 0 &&
		    (path.len == prefix.len || path.at[prefix.len] == '/'))
			return true;
	}
	return false;
}

static bool
is_digest(const struct imapolicy *p, uint32_t at, const struct measured *m)
{
	return memcmp(p->pool.at + at, m->digest.at, m->digest.len) == 0;
}

static enum imapolicy_finding
by_path(const struct imapolicy *p, struct span path, const struct measured *m)
{
	const struct imapolicy_slot *slot = imapolicy_find(p, path);
	enum imapolicy_finding f = IMAPOLICY_OTHER_HASH;
	struct imapolicy_digest d;

	if (slot == NULL)
		return NOTHING;
	if (m->bad != NOTHING)
		return m->bad;
	for (uint32_t at = slot->digest; at != 0; at = d.next) {
		memcpy(&d, p->pool.at + at, sizeof(d));
		if (d.alg != m->alg)
			continue;
		if (is_digest(p, at + (uint32_t)sizeof(d), m))
			return IMAPOLICY_LISTED;
		f = IMAPOLICY_OTHER_DIGEST;
	}
	return f;
}

static enum imapolicy_finding
by_globs(const struct imapolicy *p, struct span path, const struct measured *m)
{
	enum imapolicy_finding f = NOTHING;

	for (size_t i = 0; i < p->n_globs; i++) {
		const struct imapolicy_glob *g = &p->globs[i];
		bool same = g->alg == m->alg;

		/* What could not change the finding is not matched. */
		if ((!same && f != NOTHING) ||
		    (same && f == IMAPOLICY_OTHER_DIGEST &&
		     !is_digest(p, g->digest, m)) ||
		    !imapolicy_glob_matches(p, g, path))
			continue;
		if (same && is_digest(p, g->digest, m))
			return IMAPOLICY_LISTED;
		f = same ? IMAPOLICY_OTHER_DIGEST : IMAPOLICY_OTHER_HASH;
	}
	return f;
}

/* enum hash_algo (include/uapi/linux/hash_info.h). */
static uint16_t
kernel_hash(uint8_t number)
{
	static const uint16_t algs[] = {
	    [2] = TPM_ALG_SHA1,
	    [4] = TPM_ALG_SHA256,
	    [5] = TPM_ALG_SHA384,
	    [6] = TPM_ALG_SHA512,
	};

	return number < LENGTH_OF(algs) ? algs[number] : 0;
}

/* struct signature_v2_hdr (security/integrity/integrity.h) behind the type of
 * the extended attribute; its numbers are big-endian. */
static enum imapolicy_finding
by_signature(const struct imapolicy *p, struct span signature,
             const struct measured *m)
{
	enum { EVM_IMA_XATTR_DIGSIG = 3, DIGSIG_VERSION_2 = 2 };
	enum imapolicy_finding f = NOTHING;
	struct reader r = reader_of(signature);
	uint8_t type, version, hash;
	struct span id, bytes;

	if (signature.len == 0 || p->n_keys == 0)
		return f;
	type = reader_u8(&r);
	version = reader_u8(&r);
	hash = reader_u8(&r);
	/* EVM's portable signature, or version 3: fs-verity's. */
	if (type != EVM_IMA_XATTR_DIGSIG || version != DIGSIG_VERSION_2)
		return IMAPOLICY_SIGNATURE_TYPE;
	id = reader_bytes(&r, CRYPTO_SIGNER_ID_SIZE);
	bytes = reader_sized(&r);
	if (!reader_is_done(&r))
		return IMAPOLICY_SIGNATURE;
	for (size_t i = 0; i < p->n_keys; i++) {
		if (!crypto_signer_has_id(p->keys[i], id.at))
			continue;
		f = IMAPOLICY_SIGNATURE;
		if (kernel_hash(hash) == m->alg &&
		    crypto_signer_signed(p->keys[i], m->alg, m->digest, bytes))
			return IMAPOLICY_SIGNED;
	}
	return f;
}

enum imapolicy_finding
imapolicy_judge(const struct imapolicy *p, const struct imalog_entry *e)
{
	struct measured m;
	enum imapolicy_finding f;

	if (!e->known)
		return IMAPOLICY_TEMPLATE;
	if (e->violation)
		return p->excludes_violations && is_excluded(p, e->path)
		           ? IMAPOLICY_EXCLUDED
		           : IMAPOLICY_VIOLATION;
	if (imalog_is_aggregate(e))
		return IMAPOLICY_AGGREGATE;
	m = measured_of(p, e);
	f = by_path(p, e->path, &m);
	if (f == NOTHING && is_excluded(p, e->path))
		f = IMAPOLICY_EXCLUDED;
	if (f == NOTHING)
		f = m.bad;
	if (f == NOTHING)
		f = by_signature(p, e->signature, &m);
	if (f == NOTHING)
		f = by_globs(p, e->path, &m);
	return f != NOTHING ? f : IMAPOLICY_UNKNOWN;
}
