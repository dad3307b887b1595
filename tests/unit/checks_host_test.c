/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Are these two hosts that fit, and does the destination know the domain. */
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

/* --- same-host --- */

CASE(the_same)
{
	w->f.destination.uuid = w->f.source.uuid;
	w->f.destination_local.boot_id = w->f.source_local.boot_id;
}

CASE(cloned)
{
	w->f.destination.uuid = w->f.source.uuid;
}

CASE(the_same_in_capitals)
{
	w->f.source.uuid = "1AB00000-0000-4000-8000-000000000002";
}

/* Two hosts of one kernel, as of a laboratory of name spaces. */
CASE(one_kernel)
{
	w->f.destination_local.boot_id = w->f.source_local.boot_id;
}

CASE(no_uuid)
{
	w->f.destination.uuid = NULL;
}

CASE(no_uuids)
{
	w->f.source.uuid = w->f.destination.uuid = NULL;
}

/* --- hostname --- */

CASE(localhost)
{
	w->f.destination.hostname = "localhost.localdomain";
}

CASE(localhost_with_a_uri)
{
	localhost(w);
	w->f.plan.migrate_uri = "tcp://10.77.0.12";
	w->f.plan.data_host = "10.77.0.12";
}

CASE(localhost_tunnelled)
{
	localhost(w);
	w->f.plan.tunnelled = true;
}

/* libvirt refuses the name, though it would not be looked up. */
CASE(localhost_offline)
{
	localhost(w);
	w->f.plan.offline = true;
}

CASE(not_resolved)
{
	w->names[0] = (struct local_answer_bool){.name = "host-b"};
}

CASE(resolves_to_itself)
{
	not_resolved(w);
	w->names[0].told = "127.0.1.1";
}

CASE(not_resolved_offline)
{
	not_resolved(w);
	w->f.plan.offline = true;
}

CASE(not_resolved_with_a_uri)
{
	not_resolved(w);
	w->f.plan.migrate_uri = "tcp://10.77.0.12";
	w->f.plan.data_host = "10.77.0.12";
}

CASE(by_name)
{
	localhost(w);
	w->f.plan.migrate_uri = "tcp://host-b";
}

CASE(by_unknown_name)
{
	by_name(w);
	not_resolved(w);
}

CASE(by_ipv6)
{
	not_resolved(w);
	w->f.plan.migrate_uri = "tcp://[2001:db8::7]";
	w->f.plan.data_host = "2001:db8::7";
}

CASE(to_nowhere)
{
	w->f.plan.migrate_uri = "tcp://host-b";
	w->f.plan.data_host = NULL;
}

CASE(not_asked)
{
	w->f.source_local.n_names = 0;
}

CASE(another_was_asked)
{
	w->names[0].name = "host-c";
}

CASE(source_says_nothing)
{
	w->f.source_local = (struct local_facts){.missing = "no agent"};
}

CASE(by_name_without_agent)
{
	by_name(w);
	source_says_nothing(w);
}

CASE(source_says_nothing_with_a_uri)
{
	source_says_nothing(w);
	w->f.plan.migrate_uri = "tcp://10.77.0.12";
	w->f.plan.data_host = "10.77.0.12";
}

CASE(no_name)
{
	w->f.destination.hostname = NULL;
}

/* --- hypervisor, and versions --- */

CASE(of_xen)
{
	w->f.destination.type = "Xen";
}

CASE(of_no_type)
{
	w->f.source.type = NULL;
}

CASE(older)
{
	w->f.destination.version = 6002000;
	w->f.destination.lib_version = 8000001;
}

CASE(newer)
{
	w->f.destination.version = 10001003;
	w->f.destination.lib_version = 11003000;
}

CASE(no_version)
{
	w->f.source.version = 0;
	w->f.source.lib_version = 0;
}

/* --- guest-type --- */

CASE(no_kvm_there)
{
	w->guests[1] = "x86_64 qemu";
}

CASE(emulated_and_not_there)
{
	w->f.domain.virt_type = "qemu";
}

CASE(another_arch)
{
	w->f.domain.arch = "aarch64";
}

