/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "checks/cpu.h"

/* As libvirt judges it when it starts the domain there; but that it lets one
 * pass where nothing is known, which is told here. */
static void
judge_frequency(const struct facts *f, struct result *r)
{
	const struct host_facts *d = &f->destination;
	uint64_t want = f->domain.tsc_frequency, has = d->tsc_frequency;
	/* Divided first: a frequency is a host's word, of any size. */
	uint64_t off = has / 1000000 * TSC_TOLERANCE_PPM;
	uint64_t apart = want > has ? want - has : has - want;

	/* It compares also for a domain that QEMU emulates. */
	if (has == 0 && cpu_is_emulated(f)) {
		result_pass(r, "QEMU emulates the counter");
	} else if (has == 0) {
		result_not_run(r, "the frequency of the destination's counter "
		                  "is not known");
	} else if (apart <= off) {
		result_pass(r,
		            "the destination's counter runs at %llu Hz, "
		            "within %d ppm of the domain's",
		            (unsigned long long)has, TSC_TOLERANCE_PPM);
	} else if (d->tsc_scaling) {
		result_pass(r, "the destination's CPU scales its counter to "
		               "the domain's");
	} else {
		result_block(r,
		             "the domain's counter runs at %llu Hz, the "
		             "destination's at %llu Hz, and its CPU cannot "
		             "scale it",
		             (unsigned long long)want, (unsigned long long)has);
		result_values_u64(r, want, has, "Hz");
		result_remedy(r, "name a destination with such a CPU, or take "
		                 "<timer name='tsc'> out of the domain's XML "
		                 "and restart it");
	}
}

void
check_tsc(const struct facts *f, struct result *r)
{
	const struct domain_facts *g = &f->domain;

	/* QEMU stops a migration with the invariant TSC, unless the domain says
	 * how fast its counter runs. */
	if (cpu_has(&g->cpu, "invtsc") && g->tsc_frequency == 0 &&
	    cpu_is_kept(f)) {
		result_block(r, "the domain's CPU has 'invtsc' and its XML "
		                "tells no frequency: libvirt does not migrate "
		                "it");
		result_remedy(r, "add <timer name='tsc' frequency='...'/> to "
		                 "its <clock>, or take 'invtsc' out, and "
		                 "restart it");
	} else if (g->tsc_frequency != 0) {
		judge_frequency(f, r);
	} else {
		result_pass(r, "the domain asks for no counter of its own");
	}
}
