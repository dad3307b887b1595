/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The few keys of libvirt's qemu.conf that say how a domain would fare; all
 * others (passwords are among them) are passed over. */
#ifndef HOSTFACTS_QEMU_CONF_H
#define HOSTFACTS_QEMU_CONF_H

#include "proto/local_facts.h"

enum { QEMU_CONF_MAX = 1024 * 1024 };

/* Folders of certificates, "" when the key is not set. */
struct qemu_conf_folders {
	char migrate[LOCAL_PATH_SIZE], fallback[LOCAL_PATH_SIZE];
};

/* `text` is the file's.  As libvirt reads it: key = value, a line each, "#"
 * comments, texts in quotes without escapes, numbers bare; the first of a key
 * counts.  What does not fit is as if it were not set. */
void qemu_conf_read(struct span text, struct arena *, struct local_facts *,
                    struct qemu_conf_folders *);

#endif
