/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What changed, in words: two references, or a reference and a log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/text.h"
#include "bootref_help.h"
#include "evidence/bootlog_type.h"

enum { EVENTS = 8 };

/* An event: its digest is of `measured`. */
struct made {
	const char *text, *measured;
	bool unproved;
};

/* The events of one PCR before and after, and the sentence. */
struct story {
	uint8_t pcr;
	uint32_t type;
	struct made before[EVENTS], after[EVENTS];
	const char *sentence, *remedy;
};

static struct bootref
make(uint8_t pcr, uint32_t type, const struct made *from)
{
	struct bootref ref = {.events = mem_new(EVENTS, sizeof(*ref.events))};

	for (; from[ref.n].text != NULL; ref.n++) {
		struct bootref_event *e = &ref.events[ref.n];
		struct span measured = span_str(from[ref.n].measured);

		*e = (struct bootref_event){.pcr = pcr,
		                            .type = type,
		                            .n_digests = 1,
		                            .proved = !from[ref.n].unproved,
		                            .text = mem_text(from[ref.n].text)};
		e->digests[0].alg = TPM_ALG_SHA256;
		assert_true(crypto_hash(TPM_ALG_SHA256, &measured, 1,
		                        &e->digests[0].value));
	}
	return ref;
}

#define GUID "8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define LONG "root=/dev/mapper/vg-root ro quiet console=ttyS0,115200 splash"

