/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A domain's network interfaces and the devices that are its host's. */
#include <stdio.h>
#include <string.h>

#include "domain_private.h"

enum { VLAN_TEXT_MAX = 256, VLAN_ID_MAX = 4095 };

/* Where a <source> of that type of interface keeps its name. */
static const struct {
	const char *type, *attribute;
} nic_sources[] = {
    {"network", "network"}, {"bridge", "bridge"}, {"direct", "dev"},
    {"vhostuser", "path"},  {"vdpa", "dev"},      {"internal", "name"},
    {"user", "dev"}, /* passt's */
};

/* "0000:3b:00.1" */
static const char *
pci_address(struct xml_reading *r, const xmlNode *address)
{
	if (address == NULL)
		return NULL;
	return xml_words(r, "%04x:%02x:%02x.%x",
	                 (unsigned)xml_number(r, address, "domain", 0xffffffff),
	                 (unsigned)xml_number(r, address, "bus", 0xff),
	                 (unsigned)xml_number(r, address, "slot", 0x1f),
	                 (unsigned)xml_number(r, address, "function", 7));
}

static const char *
nic_source(struct xml_reading *r, const xmlNode *nic, const char *type)
{
	const xmlNode *source = xml_first(nic, "source");

	if (type != NULL && strcmp(type, "hostdev") == 0)
		return pci_address(r, xml_first(source, "address"));
	if (type != NULL && strcmp(type, "ethernet") == 0)
		return xml_is(xml_first(nic, "target"), "managed", "no")
		           ? xml_text(r, xml_first(nic, "target"), "dev")
		           : NULL;
	for (size_t i = 0; type != NULL && i < LENGTH_OF(nic_sources); i++)
		if (strcmp(type, nic_sources[i].type) == 0)
			return xml_text(r, source, nic_sources[i].attribute);
	return NULL;
}

/* "10,20"; what is too long is refused: half a list is another network. */
static const char *
vlan_tags(struct xml_reading *r, const xmlNode *nic)
{
	char text[VLAN_TEXT_MAX] = "";
	size_t len = 0;

	for (const xmlNode *at = xml_first(xml_first(nic, "vlan"), "tag");
	     at != NULL; at = xml_next(at)) {
		unsigned id = (unsigned)xml_number(r, at, "id", VLAN_ID_MAX);

		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%u",
		                        len != 0 ? "," : "", id);
		if (len >= sizeof(text)) {
			(void)xml_bad(r, ERR_LIMIT, "VLAN tags over %d bytes",
			              VLAN_TEXT_MAX);
			return NULL;
		}
	}
	return len != 0 ? xml_words(r, "%s", text) : NULL;
}

static void
read_nic(struct xml_reading *r, const xmlNode *nic, struct nic_facts *n)
{
	n->type = xml_text(r, nic, "type");
	n->source = nic_source(r, nic, n->type);
	n->portgroup = xml_text(r, xml_first(nic, "source"), "portgroup");
	n->mac = xml_text(r, xml_first(nic, "mac"), "address");
	n->model = xml_text(r, xml_first(nic, "model"), "type");
	n->filter = xml_text(r, xml_first(nic, "filterref"), "filter");
	n->virtualport = xml_text(r, xml_first(nic, "virtualport"), "type");
	n->backend = xml_text(r, xml_first(nic, "backend"), "type");
	n->vlan = vlan_tags(r, nic);
	n->mtu = xml_number(r, xml_first(nic, "mtu"), "size", UINT32_MAX);
	n->teaming_transient =
	    xml_is(xml_first(nic, "teaming"), "type", "transient");
}

void
domain_nics(struct xml_reading *r, const xmlNode *devices,
            struct domain_facts *d)
{
	size_t n = xml_count(r, devices, "interface", NICS_MAX), i = 0;

	d->n_nics = n;
	d->nics = arena_new(r->arena, n, sizeof(*d->nics));
	for (const xmlNode *at = xml_first(devices, "interface");
	     at != NULL && i < n; at = xml_next(at))
		read_nic(r, at, &d->nics[i++]);
}

/* By maker and product where both are told: bus and device are of one host. */
static const char *
usb_address(struct xml_reading *r, const xmlNode *source)
{
	const xmlNode *vendor = xml_first(source, "vendor");
	const xmlNode *product = xml_first(source, "product");
	const xmlNode *address = xml_first(source, "address");

	if (vendor != NULL && product != NULL)
		return xml_words(
		    r, "%04x:%04x",
		    (unsigned)xml_number(r, vendor, "id", 0xffff),
		    (unsigned)xml_number(r, product, "id", 0xffff));
	if (address == NULL)
		return NULL;
	return xml_words(r, "%u:%u",
	                 (unsigned)xml_number(r, address, "bus", 0xffff),
	                 (unsigned)xml_number(r, address, "device", 0xffff));
}

static const char *
hostdev_address(struct xml_reading *r, const xmlNode *source, const char *type)
{
	const char *name;

	if (type == NULL)
		return NULL;
	if (strcmp(type, "pci") == 0)
		return pci_address(r, xml_first(source, "address"));
	if (strcmp(type, "usb") == 0)
		return usb_address(r, source);
	if (strcmp(type, "mdev") == 0)
		return xml_text(r, xml_first(source, "address"), "uuid");
	if (strcmp(type, "scsi_host") == 0)
		return xml_text(r, source, "wwpn");
	name = xml_text(r, xml_first(source, "adapter"), "name");
	/* SCSI by iSCSI has a target in place of an adapter. */
	return name != NULL ? name : xml_text(r, source, "name");
}

void
domain_hostdevs(struct xml_reading *r, const xmlNode *devices,
                struct domain_facts *d)
{
	size_t n = xml_count(r, devices, "hostdev", HOSTDEVS_MAX), i = 0;

	d->n_hostdevs = n;
	d->hostdevs = arena_new(r->arena, n, sizeof(*d->hostdevs));
	for (const xmlNode *at = xml_first(devices, "hostdev");
	     at != NULL && i < n; at = xml_next(at)) {
		struct hostdev_facts *h = &d->hostdevs[i++];

		h->type = xml_text(r, at, "type");
		h->address =
		    hostdev_address(r, xml_first(at, "source"), h->type);
		h->model = xml_text(r, at, "model");
		h->teaming_transient =
		    xml_is(xml_first(at, "teaming"), "type", "transient");
	}
}
