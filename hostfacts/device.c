/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device.h"

#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/auto.h"
#include "words.h"

enum { NAME_SIZE = 256, SECTOR = 512 };

static bool
say(dev_t device, const char *what, char *out, size_t size)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/%s", major(device),
	         minor(device), what);
	return words_line(path, out, size) && out[0] != '\0';
}

uint64_t
device_size(dev_t device)
{
	uint64_t sectors;
	char path[64];

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/size", major(device),
	         minor(device));
	if (!words_number(path, &sectors) || sectors > UINT64_MAX / SECTOR)
		return 0;
	return sectors * SECTOR;
}

/* The "3" is scsi_id's word for a NAA designator, which the kernel has as
 * "naa.". */
void
device_mapper_name(const char *uuid, char *out, size_t size)
{
	static const char multipath[] = "mpath-3";
	const char *hex = uuid + sizeof(multipath) - 1;

	if (strncmp(uuid, multipath, sizeof(multipath) - 1) == 0 &&
	    hex[0] != '\0' && strspn(hex, "0123456789abcdef") == strlen(hex))
		snprintf(out, size, "naa.%s", hex);
	else
		snprintf(out, size, "%s", uuid);
}

/* Below the device's folder in sysfs; of a partition, that of its disk is the
 * one above. */
static bool
find_name(dev_t device, bool of_disk, char *out, size_t size)
{
	static const char *const files[][2] = {
	    {"device/wwid", "../device/wwid"},
	    {"wwid", "../wwid"},
	};
	char uuid[NAME_SIZE];

	for (size_t i = 0; i < LENGTH_OF(files); i++)
		if (say(device, files[i][of_disk], out, size))
			return true;
	if (!say(device, of_disk ? "../dm/uuid" : "dm/uuid", uuid,
	         sizeof(uuid)))
		return false;
	device_mapper_name(uuid, out, size);
	return true;
}

const char *
device_wwid(dev_t device, struct arena *arena)
{
	char name[NAME_SIZE], part[16], whole[NAME_SIZE + 32];
	bool is_part = say(device, "partition", part, sizeof(part));

	if (!find_name(device, is_part, name, sizeof(name)))
		return NULL;
	snprintf(whole, sizeof(whole), "%s%s%s", name, is_part ? "-part" : "",
	         is_part ? part : "");
	return words_kept(arena, whole);
}
