/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The other domains of a host: their names, their MACs, and how many of them
 * are on their way. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "host_private.h"
#include "xml_private.h"

enum { NEIGHBOURS_MAX = 512 };

static void
read_macs(struct host_question *h, const char *xml, struct neighbour_facts *n)
{
	struct xml_reading r = {.what = "domain XML", .arena = h->arena};
	AUTO(xml_document_done)
	xmlDoc *doc = xml_document(&r, xml, "domain");
	const xmlNode *devices;
	size_t max;

	if (doc == NULL)
		return;
	devices = xml_first(xmlDocGetRootElement(doc), "devices");
	max = xml_count(&r, devices, "interface", NICS_MAX);
	n->macs = arena_new(h->arena, max, sizeof(*n->macs));
	for (const xmlNode *at = xml_first(devices, "interface");
	     at != NULL && n->n_macs < max; at = xml_next(at)) {
		const char *mac = xml_text(&r, xml_first(at, "mac"), "address");

		if (mac != NULL)
			n->macs[n->n_macs++] = mac;
	}
}

/* What one domain does not tell, the sum cannot. */
static void
count_job(struct host_question *h, virDomainPtr domain)
{
	const char *job;

	if (h->host->jobs == UINT_MAX)
		return;
	if (!domain_job(h->endpoint, domain, &job)) {
		if (!libvirt_said(VIR_ERR_NO_DOMAIN))
			h->host->jobs = UINT_MAX;
	} else if (job != NULL && strstr(job, "migration") != NULL)
		h->host->jobs++;
}

/* One that is gone in the meantime is no neighbour. */
static void
add_neighbour(struct host_question *h, virDomainPtr domain)
{
	struct host_facts *host = h->host;
	struct neighbour_facts *n = &host->neighbours[host->n_neighbours];
	char uuid[VIR_UUID_STRING_BUFLEN] = "";
	char *xml;

	xml = CALL(h->endpoint, virDomainGetXMLDesc, domain, 0);
	if (xml == NULL) {
		if (!libvirt_said(VIR_ERR_NO_DOMAIN))
			host->neighbours_why =
			    endpoint_said(h->endpoint, h->arena);
		return;
	}
	(void)virDomainGetUUIDString(domain, uuid);
	n->name = arena_text(h->arena, virDomainGetName(domain));
	n->uuid = arena_text(h->arena, uuid);
	n->active = CALL(h->endpoint, virDomainIsActive, domain) == 1;
	read_macs(h, xml, n);
	free(xml);
	if (n->active)
		count_job(h, domain);
	host->n_neighbours++;
}

void
host_neighbours(struct host_question *h)
{
	struct host_facts *host = h->host;
	virDomainPtr *domains = NULL;
	int n = CALL(h->endpoint, virConnectListAllDomains, h->connection,
	             &domains, 0);

	if (n < 0) {
		host->neighbours_why = endpoint_said(h->endpoint, h->arena);
		return;
	}
	if (n > NEIGHBOURS_MAX)
		host->neighbours_why = "it has too many domains to look at "
				       "each";
	else
		host->jobs = 0;
	host->neighbours =
	    arena_new(h->arena, (size_t)n, sizeof(*host->neighbours));
	for (int i = 0; i < n; i++) {
		if (host->neighbours_why == NULL &&
		    !endpoint_is_given_up(h->endpoint))
			add_neighbour(h, domains[i]);
		virDomainFree(domains[i]);
	}
	free(domains);
	if (host->neighbours_why != NULL)
		host->jobs = UINT_MAX;
}
