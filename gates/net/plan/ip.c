/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ip.h"

#include <stdio.h>
#include <string.h>

static const uint8_t mapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
static const uint8_t loopback6[IP6_SIZE] = {[15] = 1};

static size_t
size_of(const struct ip *ip)
{
	return ip->six ? IP6_SIZE : IP4_SIZE;
}

int
ip_compare(const struct ip *a, const struct ip *b)
{
	if (a->six != b->six)
		return a->six ? 1 : -1;
	return memcmp(a->at, b->at, size_of(a));
}

void
ip_plain(struct ip *ip)
{
	struct ip four = {0};

	if (!ip->six || memcmp(ip->at, mapped, sizeof(mapped)) != 0)
		return;
	memcpy(four.at, ip->at + sizeof(mapped), IP4_SIZE);
	*ip = four;
}

void
ip_prefix_plain(struct ip_prefix *p)
{
	const unsigned before = 8 * sizeof(mapped);

	if (!p->ip.six || p->bits < before)
		return;
	ip_plain(&p->ip);
	if (!p->ip.six)
		p->bits -= before;
}

bool
ip_is_host(const struct ip *ip)
{
	if (span_is_zero(span_of(ip->at, size_of(ip))))
		return false;
	if (ip->six)
		return ip->at[0] != 0xff &&
		       memcmp(ip->at, loopback6, IP6_SIZE) != 0;
	/* 0.0.0.0/8 is "this host" (RFC 1122), 127.0.0.0/8 too; from 224 on it
	 * is multicast, reserved, and broadcast. */
	return ip->at[0] != 0 && ip->at[0] != 127 && ip->at[0] < 224;
}

const char *
ip_format(const struct ip *ip, char out[IP_TEXT_SIZE])
{
	const uint8_t *b = ip->at;
	size_t n = 0;

	if (!ip->six) {
		snprintf(out, IP_TEXT_SIZE, "%u.%u.%u.%u", b[0], b[1], b[2],
		         b[3]);
		return out;
	}
	for (size_t i = 0; i < IP6_SIZE; i += 2)
		n += (size_t)snprintf(out + n, IP_TEXT_SIZE - n, "%s%x",
		                      i == 0 ? "" : ":",
		                      (unsigned)(b[i] << 8 | b[i + 1]));
	return out;
}

void
ip_prefix_mask(struct ip_prefix *p)
{
	for (unsigned i = 0; i < IP6_SIZE; i++) {
		unsigned left = p->bits > i * 8 ? p->bits - i * 8 : 0;

		if (left < 8)
			p->ip.at[i] &= (uint8_t)(0xff00u >> left);
	}
}
