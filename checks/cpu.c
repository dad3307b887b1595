/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Can the destination go on with the domain's CPU. */
#include "checks/cpu.h"

#include "checks/words.h"

bool
cpu_is_kept(const struct facts *f)
{
	return !f->plan.offline && (f->domain.active || f->domain.from_file);
}

bool
cpu_is_emulated(const struct facts *f)
{
	return same_text(f->domain.virt_type, "qemu");
}

bool
cpu_has(const struct cpu_facts *c, const char *feature)
{
	for (size_t i = 0; i < c->n_features; i++)
		if (same_text(c->features[i].name, feature))
			return same_text(c->features[i].policy, "require") ||
			       same_text(c->features[i].policy, "force");
	return false;
}

static bool
is_passed_through(const struct cpu_facts *c)
{
	return same_text(c->mode, "host-passthrough") ||
	       same_text(c->mode, "maximum");
}

static const char *
cpu_name(const struct cpu_facts *c)
{
	if (c->model != NULL)
		return c->model;
	return c->mode != NULL ? c->mode : "the default";
}

/* By virConnectCompareHypervisorCPU() alone: virConnectCompareCPU() compares
 * with the physical CPU, and calls domains incompatible that run well. */
static void
cpu(const struct facts *f, struct result *r)
{
	const struct cpu_facts *c = &f->domain.cpu;
	const struct host_facts *d = &f->destination;

	if (is_passed_through(c) && d->cpu_match != CPU_INCOMPATIBLE) {
		result_pass(r,
		            "libvirt takes any host for '%.40s': see "
		            "cpu-passthrough",
		            c->mode);
	} else if (d->cpu_match == CPU_IDENTICAL ||
	           d->cpu_match == CPU_SUPERSET) {
		result_pass(r, "the destination offers all of the CPU '%.80s'",
		            cpu_name(c));
	} else if (d->cpu_match == CPU_INCOMPATIBLE) {
		result_block(r,
		             "the destination does not offer the CPU "
		             "'%.80s' of the domain: %.160s",
		             cpu_name(c),
		             d->cpu_told != NULL ? d->cpu_told
		                                 : "incompatible");
		result_values(r, cpu_name(c), d->cpu_model);
		result_remedy(r, "find a CPU that both offer (virsh "
		                 "hypervisor-cpu-baseline), give it to the "
		                 "domain and restart it");
	} else if (cpu_is_emulated(f)) {
		result_pass(r,
		            "not compared (%.120s): QEMU emulates the CPU, "
		            "whatever the host's",
		            or_unknown(d->cpu_why));
	} else if (c->mode == NULL) {
		result_pass(r, "the domain asks for no CPU of its own");
	} else {
		result_not_run(r,
		               "the destination's libvirt did not compare "
		               "the CPU '%.80s': %.160s",
		               cpu_name(c), or_unknown(d->cpu_why));
	}
}

/* Of equal models only: a host's list is what it has beyond its model. */
static void
passed_features(const struct facts *f, struct result *r)
{
	const struct host_facts *s = &f->source, *d = &f->destination;

	for (size_t i = 0; i < s->n_features; i++) {
		if (is_one_of(d->features, d->n_features, s->features[i]))
			continue;
		if (!result_warn(r,
		                 "the destination's CPU lacks '%.40s', "
		                 "which the domain may use",
		                 s->features[i]))
			continue;
		result_values(r, s->features[i], NULL);
		result_remedy(r, "give the domain a CPU that both offer (virsh "
		                 "hypervisor-cpu-baseline) and restart it");
	}
}

static void
passed_alike(const struct facts *f, struct result *r)
{
	const struct host_facts *s = &f->source, *d = &f->destination;

	if (!same_text(s->cpu_model, d->cpu_model)) {
		if (result_warn(r, "the domain has the source's own CPU, and "
		                   "the destination's is another model")) {
			result_values(r, s->cpu_model, d->cpu_model);
			result_remedy(r, "give the domain a CPU that both "
			                 "offer (virsh hypervisor-cpu-"
			                 "baseline) and restart it");
		}
	} else {
		passed_features(f, r);
	}
	if (s->microcode != NULL && d->microcode != NULL &&
	    !same_text(s->microcode, d->microcode) &&
	    result_warn(r, "the domain has the source's own CPU, and the "
	                   "destination's microcode is another")) {
		result_values(r, s->microcode, d->microcode);
		result_remedy(r, "update the microcode of both alike");
	}
}

