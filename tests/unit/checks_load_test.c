/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Will the migration come to an end, and has the destination time for it. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "checks_a_case.h"

#define CASE(name) static void name(struct checks_world *w)

/* --- convergence --- */

CASE(below_the_limit)
{
	w->f.plan.bandwidth_mib = 150;
	w->f.domain.dirty_rate_mib = 104; /* of 105, which is 70 % */
}

CASE(at_the_limit)
{
	below_the_limit(w);
	w->f.domain.dirty_rate_mib = 105;
}

CASE(as_fast_as_the_link)
{
	w->f.plan.bandwidth_mib = 150;
	w->f.domain.dirty_rate_mib = 150;
}

CASE(a_fast_writer)
{
	w->f.domain.dirty_rate_mib = 400;
}

CASE(a_fast_writer_and_a_wide_link)
{
	a_fast_writer(w);
	w->f.plan.bandwidth_mib = 1100;
}

CASE(a_fast_writer_postcopy)
{
	a_fast_writer(w);
	w->f.plan.postcopy = true;
}

CASE(a_fast_writer_paused)
{
	a_fast_writer(w);
	w->f.domain.state = "paused";
}

CASE(a_fast_writer_not_live)
{
	a_fast_writer(w);
	w->f.plan.live = false;
}

CASE(a_fast_writer_offline)
{
	a_fast_writer(w);
	w->f.plan.offline = true;
}

CASE(shut_off)
{
	w->f.domain.active = false;
	w->f.domain.dirty_rate_mib = 0;
}

CASE(not_measured)
{
	w->f.domain.dirty_rate_known = false;
}

CASE(measured_idle)
{
	w->f.domain.dirty_rate_mib = 0;
}

CASE(in_a_file)
{
	not_measured(w);
	w->f.domain.active = false;
	w->f.domain.from_file = true;
}

CASE(giants)
{
	w->f.domain.dirty_rate_mib = UINT64_MAX;
	w->f.plan.bandwidth_mib = UINT64_MAX;
}

CASE(a_giant_link)
{
	w->f.plan.bandwidth_mib = UINT64_MAX;
}

/* --- jobs --- */

CASE(one_each)
{
	w->f.source.jobs = w->f.destination.jobs = 1;
}

CASE(many_there)
{
	w->f.destination.jobs = 2;
}

CASE(many_here)
{
	w->f.source.jobs = 5;
}

CASE(not_known)
{
	w->f.destination.jobs = UINT_MAX;
}

CASE(not_known_here)
{
	w->f.source.jobs = UINT_MAX;
}

CASE(no_source)
{
	w->f.source.missing = "cannot connect";
}

/* --- maintenance --- */

CASE(in_maintenance)
{
	w->f.destination_local.maintenance = "memory is replaced on Friday";
}

CASE(in_maintenance_and_busy)
{
	in_maintenance(w);
	w->f.destination_local.load_milli = 90000;
}

CASE(in_maintenance_without_a_word)
{
	w->f.destination_local.maintenance = "";
}

/* The source's own word is no reason to stay: it is one to go. */
CASE(source_in_maintenance)
{
	w->f.source_local.maintenance = "goes away";
}

CASE(busy)
{
	w->f.destination_local.load_milli = 4000;
}

CASE(nearly_busy)
{
	w->f.destination_local.load_milli = 3999;
}

CASE(busy_with_many_cpus)
{
	w->f.destination_local.load_milli = 90000;
	w->f.destination_local.cpus = 64;
}

CASE(no_load)
{
	w->f.destination_local.cpus = 0;
}

CASE(no_agent)
{
	w->f.destination_local = (struct local_facts){.missing = "old agent"};
}

