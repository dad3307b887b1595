/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The domain as the two libvirts hold it: its name, state, definition, locks
 * and labels. */
#include "checks/domain_private.h"
#include "checks/words.h"

static void
check_neighbour(const struct facts *f, const char *name,
                const struct neighbour_facts *n, struct result *r)
{
	const bool same = same_name(n->uuid, f->domain.uuid);

	if (!same && !same_text(n->name, name))
		return;
	if (same && n->active) {
		if (!result_block(r,
		                  "domain '%s' of this UUID already runs on "
		                  "the destination",
		                  or_unknown(n->name)))
			return;
		result_remedy(r, "find out which of the two is the right one");
	} else if (same && !same_text(n->name, name)) {
		if (!result_block(r,
		                  "the destination has a domain of this "
		                  "UUID by the name '%s', which libvirt "
		                  "refuses",
		                  or_unknown(n->name)))
			return;
		result_remedy(r, "undefine it there, or give --dname %s",
		              or_unknown(n->name));
	} else if (same) {
		if (!result_warn(r, "the destination has a definition of the "
		                    "domain already: this one takes its place"))
			return;
		result_remedy(
		    r, "virsh dumpxml --inactive there tells what it replaces");
	} else {
		if (!result_block(r,
		                  "another domain '%s' %s on the "
		                  "destination",
		                  name, n->active ? "runs" : "is defined"))
			return;
		result_remedy(r, "rename or undefine it, or give --dname with "
		                 "another name");
	}
	result_values(r, f->domain.uuid, n->uuid);
}

static void
check_domain_clash(const struct facts *f, struct result *r)
{
	const struct host_facts *h = &f->destination;
	const char *name =
	    f->plan.new_name != NULL ? f->plan.new_name : f->domain.name;

	if (h->neighbours_why != NULL) {
		result_not_run(r,
		               "the domains of the destination are not "
		               "known: %s",
		               h->neighbours_why);
		return;
	}
	/* A domain in a file may have none yet. */
	if (name == NULL || (f->domain.uuid == NULL && !f->domain.from_file)) {
		result_not_run(r, "the domain's name or UUID is not known");
		return;
	}
	for (size_t i = 0; i < h->n_neighbours; i++)
		check_neighbour(f, name, &h->neighbours[i], r);
	result_pass(r,
	            "no domain of the destination has the name '%s' or this "
	            "UUID (now; libvirt looks again)",
	            name);
}

static const struct state {
	const char *state, *reason; /* NULL: any other */
	enum outcome outcome;
	const char *text, *remedy;
} states[] = {
    {"running", "post-copy failed", OUTCOME_BLOCK,
     "the domain runs in a post-copy that failed", "recover that one first"},
    {"running", "post-copy", OUTCOME_BLOCK,
     "the domain's memory is still to arrive, by post-copy",
     "wait until it is there"},
    {"running", NULL, OUTCOME_PASS, "the domain runs", ""},
    {"idle", NULL, OUTCOME_PASS, "the domain runs", ""},
    {"blocked", NULL, OUTCOME_PASS, "the domain runs", ""},
    {"paused", "ioerror", OUTCOME_BLOCK,
     "the domain is paused by an I/O error, which would go with it",
     "mend its storage and resume it"},
    {"paused", "post-copy failed", OUTCOME_BLOCK,
     "the domain is paused in a post-copy that failed",
     "recover that one first"},
    {"paused", "post-copy", OUTCOME_BLOCK,
     "the domain is paused in a post-copy that is at work",
     "wait until it is over"},
    {"paused", "panicked", OUTCOME_WARN,
     "the guest panicked: it moves, and helps nobody", "reset it first"},
    {"paused", NULL, OUTCOME_PASS,
     "the domain is paused, and stays so on the destination", ""},
    {"shutdown", NULL, OUTCOME_WARN,
     "the domain is being shut down: it may end before it is there",
     "wait for its end, and use --offline"},
    {"shut off", NULL, OUTCOME_BLOCK,
     "the domain does not run: there is no memory to move",
     "start it, or use --offline --persistent"},
    {"crashed", NULL, OUTCOME_BLOCK, "the domain crashed", "reset it first"},
    {"pmsuspended", NULL, OUTCOME_BLOCK,
     "the guest sleeps, and only its own host can wake it",
     "virsh dompmwakeup it first"},
};

/* libvirt's words; "shut off" and "post-copy" are written together, too. */
static bool
same_state(const char *a, const char *b)
{
	while (*a != '\0' || *b != '\0') {
		a += *a == ' ' || *a == '-' ? 1 : 0;
		b += *b == ' ' || *b == '-' ? 1 : 0;
		if (*a != *b)
			return false;
		if (*a != '\0') {
			a++;
			b++;
		}
	}
	return true;
}

static const struct state *
state_of(const struct domain_facts *d)
{
	for (size_t i = 0; i < LENGTH_OF(states); i++) {
		const struct state *s = &states[i];

		if (same_state(s->state, d->state) &&
		    (s->reason == NULL ||
		     (d->state_reason != NULL &&
		      same_state(s->reason, d->state_reason))))
			return s;
	}
	return NULL;
}

/* What libvirt refuses of an offline migration, and what it does not. */
static void
check_offline(const struct facts *f, struct result *r)
{
	const struct domain_facts *d = &f->domain;

	if ((f->plan.copy_storage_all || f->plan.copy_storage_inc) &&
	    result_block(r, "an offline migration copies no storage: libvirt "
	                    "refuses it"))
		result_remedy(r, "copy the disks yourself");
	if (f->plan.tunnelled &&
	    result_block(r, "an offline migration has nothing to tunnel: "
	                    "libvirt refuses it"))
		result_remedy(r, "leave out --tunnelled");
	if (d->active &&
	    result_warn(r, "the domain runs on: --offline copies its "
	                   "definition only, and it can then be started "
	                   "twice"))
		result_remedy(r, "leave out --offline, or shut it down");
	result_pass(r, "the domain does not run, and its definition moves");
}

