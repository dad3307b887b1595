/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* XML as libvirt writes it, read by libxml2: no network, no document type (so
 * no entities of its own), limits on the whole and on each list and text. */
#ifndef VIRT_XML_PRIVATE_H
#define VIRT_XML_PRIVATE_H

#include <libxml/tree.h>

#include "base/arena.h"
#include "base/err.h"

enum {
	XML_SIZE_MAX = 8 * 1024 * 1024, /* capabilities of thousands of CPUs */
	XML_TEXT_MAX = 4096,            /* PATH_MAX; no name is longer */
	XML_DEVICES_MAX = 256, /* of a kind that has no limit of its own */
};

/* What libvirt writes where memory has no limit, in KiB; more is as much. */
#define XML_KIB_MAX ((uint64_t)9007199254740991)

/* One reading: the first failure latches, later ones are not told. */
struct xml_reading {
	const char *what; /* "domain XML", for messages */
	struct arena *arena;
	struct err *err;
	bool bad;
};

/* The document, if its root is `root`; NULL with ERR_LIMIT or ERR_MALFORMED. */
xmlDoc *xml_document(const struct xml_reading *, const char *xml,
                     const char *root);
void xml_document_done(xmlDoc **);
/* The element as text, the arena's. */
const char *xml_written(struct xml_reading *, xmlNode *);

/* The first child element of that name, and the next sibling of the same name;
 * elements of a namespace (metadata, qemu:commandline) are none.  NULL has no
 * children. */
xmlNode *xml_first(const xmlNode *, const char *name);
xmlNode *xml_next(const xmlNode *);
/* "os/loader": the first of the first. */
xmlNode *xml_at(const xmlNode *, const char *path);
/* The first child `name` whose attribute says `value`. */
xmlNode *xml_of(const xmlNode *, const char *name, const char *attribute,
                const char *value);

/* How many children have that name; over `max` latches ERR_LIMIT and is 0. */
size_t xml_count(struct xml_reading *, const xmlNode *, const char *name,
                 size_t max);

/* Of an attribute, or, when that is NULL, of the content, without the spaces
 * around it.  NULL and 0: it is not there; of a NULL node nothing is. */
const char *xml_text(struct xml_reading *, const xmlNode *,
                     const char *attribute);
bool xml_is(const xmlNode *, const char *attribute, const char *value);
/* Decimal, or hexadecimal after 0x. */
uint64_t xml_number(struct xml_reading *, const xmlNode *,
                    const char *attribute, uint64_t max);
/* An amount of memory by its `unit` (docs/formatdomain.rst, "memory"), KiB. */
uint64_t xml_kib(struct xml_reading *, const xmlNode *, const char *attribute);

/* A text that is put together; the arena's. */
const char *xml_words(struct xml_reading *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Latches; for AUTO-less use in loops: always false. */
bool xml_bad(struct xml_reading *, enum err_code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
