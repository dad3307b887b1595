/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libvirt's XML becomes facts, whole. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "virt/endpoint.h"

#define FIXTURE(name) FIXTURES_DIR "/libvirt/" name

static struct buf
file(const char *path)
{
	struct buf text = {0};
	uint8_t piece[4096];
	FILE *f = fopen(path, "re");
	size_t n;

	assert_non_null(f);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(&text, span_of(piece, n));
	fclose(f);
	buf_u8(&text, 0);
	return text;
}

static struct domain_facts
domain(const char *path, struct arena *arena)
{
	AUTO(buf_done) struct buf text = file(path);
	struct domain_facts d = {0};
	struct err err = {0};

	if (!domain_facts_parse((char *)text.at, arena, &d, &err))
		fail_msg("%s: %s", path, err.text);
	return d;
}

static struct host_facts
host(const char *caps, const char *domcaps, struct arena *arena)
{
	AUTO(buf_done) struct buf text = file(caps != NULL ? caps : domcaps);
	struct host_facts h = {0};
	struct err err = {0};

	if (caps != NULL
	        ? !capabilities_parse((char *)text.at, "x86_64", arena, &h,
	                              &err)
	        : !domain_capabilities_parse((char *)text.at, arena, &h, &err))
		fail_msg("%s: %s", caps != NULL ? caps : domcaps, err.text);
	return h;
}

#define SAYS(got, want)                                                        \
	do {                                                                   \
		assert_non_null(got);                                          \
		assert_string_equal(got, want);                                \
	} while (0)

static void
test_os(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	struct domain_facts d = domain(FIXTURE("domain-bank.xml"), &a);

	(void)state;
	assert_null(d.missing);
	SAYS(d.name, "bank-db1");
	SAYS(d.uuid, "3f1f0b4e-5d5c-4f0f-9b3e-0d6e5c1d2a71");
	assert_true(d.from_file);
	assert_false(d.active);
	assert_int_equal(d.snapshots, UINT_MAX);
	assert_int_equal(d.checkpoints, UINT_MAX);
	SAYS(d.virt_type, "kvm");
	SAYS(d.os_type, "hvm");
	SAYS(d.arch, "x86_64");
	SAYS(d.machine, "pc-q35-rhel9.2.0");
	SAYS(d.emulator, "/usr/libexec/qemu-kvm");
	SAYS(d.firmware, "efi");
	SAYS(d.loader, "/usr/share/edk2/ovmf/OVMF_CODE.secboot.fd");
	SAYS(d.loader_type, "pflash");
	SAYS(d.nvram, "/var/lib/libvirt/qemu/nvram/bank-db1_VARS.fd");
	SAYS(d.nvram_template, "/usr/share/edk2/ovmf/OVMF_VARS.secboot.fd");
	SAYS(d.cpu.mode, "custom");
	SAYS(d.cpu.model, "Skylake-Server-IBRS");
	SAYS(d.cpu.vendor, "Intel");
	assert_null(d.cpu.migratable);
	assert_int_equal(d.cpu.n_features, 2);
	SAYS(d.cpu.features[1].name, "hle");
	SAYS(d.cpu.features[1].policy, "disable");
	assert_ptr_equal(strstr(d.cpu.xml, "<cpu "), d.cpu.xml);
	assert_non_null(strstr(d.cpu.xml, "</cpu>"));
	assert_true(d.has_tsc_timer);
	assert_int_equal(d.tsc_frequency, 2593906000);
	SAYS(d.hyperv_mode, "passthrough");
	SAYS(d.launch_security, "sev");
	SAYS(d.tpm_backend, "emulator");
	SAYS(d.tpm_version, "2.0");
	SAYS(d.tpm_secret_uuid, "b50f7a3f-f7a6-4d8e-8a1b-3a9a5a2f3c11");
	assert_int_equal(d.n_seclabels, 2);
	SAYS(d.seclabels[0], "static dac 64055:64055");
	SAYS(d.seclabels[1], "dynamic selinux -");
}