/* QEMU offers what it can, so another QEMU is another CPU. */
static void
passed_by_alike(const struct facts *f, struct result *r)
{
	const struct host_facts *s = &f->source, *d = &f->destination;

	if (s->version == 0 || d->version == 0 || s->version == d->version)
		return;
	if (!result_warn(r,
	                 "what '%.40s' offers is of the QEMU that runs, and "
	                 "the destination's is of another version",
	                 f->domain.cpu.mode))
		return;
	result_values_u64(r, s->version, d->version, "");
	result_remedy(r, "install the same QEMU on both");
}

/* migratable='off' gives the domain what QEMU cannot migrate.  Of that QEMU
 * itself stops only for the invariant TSC (see tsc.c for when it does not). */
static void
passed_whole(const struct facts *f, struct result *r)
{
	const struct host_facts *s = &f->source;

	if (!same_text(f->domain.cpu.migratable, "off"))
		return;
	if (is_one_of(s->features, s->n_features, "invtsc") &&
	    f->domain.tsc_frequency == 0)
		result_block(r, "the domain's CPU is migratable='off' and "
		                "brings the source's invariant TSC, with "
		                "which QEMU does not migrate");
	else if (!result_warn(r, "the domain's CPU is migratable='off': it may "
	                         "have features that QEMU does not migrate"))
		return;
	result_remedy(r, "give the domain's <cpu> migratable='on' and restart "
	                 "it");
}

static void
cpu_passthrough(const struct facts *f, struct result *r)
{
	const struct cpu_facts *c = &f->domain.cpu;
	const struct host_facts *s = &f->source, *d = &f->destination;

	if (!is_passed_through(c)) {
		result_pass(r, "the domain's CPU is not the host's own");
		return;
	}
	if (!cpu_is_kept(f)) {
		result_pass(r, "the domain does not run: it gets the "
		               "destination's CPU when it starts");
		return;
	}
	if (cpu_is_emulated(f)) {
		passed_by_alike(f, r);
		result_pass(r,
		            "'%.40s' is what QEMU emulates, whatever the "
		            "host's CPU",
		            c->mode);
		return;
	}
	passed_whole(f, r);
	if (d->domcaps_why == NULL && !d->passthrough_supported &&
	    same_text(c->mode, "host-passthrough") &&
	    result_block(r, "the destination offers no 'host-passthrough'"))
		result_remedy(r, "is /dev/kvm there, and libvirt restarted "
		                 "since?");
	if (s->cpu_vendor == NULL || d->cpu_vendor == NULL) {
		result_not_run(r, "the vendor of the %s's CPU is not known",
		               s->cpu_vendor == NULL ? "source"
		                                     : "destination");
	} else if (!same_text(s->cpu_vendor, d->cpu_vendor)) {
		if (result_block(r, "the domain has the source's own CPU, and "
		                    "the destination's is of another vendor")) {
			result_values(r, s->cpu_vendor, d->cpu_vendor);
			result_remedy(r, "name a destination with a CPU of %s",
			              s->cpu_vendor);
		}
	} else {
		passed_alike(f, r);
	}
	passed_by_alike(f, r);
	result_pass(r, "both hosts have the same CPU, as far as libvirt tells");
}

/* usable='no' is said of a model with all that it has.  A domain may have it
 * without some of that, which the comparison knows and this list does not. */
