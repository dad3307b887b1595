/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The control socket: who asks, what he may, and one answer a question. */
#ifndef VERIFIERD_CONTROL_H
#define VERIFIERD_CONTROL_H

#include "facts.h"
#include "golden_test.h"
#include "hosts.h"
#include "permits.h"
#include "proto/message.h"
#include "result.h"
#include "visit.h"
#include "watchers.h"

struct control;

/* Listens on the configured socket. */
/* Who may read and who may change, beside root. */
struct control_groups {
	bool has_read, has_admin;
	gid_t read, admin;
};
MUST_CHECK bool control_groups_find(const struct config *,
                                    struct control_groups *, struct err *);
/* Also for who is connected. */
void control_take(struct control *, const struct control_groups *);

struct control *control_new(struct verifierd *, struct err *);
void control_free(struct control *);

/* One caller. */
struct caller {
	struct verifierd *v;
	struct control *control;
	struct stream *stream;
	struct line line;
	uid_t uid;
	bool may_read, may_change;
	uint64_t id; /* of the request being answered */
	/* What the answer waits for, one of them at a time. */
	struct asker *asker;
	struct result_wanted wants; /* of the verdict that is asked for */
	/* The permit that is wanted, its time, and how old its verdict may be;
	 * or the one that is being used. */
	struct permit *permit;
	uint64_t permit_s, permit_age_ms;
	struct visit *visit;
	struct golden_test *test;
	struct facts_visit *facts;
	struct audit_asking *auditing;
	struct watcher *watcher; /* events go to this connection, too */
	/* An enrolment that was shown and waits for the operator's yes; it
	 * lives and dies with the connection. */
	bool has_proposal, replaces;
	struct visit_result proposal;
	struct buf proposed_events; /* its reference events' text */
	struct attester known;      /* that it replaces */
	/* A golden value being taken, and the policy that goes with it. */
	struct golden wanted;
	struct buf wanted_policy;
	struct caller *next, **link;
};

/* "uid=0", for the audit log. */
const char *caller_actor(const struct caller *, char *out, size_t size);

/* Who asks, about which domain (by its UUID where it has no name here; both may
 * be empty), for the audit log: "uid=0 domain=db1". */
void caller_asks(const struct caller *, const char *domain, const char *uuid,
                 char who[AUDIT_ACTOR_MAX]);

/* Answer the request at hand. */
void caller_return(struct caller *, struct json *result);
void caller_error(struct caller *, const struct err *);
/* `result` (taken in any case) when it is ok, else the error. */
void caller_answer(struct caller *, bool ok, struct json *result,
                   const struct err *);

/* A request of the control wire.  `on` answers now, or leaves the answer to
 * what it started. */
struct verb {
	const char *name;
	bool changes; /* the admin group's */
	void (*on)(struct caller *, const struct json *arguments);
};

/* verbs_golden.c: a golden value as the wire has it, with its reference events
 * and (`policy`) its IMA policy. */
void caller_return_golden(struct caller *, const struct golden *, bool policy);

/* verbs_golden_trial.c: the trial of a candidate, if there is one, as the
 * member "trial". */
MUST_CHECK bool trial_put(struct verifierd *, const struct golden *,
                          struct json *into, struct err *);

/* A copy of this permit (NULL: none) is what the answer waits for. */
void caller_permit(struct caller *, const struct permit *);

/* verbs_permit.c: the arguments `domain` and `uuid`, each of which may be
 * absent. */
MUST_CHECK bool permit_of_read(const struct json *arguments, struct permit_of *,
                               struct err *);

/* verbs_audit.c: nobody waits for that walk any more. */
void audit_asking_free(struct audit_asking *);

/* Takes the domain's permit, and puts where it leads into the question, and who
 * asks into `who`, of AUDIT_ACTOR_MAX.  False, with what to answer, when there
 * is none, or its use could not be written. */
MUST_CHECK bool permit_use(struct caller *, const struct permit_of *,
                           struct question *, char *who,
                           struct verdict *refusal);
/* What is said by that permit: the verdict, or why it is not for this permit.
 */
const struct verdict *permit_judge(const struct permit *,
                                   const struct verdict *,
                                   struct verdict *refusal);

/* verbs_NAME.c each: lists that end in {0}. */
extern const struct verb verbs_read[], verbs_golden[], verbs_golden_new[],
    verbs_golden_trial[], verbs_golden_test[], verbs_host[], verbs_doctor[],
    verbs_facts[], verbs_permit[], verbs_pass[], verbs_watch[], verbs_audit[];

#endif