static void
check_domain_state(const struct facts *f, struct result *r)
{
	const struct domain_facts *d = &f->domain;
	const struct state *s;

	if (d->from_file) {
		result_pass(r, "a domain in a file has no state yet");
	} else if (d->state == NULL) {
		result_not_run(r, "the domain's state is not known");
	} else if (f->plan.offline) {
		check_offline(f, r);
	} else if ((s = state_of(d)) == NULL) {
		result_not_run(r, "the domain's state '%s' is not known here",
		               d->state);
	} else if (result_add(r, s->outcome, "%s", s->text)) {
		result_values(r, d->state, NULL);
		result_remedy(r, "%s", s->remedy);
	}
}

/* What is left where, by what the command says and what is defined. */
static const struct persistence {
	bool persistent, define, undefine;
	enum outcome outcome;
	const char *text, *remedy;
} persistences[] = {
    {true, true, true, OUTCOME_PASS,
     "the definition moves to the destination, none is left on the source", ""},
    {true, true, false, OUTCOME_WARN,
     "the definition is left on the source, too: it can be started twice",
     "give --undefinesource"},
    {true, false, true, OUTCOME_WARN,
     "no definition is left on either host: the domain is gone when it ends",
     "give --persistent"},
    {true, false, false, OUTCOME_WARN,
     "the definition stays on the source only: the domain is gone from the "
     "destination when it ends, and can meanwhile be started twice",
     "give --persistent --undefinesource"},
    {false, true, true, OUTCOME_WARN,
     "the domain has no definition, and gets one on the destination",
     "leave out --persistent if it is to stay transient"},
    {false, true, false, OUTCOME_WARN,
     "the domain has no definition, and gets one on the destination",
     "leave out --persistent if it is to stay transient"},
    {false, false, true, OUTCOME_PASS,
     "the domain has no definition and stays without (there is nothing to "
     "undefine)",
     ""},
    {false, false, false, OUTCOME_PASS,
     "the domain has no definition and stays without", ""},
};

static void
check_persistence(const struct facts *f, struct result *r)
{
	const struct plan *p = &f->plan;
	const bool persistent = f->domain.persistent;

	if (f->domain.from_file) {
		result_pass(r, "a domain in a file is defined nowhere yet");
		return;
	}
	if (p->offline && !p->persistent) {
		if (!result_block(r, "an offline migration defines the domain "
		                     "on the destination: libvirt refuses it "
		                     "without --persistent"))
			return;
		result_remedy(r, "give --persistent");
		return;
	}
	for (size_t i = 0; i < LENGTH_OF(persistences); i++) {
		const struct persistence *one = &persistences[i];

		if (one->persistent != persistent ||
		    one->define != p->persistent ||
		    one->undefine != p->undefine_source ||
		    !result_add(r, one->outcome, "%s", one->text))
			continue;
		result_values(r, persistent ? "persistent" : "transient",
		              p->persistent ? "persistent" : "transient");
		result_remedy(r, "%s", one->remedy);
	}
}

static void
check_abi(const struct facts *f, struct result *r)
{
	if (!f->plan.destination_xml)
		result_pass(r, "the domain keeps its XML: nothing of its ABI "
		               "changes");
	else if (f->domain.from_file)
		result_pass(r, "libvirt compares the ABI of the given XML with "
		               "the running domain's as the migration begins, "
		               "and refuses before anything moves");
	else if (result_warn(r, "libvirt compares the ABI of the given XML as "
	                        "the migration begins; the other checks here "
	                        "looked at the domain's own XML"))
		result_remedy(r, "check the given XML, too: it may name other "
		                 "disks, networks and devices");
}

const struct migration_check checks_domain[] = {
    {.id = "domain-clash",
     .compares = "name and UUID, and those of the destination's domains",
     .severity = SEVERITY_BLOCK,
     .needs = NEEDS_DOMAIN | NEEDS_DESTINATION,
     .run = check_domain_clash},
    {.id = "domain-state",
     .compares = "whether a domain in this state can migrate",
     .severity = SEVERITY_BLOCK,
     .needs = NEEDS_DOMAIN,
     .run = check_domain_state},
    {.id = "persistence",
     .compares = "where definitions of the domain are left",
     .severity = SEVERITY_WARN,
     .needs = NEEDS_DOMAIN,
     .run = check_persistence},
    {.id = "lock-manager",
     .compares = "lock_manager of qemu.conf",
     /* Packages keep qemu.conf for root.  libvirt refuses another lock
      * manager itself, before memory moves. */
     .severity = SEVERITY_WARN,
     .needs = NEEDS_SOURCE_LOCAL | NEEDS_DESTINATION_LOCAL,
     .run = check_lock_driver},
    {.id = "security-label",
     .compares = "the security drivers, and those of the domain's labels",
     .severity = SEVERITY_BLOCK,
     .needs = NEEDS_DOMAIN | NEEDS_SOURCE | NEEDS_DESTINATION,
     .run = check_security_label},
    {.id = "qemu-user",
     .compares = "QEMU's user and group, and dynamic_ownership",
     .severity = SEVERITY_WARN,
     .needs = NEEDS_SOURCE | NEEDS_DESTINATION,
     .run = check_qemu_user},
    {.id = "abi",
     .compares = "who compares the ABI of a given XML",
     .severity = SEVERITY_WARN,
     .needs = NEEDS_DOMAIN,
     .run = check_abi},
    {0},
};
