/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The networks, filters and secrets that a domain names, on a host. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lookup_private.h"

struct lookup_facts *
lookup_add(struct host_question *h, struct lookup_list *list, const char *name)
{
	if (name == NULL)
		return NULL;
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->at[i].name, name) == 0)
			return NULL;
	if (list->n == LOOKUPS_MAX)
		return NULL; /* the check misses it, and says so */
	if (list->at == NULL)
		list->at = arena_new(h->arena, LOOKUPS_MAX, sizeof(*list->at));
	list->at[list->n].name = arena_text(h->arena, name);
	return &list->at[list->n++];
}

void
lookup_failed(struct host_question *h, struct lookup_facts *l, int none)
{
	if (!libvirt_said(none))
		l->why = endpoint_said(h->endpoint, h->arena);
}

static void
look_network(struct host_question *h, struct lookup_facts *l)
{
	virNetworkPtr network;
	char *xml;

	network =
	    CALL(h->endpoint, virNetworkLookupByName, h->connection, l->name);
	if (network == NULL) {
		lookup_failed(h, l, VIR_ERR_NO_NETWORK);
		return;
	}
	l->found = true;
	l->active = CALL(h->endpoint, virNetworkIsActive, network) == 1;
	xml = CALL(h->endpoint, virNetworkGetXMLDesc, network, 0);
	if (xml != NULL) {
		l->digest = network_digest(xml, h->arena);
		l->bridge = network_bridge(xml, h->arena);
	}
	free(xml);
	virNetworkFree(network);
}

void
host_networks(struct host_question *h)
{
	struct lookup_list list = {0};

	for (size_t i = 0; i < h->domain->n_nics; i++) {
		const struct nic_facts *nic = &h->domain->nics[i];
		struct lookup_facts *l = NULL;

		if (nic->type != NULL && strcmp(nic->type, "network") == 0)
			l = lookup_add(h, &list, nic->source);
		if (l != NULL)
			look_network(h, l);
	}
	h->host->n_networks = list.n;
	h->host->networks = list.at;
}

void
host_filters(struct host_question *h)
{
	struct lookup_list list = {0};

	for (size_t i = 0; i < h->domain->n_nics; i++) {
		struct lookup_facts *l =
		    lookup_add(h, &list, h->domain->nics[i].filter);
		virNWFilterPtr filter;

		if (l == NULL)
			continue;
		filter = CALL(h->endpoint, virNWFilterLookupByName,
		              h->connection, l->name);
		l->found = l->active = filter != NULL;
		if (filter == NULL)
			lookup_failed(h, l, VIR_ERR_NO_NWFILTER);
		else
			virNWFilterFree(filter);
	}
	h->host->n_filters = list.n;
	h->host->filters = list.at;
}

static const struct {
	const char *type;
	int usage;
} usages[] = {
    {"ceph", VIR_SECRET_USAGE_TYPE_CEPH},
    {"iscsi", VIR_SECRET_USAGE_TYPE_ISCSI},
    {"passphrase", VIR_SECRET_USAGE_TYPE_VOLUME}, /* of an encrypted disk */
    {"volume", VIR_SECRET_USAGE_TYPE_VOLUME},
    {"tls", VIR_SECRET_USAGE_TYPE_TLS},
    {"vtpm", VIR_SECRET_USAGE_TYPE_VTPM},
};

static virSecretPtr
secret_by_usage(struct host_question *h, const char *type, const char *usage)
{
	for (size_t i = 0; i < LENGTH_OF(usages); i++)
		if (type != NULL && strcmp(type, usages[i].type) == 0)
			return CALL(h->endpoint, virSecretLookupByUsage,
			            h->connection, usages[i].usage, usage);
	return NULL;
}

/* `usage` is NULL where it is by UUID. */
static void
look_secret(struct host_question *h, struct lookup_facts *l, const char *type,
            const char *usage)
{
	virSecretPtr secret;

	virResetLastError();
	secret = usage != NULL ? secret_by_usage(h, type, usage)
	                       : CALL(h->endpoint, virSecretLookupByUUIDString,
	                              h->connection, l->name);
	l->found = l->active = secret != NULL;
	if (secret != NULL)
		virSecretFree(secret);
	else if (virGetLastError() == NULL)
		l->why = "it is of a type of secret that is not known";
	else
		lookup_failed(h, l, VIR_ERR_NO_SECRET);
}

void
host_secrets(struct host_question *h)
{
	struct lookup_list list = {0};
	struct lookup_facts *l;
	char name[LOOKUP_NAME_SIZE];

	for (size_t i = 0; i < h->domain->n_disks; i++) {
		const struct disk_facts *d = &h->domain->disks[i];
		bool by_uuid = d->secret_uuid != NULL;

		if (!by_uuid && d->secret_usage == NULL)
			continue;
		snprintf(name, sizeof(name), "%s %s",
		         d->secret_type != NULL ? d->secret_type : "?",
		         d->secret_usage != NULL ? d->secret_usage : "?");
		l = lookup_add(h, &list, by_uuid ? d->secret_uuid : name);
		if (l != NULL)
			look_secret(h, l, d->secret_type,
			            by_uuid ? NULL : d->secret_usage);
	}
	l = lookup_add(h, &list, h->domain->tpm_secret_uuid);
	if (l != NULL)
		look_secret(h, l, NULL, NULL);
	h->host->n_secrets = list.n;
	h->host->secrets = list.at;
}
