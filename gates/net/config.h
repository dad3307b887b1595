/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the operator says of the migration networks. */
#ifndef GATED_CONFIG_H
#define GATED_CONFIG_H

#include "gateplan/ip.h"
#include "sys/daemon.h"

enum { PREFIXES_MAX = 256, USERS_MAX = 16, CGROUPS_MAX = 32 };

struct config {
	char *socket, *log_level;
	struct config_list networks, always, users, except, cgroups;
	bool everybody; /* users is "*": but `except` and root */
};

MUST_CHECK bool gated_config_load(const struct daemon_options *,
                                  struct config *, struct err *);
void gated_config_done(struct config *);

/* Text as inet_pton(3) reads it, a host's. */
MUST_CHECK bool parse_ip(const char *text, struct ip *);
/* ADDRESS or ADDRESS/BITS. */
MUST_CHECK bool parse_prefix(const char *text, struct ip_prefix *);
/* An account's name, or its number.  False, with a sentence about `key`. */
MUST_CHECK bool parse_user(const char *key, const char *text, uint32_t *,
                           struct err *);
/* The same of `except`; one of our own accounts may be missing: `*there`. */
MUST_CHECK bool parse_except(const char *text, uint32_t *, bool *there,
                             struct err *);
/* Whether an account is in `except` by default. */
bool is_own_account(const char *text);

#endif
