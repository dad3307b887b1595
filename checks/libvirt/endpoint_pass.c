/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pass of a migration, in the metadata of its domain: libvirt takes it to
 * the destination with the domain's XML. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "endpoint_private.h"
#include "xml_private.h"

#define PASS_KEY "virt-attest"
/* PASS_NAMESPACE of proto/pass.h, on which this floor does not stand. */
#define PASS_URI "urn:virt-attest:pass:1"

/* A JWT's, so that it is the same in XML. */
static bool
is_pass(const char *pass, struct err *err)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789-_.";
	size_t len = strnlen(pass, ENDPOINT_PASS_MAX + 1);

	return (len > 0 && len <= ENDPOINT_PASS_MAX &&
	        strspn(pass, letters) == len) ||
	       err_set(err, ERR_MALFORMED, "a pass is a JWT");
}

/* --- in the endpoint's thread --- */

static bool
set(struct endpoint *e, virDomainPtr domain, const struct question *q)
{
	unsigned flags = 0;

	if (CALL(e, virDomainIsActive, domain) == 1)
		flags |= VIR_DOMAIN_AFFECT_LIVE;
	if (CALL(e, virDomainIsPersistent, domain) == 1)
		flags |= VIR_DOMAIN_AFFECT_CONFIG;
	return CALL(e, virDomainSetMetadata, domain,
	            VIR_DOMAIN_METADATA_ELEMENT, q->pass, PASS_KEY, PASS_URI,
	            flags) == 0;
}

static bool
ask_to_set(struct endpoint *e, struct question *q)
{
	virDomainPtr domain =
	    CALL(e, virDomainLookupByUUIDString, e->connection, q->text);
	const char *said;
	bool ok;

	/* What has gone has taken it along. */
	if (domain == NULL && q->pass == NULL &&
	    libvirt_said(VIR_ERR_NO_DOMAIN))
		return true;
	ok = domain != NULL && set(e, domain, q);
	said = ok ? NULL : endpoint_said(e, &q->arena);
	if (domain != NULL)
		virDomainFree(domain);
	return ok ||
	       (endpoint_is_there(e, &q->err) &&
	        err_set(&q->err, ERR_UNAVAILABLE,
	                "libvirt at %s does not take the metadata of %s: %s",
	                e->label, q->text, said));
}

/* --- who asks --- */

bool
endpoint_set_pass(struct endpoint *e, const char *uuid, const char *pass,
                  struct err *err)
{
	AUTO(arena_done) struct arena none = {0};
	struct question *q;
	char element[ENDPOINT_PASS_MAX + 16];

	if (pass != NULL && !is_pass(pass, err))
		return false;
	q = question_new(ask_to_set);
	q->text = arena_text(&q->arena, uuid);
	if (pass != NULL) {
		snprintf(element, sizeof(element), "<pass>%s</pass>", pass);
		q->pass = arena_text(&q->arena, element);
	}
	return endpoint_ask(e, q, &none, NULL, 0, err);
}

/* --- an operator's XML --- */

/* What an earlier one left: of one namespace libvirt keeps one element. */
static void
drop_old(xmlNode *metadata)
{
	xmlNode *node = metadata->children, *next;

	for (; node != NULL; node = next) {
		next = node->next;
		if (node->type != XML_ELEMENT_NODE || node->ns == NULL ||
		    strcmp((const char *)node->ns->href, PASS_URI) != 0)
			continue;
		xmlUnlinkNode(node);
		xmlFreeNode(node);
	}
}

bool
domain_xml_with_pass(const char *xml, const char *pass, struct arena *arena,
                     const char **out, struct err *err)
{
	struct xml_reading r = {
	    .what = "destination XML", .arena = arena, .err = err};
	AUTO(xml_document_done) xmlDoc *doc = NULL;
	xmlNode *top, *metadata, *element;
	xmlNs *ns;

	if (!is_pass(pass, err))
		return false;
	doc = xml_document(&r, xml, "domain");
	if (doc == NULL)
		return false;
	top = xmlDocGetRootElement(doc);
	metadata = xml_first(top, "metadata");
	if (metadata == NULL)
		metadata = xmlNewChild(top, NULL, BAD_CAST "metadata", NULL);
	if (metadata == NULL)
		abort(); /* memory is out (base/mem.h) */
	drop_old(metadata);
	element =
	    xmlNewTextChild(metadata, NULL, BAD_CAST "pass", BAD_CAST pass);
	ns = element == NULL
	         ? NULL
	         : xmlNewNs(element, BAD_CAST PASS_URI, BAD_CAST PASS_KEY);
	if (ns == NULL)
		abort();
	xmlSetNs(element, ns);
	*out = xml_written(&r, top);
	return true;
}
