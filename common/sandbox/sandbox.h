/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a daemon gives up for good before it hears a stranger, wherever it runs:
 * a systemd unit locks more, but not everybody has one.
 *
 * - No new privileges: no set-uid program gives it any.
 * - Its memory is nobody's to read but root's: no core, no debugger of the same
 *   account (it holds keys).
 * - A list of system calls that neither it nor what it runs ever needs, and
 * that kernel exploits begin with, is refused: namespaces and mounts, modules,
 * kexec, bpf, io_uring, userfaultfd, keys, other processes' memory, the clock;
 * sockets but Unix, IP and netlink.
 *
 * What is refused is listed, and not what is allowed: agentd and verifierd run
 * programs that inherit this, and those of a site (events.d) are anybody's; a C
 * library's update that brings a new call must not shut every gate.  A refused
 * call fails with EPERM and kills nobody: programs try calls and live without
 * them, and whoever can provoke one could stop the daemon.  What no filter of
 * ours can say without breaking debuggers' tools (no memory that is written and
 * run) the units say. */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include "base/auto.h"
#include "base/err.h"

struct sandbox {
	bool programs; /* it runs others */
	bool internet; /* it speaks IP */
};

/* Shuts the calling thread, and all that it starts from now on, in: before the
 * first of them.  False, and as much as worked is shut, where the kernel or
 * something around us does not let us: the units' and accounts' locks are there
 * still, so that a daemon says so and goes on. */
MUST_CHECK bool sandbox_enter(const struct sandbox *, struct err *);

#endif
