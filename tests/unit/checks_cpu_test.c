/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Can the destination go on with the domain's CPU. */
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

CASE(no_domain)
{
	w->f.domain = (struct domain_facts){.missing = "no such domain"};
}

CASE(emulated)
{
	w->f.domain.virt_type = "qemu";
}

/* --- cpu --- */

CASE(incompatible)
{
	w->f.destination.cpu_match = CPU_INCOMPATIBLE;
	w->f.destination.cpu_told = "missing avx512f";
}

CASE(incompatible_emulated)
{
	incompatible(w);
	emulated(w);
}

CASE(identical)
{
	w->f.destination.cpu_match = CPU_IDENTICAL;
}

CASE(not_compared)
{
	w->f.destination.cpu_match = CPU_MATCH_UNKNOWN;
	w->f.destination.cpu_why = "Unknown CPU model max";
}

CASE(not_compared_emulated)
{
	not_compared(w);
	emulated(w);
}

CASE(not_compared_and_none)
{
	not_compared(w);
	w->f.domain.cpu = (struct cpu_facts){0};
}

CASE(not_compared_host_model)
{
	not_compared(w);
	w->f.domain.cpu = (struct cpu_facts){.mode = "host-model"};
}

/* --- cpu-passthrough --- */

CASE(own)
{
	w->f.domain.cpu = (struct cpu_facts){
	    .mode = "host-passthrough",
	    .migratable = "on",
	};
}

CASE(own_not_compared)
{
	own(w);
	not_compared(w);
}

CASE(own_incompatible)
{
	own(w);
	incompatible(w);
}

CASE(own_of_intel)
{
	own(w);
	w->f.destination.cpu_vendor = "Intel";
}

CASE(own_of_intel_shut_off)
{
	own_of_intel(w);
	w->f.domain.active = false;
}

CASE(own_of_intel_offline)
{
	own_of_intel(w);
	w->f.plan.offline = true;
}

CASE(own_of_intel_in_a_file)
{
	own_of_intel_shut_off(w);
	w->f.domain.from_file = true;
}

CASE(own_of_nobody)
{
	own(w);
	w->f.source.cpu_vendor = NULL;
}

CASE(own_of_another_model)
{
	own(w);
	w->f.destination.cpu_model = "EPYC-Rome";
	w->f.destination.n_features = 0;
}

CASE(own_with_less)
{
	own(w);
	w->f.destination.n_features = 1;
}

CASE(own_with_more)
{
	own(w);
	w->f.source.n_features = 1;
}

CASE(own_of_other_microcode)
{
	own(w);
	w->f.destination.microcode = "16777318";
}

CASE(own_of_other_qemu)
{
	own(w);
	w->f.destination.version = 7002023;
}

CASE(own_of_a_qemu_not_known)
{
	own(w);
	w->f.destination.version = 0;
}

CASE(own_whole)
{
	own(w);
	w->f.domain.cpu.migratable = "off";
}

CASE(own_whole_with_frequency)
{
	own_whole(w);
	w->f.domain.tsc_frequency = 2595124000;
}

CASE(own_whole_without_invtsc)
{
	own_whole(w);
	w->f.source.features = w->source_features;
	w->f.destination.features = w->source_features;
}

CASE(own_not_there)
{
	own(w);
	w->f.destination.passthrough_supported = false;
}

CASE(own_not_there_not_told)
{
	own_not_there(w);
	w->f.destination.domcaps_why = "access denied";
}

CASE(all_of_kvm)
{
	own_of_intel(w);
	w->f.domain.cpu.mode = "maximum";
}

CASE(all_of_tcg)
{
	all_of_kvm(w);
	emulated(w);
}

CASE(all_of_another_tcg)
{
	all_of_tcg(w);
	w->f.destination.version = 8000000;
}

/* --- cpu-model --- */

CASE(a_model_in_part)
{
	w->f.domain.cpu.model = "EPYC";
	w->f.destination.cpu_match = CPU_INCOMPATIBLE;
}

/* As libvirt expands host-model with TCG: EPYC without vme, rdseed, sha-ni. */
CASE(a_model_in_part_that_is_enough)
{
	w->f.domain.cpu.model = "EPYC";
}

CASE(a_model_in_part_not_compared)
{
	not_compared(w);
	w->f.domain.cpu.model = "EPYC";
}

CASE(a_model_of_which_nothing_is_told)
{
	w->models[1].known = w->models[1].usable = false;
	not_compared(w);
}

CASE(a_model_that_is_not_known)
{
	w->f.domain.cpu.model = "SapphireRapids";
}

/* Not expanded: of a domain that is shut off, say. */
CASE(a_model_of_the_host)
{
	w->f.domain.cpu.mode = "host-model";
	w->f.domain.cpu.model = "SapphireRapids";
}

