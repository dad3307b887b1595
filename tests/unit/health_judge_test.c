/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* doctor: a host on which all is as it should be, and each thing that is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "healthjudge/judge.h"

enum { DAY = 86400, NOW = 1800000000 };

static struct health_daemon
daemon_of(const char *name)
{
	return (struct health_daemon){
	    .name = name,
	    .service = "unit",
	    .conf = "/x.conf",
	    .conf_there = true,
	    .unit = true,
	    .active = true,
	    .enabled = true,
	    .result = "exit-code",
	    .status = "2 hosts",
	    .listen = "/sock",
	    .answers = SEEN_YES,
	    .silent = "refused",
	};
}

static struct health_file
file(const char *path)
{
	return (struct health_file){.path = path, .there = true};
}

static struct health_tls
tls_of(const char *who)
{
	return (struct health_tls){
	    .who = who,
	    .meant = true,
	    .is_server = true,
	    .ca = {.file = file("/ca"),
	           .from_s = NOW - DAY,
	           .until_s = NOW + 100 * DAY,
	           .names = "",
	           .is_ca = true},
	    .certificate = {.file = file("/cert"),
	                    .from_s = NOW - DAY,
	                    .until_s = NOW + 100 * DAY,
	                    .names = "host-a",
	                    .is_signed = true},
	    .key = {.file = file("/key"), .of_the_certificate = SEEN_YES},
	    .crl = {.file = file("/crl"),
	            .until_s = NOW + 30 * DAY,
	            .is_signed = true},
	    .own = {.file = file("/own"),
	            .from_s = NOW - DAY,
	            .until_s = NOW + 100 * DAY,
	            .names = "host-a"},
	};
}

static void
no_certificates(struct health_facts *f)
{
	f->agentd_tls.meant = f->verifierd_tls.meant = false;
	f->libvirt_tls.meant = f->migration_tls.meant = false;
	f->migration_tls.own.file.there = false;
}

static struct health_facts
all_well(void)
{
	struct health_facts f = {
	    .as_root = true,
	    .now_s = NOW,
	    .clock = {.kept = SEEN_YES},
	    .tpm = {.tcti = "device:/dev/tpmrm0",
	            .device = "/dev/tpmrm0",
	            .usable = SEEN_YES,
	            .owner = "tss:tss, mode 0660",
	            .started = true,
	            .sha256 = true,
	            .clock_safe = true,
	            .maker = "IFX",
	            .model = "SLB9670",
	            .firmware = {0x00070055, 0x0011cb02},
	            .revision = 138,
	            .failures = 1,
	            .failures_max = 32,
	            .forgets_s = 7200,
	            .clock_ms = 3 * DAY * 1000ull,
	            .resets = 5},
	    .agentd = daemon_of("agentd"),
	    .verifierd = daemon_of("verifierd"),
	    .gated = daemon_of("gated"),
	    .libvirt = daemon_of("libvirtd"),
	    .agentd_tls = tls_of("agentd"),
	    .verifierd_tls = tls_of("verifierd"),
	    .libvirt_tls = tls_of("libvirt TLS"),
	    .migration_tls = tls_of("QEMU TLS"),
	    .store = {.folder = "/store", .free_bytes = 1ull << 40},
	    .confined = {.selinux = "enforcing",
	                 .hooks_run = SEEN_YES,
	                 .apparmor = true,
	                 .libvirt = "libvirtd (enforce)",
	                 .hook = "/usr/bin/virt-attest-hook",
	                 .denied = ""},
	    .gates = {.asked = true},
	};

	f.logs.all[0] = (struct health_log){.key = "boot_log",
	                                    .path = "/boot",
	                                    .there = true,
	                                    .readable = SEEN_YES,
	                                    .owner = "root:agent, mode 0440"};
	f.logs.all[1] = f.logs.all[0];
	f.logs.all[1].key = "ima_log";
	for (size_t i = 0; i < GATE_COUNT; i++)
		f.gates.lines[i].state = GATE_OFF;
	f.gates.lines[GATE_TRUST].state = GATE_ON;
	return f;
}

/* What is wrong: its name, the state and the beginning of its line, and what
 * it takes. */
