/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether an IAK's TPM holds an attestation key: a table of named checks, all
 * of which must hold.  Pure, as appraise.h is. */
#ifndef APPRAISE_CERTIFICATION_H
#define APPRAISE_CERTIFICATION_H

#include "evidence/certify.h"
#include "evidence/evidence.h"

struct certification {
	struct span iak, ak;        /* TPMT_PUBLIC; the IAK's is certified */
	struct statement statement; /* our nonce, over this session */
	const struct certified *certified;
	/* Worked out by certification_appraise(); zero in what is passed. */
	bool read; /* `said` has the layout of a certification */
	struct certify said;
};

struct certification_check {
	const char *name;
	const char *text; /* what is wrong when it does not hold */
	bool (*holds)(const struct certification *);
};

/* The table, in order. */
extern const struct certification_check certification_checks[];
extern const size_t certification_checks_n;

/* True when every line holds.  The signature is judged first, over the bytes as
 * they came; when it fails nothing else is read.  Else ERR_PEER and the first
 * line that does not hold. */
MUST_CHECK bool certification_appraise(struct certification *, struct err *);

#endif