static const struct story stories[] = {
    {8,
     EV_IPL,
     {{"kernel_cmdline: /vmlinuz quiet", "a", false}},
     {{"kernel_cmdline: /vmlinuz quiet init=/bin/sh", "b", false}},
     "the kernel command line changed from '/vmlinuz quiet' to "
     "'/vmlinuz quiet init=/bin/sh'",
     "/etc/default/grub"},
    {8,
     EV_IPL,
     {{"kernel_cmdline: /vmlinuz " LONG, "a", false}},
     {{"kernel_cmdline: /vmlinuz " LONG " init=/bin/sh", "b", false}},
     "the kernel command line changed: 'init=/bin/sh' was added (from "
     "'/vmlinuz " LONG "' to '/vmlinuz " LONG " init=/bin/sh')",
     "/etc/default/grub"},
    {8,
     EV_IPL,
     {{"kernel_cmdline: /vmlinuz lockdown=integrity " LONG, "a", false}},
     {{"kernel_cmdline: /vmlinuz " LONG, "b", false}},
     "the kernel command line changed: 'lockdown=integrity' was taken out "
     "(from '/vmlinuz lockdown=integrity " LONG "' to '/vmlinuz " LONG "')",
     "/etc/default/grub"},
    {8,
     EV_IPL,
     {{"kernel_cmdline: a b " LONG LONG LONG LONG, "a", false}},
     {{"kernel_cmdline: b a " LONG LONG LONG LONG, "b", false}},
     "the kernel command line changed: the same words in another order or "
     "spacing in 'a b root=/dev/mapper/vg-root ro quiet console=ttyS0,115200 "
     "splashroot=/dev/m...'",
     "/etc/default/grub"},
    /* What was changed before what follows from it. */
    {8,
     EV_IPL,
     {{"grub_cmd: linux /vmlinuz", "a", false},
      {"kernel_cmdline: /vmlinuz", "b", false}},
     {{"grub_cmd: linux /vmlinuz x", "c", false},
      {"kernel_cmdline: /vmlinuz x", "d", false}},
     "the kernel command line changed from '/vmlinuz' to '/vmlinuz x'; 2 "
     "events of this PCR differ, and none of the reference's is there",
     "/etc/default/grub"},
    {8,
     EV_IPL,
     {{"grub_cmd: echo", "e", false},
      {"grub_cmd: linux /vmlinuz", "a", false},
      {"kernel_cmdline: /vmlinuz", "b", false}},
     {{"grub_cmd: echo", "e", false},
      {"grub_cmd: linux /vmlinuz x", "c", false},
      {"kernel_cmdline: /vmlinuz x", "d", false}},
     "the kernel command line changed from '/vmlinuz' to '/vmlinuz x'; 2 "
     "events of this PCR differ, the first is a GRUB command 'linux "
     "/vmlinuz x'",
     "/etc/default/grub"},
    /* A text that no digest proves is the host's word there, too. */
    {8,
     EV_IPL,
     {{"grub_cmd: echo", "e", false},
      {"grub_cmd: linux /vmlinuz", "a", false},
      {"kernel_cmdline: /vmlinuz", "b", false}},
     {{"grub_cmd: echo", "e", false},
      {"grub_cmd: linux /vmlinuz x", "c", true},
      {"kernel_cmdline: /vmlinuz x", "d", false}},
     "the kernel command line changed from '/vmlinuz' to '/vmlinuz x'; 2 "
     "events of this PCR differ, the first is a GRUB command 'linux "
     "/vmlinuz x' (as the host names it, but its digest is of something else)",
     "/etc/default/grub"},
    {8,
     EV_IPL,
     {{"grub_cmd: set timeout=1", "a", false}},
     {{"grub_cmd: set timeout=2", "b", false}},
     "GRUB ran another command: 'set timeout=2' in place of 'set timeout=1'",
     "grub.cfg and grubenv"},
    /* An insertion is no change of all that follows. */
    {8,
     EV_IPL,
     {{"grub_cmd: a", "a", false}, {"grub_cmd: b", "b", false}},
     {{"grub_cmd: a", "a", false},
      {"grub_cmd: normal", "n", false},
      {"grub_cmd: b", "b", false}},
     "a GRUB command 'normal' was added; the reference does not have it",
     "grub.cfg"},
    {8,
     EV_IPL,
     {{"grub_cmd: a", "a", false},
      {"grub_cmd: normal", "n", false},
      {"grub_cmd: b", "b", false}},
     {{"grub_cmd: a", "a", false}, {"grub_cmd: b", "b", false}},
     "a GRUB command 'normal' is missing; the reference has it",
     "grub.cfg"},
    /* The same thing is looked for past what was added. */
    {8,
     EV_IPL,
     {{"grub_cmd: set b=1", "b", false}},
     {{"grub_cmd: insmod x", "x", false},
      {"grub_cmd: set c=1", "c", false},
      {"grub_cmd: set b=2", "B", false}},
     "a GRUB command 'insmod x' was added; the reference does not have it; 3 "
     "events of this PCR differ, and none of the reference's is there",
     "grub.cfg"},
    {8,
     EV_IPL,
     {{"grub_cmd: a", "a", false},
      {"grub_cmd: b", "b", false},
      {"grub_cmd: c", "c", false}},
     {{"grub_cmd: b", "b", false},
      {"grub_cmd: c", "c", false},
      {"grub_cmd: a", "a", false}},
     "a GRUB command 'a' comes in another place than in the reference",
     "grub.cfg"},
    /* Names that no digest proves, and one that a digest should. */
    {9,
     EV_IPL,
     {{"/boot/vmlinuz-6.1", "a", true}},
     {{"/boot/vmlinuz-6.12", "b", true}},
     "another kernel: '/boot/vmlinuz-6.12' in place of '/boot/vmlinuz-6.1' "
     "(as the host names it), sha256 3e23e8160039594a... in place of "
     "ca978112ca1bbdca...",
     "was the kernel updated?"},
    {9,
     EV_IPL,
     {{"/boot/initrd.img", "a", true}},
     {{"/boot/initrd.img", "b", true}},
     "the initrd '/boot/initrd.img' (as the host names it) changed, sha256 "
     "3e23e8160039594a... in place of ca978112ca1bbdca...",
     "initrd made anew"},
    {9,
     EV_IPL,
     {{"(hd0)/grub.cfg", "a", true}, {"/grub/grubenv", "e", true}},
     {{"(hd0)/grub.cfg", "b", true}, {"/grub/grubenv", "e", true}},
     "GRUB's configuration file '(hd0)/grub.cfg' (as the host names it) "
     "changed, sha256 3e23e8160039594a... in place of ca978112ca1bbdca...; it "
     "names kernels and command lines, so that an update of those changes it "
     "too",
     "update-grub"},
    {8,
     EV_IPL,
     {{"kernel_cmdline: /vmlinuz", "a", false}},
     {{"kernel_cmdline: /vmlinuz", "b", true}},
     "the kernel command line '/vmlinuz' (as the host names it, but its "
     "digest is of something else) changed, sha256 3e23e8160039594a... in "
     "place of ca978112ca1bbdca...",
     "/etc/default/grub"},
    {9,
     EV_IPL,
     {{"/x", "a", true}},
     {{"/x", "a", true}, {"/y' changed; all is well '", "b", true}},
     "a file that the boot loader read '/y\\' changed; all is well \\'' (as "
     "the host names it) was added; the reference does not have it",
     "look at the file"},
    {7,
     EV_EFI_VARIABLE_DRIVER_CONFIG,
     {{"variable SecureBoot, 1 bytes, of " GUID ": on", "a", false},
      {"variable db, 9 bytes, of " GUID, "d", false}},
     {{"variable SecureBoot, 1 bytes, of " GUID ": off", "b", false},
      {"variable db, 0 bytes, of " GUID, "e", false}},
     "Secure Boot was switched off (the reference has it on); 2 events of "
     "this PCR differ, and none of the reference's is there",
     "set-up"},
    {7,
     EV_EFI_VARIABLE_DRIVER_CONFIG,
     {{"variable SecureBoot, 1 bytes, of " GUID ": on", "a", false},
      {"variable dbx, 9 bytes, of " GUID, "d", false}},
     {{"variable SecureBoot, 1 bytes, of " GUID ": on", "a", false},
      {"variable dbx, 99 bytes, of " GUID, "e", false}},
     "Secure Boot's key list 'dbx' changed, sha256 3f79bb7b435b0532... in "
     "place of 18ac3e7343f01689...",
     "fwupd"},
    {7,
     EV_EFI_VARIABLE_DRIVER_CONFIG,
     {{"variable SecureBoot, 0 bytes, of " GUID ": not set", "a", false}},
     {{"variable SecureBoot, 1 bytes, of " GUID ": on", "b", false}},
     "Secure Boot changed from 'not set' to 'on'",
     "set-up"},
    {7,
     EV_EFI_VARIABLE_AUTHORITY,
     {{"variable SbatLevel, 18 bytes, of " GUID ": sbat,1,2021", "a", false}},
     {{"variable SbatLevel, 32 bytes, of " GUID ": sbat,1,2025", "b", false}},
     "the revocation level SbatLevel changed from 'sbat,1,2021' to "
     "'sbat,1,2025'; shim sets it, and another one with Secure Boot on than "
     "off",
     "shim updated"},
    {7,
     EV_EFI_VARIABLE_AUTHORITY,
     {{"variable MokListRT, 18 bytes, of " GUID, "a", false}},
     {{"variable MokListRT, 32 bytes, of " GUID, "b", false}},
     "shim's variable 'MokListRT' changed, sha256 3e23e8160039594a... in "
     "place of ca978112ca1bbdca...",
     "mokutil"},
    {7,
     EV_EFI_VARIABLE_AUTHORITY,
     {{"variable db, 18 bytes, of " GUID, "a", false}},
     {{NULL, NULL, false}},
     "the Secure Boot entry that verified an image 'db' is missing; the "
     "reference has it",
     "signed by another"},
    {1,
     EV_EFI_VARIABLE_BOOT,
     {{"variable BootOrder, 4 bytes, of " GUID ": 0005,0000", "a", false},
      {"variable Boot0005, 9 bytes, of " GUID ": debian", "d", false}},
     {{"variable BootOrder, 6 bytes, of " GUID ": 0006,0005", "b", false},
      {"variable Boot0006, 9 bytes, of " GUID ": other", "c", false},
      {"variable Boot0005, 9 bytes, of " GUID ": debian", "d", false}},
     "the boot order changed from '0005,0000' to '0006,0005'; 2 events of "
     "this PCR differ, this is the first",
     "efibootmgr"},
    {1,
     EV_EFI_VARIABLE_BOOT,
     {{"variable Boot0005, 9 bytes, of " GUID ": debian", "d", false}},
     {{"variable Boot0006, 9 bytes, of " GUID ": other", "c", false},
      {"variable Boot0005, 9 bytes, of " GUID ": debian", "d", false}},
     "the boot entry 'Boot0006: other' was added; the reference does not have "
     "it",
     "efibootmgr -v"},
    {0,
     EV_EFI_PLATFORM_FIRMWARE_BLOB,
     {{"firmware, 9 bytes at 0x1", "a", true}},
     {{"firmware, 9 bytes at 0x1", "b", true}},
     "the firmware volume '9 bytes at 0x1' (as the host names it) changed, "
     "sha256 3e23e8160039594a... in place of ca978112ca1bbdca...; on a virtual "
     "machine another memory size, number of vCPUs or Secure Boot state "
     "changes it too",
     "memory or number of vCPUs"},
    {0,
     EV_S_CRTM_VERSION,
     {{"firmware version 1", "a", false}},
     {{"firmware version 2", "b", false}},
     "the firmware's version changed from '1' to '2'",
     "firmware updated"},
    {5,
     EV_EFI_GPT_EVENT,
     {{"disk 1, 2 partitions", "a", false}},
     {{"disk 2, 3 partitions", "b", false}},
     "the partition table changed from 'disk 1, 2 partitions' to 'disk 2, 3 "
     "partitions'; this is another disk or another partitioning",
     "disk replaced"},
    {2,
     EV_EFI_BOOT_SERVICES_DRIVER,
     {{NULL, NULL, false}},
     {{"image of 9 bytes: firmware file x", "a", true}},
     "the option ROM or EFI driver 'firmware file x' (as the host names it) "
     "was added; the reference does not have it",
     "device added"},
    {2,
     EV_EFI_BOOT_SERVICES_DRIVER,
     {{"image of 9 bytes: no file is named", "a", true}},
     {{NULL, NULL, false}},
     "the option ROM or EFI driver 'image of 9 bytes' (as the host names it) "
     "is missing; the reference has it",
     "device added"},
    {4,
     EV_EFI_BOOT_SERVICES_APPLICATION,
     {{"image of 9 bytes: \\EFI\\shim.efi", "a", true}},
     {{"image of 8 bytes: \\EFI\\evil.efi", "b", true}},
     "another EFI application or boot loader: '\\EFI\\evil.efi' in place of "
     "'\\EFI\\shim.efi' (as the host names it), sha256 3e23e8160039594a... in "
     "place of ca978112ca1bbdca...",
     "was shim"},
    {11,
     EV_IPL,
     {{".linux", "n", true}, {".linux", "a", true}, {".initrd", "i", true}},
     {{".linux", "n", true}, {".linux", "b", true}, {".initrd", "i", true}},
     "the unified kernel image's section '.linux' (as the host names it) "
     "changed, sha256 3e23e8160039594a... in place of ca978112ca1bbdca...",
     "unified kernel image made anew"},
    {12,
     EV_IPL,
     {{"root=/dev/a", "a", false}},
     {{"root=/dev/b", "b", false}},
     "the kernel command line changed from 'root=/dev/a' to 'root=/dev/b'",
     "unified kernel image"},
    {14,
     EV_IPL,
     {{"MokList", "a", true}},
     {{"MokList", "b", true}},
     "shim's list of the owner's keys 'MokList' (as the host names it) "
     "changed, sha256 3e23e8160039594a... in place of ca978112ca1bbdca...",
     "mokutil"},
    {3,
     EV_SEPARATOR,
     {{"end of the firmware's part", "a", false}},
     {{NULL, NULL, false}},
     "the separator 'end of the firmware\\'s part' is missing; the reference "
     "has it; the firmware ends its part of a PCR with it",
     "messages"},
    {6,
     0x12345678,
     {{"1 bytes 00", "a", true}},
     {{"1 bytes 00", "a", true}},
     "the events of PCR 6 are those of the reference, in its order",
     "nothing is to be done"},
};