CASE(custom_without_a_model)
{
	w->f.domain.cpu.model = NULL;
}

CASE(no_models)
{
	w->f.destination.n_models = 0;
}

CASE(no_domcaps)
{
	w->f.destination.domcaps_why = "access denied";
}

/* --- nested --- */

CASE(svm)
{
	w->cpu_features[1].policy = "require";
}

CASE(vmx)
{
	svm(w);
	w->cpu_features[1].name = "vmx";
}

CASE(svm_emulated)
{
	svm(w);
	emulated(w);
}

CASE(svm_shut_off)
{
	svm(w);
	w->f.domain.active = false;
}

CASE(svm_optional)
{
	w->cpu_features[1].policy = "optional";
}

CASE(hyperv)
{
	w->f.domain.hyperv_mode = "passthrough";
}

CASE(hyperv_by_name)
{
	w->f.domain.hyperv_mode = "custom";
}

static const struct checks_case cases[] = {
    {"cpu", "superset", NULL, OUTCOME_PASS, "offers all of the CPU 'Westmere'",
     NULL},
    {"cpu", "identical", identical, OUTCOME_PASS, "offers all of the CPU",
     NULL},
    {"cpu", "incompatible", incompatible, OUTCOME_BLOCK,
     "does not offer the CPU 'Westmere' of the domain: missing avx512f",
     "hypervisor-cpu-baseline"},
    {"cpu", "incompatible, values", incompatible, OUTCOME_BLOCK, "missing",
     "kvm64"},
    {"cpu", "incompatible, emulated", incompatible_emulated, OUTCOME_BLOCK,
     "missing avx512f", NULL},
    {"cpu", "not compared", not_compared, OUTCOME_NOT_RUN,
     "did not compare the CPU 'Westmere': Unknown CPU model max", NULL},
    {"cpu", "not compared, host-model", not_compared_host_model,
     OUTCOME_NOT_RUN, "did not compare the CPU 'host-model'", NULL},
    {"cpu", "not compared, emulated", not_compared_emulated, OUTCOME_PASS,
     "not compared (Unknown CPU model max): QEMU emulates", NULL},
    {"cpu", "not compared, none", not_compared_and_none, OUTCOME_PASS,
     "no CPU of its own", NULL},
    {"cpu", "the host's", own, OUTCOME_PASS, "see cpu-passthrough", NULL},
    {"cpu", "the host's, not compared", own_not_compared, OUTCOME_PASS,
     "see cpu-passthrough", NULL},
    {"cpu", "the host's, incompatible", own_incompatible, OUTCOME_BLOCK,
     "does not offer the CPU 'host-passthrough'", NULL},
    {"cpu", "no domain", no_domain, OUTCOME_NOT_RUN, "no such domain", NULL},
    {"cpu-passthrough", "custom", NULL, OUTCOME_PASS, "is not the host's own",
     NULL},
    {"cpu-passthrough", "alike", own, OUTCOME_PASS, "have the same CPU", NULL},
    {"cpu-passthrough", "vendor", own_of_intel, OUTCOME_BLOCK,
     "the destination's is of another vendor", "Intel"},
    {"cpu-passthrough", "vendor, of a file", own_of_intel_in_a_file,
     OUTCOME_BLOCK, "of another vendor", "a CPU of AMD"},
    {"cpu-passthrough", "vendor, shut off", own_of_intel_shut_off, OUTCOME_PASS,
     "gets the destination's CPU when it starts", NULL},
    {"cpu-passthrough", "vendor, offline", own_of_intel_offline, OUTCOME_PASS,
     "gets the destination's CPU when it starts", NULL},
    {"cpu-passthrough", "no vendor", own_of_nobody, OUTCOME_NOT_RUN,
     "the vendor of the source's CPU is not known", NULL},
    {"cpu-passthrough", "model", own_of_another_model, OUTCOME_WARN,
     "the destination's is another model", "EPYC-Rome"},
    {"cpu-passthrough", "less", own_with_less, OUTCOME_WARN,
     "the destination's CPU lacks 'avx2'", "avx2"},
    {"cpu-passthrough", "more", own_with_more, OUTCOME_PASS,
     "have the same CPU", NULL},
    {"cpu-passthrough", "microcode", own_of_other_microcode, OUTCOME_WARN,
     "microcode is another", "16777318"},
    {"cpu-passthrough", "QEMU", own_of_other_qemu, OUTCOME_WARN,
     "the destination's is of another version", "7002023"},
    {"cpu-passthrough", "QEMU not known", own_of_a_qemu_not_known, OUTCOME_PASS,
     "have the same CPU", NULL},
    {"cpu-passthrough", "migratable off", own_whole, OUTCOME_BLOCK,
     "brings the source's invariant TSC", "migratable='on'"},
    {"cpu-passthrough", "migratable off, frequency", own_whole_with_frequency,
     OUTCOME_WARN, "may have features that QEMU does not migrate",
     "migratable='on'"},
    {"cpu-passthrough", "migratable off, no invtsc", own_whole_without_invtsc,
     OUTCOME_WARN, "may have features that QEMU does not migrate", NULL},
    {"cpu-passthrough", "not there", own_not_there, OUTCOME_BLOCK,
     "the destination offers no 'host-passthrough'", "/dev/kvm"},
    {"cpu-passthrough", "not told", own_not_there_not_told, OUTCOME_PASS,
     "have the same CPU", NULL},
    {"cpu-passthrough", "maximum", all_of_kvm, OUTCOME_BLOCK,
     "of another vendor", NULL},
    {"cpu-passthrough", "maximum, emulated", all_of_tcg, OUTCOME_PASS,
     "'maximum' is what QEMU emulates", NULL},
    {"cpu-passthrough", "maximum, another QEMU", all_of_another_tcg,
     OUTCOME_WARN, "what 'maximum' offers is of the QEMU that runs", "8000000"},
    {"cpu-passthrough", "no facts", no_destination, OUTCOME_NOT_RUN,
     "cannot connect", NULL},
    {"cpu-model", "usable", NULL, OUTCOME_PASS,
     "the destination has 'Westmere'", NULL},
    {"cpu-model", "in part", a_model_in_part, OUTCOME_WARN,
     "has 'EPYC' only in part", "usable='no'"},
    {"cpu-model", "in part, not compared", a_model_in_part_not_compared,
     OUTCOME_WARN, "has 'EPYC' only in part", "virsh domcapabilities"},
    {"cpu-model", "in part, enough", a_model_in_part_that_is_enough,
     OUTCOME_PASS, "but for features that the domain does without", NULL},
    {"cpu-model", "not told", a_model_of_which_nothing_is_told, OUTCOME_PASS,
     "does not tell whether it is usable", NULL},
    {"cpu-model", "not known", a_model_that_is_not_known, OUTCOME_WARN,
     "does not know CPU model 'SapphireRapids'", "kvm64"},
    {"cpu-model", "the host's", own, OUTCOME_PASS, "names no CPU model", NULL},
    {"cpu-model", "host-model", a_model_of_the_host, OUTCOME_PASS,
     "names no CPU model", NULL},
    {"cpu-model", "custom and none", custom_without_a_model, OUTCOME_PASS,
     "names no CPU model", NULL},
    {"cpu-model", "usable, not compared", not_compared, OUTCOME_PASS,
     "=the destination has 'Westmere'", NULL},
    {"cpu-model", "usable", identical, OUTCOME_PASS,
     "=the destination has 'Westmere'", NULL},
    {"cpu-model", "no list", no_models, OUTCOME_NOT_RUN, "the list is empty",
     NULL},
    {"cpu-model", "no domain capabilities", no_domcaps, OUTCOME_NOT_RUN,
     "does not tell its CPU models: access denied", NULL},
    {"nested", "none", NULL, OUTCOME_PASS, "asks for nothing nested", NULL},
    {"nested", "svm", svm, OUTCOME_WARN, "(CPU feature 'svm')", "svm"},
    {"nested", "vmx", vmx, OUTCOME_WARN, "(CPU feature 'vmx')",
     "without 'vmx'"},
    {"nested", "emulated", svm_emulated, OUTCOME_PASS,
     "asks for nothing nested", NULL},
    {"nested", "shut off", svm_shut_off, OUTCOME_PASS,
     "asks for nothing nested", NULL},
    {"nested", "optional", svm_optional, OUTCOME_PASS,
     "asks for nothing nested", NULL},
    {"nested", "Hyper-V", hyperv, OUTCOME_WARN, "Hyper-V enlightenments",
     "one by one"},
    {"nested", "Hyper-V by name", hyperv_by_name, OUTCOME_PASS,
     "asks for nothing nested", NULL},
    {"nested", "the host's", own, OUTCOME_PASS, "brings along is not seen",
     NULL},
    {"nested", "no domain", no_domain, OUTCOME_NOT_RUN, "no such domain", NULL},
};

static void
every_case_comes_out(void **state)
{
	const struct migration_check subject[] = {
	    *check_of("cpu"),
	    *check_of("cpu-passthrough"),
	    *check_of("cpu-model"),
	    *check_of("nested"),
	    {0},
	};
	size_t n = 0;

	(void)state;
	/* "tsc" has a file of its own, checks_tsc_test.c. */
	while (checks_cpu[n].id != NULL)
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
