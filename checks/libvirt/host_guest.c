/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a host says of this domain: what it could give it, whether its CPU is
 * one of its own, and whether QEMU's driver would take its XML. */
#include <stdlib.h>
#include <string.h>

#include "host_private.h"
#include "xml_private.h"

/* The emulator's path is one of the source; the host's default may do as well
 * where there is none of that path. */
void
host_domcaps(struct host_question *h)
{
	const struct domain_facts *d = h->domain;
	struct err err = {0};
	char *xml;

	xml = CALL(h->endpoint, virConnectGetDomainCapabilities, h->connection,
	           d->emulator, d->arch, d->machine, d->virt_type, 0);
	if (xml == NULL && d->emulator != NULL)
		xml = CALL(h->endpoint, virConnectGetDomainCapabilities,
		           h->connection, NULL, d->arch, d->machine,
		           d->virt_type, 0);
	if (xml == NULL)
		h->host->domcaps_why = endpoint_said(h->endpoint, h->arena);
	else if (!domain_capabilities_parse(xml, h->arena, h->host, &err))
		h->host->domcaps_why = arena_text(h->arena, err.text);
	free(xml);
}

void
host_cpu(struct host_question *h)
{
	const struct domain_facts *d = h->domain;
	struct host_facts *host = h->host;
	char words[LIBVIRT_WORDS_MAX];
	int match;

	/* libvirt would call it incompatible for having nothing to compare. */
	if (d->cpu.model == NULL) {
		host->cpu_why = "the domain's CPU names no model that libvirt "
				"could compare";
		return;
	}
	match = CALL(h->endpoint, virConnectCompareHypervisorCPU, h->connection,
	             host->domcaps_emulator, d->arch, d->machine, d->virt_type,
	             d->cpu.xml, VIR_CONNECT_COMPARE_CPU_FAIL_INCOMPATIBLE);
	if (match == VIR_CPU_COMPARE_IDENTICAL) {
		host->cpu_match = CPU_IDENTICAL;
	} else if (match == VIR_CPU_COMPARE_SUPERSET) {
		host->cpu_match = CPU_SUPERSET;
	} else if (match == VIR_CPU_COMPARE_INCOMPATIBLE) {
		host->cpu_match = CPU_INCOMPATIBLE;
	} else if (libvirt_said(VIR_ERR_CPU_INCOMPATIBLE)) {
		host->cpu_match = CPU_INCOMPATIBLE;
		host->cpu_told = arena_text(h->arena, libvirt_words(words));
	} else {
		host->cpu_why = endpoint_said(h->endpoint, h->arena);
	}
}

/* Whether the driver judged the XML at all. */
static bool
is_judgement(void)
{
	static const int others[] = {
	    VIR_ERR_NO_SUPPORT,     VIR_ERR_OPERATION_DENIED,
	    VIR_ERR_ACCESS_DENIED,  VIR_ERR_AUTH_UNAVAILABLE,
	    VIR_ERR_AUTH_CANCELLED, VIR_ERR_NO_MEMORY,
	};
	const int from = virGetLastErrorDomain();

	if (from == VIR_FROM_RPC || from == VIR_FROM_REMOTE)
		return false;
	for (size_t i = 0; i < LENGTH_OF(others); i++)
		if (libvirt_said(others[i]))
			return false;
	return true;
}

/* Host devices and NICs are for other checks: the driver would make a tap
 * device for each NIC, which a session's libvirtd may not, and look for a host
 * device in its own ways. */
const char *
dry_run_xml(const char *xml, struct arena *arena)
{
	static const char *const without[] = {"interface", "hostdev"};
	struct xml_reading r = {.what = "domain XML", .arena = arena};
	AUTO(xml_document_done)
	xmlDoc *doc = xml_document(&r, xml, "domain");
	const xmlNode *devices;

	if (doc == NULL)
		return xml;
	devices = xml_first(xmlDocGetRootElement(doc), "devices");
	for (size_t i = 0; i < LENGTH_OF(without); i++) {
		xmlNode *at;

		while ((at = xml_first(devices, without[i])) != NULL) {
			xmlUnlinkNode(at);
			xmlFreeNode(at);
		}
	}
	return xml_written(&r, xmlDocGetRootElement(doc));
}

void
host_dry_run(struct host_question *h)
{
	struct host_facts *host = h->host;
	char words[LIBVIRT_WORDS_MAX];
	char *argv;

	if (host->type == NULL || strcmp(host->type, "QEMU") != 0) {
		host->dry_run_why = "only QEMU's driver can be asked";
		return;
	}
	argv = CALL(h->endpoint, virConnectDomainXMLToNative, h->connection,
	            "qemu-argv", dry_run_xml(h->domain->xml, h->arena), 0);
	host->dry_run_ok = argv != NULL;
	free(argv);
	if (host->dry_run_ok)
		return;
	if (is_judgement())
		host->dry_run_told = arena_text(h->arena, libvirt_words(words));
	else
		host->dry_run_why = endpoint_said(h->endpoint, h->arena);
}