static const struct checks_case cases[] = {
    {"convergence", "slow", NULL, OUTCOME_PASS,
     "writes 20 MiB/s of memory, and over a gigabit 112 MiB/s can be sent",
     NULL},
    {"convergence", "below a limit", below_the_limit, OUTCOME_PASS,
     "writes 104 MiB/s of memory, and 150 MiB/s can be sent", NULL},
    {"convergence", "at a limit", at_the_limit, OUTCOME_WARN,
     "writes 105 MiB/s of memory, and 150 MiB/s can be sent: it may take long "
     "to come to an end",
     "raise --bandwidth"},
    {"convergence", "as fast", as_fast_as_the_link, OUTCOME_WARN,
     "it may never come to an end", "150 MiB/s"},
    {"convergence", "fast", a_fast_writer, OUTCOME_WARN,
     "over a link of a gigabit no more than 112 MiB/s can be sent: it may "
     "never come to an end",
     "400 MiB/s"},
    {"convergence", "a wide link", a_fast_writer_and_a_wide_link, OUTCOME_PASS,
     "writes 400 MiB/s", NULL},
    {"convergence", "post-copy", a_fast_writer_postcopy, OUTCOME_PASS,
     "post-copy ends", NULL},
    {"convergence", "paused", a_fast_writer_paused, OUTCOME_PASS, "is paused",
     NULL},
    {"convergence", "not live", a_fast_writer_not_live, OUTCOME_PASS,
     "is paused", NULL},
    {"convergence", "offline", a_fast_writer_offline, OUTCOME_PASS,
     "does not run", NULL},
    {"convergence", "shut off", shut_off, OUTCOME_PASS, "does not run", NULL},
    {"convergence", "idle", measured_idle, OUTCOME_PASS, "writes 0 MiB/s",
     NULL},
    {"convergence", "in a file", in_a_file, OUTCOME_PASS, "in a file", NULL},
    {"convergence", "not measured", not_measured, OUTCOME_NOT_RUN,
     "was not measured", NULL},
    {"convergence", "giants", giants, OUTCOME_WARN,
     "it may never come to an end", NULL},
    {"convergence", "a giant link", a_giant_link, OUTCOME_PASS,
     "writes 20 MiB/s", NULL},
    {"jobs", "none", NULL, OUTCOME_PASS,
     "0 migrations at work on the source, 0 on the destination", NULL},
    {"jobs", "one each", one_each, OUTCOME_PASS, "1 on the destination", NULL},
    {"jobs", "many there", many_there, OUTCOME_WARN,
     "the destination has 2 migrations at work", "wait"},
    {"jobs", "many here", many_here, OUTCOME_WARN,
     "the source has 5 migrations at work", "5"},
    {"jobs", "not known there", not_known, OUTCOME_NOT_RUN,
     "how many migrations the destination has", NULL},
    {"jobs", "not known here", not_known_here, OUTCOME_NOT_RUN,
     "how many migrations the source has", NULL},
    {"jobs", "no facts", no_source, OUTCOME_NOT_RUN, "cannot connect", NULL},
    {"maintenance", "none", NULL, OUTCOME_PASS,
     "takes domains: a load of 0.700 on 2 CPUs", NULL},
    {"maintenance", "a word", in_maintenance, OUTCOME_BLOCK,
     "is in maintenance: memory is replaced on Friday",
     "/etc/virt-attest/maintenance"},
    {"maintenance", "and busy", in_maintenance_and_busy, OUTCOME_BLOCK,
     "is in maintenance", NULL},
    {"maintenance", "no word", in_maintenance_without_a_word, OUTCOME_BLOCK,
     "is in maintenance: no reason is given", NULL},
    {"maintenance", "of the source", source_in_maintenance, OUTCOME_PASS,
     "takes domains", NULL},
    {"maintenance", "busy", busy, OUTCOME_WARN, "a load of 4.000 on 2 CPUs",
     "wait"},
    {"maintenance", "nearly busy", nearly_busy, OUTCOME_PASS,
     "a load of 3.999 on 2 CPUs", NULL},
    {"maintenance", "many CPUs", busy_with_many_cpus, OUTCOME_PASS,
     "a load of 90.000 on 64 CPUs", NULL},
    {"maintenance", "no load", no_load, OUTCOME_NOT_RUN,
     "did not tell its load", NULL},
    {"maintenance", "no agent", no_agent, OUTCOME_NOT_RUN, "old agent", NULL},
};

static void
every_case_comes_out(void **state)
{
	(void)state;
	checks_cases_hold(checks_load, cases, LENGTH_OF(cases));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_case_comes_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
