/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An address as bytes: what came as text from elsewhere reaches nftables only
 * through here. */
#ifndef GATEPLAN_IP_H
#define GATEPLAN_IP_H

#include "base/auto.h"
#include "base/span.h"

enum { IP4_SIZE = 4, IP6_SIZE = 16, IP_TEXT_SIZE = 48 };

struct ip {
	bool six;
	uint8_t at[IP6_SIZE]; /* network order; IPv4: the first four */
};

struct ip_prefix {
	struct ip ip;
	unsigned bits;
};

/* By family, then by bytes; as qsort(3) wants it. */
int ip_compare(const struct ip *, const struct ip *);

/* IPv4 that was written as IPv6 (RFC 4291, 2.5.5.2) becomes IPv4: that is how
 * it leaves. */
void ip_plain(struct ip *);

/* The same of a prefix: else it would be one of IPv6 that no packet has. */
void ip_prefix_plain(struct ip_prefix *);

/* Whether a host can be meant: not "any", loopback or multicast. */
bool ip_is_host(const struct ip *);

/* Text with its NUL into `out`, which is returned. */
const char *ip_format(const struct ip *, char out[IP_TEXT_SIZE]);

/* Sets what is behind the prefix to zero, as nftables writes it. */
void ip_prefix_mask(struct ip_prefix *);

#endif
