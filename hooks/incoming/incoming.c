/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "incoming/incoming.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

static bool
refuse(struct err *err, const char *why)
{
	return err_set(err, ERR_MALFORMED, "the domain's XML %s", why);
}

/* A document type could declare entities: the text ends with it. */
static void
on_document_type(void *user, const xmlChar *name, const xmlChar *external,
                 const xmlChar *system)
{
	xmlParserCtxt *parser = user;

	(void)name;
	(void)external;
	(void)system;
	*(bool *)parser->_private = true;
	xmlStopParser(parser);
}

/* No network, no document type, and so no entities of its own. */
static xmlDoc *
parse(struct span xml, struct err *err)
{
	const int options = XML_PARSE_NONET | XML_PARSE_NOERROR |
	                    XML_PARSE_NOWARNING | XML_PARSE_NOCDATA;
	xmlParserCtxt *parser = xmlNewParserCtxt();
	bool document_type = false;
	xmlDoc *doc;

	if (parser == NULL || parser->sax == NULL)
		abort(); /* memory is out (base/mem.h) */
	parser->_private = &document_type;
	parser->sax->internalSubset = on_document_type;
	doc = xmlCtxtReadMemory(parser, (const char *)xml.at, (int)xml.len,
	                        NULL, "UTF-8", options);
	xmlFreeParserCtxt(parser);
	if (doc != NULL && !document_type)
		return doc;
	xmlFreeDoc(doc);
	(void)refuse(err,
	             document_type
	                 ? "has a document type, which libvirt writes never"
	                 : "is none");
	return NULL;
}

/* An element of this name in this namespace; NULL: in none. */
static bool
is_named(const xmlNode *at, const char *namespace, const char *name)
{
	if (at->type != XML_ELEMENT_NODE ||
	    strcmp((const char *)at->name, name) != 0)
		return false;
	if (namespace == NULL || at->ns == NULL)
		return namespace == NULL && at->ns == NULL;
	return strcmp((const char *)at->ns->href, namespace) == 0;
}

/* `*found` is the one child of this name; it stays NULL when there is none.
 * False: there are several. */
static bool
only_child(const xmlNode *of, const char *namespace, const char *name,
           xmlNode **found)
{
	*found = NULL;
	for (xmlNode *at = of->children; at != NULL; at = at->next) {
		if (!is_named(at, namespace, name))
			continue;
		if (*found != NULL)
			return false;
		*found = at;
	}
	return true;
}

/* Its text without the blanks around it, if it fits and is nothing else. */
static bool
take_text(const xmlNode *node, char *out, size_t size)
{
	static const char blank[] = " \t\r\n";
	xmlChar *all = xmlNodeGetContent(node);
	const char *text = (const char *)all;
	size_t len;
	bool ok;

	if (text == NULL)
		abort(); /* memory is out (base/mem.h) */
	text += strspn(text, blank);
	len = strlen(text);
	while (len > 0 && strchr(blank, text[len - 1]) != NULL)
		len--;
	ok = len < size;
	if (ok) {
		memcpy(out, text, len);
		out[len] = '\0';
	}
	xmlFree(all);
	return ok;
}

static bool
take_pass(const xmlNode *domain, struct incoming *in, struct err *err)
{
	xmlNode *metadata, *pass = NULL;

	if (!only_child(domain, NULL, "metadata", &metadata) ||
	    (metadata != NULL &&
	     !only_child(metadata, PASS_NAMESPACE, "pass", &pass)))
		return refuse(err, "has two passes, or two <metadata>");
	return pass == NULL || take_text(pass, in->pass, sizeof(in->pass)) ||
	       err_set(err, ERR_LIMIT,
	               "the domain's pass has more than %d characters",
	               PASS_MAX);
}

static bool
take(const xmlNode *domain, struct incoming *in, struct err *err)
{
	xmlNode *uuid;

	if (domain == NULL || domain->ns != NULL ||
	    strcmp((const char *)domain->name, "domain") != 0)
		return refuse(err, "is not a <domain>");
	if (!only_child(domain, NULL, "uuid", &uuid) || uuid == NULL ||
	    !take_text(uuid, in->uuid, sizeof(in->uuid)) ||
	    !uuid_is_lower(in->uuid))
		return refuse(err, "does not have one UUID");
	return take_pass(domain, in, err);
}

bool
incoming_read(struct span xml, struct incoming *in, struct err *err)
{
	xmlDoc *doc;
	bool ok;

	*in = (struct incoming){.uuid = ""};
	if (xml.len > INCOMING_XML_MAX)
		return err_set(err, ERR_LIMIT,
		               "the domain's XML has more than %d bytes",
		               INCOMING_XML_MAX);
	doc = parse(xml, err);
	if (doc == NULL)
		return false;
	ok = take(xmlDocGetRootElement(doc), in, err);
	xmlFreeDoc(doc);
	return ok;
}
