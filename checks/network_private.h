/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Of the checks of NICs alone. */
#ifndef CHECKS_NETWORK_PRIVATE_H
#define CHECKS_NETWORK_PRIVATE_H

#include "checks/check.h"

/* For sentences: "the NIC with ...". */
const char *nic_mac(const struct nic_facts *);

/* network_link.c: what a host's own bridges and devices are. */
void check_bridge(const struct facts *, struct result *);
void check_mtu(const struct facts *, struct result *);

#endif
