/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The measurement list of Linux's IMA (security/integrity/ima), as the kernel
 * shows it in securityfs: the binary form, little-endian, and the text form.
 * Nothing of it is to be believed before its replay (imareplay.h) leads to a
 * PCR that a TPM signed; a path is what somebody called a file even then.
 *
 * A template's name is not among what is hashed, and a violation's data is
 * neither: somebody who hands the list on can change both, and the replay does
 * not tell.  `ima-sig` and `ima-buf` have the same fields.  So a policy must
 * not pass over an entry because its template is not known.
 *
 * A file's name may hold the end of a line, and the text form shows it so: it
 * can be forged by a name, where the binary form cannot.  Prefer that. */
#ifndef EVIDENCE_IMALOG_H
#define EVIDENCE_IMALOG_H

#include "base/err.h"
#include "crypto/crypto.h"

/* Limits.  The kernel's own names are up to 15 bytes, custom formats longer;
 * template data holds a path (4096), a signature, or a measured buffer. */
enum {
	IMALOG_TEMPLATE_MAX = 128,
	IMALOG_DATA_MAX = 1024 * 1024,
	IMALOG_EVENT_MAX = 255, /* a path in the template `ima` */
	IMALOG_ALG_MAX = 32,    /* a hash algorithm's name */
	IMALOG_LINE_MAX = 2 * IMALOG_DATA_MAX + 1024,
	IMALOG_SCRATCH_SIZE = IMALOG_DATA_MAX + DIGEST_MAX,
	IMALOG_PCR_COUNT = 24,
};

enum imalog_form { IMALOG_BINARY, IMALOG_TEXT };

/* A digest with what it is of: "ima" or "verity" (empty but in ima-ngv2), and
 * the kernel's word for the algorithm: "sha256". */
struct imalog_digest {
	struct span type, alg, value;
};

/* One entry; the spans borrow from what was read (or from `scratch`). */
struct imalog_entry {
	uint64_t n;           /* its number; 0 is the first */
	uint64_t offset;      /* where it begins in the log */
	uint32_t pcr;         /* below IMALOG_PCR_COUNT */
	struct span digest;   /* of the template, as it was recorded */
	struct span template; /* "ima-ng", printable */
	struct span data;     /* the template's data, as the kernel has it */
	bool violation;       /* the recorded digest is zeroes */
	bool whole;           /* `data` is there: not in text of a template
	                         that is not known */
	bool old;             /* template `ima`, whose hash has its own rule */
	bool known;           /* one of ima, ima-ng, ima-ngv2, ima-sig,
	                         ima-sigv2, ima-modsig, ima-buf: all below
	                         is read */
	struct imalog_digest file;
	struct span path; /* any bytes but NUL */
	struct span signature;
	struct span buffer; /* ima-buf */
	struct imalog_digest
	    modsig_file; /* ima-modsig: without the signature */
	struct span modsig;
};

/* A log that is being read.  It can be read in pieces: what is left in `rest`
 * after IMALOG_CUT goes in front of the next piece. */
struct imalog {
	enum imalog_form form;
	uint16_t alg;     /* of recorded digests: TPM_ALG_SHA1, or the bank's in
	                     a list of one bank (`*_sha256`, kernel 6.10) */
	struct span rest; /* not yet read */
	uint64_t offset;  /* of `rest` in the log */
	uint64_t n;       /* entries read */
	uint8_t *scratch; /* the caller's, for the text form: data is written
	                     here, and the entry lives until the next */
	size_t scratch_size;
};

/* The form and the algorithm of a log's beginning.  False when it is none. */
MUST_CHECK bool imalog_recognize(struct span start, enum imalog_form *,
                                 uint16_t *alg);

/* The bytes to go on with: what was left in `rest`, and what follows. */
void imalog_feed(struct imalog *, struct span bytes);

/* The next entry.
 *   IMALOG_BAD    no entry; `err` says at which offset, and why.  No bytes
 *                 behind can make it one, and nothing is read any more.
 *   IMALOG_ENTRY  one was read.
 *   IMALOG_CUT    what is there begins an entry and ends in it; `err` says so
 *                 for a caller who has no more.
 *   IMALOG_END    nothing is left. */
enum imalog_got { IMALOG_BAD, IMALOG_ENTRY, IMALOG_CUT, IMALOG_END };
MUST_CHECK enum imalog_got imalog_next(struct imalog *, struct imalog_entry *,
                                       struct err *);

/* TPM_ALG_ID of the kernel's word for a hash; 0 for one that no bank has. */
uint16_t imalog_alg(struct span name);

/* Whether this is the entry that IMA makes first, over the PCRs of the boot;
 * then file.alg names the bank, and file.value is what imareplay_aggregate()
 * gives for that bank's PCRs. */
bool imalog_is_aggregate(const struct imalog_entry *);

#endif
