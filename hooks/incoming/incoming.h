/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a domain that comes in says of itself: its UUID, and the pass that it
 * carries.  The XML is the source's word, and the source may be anybody. */
#ifndef INCOMING_INCOMING_H
#define INCOMING_INCOMING_H

#include "proto/pass.h"

/* libvirt's wire has no longer text. */
enum { INCOMING_XML_MAX = 4 * 1024 * 1024 };

struct incoming {
	char uuid[UUID_SIZE];
	char pass[PASS_MAX + 1]; /* empty: none */
};

/* From the XML that libvirt's hook gets.  ERR_LIMIT or ERR_MALFORMED: too long,
 * no XML, with a document type, no <domain> with one UUID, with two passes. */
MUST_CHECK bool incoming_read(struct span xml, struct incoming *, struct err *);

#endif
