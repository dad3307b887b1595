/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A visit: go to a host, hear who it is, have it quote, and make of that an
 * enrolment or a new golden value.  Nothing is stored here. */
#ifndef VERIFIERD_VISIT_H
#define VERIFIERD_VISIT_H

#include "verifierd.h"

struct visit;

struct visit_request {
	/* Enrolled: whom to visit.  Else name, address, port, label, group of
	 * a host that is to be. */
	struct attester host;
	bool enrolled;
	/* Enrolled, and to be another machine from now on: `known` is what it
	 * was.  With `replace` unset a known name is refused. */
	bool is_known, replace;
	struct attester known;
	bool pinned; /* the EK must have the digest in host.ek_sha256 */
	bool allow_sha1;
	struct pcr_selection selection;
	bool pin_firmware;
	/* Judge by their events: these PCRs, or (from_log) those that it is
	 * usual for, as far as the boot log tells of them. */
	bool from_log;
	uint32_t by_events;
	/* The digest of reference events that are known, too; zeroes: none. */
	uint8_t known_events[SHA256_SIZE];
};

struct visit_result {
	struct attester host;
	/* Its values, quote and choice by PCR; state active.  The texts that it
	 * refers to are not in the store yet. */
	struct golden golden;
	/* Its reference events, as they are kept; gone when `done` returns.
	 * Empty: the host's boot log gave none, and why. */
	struct span events;
	char no_events[ERR_TEXT_MAX];
	/* Of a host that is not enrolled: gone when `done` returns. */
	const struct identity *identity;
	enum likeness likeness; /* of a known name */
	char note[200];         /* on the EK's certificate; may be empty */
};

/* Every line of the appraisal table must hold, the golden value being what was
 * quoted.  `done` comes once, with NULL and why when anything failed. */
struct visit *visit_new(struct verifierd *, const struct visit_request *,
                        void (*done)(void *arg, const struct visit_result *,
                                     const struct err *),
                        void *arg);
void visit_free(struct visit *);

#endif
