/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The gate's own table, in nftables' words.
 *
 * What leaves this host for the migration networks, for a peer that is not
 * attested, is refused when the kernel says that one of these sent it:
 *  - a user whose processes are guests (the socket's user id), or everybody but
 *    root and those who are excepted,
 *  - a control group of libvirt's (the socket's, as it was when it was opened),
 *  - root, unless the set `awake` holds it.
 * The last is the dead man's handle.  A control group is a number to the kernel
 * and gets another one when a service is restarted; only while this daemon runs
 * is the new one put beside the old.  Whoever runs keeps `awake` filled; when
 * it has run out, all that root sends there counts as libvirt's.
 *
 * A reply in a TCP connection that the peer opened passes: consoles and
 * libvirt's own clients are served; where everybody is meant, by root's
 * processes alone, such as libvirt's.  A packet that opens one (SYN alone) is
 * no reply, whatever connection tracking was made to believe.  There is no
 * "established, accept": a host that loses its trust is cut off while memory
 * flows. */
#ifndef GATEPLAN_RULESET_H
#define GATEPLAN_RULESET_H

#include "base/buf.h"
#include "gateplan/ip.h"

#define RULESET_TABLE    "inet virt_attest"
#define RULESET_NAME     "virt_attest"
#define RULESET_ATTESTED "attested"
#define RULESET_EXCEPT   "except" /* the set is there where all are meant */

enum {
	RULESET_CGROUP_MAX = 256, /* a path, with its NUL */
	RULESET_LEVEL_MAX = 8,    /* folders of a path */
	RULESET_AWAKE_MS = 20000, /* so long after the last ruleset_awake() */
};

struct ruleset {
	const struct ip_prefix *networks, *always;
	size_t n_networks, n_always;
	const uint32_t *users;
	size_t n_users;
	bool everybody; /* but root and `except`; users are none then */
	const uint32_t *except;
	size_t n_except;
	/* Bit N: control groups of N folders are looked at. */
	unsigned levels;
	bool root; /* that `awake` holds root back from being refused */
};

/* Whether it can be asked for: names with slashes between them, none of them
 * "." or "..", and no letter that nftables would take for its own. */
bool ruleset_cgroup_allowed(const char *path);
/* How many folders: what nftables calls its level. */
unsigned ruleset_cgroup_level(const char *path);

/* The table, in the place of the one that may be there, with nobody in it: all
 * in one transaction. */
void ruleset_make(const struct ruleset *, struct buf *out);
/* Its end; no failure when it is not there. */
void ruleset_remove(struct buf *out);

/* The control group that has this path now, beside those that had it. */
void ruleset_cgroup(const char *path, struct buf *out);
/* Changes nothing; fails when the table is gone. */
void ruleset_probe(struct buf *out);
/* Root is not held for libvirt for RULESET_AWAKE_MS more. */
void ruleset_awake(struct buf *out);

#endif
