/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory, huge pages, CPUs: what the destination has of what a domain takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "checks_world.h"

#define BEND(name, ...)                                                        \
	static void name(struct world *w)                                      \
	{                                                                      \
		__VA_ARGS__                                                    \
	}

enum { GIB_KIB = 1 << 20, MIB_KIB = 1 << 10 };

static void
pages(struct world *w, uint64_t size_kib, uint64_t memory_kib)
{
	w->huge[w->f.domain.n_hugepages++] = (struct hugepages_facts){
	    .size_kib = size_kib, .memory_kib = memory_kib};
}

static void
nodeset(struct world *w, const char *nodes, const char *mode)
{
	w->nodesets[0] = nodes;
	w->f.domain.n_nodesets = 1;
	w->f.domain.numa_mode = mode;
}

static void
pin(struct world *w, const char *cpus)
{
	w->pins[w->f.domain.n_pins++] = cpus;
}

/* 8 GiB are available, 1 GiB is free, 16 GiB are there. */
BEND(at_the_edge, w->f.domain.memory_kib = 8 * GIB_KIB - 256 * MIB_KIB;)
BEND(over_the_edge, at_the_edge(w); w->f.domain.memory_kib++;)
BEND(over_and_locked, over_the_edge(w); w->f.domain.locked = true;)
BEND(over_all, w->f.domain.memory_kib = 16 * GIB_KIB;)
BEND(all_there_is, w->f.domain.memory_kib = 16 * GIB_KIB - 256 * MIB_KIB;)
BEND(in_pages, over_all(w); pages(w, 2048, 16 * GIB_KIB);)
BEND(partly_in_pages, over_all(w); pages(w, 2048, 4 * GIB_KIB);)
BEND(in_two_kinds_of_pages, over_all(w); pages(w, 2048, 8 * GIB_KIB);
     pages(w, GIB_KIB, 8 * GIB_KIB);)
BEND(more_pages_than_memory, pages(w, 2048, UINT64_MAX);
     pages(w, 2048, UINT64_MAX);)
BEND(giant, w->f.domain.memory_kib = UINT64_MAX;)
BEND(may_grow, w->f.domain.max_memory_kib = UINT64_MAX;)
BEND(memory_failed, w->f.destination.memory_why = "no answer";)
BEND(memory_unsaid, w->f.destination.memory_available_kib = 0;)
BEND(memory_unknown, w->f.domain.memory_kib = 0;)
BEND(no_destination, w->f.destination.missing = "it does not answer";)

/* 512 pages of 2 MiB are free in each of two nodes: 2 GiB. */
BEND(all_pages, pages(w, 2048, 2 * GIB_KIB);)
BEND(default_pages, pages(w, 0, 2 * GIB_KIB);)
BEND(too_many_pages, pages(w, 2048, 2 * GIB_KIB + 1);)
BEND(too_many_by_default, pages(w, 0, 2 * GIB_KIB + 1);)
BEND(too_many_in_sum, pages(w, 2048, 2 * GIB_KIB); pages(w, 0, 1);)
BEND(one_node, all_pages(w); nodeset(w, "1", "strict");)
BEND(one_node_by_default, all_pages(w); nodeset(w, "1", NULL);)
BEND(one_node_preferred, all_pages(w); nodeset(w, "1", "preferred");)
BEND(both_nodes, all_pages(w); nodeset(w, "0-1", "strict");)
BEND(whole_host, all_pages(w); w->f.destination.n_pages = 2;
     w->pages[1].cell = -1; w->pages[1].free = 1024;)
BEND(nodes_and_host, all_pages(w); w->pages[3] = w->pages[1];
     w->pages[3].cell = -1; w->f.destination.n_pages = 4;)
BEND(nodes_and_host_short, nodes_and_host(w); w->pages[3].free = 9999;
     w->pages[1].free--;)
BEND(nodes_not_understood, all_pages(w); nodeset(w, "one", "strict");)
BEND(no_gigantic_pages, pages(w, GIB_KIB, GIB_KIB);)
BEND(no_pages_at_all, pages(w, 0, GIB_KIB); w->f.destination.n_pages = 1;)
BEND(pages_failed, all_pages(w); w->f.destination.pages_why = "no answer";)
BEND(pages_failed_unused, w->f.destination.pages_why = "no answer";)
BEND(pages_unknown, pages(w, 2048, 0);)

