/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Will it come to an end, and does the destination have time for it. */
#include "checks/check.h"

#include <limits.h>

#include "checks/words.h"

enum {
	/* What a gigabit carries: the link's own speed is not seen. */
	LINK_ASSUMED_MIB = 112,
	/* Of the bandwidth; the last pass is as long as what is left. */
	CONVERGES_PERCENT = 70,
	/* Migrations at work on a host; two is what oVirt allows. */
	JOBS_MANY = 2,
	/* Of runnable tasks to a CPU. */
	LOAD_FACTOR = 2,
};

static void
judge_rate(const struct facts *f, struct result *r)
{
	uint64_t rate = f->domain.dirty_rate_mib;
	bool limited = f->plan.bandwidth_mib != 0;
	uint64_t width = limited ? f->plan.bandwidth_mib : LINK_ASSUMED_MIB;

	/* Divided, for a rate or a limit may be of any size. */
	if (rate < width / 100 * CONVERGES_PERCENT +
	               width % 100 * CONVERGES_PERCENT / 100) {
		result_pass(r,
		            "the domain writes %llu MiB/s of memory, and "
		            "%s%llu MiB/s can be sent, if the link is idle",
		            (unsigned long long)rate,
		            limited ? "" : "over a gigabit ",
		            (unsigned long long)width);
		return;
	}
	result_warn(r,
	            "the domain writes %llu MiB/s of memory, and %s%llu "
	            "MiB/s can be sent: it may %s end",
	            (unsigned long long)rate,
	            limited ? "" : "over a link of a gigabit no more than ",
	            (unsigned long long)width,
	            rate >= width ? "never come to an"
	                          : "take long to come to "
	                            "an");
	result_values_u64(r, rate, width, "MiB/s");
	result_remedy(r,
	              "%smigrate with --postcopy or --auto-converge, or "
	              "when it is less busy",
	              limited ? "raise --bandwidth, " : "");
}

static void
convergence(const struct facts *f, struct result *r)
{
	const struct domain_facts *g = &f->domain;

	if (f->plan.offline || (!g->active && !g->from_file))
		result_pass(r, "the domain does not run");
	else if (!f->plan.live || same_text(g->state, "paused"))
		result_pass(r, "the domain is paused while its memory is sent");
	else if (f->plan.postcopy)
		result_pass(r, "post-copy ends, whatever the domain writes");
	else if (g->from_file)
		result_pass(r, "a domain in a file writes no memory yet");
	else if (g->dirty_rate_known)
		judge_rate(f, r);
	else if (result_not_run(r, "how much memory the domain writes was not "
	                           "measured"))
		result_remedy(r, "'virsh domdirtyrate-calc %.100s' measures it",
		              or_unknown(g->name));
}

/* One of the domain's own is another check's. */
static void
jobs(const struct facts *f, struct result *r)
{
	const struct {
		const char *name;
		unsigned n;
	} ends[] = {
	    {"source", f->source.jobs},
	    {"destination", f->destination.jobs},
	};

	for (size_t i = 0; i < LENGTH_OF(ends); i++) {
		if (ends[i].n == UINT_MAX) {
			result_not_run(r,
			               "how many migrations the %s has at "
			               "work is not known",
			               ends[i].name);
		} else if (ends[i].n >= JOBS_MANY &&
		           result_warn(r,
		                       "the %s has %u migrations at work, "
		                       "which share its link",
		                       ends[i].name, ends[i].n)) {
			result_values_u64(r, f->source.jobs,
			                  f->destination.jobs, "");
			result_remedy(r, "wait for them to end");
		}
	}
	result_pass(r,
	            "%u migrations at work on the source, %u on the "
	            "destination",
	            f->source.jobs, f->destination.jobs);
}

static void
maintenance(const struct facts *f, struct result *r)
{
	const struct local_facts *d = &f->destination_local;

	if (d->maintenance != NULL) {
		result_block(r, "the destination is in maintenance: %.160s",
		             d->maintenance[0] != '\0' ? d->maintenance
		                                       : "no reason is given");
		result_values(r, NULL, d->maintenance);
		result_remedy(r, "name another destination, or remove "
		                 "/etc/virt-attest/maintenance there");
		return;
	}
	if (d->cpus == 0) {
		result_not_run(r, "the destination did not tell its load");
		return;
	}
	if (d->load_milli / 1000 >= (uint64_t)d->cpus * LOAD_FACTOR) {
		result_warn(r,
		            "the destination is busy: a load of %llu.%03llu "
		            "on %u CPUs",
		            (unsigned long long)d->load_milli / 1000,
		            (unsigned long long)d->load_milli % 1000, d->cpus);
		result_values(r, NULL, "busy");
		result_remedy(r, "name another destination, or wait");
		return;
	}
	result_pass(r,
	            "the destination takes domains: a load of %llu.%03llu "
	            "on %u CPUs",
	            (unsigned long long)d->load_milli / 1000,
	            (unsigned long long)d->load_milli % 1000, d->cpus);
}

const struct migration_check checks_load[] = {
    {
	.id = "convergence",
	.compares = "the memory that the domain writes with what can be sent",
	.severity = SEVERITY_WARN,
	.needs = NEEDS_DOMAIN,
	.run = convergence,
    },
    {
	.id = "jobs",
	.compares = "the migrations at work on both hosts",
	.severity = SEVERITY_WARN,
	.needs = NEEDS_SOURCE | NEEDS_DESTINATION,
	.run = jobs,
    },
    {
	.id = "maintenance",
	.compares = "the destination's load and its word of maintenance",
	.severity = SEVERITY_WARN,
	.needs = NEEDS_DESTINATION_LOCAL,
	.run = maintenance,
    },
    {0},
};
