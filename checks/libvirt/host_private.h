/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VIRT_HOST_PRIVATE_H
#define VIRT_HOST_PRIVATE_H

#include "endpoint_private.h"

/* endpoint_host.c and host_*.c: the groups of a host's facts; each fills what
 * it can and says why not of the rest. */
struct host_question {
	enum endpoint_role role;
	struct endpoint *endpoint;
	virConnectPtr connection;
	struct arena *arena;
	const struct domain_facts *domain;
	struct host_facts *host;
};
void host_memory(struct host_question *);
void host_pages(struct host_question *);
void host_online(struct host_question *);
void host_domcaps(struct host_question *);
void host_cpu(struct host_question *);
void host_dry_run(struct host_question *);
void host_networks(struct host_question *);
void host_filters(struct host_question *);
void host_secrets(struct host_question *);
void host_nodedevs(struct host_question *);
void host_storage(struct host_question *);
void host_neighbours(struct host_question *);

/* host_guest.c: what of a domain's XML the dry run is of. */
const char *dry_run_xml(const char *xml, struct arena *);

/* network_xml.c: a network's XML as one line: what a guest on it would notice,
 * and not what libvirt chooses anew on each host.  NULL: no XML of it. */
const char *network_digest(const char *xml, struct arena *);
/* The host's own bridge that it is on; NULL: none. */
const char *network_bridge(const char *xml, struct arena *);

#endif
