/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the hosts themselves are to be asked about a domain: the paths, links,
 * addresses and names that the checks look for. */
#ifndef CHECKS_ASKING_H
#define CHECKS_ASKING_H

#include "checks/facts.h"

/* Of both ends alike.  Texts are `arena`'s; what is over a limit of
 * local_facts.h is left out, and the check that misses it says so. */
void local_asking_of(const struct plan *, const struct domain_facts *,
                     struct arena *, struct local_asking *);

/* And what only the destination's libvirt could tell: the bridges that its
 * networks are on, and the name by which it will call itself. */
void local_asking_add(const struct host_facts *destination, struct arena *,
                      struct local_asking *);

#endif