BEND(pinned, pin(w, "0-3,^2"); pin(w, "7"); w->f.domain.cpuset = "0-7";)
BEND(pin_absent, pin(w, "7"); pin(w, "6,8");)
BEND(pin_offline, w->f.destination.online = "0-3,5-7"; pin(w, "4");)
BEND(pin_odd, pin(w, "four");)
BEND(pin_online_unknown, w->f.destination.online = NULL; pin(w, "0");)
BEND(cpuset_absent, w->f.domain.cpuset = "0-8";)
BEND(pin_rewritten, pin_absent(w); w->f.plan.destination_xml = true;)
BEND(nodes_there, nodeset(w, "0-1", "strict");)
BEND(node_absent, nodeset(w, "2", "strict");)
BEND(node_absent_default, nodeset(w, "2", NULL);)
BEND(node_preferred, nodeset(w, "2", "preferred");)
BEND(nodes_unknown, nodeset(w, "0", "strict"); w->f.destination.n_cells = 0;)
BEND(nodes_only, nodeset(w, "0", NULL); w->f.destination.online = NULL;)

BEND(many_vcpus, w->f.domain.max_vcpus = 288; w->f.domain.vcpus = 8;)
BEND(too_many_vcpus, w->f.domain.max_vcpus = 289;)
BEND(other_machine, w->machine.name = "pc-i440fx-7.2";
     w->machine.max_vcpus = 1;)
BEND(canonical, w->machine.canonical = w->machine.name; w->machine.name = "q35";
     w->machine.max_vcpus = 1;)
BEND(machine_alone, w->f.destination.domcaps_why = "refused";
     w->f.domain.max_vcpus = 289;)
BEND(more_than_cpus, w->f.domain.max_vcpus = w->f.domain.vcpus = 9;)
BEND(most_unknown, w->f.destination.domcaps_why = "refused";
     w->f.destination.n_machines = 0;)
BEND(cpus_unknown, w->f.destination.cpus_max = 0;)
BEND(vcpus_unknown, w->f.domain.max_vcpus = 0;)

BEND(locked, w->f.domain.locked = true;)
BEND(rdma, w->f.plan.migrate_uri = "rdma://dst";)
BEND(rdma_limited, rdma(w); w->f.domain.hard_limit_kib = 3 * GIB_KIB;)
BEND(limit_low, w->f.domain.hard_limit_kib = GIB_KIB;)
BEND(limit_at_the_edge, w->f.domain.hard_limit_kib = w->f.domain.memory_kib;)
BEND(limit_low_locked, limit_low(w); locked(w);)

