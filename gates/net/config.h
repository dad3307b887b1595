/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the operator says of the migration networks. */
#ifndef GATED_CONFIG_H
#define GATED_CONFIG_H

#include "gateplan/ip.h"
#include "sys/daemon.h"

enum { PREFIXES_MAX = 256, USERS_MAX = 16, CGROUPS_MAX = 32 };

struct config {
	char *socket, *log_level;
	struct config_list networks, always, users, cgroups;
};

MUST_CHECK bool gated_config_load(const struct daemon_options *,
                                  struct config *, struct err *);
void gated_config_done(struct config *);

/* Text as inet_pton(3) reads it, a host's. */
MUST_CHECK bool parse_ip(const char *text, struct ip *);
/* ADDRESS or ADDRESS/BITS. */
MUST_CHECK bool parse_prefix(const char *text, struct ip_prefix *);
/* An account's name, or its number.  False, with a sentence. */
MUST_CHECK bool parse_user(const char *text, uint32_t *, struct err *);

#endif
