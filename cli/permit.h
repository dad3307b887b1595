/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Permits: the verifier's word that a domain may leave for a host. */
#ifndef CLI_PERMIT_H
#define CLI_PERMIT_H

#include "cli.h"
#include "proto/pass.h"

enum {
	PERMIT_ANSWER_MS = 30000, /* above the verifier's two deadlines */
	PERMIT_WHY_MAX = 640,
};

struct permit_wanted {
	const char *domain, *uuid; /* uuid: NULL where nobody knows it */
	const char *destination;   /* a host's name or a URI */
	uint64_t seconds;
	uint64_t max_age_s; /* of the verdict; 0: a fresh one */
};

struct permit_given {
	struct verdict verdict; /* it rests on this, or there is none for it */
	struct json *json; /* as the verifier told it; NULL: none was given */
	char pass[PASS_MAX + 1];    /* for its metadata; empty: none */
	char no_pass[ERR_TEXT_MAX]; /* then why, or empty */
};

/* permit_ask.c: false when no verdict came.  permit_given_done() follows. */
MUST_CHECK bool permit_ask(const struct cli *, const struct permit_wanted *,
                           struct permit_given *, struct err *);
void permit_given_done(struct permit_given *);
/* Gives back what nobody has used; one that was used stays used. */
void permit_withdraw(const struct cli *, const char *uuid);
/* Why none was given, for `destination`. */
void permit_why(const struct permit_given *, const char *destination,
                char why[PERMIT_WHY_MAX]);

int run_permit(struct cli *);
int run_permits(struct cli *);

#endif
