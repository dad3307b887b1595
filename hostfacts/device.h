/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Block devices, by what sysfs says of their number: none is opened. */
#ifndef HOSTFACTS_DEVICE_H
#define HOSTFACTS_DEVICE_H

#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"

uint64_t device_size(dev_t); /* bytes; 0: not known */

/* What the device itself has as its name everywhere: of SCSI and NVMe its WWID,
 * of the device mapper its UUID; a multipath's is that of its paths, a
 * partition's has its number behind it.  NULL: none. */
const char *device_wwid(dev_t, struct arena *);

/* The name of a device mapper's UUID, as one of its paths would say it, in
 * `out`: "mpath-3600..." is "naa.600...", others are as they are. */
void device_mapper_name(const char *uuid, char *out, size_t size);

#endif
