/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where QEMU finds the option ROM of a device: the guest's PCI window is as
 * large as the file, so it must be as large at the destination. */
#ifndef CHECKS_ROM_H
#define CHECKS_ROM_H

#include <stddef.h>

enum { ROM_PATHS = 2, ROM_PATH_MAX = 64 };

/* The paths at which the ROM of a NIC's or a video's model may be, in QEMU's
 * order: the first that exists is it.  Returns how many; 0 for a model that
 * has no ROM, or one that is not known here. */
size_t rom_of_nic(const char *model, char paths[ROM_PATHS][ROM_PATH_MAX]);
size_t rom_of_video(const char *model, char paths[ROM_PATHS][ROM_PATH_MAX]);

#endif
