/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A libvirt at the end of a URI, asked from a thread of its own, so that one
 * that hangs holds nobody: each question has a deadline, and an endpoint that
 * let one pass is given up with its thread. */
#ifndef VIRT_ENDPOINT_H
#define VIRT_ENDPOINT_H

#include "base/arena.h"
#include "checks/facts.h"

enum {
	ENDPOINT_CONNECT_MS = 15000,
	ENDPOINT_ASK_MS = 20000,
	ENDPOINT_DOMAINS_MAX = 4096,
	ENDPOINT_PASS_MAX = 2048, /* characters */
};

struct endpoint;

/* Connects; `uri` NULL is libvirt's default.  NULL with a sentence that has
 * libvirt's own (ERR_UNAVAILABLE) or the deadline's (ERR_TIMEOUT).  Aliases of
 * libvirt.conf are not resolved here (cli/uri.c does).  Errors of libvirt are
 * never printed by it. */
struct endpoint *endpoint_open(const char *uri, struct err *);
/* NULL is none.  Never waits for a call that hangs. */
void endpoint_free(struct endpoint *);

/* As virConnectGetURI() says; borrowed. */
const char *endpoint_uri(const struct endpoint *);

struct endpoint_domains {
	size_t n;
	const char **names; /* sorted */
};
/* The names of its domains; `running`: only of those. */
MUST_CHECK bool endpoint_domains(struct endpoint *, bool running,
                                 struct arena *, struct endpoint_domains *,
                                 struct err *);

/* All about the domain of that name or UUID; ERR_NOT_FOUND when there is
 * none.  `out` is written when true only. */
MUST_CHECK bool endpoint_domain(struct endpoint *, const char *domain,
                                struct arena *, struct domain_facts *out,
                                struct err *);

/* Where a domain comes from runs it: nobody asks whether it could. */
enum endpoint_role {
	ENDPOINT_SOURCE,
	ENDPOINT_DESTINATION,
	ENDPOINT_GLANCE, /* its hostname and the domain's networks there alone:
	                  * by these the hosts themselves are asked */
};

/* All about the host, as far as this domain matters to it; the domain is known
 * by its `xml`.  What single calls could not tell is missing in `out` with its
 * reason; without its capabilities the whole host is.
 *  - volumes: layers below, too; a disk of a pool's volume, whose path
 *    endpoint_domain() asks the pool for, also under "POOL/VOLUME"
 *  - pools: for a disk of a path under that path's folder
 *  - nodedevs: the device of a NIC of type hostdev under nic_facts.source
 *  - neighbours: the domain itself too, if it is there
 *  - dry run, and the CPU compared: of the destination only; the dry run is
 *    without NICs and host devices, which other checks look for */
MUST_CHECK bool endpoint_host(struct endpoint *, enum endpoint_role,
                              const struct domain_facts *, struct arena *,
                              struct host_facts *out, struct err *);

/* Puts the pass of a migration (a JWT) into the metadata of the domain of that
 * UUID, in the place of an earlier one, or (NULL) takes it away: of the guest
 * that runs, and of its configuration where it has one.  No such domain has
 * none to be taken away. */
MUST_CHECK bool endpoint_set_pass(struct endpoint *, const char *uuid,
                                  const char *pass, struct err *);

/* --- without a connection: XML as libvirt writes it, by libxml2 (no network,
 * no entities, limits of facts above; ERR_MALFORMED, ERR_LIMIT) --- */

/* A domain's XML; `from_file` is set. */
MUST_CHECK bool domain_facts_parse(const char *xml, struct arena *,
                                   struct domain_facts *, struct err *);
/* A host's capabilities and domain capabilities, into what they tell of. */
MUST_CHECK bool capabilities_parse(const char *xml, const char *arch,
                                   struct arena *, struct host_facts *,
                                   struct err *);
MUST_CHECK bool domain_capabilities_parse(const char *xml, struct arena *,
                                          struct host_facts *, struct err *);
/* The domain's XML with that pass in its metadata, `arena`'s. */
MUST_CHECK bool domain_xml_with_pass(const char *xml, const char *pass,
                                     struct arena *, const char **out,
                                     struct err *);

#endif
