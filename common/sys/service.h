/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a service manager hands to a program, as systemd does it
 * (sd_listen_fds(3), sd_watchdog_enabled(3), systemd.exec(5), CREDENTIALS);
 * nothing of it is there when nobody did. */
#ifndef SYS_SERVICE_H
#define SYS_SERVICE_H

#include <stdint.h>

#include "base/auto.h"
#include "base/err.h"

enum { SERVICE_PATH_MAX = 4096 };

/* The socket that was passed, close-on-exec; -1: none was.  Asked once: the
 * environment forgets it, so that no child takes one for its own.  False when
 * there are several. */
MUST_CHECK bool service_socket(int *fd, struct err *);

/* Where a private key is: `configured`, if that can be read or is none of a
 * file; else "tls_key" in a folder of $RUNTIME_DIRECTORY, where a reload puts
 * one that was renewed, else in $CREDENTIALS_DIRECTORY, which is as it was at
 * the start.  What holds no key there is not there.  `configured` as well when
 * there is none: who reads it says why. */
const char *service_key(const char *configured, char room[SERVICE_PATH_MAX]);

/* How often "WATCHDOG=1" is due: half of what is waited for; 0: never. */
uint64_t service_watchdog_ms(void);

/* Whether somebody hears sys_notify(). */
bool service_is_heard(void);

#endif
