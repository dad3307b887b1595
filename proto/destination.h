/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a migration goes: the host that a destination URI leads to, and the
 * key that will be met there. */
#ifndef PROTO_DESTINATION_H
#define PROTO_DESTINATION_H

#include "evidence/attester.h"

enum { DESTINATION_MAX = 1024 };

/* Where libvirt and, for a migration's memory, QEMU listen when nobody says
 * otherwise (qemu.conf, migration_port_min and _max). */
enum {
	LIBVIRT_TLS_PORT = 16514,
	MIGRATION_PORT_MIN = 49152,
	MIGRATION_PORT_MAX = 49215,
};

struct destination {
	char host[HOST_NAME_MAX_SIZE]; /* without brackets */
	bool tls;      /* a libvirt TLS endpoint is met there ... */
	uint16_t port; /* ... on this port */
};

/* A host name or address, "qemu+tls://HOST[:PORT]/system" ("qemu://" is the
 * same), "qemu+ssh://[USER@]HOST[:PORT]/system", or a data URI
 * ("tcp:HOST:PORT", "tcp://HOST:PORT").  IPv6 literals stand in brackets in a
 * URI.  Everything else is refused by name: transports that no key protects,
 * no_verify, pkipath, socket, command and other parameters that lead elsewhere.
 */
MUST_CHECK bool destination_parse(const char *text, struct destination *,
                                  struct err *);

#endif
