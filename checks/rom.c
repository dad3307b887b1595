/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "checks/rom.h"

#include <stdio.h>
#include <string.h>

#include "base/auto.h"

struct rom {
	const char *model; /* libvirt's word */
	const char *file;  /* QEMU's name; of its own machine types: those from
	                    * before 1.4 took pxe-*.rom */
};

static const struct rom nics[] = {
    {"virtio", "efi-virtio.rom"},
    {"virtio-transitional", "efi-virtio.rom"},
    {"virtio-non-transitional", "efi-virtio.rom"},
    {"e1000", "efi-e1000.rom"},
    {"e1000e", "efi-e1000e.rom"},
    {"rtl8139", "efi-rtl8139.rom"},
    {"vmxnet3", "efi-vmxnet3.rom"},
    {"pcnet", "efi-pcnet.rom"},
    {"ne2k_pci", "pxe-ne2k_pci.rom"},
    {"i82551", "pxe-eepro100.rom"},
    {"i82557b", "pxe-eepro100.rom"},
    {"i82559er", "pxe-eepro100.rom"},
};

static const struct rom videos[] = {
    {"vga", "vgabios-stdvga.bin"},   {"cirrus", "vgabios-cirrus.bin"},
    {"qxl", "vgabios-qxl.bin"},      {"virtio", "vgabios-virtio.bin"},
    {"vmvga", "vgabios-vmware.bin"}, {"bochs", "vgabios-bochs-display.bin"},
    {"ramfb", "vgabios-ramfb.bin"},
};

/* Debian's -L folders: QEMU's own and the ROMs' packages'. */
static const char *const nic_folders[ROM_PATHS] = {
    "/usr/share/qemu",
    "/usr/lib/ipxe/qemu",
};
static const char *const video_folders[ROM_PATHS] = {
    "/usr/share/qemu",
    "/usr/share/seabios",
};

static size_t
rom_of(const struct rom *roms, size_t n, const char *const *folders,
       const char *model, char paths[ROM_PATHS][ROM_PATH_MAX])
{
	if (model == NULL)
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(roms[i].model, model) != 0)
			continue;
		for (size_t k = 0; k < ROM_PATHS; k++)
			snprintf(paths[k], ROM_PATH_MAX, "%s/%s", folders[k],
			         roms[i].file);
		return ROM_PATHS;
	}
	return 0;
}

size_t
rom_of_nic(const char *model, char paths[ROM_PATHS][ROM_PATH_MAX])
{
	return rom_of(nics, LENGTH_OF(nics), nic_folders, model, paths);
}

size_t
rom_of_video(const char *model, char paths[ROM_PATHS][ROM_PATH_MAX])
{
	return rom_of(videos, LENGTH_OF(videos), video_folders, model, paths);
}
