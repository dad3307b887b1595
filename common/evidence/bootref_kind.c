/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What reference events are of, and the words for it. */
#include <string.h>

#include "evidence/bootlog_type.h"
#include "evidence/bootref_private.h"

#define IF_MEANT                                                               \
	"if it was meant to, take a new golden value or add its events to "    \
	"the one that is there"

static const struct bootref_kind
    cmdline = {.noun = "the kernel command line",
               .weight = 9,
               .provable = true,
               .remedy = "look at /etc/default/grub, the loader's entry and "
                         "grub.cfg on the host; " IF_MEANT},
    stub_cmdline = {.noun = "the kernel command line",
                    .weight = 9,
                    .provable = true,
                    .remedy = "look at the loader's entry and the unified "
                              "kernel image on the host; " IF_MEANT},
    module = {.noun = "a module's command line",
              .weight = 8,
              .provable = true,
              .remedy = "look at grub.cfg on the host; " IF_MEANT},
    command = {.noun = "a GRUB command",
               .weight = 3,
               .provable = true,
               .same = bootref_same_command,
               .other = "GRUB ran another command",
               .remedy = "look at grub.cfg and grubenv on the host, and for "
                         "someone at its console; " IF_MEANT},
    grub_config =
	{.noun = "GRUB's configuration file",
         .weight = 4,
         .same = bootref_same_text,
         .also = "it names kernels and command lines, so that an "
                 "update of those changes it too",
         .remedy = "compare the file with what update-grub makes; " IF_MEANT},
    kernel = {.noun = "the kernel",
              .weight = 8,
              .other = "another kernel",
              .remedy = "was the kernel updated? " IF_MEANT},
    initrd = {.noun = "the initrd",
              .weight = 7,
              .other = "another initrd",
              .remedy = "was the kernel updated or the initrd made anew? it "
                        "differs from host to host; " IF_MEANT},
    grub_file = {.noun = "a file that the boot loader read",
                 .weight = 3,
                 .same = bootref_same_text,
                 .remedy = "look at the file on the host; " IF_MEANT},
    load_options = {.noun = "the load options that the kernel was given",
                    .label = bootref_label_behind,
                    .weight = 6,
                    .also = "these are its command line",
                    .remedy =
                        "look at the loader's entry on the host; " IF_MEANT},
    stub_initrd = {.noun = "the initrd that the kernel was given",
                   .label = bootref_label_behind,
                   .weight = 5,
                   .remedy = "was the initrd made anew? " IF_MEANT},
    tag = {.noun = "a tagged event",
           .label = bootref_label_behind,
           .weight = 2,
           .same = bootref_same_text,
           .remedy = IF_MEANT},
    section = {.noun = "the unified kernel image's section",
               .weight = 5,
               .same = bootref_same_text,
               .remedy = "was the unified kernel image made anew? " IF_MEANT},
    credentials = {.noun = "what the stub added to the initrd",
                   .weight = 4,
                   .same = bootref_same_text,
                   .also = "these are credentials, configuration or system "
                           "extensions beside the image",
                   .remedy = "look at the files beside the unified kernel "
                             "image; " IF_MEANT},
    mok = {.noun = "shim's list of the owner's keys",
           .weight = 5,
           .same = bootref_same_text,
           .remedy =
               "look at 'mokutil --list-enrolled' on the host; " IF_MEANT},
    mok_used = {.noun = "shim's variable",
                .weight = 5,
                .provable = true,
                .label = bootref_label_name,
                .same = bootref_same_variable,
                .remedy = "look at 'mokutil --list-enrolled' and 'mokutil "
                          "--sb-state' on the host; " IF_MEANT},
    secure_boot = {.noun = "Secure Boot",
                   .weight = 9,
                   .provable = true,
                   .is_switch = true,
                   .label = bootref_label_value,
                   .remedy = "look at the firmware's set-up; " IF_MEANT},
    keys = {.noun = "Secure Boot's key list",
            .weight = 6,
            .provable = true,
            .label = bootref_label_name,
            .same = bootref_same_variable,
            .remedy = "was a firmware update (fwupd) or an update of dbx "
                      "installed, or were keys enrolled? " IF_MEANT},
    authority =
	{.noun = "the Secure Boot entry that verified an image",
         .weight = 5,
         .provable = true,
         .label = bootref_label_name,
         .same = bootref_same_variable,
         .remedy =
             "is the boot loader signed by another vendor now? " IF_MEANT},
    sbat = {.noun = "the revocation level SbatLevel",
            .weight = 5,
            .provable = true,
            .label = bootref_label_value,
            .also = "shim sets it, and another one with Secure Boot on than "
                    "off",
            .remedy =
                "was shim updated, or is it no longer started? " IF_MEANT},
    boot_order = {.noun = "the boot order",
                  .weight = 5,
                  .provable = true,
                  .label = bootref_label_value,
                  .remedy = "look at 'efibootmgr' on the host; " IF_MEANT
                            ", or leave this PCR free"},
    boot_entry = {.noun = "the boot entry",
                  .weight = 5,
                  .provable = true,
                  .label = bootref_label_entry,
                  .same = bootref_same_variable,
                  .remedy = "look at 'efibootmgr -v' on the host; an added "
                            "device adds entries; " IF_MEANT
                            ", or leave this PCR free"},
    variable = {.noun = "the firmware's variable",
                .weight = 4,
                .provable = true,
                .label = bootref_label_entry,
                .same = bootref_same_variable,
                .remedy = "look at the firmware's set-up; " IF_MEANT},
    image = {.noun = "the EFI application",
             .weight = 5,
             .label = bootref_label_behind,
             .other = "another EFI application or boot loader",
             .remedy =
                 "was shim, the boot loader or the kernel updated? " IF_MEANT},
    nameless =
	{.noun = "an EFI application without a file's name",
         .weight = 5,
         .label = bootref_label_size,
         .also = "the kernel is one when it is started with Secure "
                 "Boot on or from a unified kernel image",
         .remedy =
             "was Secure Boot switched, or the kernel updated? " IF_MEANT},
    driver = {.noun = "the option ROM or EFI driver",
              .weight = 5,
              .label = bootref_label_behind,
              .other = "another option ROM or EFI driver",
              .remedy =
                  "was a device added, or its firmware updated? " IF_MEANT},
    firmware = {.noun = "the firmware volume",
                .weight = 5,
                .also = "on a virtual machine another memory size, number of "
                        "vCPUs or Secure Boot state changes it too",
                .remedy = "was the firmware updated, or the virtual machine's "
                          "memory or number of vCPUs changed? if it was "
                          "meant to, take a new golden value"},
    version = {.noun = "the firmware's version",
               .weight = 6,
               .provable = true,
               .remedy = "was the firmware updated? if it was meant to, take "
                         "a new golden value"},
    microcode = {.noun = "the CPU's microcode",
                 .weight = 6,
                 .remedy = "was the firmware updated? " IF_MEANT},
    tables = {.noun = "the firmware's tables (SMBIOS)",
              .weight = 4,
              .also = "they have serial numbers and sizes of memory",
              .remedy =
                  "was hardware changed? " IF_MEANT ", or leave this PCR free"},
    partitions = {.noun = "the partition table",
                  .weight = 5,
                  .provable = true,
                  .also = "this is another disk or another partitioning",
                  .remedy =
                      "was the disk replaced or partitioned anew? " IF_MEANT
                      ", or leave this PCR free"},
    separator = {.noun = "the separator",
                 .weight = 6,
                 .provable = true,
                 .also = "the firmware ends its part of a PCR with it",
                 .remedy = "read the firmware's messages at the next boot; "
                           "treat the host with care"},
    action = {.noun = "a step of the boot",
              .weight = 2,
              .provable = true,
              .same = bootref_same_text,
              .remedy = "did the first attempts to boot fail? " IF_MEANT},
    other = {.noun = "the event",
             .weight = 2,
             .same = bootref_same_text,
             .remedy = IF_MEANT};