#define TLS(f) (f)->agentd_tls
#define WRONG(X)                                                               \
	X(never_set, FAIL, "clock: this machine's clock was never",            \
	  f->now_s = 1000, no_certificates(f))                                 \
	X(not_kept, WARN, "clock: the kernel knows of no time",                \
	  f->clock.kept = SEEN_NO)                                             \
	X(clock_unseen, SKIP, "clock: the kernel does not tell",               \
	  f->clock.kept = SEEN_NOT_KNOWN)                                      \
	X(no_tpm, FAIL, "tpm: there is no TPM at 'device:/dev/tpmrm0': gone",  \
	  f->tpm.missing = "gone")                                             \
	X(no_tpm_nor_agent, SKIP, "tpm: there is no TPM at",                   \
	  f->tpm.missing = "gone", f->agentd.conf_there = false,               \
	  f->agentd.unit = false)                                              \
	X(tpm_hidden, SKIP, "tpm: /dev/tpmrm0 cannot be opened by",            \
	  f->tpm.hidden = "no")                                                \
	X(tpm_taken, SKIP, "tpm: the agent has it, and",                       \
	  f->tpm.taken = "the agent")                                          \
	X(tpm_odd, SKIP, "tpm: it is not asked: 'device:", f->tpm.odd = true)  \
	X(tpm_fails, FAIL, "tpm: it answers with a failure: self-test",        \
	  f->tpm.failed = "self-test")                                         \
	X(tpm_not_started, FAIL, "tpm: no firmware started it",                \
	  f->tpm.started = false)                                              \
	X(no_bank, FAIL, "tpm PCRs: it has no SHA-256 bank",                   \
	  f->tpm.sha256 = false)                                               \
	X(tpm_rights, FAIL, "tpm rights: virt-attest-agentd may not use",      \
	  f->tpm.usable = SEEN_NO)                                             \
	X(lockout, WARN, "tpm lockout: it is in lockout: 1 of 32",             \
	  f->tpm.in_lockout = true)                                            \
	X(many_failures, WARN, "tpm lockout: 17 of 32", f->tpm.failures = 17)  \
	X(log_hidden, SKIP, "boot_log: /boot cannot be looked at",             \
	  f->logs.all[0].hidden = "no")                                        \
	X(log_gone, WARN, "ima_log: /boot is not there",                       \
	  f->logs.all[1].there = false)                                        \
	X(log_unreadable, WARN, "boot_log: virt-attest-agentd may not read",   \
	  f->logs.all[0].readable = SEEN_NO)                                   \
	X(log_empty, WARN, "boot_log: /boot is empty: GRUB's 'linux' keeps",   \
	  f->logs.all[0].empty = true)                                         \
	X(log_no_account, SKIP, "boot_log: /boot is there; there is no acco",  \
	  f->logs.all[0].readable = SEEN_NOT_KNOWN)                            \
	X(no_agent, SKIP, "agentd: it is not set up on this host",             \
	  f->agentd.conf_there = false, f->agentd.unit = false)                \
	X(conf_hidden, SKIP, "verifierd: /x.conf cannot be read",              \
	  f->verifierd.conf_hidden = "no")                                     \
	X(conf_wrong, FAIL, "agentd: /x.conf:3: no such key",                  \
	  f->agentd.conf_wrong = "/x.conf:3: no such key")                     \
	X(conf_named_and_gone, FAIL, "agentd: /x.conf: No such file",          \
	  f->agentd.conf_there = false,                                        \
	  f->agentd.conf_wrong = "/x.conf: No such file")                      \
	X(no_systemd, SKIP, "agentd unit: it was not looked at: none",         \
	  f->agentd.why = "none")                                              \
	X(no_unit, SKIP, "agentd unit: systemd knows none",                    \
	  f->agentd.unit = false)                                              \
	X(failed, FAIL, "agentd unit: it has failed: exit-code",               \
	  f->agentd.failed = true, f->agentd.active = false)                   \
	X(without_tpm, FAIL, "agentd unit: it is active, and cannot attest",   \
	  f->agentd.status = "no TPM: it is away")                             \
	X(no_crl, SKIP, "agentd CRL: none is looked at",                       \
	  f->agentd_tls.crl.file.path = "")                                    \
	X(starting, WARN, "agentd unit: it is starting",                       \
	  f->agentd.starting = true, f->agentd.active = false)                 \
	X(down, FAIL, "verifierd unit: it is enabled, and does not",           \
	  f->verifierd.active = false)                                         \
	X(off, WARN, "verifierd unit: it neither runs nor is enabled",         \
	  f->verifierd.active = false, f->verifierd.enabled = false)           \
	X(unit_stale, WARN, "agentd unit: its file is newer",                  \
	  f->agentd.stale_unit = true)                                         \
	X(not_reloaded, WARN,                                                  \
	  "agentd unit: it runs on what it read before "                       \
	  "this was changed: /cert",                                           \
	  f->agentd.newer = "/cert")                                           \
	X(not_enabled, WARN, "agentd unit: it runs, and will not",             \
	  f->agentd.enabled = false)                                           \
	X(again_and_again, WARN,                                               \
	  "agentd unit: it runs, and systemd "                                 \
	  "had to start it again so many times: 5",                            \
	  f->agentd.restarts = 5)                                              \
	X(silent, FAIL, "verifierd socket: nobody answers at /sock: refused",  \
	  f->verifierd.answers = SEEN_NO)                                      \
	X(gated_failed, FAIL, "gated unit: it has failed",                     \
	  f->gated.failed = true)                                              \
	X(libvirt_newer, WARN, "libvirtd unit: it runs on what it read",       \
	  f->libvirt.newer = "/etc/libvirt/qemu.conf")                         \
	X(no_ca, FAIL, "agentd CA: /ca is not there",                          \
	  TLS(f).ca.file.there = false)                                        \
	X(ca_hidden, SKIP, "agentd CA: /ca cannot be read: no",                \
	  TLS(f).ca.file.hidden = "no")                                        \
	X(ca_wrong, FAIL, "agentd CA: /ca: no PEM",                            \
	  TLS(f).ca.file.wrong = "no PEM")                                     \
	X(no_ca_at_all, FAIL, "agentd CA: /ca is no CA's certificate",         \
	  TLS(f).ca.is_ca = false)                                             \
	X(ca_over, FAIL, "agentd CA: /ca ended 2 days ago",                    \
	  TLS(f).ca.until_s = NOW - 2 * DAY)                                   \
	X(no_certificate, FAIL, "agentd certificate: /cert is not there",      \
	  TLS(f).certificate.file.there = false)                               \
	X(begins, FAIL, "agentd certificate: /cert begins in 5 hours",         \
	  TLS(f).certificate.from_s = NOW + 5 * 3600)                          \
	X(ended, FAIL, "agentd certificate: /cert ended 0 minutes ago",        \
	  TLS(f).certificate.until_s = NOW)                                    \
	X(ends, WARN, "agentd certificate: /cert ends in 14 days",             \
	  TLS(f).certificate.until_s = NOW + HEALTH_SOON_S)                    \
	X(not_signed, FAIL, "agentd certificate: /cert is not signed by a CA", \
	  TLS(f).certificate.is_signed = false)                                \
	X(nameless, FAIL, "agentd certificate: /cert names no host",           \
	  TLS(f).certificate.names = "")                                       \
	X(key_gone, FAIL, "agentd key: /key is not there",                     \
	  TLS(f).key.file.there = false)                                       \
	X(key_hidden, SKIP, "agentd key: /key cannot be read",                 \
	  TLS(f).key.file.hidden = "no")                                       \
	X(key_loose, FAIL, "agentd key: others may read or change",            \
	  TLS(f).key.loose = "mode 0644")                                      \
	X(key_loose_and_hidden, FAIL, "agentd key: others may read or change", \
	  TLS(f).key.loose = "uid 7", TLS(f).key.file.hidden = "no")           \
	X(key_closed, FAIL, "agentd key: agent may not read /key, and its",    \
	  TLS(f).key.closed = "agent")                                         \
	X(key_other, FAIL, "agentd key: /key is not the key of /cert",         \
	  TLS(f).key.of_the_certificate = SEEN_NO)                             \
	X(crl_gone, FAIL, "agentd CRL: /crl is not there",                     \
	  TLS(f).crl.file.there = false)                                       \
	X(crl_foreign, FAIL, "agentd CRL: /crl is of no CA of /ca",            \
	  TLS(f).crl.is_signed = false)                                        \
	X(crl_over, FAIL, "agentd CRL: /crl ran out 3 hours ago",              \
	  TLS(f).crl.until_s = NOW - 3 * 3600)                                 \
	X(crl_soon, WARN, "agentd CRL: /crl: 23 hours left",                   \
	  TLS(f).crl.until_s = NOW + DAY - 1)                                  \
	X(crl_self, FAIL, "agentd CRL: /crl revokes this host's own",          \
	  TLS(f).crl.revokes = true)                                           \
	X(verifierd_cert, FAIL, "verifierd certificate: /cert ended",          \
	  f->verifierd_tls.certificate.until_s = NOW - DAY)                    \
	X(libvirt_cert, FAIL, "libvirt TLS certificate: /cert ended",          \
	  f->libvirt_tls.certificate.until_s = NOW - DAY)                      \
	X(qemu_cert, FAIL, "QEMU TLS certificate: /cert ended",                \
	  f->migration_tls.certificate.until_s = NOW - DAY)                    \
	X(own_ca, WARN, "migration CA: /own ends in 3 days",                   \
	  f->migration_tls.own.until_s = NOW + 3 * DAY)                        \
	X(own_wrong, FAIL, "migration CA: /own: no constraints",               \
	  f->migration_tls.own.file.wrong = "no constraints")                  \
	X(own_key, FAIL, "migration CA key: others may read",                  \
	  f->migration_tls.own_loose = "mode 0644")                            \
	X(no_store, FAIL, "store: /store: gone", f->store.missing = "gone")    \
	X(store_not_yet, SKIP, "store: /store: its unit makes it",             \
	  f->store.missing = "gone", f->verifierd.active = false,              \
	  f->verifierd.by_socket = true)                                       \
	X(store_hidden, SKIP, "store: /store cannot be looked at",             \
	  f->store.hidden = "no")                                              \
	X(store_loose, FAIL, "store permissions: others than",                 \
	  f->store.loose = "mode 0644")                                        \
	X(store_low, WARN, "store: /store: 255 MiB of its disk",               \
	  f->store.free_bytes = HEALTH_STORE_LOW - 1)                          \
	X(store_full, FAIL, "store: /store: 1 MiB of its disk",                \
	  f->store.free_bytes = 1 << 20)                                       \
	X(no_inodes, FAIL,                                                     \
	  "store: /store: 1048576 MiB of its disk are free, "                  \
	  "and there is no room",                                              \
	  f->store.no_inodes = true)                                           \
	X(hooks_confined, WARN, "SELinux: it is enforcing, and libvirt's",     \
	  f->gates.lines[GATE_PASS].state = GATE_ON,                           \
	  f->confined.hooks_run = SEEN_NO)                                     \
	X(hook_elsewhere, WARN, "AppArmor: libvirt's profile libvirtd",        \
	  f->gates.lines[GATE_PMC].state = GATE_ON,                            \
	  f->confined.hook = "/opt/bin/virt-attest-hook")                      \
	X(denied, WARN,                                                        \
	  "confinement: 2 times something of virt-attest was "                 \
	  "denied, lastly: avc",                                               \
	  f->confined.denials = 2, f->confined.denied = "avc")                 \
	X(denials_hidden, SKIP, "confinement: what was denied cannot be read", \
	  f->confined.hidden = "no")                                           \
	X(gate_broken, FAIL, "gate: lock driver: ",                            \
	  f->gates.lines[GATE_LOCK].state = GATE_BROKEN)                       \
	X(gate_unseen, SKIP,                                                   \
	  "gate: network: ", f->gates.lines[GATE_NET].state = GATE_NOT_KNOWN)  \
	X(late_tpm, SKIP, "TPM: no answer within 5 seconds",                   \
	  f->late[HEALTH_PART_TPM] = true)                                     \
	X(late_store, SKIP, "store: no answer within 5 seconds",               \
	  f->late[HEALTH_PART_STORE] = true)

