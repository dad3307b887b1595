/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a refusal reaches who asked libvirt. */
#ifndef LOCK_TELL_H
#define LOCK_TELL_H

#include "base/auto.h"

enum { TELL_MAX = 3072 };

/* libvirt's error of this thread, which the caller of libvirt is shown and
 * libvirtd logs; where this libvirt has no such way, a line in syslog. Control
 * characters are written as '?'. Returns -1, as a refusal does. */
int tell(const char *format, ...) PRINTF_LIKE(1, 2);

#endif
