/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Boots of one machine that differ in one thing each: what the check finds and
 * what is said of each PCR that has another value than the first boot's. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "bootref_help.h"

enum { PATH_SIZE = 512 };

/* PCR 10 is IMA's. */
#define PCRS_LOOKED_AT UINT32_C(0xfbff)

static const char baseline[] = "a-baseline-boot1";

struct boot {
	struct buf log; /* may be empty */
	struct bootref ref;
	struct pcr_values held; /* SHA-256, and SHA-1 where there is one */
};

static struct boot
boot_of(const char *name)
{
	static const char *const banks[] = {"sha256", "sha1"};
	struct boot boot = {0};
	char path[PATH_SIZE];

	snprintf(path, sizeof(path),
	         SHARED_DIR "/boot/%s/binary_bios_measurements", name);
	boot.log = bootlog_load(path);
	if (boot.log.len != 0)
		boot.ref = bootref_must(buf_span(&boot.log));
	for (size_t i = 0; i < LENGTH_OF(banks); i++) {
		AUTO(buf_done) struct buf held = {0};

		snprintf(path, sizeof(path),
		         SHARED_DIR "/boot/%s/pcrs_after.%s.bin", name,
		         banks[i]);
		held = bootlog_load(path);
		if (held.len != 0)
			held_add(&boot.held, pcr_bank_of(banks[i]),
			         PCRS_LOOKED_AT, buf_span(&held));
	}
	assert_true(boot.held.selection.n != 0);
	return boot;
}

static void
boot_done(struct boot *boot)
{
	buf_done(&boot->log);
	bootref_done(&boot->ref);
}

static uint32_t
differing(const struct boot *a, const struct boot *b)
{
	uint32_t pcrs = 0;

	for (unsigned p = 0; p < PCR_COUNT; p++)
		if (!span_eq(digest_span(&a->held.values[0][p]),
		             digest_span(&b->held.values[0][p])))
			pcrs |= UINT32_C(1) << p;
	return pcrs;
}

#define VMLINUZ "/boot/vmlinuz-6.1.0-56-amd64"
#define GRUBCFG                                                                \
	"GRUB's configuration file '(hd0,gpt2)/boot/grub/grub.cfg' (as the "   \
	"host names it) changed, sha256 "
#define VOLUME                                                                 \
	"the firmware volume '917504 bytes at 0x820000' (as the host names "   \
	"it) changed, sha256 "
#define NO_LOG   "the host gave no boot log"
#define NO_TRACE "it is cut or altered, or the PCR was extended with no entry"