/* What is no fault, though it is not as in all_well(): its name and what it
 * takes. */
#define FINE(X)                                                                \
	X(nothing, (void)f)                                                    \
	X(tpm_not_safe, f->tpm.clock_safe = false)                             \
	X(half_failures, f->tpm.failures = 16)                                 \
	X(no_device_file, f->tpm.device = "", f->tpm.usable = SEEN_NOT_KNOWN)  \
	X(log_switched_off, f->logs.all[0].path = "",                          \
	  f->logs.all[0].there = false)                                        \
	X(kernel_without, f->logs.all[1].there = false,                        \
	  f->logs.all[1].default_path = true)                                  \
	X(no_conf, f->agentd.conf_there = false)                               \
	X(settings_alone, f->agentd.conf_there = false,                        \
	  f->agentd.asked = true)                                              \
	X(by_socket, f->verifierd.active = false,                              \
	  f->verifierd.by_socket = true)                                       \
	X(few_restarts, f->agentd.restarts = 4)                                \
	X(no_gated, f->gated = (struct health_daemon){.name = "gated"})        \
	X(key_handed, TLS(f).key.handed = true)                                \
	X(key_in_tpm, TLS(f).key.in_tpm = true, TLS(f).key.file.there = false) \
	X(endless_list, TLS(f).crl.until_s = 0)                                \
	X(day_before_soon,                                                     \
	  TLS(f).certificate.until_s = NOW + HEALTH_SOON_S + 1)                \
	X(nameless_client, f->verifierd_tls.is_server = false,                 \
	  f->verifierd_tls.certificate.names = "")                             \
	X(no_qemu_tls, f->migration_tls.meant = false,                         \
	  f->migration_tls.own.file.there = false)                             \
	X(permissive, f->confined.selinux = "permissive",                      \
	  f->confined.hooks_run = SEEN_NO)                                     \
	X(confined_without_hook, f->confined.hooks_run = SEEN_NO,              \
	  f->confined.hook = "/opt/x")                                         \
	X(nothing_confines, f->confined.selinux = "",                          \
	  f->confined.apparmor = false)                                        \
	X(no_gates, f->gates.asked = false)

