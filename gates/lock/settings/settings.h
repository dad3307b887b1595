/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lock-driver gate's own file, /etc/libvirt/qemu-virt-attest.conf: for the
 * plugin, and for who looks whether libvirtd would start with it. */
#ifndef LOCKSETTINGS_SETTINGS_H
#define LOCKSETTINGS_SETTINGS_H

#include <stdint.h>

#include "base/err.h"

/* libvirtd holds the domain's lock meanwhile: below the 30 s after which those
 * who wait for a domain are told that it is stuck. */
enum { LOCK_DEADLINE_MIN_MS = 100, LOCK_DEADLINE_MAX_MS = 25000 };

struct lock_settings {
	char *socket;         /* of the verifier; an absolute path */
	char *next;           /* "lockd", "sanlock", or "": none */
	char *paused;         /* "pass" or "refuse" */
	uint64_t deadline_ms; /* for the verifier's answer */
};

/* As with libvirt's own, a file that is not there says nothing: the defaults.
 * lock_settings_done() follows in either case.  ERR_CONFIG, or ERR_IO. */
MUST_CHECK bool lock_settings_load(const char *path, struct lock_settings *,
                                   struct err *);
void lock_settings_done(struct lock_settings *);

/* Whether a paused guest stays. */
bool lock_settings_keep_paused(const struct lock_settings *);

#endif