CASE(a_32_bit_one)
{
	w->f.domain.arch = "i686";
}

CASE(no_guests)
{
	w->f.destination.n_guests = 0;
}

CASE(no_arch)
{
	w->f.domain.arch = NULL;
}

CASE(of_xen_guest)
{
	w->f.domain.os_type = "xen";
}

CASE(no_domcaps)
{
	w->f.destination.domcaps_why = "access denied";
}

CASE(another_emulator)
{
	w->f.domain.emulator = "/usr/libexec/qemu-kvm";
}

CASE(no_emulator_here)
{
	w->f.domain.emulator = NULL;
	w->f.destination.dry_run_ok = false;
}

CASE(no_emulator_there)
{
	w->f.destination.domcaps_emulator = NULL;
	w->f.destination.dry_run_ok = false;
}

CASE(another_emulator_that_fails)
{
	another_emulator(w);
	w->f.destination.dry_run_ok = false;
}

CASE(another_emulator_not_tried)
{
	another_emulator(w);
	w->f.destination.dry_run_why = "access denied";
}

/* --- machine --- */

CASE(an_older_machine)
{
	w->f.domain.machine = "pc-q35-6.2";
}

CASE(an_unknown_machine)
{
	w->f.domain.machine = "pc-q35-9.9";
}

CASE(begins_alike)
{
	w->f.domain.machine = "pc-q35-7";
}

CASE(a_name_for_one)
{
	w->f.domain.machine = "q35";
}

CASE(a_name_for_another)
{
	static struct machine_facts older[] = {
	    {.name = "q35", .canonical = "pc-q35-6.2"},
	};

	w->f.domain.machine = "q35";
	w->f.source.machines = older;
	w->f.source.n_machines = LENGTH_OF(older);
}

CASE(a_name_and_no_source)
{
	w->f.domain.machine = "q35";
	w->f.source.missing = "cannot connect";
}

CASE(no_machines)
{
	w->f.destination.n_machines = 0;
}

CASE(no_machine)
{
	w->f.domain.machine = NULL;
}

/* --- dry-run --- */

CASE(would_not_start)
{
	w->f.destination.dry_run_ok = false;
	w->f.destination.dry_run_told =
	    "hugetlbfs filesystem is not mounted or disabled by administrator "
	    "config";
}

CASE(would_not_start_and_is_silent)
{
	w->f.destination.dry_run_ok = false;
}

CASE(would_not_start_with_a_device)
{
	would_not_start(w);
	w->f.domain.n_hostdevs = 1;
}

CASE(not_tried)
{
	w->f.destination.dry_run_why = "read-only connection";
}

