/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The site's own lock manager, behind ours: whatever is not a migration's
 * question is its matter, as if it were alone. */
#ifndef LOCK_NEXT_H
#define LOCK_NEXT_H

#include "abi.h"
#include "base/err.h"

struct next {
	void *handle;
	struct lock_driver *driver; /* NULL: none */
};

/* Loads NAME.so of the folder that `beside`, a variable of our own plugin, was
 * loaded from, and lets it read the configuration of its own name beside ours.
 * "" is none.  When init() of it fails, its error is libvirt's already, and
 * `err` is empty. */
MUST_CHECK bool next_load(struct next *, const char *name, const void *beside,
                          const char *config, struct err *);

/* False when it must stay in memory. */
bool next_unload(struct next *);

/* The place of its configuration: "/etc/libvirt/qemu-lockd.conf" of
 * "/etc/libvirt/qemu-virt-attest.conf"; the caller's to free(). */
char *next_config(const char *config, const char *name, struct err *);

#endif