/* From the first boot to that one: each PCR that differs. */
static const struct {
	const char *boot;
	unsigned pcr;
	enum bootref_outcome outcome;
	const char *sentence, *remedy;
} changes[] = {
    {"c-cmdline", 8, BOOTREF_UNKNOWN_EVENT,
     "the kernel command line changed: 'apparmor=0 module.sig_enforce=0' was "
     "added (from '" VMLINUZ " root=UUID",
     "/etc/default/grub"},
    {"c-cmdline", 9, BOOTREF_UNKNOWN_EVENT, GRUBCFG, "update-grub"},
    {"d1-kernel-6.12", 8, BOOTREF_UNKNOWN_EVENT,
     "the kernel command line changed: '/boot/vmlinuz-6.12.117+deb12-amd64' "
     "was added, '" VMLINUZ "' was taken out",
     "/etc/default/grub"},
    {"d1-kernel-6.12", 9, BOOTREF_UNKNOWN_EVENT,
     "another kernel: '/boot/vmlinuz-6.12.117+deb12-amd64' in place of "
     "'" VMLINUZ "' (as the host names it), sha256 ",
     "was the kernel updated?"},
    {"d2-kernel-cloud", 8, BOOTREF_UNKNOWN_EVENT,
     "the kernel command line changed: '/boot/vmlinuz-6.1.0-56-cloud-amd64' "
     "was added, '" VMLINUZ "' was taken out",
     "/etc/default/grub"},
    {"d2-kernel-cloud", 9, BOOTREF_UNKNOWN_EVENT,
     "another kernel: '/boot/vmlinuz-6.1.0-56-cloud-amd64' in place of "
     "'" VMLINUZ "' (as the host names it), sha256 ",
     "was the kernel updated?"},
    {"d3-grubcfg", 8, BOOTREF_UNKNOWN_EVENT,
     "GRUB ran another command: 'set timeout=2' in place of 'set timeout=1'; "
     "2 events of this PCR differ, this is the first",
     "grub.cfg and grubenv"},
    {"d3-grubcfg", 9, BOOTREF_UNKNOWN_EVENT, GRUBCFG, "update-grub"},
    {"d4-legacy-linux-no-eventlog", 8, BOOTREF_NO_LOG, NO_LOG, "linuxefi"},
    {"d4-legacy-linux-no-eventlog", 9, BOOTREF_NO_LOG, NO_LOG, "linuxefi"},
    {"e0-secboot-fw-off", 0, BOOTREF_UNKNOWN_EVENT, VOLUME, "firmware"},
    {"e1-secureboot-on", 0, BOOTREF_UNKNOWN_EVENT, VOLUME, "firmware"},
    {"e1-secureboot-on", 4, BOOTREF_UNKNOWN_EVENT,
     "an EFI application without a file's name 'image of 8247232 bytes' (as "
     "the host names it) was added; the reference does not have it; the "
     "kernel is one when it is started with Secure Boot on",
     "Secure Boot switched"},
    {"e1-secureboot-on", 7, BOOTREF_UNKNOWN_EVENT,
     "Secure Boot was switched on (the reference has it off); 8 events of "
     "this PCR differ, this is the first",
     "set-up"},
    {"g-bootorder", 1, BOOTREF_UNKNOWN_EVENT,
     "the boot order changed from '0005,0000,0001,0002,0003,0004' to "
     "'0005,0004,0000,0001,0002,0003'",
     "efibootmgr"},
    {"i-sdboot-uki", 4, BOOTREF_UNKNOWN_EVENT,
     "the EFI application 'partition 1 \\EFI\\debian\\shimx64.efi' (as the "
     "host names it) changed, sha256 ",
     "boot loader"},
    /* What is not measured is not found by its events: shim did not run, which
     * PCR 4 tells. */
    {"i-sdboot-uki", 7, BOOTREF_HOLDS,
     "the revocation level SbatLevel 'sbat,1,2021030218' is missing; the "
     "reference has it",
     "no longer started?"},
    {"i-sdboot-uki", 8, BOOTREF_EMPTY,
     "is missing; the reference has it; 20 events of this PCR differ, and "
     "none of the reference's is there",
     "grub"},
    {"i-sdboot-uki", 9, BOOTREF_UNKNOWN_EVENT,
     "the kernel '" VMLINUZ "' (as the host names it) is missing; the "
     "reference has it; 6 events of this PCR differ, and none of the "
     "reference's is there",
     "kernel"},
    {"i-sdboot-uki", 11, BOOTREF_UNREPLAYED,
     "systemd extends boot phases into this PCR with no entry in the log",
     "leave this PCR free"},
    {"i-sdboot-uki", 12, BOOTREF_UNKNOWN_EVENT,
     "the kernel command line 'root=UUID=11111111-2222-3333-4444-555555555555 "
     "ro console=ttyS0 ima_policy=tcb ima_hash=sha256 ima_template=ima-ng' "
     "was added; the reference does not have it; 3 events",
     "unified kernel image"},
    {"i-sdboot-uki", 14, BOOTREF_EMPTY,
     "shim's list of the owner's keys 'MokList' (as the host names it) is "
     "missing",
     "mokutil"},
    {"j1-ima-ngv2", 8, BOOTREF_UNKNOWN_EVENT,
     "'ima_template=ima-ngv2' was added, 'ima_template=ima-ng' was taken out",
     "/etc/default/grub"},
    {"j1-ima-ngv2", 9, BOOTREF_UNKNOWN_EVENT, GRUBCFG, "update-grub"},
    {"j2-ima-sig", 8, BOOTREF_UNKNOWN_EVENT,
     "'ima_template=ima-sig' was added, 'ima_template=ima-ng' was taken out",
     "/etc/default/grub"},
    {"j2-ima-sig", 9, BOOTREF_UNKNOWN_EVENT, GRUBCFG, "update-grub"},
    {"m2-memory-2g", 0, BOOTREF_UNKNOWN_EVENT, VOLUME, "memory or number"},
    {"m3-smp1", 0, BOOTREF_UNKNOWN_EVENT, VOLUME, "memory or number"},
    {"m4-mem2g-smp2", 0, BOOTREF_UNKNOWN_EVENT, VOLUME, "memory or number"},
    {"n-firmware-2m", 0, BOOTREF_UNKNOWN_EVENT, VOLUME, "firmware updated"},
    {"p-unlogged-extend", 8, BOOTREF_UNREPLAYED, NO_TRACE, "hostile"},
    {"p-unlogged-extend", 14, BOOTREF_UNREPLAYED, NO_TRACE, "hostile"},
};