#define PCR(n) (UINT32_C(1) << (n))
#define ANY    UINT32_MAX

/* The first line that fits; `part` stands somewhere in the text. */
static const struct {
	uint32_t type, pcrs;
	const char *prefix, *part;
	const struct bootref_kind *kind;
} kinds[] = {
    {EV_IPL, ANY, "kernel_cmdline: ", NULL, &cmdline},
    {EV_IPL, ANY, "module_cmdline: ", NULL, &module},
    {EV_IPL, ANY, "grub_cmd: ", NULL, &command},
    {EV_IPL, PCR(8), NULL, "=", &stub_cmdline}, /* systemd-boot to 250 */
    {EV_IPL, PCR(9), NULL, ".cfg", &grub_config},
    {EV_IPL, PCR(9), NULL, "grubenv", &grub_file},
    {EV_IPL, PCR(9), NULL, "initr", &initrd}, /* initrd, initramfs */
    {EV_IPL, PCR(9), NULL, "vmlinu", &kernel},
    {EV_IPL, PCR(9), NULL, "linux", &kernel},
    {EV_IPL, PCR(9), NULL, "kernel", &kernel},
    {EV_IPL, PCR(9), NULL, "bzImage", &kernel},
    {EV_IPL, PCR(9), NULL, NULL, &grub_file},
    {EV_IPL, PCR(11), NULL, NULL, &section},
    {EV_IPL, PCR(12), NULL, "initrd", &credentials},
    {EV_IPL, PCR(12), NULL, NULL, &stub_cmdline},
    {EV_IPL, PCR(13), NULL, NULL, &credentials},
    {EV_IPL, PCR(14), NULL, NULL, &mok},
    {EV_EVENT_TAG, ANY, "tag 0x8f3b22ed: ", NULL, &load_options},
    {EV_EVENT_TAG, ANY, "tag 0x8f3b22ec: ", NULL, &stub_initrd},
    {EV_EVENT_TAG, ANY, NULL, NULL, &tag},
    {EV_EFI_VARIABLE_DRIVER_CONFIG, ANY, "variable SecureBoot,", NULL,
     &secure_boot},
    {EV_EFI_VARIABLE_DRIVER_CONFIG, PCR(7), NULL, NULL, &keys},
    {EV_EFI_VARIABLE_DRIVER_CONFIG, ANY, NULL, NULL, &variable},
    {EV_EFI_VARIABLE_AUTHORITY, ANY, "variable SbatLevel,", NULL, &sbat},
    {EV_EFI_VARIABLE_AUTHORITY, ANY, "variable Mok", NULL, &mok_used},
    {EV_EFI_VARIABLE_AUTHORITY, ANY, "variable Shim,", NULL, &mok_used},
    {EV_EFI_VARIABLE_AUTHORITY, ANY, NULL, NULL, &authority},
    {EV_EFI_VARIABLE_BOOT, ANY, "variable BootOrder,", NULL, &boot_order},
    {EV_EFI_VARIABLE_BOOT2, ANY, "variable BootOrder,", NULL, &boot_order},
    {EV_EFI_VARIABLE_BOOT, ANY, "variable Boot", NULL, &boot_entry},
    {EV_EFI_VARIABLE_BOOT2, ANY, "variable Boot", NULL, &boot_entry},
    {EV_EFI_VARIABLE_BOOT, ANY, NULL, NULL, &variable},
    {EV_EFI_VARIABLE_BOOT2, ANY, NULL, NULL, &variable},
    {EV_EFI_BOOT_SERVICES_APPLICATION, PCR(2), NULL, NULL, &driver},
    {EV_EFI_BOOT_SERVICES_APPLICATION, ANY, NULL, ": no file is named",
     &nameless},
    {EV_EFI_BOOT_SERVICES_APPLICATION, ANY, NULL, NULL, &image},
    {EV_EFI_BOOT_SERVICES_DRIVER, ANY, NULL, NULL, &driver},
    {EV_EFI_RUNTIME_SERVICES_DRIVER, ANY, NULL, NULL, &driver},
    {EV_EFI_PLATFORM_FIRMWARE_BLOB, PCR(2), NULL, NULL, &driver},
    {EV_EFI_PLATFORM_FIRMWARE_BLOB2, PCR(2), NULL, NULL, &driver},
    {EV_EFI_PLATFORM_FIRMWARE_BLOB, ANY, NULL, NULL, &firmware},
    {EV_EFI_PLATFORM_FIRMWARE_BLOB2, ANY, NULL, NULL, &firmware},
    {EV_POST_CODE, ANY, NULL, NULL, &firmware},
    {EV_POST_CODE2, ANY, NULL, NULL, &firmware},
    {EV_S_CRTM_CONTENTS, ANY, NULL, NULL, &firmware},
    {EV_S_CRTM_VERSION, ANY, "firmware version ", NULL, &version},
    {EV_CPU_MICROCODE, ANY, NULL, NULL, &microcode},
    {EV_EFI_HANDOFF_TABLES, ANY, NULL, NULL, &tables},
    {EV_EFI_HANDOFF_TABLES2, ANY, NULL, NULL, &tables},
    {EV_EFI_GPT_EVENT, ANY, NULL, NULL, &partitions},
    {EV_EFI_GPT_EVENT2, ANY, NULL, NULL, &partitions},
    {EV_SEPARATOR, ANY, NULL, NULL, &separator},
    {EV_ACTION, ANY, NULL, NULL, &action},
    {EV_EFI_ACTION, ANY, NULL, NULL, &action},
};

static bool
fits(const struct bootref_event *e, size_t i)
{
	const char *prefix = kinds[i].prefix, *part = kinds[i].part;

	return kinds[i].type == e->type && (kinds[i].pcrs >> e->pcr & 1) != 0 &&
	       (prefix == NULL ||
	        strncmp(e->text, prefix, strlen(prefix)) == 0) &&
	       (part == NULL || strstr(e->text, part) != NULL);
}

const struct bootref_kind *
bootref_kind_of(const struct bootref_event *e)
{
	for (size_t i = 0; i < LENGTH_OF(kinds); i++)
		if (fits(e, i))
			return kinds[i].kind;
	return &other;
}
