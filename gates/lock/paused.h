/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libvirt does not inquire after a paused guest: it takes the state that was
 * kept at the pause (qemu_migration_cookie.c) into a cookie of at most 4 MiB
 * (remote_protocol.x, REMOTE_MIGRATE_COOKIE_MAX).  A state above that cannot
 * leave the host, and so no paused guest can, with a permit or without. */
#ifndef LOCK_PAUSED_H
#define LOCK_PAUSED_H

#include <stddef.h>

/* libvirt reads the state back from its own status file, by a parser that takes
 * texts to 10,000,000 bytes. */
enum { PAUSED_FILL = 4 * 1024 * 1024 };

/* The state of the next lock manager (or NULL), behind PAUSED_FILL bytes; both
 * the caller's to free(). */
char *paused_state(const char *next_state);

/* The next one's own state again: NULL where it had none. A state that is not
 * of paused_state() is itself. */
const char *paused_inner(const char *state);

#endif
