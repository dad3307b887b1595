/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Is there a way: ports and clocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "checks_a_case.h"

#define CASE(name) static void name(struct checks_world *w)

/* --- reachable --- */

CASE(nobody_looked)
{
	w->f.reach = (struct reach){.missing = "the source was not asked"};
}

CASE(nobody_looked_or_reached)
{
	nobody_looked(w);
	w->f.destination.missing = "cannot connect";
}

CASE(no_control)
{
	w->f.reach.control = false;
	w->f.reach.control_why = "Connection refused";
}

CASE(no_control_of_a_direct_one)
{
	no_control(w);
	w->f.plan.p2p = false;
}

CASE(no_control_and_no_facts)
{
	no_control_of_a_direct_one(w);
	w->f.destination.missing = "cannot connect";
}

CASE(data_listens)
{
	w->f.reach.data = true;
	w->f.reach.data_refused = false;
}

CASE(silent)
{
	w->f.reach.data_refused = false;
	w->f.reach.data_why = "Connection timed out";
}

CASE(silent_elsewhere)
{
	silent(w);
	w->f.plan.data_host = "10.77.1.12";
	w->f.destination_local.migration_port_min = 50000;
	w->f.destination_local.migration_port_max = 50063;
}

CASE(silent_and_ports_not_known)
{
	silent(w);
	w->f.destination_local = (struct local_facts){.missing = "old agent"};
}

CASE(silent_and_one_port_set)
{
	silent(w);
	w->f.destination_local.migration_port_min = 49200;
	w->f.destination_local.migration_port_max = 0;
}

CASE(silent_and_ports_not_set)
{
	silent(w);
	w->f.destination_local.migration_port_min = 0;
}

CASE(silent_and_tunnelled)
{
	silent(w);
	w->f.plan.tunnelled = true;
}

CASE(silent_and_offline)
{
	silent(w);
	w->f.plan.offline = true;
}

CASE(silent_and_a_socket)
{
	silent(w);
	w->f.plan.migrate_uri = "unix:///run/proxy";
}

/* --- clock --- */

CASE(ahead)
{
	w->f.destination_local.time_ms = w->f.source_local.time_ms + 62121;
}

CASE(behind)
{
	w->f.destination_local.time_ms = w->f.source_local.time_ms - 2121;
}

CASE(at_the_limit)
{
	w->f.destination_local.time_ms = w->f.source_local.time_ms + 2120;
}

CASE(slow_to_answer)
{
	w->f.destination_local.time_ms = w->f.source_local.time_ms + 9000;
	w->f.destination_local.took_ms = 8000;
}

CASE(no_local_facts)
{
	w->f.destination_local = (struct local_facts){.missing = "old agent"};
}

CASE(no_time)
{
	w->f.source_local.time_ms = 0;
}

static const struct checks_case cases[] = {
    {"reachable", "a port refuses", NULL, OUTCOME_PASS,
     "answers the source, and no firewall", NULL},
    {"reachable", "a port listens", data_listens, OUTCOME_PASS,
     "answers the source", NULL},
    {"reachable", "not asked", nobody_looked, OUTCOME_WARN,
     "the source was not asked", "run this on the source"},
    {"reachable", "not asked, and no libvirt", nobody_looked_or_reached,
     OUTCOME_NOT_RUN, "the source was not asked", NULL},
    {"reachable", "no control", no_control, OUTCOME_BLOCK,
     "libvirt of 'host-b' does not answer the source: Connection refused",
     "16514"},
    {"reachable", "direct", no_control_of_a_direct_one, OUTCOME_WARN,
     "does not answer the source", "a direct migration needs no"},
    {"reachable", "direct, from nowhere", no_control_and_no_facts,
     OUTCOME_BLOCK, "does not answer the source", NULL},
    {"reachable", "a firewall", silent, OUTCOME_BLOCK,
     "no migration port of 'host-b' answers", "49152 to 49215"},
    {"reachable", "of the data network", silent_elsewhere, OUTCOME_BLOCK,
     "of '10.77.1.12' answers the source, not even with a refusal: "
     "Connection timed out",
     "50000 to 50063"},
    {"reachable", "default ports", silent_and_ports_not_known, OUTCOME_BLOCK,
     "no migration port", "49152 to 49215"},
    {"reachable", "one port set", silent_and_one_port_set, OUTCOME_BLOCK,
     "no migration port", "49200 to 49215"},
    {"reachable", "ports not set", silent_and_ports_not_set, OUTCOME_BLOCK,
     "no migration port", "49152 to 49215"},
    {"reachable", "tunnelled", silent_and_tunnelled, OUTCOME_PASS,
     "=the destination answers the source", NULL},
    {"reachable", "offline", silent_and_offline, OUTCOME_PASS,
     "=the destination answers the source", NULL},
    {"reachable", "a socket", silent_and_a_socket, OUTCOME_PASS,
     "answers the source", NULL},
    {"clock", "alike", NULL, OUTCOME_PASS, "agree within 2120 ms", NULL},
    {"clock", "ahead", ahead, OUTCOME_WARN,
     "the destination's clock is 62.121 s ahead of the source's",
     "1800000062121 ms"},
    {"clock", "behind", behind, OUTCOME_WARN,
     "the destination's clock is 2.121 s behind the source's", "chrony"},
    {"clock", "the limit", at_the_limit, OUTCOME_PASS, "agree within", NULL},
    {"clock", "slow", slow_to_answer, OUTCOME_PASS, "within 10060 ms", NULL},
    {"clock", "no time", no_time, OUTCOME_NOT_RUN,
     "the source did not tell its time", NULL},
    {"clock", "no facts", no_local_facts, OUTCOME_NOT_RUN, "old agent", NULL},
};

static void
every_case_comes_out(void **state)
{
	const struct migration_check subject[] = {
	    *check_of("reachable"),
	    *check_of("clock"),
	    {0},
	};
	size_t n = 0;

	(void)state;
	/* The third one has a file of its own, checks_pki_test.c. */
	while (checks_way[n].id != NULL)
		n++;
	assert_int_equal(n, LENGTH_OF(subject));
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
