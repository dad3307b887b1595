/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a domain's NICs are plugged into. */
#include "checks/look.h"
#include "checks/network_private.h"
#include "checks/words.h"

static struct looked
networks_of(const struct facts *f, enum end end)
{
	const struct host_facts *h =
	    end == SOURCE ? &f->source : &f->destination;

	return (struct looked){end, "network", h->networks, h->n_networks};
}

static void
compare_networks(const struct lookup_facts *here,
                 const struct lookup_facts *there, struct result *r)
{
	if (!here->found) {
		result_warn(r,
		            "network '%s' is active on the destination, and "
		            "not known to the source to compare it with",
		            there->name);
	} else if (here->digest == NULL || there->digest == NULL) {
		result_not_run(
		    r, "%s does not describe network '%s'",
		    end_name(here->digest == NULL ? SOURCE : DESTINATION),
		    there->name);
	} else if (!same_text(here->digest, there->digest)) {
		if (!result_warn(r,
		                 "network '%s' is not described alike at both "
		                 "ends: it may be another segment",
		                 there->name))
			return;
		result_values(r, here->digest, there->digest);
		result_remedy(r, "compare 'virsh net-dumpxml %s' of both ends",
		              there->name);
	} else if (result_pass(r,
	                       "network '%s' is active on the destination and "
	                       "described alike (that it is the same segment, "
	                       "no API can prove)",
	                       there->name)) {
		result_values(r, here->digest, there->digest);
	}
}

static void
check_network_of(const struct facts *f, const struct nic_facts *nic,
                 struct result *r)
{
	const struct looked at_source = networks_of(f, SOURCE),
			    at_destination = networks_of(f, DESTINATION);
	const struct lookup_facts *there =
				      look_up(&at_destination, nic->source, r),
				  *here;

	if (there == NULL)
		return;
	if (!there->found) {
		if (!result_block(r, "the destination has no network '%s'",
		                  there->name))
			return;
		result_values(r, there->name, "none");
		result_remedy(r, "define and start it there, or give --xml "
		                 "with another network");
		return;
	}
	if (!there->active) {
		if (!result_block(r,
		                  "network '%s' is not active on the "
		                  "destination",
		                  there->name))
			return;
		result_values(r, NULL, "inactive");
		result_remedy(r, "virsh net-start %s on the destination",
		              there->name);
		return;
	}
	here = look_up(&at_source, nic->source, r);
	if (here != NULL)
		compare_networks(here, there, r);
}

static void
check_network(const struct facts *f, struct result *r)
{
	const struct domain_facts *d = &f->domain;

	for (size_t i = 0; i < d->n_nics; i++)
		if (same_text(d->nics[i].type, "network"))
			check_network_of(f, &d->nics[i], r);
	if (r->text[0] == '\0')
		result_pass(r, "no NIC is on a network of libvirt's");
}

static void
check_mac(const struct nic_facts *nic, const struct neighbour_facts *other,
          struct result *r)
{
	for (size_t i = 0; i < other->n_macs; i++) {
		if (!same_name(nic->mac, other->macs[i]))
			continue;
		if (!result_warn(r,
		                 "%s is also the MAC of domain '%s' on the "
		                 "destination%s",
		                 nic->mac, or_unknown(other->name),
		                 other->active ? "" : ", which is not running"))
			continue;
		result_values(r, nic->mac, other->name);
		result_remedy(r, "give one of the two another MAC");
	}
}

static void
check_mac_clash(const struct facts *f, struct result *r)
{
	const struct domain_facts *d = &f->domain;
	const struct host_facts *h = &f->destination;

	if (h->neighbours_why != NULL) {
		result_not_run(r,
		               "the domains of the destination are not "
		               "known: %s",
		               h->neighbours_why);
		return;
	}
	for (size_t i = 0; i < d->n_nics; i++)
		for (size_t k = 0; k < h->n_neighbours; k++)
			/* Its own definition there is no other's. */
			if (!same_text(h->neighbours[k].uuid, d->uuid))
				check_mac(&d->nics[i], &h->neighbours[k], r);
	result_pass(r, "no MAC of the domain is another's on the destination "
	               "(of other hosts on the segment nothing is known)");
}

