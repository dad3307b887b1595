/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* domain_capabilities_parse(): what a host can give one kind of domain. */
#include <limits.h>
#include <string.h>

#include "virt/endpoint.h"
#include "xml_private.h"

enum { MODELS_MAX = 2048 };

/* The texts of all <value> of a node; their count. */
static size_t
values_of(struct xml_reading *r, const xmlNode *node, const char ***values)
{
	size_t n = xml_count(r, node, "value", XML_DEVICES_MAX), got = 0;

	*values = arena_new(r->arena, n, sizeof(**values));
	for (const xmlNode *at = xml_first(node, "value");
	     at != NULL && got < n; at = xml_next(at)) {
		const char *value = xml_text(r, at, NULL);

		if (value != NULL)
			(*values)[got++] = value;
	}
	return got;
}

static bool
is_supported(const xmlNode *node)
{
	return xml_is(node, "supported", "yes");
}

static void
read_models(struct xml_reading *r, const xmlNode *custom, struct host_facts *h)
{
	size_t n = xml_count(r, custom, "model", MODELS_MAX);

	h->n_models = 0;
	h->models = arena_new(r->arena, n, sizeof(*h->models));
	for (const xmlNode *at = xml_first(custom, "model");
	     at != NULL && h->n_models < n; at = xml_next(at)) {
		struct model_facts m = {
		    .name = xml_text(r, at, NULL),
		    .usable = xml_is(at, "usable", "yes"),
		};

		m.known = m.usable || xml_is(at, "usable", "no");
		if (m.name != NULL)
			h->models[h->n_models++] = m;
	}
}

/* "on" where it is among what the host offers. */
static void
read_passthrough(struct xml_reading *r, const xmlNode *mode,
                 struct host_facts *h)
{
	const xmlNode *offered =
	    xml_of(mode, "enum", "name", "hostPassthroughMigratable");
	const char **values;
	size_t n = values_of(r, offered, &values);

	h->passthrough_supported = is_supported(mode);
	h->passthrough_migratable = n != 0 ? values[0] : NULL;
	for (size_t i = 0; i < n; i++)
		if (strcmp(values[i], "on") == 0)
			h->passthrough_migratable = values[i];
}

static void
read_os(struct xml_reading *r, const xmlNode *os, struct host_facts *h)
{
	const xmlNode *loader = xml_first(os, "loader");

	h->n_firmwares =
	    values_of(r, xml_of(os, "enum", "name", "firmware"), &h->firmwares);
	h->n_loaders =
	    values_of(r, is_supported(loader) ? loader : NULL, &h->loaders);
}

static void
read_all(struct xml_reading *r, const xmlNode *top, struct host_facts *h)
{
	const xmlNode *cpu = xml_first(top, "cpu");
	const xmlNode *tpm = xml_at(top, "devices/tpm");

	h->domcaps_emulator = xml_text(r, xml_first(top, "path"), NULL);
	h->domcaps_max_vcpus =
	    (unsigned)xml_number(r, xml_first(top, "vcpu"), "max", UINT_MAX);
	read_passthrough(r, xml_of(cpu, "mode", "name", "host-passthrough"), h);
	read_models(r, xml_of(cpu, "mode", "name", "custom"), h);
	read_os(r, xml_first(top, "os"), h);
	h->tpm_supported = is_supported(tpm);
	h->n_tpm_backends = values_of(
	    r, xml_of(tpm, "enum", "name", "backendModel"), &h->tpm_backends);
	h->sev_supported = is_supported(xml_at(top, "features/sev"));
}

bool
domain_capabilities_parse(const char *xml, struct arena *arena,
                          struct host_facts *out, struct err *err)
{
	struct xml_reading r = {
	    .what = "domain capabilities", .arena = arena, .err = err};
	struct host_facts h = *out;
	AUTO(xml_document_done)
	xmlDoc *doc = xml_document(&r, xml, "domainCapabilities");

	if (doc == NULL)
		return false;
	read_all(&r, xmlDocGetRootElement(doc), &h);
	if (r.bad)
		return false;
	*out = h;
	return true;
}
