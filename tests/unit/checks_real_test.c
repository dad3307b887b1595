/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checks of hardware that a test machine has not: real machines' capabilities
 * and a real domain, as libvirt wrote them, through the readers into the
 * checks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "checks/check.h"
#include "virt/endpoint.h"

/* Two cells and KVM; one cell, the fourth, another maker's CPU, and no KVM. */
#define SKYLAKE "caps-skylake.xml"
#define EPYC    "caps-epyc.xml"

static struct buf
fixture(const char *name)
{
	struct buf text = {0};
	char path[512];
	uint8_t piece[4096];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), FIXTURES_DIR "/libvirt/%s", name);
	f = fopen(path, "re");
	assert_non_null(f);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(&text, span_of(piece, n));
	fclose(f);
	buf_u8(&text, 0);
	return text;
}

static void
read_host(const char *name, struct arena *arena, struct host_facts *host)
{
	AUTO(buf_done) struct buf caps = fixture(name);
	AUTO(buf_done) struct buf domcaps = fixture("domcaps-kvm.xml");
	struct err err = {0};

	host->type = "QEMU";
	if (!capabilities_parse((char *)caps.at, "x86_64", arena, host, &err) ||
	    !domain_capabilities_parse((char *)domcaps.at, arena, host, &err))
		fail_msg("%s: %s", name, err.text);
	host->online = "0-7";
	host->cpus_max = 8;
}

/* As many of each size in each cell. */
static void
free_pages(struct facts *f, uint64_t n)
{
	f->destination.pages_why = NULL;
	for (size_t i = 0; i < f->destination.n_pages; i++)
		f->destination.pages[i].free = n;
}

static void
many_pages(struct facts *f)
{
	free_pages(f, 3072);
}

static void
few_pages(struct facts *f)
{
	free_pages(f, 1);
}

static void
passed_through(struct facts *f)
{
	f->domain.cpu.mode = "host-passthrough";
	f->domain.cpu.model = NULL;
}

static void
not_migratable(struct facts *f)
{
	passed_through(f);
	f->domain.cpu.migratable = "off";
	f->domain.tsc_frequency = 0;
}

static void
known_model(struct facts *f)
{
	f->domain.cpu.model = "qemu64";
}

static void
half_model(struct facts *f)
{
	f->domain.cpu.model = "EPYC-Rome";
}

static void
nesting(struct facts *f)
{
	f->domain.hyperv_mode = NULL;
	f->domain.cpu.features[0].name = "vmx";
}

static void
not_told(struct facts *f)
{
	f->destination.tsc_frequency = 0;
}

static void
no_node_named(struct facts *f)
{
	f->domain.n_nodesets = 0;
}

static void
newer(struct facts *f)
{
	f->source.version = 10002001;
	f->source.lib_version = 10010000;
	f->destination.version = 7002000;
	f->destination.lib_version = 9000000;
}

static void
to_xen(struct facts *f)
{
	f->destination.type = "Xen";
}

/* As a live domain's XML would be, were its place left open. */
static void
placeless(struct facts *f)
{
	f->domain.active = true;
	f->domain.dimm_without_slot = true;
}

static void
given_xml(struct facts *f)
{
	f->domain.from_file = false;
	f->plan.destination_xml = true;
}

static const struct {
	const char *id;
	enum outcome outcome;
	const char *text, *to;
	void (*bend)(struct facts *);
} rows[] = {
    {"hypervisor", OUTCOME_PASS, "both are QEMU", EPYC, NULL},
    {"hypervisor", OUTCOME_BLOCK, "the destination's Xen", EPYC, to_xen},
    {"hypervisor-version", OUTCOME_WARN, "7.2.0, not 10.2.1", EPYC, newer},
    {"libvirt-version", OUTCOME_WARN, "9.0.0, not 10.10.0", EPYC, newer},
    {"device-place", OUTCOME_BLOCK, "no slot", SKYLAKE, placeless},
    {"guest-type", OUTCOME_BLOCK, "no 'kvm' domains", EPYC, NULL},
    {"machine", OUTCOME_PASS, "has 'pc-q35-rhel9.2.0'", SKYLAKE, NULL},
    {"machine", OUTCOME_BLOCK, "'pc-q35-rhel9.2.0'", EPYC, NULL},
    {"cpu-passthrough", OUTCOME_PASS, "the same CPU", SKYLAKE, passed_through},
    {"cpu-passthrough", OUTCOME_BLOCK, "another vendor", EPYC, passed_through},
    {"cpu-passthrough", OUTCOME_BLOCK, "invariant TSC", SKYLAKE,
     not_migratable},
    {"cpu-model", OUTCOME_PASS, "has 'qemu64'", SKYLAKE, known_model},
    {"cpu-model", OUTCOME_WARN, "'EPYC-Rome' only in part", SKYLAKE,
     half_model},
    {"tsc", OUTCOME_PASS, "runs at 2593906000 Hz", SKYLAKE, NULL},
    {"tsc", OUTCOME_BLOCK, "the destination's at 2245760000 Hz", EPYC, NULL},
    {"tsc", OUTCOME_NOT_RUN, "is not known", EPYC, not_told},
    {"nested", OUTCOME_WARN, "'vmx'", SKYLAKE, nesting},
    {"hugepages", OUTCOME_NOT_RUN, "nobody asked", SKYLAKE, NULL},
    {"hugepages", OUTCOME_PASS, "huge pages free", SKYLAKE, many_pages},
    {"hugepages", OUTCOME_BLOCK, "pages of 2048 KiB, and", SKYLAKE, few_pages},
    {"pinning", OUTCOME_PASS, "has the CPUs and NUMA nodes", SKYLAKE, NULL},
    {"pinning", OUTCOME_BLOCK, "no NUMA node 0", EPYC, NULL},
    {"pinning", OUTCOME_PASS, "has the CPUs", EPYC, no_node_named},
    {"vcpus", OUTCOME_PASS, "runs the domain's CPUs", SKYLAKE, NULL},
    {"security-label", OUTCOME_BLOCK, "driver 'selinux'", EPYC, NULL},
    {"abi", OUTCOME_WARN, "as the migration begins", SKYLAKE, given_xml},
};

static void
real_machines_are_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(rows); i++) {
		AUTO(arena_done) struct arena arena = {0};
		AUTO(buf_done) struct buf xml = fixture("domain-bank.xml");
		struct facts f = {0};
		struct result r;
		struct err err = {0};

		if (!domain_facts_parse((char *)xml.at, &arena, &f.domain,
		                        &err))
			fail_msg("%s", err.text);
		read_host(SKYLAKE, &arena, &f.source);
		read_host(rows[i].to, &arena, &f.destination);
		if (rows[i].bend != NULL)
			rows[i].bend(&f);
		check_run(check_of(rows[i].id), &f, &r);
		if (r.outcome != rows[i].outcome ||
		    strstr(r.text, rows[i].text) == NULL)
			fail_msg("%s to %s: %s, not %s '%s': %s", rows[i].id,
			         rows[i].to, outcome_name(r.outcome),
			         outcome_name(rows[i].outcome), rows[i].text,
			         r.text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(real_machines_are_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