/* All that a change is told by; false when it is not among those above. */
static bool
check_change(const struct boot *from, const struct boot *to, const char *name,
             unsigned pcr)
{
	for (size_t i = 0; i < LENGTH_OF(changes); i++) {
		char out[BOOTREF_SENTENCE_MAX];
		struct bootref_finding f;
		const char *remedy;

		if (strcmp(changes[i].boot, name) != 0 || changes[i].pcr != pcr)
			continue;
		remedy = bootref_explain(&from->ref, buf_span(&to->log),
		                         &to->held, TPM_ALG_SHA256, pcr, out);
		assert_true(text_is_printable(out));
		if (strstr(out, changes[i].sentence) == NULL ||
		    strstr(remedy, changes[i].remedy) == NULL)
			fail_msg("%s, PCR %u: %s; %s", name, pcr, out, remedy);
		bootref_check(&from->ref, buf_span(&to->log), &to->held,
		              UINT32_C(1) << pcr, &f);
		if (f.outcome != changes[i].outcome)
			fail_msg("%s, PCR %u: %s", name, pcr, f.text);
		return true;
	}
	return false;
}

static void
test_changes(void **state)
{
	AUTO(boot_done) struct boot from = boot_of(baseline);
	DIR *folder = opendir(SHARED_DIR "/boot");
	size_t boots = 0, told = 0;
	struct dirent *e;

	(void)state;
	assert_non_null(folder);
	while ((e = readdir(folder)) != NULL) {
		uint32_t pcrs;

		if (e->d_name[1] == '-' ? strchr("ht.", e->d_name[0]) != NULL
		                        : e->d_name[2] != '-')
			continue;
		AUTO(boot_done) struct boot to = boot_of(e->d_name);

		pcrs = differing(&from, &to);
		for (unsigned p = 0; p < PCR_COUNT; p++) {
			if ((pcrs >> p & 1) == 0)
				continue;
			if (!check_change(&from, &to, e->d_name, p))
				fail_msg("%s: PCR %u differs", e->d_name, p);
			told++;
		}
		boots++;
	}
	closedir(folder);
	print_message("%zu boots, %zu differences\n", boots, told);
	assert_int_equal(boots, 22);
	assert_int_equal(told, LENGTH_OF(changes));
}

/* A boot like the first holds, and so does each by its own events. */
static void
test_holds(void **state)
{
	static const struct {
		const char *boot;
		uint32_t pcrs; /* not those that the log does not lead to */
	} alike[] = {
	    {"a-baseline-boot1", PCRS_OF_GRUB},
	    {"b-baseline-boot2", PCRS_OF_GRUB},
	    {"b2-warm-reboot", PCRS_OF_GRUB},
	    {"f-unknown-binary", PCRS_OF_GRUB},
	    {"k-tpm-tis", PCRS_OF_GRUB},
	    {"p-unlogged-extend", PCRS_OF_GRUB & ~(1u << 8 | 1u << 14)},
	    {"d3-grubcfg", PCRS_OF_GRUB & ~(1u << 8 | 1u << 9)},
	};
	AUTO(boot_done) struct boot from = boot_of(baseline);

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(alike); i++) {
		AUTO(boot_done) struct boot to = boot_of(alike[i].boot);
		struct bootref_finding f;

		if (bootref_check(&from.ref, buf_span(&to.log), &to.held,
		                  alike[i].pcrs, &f) != BOOTREF_HOLDS)
			fail_msg("%s: %s", alike[i].boot, f.text);
		bootref_check(&to.ref, buf_span(&to.log), &to.held,
		              alike[i].pcrs, &f);
		assert_int_equal(f.outcome, BOOTREF_HOLDS);
	}
}

