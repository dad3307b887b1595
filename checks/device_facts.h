/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A domain's devices, as its XML describes them.  Words are libvirt's own. */
#ifndef CHECKS_DEVICE_FACTS_H
#define CHECKS_DEVICE_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No domain has more: what is over is not read, and the domain refused. */
enum {
	DISKS_MAX = 256,
	BACKING_MAX = 64,
	NICS_MAX = 256,
	HOSTDEVS_MAX = 256,
	CHARDEVS_MAX = 256,
	PINS_MAX = 1024,
	HUGEPAGES_MAX = 16,
	FEATURES_MAX = 512,
};

struct disk_facts {
	const char *target; /* "vda" */
	const char *type;   /* "file", "block", "dir", "network", "volume",
	                     * "nvme", "vhostuser", "vdpa" */
	const char *device; /* "disk", "cdrom", "floppy", "lun" */
	const char *path;   /* of the source; NULL: no medium, or no path */
	const char *pool, *volume;          /* type volume */
	const char *protocol, *name, *host; /* type network */
	const char *secret_type, *secret_uuid, *secret_usage;
	const char *format; /* "qcow2" */
	const char *cache;  /* NULL: the default */
	const char *startup_policy;
	bool readonly, shareable, transient;
	uint64_t capacity, allocation; /* bytes; 0: not known */
	size_t n_backing;              /* the layers below, top first */
	const char **backing;          /* their paths; NULL: not a path */
};

struct nic_facts {
	const char *type; /* "network", "bridge", "direct", "ethernet", "user",
	                   * "vhostuser", "hostdev", "vdpa", "internal" ... */
	const char *source; /* network, bridge or device; a vhostuser's path */
	const char *portgroup, *mac, *model, *filter, *virtualport;
	const char *backend; /* "passt" */
	const char *vlan;    /* its tags, "10,20" */
	uint64_t mtu;        /* 0: not set */
	bool teaming_transient;
};

struct hostdev_facts {
	const char *type;    /* "usb", "pci", "scsi", "scsi_host", "mdev" */
	const char *address; /* "0000:3b:00.1"; mdev: UUID; usb "1:2" or
	                      * "046d:c52b"; scsi: its adapter's name */
	const char *model;   /* mdev: "vfio-pci" */
	bool teaming_transient;
};

struct chardev_facts {
	const char *device; /* "serial", "parallel", "console", "channel",
	                     * "rng", "smartcard", "redirdev", "graphics" */
	const char *type;   /* "pty", "file", "dev", "pipe", "unix", "tcp",
	                     * "udp"; graphics: "vnc", "spice" */
	const char *path;   /* on the host */
	const char *listen; /* an address that is to be the host's own */
};

#endif
