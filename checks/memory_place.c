/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the domain's CPUs and memory are to be. */
#include "checks/memory_private.h"

#include "checks/words.h"

/* A set that the domain names, in one that the destination has; `grave` when
 * it does not. */
static void
judge_set(struct result *r, const char *what, const char *named,
          const struct cpuset *there, enum outcome grave)
{
	struct cpuset set;
	unsigned first;

	if (!cpuset_parse(named, &set))
		result_not_run(r,
		               "the domain's set of %s \"%.64s\" is not "
		               "understood",
		               what, or_unknown(named));
	else if (!cpuset_is_within(&set, there, &first) &&
	         result_add(r, grave,
	                    "the domain names %s %.64s, and the destination "
	                    "has no %s %u",
	                    what, named, what, first)) {
		result_values(r, named, NULL);
		result_remedy(r, "change it for the destination: --xml, or "
		                 "virsh vcpupin, emulatorpin, numatune");
	}
}

static void
judge_nodes(const struct facts *f, struct result *r, enum outcome grave)
{
	const struct host_facts *to = &f->destination;
	struct cpuset cells = {{0}};

	if (f->domain.n_nodesets == 0)
		return;
	if (to->n_cells == 0) {
		result_not_run(r, "the destination does not say its NUMA "
		                  "nodes");
		return;
	}
	for (size_t i = 0; i < to->n_cells; i++)
		if (to->cells[i].id < CPUSET_SIZE)
			cells.bits[to->cells[i].id / 8] |=
			    (uint8_t)(1U << to->cells[i].id % 8);
	for (size_t i = 0; i < f->domain.n_nodesets; i++)
		judge_set(r, "NUMA node", f->domain.nodesets[i], &cells, grave);
}

void
memory_pinning(const struct facts *f, struct result *r)
{
	const struct domain_facts *d = &f->domain;
	bool strict = d->numa_mode == NULL || same_text(d->numa_mode, "strict");
	/* With --xml the destination's own pins may be other ones. */
	enum outcome grave =
	    f->plan.destination_xml ? OUTCOME_WARN : OUTCOME_BLOCK;
	struct cpuset online;

	if (d->n_pins == 0 && d->cpuset == NULL && d->n_nodesets == 0) {
		result_pass(r, "the domain names no CPU and no NUMA node");
		return;
	}
	if (!cpuset_parse(f->destination.online, &online) &&
	    (d->n_pins != 0 || d->cpuset != NULL))
		result_not_run(r, "it is not known which of the destination's "
		                  "CPUs are online");
	else {
		for (size_t i = 0; i < d->n_pins; i++)
			judge_set(r, "CPU", d->pins[i], &online, grave);
		if (d->cpuset != NULL)
			judge_set(r, "CPU", d->cpuset, &online, grave);
	}
	judge_nodes(f, r, strict ? grave : OUTCOME_WARN);
	result_pass(r, "the destination has the CPUs and NUMA nodes that the "
	               "domain names");
}

/* The least of what the destination says; 0: it says nothing. */
static unsigned
most_vcpus(const struct facts *f)
{
	const struct host_facts *to = &f->destination;
	unsigned most = to->domcaps_why == NULL ? to->domcaps_max_vcpus : 0;

	for (size_t i = 0; i < to->n_machines; i++) {
		const struct machine_facts *m = &to->machines[i];

		if (m->max_vcpus != 0 && (most == 0 || m->max_vcpus < most) &&
		    (same_text(m->name, f->domain.machine) ||
		     same_text(m->canonical, f->domain.machine)))
			most = m->max_vcpus;
	}
	return most;
}

void
memory_vcpus(const struct facts *f, struct result *r)
{
	unsigned most = most_vcpus(f), cpus = f->destination.cpus_max;
	unsigned want = f->domain.max_vcpus;

	if (want == 0)
		result_not_run(r, "the number of the domain's CPUs is not "
		                  "known");
	else if (most != 0 && want > most) {
		result_block(r, "the domain has more CPUs than the "
		                "destination's QEMU runs");
		result_values_u64(r, want, most, "CPUs");
		result_remedy(r, "choose another host or machine type");
	} else if (most == 0)
		result_not_run(r,
		               "it is not known how many CPUs the "
		               "destination's QEMU runs%s%s",
		               f->destination.domcaps_why != NULL ? ": " : "",
		               f->destination.domcaps_why != NULL
		                   ? f->destination.domcaps_why
		                   : "");
	else if (cpus == 0)
		result_not_run(r, "the number of the destination's CPUs is "
		                  "not known");
	else if (f->domain.vcpus > cpus) {
		result_warn(r, "the domain has more CPUs than the destination "
		               "has online: it will be slow");
		result_values_u64(r, f->domain.vcpus, cpus, "CPUs");
		result_remedy(r, "choose a larger host, or virsh setvcpus");
	} else {
		result_pass(r, "the destination runs the domain's CPUs");
		result_values_u64(r, want, most, "CPUs");
	}
}
