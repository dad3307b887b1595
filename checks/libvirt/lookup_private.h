/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of what a domain names, each name once, looked up on a host. */
#ifndef VIRT_LOOKUP_PRIVATE_H
#define VIRT_LOOKUP_PRIVATE_H

#include "host_private.h"

enum {
	LOOKUPS_MAX = 512,
	LOOKUP_NAME_SIZE = 1024, /* "POOL/VOLUME", "TYPE USAGE" */
	NODEDEV_NAME_MAX = 128,
};

struct lookup_list {
	size_t n;
	struct lookup_facts *at;
};

/* NULL when `name` is NULL, or in it already, or too many are. */
struct lookup_facts *lookup_add(struct host_question *, struct lookup_list *,
                                const char *name);
/* After a look-up that gave nothing: not found when libvirt said `none`, else
 * the question failed. */
void lookup_failed(struct host_question *, struct lookup_facts *, int none);

/* host_devices.c.  "pci_0000_3b_00_1", "mdev_c2177883_...": what stands between
 * letters and digits is a '_' in such a name. */
void nodedev_name(const char *prefix, const char *address, char *out,
                  size_t size);
/* Whether a node device's XML is of a USB device of that "VENDOR:PRODUCT". */
bool nodedev_is_usb(const char *xml, const char *id);

#endif
