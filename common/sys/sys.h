/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Small things of the system: time, randomness, files, systemd's readiness. */
#ifndef SYS_SYS_H
#define SYS_SYS_H

#include "base/auto.h"
#include "base/buf.h"
#include "base/err.h"

/* Unix time in seconds and microseconds; milliseconds and microseconds since
 * boot, suspend included. */
uint64_t sys_unix_s(void);
uint64_t sys_unix_us(void);
uint64_t sys_boot_ms(void);
uint64_t sys_boot_us(void);

/* `size` bytes of the kernel's generator (getrandom(2)); false only when it
 * has none to give, and then nothing may go on. */
MUST_CHECK bool sys_random(void *out, size_t size, struct err *);

/* A whole file of at most `max` bytes, appended to `out`; also files that have
 * no size (procfs, securityfs).  "-" is standard input. */
MUST_CHECK bool sys_read_file(const char *path, size_t max, struct buf *out,
                              struct err *);

/* From now on the process ends in `seconds`, with status 1 and a word about it,
 * when it has not ended by itself: what a library waits for is no reason to
 * stay. */
void sys_end_within(unsigned seconds);

/* sd_notify(3): "READY=1", "STATUS=...".  Does nothing outside systemd. */
void sys_notify(const char *state);

#endif