static void
test_memory(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	struct domain_facts d = domain(FIXTURE("domain-bank.xml"), &a);

	(void)state;
	assert_int_equal(d.memory_kib, 8388608);
	assert_int_equal(d.max_memory_kib, 64 * 1024 * 1024);
	assert_int_equal(d.vcpus, 2);
	assert_int_equal(d.max_vcpus, 4);
	assert_int_equal(d.n_hugepages, 2);
	assert_int_equal(d.hugepages[0].size_kib, 1024 * 1024);
	SAYS(d.hugepages[0].nodes, "1");
	assert_int_equal(d.hugepages[0].memory_kib, 2097152);
	assert_int_equal(d.hugepages[1].size_kib, 2048);
	assert_null(d.hugepages[1].nodes);
	assert_int_equal(d.hugepages[1].memory_kib, 6291456);
	assert_true(d.locked);
	assert_int_equal(d.hard_limit_kib, 11718750);
	SAYS(d.cpuset, "0-3,^2");
	assert_int_equal(d.n_pins, 4);
	SAYS(d.pins[1], "1,3");
	SAYS(d.pins[3], "2");
	assert_int_equal(d.n_nodesets, 2);
	SAYS(d.nodesets[0], "0-1");
	SAYS(d.nodesets[1], "1");
	SAYS(d.numa_mode, "strict");
	assert_true(d.dimm_without_slot);
}

static void
test_disks(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	struct domain_facts d = domain(FIXTURE("domain-bank.xml"), &a);

	(void)state;
	assert_int_equal(d.n_disks, 6);
	SAYS(d.disks[0].target, "vda");
	SAYS(d.disks[0].type, "file");
	SAYS(d.disks[0].device, "disk");
	SAYS(d.disks[0].path, "/srv/images/bank-db1.qcow2");
	SAYS(d.disks[0].format, "qcow2");
	SAYS(d.disks[0].cache, "none");
	SAYS(d.disks[0].startup_policy, "optional");
	assert_int_equal(d.disks[0].n_backing, 2);
	SAYS(d.disks[0].backing[0], "/srv/images/base-2026.qcow2");
	assert_null(d.disks[0].backing[1]);
	assert_null(d.disks[1].path);
	SAYS(d.disks[1].protocol, "rbd");
	SAYS(d.disks[1].name, "vms/data");
	SAYS(d.disks[1].host, "ceph-mon1.example.org");
	SAYS(d.disks[1].secret_type, "ceph");
	SAYS(d.disks[1].secret_uuid, "2a8ec2c1-71b5-4b1d-8d3c-66c1e0f0b0aa");
	assert_true(d.disks[1].shareable);
	SAYS(d.disks[2].pool, "lvm-pool");
	SAYS(d.disks[2].volume, "bank-log");
	SAYS(d.disks[2].secret_usage, "bank-log-key");
	SAYS(d.disks[3].path, "/dev/disk/by-id/wwn-0x600508b1001c4e5a");
	SAYS(d.disks[3].device, "lun");
	assert_true(d.disks[3].transient);
	assert_false(d.disks[3].readonly);
	SAYS(d.disks[4].device, "cdrom");
	assert_null(d.disks[4].path);
	assert_true(d.disks[4].readonly);
}

