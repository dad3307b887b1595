/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "checks/guest.h"

#include <stdio.h>

#include "checks/words.h"

enum { GUEST_SIZE = 64 };

/* libvirt looks for the emulator of the XML and for no other: a path of
 * another distribution is harmless only when the destination has it, too. */
static void
judge_emulator(const struct facts *f, struct result *r)
{
	const struct host_facts *d = &f->destination;
	const char *here = f->domain.emulator, *there = d->domcaps_emulator;

	if (here == NULL || there == NULL || same_text(here, there))
		return;
	if (d->dry_run_why == NULL && d->dry_run_ok) {
		result_pass(r,
		            "the destination takes the emulator '%.100s', "
		            "though its own is '%.100s'",
		            here, there);
		return;
	}
	result_warn(r,
	            "the domain's emulator '%.100s' may not be there: the "
	            "destination's is '%.100s'",
	            here, there);
	result_values(r, here, there);
	result_remedy(r, "install it under the same path, or migrate with an "
	                 "--xml that names the destination's");
}

static void
list_guests(const struct host_facts *h, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < h->n_guests && len < size; i++)
		len += (size_t)snprintf(out + len, size - len, "%s%s",
		                        i != 0 ? ", " : "", h->guests[i]);
}

void
check_guest_type(const struct facts *f, struct result *r)
{
	const struct domain_facts *g = &f->domain;
	const struct host_facts *d = &f->destination;
	char want[GUEST_SIZE], there[RESULT_VALUE_MAX];

	if (g->arch == NULL || g->virt_type == NULL) {
		result_not_run(r, "the domain's XML does not tell its %s",
		               g->arch == NULL ? "architecture" : "type");
		return;
	}
	if (d->n_guests == 0) {
		result_not_run(r, "the destination's capabilities name no "
		                  "guests");
		return;
	}
	snprintf(want, sizeof(want), "%s %s", g->arch, g->virt_type);
	if (!is_one_of(d->guests, d->n_guests, want)) {
		result_block(r,
		             "the destination runs no '%s' domains of "
		             "architecture '%s'",
		             g->virt_type, g->arch);
		list_guests(d, there, sizeof(there));
		result_values(r, want, there);
		if (same_text(g->virt_type, "kvm"))
			result_remedy(r,
			              "is /dev/kvm there (virtualization in "
			              "the firmware, the kvm module), and "
			              "QEMU for %.20s installed?",
			              g->arch);
		else
			result_remedy(r, "install QEMU for %.20s there",
			              g->arch);
		return;
	}
	/* The list of guests does not tell it; QEMU runs this one only. */
	if (g->os_type != NULL && !same_text(g->os_type, "hvm") &&
	    same_name(d->type, "QEMU")) {
		result_block(r,
		             "the domain's OS type is '%.40s', and QEMU "
		             "runs 'hvm' only",
		             g->os_type);
		result_values(r, g->os_type, "hvm");
		result_remedy(r, "name a destination with the domain's "
		                 "hypervisor");
		return;
	}
	if (d->domcaps_why != NULL) {
		result_not_run(r,
		               "the destination's libvirt does not tell "
		               "what it offers such a domain: %.200s",
		               d->domcaps_why);
		return;
	}
	judge_emulator(f, r);
	result_pass(r, "the destination runs '%s'", want);
}

static const struct machine_facts *
machine_of(const struct host_facts *h, const char *name)
{
	for (size_t i = 0; i < h->n_machines; i++)
		if (same_text(h->machines[i].name, name) ||
		    same_text(h->machines[i].canonical, name))
			return &h->machines[i];
	return NULL;
}

/* "q35" is a name that each QEMU gives to its newest one. */
static const char *
canonical_of(const struct machine_facts *m, const char *name)
{
	return m != NULL && same_text(m->name, name) ? m->canonical : NULL;
}

void
check_machine(const struct facts *f, struct result *r)
{
	const char *name = f->domain.machine, *here, *there;
	const struct machine_facts *at;

	if (name == NULL) {
		result_not_run(r, "the domain's XML names no machine type");
		return;
	}
	if (f->destination.n_machines == 0) {
		result_not_run(r,
		               "the destination's capabilities name no "
		               "machine types of '%.20s'",
		               or_unknown(f->domain.arch));
		return;
	}
	at = machine_of(&f->destination, name);
	if (at == NULL) {
		result_block(r,
		             "the destination's QEMU does not know machine "
		             "type '%.80s'",
		             name);
		result_values(r, name, "none");
		result_remedy(r, "update QEMU there, or give the domain a "
		                 "machine type that both know and restart it");
		return;
	}
	there = canonical_of(at, name);
	if (there == NULL) {
		result_pass(r, "the destination has '%.80s'", name);
		return;
	}
	/* A running domain's XML has the versioned name: this is an XML of a
	 * file, or of a domain that is shut off. */
	here = f->source.missing == NULL
	           ? canonical_of(machine_of(&f->source, name), name)
	           : NULL;
	if (same_text(here, there)) {
		result_pass(r, "'%.40s' is '%.80s' on both", name, there);
		return;
	}
	result_warn(r,
	            "'%.40s' is no machine type but a name for one: '%.80s' "
	            "here, '%.80s' there",
	            name, or_unknown(here), there);
	result_values(r, here, there);
	result_remedy(r, "write the versioned machine type into the domain's "
	                 "XML");
}

/* What it misses, seen with libvirt 9.0: files, networks, bridges, memory,
 * swtpm.  Host devices it looks for as if they were to be started now, and may
 * be wrong about them. */
void
check_dry_run(const struct facts *f, struct result *r)
{
	const struct host_facts *d = &f->destination;
	const char *told =
	    d->dry_run_told != NULL ? d->dry_run_told : "it gave no reason";

	if (d->dry_run_why != NULL) {
		result_not_run(r,
		               "the destination's libvirt could not be "
		               "asked: %.240s",
		               d->dry_run_why);
		return;
	}
	if (d->dry_run_ok) {
		result_pass(r, "the destination's libvirt would start it, as "
		               "far as its XML alone tells");
		return;
	}
	if (f->domain.n_hostdevs != 0) {
		result_warn(r,
		            "the destination's libvirt would not start it, "
		            "which may be for its host devices only: %.200s",
		            told);
		result_remedy(r, "look at what it says, and at the checks of "
		                 "devices");
		return;
	}
	result_block(r, "the destination's libvirt would not start it: %.240s",
	             told);
	result_remedy(r, "mend what it names, on the destination or in the "
	                 "domain's XML");
}
