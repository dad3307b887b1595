/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ruleset.h"

#include <stdio.h>
#include <string.h>

#define T RULESET_TABLE

enum { COMMAND_SIZE = 512 };

static const char no_table[] = "add table " T "\ndelete table " T "\n";

/* `priority -10`: behind any change of the destination, before others' rules
 * count it.  The address that a peer has of this host itself is never refused:
 * else the reset that we send ourselves would be, and a connection would hang
 * where it should fail.  */
static const char frame[] =
    "add table " T "\n"
    "add set " T " networks4 { type ipv4_addr; flags interval; auto-merge; }\n"
    "add set " T " networks6 { type ipv6_addr; flags interval; auto-merge; }\n"
    "add set " T " always4 { type ipv4_addr; flags interval; auto-merge; }\n"
    "add set " T " always6 { type ipv6_addr; flags interval; auto-merge; }\n"
    "add set " T " attested4 { type ipv4_addr; flags timeout; }\n"
    "add set " T " attested6 { type ipv6_addr; flags timeout; }\n"
    "add set " T " users { type uid; }\n"
    "add set " T " awake { type uid; flags timeout; }\n"
    "add counter " T " served\n"
    "add counter " T " refused\n"
    "add chain " T " out { type filter hook output priority -10; "
    "policy accept; }\n"
    "add chain " T " whose\n"
    "add chain " T " refuse\n"
    "add chain " T " shut\n"
    "add rule " T " out fib daddr type local accept\n"
    "add rule " T " out ip daddr @networks4 ip daddr != @attested4 "
    "ip daddr != @always4 goto whose\n"
    "add rule " T " out ip6 daddr @networks6 ip6 daddr != @attested6 "
    "ip6 daddr != @always6 goto whose\n"
    "add rule " T " whose meta skuid @users goto refuse\n"
    "add rule " T " refuse tcp flags & (syn|ack) != syn ct direction reply "
    "counter name served accept\n"
    "add rule " T " refuse goto shut\n"
    "add rule " T " shut meta l4proto tcp counter name refused "
    "reject with tcp reset\n"
    "add rule " T " shut counter name refused "
    "reject with icmpx type admin-prohibited\n";

/* Link-local addresses reach whoever is on the wire, and no list of networks
 * thinks of them. */
static const char link_local[] =
    "add element " T " networks4 { 169.254.0.0/16 }\n"
    "add element " T " networks6 { fe80::/10 }\n";

static void
put_prefixes(const struct ip_prefix *p, size_t n, const char *set,
             struct buf *out)
{
	char text[IP_TEXT_SIZE], line[COMMAND_SIZE];

	for (size_t i = 0; i < n; i++) {
		snprintf(line, sizeof(line),
		         "add element " T " %s%c { %s/%u }\n", set,
		         p[i].ip.six ? '6' : '4', ip_format(&p[i].ip, text),
		         p[i].bits);
		buf_text(out, line);
	}
}

static void
put_users(const uint32_t *users, size_t n, const char *set, struct buf *out)
{
	char line[COMMAND_SIZE];

	for (size_t i = 0; i < n; i++) {
		snprintf(line, sizeof(line), "add element " T " %s { %u }\n",
		         set, users[i]);
		buf_text(out, line);
	}
}

/* Root is looked at by its control group, and by `awake`.  Of the others
 * nothing is served: whatever passes something on for libvirtd could be called
 * by the other host.  Not even a SYN is answered, as what is left in a
 * connection that its process closed is nobody's.  What nobody's socket sends
 * (the kernel's own, what is routed) has no skuid: no match, neither with "=="
 * nor with "!=".  */
static void
put_everybody(const struct ruleset *r, struct buf *out)
{
	buf_text(out, "add set " T " " RULESET_EXCEPT " { type uid; }\n"
	              "add element " T " " RULESET_EXCEPT " { 0 }\n");
	put_users(r->except, r->n_except, RULESET_EXCEPT, out);
	buf_text(out, "add rule " T " whose meta skuid != @" RULESET_EXCEPT
	              " goto shut\n");
}

static void
put_levels(unsigned levels, struct buf *out)
{
	char line[COMMAND_SIZE];

	for (unsigned n = 1; n <= RULESET_LEVEL_MAX; n++) {
		if ((levels & 1u << n) == 0)
			continue;
		snprintf(line, sizeof(line),
		         "add set " T " cgroups%u { type cgroupsv2; }\n"
		         "add rule " T " whose socket cgroupv2 level %u "
		         "@cgroups%u goto refuse\n",
		         n, n, n);
		buf_text(out, line);
	}
}

void
ruleset_make(const struct ruleset *r, struct buf *out)
{
	buf_text(out, no_table);
	buf_text(out, frame);
	buf_text(out, link_local);
	put_prefixes(r->networks, r->n_networks, "networks", out);
	put_prefixes(r->always, r->n_always, "always", out);
	put_users(r->users, r->n_users, "users", out);
	if (r->everybody)
		put_everybody(r, out);
	put_levels(r->levels, out);
	if (r->root)
		buf_text(out, "add rule " T " whose meta skuid 0 "
		              "meta skuid != @awake goto refuse\n");
}

void
ruleset_remove(struct buf *out)
{
	buf_text(out, no_table);
}

bool
ruleset_cgroup_allowed(const char *path)
{
	if (strlen(path) >= RULESET_CGROUP_MAX ||
	    ruleset_cgroup_level(path) > RULESET_LEVEL_MAX)
		return false;
	for (const char *at = path;; at++) {
		size_t n = strcspn(at, "/");

		if (n == 0 ||
		    (at[0] == '.' && (n == 1 || (n == 2 && at[1] == '.'))))
			return false;
		for (; n != 0; n--, at++)
			if (*at <= ' ' || *at > '~' || *at == '"' || *at == '*')
				return false;
		if (*at == '\0')
			return true;
	}
}

unsigned
ruleset_cgroup_level(const char *path)
{
	unsigned n = 1;

	for (; *path != '\0'; path++)
		n += *path == '/';
	return n;
}

void
ruleset_cgroup(const char *path, struct buf *out)
{
	char line[COMMAND_SIZE];

	snprintf(line, sizeof(line), "add element " T " cgroups%u { \"%s\" }\n",
	         ruleset_cgroup_level(path), path);
	buf_text(out, line);
}

void
ruleset_awake(struct buf *out)
{
	char line[COMMAND_SIZE];

	snprintf(line, sizeof(line),
	         "add element " T " awake { 0 }\n"
	         "delete element " T " awake { 0 }\n"
	         "add element " T " awake { 0 timeout %dms }\n",
	         RULESET_AWAKE_MS);
	buf_text(out, line);
}

void
ruleset_probe(struct buf *out)
{
	buf_text(out, "add element " T " awake { 0 }\n"
	              "delete element " T " awake { 0 }\n");
}