/* The same firmware with Secure Boot off, then on; the events of both are good
 * for both. */
static void
test_secure_boot(void **state)
{
	AUTO(boot_done) struct boot off = boot_of("e0-secboot-fw-off");
	AUTO(boot_done) struct boot on = boot_of("e1-secureboot-on");
	char out[BOOTREF_SENTENCE_MAX];

	(void)state;
	assert_int_equal(differing(&off, &on), 1u << 0 | 1u << 4 | 1u << 7);
	bootref_explain(&off.ref, buf_span(&on.log), &on.held, TPM_ALG_SHA256,
	                7, out);
	assert_non_null(strstr(out,
	                       "Secure Boot was switched on (the reference "
	                       "has it off); 8 events"));
	bootref_explain(&on.ref, buf_span(&off.log), &off.held, TPM_ALG_SHA256,
	                7, out);
	assert_non_null(strstr(out, "Secure Boot was switched off (the "
	                            "reference has it on); 8 events"));
	bootref_compare(&on.ref, &off.ref, TPM_ALG_SHA256, 4, out);
	assert_non_null(strstr(out, "is missing; the reference has it"));
}

/* The first boot's log, altered: never is it the host's. */
static const struct {
	const char *file;
	enum bootref_outcome outcome;
	const char *text;
} tampered[] = {
    {"h01-eventlog-digest-sha256", BOOTREF_UNREPLAYED,
     "PCR 9 in the bank "
     "sha256"},
    {"h02-eventlog-digest-sha1", BOOTREF_UNREPLAYED, "PCR 9 in the bank sha1"},
    {"h04-eventlog-event-dropped", BOOTREF_UNREPLAYED, "PCR 8"},
    {"h05-eventlog-truncated-mid-event", BOOTREF_MALFORMED, "byte 7016"},
    {"h07-eventlog-swapped", BOOTREF_UNREPLAYED, "PCR 8"},
    {"h08-eventlog-pcr-index-changed", BOOTREF_UNREPLAYED, "PCR 9"},
    {"h10-eventlog-digest-count-huge", BOOTREF_MALFORMED, "4294967295 digests"},
    {"h11-eventlog-event-size-huge", BOOTREF_MALFORMED, "cut short"},
    {"h13-eventlog-event-appended", BOOTREF_UNREPLAYED, "PCR 8"},
    {"h14-eventlog-fake-startup-locality", BOOTREF_UNREPLAYED, "PCR 0"},
    {"h16-eventlog-empty", BOOTREF_NO_LOG, "no boot log"},
    {"h17-eventlog-header-alg-count", BOOTREF_MALFORMED, "do not fit"},
};

static void
test_tampered(void **state)
{
	AUTO(boot_done) struct boot from = boot_of(baseline);

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(tampered); i++) {
		AUTO(buf_done) struct buf log = {0};
		struct bootref_finding f;
		char path[PATH_SIZE];

		snprintf(path, sizeof(path),
		         SHARED_DIR "/boot/h-tampered/%s.bin",
		         tampered[i].file);
		log = bootlog_load(path);
		bootref_check(&from.ref, buf_span(&log), &from.held,
		              PCRS_OF_GRUB, &f);
		if (f.outcome != tampered[i].outcome ||
		    strstr(f.text, tampered[i].text) == NULL)
			fail_msg("%s: %s: %s", tampered[i].file,
			         bootref_outcome_name(f.outcome), f.text);
	}
}

int
main(void)
{
	const struct CMUnitTest all[] = {
	    cmocka_unit_test(test_changes),
	    cmocka_unit_test(test_holds),
	    cmocka_unit_test(test_secure_boot),
	    cmocka_unit_test(test_tampered),
	};
	DIR *folder = opendir(SHARED_DIR "/boot");

	if (folder == NULL) {
		print_message(SHARED_DIR ": not there: left out\n");
		return 77;
	}
	closedir(folder);
	return cmocka_run_group_tests(all, NULL, NULL);
}
