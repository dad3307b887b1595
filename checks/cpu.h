/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the checks of a domain's CPU share; and the one of its time stamp
 * counter, `tsc`. */
#ifndef CHECKS_CPU_H
#define CHECKS_CPU_H

#include "checks/check.h"

/* How far a host's counter may be off the domain's, as libvirt has it: half of
 * what NTP corrects. */
enum { TSC_TOLERANCE_PPM = 250 };

void check_tsc(const struct facts *, struct result *);

/* The domain has this feature by its XML ("require" or "force"; "optional" is
 * one of these in a running domain's). */
bool cpu_has(const struct cpu_facts *, const char *feature);

/* Its CPU is the one with which it started.  One that does not run, and is
 * known by more than a file, gets its CPU anew when it is started there. */
bool cpu_is_kept(const struct facts *);

/* QEMU emulates it, whatever the host's. */
bool cpu_is_emulated(const struct facts *);

#endif