static void
test_stories(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(stories); i++) {
		const struct story *s = &stories[i];
		AUTO(bootref_done)
		struct bootref before = make(s->pcr, s->type, s->before);
		AUTO(bootref_done)
		struct bootref after = make(s->pcr, s->type, s->after);
		char out[BOOTREF_SENTENCE_MAX];
		const char *remedy =
		    bootref_compare(&before, &after, 0, s->pcr, out);

		if (strcmp(out, s->sentence) != 0)
			fail_msg("%zu:\n%s\n%s", i, out, s->sentence);
		if (strstr(remedy, s->remedy) == NULL)
			fail_msg("%zu:\n%s\n%s", i, remedy, s->remedy);
		assert_true(text_is_printable(out));
		assert_int_equal(bootref_same(&before, &after, 0, s->pcr),
		                 strstr(out, "in its order") != NULL);
		/* Of another PCR, or by itself, there is nothing to say. */
		assert_true(bootref_same(&before, &after, 0, s->pcr + 1u));
		assert_true(
		    bootref_same(&after, &after, TPM_ALG_SHA256, s->pcr));
	}
}

static void
must_say(const struct bootref *ref, struct span log,
         const struct pcr_values *quoted, uint16_t bank, unsigned pcr,
         const char *sentence)
{
	char out[BOOTREF_SENTENCE_MAX];
	const char *remedy = bootref_explain(ref, log, quoted, bank, pcr, out);

	if (strstr(out, sentence) == NULL)
		fail_msg("%s\n%s", out, sentence);
	assert_true(remedy[0] != '\0');
}