static void
test_nics(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	struct domain_facts d = domain(FIXTURE("domain-bank.xml"), &a);

	(void)state;
	assert_int_equal(d.n_nics, 5);
	SAYS(d.nics[0].type, "network");
	SAYS(d.nics[0].source, "prod");
	SAYS(d.nics[0].portgroup, "db");
	SAYS(d.nics[0].mac, "52:54:00:12:34:56");
	SAYS(d.nics[0].model, "virtio");
	SAYS(d.nics[0].filter, "clean-traffic");
	assert_int_equal(d.nics[0].mtu, 9000);
	SAYS(d.nics[1].source, "ovsbr0");
	SAYS(d.nics[1].virtualport, "openvswitch");
	SAYS(d.nics[1].vlan, "10,20");
	SAYS(d.nics[2].source, "0000:3b:02.1");
	assert_true(d.nics[2].teaming_transient);
	SAYS(d.nics[3].backend, "passt");
	assert_null(d.nics[3].source);
	SAYS(d.nics[4].source, "/run/vhost1.sock");
	assert_int_equal(d.n_hostdevs, 4);
	SAYS(d.hostdevs[0].type, "pci");
	SAYS(d.hostdevs[0].address, "0000:5e:00.0");
	SAYS(d.hostdevs[1].address, "c2177883-f1bb-47f0-914d-32a22e3a8804");
	SAYS(d.hostdevs[1].model, "vfio-pci");
	SAYS(d.hostdevs[2].address, "046d:c52b");
	SAYS(d.hostdevs[3].address, "scsi_host2");
	SAYS(d.filesystems[0], "virtiofs /srv/share");
	SAYS(d.filesystems[1], "9p /srv/plain");
	SAYS(d.shmems[0], "shared0 ivshmem-plain master");
	SAYS(d.videos[0], "qxl");
}

static const struct chardev_facts expected[] = {
    {.device = "serial", .type = "pty"}, /* and not once more: console */
    {.device = "serial", .type = "tcp", .listen = "10.0.0.5"},
    {.device = "serial", .type = "udp", .listen = "10.0.0.6"},
    {.device = "parallel", .type = "file", .path = "/var/log/bank-lp0.log"},
    {.device = "channel", .type = "unix", .path = "/run/bank/agent.sock"},
    {.device = "rng", .type = "dev", .path = "/dev/hwrng"},
    {.device = "rng", .type = "unix", .path = "/run/egd.sock"},
    {.device = "graphics", .type = "vnc", .listen = "10.0.0.5"},
    {.device = "graphics", .type = "spice", .path = "/dev/dri/renderD128"},
};

static void
check_text(const char *got, const char *want)
{
	if (want == NULL)
		assert_null(got);
	else
		SAYS(got, want);
}

static void
test_chardevs(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	struct domain_facts d = domain(FIXTURE("domain-bank.xml"), &a);

	(void)state;
	assert_int_equal(d.n_chardevs, LENGTH_OF(expected));
	for (size_t i = 0; i < d.n_chardevs; i++) {
		check_text(d.chardevs[i].device, expected[i].device);
		check_text(d.chardevs[i].type, expected[i].type);
		check_text(d.chardevs[i].path, expected[i].path);
		check_text(d.chardevs[i].listen, expected[i].listen);
	}
}

static void
test_secrets(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	struct domain_facts d = domain(FIXTURE("domain-bank.xml"), &a);

	(void)state;
	assert_non_null(strstr(d.xml, "web.example.org"));
	assert_null(strstr(d.xml, "do-not-tell"));
}

static void
test_intel(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	struct host_facts h = host(FIXTURE("caps-skylake.xml"), NULL, &a);

	(void)state;
	SAYS(h.uuid, "4c4c4544-0042-3510-8057-b7c04f4b3533");
	SAYS(h.arch, "x86_64");
	SAYS(h.cpu_model, "Skylake-Server-IBRS");
	SAYS(h.cpu_vendor, "Intel");
	SAYS(h.microcode, "33582857");
	assert_int_equal(h.n_features, 4);
	SAYS(h.features[2], "invtsc");
	assert_int_equal(h.tsc_frequency, 2593906000);
	assert_true(h.tsc_scaling);
	assert_int_equal(h.n_cells, 2);
	assert_int_equal(h.cells[0].memory_kib, 98304000);
	SAYS(h.cells[0].cpus, "0-1,4-5");
	SAYS(h.cells[1].cpus, "2-3,6,9");
	assert_int_equal(h.n_pages, 6);
	assert_int_equal(h.pages[4].size_kib, 2048);
	assert_int_equal(h.pages[4].cell, 1);
	assert_non_null(h.pages_why); /* how many are free is not in it */
	assert_int_equal(h.n_secmodels, 2);
	SAYS(h.secmodels[0].model, "selinux");
	SAYS(h.secmodels[0].label, "system_u:system_r:svirt_t:s0");
	SAYS(h.secmodels[1].label, "+107:+107");
	assert_int_equal(h.n_guests, 4);
	SAYS(h.guests[0], "i686 qemu");
	SAYS(h.guests[3], "x86_64 kvm");
	assert_int_equal(h.n_machines, 5);
	SAYS(h.machines[1].name, "pc");
	SAYS(h.machines[1].canonical, "pc-i440fx-rhel7.6.0");
	assert_null(h.machines[3].canonical);
	assert_int_equal(h.machines[3].max_vcpus, 710);
	SAYS(h.machines[4].name, "microvm");
}