static bool
has(const struct health_report *r, enum health state, const char *line)
{
	char all[HEALTH_SUBJECT_MAX + HEALTH_TEXT_MAX + 4];

	for (size_t i = 0; i < r->n; i++) {
		snprintf(all, sizeof(all), "%s: %s", r->lines[i].subject,
		         r->lines[i].text);
		if (r->lines[i].state == state &&
		    strncmp(all, line, strlen(line)) == 0)
			return true;
	}
	return false;
}

static size_t
count(const struct health_report *r, enum health state)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += r->lines[i].state == state;
	return n;
}

static struct health_report report;

/* It is told, in its state, with what to do where it is bad; and nothing else
 * that is worse than ok is. */
static void
check(const char *name, struct health_facts *f, enum health state,
      const char *line)
{
	report.n = 0;
	health_judge(f, &report);
	if (!has(&report, state, line)) {
		for (size_t i = 0; i < report.n; i++)
			print_message(
			    "%s  %s: %s\n", health_name(report.lines[i].state),
			    report.lines[i].subject, report.lines[i].text);
		fail_msg("%s: no '%s  %s'", name, health_name(state), line);
	}
	for (size_t i = 0; i < report.n; i++)
		if (report.lines[i].state >= HEALTH_WARN &&
		    report.lines[i].remedy[0] == '\0')
			fail_msg("%s: nothing to do about it", name);
	if (count(&report, HEALTH_FAIL) + count(&report, HEALTH_WARN) >
	    (state >= HEALTH_WARN))
		fail_msg("%s: something else is told, too", name);
}