/* A log says nothing of a PCR that it does not lead to. */
static void
test_log(void **state)
{
	AUTO(buf_done) struct buf log = fixture_log("grub.log");
	AUTO(buf_done) struct buf uki = fixture_log("uki.log");
	AUTO(bootref_done) struct bootref ref = bootref_must(buf_span(&uki));
	static const char *const banks[] = {"sha1", "sha256", NULL};
	struct pcr_values held;
	struct span none = {0};

	(void)state;
	fixture_held(&held, "grub", UINT32_C(0xffff), banks);
	must_say(&ref, buf_span(&log), &held, TPM_ALG_SHA256, 9,
	         "the kernel '/boot/vmlinuz-6.1.0-56-amd64' (as the host names "
	         "it) was added");
	must_say(&ref, none, &held, TPM_ALG_SHA256, 9, "gave no boot log");
	must_say(&ref, span_of("x", 1), &held, TPM_ALG_SHA256, 9,
	         "cannot be read, so that it is not known what changed: boot "
	         "log at byte");
	must_say(&ref, buf_span(&log), &held, TPM_ALG_SHA384, 9,
	         "the quote has nothing of PCR 9 in the bank sha384");
	must_say(&ref, buf_span(&log), &held, TPM_ALG_SHA256, 16,
	         "the quote has nothing of PCR 16");
	must_say(&ref, buf_span(&log), &held, TPM_ALG_SHA256, 99,
	         "the quote has nothing of PCR 99");
	must_say(&ref, buf_span(&log), &held, 0x1234, 9, "that is asked for");
	must_say(&ref, buf_span(&log), &held, TPM_ALG_SHA256, 12,
	         "is missing; the reference has it");
	held.values[1][12].at[0] = 1;
	must_say(&ref, buf_span(&log), &held, TPM_ALG_SHA256, 12,
	         "does not lead to the quoted value of PCR 12 in the bank "
	         "sha256: it is cut or altered");
	held.values[1][9].at[0] ^= 1;
	must_say(&ref, buf_span(&log), &held, TPM_ALG_SHA256, 9, "lead to");
	must_say(&ref, buf_span(&log), &held, TPM_ALG_SHA1, 9, "was added");
	held.selection.banks[1].alg = TPM_ALG_SHA384;
	must_say(&ref, buf_span(&log), &held, TPM_ALG_SHA384, 9,
	         "boot log has nothing of PCR 9 in the bank sha384");
	fixture_held(&held, "grub", UINT32_C(0xffff), banks);
	for (size_t i = 0; i < ref.n; i++)
		ref.events[i].digests[1].alg = TPM_ALG_SHA512;
	must_say(&ref, buf_span(&log), &held, TPM_ALG_SHA256, 9,
	         "the reference has nothing of PCR 9 in the bank sha256");
}

/* By one bank, or by all that both have. */
static void
test_banks(void **state)
{
	AUTO(buf_done) struct buf log = fixture_log("grub.log");
	AUTO(bootref_done) struct bootref a = bootref_must(buf_span(&log));
	AUTO(bootref_done) struct bootref b = bootref_must(buf_span(&log));
	char out[BOOTREF_SENTENCE_MAX];

	(void)state;
	b.events[0].digests[0].value.at[0] ^= 1;
	assert_false(bootref_same(&a, &b, 0, 0));
	assert_false(bootref_same(&a, &b, TPM_ALG_SHA1, 0));
	assert_true(bootref_same(&a, &b, TPM_ALG_SHA256, 0));
	assert_true(bootref_same(&a, &b, 0, 1));
	/* Of a bank that neither has, nothing is the same. */
	assert_false(bootref_same(&a, &b, TPM_ALG_SHA384, 1));
	bootref_compare(&a, &b, 0, 0, out);
	assert_non_null(
	    strstr(out, "the firmware's version 'not given' changed"));
}

int
main(void)
{
	const struct CMUnitTest all[] = {
	    cmocka_unit_test(test_stories),
	    cmocka_unit_test(test_log),
	    cmocka_unit_test(test_banks),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
