/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Event types that the code speaks of (PC Client Platform Firmware Profile
 * 1.06, 10.4.1), and how the log's own structures are read.  For the files that
 * read the log. */
#ifndef EVIDENCE_BOOTLOG_TYPE_H
#define EVIDENCE_BOOTLOG_TYPE_H

#include "base/reader.h"

#define EV_POST_CODE                     0x1u
#define EV_NO_ACTION                     0x3u
#define EV_SEPARATOR                     0x4u
#define EV_ACTION                        0x5u
#define EV_EVENT_TAG                     0x6u
#define EV_S_CRTM_CONTENTS               0x7u
#define EV_S_CRTM_VERSION                0x8u
#define EV_CPU_MICROCODE                 0x9u
#define EV_IPL                           0xdu
#define EV_NONHOST_INFO                  0x11u
#define EV_POST_CODE2                    0x13u
#define EV_EFI_VARIABLE_DRIVER_CONFIG    0x80000001u
#define EV_EFI_VARIABLE_BOOT             0x80000002u
#define EV_EFI_BOOT_SERVICES_APPLICATION 0x80000003u
#define EV_EFI_BOOT_SERVICES_DRIVER      0x80000004u
#define EV_EFI_RUNTIME_SERVICES_DRIVER   0x80000005u
#define EV_EFI_GPT_EVENT                 0x80000006u
#define EV_EFI_ACTION                    0x80000007u
#define EV_EFI_PLATFORM_FIRMWARE_BLOB    0x80000008u
#define EV_EFI_HANDOFF_TABLES            0x80000009u
#define EV_EFI_PLATFORM_FIRMWARE_BLOB2   0x8000000au
#define EV_EFI_HANDOFF_TABLES2           0x8000000bu
#define EV_EFI_VARIABLE_BOOT2            0x8000000cu
#define EV_EFI_GPT_EVENT2                0x8000000du
#define EV_EFI_VARIABLE_AUTHORITY        0x800000e0u

/* UEFI_VARIABLE_DATA (10.2.6): false when it is none. */
struct uefi_variable {
	struct span guid;
	struct span name; /* UTF-16, without a NUL */
	struct span data;
};
bool uefi_variable_read(struct span, struct uefi_variable *);

/* The text of EV_IPL as GRUB measures it: "grub_cmd: TEXT" and a NUL, of which
 * the digest is over TEXT.  False when it does not begin so. */
bool uefi_grub_command(struct span data, struct span *text);

#endif
