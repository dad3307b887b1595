/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "xml_private.h"

bool
xml_bad(struct xml_reading *r, enum err_code code, const char *format, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	if (r->bad)
		return false;
	r->bad = true;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	return err_set(r->err, code, "%s: %s", r->what, text);
}

/* A document type could declare entities: the text ends with it. */
static void
xml_on_document_type(void *user, const xmlChar *name, const xmlChar *external,
                     const xmlChar *system)
{
	xmlParserCtxt *parser = user;

	(void)name;
	(void)external;
	(void)system;
	*(bool *)parser->_private = true;
	xmlStopParser(parser);
}

static bool
xml_refused(const struct xml_reading *r, const xmlParserCtxt *parser,
            bool document_type)
{
	char said[128] = "no XML";
	size_t len;

	if (document_type)
		return err_set(r->err, ERR_MALFORMED,
		               "%s: has a document type, which libvirt writes "
		               "never",
		               r->what);
	if (parser->lastError.message != NULL) {
		text_ascii(span_str(parser->lastError.message), said,
		           sizeof(said));
		len = strlen(said);
		if (len > 0 && said[len - 1] == '?') /* a line's end */
			said[len - 1] = '\0';
	}
	return err_set(r->err, ERR_MALFORMED, "%s: line %d: %s", r->what,
	               parser->lastError.line, said);
}

xmlDoc *
xml_document(const struct xml_reading *r, const char *xml, const char *root)
{
	const int options = XML_PARSE_NONET | XML_PARSE_NOERROR |
	                    XML_PARSE_NOWARNING | XML_PARSE_NOCDATA;
	size_t len = strnlen(xml, XML_SIZE_MAX + 1);
	bool document_type = false;
	xmlParserCtxt *parser;
	xmlDoc *doc;
	xmlNode *top;

	if (len > XML_SIZE_MAX) {
		err_set(r->err, ERR_LIMIT, "%s: longer than %d bytes", r->what,
		        XML_SIZE_MAX);
		return NULL;
	}
	parser = xmlNewParserCtxt();
	if (parser == NULL || parser->sax == NULL)
		abort(); /* memory is out (base/mem.h) */
	parser->_private = &document_type;
	parser->sax->internalSubset = xml_on_document_type;
	doc = xmlCtxtReadMemory(parser, xml, (int)len, NULL, "UTF-8", options);
	top = doc != NULL ? xmlDocGetRootElement(doc) : NULL;
	if (document_type || doc == NULL || top == NULL) {
		(void)xml_refused(r, parser, document_type);
		xml_document_done(&doc);
	} else if (top->ns != NULL ||
	           strcmp((const char *)top->name, root) != 0) {
		err_set(r->err, ERR_MALFORMED, "%s: is not a <%s>", r->what,
		        root);
		xml_document_done(&doc);
	}
	xmlFreeParserCtxt(parser);
	return doc;
}

void
xml_document_done(xmlDoc **doc)
{
	if (*doc != NULL)
		xmlFreeDoc(*doc);
	*doc = NULL;
}

const char *
xml_written(struct xml_reading *r, xmlNode *node)
{
	xmlBuffer *out = xmlBufferCreate();
	const char *text;

	if (out == NULL || xmlNodeDump(out, node->doc, node, 0, 0) < 0)
		abort(); /* memory is out (base/mem.h) */
	text = arena_text(r->arena, (const char *)xmlBufferContent(out));
	xmlBufferFree(out);
	return text;
}

static xmlNode *
xml_named(xmlNode *from, const char *name)
{
	for (; from != NULL; from = from->next)
		if (from->type == XML_ELEMENT_NODE && from->ns == NULL &&
		    strcmp((const char *)from->name, name) == 0)
			return from;
	return NULL;
}

xmlNode *
xml_first(const xmlNode *node, const char *name)
{
	return node != NULL ? xml_named(node->children, name) : NULL;
}

xmlNode *
xml_next(const xmlNode *node)
{
	return xml_named(node->next, (const char *)node->name);
}

xmlNode *
xml_at(const xmlNode *node, const char *path)
{
	char step[32];
	xmlNode *found = NULL;

	while (*path != '\0') {
		size_t len = strcspn(path, "/");

		if (len >= sizeof(step))
			return NULL;
		memcpy(step, path, len);
		step[len] = '\0';
		found = xml_first(node, step);
		if (found == NULL)
			return NULL;
		node = found;
		path += len + (path[len] == '/');
	}
	return found;
}

