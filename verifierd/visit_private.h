/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of a visit share: its way (visit.c), and the proof of whose
 * TPM a host that is to be enrolled has (visit_prove.c). */
#ifndef VERIFIERD_VISIT_PRIVATE_H
#define VERIFIERD_VISIT_PRIVATE_H

#include "agent.h"
#include "gather.h"
#include "visit.h"

struct visit {
	struct verifierd *v;
	struct visit_request request;
	struct visit_result result;
	struct identity *identity; /* of a host that is not enrolled; owned */
	struct challenge challenge;
	/* What only the TPM that holds the EK and the AK can tell; judged once,
	 * then burnt. */
	uint8_t secret[CREDENTIAL_SECRET_SIZE];
	/* The IAK that must certify the AK, in `identity`; NULL: none must. */
	const struct iak *iak;
	uint8_t certify_nonce[NONCE_SIZE]; /* used once */
	struct agent *agent;
	bool proving; /* the secret is asked for */
	struct gather gather;
	struct buf boot_log, events;
	struct timer *deadline;
	void (*done)(void *arg, const struct visit_result *,
	             const struct err *);
	void *arg;
};

/* visit.c: ends it with this reason; has the host quote. */
void visit_fail(struct visit *, const struct err *);
void visit_quote(struct visit *);

/* visit_prove.c, from the agent's calls: who it says it is, and the answers
 * that prove it.  The last of them has the host quote. */
void visit_identity(void *arg, const struct identity *);
void visit_activated(void *arg, const struct activated *);
void visit_certified(void *arg, const struct certified *);
/* The same words whatever was wrong. */
void visit_not_proved(struct visit *);

#endif