static void
cpu_model(const struct facts *f, struct result *r)
{
	const struct cpu_facts *c = &f->domain.cpu;
	const struct host_facts *d = &f->destination;
	bool matches =
	    d->cpu_match == CPU_IDENTICAL || d->cpu_match == CPU_SUPERSET;
	const struct model_facts *m = NULL;

	if (!same_text(c->mode, "custom") || c->model == NULL) {
		result_pass(r, "the domain names no CPU model");
		return;
	}
	if (d->domcaps_why != NULL || d->n_models == 0) {
		result_not_run(r,
		               "the destination's libvirt does not tell its "
		               "CPU models: %.200s",
		               d->domcaps_why != NULL ? d->domcaps_why
		                                      : "the list is empty");
		return;
	}
	for (size_t i = 0; i < d->n_models && m == NULL; i++)
		if (same_text(d->models[i].name, c->model))
			m = &d->models[i];
	if (m != NULL && m->known && m->usable) {
		result_pass(r, "the destination has '%.80s'", c->model);
	} else if (m != NULL && (!m->known || matches)) {
		result_pass(r, "the destination has '%.80s'%s", c->model,
		            m->known
		                ? ", but for features that the domain "
		                  "does without"
		                : "; it does not tell whether it is usable");
	} else {
		result_warn(r,
		            m != NULL ? "the destination has '%.80s' only "
		                        "in part"
		                      : "the destination does not know CPU "
		                        "model '%.80s'",
		            c->model);
		result_values(r, c->model,
		              m != NULL ? "usable='no'" : d->cpu_model);
		result_remedy(r, "see 'virsh domcapabilities' there for the "
		                 "models that it has");
	}
}

/* What a CPU model or the host's own CPU brings along without a word in the
 * XML is not seen. */
static void
nested(const struct facts *f, struct result *r)
{
	static const char *const features[] = {"vmx", "svm"};
	const struct cpu_facts *c = &f->domain.cpu;

	if (same_text(f->domain.hyperv_mode, "passthrough") &&
	    result_warn(r, "the domain has the Hyper-V enlightenments of the "
	                   "source's kernel (hyperv mode='passthrough'): the "
	                   "destination's may be others"))
		result_remedy(r, "name the enlightenments one by one in the "
		                 "domain's XML, and restart it");
	for (size_t i = 0; i < LENGTH_OF(features); i++) {
		if (!cpu_has(c, features[i]) || cpu_is_emulated(f) ||
		    !cpu_is_kept(f))
			continue;
		if (!result_warn(r,
		                 "the domain may run domains of its own "
		                 "(CPU feature '%s'), which do not always "
		                 "survive a migration",
		                 features[i]))
			continue;
		result_values(r, features[i], NULL);
		result_remedy(r,
		              "shut down what runs inside, or give the "
		              "domain a CPU without '%s' and restart it",
		              features[i]);
	}
	result_pass(r, is_passed_through(c) && !cpu_is_emulated(f)
	                   ? "nothing nested is asked for by name (what the "
	                     "host's own CPU brings along is not seen)"
	                   : "the domain asks for nothing nested");
}

const struct migration_check checks_cpu[] = {
    {
	.id = "cpu",
	.compares = "the domain's CPU with the one that the destination's "
		    "hypervisor offers",
	.severity = SEVERITY_BLOCK,
	.needs = NEEDS_DOMAIN | NEEDS_DESTINATION,
	.run = cpu,
    },
    {
	.id = "cpu-passthrough",
	.compares = "the hosts' CPUs, for a domain that has the host's own",
	.severity = SEVERITY_WARN,
	.needs = NEEDS_DOMAIN | NEEDS_SOURCE | NEEDS_DESTINATION,
	.run = cpu_passthrough,
    },
    {
	.id = "cpu-model",
	.compares = "the domain's CPU model with the destination's usable "
		    "ones",
	.severity = SEVERITY_WARN,
	.needs = NEEDS_DOMAIN | NEEDS_DESTINATION,
	.run = cpu_model,
    },
    {
	.id = "tsc",
	.compares = "the domain's time stamp counter with the destination's",
	.severity = SEVERITY_BLOCK,
	.needs = NEEDS_DOMAIN | NEEDS_DESTINATION,
	.run = check_tsc,
    },
    {
	.id = "nested",
	.compares = "nested virtualization and Hyper-V in the domain's XML",
	.severity = SEVERITY_WARN,
	.needs = NEEDS_DOMAIN,
	.run = nested,
    },
    {0},
};
