/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Is there a way: ports that answer, certificates that fit, clocks that agree.
 */
#include "checks/check.h"

#include "checks/pki.h"
#include "checks/words.h"
#include "proto/destination.h"

/* The control connection is the source's own only in a peer-to-peer migration:
 * else it is that of whoever runs this, and has come about when the
 * destination's facts are there. */
static void
control_answers(const struct facts *f, struct result *r)
{
	const char *why = f->reach.control_why;
	bool elsewhere = !f->plan.p2p && f->destination.missing == NULL;

	if (f->reach.control)
		return;
	if (!result_add(
		r, elsewhere ? OUTCOME_WARN : OUTCOME_BLOCK,
		"libvirt of '%.100s' does not answer the source%s%.120s",
		or_unknown(f->plan.destination_host), why != NULL ? ": " : "",
		why != NULL ? why : ""))
		return;
	if (elsewhere)
		result_remedy(r, "nothing now, for a direct migration needs no "
		                 "such connection; --p2p would");
	else
		result_remedy(r, "is libvirtd running and listening there, and "
		                 "its port (16514 for TLS, 22 for SSH) open?");
}

/* A port that refuses is one without a firewall in the way: QEMU listens only
 * once a migration has begun. */
static void
data_answers(const struct facts *f, struct result *r)
{
	const struct local_facts *l = &f->destination_local;
	const char *why = f->reach.data_why;
	unsigned long long first = MIGRATION_PORT_MIN;
	unsigned long long last = MIGRATION_PORT_MAX;

	/* No port of its own is used. */
	if (f->plan.tunnelled || f->plan.offline ||
	    begins_with(f->plan.migrate_uri, "unix:"))
		return;
	if (f->reach.data || f->reach.data_refused)
		return;
	if (!result_block(r,
	                  "no migration port of '%.100s' answers the source, "
	                  "not even with a refusal%s%.120s",
	                  or_unknown(f->plan.data_host),
	                  why != NULL ? ": " : "", why != NULL ? why : ""))
		return;
	if (l->missing == NULL && l->migration_port_min != 0)
		first = l->migration_port_min;
	if (l->missing == NULL && l->migration_port_max != 0)
		last = l->migration_port_max;
	result_remedy(r,
	              "open TCP ports %llu to %llu there for the source; for "
	              "a firewall that opens them on demand: --force "
	              "reachable",
	              first, last);
}

static void
reachable(const struct facts *f, struct result *r)
{
	/* That its libvirt answers was seen, from wherever this runs. */
	if (f->reach.missing != NULL) {
		if (result_add(r,
		               f->destination.missing == NULL ? OUTCOME_WARN
		                                              : OUTCOME_NOT_RUN,
		               "%s", f->reach.missing))
			result_remedy(r, "run this on the source");
		return;
	}
	control_answers(f, r);
	data_answers(f, r);
	result_pass(r, "the destination answers the source%s",
	            f->plan.tunnelled || f->plan.offline
	                ? ""
	                : ", and no firewall hides its migration ports");
}

enum { CLOCK_SKEW_MS = 2000 };

/* Both are asked at once, and each looks at its clock at some moment of its
 * question: what lies between the two is no more than both questions took. */
static void
clocks(const struct facts *f, struct result *r)
{
	const struct local_facts *s = &f->source_local;
	const struct local_facts *d = &f->destination_local;
	uint64_t within = s->took_ms + d->took_ms + CLOCK_SKEW_MS, apart;
	bool ahead = d->time_ms > s->time_ms;

	if (s->time_ms == 0 || d->time_ms == 0) {
		result_not_run(r, "%s did not tell its time",
		               s->time_ms == 0 ? "the source"
		                               : "the destination");
		return;
	}
	apart = ahead ? d->time_ms - s->time_ms : s->time_ms - d->time_ms;
	if (apart <= within) {
		result_pass(r, "the clocks agree within %llu ms",
		            (unsigned long long)within);
		return;
	}
	result_warn(r,
	            "the destination's clock is %llu.%03llu s %s the "
	            "source's: certificates and the age of a verdict are "
	            "judged by it",
	            (unsigned long long)apart / 1000,
	            (unsigned long long)apart % 1000,
	            ahead ? "ahead of" : "behind");
	result_values_u64(r, s->time_ms, d->time_ms, "ms");
	result_remedy(r, "let chrony or another NTP client set the clocks of "
	                 "both");
}

const struct migration_check checks_way[] = {
    {
	.id = "reachable",
	.compares = "the destination's ports as the source sees them",
	/* A migration that nobody at the source tried cannot harm: it would
         * fail before a byte moves. */
	.severity = SEVERITY_WARN,
	.run = reachable,
    },
    {
	/* Not run, it is worth a word: QEMU itself refuses what it would. */
	.id = "migration-pki",
	.compares = "QEMU's certificates at both ends, and what demands them",
	.severity = SEVERITY_WARN,
	.needs = NEEDS_SOURCE_LOCAL | NEEDS_DESTINATION_LOCAL,
	.run = check_migration_pki,
    },
    {
	.id = "clock",
	.compares = "the clocks of both hosts",
	.severity = SEVERITY_WARN,
	.needs = NEEDS_SOURCE_LOCAL | NEEDS_DESTINATION_LOCAL,
	.run = clocks,
    },
    {0},
};