static const struct checks_case cases[] = {
    {"same-host", "two", NULL, OUTCOME_PASS, "another host", NULL},
    {"same-host", "two of one kernel", one_kernel, OUTCOME_PASS, "another host",
     NULL},
    {"same-host", "one", the_same, OUTCOME_BLOCK,
     "the destination is the source (host 1ab00000-0000-4000-8000-"
     "000000000001)",
     "name another host"},
    {"same-host", "cloned", cloned, OUTCOME_BLOCK,
     "two machines call themselves host 1ab00000", "host_uuid"},
    {"same-host", "capitals", the_same_in_capitals, OUTCOME_BLOCK,
     "two machines call themselves", NULL},
    {"same-host", "no UUID", no_uuid, OUTCOME_NOT_RUN,
     "libvirt of the destination did not tell", NULL},
    {"same-host", "none at all", no_uuids, OUTCOME_NOT_RUN,
     "libvirt of the source did not tell", NULL},
    {"same-host", "no facts", no_destination, OUTCOME_NOT_RUN, "cannot connect",
     NULL},
    {"hostname", "known", NULL, OUTCOME_PASS,
     "the source knows 'host-b' as 10.77.0.12", NULL},
    {"hostname", "localhost", localhost, OUTCOME_BLOCK,
     "the destination calls itself 'localhost.localdomain'", "--migrateuri"},
    {"hostname", "localhost, with a URI", localhost_with_a_uri, OUTCOME_PASS,
     "goes to an address", NULL},
    {"hostname", "a URI with a name", by_name, OUTCOME_PASS,
     "the source knows 'host-b' as 10.77.0.12", NULL},
    {"hostname", "a URI with a name that is not known", by_unknown_name,
     OUTCOME_BLOCK, "cannot resolve 'host-b', where the memory is to go",
     "/etc/hosts"},
    {"hostname", "a URI, and no agent", by_name_without_agent, OUTCOME_NOT_RUN,
     "no agent", NULL},
    {"hostname", "an IPv6 address", by_ipv6, OUTCOME_PASS, "goes to an address",
     NULL},
    {"hostname", "nowhere", to_nowhere, OUTCOME_NOT_RUN,
     "not known where the memory goes", NULL},
    {"hostname", "localhost, tunnelled", localhost_tunnelled, OUTCOME_PASS,
     "over libvirt's own connection", NULL},
    {"hostname", "localhost, offline", localhost_offline, OUTCOME_BLOCK,
     "calls itself 'localhost.localdomain'", "migration_host"},
    {"hostname", "not known", not_resolved, OUTCOME_BLOCK,
     "the source cannot resolve 'host-b'", "/etc/hosts"},
    {"hostname", "its own", resolves_to_itself, OUTCOME_BLOCK,
     "the source takes for itself 'host-b', the destination's name for "
     "itself: it resolves to 127.0.1.1",
     "127.0.1.1"},
    {"hostname", "not known, offline", not_resolved_offline, OUTCOME_PASS,
     "need not be looked up", NULL},
    {"hostname", "not known, with a URI", not_resolved_with_a_uri, OUTCOME_PASS,
     "goes to an address", NULL},
    {"hostname", "not asked", not_asked, OUTCOME_NOT_RUN,
     "was not asked whether it resolves 'host-b'", NULL},
    {"hostname", "another was asked", another_was_asked, OUTCOME_NOT_RUN,
     "was not asked whether it resolves 'host-b'", NULL},
    {"hostname", "no agent", source_says_nothing, OUTCOME_NOT_RUN, "no agent",
     NULL},
    {"hostname", "no agent, with a URI", source_says_nothing_with_a_uri,
     OUTCOME_PASS, "goes to an address", NULL},
    {"hostname", "no name", no_name, OUTCOME_NOT_RUN,
     "did not tell its host's name", NULL},
    {"hypervisor", "alike", NULL, OUTCOME_PASS, "both are QEMU", NULL},
    {"hypervisor", "another", of_xen, OUTCOME_BLOCK,
     "the source's hypervisor is QEMU, the destination's Xen", "Xen"},
    {"hypervisor", "not told", of_no_type, OUTCOME_NOT_RUN,
     "libvirt of the source did not tell", NULL},
    {"hypervisor-version", "alike", NULL, OUTCOME_PASS,
     "the hypervisor is 7.2.22 on the destination and 7.2.22 on the source",
     NULL},
    {"hypervisor-version", "newer", newer, OUTCOME_PASS,
     "is 10.1.3 on the destination and 7.2.22 on the source", NULL},
    {"hypervisor-version", "older", older, OUTCOME_WARN,
     "the hypervisor is older on the destination: 6.2.0, not 7.2.22", "6.2.0"},
    {"hypervisor-version", "not told", no_version, OUTCOME_NOT_RUN,
     "the version of the hypervisor on the source is not known", NULL},
    {"libvirt-version", "newer", newer, OUTCOME_PASS,
     "libvirt is 11.3.0 on the destination and 9.0.0 on the source", NULL},
    {"libvirt-version", "older", older, OUTCOME_WARN,
     "libvirt is older on the destination: 8.0.1, not 9.0.0", "update"},
    {"libvirt-version", "not told", no_version, OUTCOME_NOT_RUN,
     "the version of libvirt on the source is not known", NULL},
    {"guest-type", "runs", NULL, OUTCOME_PASS,
     "the destination runs 'x86_64 kvm'", NULL},
    {"guest-type", "32 bits", a_32_bit_one, OUTCOME_PASS, "'i686 kvm'", NULL},
    {"guest-type", "no KVM", no_kvm_there, OUTCOME_BLOCK,
     "runs no 'kvm' domains of architecture 'x86_64'", "/dev/kvm"},
    {"guest-type", "no TCG", emulated_and_not_there, OUTCOME_BLOCK,
     "runs no 'qemu' domains", "install QEMU for x86_64"},
    {"guest-type", "another architecture", another_arch, OUTCOME_BLOCK,
     "of architecture 'aarch64'", "aarch64 kvm"},
    {"guest-type", "another OS type", of_xen_guest, OUTCOME_BLOCK,
     "the domain's OS type is 'xen'", "hvm"},
    {"guest-type", "no guests", no_guests, OUTCOME_NOT_RUN, "name no guests",
     NULL},
    {"guest-type", "no architecture", no_arch, OUTCOME_NOT_RUN,
     "does not tell its architecture", NULL},
    {"guest-type", "no domain capabilities", no_domcaps, OUTCOME_NOT_RUN,
     "what it offers such a domain: access denied", NULL},
    {"guest-type", "a path that is there", another_emulator, OUTCOME_PASS,
     "takes the emulator '/usr/libexec/qemu-kvm'", NULL},
    {"guest-type", "no path here", no_emulator_here, OUTCOME_PASS,
     "the destination runs 'x86_64 kvm'", NULL},
    {"guest-type", "no path there", no_emulator_there, OUTCOME_PASS,
     "the destination runs 'x86_64 kvm'", NULL},
    {"guest-type", "a path that may not be there", another_emulator_that_fails,
     OUTCOME_WARN, "emulator '/usr/libexec/qemu-kvm' may not be there",
     "--xml"},
    {"guest-type", "a path that was not tried", another_emulator_not_tried,
     OUTCOME_WARN, "may not be there", "/usr/bin/qemu-system-x86_64"},
    {"guest-type", "no domain", no_domain, OUTCOME_NOT_RUN, "no such domain",
     NULL},
    {"machine", "by its canonical name", NULL, OUTCOME_PASS,
     "the destination has 'pc-q35-7.2'", NULL},
    {"machine", "by its name", an_older_machine, OUTCOME_PASS,
     "the destination has 'pc-q35-6.2'", NULL},
    {"machine", "not there", an_unknown_machine, OUTCOME_BLOCK,
     "does not know machine type 'pc-q35-9.9'", "update QEMU"},
    {"machine", "only exactly", begins_alike, OUTCOME_BLOCK,
     "does not know machine type 'pc-q35-7'", NULL},
    {"machine", "an alias", a_name_for_one, OUTCOME_PASS,
     "'q35' is 'pc-q35-7.2' on both", NULL},
    {"machine", "an alias for two", a_name_for_another, OUTCOME_WARN,
     "'pc-q35-6.2' here, 'pc-q35-7.2' there", "versioned"},
    {"machine", "an alias here not known", a_name_and_no_source, OUTCOME_WARN,
     "'not known' here, 'pc-q35-7.2' there", NULL},
    {"machine", "no list", no_machines, OUTCOME_NOT_RUN,
     "name no machine types of 'x86_64'", NULL},
    {"machine", "no name", no_machine, OUTCOME_NOT_RUN, "names no machine type",
     NULL},
    {"dry-run", "starts", NULL, OUTCOME_PASS, "as far as its XML alone tells",
     NULL},
    {"dry-run", "does not start", would_not_start, OUTCOME_BLOCK,
     "would not start it: hugetlbfs filesystem is not mounted", "mend"},
    {"dry-run", "no words", would_not_start_and_is_silent, OUTCOME_BLOCK,
     "it gave no reason", NULL},
    {"dry-run", "a host device", would_not_start_with_a_device, OUTCOME_WARN,
     "for its host devices only: hugetlbfs", NULL},
    {"dry-run", "not tried", not_tried, OUTCOME_NOT_RUN,
     "could not be asked: read-only connection", NULL},
};

static void
every_case_comes_out(void **state)
{
	(void)state;
	checks_cases_hold(checks_host, cases, LENGTH_OF(cases));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_case_comes_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
