/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which files a golden value lets IMA measure: a text, and the judgement of
 * one entry of a measurement list by it.
 *
 *   virt-attest-ima-policy 1        the first line
 *   # a comment                     and empty lines
 *   unknown refuse|warn             a file of which nothing is said: refuse
 *   violation refuse|exclude        see below: refuse
 *   allow-sha1                      before the first SHA-1 digest
 *   exclude PREFIX                  that path and all below it
 *   key BASE64                      DER of a certificate or a
 *                                   SubjectPublicKeyInfo: signs files
 *   sha256:HEX PATH                 or sha384, sha512, sha1; a glob perhaps
 *   HEX  PATH                       as sha256sum, sha384sum ... print it, with
 *                                   their " *PATH" and "\HEX"; never a glob
 *
 * In a path `\n`, `\r`, `\\`, `\*`, `\?` and `\xNN` stand for a byte.  A glob
 * has `*` (within a component), `**` (across them) or `?` (one byte, no slash).
 * The kernel writes a space in a name as `_`, so does this: "/a b" and "/a_b"
 * are one path, with the digests of both.
 *
 * An entry is judged by the first of these that says something:
 *   1. its template is not known: refused (imalog.h says why);
 *   2. a violation is refused.  Its path is not among what is hashed, whoever
 *      hands the list on can write another: only `violation exclude`, which
 *      takes that risk for the sake of log files, passes those that are shown
 *      at an excluded path;
 *   3. boot_aggregate, the first entry, is the walk's (appraise/imawalk.h);
 *   4. lines with this very path: one of their digests, or refused, whatever
 *      is excluded, signed, or matched by a glob;
 *   5. an excluded path passes;
 *   6. a digest of fs-verity, or by a weak or unknown hash, is refused;
 *   7. a signature of one of the keys passes or is refused; one of another key
 *      is none;
 *   8. globs: a digest of one that matches; globs that match, and none of
 *      their digests, refuse;
 *   9. the file is not known.
 * A measured buffer (ima-buf) is a file by its name.
 *
 * Exclude little: whoever can mount can show a file at any path.  A name that
 * is no whole path cannot be excluded: a file on a mount that is nowhere is
 * shown by its bare name. */
#ifndef EVIDENCE_IMAPOLICY_H
#define EVIDENCE_IMAPOLICY_H

#include "base/err.h"
#include "evidence/imalog.h"

enum {
	IMAPOLICY_TEXT_MAX = 256 * 1024 * 1024,
	IMAPOLICY_LINE_MAX = 32 * 1024,
	IMAPOLICY_PATH_MAX = 4096,         /* Linux's PATH_MAX */
	IMAPOLICY_DIGESTS_MAX = 1000000,   /* lines, those of globs too */
	IMAPOLICY_PATH_DIGESTS_MAX = 1024, /* of one path */
	IMAPOLICY_GLOBS_MAX = 4096,
	IMAPOLICY_GLOB_MAX = 512, /* letters and stars of one */
	IMAPOLICY_EXCLUDES_MAX = 1024,
	IMAPOLICY_KEYS_MAX = 64,
	IMAPOLICY_KEY_MAX = 8192, /* bytes of DER */
};

/* What comes of a finding.  Zero is a refusal. */
enum imapolicy_weight {
	IMAPOLICY_REFUSED = 0,
	IMAPOLICY_WARNED, /* `unknown warn` */
	IMAPOLICY_PASSED,
};

/* name, weight, and how a sentence goes on after "the file X". */
#define IMAPOLICY_FINDINGS(X)                                                  \
	X(TEMPLATE, "template", REFUSED,                                       \
	  "was measured in a template that is not known")                      \
	X(VIOLATION, "violation", REFUSED,                                     \
	  "was open for writing while it was measured (a violation)")          \
	X(OTHER_DIGEST, "other-digest", REFUSED,                               \
	  "has another digest than the golden value lists")                    \
	X(OTHER_HASH, "other-hash", REFUSED,                                   \
	  "was measured with a hash of which none is listed for it")           \
	X(WEAK_HASH, "weak-hash", REFUSED,                                     \
	  "was measured with a hash that is weak or not known")                \
	X(DIGEST_TYPE, "digest-type", REFUSED,                                 \
	  "was measured by fs-verity, which is not judged here")               \
	X(SIGNATURE, "signature", REFUSED,                                     \
	  "has a signature that its key did not make over it")                 \
	X(SIGNATURE_TYPE, "signature-type", REFUSED,                           \
	  "has a signature of a kind that is not judged here")                 \
	X(UNKNOWN, "unknown", REFUSED, "is not known to the golden value")     \
	X(LISTED, "listed", PASSED, "has a digest that is listed")             \
	X(SIGNED, "signed", PASSED, "is signed by a key of the golden value")  \
	X(EXCLUDED, "excluded", PASSED, "is excluded")                         \
	X(AGGREGATE, "boot-aggregate", PASSED,                                 \
	  "is no file, but stands for the boot before it")

enum imapolicy_finding {
#define X(id, name, weight, text) IMAPOLICY_##id,
	IMAPOLICY_FINDINGS(X)
#undef X
	    IMAPOLICY_FINDING_COUNT
};

const char *imapolicy_finding_name(enum imapolicy_finding);
const char *imapolicy_finding_text(enum imapolicy_finding);

/* What a policy holds, for words about it. */
struct imapolicy_counts {
	size_t paths, digests; /* exact paths, and all lines with a digest */
	size_t globs, excludes, keys;
	size_t longest; /* most paths that one look-up may pass over */
	bool warns, allows_sha1, excludes_violations;
};

struct imapolicy;

/* NULL when the text is none; `err` names the line.  What is made borrows
 * nothing of `text`, and is only read after: threads may share it. */
MUST_CHECK struct imapolicy *imapolicy_parse(struct span text, struct err *);
void imapolicy_free(struct imapolicy *);

struct imapolicy_counts imapolicy_counts(const struct imapolicy *);

enum imapolicy_finding imapolicy_judge(const struct imapolicy *,
                                       const struct imalog_entry *);

/* With `unknown warn` UNKNOWN is a warning, and nothing else is. */
enum imapolicy_weight imapolicy_weigh(const struct imapolicy *,
                                      enum imapolicy_finding);

#endif