static const struct row rows[] = {
#define ROW(id, bend, outcome, key)                                            \
	{                                                                      \
#bend, id, bend, OUTCOME_##outcome, key                        \
	}
    {"as it is", "memory", NULL, OUTCOME_PASS, "is available"},
    ROW("memory", at_the_edge, PASS, "is available"),
    ROW("memory", over_the_edge, WARN, "would swap"),
    ROW("memory", over_and_locked, BLOCK, "locks more memory"),
    ROW("memory", over_all, BLOCK, "has at all"),
    ROW("memory", all_there_is, WARN, "would swap"),
    ROW("memory", in_pages, PASS, "is available"),
    ROW("memory", partly_in_pages, WARN, "would swap"),
    ROW("memory", in_two_kinds_of_pages, PASS, "is available"),
    ROW("memory", more_pages_than_memory, PASS, "is available"),
    ROW("memory", giant, BLOCK, "has at all"),
    ROW("memory", may_grow, PASS, "is available"),
    ROW("memory", memory_failed, NOT_RUN, "no answer"),
    ROW("memory", memory_unsaid, NOT_RUN, "does not say its memory"),
    ROW("memory", memory_unknown, NOT_RUN, "is not known"),
    ROW("memory", no_destination, NOT_RUN, "it does not answer"),
    {"as it is", "hugepages", NULL, OUTCOME_PASS, "uses no huge pages"},
    ROW("hugepages", pages_failed_unused, PASS, "uses no huge pages"),
    ROW("hugepages", all_pages, PASS, "huge pages free"),
    ROW("hugepages", default_pages, PASS, "huge pages free"),
    ROW("hugepages", too_many_pages, BLOCK, "1025 pages of 2048 KiB"),
    ROW("hugepages", too_many_by_default, BLOCK, "1025 pages of 2048 KiB"),
    ROW("hugepages", too_many_in_sum, BLOCK, "has 1024 free"),
    ROW("hugepages", one_node, BLOCK, "512 free on the nodes"),
    ROW("hugepages", one_node_by_default, BLOCK, "512 free on the nodes"),
    ROW("hugepages", one_node_preferred, PASS, "huge pages free"),
    ROW("hugepages", both_nodes, PASS, "huge pages free"),
    ROW("hugepages", whole_host, PASS, "huge pages free"),
    ROW("hugepages", nodes_and_host, PASS, "huge pages free"),
    ROW("hugepages", nodes_and_host_short, BLOCK, "has 1023 free"),
    ROW("hugepages", nodes_not_understood, PASS, "huge pages free"),
    ROW("pinning", nodes_not_understood, NOT_RUN, "\"one\""),
    ROW("hugepages", no_gigantic_pages, BLOCK, "no pages of 1048576 KiB"),
    ROW("hugepages", no_pages_at_all, BLOCK, "has no huge pages"),
    ROW("hugepages", pages_failed, NOT_RUN, "no answer"),
    ROW("hugepages", pages_unknown, NOT_RUN, "not known how much"),
    {"as it is", "pinning", NULL, OUTCOME_PASS, "names no CPU"},
    ROW("pinning", pinned, PASS, "has the CPUs"),
    ROW("pinning", pin_absent, BLOCK,
        "names CPU 6,8, and the destination has "
        "no CPU 8"),
    ROW("pinning", pin_offline, BLOCK, "no CPU 4"),
    ROW("pinning", pin_odd, NOT_RUN, "\"four\""),
    ROW("pinning", pin_online_unknown, NOT_RUN, "are online"),
    ROW("pinning", cpuset_absent, BLOCK, "no CPU 8"),
    ROW("pinning", pin_rewritten, WARN, "no CPU 8"),
    ROW("pinning", nodes_there, PASS, "NUMA nodes"),
    ROW("pinning", node_absent, BLOCK, "no NUMA node 2"),
    ROW("pinning", node_absent_default, BLOCK, "no NUMA node 2"),
    ROW("pinning", node_preferred, WARN, "no NUMA node 2"),
    ROW("pinning", nodes_unknown, NOT_RUN, "NUMA nodes"),
    ROW("pinning", nodes_only, PASS, "has the CPUs"),
    {"as it is", "vcpus", NULL, OUTCOME_PASS, "runs the domain's CPUs"},
    ROW("vcpus", many_vcpus, PASS, "runs the domain's CPUs"),
    ROW("vcpus", too_many_vcpus, BLOCK, "QEMU runs"),
    ROW("vcpus", other_machine, PASS, "runs the domain's CPUs"),
    ROW("vcpus", canonical, BLOCK, "QEMU runs"),
    ROW("vcpus", machine_alone, BLOCK, "QEMU runs"),
    ROW("vcpus", more_than_cpus, WARN, "will be slow"),
    ROW("vcpus", most_unknown, NOT_RUN, "QEMU runs: refused"),
    ROW("vcpus", cpus_unknown, NOT_RUN, "number of the destination's CPUs"),
    ROW("vcpus", vcpus_unknown, NOT_RUN, "number of the domain's CPUs"),
    {"as it is", "locked-memory", NULL, OUTCOME_PASS, "locks no memory"},
    ROW("locked-memory", locked, PASS, "may lock"),
    ROW("locked-memory", rdma, BLOCK, "over RDMA"),
    ROW("locked-memory", rdma_limited, PASS, "may lock"),
    ROW("locked-memory", limit_low, WARN, "below its memory"),
    ROW("locked-memory", limit_at_the_edge, PASS, "may lock"),
    ROW("locked-memory", limit_low_locked, BLOCK, "which is locked"),
    ROW("locked-memory", memory_unknown, NOT_RUN, "is not known"),
#undef ROW
};

static void
each_check_says_what_it_sees(void **state)
{
	(void)state;
	rows_hold(rows, LENGTH_OF(rows));
	rows_cover(rows, LENGTH_OF(rows), checks_memory);
}

static void
both_values_are_said(void **state)
{
	struct world w;
	struct result r;

	(void)state;
	world_init(&w);
	over_the_edge(&w);
	w.f.domain.memory_kib += MIB_KIB;
	check_run(check_of("memory"), &w.f, &r);
	assert_string_equal(r.source, "8193 MiB");
	assert_string_equal(r.destination, "8192 MiB");
	assert_non_null(strstr(r.remedy, "setmem"));
}

/* Each size of page is judged once, whatever entries it has. */
static void
a_size_is_told_once(void **state)
{
	struct world w;
	struct result r;

	(void)state;
	world_init(&w);
	too_many_in_sum(&w);
	check_run(check_of("hugepages"), &w.f, &r);
	assert_int_equal(r.more, 0);
	assert_string_equal(r.source, "1025 pages");
	assert_string_equal(r.destination, "1024 pages");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_check_says_what_it_sees),
	    cmocka_unit_test(both_values_are_said),
	    cmocka_unit_test(a_size_is_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
