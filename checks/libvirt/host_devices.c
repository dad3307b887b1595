/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host devices that a domain holds, looked for on a host. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lookup_private.h"
#include "xml_private.h"

enum { NODEDEVS_MAX = 4096 }; /* of a kind, looked through */

void
nodedev_name(const char *prefix, const char *address, char *out, size_t size)
{
	snprintf(out, size, "%s%s", prefix, address);
	for (char *at = out; *at != '\0'; at++)
		if (*at == ':' || *at == '.' || *at == '-')
			*at = '_';
}

static void
look_name(struct host_question *h, struct lookup_facts *l, const char *name)
{
	virNodeDevicePtr device =
	    CALL(h->endpoint, virNodeDeviceLookupByName, h->connection, name);

	l->found = l->active = device != NULL;
	if (device == NULL)
		lookup_failed(h, l, VIR_ERR_NO_NODE_DEVICE);
	else
		virNodeDeviceFree(device);
}

bool
nodedev_is_usb(const char *xml, const char *id)
{
	AUTO(arena_done) struct arena arena = {0};
	struct xml_reading r = {.what = "node device", .arena = &arena};
	AUTO(xml_document_done)
	xmlDoc *doc = xml_document(&r, xml, "device");
	const xmlNode *cap = doc != NULL
	                         ? xml_of(xmlDocGetRootElement(doc),
	                                  "capability", "type", "usb_device")
	                         : NULL;
	char said[32];

	snprintf(
	    said, sizeof(said), "%04x:%04x",
	    (unsigned)xml_number(&r, xml_first(cap, "vendor"), "id", 0xffff),
	    (unsigned)xml_number(&r, xml_first(cap, "product"), "id", 0xffff));
	return cap != NULL && strcmp(said, id) == 0;
}

static bool
is_sought_usb(struct host_question *h, virNodeDevicePtr device,
              const char *address)
{
	char *xml = CALL(h->endpoint, virNodeDeviceGetXMLDesc, device, 0);
	bool is = xml != NULL && nodedev_is_usb(xml, address);

	free(xml);
	return is;
}

/* Newer names of a mediated device go on with its parent. */
static bool
is_sought_mdev(struct host_question *h, virNodeDevicePtr device,
               const char *address)
{
	char name[NODEDEV_NAME_MAX];
	const char *its = virNodeDeviceGetName(device);

	(void)h;
	nodedev_name("mdev_", address, name, sizeof(name));
	return its != NULL && strncmp(its, name, strlen(name)) == 0;
}

/* One of that kind that is it. */
static void
look_through(struct host_question *h, struct lookup_facts *l, unsigned kind,
             bool (*is_sought)(struct host_question *, virNodeDevicePtr,
                               const char *))
{
	virNodeDevicePtr *devices = NULL;
	int n = CALL(h->endpoint, virConnectListAllNodeDevices, h->connection,
	             &devices, kind);

	if (n < 0) {
		l->why = endpoint_said(h->endpoint, h->arena);
		return;
	}
	for (int i = 0; i < n; i++) {
		if (!l->found && i < NODEDEVS_MAX &&
		    !endpoint_is_given_up(h->endpoint))
			l->found = l->active =
			    is_sought(h, devices[i], l->name);
		virNodeDeviceFree(devices[i]);
	}
	free(devices);
	if (!l->found && n > NODEDEVS_MAX)
		l->why = "the host has too many devices to look through";
}

static void
look_device(struct host_question *h, struct lookup_facts *l, const char *type)
{
	char name[NODEDEV_NAME_MAX];

	if (strcmp(type, "pci") == 0) {
		nodedev_name("pci_", l->name, name, sizeof(name));
		look_name(h, l, name);
	} else if (strcmp(type, "mdev") == 0) {
		look_through(h, l, VIR_CONNECT_LIST_NODE_DEVICES_CAP_MDEV,
		             is_sought_mdev);
	} else if (strcmp(type, "usb") == 0 && strlen(l->name) == 9 &&
	           l->name[4] == ':') {
		look_through(h, l, VIR_CONNECT_LIST_NODE_DEVICES_CAP_USB_DEV,
		             is_sought_usb);
	} else if (strcmp(type, "scsi") == 0 &&
	           strncmp(l->name, "scsi_host", 9) == 0) {
		look_name(h, l, l->name);
	} else {
		l->why = "libvirt cannot look for such a device";
	}
}

void
host_nodedevs(struct host_question *h)
{
	const struct domain_facts *d = h->domain;
	struct lookup_list list = {0};

	for (size_t i = 0; i < d->n_hostdevs; i++) {
		struct lookup_facts *l =
		    lookup_add(h, &list, d->hostdevs[i].address);

		if (l != NULL && d->hostdevs[i].type != NULL)
			look_device(h, l, d->hostdevs[i].type);
	}
	for (size_t i = 0; i < d->n_nics; i++) {
		struct lookup_facts *l = NULL;

		if (d->nics[i].type != NULL &&
		    strcmp(d->nics[i].type, "hostdev") == 0)
			l = lookup_add(h, &list, d->nics[i].source);
		if (l != NULL)
			look_device(h, l, "pci");
	}
	h->host->n_nodedevs = list.n;
	h->host->nodedevs = list.at;
}
