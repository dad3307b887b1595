/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Evidence becomes a verdict: a table of named checks, all of which must hold.
 * Pure: what it does not get as an argument it does not know. */
#ifndef APPRAISE_APPRAISE_H
#define APPRAISE_APPRAISE_H

#include "evidence/attester.h"

/* What the libvirt endpoint of the destination showed, when it was looked at.
 */
enum endpoint_sight {
	ENDPOINT_UNSEEN = 0, /* the question named no endpoint */
	ENDPOINT_SILENT,     /* it was asked and showed nothing */
	ENDPOINT_SHOWN,
};

/* Everything a check may look at. */
struct appraisal {
	const struct attester *host;
	const struct challenge *challenge;
	const uint8_t *exporter; /* EXPORTER_SIZE, of the session asked over */
	const struct evidence *evidence;
	const struct golden *goldens; /* of the host and of its group */
	size_t n_goldens;
	const struct boot_session
	    *last; /* of the last appraised quote, or NULL */
	enum endpoint_sight sight;
	uint8_t shown[SHA256_SIZE]; /* key that the endpoint showed */
	uint64_t now_s;             /* Unix time */
	/* Worked out by appraise(); zero in what is passed. */
	bool read; /* `quote` has the layout of a quote */
	struct quote quote;
	const struct golden *match;
};

struct check {
	enum reason_code reason;
	bool (*holds)(const struct appraisal *);
};

/* The table, in order.  A quote is trusted when every line holds. */
extern const struct check appraise_checks[];
extern const size_t appraise_checks_n;

/* The verdict on `a`.  The signature is judged first, over the bytes as they
 * came; when it fails nothing else is read.  Never fails: what cannot be
 * proved is `untrusted`, a host without a live golden value `unknown`. */
void appraise(struct appraisal *a, struct verdict *);

#endif
