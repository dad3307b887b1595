/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The time stamp counter that a domain was given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "checks_a_case.h"

#define CASE(name) static void name(struct checks_world *w)

CASE(no_destination)
{
	w->f.destination = (struct host_facts){.missing = "cannot connect"};
}

CASE(emulated)
{
	w->f.domain.virt_type = "qemu";
}

CASE(invariant)
{
	w->cpu_features[0].name = "invtsc";
}

CASE(invariant_forced)
{
	invariant(w);
	w->cpu_features[0].policy = "force";
}

CASE(invariant_off)
{
	invariant(w);
	w->cpu_features[0].policy = "disable";
}

CASE(invariant_offline)
{
	invariant(w);
	w->f.plan.offline = true;
}

CASE(invariant_shut_off)
{
	invariant(w);
	w->f.domain.active = false;
}

CASE(as_fast)
{
	invariant(w);
	w->f.domain.tsc_frequency = 2595124000;
}

CASE(nearly_as_fast)
{
	/* 2595 MHz of 250 ppm are 648750 Hz. */
	w->f.domain.tsc_frequency = 2595124000 + 648750;
}

CASE(nearly_as_slow)
{
	w->f.domain.tsc_frequency = 2595124000 - 648750;
}

CASE(too_fast)
{
	w->f.domain.tsc_frequency = 2595124000 + 648751;
}

CASE(too_slow)
{
	w->f.domain.tsc_frequency = 2595124000 - 648751;
}

CASE(too_fast_and_scaled)
{
	too_fast(w);
	w->f.destination.tsc_scaling = true;
}

CASE(too_fast_emulated)
{
	too_fast(w);
	emulated(w);
}

CASE(not_told_emulated)
{
	emulated(w);
	w->f.domain.tsc_frequency = 1000;
	w->f.destination.tsc_frequency = 0;
}

CASE(fast_and_not_told)
{
	as_fast(w);
	w->f.destination.tsc_frequency = 0;
}

CASE(giants)
{
	w->f.domain.tsc_frequency = UINT64_MAX;
	w->f.destination.tsc_frequency = 1;
}

static const struct checks_case cases[] = {
    {"tsc", "none", NULL, OUTCOME_PASS, "asks for no counter", NULL},
    {"tsc", "invariant", invariant, OUTCOME_BLOCK,
     "has 'invtsc' and its XML tells no frequency", "<timer name='tsc'"},
    {"tsc", "invariant by force", invariant_forced, OUTCOME_BLOCK, "'invtsc'",
     NULL},
    {"tsc", "invariant, off", invariant_off, OUTCOME_PASS,
     "asks for no counter", NULL},
    {"tsc", "invariant, offline", invariant_offline, OUTCOME_PASS,
     "asks for no counter", NULL},
    {"tsc", "invariant, shut off", invariant_shut_off, OUTCOME_PASS,
     "asks for no counter", NULL},
    {"tsc", "as fast", as_fast, OUTCOME_PASS, "runs at 2595124000 Hz, within",
     NULL},
    {"tsc", "nearly as fast", nearly_as_fast, OUTCOME_PASS, "within 250 ppm",
     NULL},
    {"tsc", "nearly as slow", nearly_as_slow, OUTCOME_PASS, "within 250 ppm",
     NULL},
    {"tsc", "too fast", too_fast, OUTCOME_BLOCK,
     "runs at 2595772751 Hz, the destination's at 2595124000 Hz",
     "2595124000 Hz"},
    {"tsc", "too slow", too_slow, OUTCOME_BLOCK, "cannot scale it", NULL},
    {"tsc", "scaled", too_fast_and_scaled, OUTCOME_PASS, "scales its counter",
     NULL},
    /* Seen with libvirt 9.0: it refuses this one, too. */
    {"tsc", "emulated", too_fast_emulated, OUTCOME_BLOCK, "cannot scale it",
     NULL},
    {"tsc", "emulated, not told", not_told_emulated, OUTCOME_PASS,
     "QEMU emulates the counter", NULL},
    {"tsc", "not told", fast_and_not_told, OUTCOME_NOT_RUN,
     "the frequency of the destination's counter is not known", NULL},
    {"tsc", "giants", giants, OUTCOME_BLOCK, "18446744073709551615 Hz", NULL},
    {"tsc", "no facts", no_destination, OUTCOME_NOT_RUN, "cannot connect",
     NULL},
};

static void
every_case_comes_out(void **state)
{
	const struct migration_check subject[] = {*check_of("tsc"), {0}};

	(void)state;
	checks_cases_hold(subject, cases, LENGTH_OF(cases));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_case_comes_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
