/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Evidence becomes a verdict: a table of named checks, all of which must hold.
 * Pure: what it does not get as an argument it does not know. */
#ifndef APPRAISE_APPRAISE_H
#define APPRAISE_APPRAISE_H

#include "evidence/attester.h"
#include "evidence/bootref.h"
#include "evidence/mlog.h"

/* What the libvirt endpoint of the destination showed, when it was looked at.
 */
enum endpoint_sight {
	ENDPOINT_UNSEEN = 0, /* the question named no endpoint */
	ENDPOINT_SILENT,     /* it was asked and showed nothing */
	ENDPOINT_SHOWN,
};

/* What came of IMA's list by a golden value's policy.  The list is judged while
 * it comes in (imawalk.h): it is longer than anybody keeps. */
enum ima_outcome {
	IMA_UNSEEN = 0,
	IMA_ABSENT,  /* the host was asked and has none */
	IMA_ASTRAY,  /* it does not lead to the quoted PCR */
	IMA_REFUSED, /* it does, and a file is not as the policy wants it */
	IMA_HOLDS,
};
struct ima_result {
	enum ima_outcome outcome;
	bool warns; /* it holds, and `detail` says what the policy warns of */
	char detail[REASON_DETAIL_MAX];
};

/* What a golden value refers to, read; NULL: it does not. */
struct references {
	const struct bootref *events;
	struct ima_result files;
};

/* The boot log as far as it is known. */
enum log_sight {
	LOG_UNSEEN = 0, /* nobody asked for it */
	LOG_ABSENT,     /* the host was asked and has none */
	LOG_TOO_LONG,   /* it did not end */
	LOG_SHOWN,
};

/* How one golden value fares. */
struct golden_fit {
	size_t differences; /* PCRs, of those compared by value */
	bool firmware;
	enum bootref_outcome events; /* where it asks for them */
	struct bootref_finding finding;
	enum ima_outcome files;
};

/* Everything a check may look at. */
struct appraisal {
	const struct attester *host;
	const struct challenge *challenge;
	const uint8_t *exporter; /* EXPORTER_SIZE, of the session asked over */
	const struct evidence *evidence;
	const struct golden *goldens; /* of the host and of its group */
	size_t n_goldens;
	/* references[i] goes with goldens[i]; NULL: none refers to anything. */
	const struct references *references;
	enum log_sight boot_sight;
	struct span boot_log;    /* empty but when LOG_SHOWN */
	const char *boot_absent; /* why there is none, if the host says */
	const struct boot_session
	    *last; /* of the last appraised quote, or NULL */
	enum endpoint_sight sight;
	uint8_t shown[SHA256_SIZE]; /* key that the endpoint showed */
	uint64_t now_s;             /* Unix time */
	/* Worked out by appraise(); zero in what is passed. */
	bool read; /* `quote` has the layout of a quote */
	struct quote quote;
	/* The live golden value that comes nearest, and how near. */
	const struct golden *nearest;
	const struct references *nearest_references;
	struct golden_fit fit;
	const struct golden *match; /* `nearest`, when all of it fits */
};

struct check {
	enum reason_code reason;
	bool (*holds)(const struct appraisal *);
};

/* The table, in order.  A quote is trusted when every line holds. */
extern const struct check appraise_checks[];
extern const size_t appraise_checks_n;

/* Which logs a verdict needs beside the evidence: one that a golden value is
 * judged by, and the boot log, too, where what differs can be explained.
 * Nothing for evidence that is not signed.  A mask of 1 << MLOG_*. */
unsigned appraise_wants(struct appraisal *a);

/* The verdict on `a`.  The signature is judged first, over the bytes as they
 * came; when it fails nothing else is read.  Never fails: what cannot be
 * proved is `untrusted`, a host without a live golden value `unknown`. */
void appraise(struct appraisal *a, struct verdict *);

#endif