xmlNode *
xml_of(const xmlNode *node, const char *name, const char *attribute,
       const char *value)
{
	xmlNode *at;

	for (at = xml_first(node, name); at != NULL; at = xml_next(at))
		if (xml_is(at, attribute, value))
			return at;
	return NULL;
}

size_t
xml_count(struct xml_reading *r, const xmlNode *node, const char *name,
          size_t max)
{
	size_t n = 0;

	for (xmlNode *at = xml_first(node, name); at != NULL; at = xml_next(at))
		n++;
	if (n <= max)
		return n;
	(void)xml_bad(r, ERR_LIMIT, "%zu <%s>, over the limit of %zu", n, name,
	              max);
	return 0;
}

static xmlChar *
xml_value(const xmlNode *node, const char *attribute)
{
	if (node == NULL)
		return NULL;
	return attribute != NULL
	           ? xmlGetNoNsProp(node, (const xmlChar *)attribute)
	           : xmlNodeGetContent(node);
}

const char *
xml_text(struct xml_reading *r, const xmlNode *node, const char *attribute)
{
	static const char blank[] = " \t\r\n";
	xmlChar *value = xml_value(node, attribute);
	const char *text = (const char *)value;
	size_t len;
	char *copy;

	if (value == NULL)
		return NULL;
	text += strspn(text, blank);
	len = strlen(text);
	while (len > 0 && strchr(blank, text[len - 1]) != NULL)
		len--;
	if (len > XML_TEXT_MAX) {
		(void)xml_bad(r, ERR_LIMIT, "a text of <%.32s> over %d bytes",
		              (const char *)node->name, XML_TEXT_MAX);
		len = 0;
	}
	copy = len != 0 ? arena_new(r->arena, len + 1, 1) : NULL;
	if (copy != NULL)
		memcpy(copy, text, len);
	xmlFree(value);
	return copy;
}

bool
xml_is(const xmlNode *node, const char *attribute, const char *value)
{
	xmlChar *said = xml_value(node, attribute);
	bool is = said != NULL && strcmp((const char *)said, value) == 0;

	xmlFree(said);
	return is;
}

static bool
xml_digits(const char *text, uint64_t max, uint64_t *out)
{
	const char *hex;
	size_t digits;

	if (text[0] != '0' || (text[1] != 'x' && text[1] != 'X'))
		return text_u64(text, max, out);
	hex = text + 2;
	digits = strspn(hex, "0123456789abcdefABCDEF");
	if (digits == 0 || digits > 16 || hex[digits] != '\0')
		return false;
	*out = strtoull(hex, NULL, 16);
	return *out <= max;
}

uint64_t
xml_number(struct xml_reading *r, const xmlNode *node, const char *attribute,
           uint64_t max)
{
	const char *text = xml_text(r, node, attribute);
	uint64_t number = 0;

	if (text == NULL || xml_digits(text, max, &number))
		return number;
	(void)xml_bad(r, ERR_MALFORMED, "'%.32s' of <%.32s> is no number", text,
	              (const char *)node->name);
	return 0;
}

/* Bytes of a unit; 0: there is none of that name. */
static uint64_t
xml_unit(const char *unit)
{
	static const char letters[] = "kmgtpe";
	const char *letter;
	uint64_t binary = 1, decimal = 1;

	if (strcasecmp(unit, "b") == 0 || strcasecmp(unit, "bytes") == 0)
		return 1;
	letter = strchr(letters, unit[0] | 0x20);
	if (letter == NULL || unit[0] == '\0')
		return 0;
	for (const char *at = letters; at <= letter; at++) {
		binary *= 1024;
		decimal *= 1000;
	}
	if (unit[1] == '\0' || strcasecmp(unit + 1, "ib") == 0)
		return binary;
	return strcasecmp(unit + 1, "b") == 0 ? decimal : 0;
}

uint64_t
xml_kib(struct xml_reading *r, const xmlNode *node, const char *attribute)
{
	uint64_t number = xml_number(r, node, attribute, UINT64_MAX);
	const char *unit = number != 0 ? xml_text(r, node, "unit") : NULL;
	uint64_t size = xml_unit(unit != NULL ? unit : "KiB");

	if (number == 0)
		return 0;
	if (size == 0) {
		(void)xml_bad(r, ERR_MALFORMED, "no unit of memory: '%.32s'",
		              unit);
		return 0;
	}
	/* "Unlimited" is a number beyond all memory. */
	if (number / 1024 >= XML_KIB_MAX / size)
		return XML_KIB_MAX;
	return number * size / 1024;
}

const char *
xml_words(struct xml_reading *r, const char *format, ...)
{
	char text[XML_TEXT_MAX + 128];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	return arena_text(r->arena, text);
}
