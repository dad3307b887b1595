/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Facts of one migration of which nothing is wrong, and how a check is asked
 * about what a test made of them. */
#ifndef CHECKS_A_CASE_H
#define CHECKS_A_CASE_H

#include "checks/check.h"

/* Two hosts as a test machine's libvirt 9.0 describes them (kvm64 of an AMD,
 * QEMU 7.2.22) and a running domain with KVM.  Texts are literals; lists are
 * `world`'s own, to be changed. */
struct checks_world {
	struct facts f;
	const char *guests[2], *features[3], *source_features[3];
	struct machine_facts machines[2];
	struct model_facts models[3];
	struct feature_facts cpu_features[2];
	struct local_answer_bool names[1];
	/* server-cert, client-cert, ca-cert, of either end */
	struct local_certificate certificates[2][LOCAL_CERTIFICATES_MAX];
	const char *server_names[2];
};

void checks_world_make(struct checks_world *);

/* A case: what is changed, what comes of it, and words of the sentence. */
struct checks_case {
	const char *check;
	const char *what; /* of the case, for who reads a failure */
	void (*change)(struct checks_world *);
	enum outcome want;
	const char *text; /* a part of the sentence; after a '=', all of it */
	const char *more; /* a part of a value or of the remedy; NULL */
};

/* Fails by name for each case that comes out otherwise, for each check of
 * `subject` of which no case passes, none warns or blocks and none does not
 * run, and for a warning or block without a remedy. */
void checks_cases_hold(const struct migration_check *subject,
                       const struct checks_case *cases, size_t n);

#endif