static void
test_amd(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	struct host_facts h = host(FIXTURE("caps-epyc.xml"), NULL, &a);

	(void)state;
	SAYS(h.cpu_vendor, "AMD");
	assert_int_equal(h.tsc_frequency, 2245760000);
	assert_false(h.tsc_scaling);
	assert_int_equal(h.n_cells, 1);
	assert_int_equal(h.cells[0].id, 3);
	SAYS(h.cells[0].cpus, "0-1");
	assert_null(h.secmodels[0].label);
	SAYS(h.secmodels[1].label, "+64055:+108");
}

static void
test_tcg(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	struct host_facts h = host(FIXTURE("caps-qemu-tcg.xml"), NULL, &a);
	struct host_facts d = host(NULL, FIXTURE("domcaps-qemu-tcg.xml"), &a);
	bool qemu = false, q35 = false;

	(void)state;
	SAYS(h.uuid, "1ab00000-0000-4000-8000-00000000000a");
	for (size_t i = 0; i < h.n_guests; i++)
		qemu = qemu || strcmp(h.guests[i], "x86_64 qemu") == 0;
	assert_true(qemu);
	for (size_t i = 0; i < h.n_machines; i++)
		q35 = q35 || strcmp(h.machines[i].name, "pc-q35-7.2") == 0;
	assert_true(q35);
	SAYS(d.domcaps_emulator, "/usr/bin/qemu-system-x86_64");
	assert_int_equal(d.domcaps_max_vcpus, 288);
	assert_false(d.passthrough_supported);
	assert_null(d.passthrough_migratable);
	assert_int_equal(d.n_loaders, 0);
	assert_int_equal(d.n_firmwares, 0);
	assert_false(d.sev_supported);
	assert_true(d.n_models > 40);
	SAYS(d.models[2].name, "phenom");
	assert_true(d.models[2].known && !d.models[2].usable);
}

static void
test_domcaps(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	struct host_facts h = host(NULL, FIXTURE("domcaps-kvm.xml"), &a);

	(void)state;
	SAYS(h.domcaps_emulator, "/usr/libexec/qemu-kvm");
	assert_int_equal(h.domcaps_max_vcpus, 710);
	assert_true(h.passthrough_supported);
	SAYS(h.passthrough_migratable, "on");
	assert_int_equal(h.n_models, 3);
	assert_true(h.models[0].usable && h.models[0].known);
	assert_true(!h.models[1].usable && h.models[1].known);
	assert_true(!h.models[2].usable && !h.models[2].known);
	assert_int_equal(h.n_loaders, 2);
	SAYS(h.loaders[1], "/usr/share/edk2/ovmf/OVMF_CODE.fd");
	assert_int_equal(h.n_firmwares, 2);
	SAYS(h.firmwares[1], "efi");
	assert_true(h.tpm_supported);
	assert_int_equal(h.n_tpm_backends, 2);
	SAYS(h.tpm_backends[1], "emulator");
	assert_true(h.sev_supported);
}

