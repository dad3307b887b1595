/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts of a domain's XML, each read by its file into the same facts.
 * What goes wrong latches in the reading. */
#ifndef VIRT_DOMAIN_PRIVATE_H
#define VIRT_DOMAIN_PRIVATE_H

#include "checks/domain_facts.h"
#include "xml_private.h"

/* domain_memory.c: memory, huge pages, pinning, NUMA. */
void domain_memory(struct xml_reading *, const xmlNode *domain,
                   struct domain_facts *);
/* domain_disks.c */
void domain_disks(struct xml_reading *, const xmlNode *devices,
                  struct domain_facts *);
/* domain_nics.c: and host devices. */
void domain_nics(struct xml_reading *, const xmlNode *devices,
                 struct domain_facts *);
void domain_hostdevs(struct xml_reading *, const xmlNode *devices,
                     struct domain_facts *);
/* domain_chardevs.c */
void domain_chardevs(struct xml_reading *, const xmlNode *devices,
                     struct domain_facts *);

#endif
