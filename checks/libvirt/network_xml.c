/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* network_digest(): two hosts' networks of one name, told apart in a line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "host_private.h"
#include "xml_private.h"

enum {
	PORTGROUPS_MAX = 64,
	DIGEST_TEXT_MAX = 512,
};

static void
add(struct buf *out, const char *key, const char *value)
{
	if (value == NULL)
		return;
	if (out->len != 0)
		buf_text(out, " ");
	buf_text(out, key);
	buf_text(out, "=");
	buf_text(out, value);
}

/* "10,20" */
static const char *
vlan_of(struct xml_reading *r, const xmlNode *of)
{
	char text[DIGEST_TEXT_MAX] = "";
	size_t len = 0;

	for (const xmlNode *at = xml_first(xml_first(of, "vlan"), "tag");
	     at != NULL && len < sizeof(text); at = xml_next(at))
		len += (size_t)snprintf(
		    text + len, sizeof(text) - len, "%s%llu",
		    len != 0 ? "," : "",
		    (unsigned long long)xml_number(r, at, "id", UINT32_MAX));
	return len != 0 ? arena_text(r->arena, text) : NULL;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, so that their order in the XML makes no difference. */
static void
add_portgroups(struct xml_reading *r, const xmlNode *network, struct buf *out)
{
	size_t max = xml_count(r, network, "portgroup", PORTGROUPS_MAX), n = 0;
	const char **names = arena_new(r->arena, max, sizeof(*names));

	for (const xmlNode *at = xml_first(network, "portgroup");
	     at != NULL && n < max; at = xml_next(at)) {
		const char *name = xml_text(r, at, "name");
		const char *vlan = vlan_of(r, at);

		names[n++] =
		    xml_words(r, vlan != NULL ? "%.256s(vlan %s)" : "%.256s",
		              name != NULL ? name : "-", vlan);
	}
	qsort(names, n, sizeof(*names), by_text);
	for (size_t i = 0; i < n; i++)
		add(out, "portgroup", names[i]);
}

/* <forward/> alone is NAT, none at all is isolated. */
static const char *
mode_of(struct xml_reading *r, const xmlNode *network)
{
	const xmlNode *forward = xml_first(network, "forward");
	const char *mode = xml_text(r, forward, "mode");

	if (mode != NULL)
		return mode;
	return forward != NULL ? "nat" : "isolated";
}

/* Of the other modes libvirt made the bridge, and its name is the host's own
 * affair. */
static const char *
bridge_of(struct xml_reading *r, const xmlNode *network)
{
	return strcmp(mode_of(r, network), "bridge") == 0
	           ? xml_text(r, xml_first(network, "bridge"), "name")
	           : NULL;
}

const char *
network_digest(const char *xml, struct arena *arena)
{
	struct xml_reading r = {.what = "network XML", .arena = arena};
	AUTO(xml_document_done)
	xmlDoc *doc = xml_document(&r, xml, "network");
	AUTO(buf_done) struct buf out = {0};
	const xmlNode *network;

	if (doc == NULL)
		return NULL;
	network = xmlDocGetRootElement(doc);
	add(&out, "forward", mode_of(&r, network));
	add(&out, "bridge", bridge_of(&r, network));
	add(&out, "virtualport",
	    xml_text(&r, xml_first(network, "virtualport"), "type"));
	add(&out, "vlan", vlan_of(&r, network));
	add(&out, "mtu", xml_text(&r, xml_first(network, "mtu"), "size"));
	add_portgroups(&r, network, &out);
	buf_u8(&out, 0);
	return r.bad ? NULL : arena_text(arena, (const char *)out.at);
}

const char *
network_bridge(const char *xml, struct arena *arena)
{
	struct xml_reading r = {.what = "network XML", .arena = arena};
	AUTO(xml_document_done)
	xmlDoc *doc = xml_document(&r, xml, "network");

	return doc != NULL ? bridge_of(&r, xmlDocGetRootElement(doc)) : NULL;
}