static void
each_fault_is_told(void **state)
{
	struct health_facts *f = malloc(sizeof(*f));

	(void)state;
	assert_non_null(f);
#define X(name, is, line, ...)                                                 \
	*f = all_well();                                                       \
	__VA_ARGS__;                                                           \
	check(#name, f, HEALTH_##is, line);
	WRONG(X)
#undef X
	free(f);
}

static void
what_is_fine_is_no_fault(void **state)
{
	struct health_facts *f = malloc(sizeof(*f));

	(void)state;
	assert_non_null(f);
#define X(name, ...)                                                           \
	*f = all_well();                                                       \
	__VA_ARGS__;                                                           \
	report.n = 0;                                                          \
	health_judge(f, &report);                                              \
	for (size_t i = 0; i < report.n; i++)                                  \
		if (report.lines[i].state != HEALTH_OK)                        \
			fail_msg("%s: %s  %s: %s", #name,                      \
			         health_name(report.lines[i].state),           \
			         report.lines[i].subject,                      \
			         report.lines[i].text);
	FINE(X)
#undef X
	free(f);
}

static void
a_host_with_nothing_has_no_fault(void **state)
{
	struct health_facts *f = calloc(1, sizeof(*f));

	(void)state;
	assert_non_null(f);
	for (size_t i = 0; i < HEALTH_PART_COUNT; i++)
		f->late[i] = true;
	report.n = 0;
	health_judge(f, &report);
	assert_int_equal(report.n, HEALTH_PART_COUNT);
	assert_int_equal(count(&report, HEALTH_SKIP), HEALTH_PART_COUNT);
	free(f);
}

static void
a_failure_over_the_limit_is_not_lost(void **state)
{
	(void)state;
	report.n = 0;
	for (size_t i = 0; i < HEALTH_LINES_MAX; i++)
		health_add(&report, HEALTH_OK, "x", "y", "");
	health_add(&report, HEALTH_FAIL, "x", "z", "w");
	health_add(&report, HEALTH_OK, "x", "z", "w");
	assert_int_equal(report.n, HEALTH_LINES_MAX);
	assert_true(has(&report, HEALTH_FAIL, "doctor: there is more to say"));
}

static void
names_go_both_ways(void **state)
{
	(void)state;
	for (int i = HEALTH_SKIP; i <= HEALTH_FAIL; i++)
		assert_int_equal(health_of_name(health_name((enum health)i)),
		                 i);
	assert_int_equal(health_of_name("well"), HEALTH_SKIP);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_fault_is_told),
	    cmocka_unit_test(what_is_fine_is_no_fault),
	    cmocka_unit_test(a_host_with_nothing_has_no_fault),
	    cmocka_unit_test(a_failure_over_the_limit_is_not_lost),
	    cmocka_unit_test(names_go_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