static void
check_vhostuser(const struct facts *f, const struct nic_facts *nic,
                struct result *r)
{
	const struct local_path *there;

	if (nic->source == NULL) {
		result_not_run(r,
		               "the socket of a vhost-user NIC is not known");
		return;
	}
	there = look_path(f, DESTINATION, nic->source, r);
	if (there == NULL)
		return;
	/* Which side makes the socket is not known: its absence is no block. */
	if (!result_warn(
		r,
		there->exists
		    ? "the vhost-user NIC with %s needs a back end of "
		      "the same features at '%s' on the destination"
		    : "the vhost-user NIC with %s finds no socket '%s' "
		      "on the destination: it starts only if QEMU is "
		      "the one that makes it",
		nic_mac(nic), nic->source))
		return;
	result_values(r, nic->source, there->exists ? "there" : "none");
	result_remedy(r, "see that the destination's switch serves it");
}

static void
check_user(const struct nic_facts *nic, struct result *r)
{
	if (same_text(nic->backend, "passt")) {
		if (!result_block(r,
		                  "the NIC with %s is served by passt, whose "
		                  "state does not move",
		                  nic_mac(nic)))
			return;
		result_values(r, "passt", NULL);
		result_remedy(r, "unplug it first, or use a network");
		return;
	}
	result_warn(r,
	            "the guest's connections through the user-mode NIC with %s "
	            "break, and libvirt refuses if a slirp-helper serves it",
	            nic_mac(nic));
}

static void
check_port_profile_of(const struct facts *f, const struct nic_facts *nic,
                      struct result *r)
{
	if (same_text(nic->type, "vhostuser")) {
		check_vhostuser(f, nic, r);
	} else if (same_text(nic->type, "user")) {
		check_user(nic, r);
	} else if (same_text(nic->type, "vdpa")) {
		if (result_block(r,
		                 "the vDPA NIC with %s does not move: libvirt "
		                 "refuses it, or QEMU does",
		                 nic_mac(nic)))
			result_remedy(r, "unplug it before");
	} else if (same_text(nic->virtualport, "802.1Qbh") ||
	           same_text(nic->virtualport, "802.1Qbg")) {
		if (!result_warn(r,
		                 "the NIC with %s needs port profile %s at the "
		                 "destination's switch, which nobody can ask",
		                 nic_mac(nic), nic->virtualport))
			return;
		result_values(r, nic->virtualport, NULL);
		result_remedy(r, "see that the switch knows the profile: "
		                 "libvirt associates after the memory moved");
	}
}

static void
check_port_profile(const struct facts *f, struct result *r)
{
	const struct domain_facts *d = &f->domain;

	if (moves_no_state(f, r))
		return;
	for (size_t i = 0; i < d->n_nics; i++)
		check_port_profile_of(f, &d->nics[i], r);
	result_pass(r, "no NIC has a port profile or a back end of its own "
	               "(libvirt associates an Open vSwitch port itself)");
}

const struct migration_check checks_network[] = {
    {.id = "network",
     .compares = "the NICs' libvirt networks: there, active, described alike",
     .severity = SEVERITY_BLOCK,
     .needs = NEEDS_DOMAIN | NEEDS_SOURCE | NEEDS_DESTINATION,
     .run = check_network},
    {.id = "bridge",
     .compares = "the NICs' bridges and devices: there, of the kind, up",
     .severity = SEVERITY_BLOCK,
     .needs = NEEDS_DOMAIN,
     .run = check_bridge},
    /* A missing filter blocks; what is not known of an MTU does not. */
    {.id = "mtu",
     .compares = "the NICs' MTU, VLAN filtering and network filters",
     .severity = SEVERITY_WARN,
     .needs = NEEDS_DOMAIN,
     .run = check_mtu},
    {.id = "mac-clash",
     .compares = "the NICs' MACs and those of the destination's domains",
     .severity = SEVERITY_WARN,
     .needs = NEEDS_DOMAIN | NEEDS_DESTINATION,
     .run = check_mac_clash},
    {.id = "port-profile",
     .compares = "port profiles and back ends of NICs outside QEMU",
     .severity = SEVERITY_BLOCK,
     .needs = NEEDS_DOMAIN,
     .run = check_port_profile},
    {0},
};