/* Both are read into one: neither takes away what the other told. */
static void
test_both(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	AUTO(buf_done) struct buf text = file(FIXTURE("domcaps-kvm.xml"));
	struct host_facts h = host(FIXTURE("caps-epyc.xml"), NULL, &a);

	(void)state;
	assert_true(domain_capabilities_parse((char *)text.at, &a, &h, NULL));
	SAYS(h.cpu_vendor, "AMD");
	assert_int_equal(h.n_loaders, 2);
}

static void
test_amounts(void **state)
{
	static const struct {
		const char *xml;
		uint64_t kib;
	} amounts[] = {
	    {"<memory>2</memory>", 2},
	    {"<memory unit='b'>4096</memory>", 4},
	    {"<memory unit='KB'>1024</memory>", 1000},
	    {"<memory unit='mib'> 3\n</memory>", 3072},
	    {"<memory unit='T'>1</memory>", (uint64_t)1 << 30},
	    {"<memory unit='E'>18446744073709551615</memory>",
	     9007199254740991},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(amounts); i++) {
		AUTO(arena_done) struct arena a = {0};
		struct domain_facts d = {0};
		char xml[256];

		snprintf(xml, sizeof(xml), "<domain><name>a</name>%s</domain>",
		         amounts[i].xml);
		assert_true(domain_facts_parse(xml, &a, &d, NULL));
		assert_int_equal(d.memory_kib, amounts[i].kib);
		assert_int_equal(d.vcpus, 1);
		assert_int_equal(d.max_memory_kib, amounts[i].kib);
	}
}

static struct domain_facts
small(const char *within, struct arena *a)
{
	struct domain_facts d = {0};
	struct err err = {0};
	char xml[1024];

	snprintf(xml, sizeof(xml), "<domain><name>a</name>%s</domain>", within);
	if (!domain_facts_parse(xml, a, &d, &err))
		fail_msg("%s: %s", within, err.text);
	return d;
}

/* What is not said is what libvirt takes it for. */
static void
test_unsaid(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	struct domain_facts d;

	(void)state;
	d = small("<vcpu>3</vcpu>", &a);
	assert_int_equal(d.vcpus, 3);
	d = small("<memory>4096</memory><memoryBacking><hugepages/>"
	          "</memoryBacking><memtune><hard_limit unit='KiB'>"
	          "9007199254740991</hard_limit></memtune>",
	          &a);
	assert_int_equal(d.n_hugepages, 1);
	assert_int_equal(d.hugepages[0].size_kib, 0);
	assert_int_equal(d.hugepages[0].memory_kib, 4096);
	assert_int_equal(d.hard_limit_kib, 0);
	d = small("<memory>4096</memory><memoryBacking><hugepages>"
	          "<page size='2048' nodeset='0'/>"
	          "<page size='2048' nodeset='0-'/></hugepages>"
	          "</memoryBacking>",
	          &a);
	assert_int_equal(d.hugepages[0].memory_kib, 4096);
	assert_int_equal(d.hugepages[1].memory_kib, 0);
	d = small("<cpu mode='host-passthrough' migratable='off'/>", &a);
	SAYS(d.cpu.mode, "host-passthrough");
	SAYS(d.cpu.migratable, "off");
	assert_null(d.cpu.model);
	d = small("<cpu><model>qemu64</model></cpu>", &a);
	SAYS(d.cpu.mode, "custom");
	d = small("<cpu><topology sockets='1'/></cpu>", &a);
	assert_null(d.cpu.mode);
	d = small("<devices><graphics type='vnc' listen='10.0.0.9'/></devices>",
	          &a);
	SAYS(d.chardevs[0].listen, "10.0.0.9");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_os),       cmocka_unit_test(test_memory),
	    cmocka_unit_test(test_disks),    cmocka_unit_test(test_nics),
	    cmocka_unit_test(test_chardevs), cmocka_unit_test(test_secrets),
	    cmocka_unit_test(test_intel),    cmocka_unit_test(test_amd),
	    cmocka_unit_test(test_tcg),      cmocka_unit_test(test_domcaps),
	    cmocka_unit_test(test_both),

	    cmocka_unit_test(test_amounts),  cmocka_unit_test(test_unsaid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
